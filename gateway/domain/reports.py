"""Sales and stock reports: from customers they are facts about their shops, from our warehouse they are the count."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from gateway.domain.backorders import serve_backorders
from gateway.domain.crm import activity
from gateway.domain.days import days_of, later
from gateway.domain.decision import Context, Decision, Needs, Snapshot, StockLevel
from gateway.domain.items import ItemFinder, amount_of, identifier, item_path
from gateway.domain.parties import day_of
from gateway.domain.report_lines import (
    FLOWS,
    DayUnits,
    PackFinder,
    SalesKey,
    StockKey,
    line_units,
    pack_gtins,
    told_by_stock_report,
    withdrawals,
)
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import CaseClosed, CaseOpened, Effect, SalesRecorded, StockReported
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.planning_effects import DayReported
from gateway.model.sales_report import InventoryReport, SalesReport
from gateway.model.values import Item, Moment

COUNTED = ("onHand", "available")  # the first that the warehouse reports for an item is what we sell from


def sales_needs(report: SalesReport, context: Context) -> Needs:
    """Return the packs of what the report names: sales may be counted in cases."""
    return Needs(packs=pack_gtins(context, (line.item for line in report.lines)))


def decide_sales(report: SalesReport, context: Context, snapshot: Snapshot) -> Decision:
    """Record units per place, item and day. Unknown items are warned of and left out, so that the rest counts.

    A later report of a day replaces an earlier one; replace and cancel take back what the report of their number said.
    Raises PartnerFault sales.*: no period, a period that is none, a place or quantity that cannot be recorded;
    stock.future.
    """
    effects = withdrawals(report, context)
    if report.function == "cancel":
        return Decision(effects=(*effects, *_sales_done(report, context, {})))
    finder = PackFinder(context, snapshot.packs)
    sold: dict[SalesKey, DayUnits] = {}
    stock: dict[tuple[str, str], Decimal] = {}
    covered: dict[tuple[str, date], None] = {}
    findings: list[Finding] = []
    for index, line in enumerate(report.lines):
        path = f"lines[{index}]"
        found = finder.find(line.item)
        if found is None:
            findings.append(_unknown("sales.item-unknown", path, line.item))
            continue
        place = _place(line.location, report.reporter.any_id, context, path)
        if line.stock is not None:
            units = found.units(amount_of(line.stock, f"{path}.stock"))
            stock[place, found.gtin] = stock.get((place, found.gtin), ZERO) + units
        told = line_units(line, path, found)
        if told is None:
            continue
        days = days_of(line.period or report.period, f"{path}.period" if line.period else "period")
        for day, share in zip(days, told.spread(len(days)), strict=True):
            sold[place, found.gtin, day] = sold.get((place, found.gtin, day), DayUnits()) + share
            covered[place, day] = None
    effects += _sales_effects(report, context, sold, stock, covered)
    return Decision(effects=tuple(effects), findings=(*findings, *_future(sold, context)))


def _sales_effects(
    report: SalesReport,
    context: Context,
    sold: dict[SalesKey, DayUnits],
    stock: dict[tuple[str, str], Decimal],
    covered: Iterable[tuple[str, date]],
) -> Iterable[Effect]:
    partner = context.partner.id
    for (place, gtin, day), units in sold.items():
        yield SalesRecorded(
            key=f"{place}:{gtin}:{day.isoformat()}",
            partner=partner,
            location=place,
            gtin=gtin,
            day=day,
            sold=units.sold,
            returned=units.returned,
            lost=units.lost,
            excluded=units.excluded,
            promo=units.promo,
            report=report.id,
            issued_at=report.issued_at,
        )
    for place, day in covered:
        yield DayReported(key=f"{place}:{day.isoformat()}", partner=partner, location=place, day=day, report=report.id)
    for (place, gtin), counted in stock.items():
        at = (report.period.end if report.period else None) or report.issued_at
        _check_counted(at, "period", context)
        yield _reported(context, report, place, gtin, "onHand", counted, at)
    yield from _sales_done(report, context, sold)


def _sales_done(report: SalesReport, context: Context, sold: dict[SalesKey, DayUnits]) -> Iterable[Effect]:
    yield activity(
        "sales",
        context.partner.id,
        "sales-reported",
        report.id,
        sales_reports=1,
        units_sold=sum((units.sold for units in sold.values()), ZERO),
        units_returned=sum((units.returned for units in sold.values()), ZERO),
    )


def _future(sold: dict[SalesKey, DayUnits], context: Context) -> list[Finding]:
    last = max((day for _, _, day in sold), default=None)
    if last is None or last <= context.now.date():
        return []
    return [Finding(code="sales.future", severity="warning", where=Where(path="period"), value=last.isoformat())]


def _check_counted(at: Moment, path: str, context: Context) -> None:
    """Raise PartnerFault stock.future for a count of a day that is nowhere yet: it would be the newest of its place
    until then, whatever is counted in between. Tomorrow has begun for who is east of us."""
    if day_of(at) > later(context.now.date(), 1):
        raise PartnerFault("stock.future", Where(path=path), value=day_of(at).isoformat())


def _unknown(code: str, path: str, item: Item) -> Finding:
    return Finding(code=code, severity="warning", where=Where(path=item_path(path, item)), value=identifier(item)[:200])


def _place(said: str | None, reporter: str | None, context: Context, path: str) -> str:
    place = (said or reporter or context.partner.gln or "").strip()
    if not 0 < len(place) <= 20:
        raise PartnerFault("sales.location-unusable", Where(path=f"{path}.location"), value=place[:80])
    return place


def _reported(
    context: Context,
    report: SalesReport | InventoryReport,
    place: str,
    gtin: str,
    kind: str,
    units: Decimal,
    at: Moment,
) -> StockReported:
    return StockReported(
        key=f"{place}:{gtin}:{kind}",
        partner=context.partner.id,
        location=place,
        gtin=gtin,
        type=kind,
        quantity=units,
        at=at,
        report=report.id,
        issued_at=report.issued_at,
    )


def inventory_needs(report: InventoryReport, context: Context) -> Needs:
    """Return what we hold of the items counted, and the packs they may be counted in."""
    packs = pack_gtins(context, (line.item for line in report.lines))
    if context.partner.kind == "partner":
        return Needs(packs=packs)
    finder = ItemFinder(context.own)
    gtins = frozenset(item.gtin for line in report.lines if (item := finder.find(line.item)))
    return Needs(stock=gtins, open_backorders=gtins, packs=packs)


def decide_inventory(report: InventoryReport, context: Context, snapshot: Snapshot) -> Decision:
    """Record a customer's stock, or bring our own to what was counted.

    Of a customer, what was sold, returned or asked for in vain becomes sales of the day, and a partner's override of
    the quantity (211) holds for the next run.
    Raises PartnerFault sales.location-unusable, stock.type-unusable, stock.future, stock.count-negative,
    item.quantity-unusable.
    """
    if context.partner.kind == "partner":
        effects = withdrawals(report, context)
        if report.function == "cancel":
            return Decision(effects=(*effects, _stock_done(report, context)))
        units, findings, at = _inventory(report, context, snapshot)
        for (_, _, kind), moment in at.items():
            if kind in COUNTED:
                _check_counted(moment, "lines", context)
        effects += told_by_stock_report(report, context, units, at)
        effects += [
            _reported(context, report, place, gtin, kind, total, at[place, gtin, kind])
            for (place, gtin, kind), total in units.items()
            if kind not in FLOWS
        ]
        return Decision(effects=(*effects, _stock_done(report, context)), findings=tuple(findings))
    units, findings, at = _inventory(report, context, snapshot)
    return _counted(report, context, snapshot, units, findings)


def _stock_done(report: InventoryReport, context: Context) -> Effect:
    return activity("stock", context.partner.id, "stock-reported", report.id, stock_reports=1)


def _inventory(
    report: InventoryReport, context: Context, snapshot: Snapshot
) -> tuple[dict[StockKey, Decimal], list[Finding], dict[StockKey, Moment]]:
    """Add up the rows (batches) of one place, item and type."""
    finder = PackFinder(context, snapshot.packs)
    units: dict[StockKey, Decimal] = {}
    at: dict[StockKey, Moment] = {}
    findings: list[Finding] = []
    whole = report.at or (report.period.end if report.period else None) or report.issued_at
    for index, line in enumerate(report.lines):
        path = f"lines[{index}]"
        item = finder.find(line.item)
        if item is None:
            findings.append(_unknown("stock.item-unknown", path, line.item))
            continue
        if not 0 < len(line.type) <= 20:
            raise PartnerFault("stock.type-unusable", Where(path=f"{path}.type"), value=line.type[:80])
        key = (_place(line.location, report.reporter.any_id, context, path), item.gtin, line.type)
        units[key] = units.get(key, ZERO) + item.units(amount_of(line.quantity, f"{path}.quantity"))
        at[key] = line.at or whole
    return units, findings, at


def _counted(
    report: InventoryReport,
    context: Context,
    snapshot: Snapshot,
    units: dict[StockKey, Decimal],
    findings: list[Finding],
) -> Decision:
    ours = {
        context.own.warehouse,
        *(each.value for each in context.partner.ids),
        *(i.value for i in context.own.partner.ids),
    }
    counted: dict[str, Decimal] = {}
    for wanted in COUNTED:
        for (place, gtin, kind), total in units.items():
            if place in ours and kind == wanted and gtin not in counted:
                counted[gtin] = total
    for place, gtin, kind in units:
        if place not in ours or kind not in COUNTED:
            code = "stock.type-ignored" if place in ours else "stock.place-ignored"
            findings.append(Finding(code=code, severity="warning", value=f"{gtin} {place} {kind}"[:200]))
    effects: list[Effect] = []
    free: dict[str, Decimal] = {}
    for gtin, total in counted.items():
        if total < 0:
            raise PartnerFault("stock.count-negative", Where(path="lines"), value=f"{gtin}: {total:f}")
        level = snapshot.stock.get(gtin, StockLevel())
        if total != level.on_hand:
            key = f"stock:on_hand:{gtin}"
            effects.append(moved(key, context, gtin, "on_hand", total - level.on_hand, "counted", report.id))
        effects += _oversold(context, gtin, level, total)
        free[gtin] = total - level.allocated
    served, answers = serve_backorders(context, snapshot, free)
    return Decision(effects=(*effects, *served), answers=tuple(answers), findings=tuple(findings))


def _oversold(context: Context, gtin: str, level: StockLevel, counted: Decimal) -> list[Effect]:
    """More is promised than was counted: open a case; close it when a later count is enough again."""
    subject, account = gtin, context.partner.id
    if counted < level.allocated:
        params = {"counted": format(counted, "f"), "allocated": format(level.allocated, "f"), "value": gtin}
        return [
            CaseOpened(
                key=f"oversold:{gtin}", account=account, code="stock.below-allocated", subject=subject, params=params
            )
        ]
    if level.on_hand < level.allocated:
        return [CaseClosed(key=f"oversold:{gtin}", account=account, code="stock.below-allocated", subject=subject)]
    return []
