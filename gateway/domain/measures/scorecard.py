"""The table of figures, and the scorecard: what both sides look at, in the three sides of service, assets and cost."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from gateway.domain.measures import assets, cost, service
from gateway.domain.measures.facts import ZERO, Facts, Part

Side = Literal["service", "assets", "cost"]
Unit = Literal["share", "days", "ratio", "turns", "units"]
By = Literal["total", "item", "place", "month"]
BY: tuple[By, ...] = ("total", "item", "place", "month")
SIDES: tuple[Side, ...] = ("service", "assets", "cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """better: high or low; "" where neither is. code: of the Global Scorecard. parts: its formula."""

    name: str
    side: Side
    unit: Unit
    better: Literal["high", "low", ""]
    parts: Callable[[Facts], Iterable[Part]]
    code: str = ""


MEASURES: tuple[Measure, ...] = (
    Measure(name="fill-rate", side="service", unit="share", better="high", parts=service.fill_rate, code="BM02"),
    Measure(name="otif-requested", side="service", unit="share", better="high", parts=service.otif_requested),
    Measure(name="otif-confirmed", side="service", unit="share", better="high", parts=service.otif_confirmed),
    Measure(name="on-time", side="service", unit="share", better="high", parts=service.on_time, code="BM04"),
    Measure(name="confirmed-kept", side="service", unit="share", better="high", parts=service.confirmed_kept),
    Measure(name="cycle-days", side="service", unit="days", better="low", parts=service.cycle_days, code="BM11"),
    Measure(name="reaction-days", side="service", unit="days", better="low", parts=cost.reaction_days),
    Measure(name="asn-accuracy", side="service", unit="share", better="high", parts=service.asn_accuracy),
    Measure(name="asn-in-time", side="service", unit="share", better="high", parts=service.asn_in_time),
    Measure(name="in-stock", side="service", unit="share", better="high", parts=service.in_stock),
    Measure(name="stockout-days", side="service", unit="share", better="low", parts=service.stockout_days, code="BM10"),
    Measure(name="shelf-fill", side="service", unit="share", better="high", parts=service.shelf_fill),
    Measure(name="lost-sales", side="service", unit="share", better="low", parts=service.lost_sales),
    Measure(name="stock-days", side="assets", unit="days", better="low", parts=assets.stock_days, code="BM09"),
    Measure(name="turns", side="assets", unit="turns", better="high", parts=assets.turns),
    Measure(name="mean-stock", side="assets", unit="units", better="", parts=assets.mean_stock),
    Measure(name="forecast-error", side="cost", unit="share", better="low", parts=cost.forecast_error),
    Measure(name="forecast-bias", side="cost", unit="share", better="", parts=cost.forecast_bias),
    Measure(name="forecast-value-added", side="cost", unit="share", better="high", parts=cost.forecast_value_added),
    Measure(name="bullwhip", side="cost", unit="ratio", better="low", parts=cost.bullwhip),
    Measure(name="bullwhip-together", side="cost", unit="ratio", better="low", parts=cost.bullwhip_together),
    Measure(name="touch-rate", side="cost", unit="share", better="low", parts=cost.touch_rate),
    Measure(name="untouched", side="cost", unit="share", better="high", parts=cost.untouched),
    Measure(name="report-age", side="cost", unit="days", better="low", parts=cost.report_age),
    Measure(name="days-missing", side="cost", unit="share", better="low", parts=cost.days_missing),
)
BY_NAME: Mapping[str, Measure] = {each.name: each for each in MEASURES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """value None: not enough data. top, bottom: what it is made of, so that figures can be added up; count: parts.

    before: the value of the period of equal length just before.
    """

    name: str
    side: Side
    unit: Unit
    better: str
    code: str
    value: Decimal | None
    top: Decimal
    bottom: Decimal
    count: int
    before: Decimal | None = None
    key: str = ""  # item, place or month where it is of one


def figure(measure: Measure, parts: Iterable[Part], before: Decimal | None = None, key: str = "") -> Figure:
    """Return one figure of its parts. A measure in units is the sum of tops, any other tops over bottoms."""
    top = bottom = ZERO
    count = 0
    for each in parts:  # there may be a million: none is kept
        count += 1
        top += each.top
        bottom += each.bottom
    value: Decimal | None = None
    if count and measure.unit == "units":
        value = top
    elif bottom > 0:
        value = top / bottom
    return Figure(
        name=measure.name,
        side=measure.side,
        unit=measure.unit,
        better=measure.better,
        code=measure.code,
        value=value,
        top=top,
        bottom=bottom,
        count=count,
        before=before,
        key=key,
    )


def scorecard(facts: Facts, earlier: Iterable[Figure] = ()) -> tuple[Figure, ...]:
    """Return every figure of the period. earlier: those of the period before; nobody has to hold the facts of both."""
    before = {each.name: each.value for each in earlier}
    return tuple(figure(measure, measure.parts(facts), before.get(measure.name)) for measure in MEASURES)


def grouped(measure: Measure, facts: Facts, by: By) -> tuple[Figure, ...]:
    """Return a figure for each item, place or month, in order of the key; "total": one."""
    groups: dict[str, list[Part]] = defaultdict(list)
    for part in measure.parts(facts):
        groups[_key(part, by)].append(part)
    if by == "total":
        return (figure(measure, groups.get("", [])),)
    return tuple(figure(measure, groups[key], key=key) for key in sorted(groups))


def _key(part: Part, by: By) -> str:
    if by == "item":
        return part.gtin
    if by == "place":
        return part.place
    return f"{part.on:%Y-%m}" if by == "month" else ""
