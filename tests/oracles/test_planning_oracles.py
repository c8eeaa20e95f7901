"""The planning formulas against programs that others wrote (statsforecast, stockpyl), asked once, in their process."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.domain.replenishment.distributions import COUNTS, GAMMA, NORMAL, losses, quantile
from gateway.domain.replenishment.intermittent import croston_rate
from gateway.domain.replenishment.patterns import flat_patterns
from gateway.domain.replenishment.recursion import LEVEL, SBA, TSB, rate, replay, smoothing
from gateway.domain.replenishment.series import block_of

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".venv-oracles"
KINDS = {"normal": NORMAL, "gamma": GAMMA, "counts": COUNTS}
LAWS = [(0.4, 1.1), (4.0, 4.0), (4.0, 9.0), (18.0, 40.0), (150.0, 900.0)]
STOCKS = [0, 1, 4, 11, 12.5, 40, 180]
PENALTIES = [2.0, 9.0, 49.0]


def histories() -> list[list[float]]:
    rng = np.random.default_rng(12)
    found = [[4.0, 0, 0, 8, 0, 3, 0, 0, 0, 6, 2, 0]]
    for chance in (1.0, 0.6, 0.25, 0.08):
        units = rng.poisson(6.0, 300) * (rng.random(300) < chance)
        units[0] = 5
        found.append(units.astype(float).tolist())
    return found


@pytest.fixture(scope="module")
def said() -> Any:
    """What the other programs say; their environment is made if it is not there."""
    python, marker = ENVIRONMENT / "bin" / "python", ENVIRONMENT / ".installed"
    if not marker.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        command = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "-q", "install"]
        subprocess.run([*command, "--require-hashes", "-r", str(HERE / "requirements.txt")], check=True)
        marker.touch()
    asked = {
        "histories": histories(),
        "stocks": STOCKS,
        "laws": LAWS,
        "penalties": PENALTIES,
    }
    done = subprocess.run(
        [str(python), str(HERE / "answers.py")], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("name", "method"), [("level", LEVEL), ("sba", SBA), ("tsb", TSB), ("croston", SBA)])
def test_recursions_are_those_of_statsforecast(
    said: Any, name: str, method: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.domain.replenishment.recursion.WEEKDAY_PRIOR", 1e15)  # they know no weekdays
    how = smoothing(1, method, 0.1, 0.1, start=1)
    for units, answer in zip(histories(), said["forecasts"], strict=True):
        block = block_of(date(2026, 1, 5), np.array(units)[:, None])
        state = replay(block, flat_patterns(), how)
        found = croston_rate(state.size, state.interval) if name == "croston" else rate(state, how)
        assert found[0] == pytest.approx(answer[name], rel=1e-6)


@pytest.mark.parametrize("law", range(len(LAWS)), ids=[f"mean {mean} variance {variance}" for mean, variance in LAWS])
def test_losses_are_those_of_stockpyl(said: Any, law: int) -> None:
    mean, variance = (np.array([each]) for each in LAWS[law])
    for stock, answers in zip(STOCKS, said["losses"][law], strict=True):
        for name, (missed, second) in answers.items():
            found = losses(KINDS[name], np.array([float(stock)]), mean, variance)
            # stockpyl sums the counts' shortage from the next unit on
            ours = found.second[0] - found.missed[0] if name == "counts" else found.second[0]
            assert found.missed[0] == pytest.approx(missed, rel=1e-6, abs=1e-8), (name, stock)
            assert ours == pytest.approx(second, rel=1e-6, abs=1e-7), (name, stock)


def test_quantiles_are_the_newsvendors(said: Any) -> None:
    asked = [(law, penalty) for law in LAWS for penalty in PENALTIES]
    for ((mean, variance), penalty), (normal, poisson) in zip(asked, said["newsvendor"], strict=True):
        level, mu = np.array([penalty / (penalty + 1.0)]), np.array([mean])
        assert quantile(NORMAL, level, mu, np.array([variance]))[0] == pytest.approx(normal)
        assert quantile(COUNTS, level, mu, mu)[0] == poisson
