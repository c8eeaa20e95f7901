"""Sales, stock and forecast of one item at one place as plain numbers for an SVG. A table stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

STEP, BAR = 10, 7
HEIGHT = 150
BACK = 42  # days of history


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One day. height: of the bar; None: the day is unknown."""

    x: int
    day: str
    height: int | None
    units: str | None
    ahead: bool
    monday: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChart:
    """stock: points of the line of counts. largest: units at the top of the bars, largest_stock: of the line."""

    columns: tuple[Column, ...]
    stock: str
    arrives: int | None  # x of the day on which goods ordered now arrive
    today: int
    width: int
    largest: str
    largest_stock: str
    height: int = HEIGHT
    bar: int = BAR


def plan_chart(
    why: Mapping[str, Any], sold: Mapping[date, Decimal], counted: Mapping[date, Decimal], today: date
) -> PlanChart:
    """Return the chart of a plan's reasons with the history of the item."""
    history = why["history"]
    first = date.fromisoformat(history["first_day"])
    known = {first + timedelta(days=n): value for n, value in enumerate(history["units"])}
    ahead = {date.fromisoformat(each["day"]): each["units"] for each in why["forecast"]["daily"]}
    start = today - timedelta(days=BACK)
    end = max([*ahead, today])
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    values: dict[date, float | None] = {}
    for day in days:
        value = sold.get(day, known.get(day)) if day not in ahead else ahead[day]
        values[day] = None if value is None else float(value)
    top = max([1.0, *(value for value in values.values() if value is not None)])
    most = max([1.0, *(float(value) for value in counted.values())])
    columns = tuple(_column(n, day, values[day], top, day in ahead) for n, day in enumerate(days))
    points = [
        f"{n * STEP + BAR // 2},{round(HEIGHT - max(0.0, float(counted[day])) / most * (HEIGHT - 4))}"
        for n, day in enumerate(days)
        if day in counted
    ]
    arrives = date.fromisoformat(why["interval"]["arrives_on"])
    return PlanChart(
        columns=columns,
        stock=" ".join(points),
        arrives=(arrives - start).days * STEP if arrives <= end else None,
        today=(today - start).days * STEP,
        width=len(days) * STEP,
        largest=f"{top:.0f}",
        largest_stock=f"{most:.0f}",
    )


def _column(number: int, day: date, value: float | None, top: float, ahead: bool) -> Column:
    height = None if value is None else max(1 if value else 0, round(value / top * (HEIGHT - 4)))
    return Column(
        x=number * STEP,
        day=day.isoformat(),
        height=height,
        units=None if value is None else f"{value:.1f}",
        ahead=ahead,
        monday=day.isoweekday() == 1,
    )
