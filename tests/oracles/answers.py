"""What independent implementations say, as JSON: runs in an environment of its own, imports nothing of the gateway.

Standard input: {"histories": [[units, ...], ...], "stocks": [...], "laws": [[mean, variance], ...],
"penalties": [...]}.
"""

import json
import math
import sys

import numpy as np
from statsforecast.models import TSB, CrostonClassic, CrostonSBA, SimpleExponentialSmoothing
from stockpyl.loss_functions import (
    gamma_loss,
    gamma_second_loss,
    negative_binomial_loss,
    negative_binomial_second_loss,
    normal_loss,
    normal_second_loss,
    poisson_loss,
    poisson_second_loss,
)
from stockpyl.newsvendor import newsvendor_normal, newsvendor_poisson

MODELS = {
    "level": SimpleExponentialSmoothing(alpha=0.1),
    "croston": CrostonClassic(),
    "sba": CrostonSBA(),
    "tsb": TSB(alpha_d=0.1, alpha_p=0.1),
}


def losses(mean: float, variance: float, stock: float) -> dict[str, list[float]]:
    deviation = math.sqrt(variance)
    shape, scale = mean * mean / variance, variance / mean
    found = {
        "normal": [normal_loss(stock, mean, deviation)[0], normal_second_loss(stock, mean, deviation)[0]],
    }
    if stock > 0:
        found["gamma"] = [gamma_loss(stock, shape, scale)[0], gamma_second_loss(stock, shape, scale)[0]]
    if stock == int(stock):
        whole = int(stock)
        if variance > mean:
            law = {"mean": mean, "sd": deviation}
            found["counts"] = [negative_binomial_loss(whole, **law)[0], negative_binomial_second_loss(whole, **law)[0]]
        else:
            found["counts"] = [poisson_loss(whole, mean)[0], poisson_second_loss(whole, mean)[0]]
    return found


def main() -> None:
    asked = json.load(sys.stdin)
    answers = {
        "forecasts": [
            {name: float(model.forecast(y=np.array(units, float), h=1)["mean"][0]) for name, model in MODELS.items()}
            for units in asked["histories"]
        ],
        "losses": [[losses(*law, stock) for stock in asked["stocks"]] for law in asked["laws"]],
        "newsvendor": [
            [newsvendor_normal(1.0, penalty, mean, math.sqrt(variance))[0], newsvendor_poisson(1.0, penalty, mean)[0]]
            for (mean, variance) in asked["laws"]
            for penalty in asked["penalties"]
        ],
    }
    json.dump(answers, sys.stdout, default=float)


if __name__ == "__main__":
    main()
