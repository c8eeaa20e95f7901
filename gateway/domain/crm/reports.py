"""The reports that are there: which question each answers, its columns, and by what it can be grouped.

The questions are those that firms ask of their customers' data: which goods sell and why, who came back, which types of
customers there are, what they care about, what problems follow a delivery, what a promotion did; beside them service,
market and the pipeline. A report is a table of text: numbers in plain decimal form, absent where not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from gateway.domain.days import later
from gateway.model.faults import OurFault

DAYS, MOST_DAYS = 91, 3_650
Cell = str | None
Rows = tuple[Mapping[str, Cell], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """columns: the first says what a row is about. groups: the first is what it is without a word. area: customers,
    sales, market or service. numbers: columns that are added up or right-aligned."""

    name: str
    area: str
    columns: tuple[str, ...]
    groups: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()


def _report(name: str, area: str, columns: str, numbers: str = "", groups: str = "") -> Report:
    return Report(
        name=name,
        area=area,
        columns=tuple(columns.split()),
        groups=tuple(groups.split()),
        numbers=frozenset(numbers.split()),
    )


REPORTS: Mapping[str, Report] = {
    each.name: each
    for each in (
        _report(
            "goods",
            "sales",
            "key sold before trend shops accounts promo ordered amount why",
            "sold before trend shops accounts promo ordered amount",
            "item account month",
        ),
        _report(
            "returned",
            "customers",
            "key first last orders months state",
            "orders months accounts repeat active",
            "account cohort",
        ),
        _report(
            "types",
            "customers",
            "key accounts orders amount share",
            "accounts orders amount share",
            "lifecycle segment value-class portfolio loyalty-type",
        ),
        _report("cares", "customers", "key kind count mean", "count mean"),
        _report(
            "after-delivery",
            "service",
            "key opened open per-hundred hours accounts",
            "opened open per-hundred hours accounts",
            "rule account month",
        ),
        _report(
            "promotions",
            "market",
            "key since until before during after uplift net extra",
            "before during after uplift net extra",
        ),
        _report("market", "market", "key shops of penetration accounts sold", "shops of penetration accounts sold"),
        _report(
            "service",
            "service",
            "key cases closed hours satisfaction recommendation answers",
            "cases closed hours satisfaction recommendation answers",
        ),
        _report("pipeline", "sales", "key count amount weighted_value stalled", "count amount weighted_value stalled"),
    )
}
COHORT_COLUMNS = ("key", "accounts", "repeat", "active")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: days since..until, both included; account, item: only of these; group: of the report's."""

    report: Report
    since: date
    until: date
    group: str = ""
    account: str | None = None
    item: str | None = None

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def columns(self) -> tuple[str, ...]:
        return COHORT_COLUMNS if self.group == "cohort" else self.report.columns


def wanted(
    name: str,
    today: date,
    *,
    since: str | None = None,
    until: str | None = None,
    group: str | None = None,
    account: str | None = None,
    item: str | None = None,
    days: int = DAYS,
) -> Wanted:
    """Return what is asked for; the last days where no day is said. Raises OurFault report.unknown, api.bad-value."""
    report = REPORTS.get(name)
    if report is None:
        raise OurFault("report.unknown", value=name[:60])
    if group and group not in report.groups:
        raise OurFault("api.bad-value", name="group", value=group[:40], expected=", ".join(report.groups))
    last = _day("until", until) or today
    first = _day("since", since) or later(last, 1 - days)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise OurFault("api.bad-value", name="since", value=str(first), expected=f"<= {last}")
    return Wanted(
        report=report,
        since=first,
        until=last,
        group=group or (report.groups[0] if report.groups else ""),
        account=account or None,
        item=item or None,
    )


def _day(name: str, told: str | None) -> date | None:
    if not told:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise OurFault("api.bad-value", name=name, value=told[:40], expected="2026-11-20") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A report as it was made."""

    wanted: Wanted
    rows: Rows = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """How goods went in a period and in the one of the same length before: shops that sold, units, price of a unit."""

    sold: Decimal
    before: Decimal
    shops: int
    shops_before: int
    promo: Decimal
    price: Decimal | None = None
    price_before: Decimal | None = None


NEW, PROMOTED, WIDER, CHEAPER, FASTER, SLOWER, STEADY = (
    "new",
    "promoted",
    "wider",
    "cheaper",
    "faster",
    "slower",
    "steady",
)
MUCH = Decimal("0.05")


def why(going: Going) -> tuple[str, ...]:
    """Return the reasons that the figures themselves give for how goods went, the strongest first."""
    if going.before == 0:
        return (NEW,) if going.sold > 0 else (STEADY,)
    reasons = []
    if going.promo >= going.sold * Decimal("0.2") and going.promo > 0:
        reasons.append(PROMOTED)
    if going.shops > going.shops_before:
        reasons.append(WIDER)
    if going.price is not None and going.price_before and going.price <= going.price_before * (1 - Decimal("0.02")):
        reasons.append(CHEAPER)
    change = going.sold / going.before - 1
    if change > MUCH and not reasons:
        reasons.append(FASTER)
    if change < -MUCH:
        reasons = [SLOWER]
    return tuple(reasons) or (STEADY,)
