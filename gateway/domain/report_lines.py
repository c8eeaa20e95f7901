"""What the quantities of sales and stock reports mean: which are demand, which are not, in which unit, for how long.

Source: UN/EDIFACT 6063 and its GS1 additions: 153 sold, 212 sold net of returns, 61 and 210 returned, 41 sold but not
to be replenished, 26 sold on promotion, 217 asked for and not there, 211 override for one replenishment.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from gateway.domain.days import later, spread
from gateway.domain.decision import Context
from gateway.domain.items import ItemFinder, amount_of, positive_amount
from gateway.domain.parties import day_of
from gateway.domain.stock import ZERO
from gateway.model.effects import Effect, PackSaved, SalesRecorded
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.partner import ItemRecord
from gateway.model.planning_effects import (
    SALES_OF_STOCK_REPORT,
    DayReported,
    OverrideSaved,
    ReportWithdrawn,
)
from gateway.model.sales_report import InventoryReport, SalesLine, SalesReport
from gateway.model.values import Item, Moment, Quantity, gtin14

SalesKey = tuple[str, str, date]  # place, GTIN, day
StockKey = tuple[str, str, str]  # place, GTIN, type
FUNCTIONS = ("original", "replace", "duplicate", "cancel")
SOLD, NET, RETURNED, MISSING, OVERRIDE = "sold", "soldNet", "returned", "outOfStock", "override"
FLOWS = frozenset({SOLD, NET, RETURNED, MISSING, OVERRIDE})  # types of a stock report that are no stock
OVERRIDE_DAYS = 14  # a partner's override waits so long for a run
_DEPTH = 5  # packs of packs


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUnits:
    """Units of one day. excluded and promo are part of sold."""

    sold: Decimal = ZERO
    returned: Decimal = ZERO
    lost: Decimal = ZERO
    excluded: Decimal = ZERO
    promo: Decimal = ZERO

    def __add__(self, other: "DayUnits") -> "DayUnits":
        return DayUnits(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def spread(self, days: int) -> list["DayUnits"]:
        """Return the same units over so many days."""
        shares = {f.name: spread(getattr(self, f.name), days) for f in fields(self)}
        return [DayUnits(**{name: each[n] for name, each in shares.items()}) for n in range(days)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """Our item, and how many of it one of what was named holds: 12 for a case of twelve."""

    item: ItemRecord
    factor: Decimal = Decimal(1)

    @property
    def gtin(self) -> str:
        return self.item.gtin

    def units(self, named: Decimal) -> Decimal:
        """Return base units."""
        return named * self.factor


class PackFinder:
    """Finds items by their own number, or by that of a case, layer or pallet of them."""

    def __init__(self, context: Context, packs: Iterable[PackSaved]) -> None:
        self._finder = ItemFinder(context.own)
        self._packs = {each.gtin: each for each in packs}

    def find(self, item: Item) -> FoundItem | None:
        """Return our item with the units of one of what is named, None when we do not know it."""
        found = self._finder.find(item)
        if found is not None:
            return FoundItem(item=found)
        gtin, factor = gtin14(item.gtin) if item.gtin else "", Decimal(1)
        for _ in range(_DEPTH):
            pack = self._packs.get(gtin)
            if pack is None:
                return None
            gtin, factor = pack.inner, factor * pack.contents
            found = self._finder.find(Item(gtin=gtin))
            if found is not None:
                return FoundItem(item=found, factor=factor)
        return None


def pack_gtins(context: Context, items: Iterable[Item]) -> frozenset[str]:
    """Return the GTINs that are no items of ours: they may be packs."""
    finder = ItemFinder(context.own)
    return frozenset(gtin14(item.gtin) for item in items if item.gtin and finder.find(item) is None)


def line_units(line: SalesLine, path: str, item: FoundItem) -> DayUnits | None:
    """Return what one line says, None when it says nothing of sales.

    Promotion units are part of the units sold unless sent alone; a negative sale is a return; net sales get their
    returns added again where the line tells them.
    """
    back = _positive(line.returned_quantity, f"{path}.returnedQuantity") or ZERO
    lost = _positive(line.missing_quantity, f"{path}.missingQuantity") or ZERO
    excluded = _positive(line.excluded_quantity, f"{path}.excludedQuantity") or ZERO
    promo = _amount(line.promo_quantity, f"{path}.promoQuantity")
    sold = _amount(line.sold_quantity, f"{path}.soldQuantity")
    net = _amount(line.net_quantity, f"{path}.netQuantity")
    if sold is None:
        sold = net + back if net is not None else promo if promo is not None else None
    if sold is None and line.excluded_quantity is not None:
        sold = excluded  # sent alone: all of it was sold and none of it counts
    if sold is None and line.returned_quantity is None and line.missing_quantity is None:
        return None
    sold = sold or ZERO
    if sold < 0:
        sold, back = ZERO, back - sold
    promo = max(ZERO, min(promo or ZERO, sold))
    return DayUnits(
        sold=item.units(sold),
        returned=item.units(back),
        lost=item.units(lost),
        excluded=item.units(min(excluded, sold)),
        promo=item.units(promo),
    )


def _amount(quantity: Quantity | None, path: str) -> Decimal | None:
    return None if quantity is None else amount_of(quantity, path)


def _positive(quantity: Quantity | None, path: str) -> Decimal | None:
    return None if quantity is None else positive_amount(quantity, path)


def withdrawals(report: SalesReport | InventoryReport, context: Context) -> list[Effect]:
    """Return what a replacement or a cancellation takes back: what the report of its number said of its period.

    Raises PartnerFault sales.function-unknown.
    """
    if report.function not in FUNCTIONS:
        raise PartnerFault("sales.function-unknown", Where(path="function"), value=report.function[:40])
    if report.function not in ("replace", "cancel"):
        return []
    period = report.period if isinstance(report, SalesReport) else None
    return [
        ReportWithdrawn(
            key=f"withdrawn:{report.id}",
            partner=context.partner.id,
            report=report.id,
            kind="sales" if isinstance(report, SalesReport) else "stock",
            first_day=day_of(period.start) if period else None,
            last_day=day_of(period.end) if period and period.end else None,
        )
    ]


def told_by_stock_report(
    report: InventoryReport, context: Context, units: dict[StockKey, Decimal], at: dict[StockKey, Moment]
) -> list[Effect]:
    """Return sales that a stock report tells, and a partner's overrides. A sales report of the day goes before them."""
    days: dict[SalesKey, DayUnits] = {}
    covered: dict[tuple[str, date], None] = {}
    effects: list[Effect] = []
    for (place, gtin, kind), total in units.items():
        day = day_of(at[place, gtin, kind])
        if kind == OVERRIDE:
            effects.append(_override(report, context, (place, gtin), total, day))
        elif kind in FLOWS:
            days[place, gtin, day] = days.get((place, gtin, day), DayUnits()) + _flow(kind, total)
            if kind in (SOLD, NET):
                covered[place, day] = None
    partner = context.partner.id
    effects += [
        SalesRecorded(
            key=f"{place}:{gtin}:{day.isoformat()}",
            partner=partner,
            location=place,
            gtin=gtin,
            day=day,
            sold=told.sold,
            returned=told.returned,
            lost=told.lost,
            report=report.id,
            issued_at=report.issued_at,
            source=SALES_OF_STOCK_REPORT,
        )
        for (place, gtin, day), told in days.items()
    ]
    effects += [
        DayReported(
            key=f"{place}:{day.isoformat()}",
            partner=partner,
            location=place,
            day=day,
            report=report.id,
            source=SALES_OF_STOCK_REPORT,
        )
        for place, day in covered
    ]
    return effects


def _flow(kind: str, total: Decimal) -> DayUnits:
    if kind == RETURNED:
        return DayUnits(returned=max(ZERO, total))
    if kind == MISSING:
        return DayUnits(lost=max(ZERO, total))
    return DayUnits(sold=max(ZERO, total), returned=max(ZERO, -total))


def _override(
    report: InventoryReport, context: Context, pair: tuple[str, str], units: Decimal, day: date
) -> OverrideSaved:
    place, gtin = pair
    name = f"{context.partner.id}:{place}:{gtin}"
    return OverrideSaved(
        key=f"override:{place}:{gtin}",
        id=name[:80],
        location=place,
        gtin=gtin,
        kind="quantity",
        quantity=max(ZERO, units),
        first_day=day,
        last_day=later(day, OVERRIDE_DAYS),
        reason=f"211 {report.id}"[:200],
        author=context.partner.id,
    )
