"""Weeks, months and other periods of code list 2379 where a date may stand."""

from datetime import date, datetime

import pytest

from gateway.mapping.converters import EDIFACT
from gateway.mapping.moments import PERIODS, read_edi_period, read_first_day, read_last_day
from gateway.model.values import Moment

D = date


@pytest.mark.parametrize(
    ("text", "code", "first", "last"),
    [
        ("202648", "616", D(2026, 11, 23), D(2026, 11, 29)),
        ("202653", "616", D(2026, 12, 28), D(2027, 1, 3)),
        ("2648", "615", D(2026, 11, 23), D(2026, 11, 29)),
        ("202602", "610", D(2026, 2, 1), D(2026, 2, 28)),
        ("2612", "609", D(2026, 12, 1), D(2026, 12, 31)),
        ("20264", "608", D(2026, 10, 1), D(2026, 12, 31)),
        ("20262", "603", D(2026, 7, 1), D(2026, 12, 31)),
        ("2026", "602", D(2026, 1, 1), D(2026, 12, 31)),
        ("2026120120261204", "718", D(2026, 12, 1), D(2026, 12, 4)),
        ("20261201-20261204", "711", D(2026, 12, 1), D(2026, 12, 4)),
        ("261201261204", "717", D(2026, 12, 1), D(2026, 12, 4)),
        ("26482650", "715", D(2026, 11, 23), D(2026, 12, 13)),
        ("26112612", "716", D(2026, 11, 1), D(2026, 12, 31)),
        ("202612010800202612011200", "719", datetime(2026, 12, 1, 8), datetime(2026, 12, 1, 12)),
        ("26120108002612011200", "713", datetime(2026, 12, 1, 8), datetime(2026, 12, 1, 12)),
        ("20261203", "102", D(2026, 12, 3), D(2026, 12, 3)),
        ("261203", "101", D(2026, 12, 3), D(2026, 12, 3)),
        ("2612031400", "201", datetime(2026, 12, 3, 14), datetime(2026, 12, 3, 14)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(text: str, code: str, first: Moment, last: Moment) -> None:
    assert (read_first_day(text, code), read_last_day(text, code)) == (first, last)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("202654", "616"),
        ("202600", "616"),
        ("202613", "610"),
        ("20265", "608"),
        ("2026W48", "616"),
        ("2026120420261201", "718"),
        ("20261204", "718"),
        ("20265", "603"),
    ],
)
def test_a_period_that_does_not_exist_is_refused(text: str, code: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_edi_period(text, code)


def test_what_may_be_a_period_is_written_as_a_day() -> None:
    for name in ("first-day", "last-day"):
        assert EDIFACT[name].write(D(2026, 12, 31)) == ("20261231", "102")
    assert "616" in PERIODS
    assert "102" not in PERIODS
