"""BG/NBD and gamma-gamma on the CDNOW sample, against the estimates that are published for it.

Source: Fader, Hardie, Lee, Marketing Science 24(2), 2005, table 2; Fader and Hardie, The Gamma-Gamma Model, 2013.
"""

import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gateway.domain.crm.lifetime import (
    History,
    alive_probability,
    expected_orders,
    expected_value,
    fit_ordering,
    fit_spending,
    log_likelihood,
)

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / ".venv-oracles" / "data"
FILE = "lifetimes/datasets/cdnow_customers_summary_with_transactions.csv"


@pytest.fixture(scope="module")
def columns() -> dict[str, np.ndarray]:
    """Repeats, week of the last, weeks of age and mean value of the repeats."""
    if not list(KEPT.glob("[Ll]ifetimes-*.whl")):
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q", "download"]
        options = ["--no-deps", "--require-hashes", "-d", str(KEPT), "-r", str(HERE / "requirements-data.txt")]
        subprocess.run([*command, *options], check=True)
    (wheel,) = KEPT.glob("[Ll]ifetimes-*.whl")
    with zipfile.ZipFile(wheel) as opened:
        rows = list(csv.DictReader(io.StringIO(opened.read(FILE).decode())))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("x", "t_x", "T", "zbar")}


def test_the_published_estimates_are_found(columns: dict[str, np.ndarray]) -> None:
    history = History(repeats=columns["x"], last=columns["t_x"], age=columns["T"])
    assert len(history.age) == 2_357
    found = fit_ordering(history)
    assert found is not None
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=6e-4)
    assert log_likelihood(history, found) == pytest.approx(-9582.4, abs=0.05)
    one = History(repeats=np.array([2.0]), last=np.array([30.43]), age=np.array([38.86]))
    assert expected_orders(one, found, 39.0)[0] == pytest.approx(1.226, abs=2e-3)  # the paper's worked customer
    assert 0.7 < alive_probability(one, found)[0] < 0.75


def test_the_published_spending_is_found(columns: dict[str, np.ndarray]) -> None:
    found = fit_spending(columns["x"], columns["zbar"])
    assert found is not None
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.74, 15.44), rel=2e-3)
    mean = expected_value(np.array([0.0]), np.array([0.0]), found)[0]
    assert mean == pytest.approx(found.p * found.gamma / (found.q - 1))
    assert mean == pytest.approx(35.2, abs=0.2)
