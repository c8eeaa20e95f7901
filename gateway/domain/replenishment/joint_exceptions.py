"""Where two forecasts of a joint plan are too far apart, or too little stands on the shelf: both sides find the same.

Source: VICS CPFR (1998), steps 4 and 7; GS1 XML Exception Criteria.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.model.joint import Criterion


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Both forecasts of an item at a place over the same days, both included; None: that side has said nothing.

    in_stock: share of counted days with stock; stock_days: stock over mean daily sales. None: not known.
    """

    place: str
    gtin: str
    first: date
    last: date
    ours: Decimal | None
    theirs: Decimal | None
    in_stock: Decimal | None = None
    stock_days: Decimal | None = None

    @property
    def about(self) -> str:
        return f"{self.place}/{self.gtin}/{self.first}/{self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JointException:
    """Where a rule is broken. value: of the metric."""

    row: Compared
    metric: str
    value: Decimal
    limit: Decimal


def exceptions(criteria: Sequence[Criterion], rows: Iterable[Compared]) -> list[JointException]:
    """Return what breaks a rule, the widest first. Who is "ours" and who "theirs" makes no difference.

    forecast-difference   |a - b| / mean of both, above the limit
    in-stock              below the limit
    stock-days            above the limit
    """
    found = []
    for row in rows:
        for each in criteria:
            value = _value(each.metric, row)
            below = each.metric == "in-stock"
            if value is not None and (value < each.limit if below else value > each.limit):
                found.append(JointException(row=row, metric=each.metric, value=value, limit=each.limit))
    return sorted(found, key=lambda each: (each.metric, -abs(each.value - each.limit), each.row.about))


def _value(metric: str, row: Compared) -> Decimal | None:
    if metric == "in-stock":
        return row.in_stock
    if metric == "stock-days":
        return row.stock_days
    if row.ours is None or row.theirs is None:
        return None
    mean = (row.ours + row.theirs) / 2
    return abs(row.ours - row.theirs) / mean if mean > 0 else None
