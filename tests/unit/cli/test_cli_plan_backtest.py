"""gateway plan backtest on a history of its own: rows for each way of planning, at the fill rate asked for."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.cli.backtest import measured
from gateway.model.faults import OurFault

FIRST = date(2025, 1, 6)


def history(days: int) -> dict[str, dict[date, Decimal]]:
    chance = random.Random(5)
    return {
        f"{n:014d}": {
            FIRST + timedelta(days=k): Decimal(chance.randint(0, 12 + 6 * ((k + n) % 7 > 4))) for k in range(days)
        }
        for n in range(4)
    }


def test_each_way_of_planning_is_measured_on_days_that_nothing_was_tuned_on() -> None:
    rows = measured(history(230), {}, lead=2, fill=0.95, tuning=84, tested=84)
    found = {str(each["way"]): each for each in rows}
    assert {
        "ours",
        "min/max",
        "textbook",
        "knows the demand",
        "reports 3 days late",
        "lines cut, no ASN",
    } <= found.keys()
    days = {name: float(str(each["stock days"])) for name, each in found.items()}
    assert days["knows the demand"] < days["ours"]
    assert days["reports 7 days late"] > days["ours"], "late reports cost stock"
    assert abs(float(str(found["ours"]["fill"])) - 0.95) < 0.03


def test_a_short_history_is_said_to_be_short() -> None:
    with pytest.raises(OurFault, match=r"plan\.history-short"):
        measured(history(100), {}, lead=2, fill=0.98, tuning=112, tested=112)
