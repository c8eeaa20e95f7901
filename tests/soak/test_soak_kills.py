"""The kills of the journey, many more of them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))

from demo_stage import make_instance
from test_journey_demo_kills import survive

pytestmark = pytest.mark.soak


def test_orders_are_answered_once_after_two_hundred_kills(tmp_path: Path) -> None:
    survive(make_instance(tmp_path), kills=200)
