"""Sales and stock reports: from customers they are facts about their shops, from our warehouse they are the count."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from gateway.domain.backorders import serve_backorders
from gateway.domain.crm import activity
from gateway.domain.days import days_of, spread
from gateway.domain.decision import Context, Decision, Needs, Snapshot, StockLevel
from gateway.domain.items import ItemFinder, amount_of, identifier, item_path, positive_amount
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import CaseClosed, CaseOpened, Effect, SalesRecorded, StockReported
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.sales_report import InventoryReport, SalesLine, SalesReport
from gateway.model.values import Item, Moment

COUNTED = ("onHand", "available")  # the first that the warehouse reports for an item is what we sell from


def sales_needs(report: SalesReport, context: Context) -> Needs:
    """A sales report is judged on its own."""
    return Needs()


def decide_sales(report: SalesReport, context: Context, snapshot: Snapshot) -> Decision:
    """Record units per place, item and day. Unknown items are warned of and left out, so that the rest counts.

    Raises PartnerFault sales.*: no period, a period that is none, a place or quantity that cannot be recorded.
    """
    finder = ItemFinder(context.own)
    sold: dict[tuple[str, str, date], list[Decimal]] = {}
    stock: dict[tuple[str, str], Decimal] = {}
    findings: list[Finding] = []
    for index, line in enumerate(report.lines):
        path = f"lines[{index}]"
        item = finder.find(line.item)
        if item is None:
            findings.append(_unknown("sales.item-unknown", path, line.item))
            continue
        place = _place(line.location, report.reporter.any_id, context, path)
        units, back = _units(line, path)
        if line.stock is not None:
            stock[place, item.gtin] = stock.get((place, item.gtin), ZERO) + amount_of(line.stock, f"{path}.stock")
        if units is None and back is None:
            continue
        days = days_of(line.period or report.period, f"{path}.period" if line.period else "period")
        shares = zip(days, spread(units or ZERO, len(days)), spread(back or ZERO, len(days)), strict=True)
        for day, share, share_back in shares:
            totals = sold.setdefault((place, item.gtin, day), [ZERO, ZERO])
            totals[0] += share
            totals[1] += share_back
    return Decision(
        effects=tuple(_sales_effects(report, context, sold, stock)),
        findings=(*findings, *_future(sold, context)),
    )


def _units(line: SalesLine, path: str) -> tuple[Decimal | None, Decimal | None]:
    """Return units sold and units returned. Promotion units are part of the units sold unless sent alone; a
    negative sale is a return."""
    sold = back = None
    quantity, key = line.sold_quantity, "soldQuantity"
    if quantity is None and line.promo_quantity is not None:
        quantity, key = line.promo_quantity, "promoQuantity"
    if quantity is not None:
        sold = amount_of(quantity, f"{path}.{key}")
    if line.returned_quantity is not None:
        back = positive_amount(line.returned_quantity, f"{path}.returnedQuantity")
    if sold is not None and sold < 0:
        return ZERO, (back or ZERO) - sold
    return sold, back


def _sales_effects(
    report: SalesReport,
    context: Context,
    sold: dict[tuple[str, str, date], list[Decimal]],
    stock: dict[tuple[str, str], Decimal],
) -> Iterable[Effect]:
    partner = context.partner.id
    for (place, gtin, day), (units, back) in sold.items():
        yield SalesRecorded(
            key=f"{place}:{gtin}:{day.isoformat()}",
            partner=partner,
            location=place,
            gtin=gtin,
            day=day,
            sold=units,
            returned=back,
        )
    for (place, gtin), units in stock.items():
        at = (report.period.end if report.period else None) or report.issued_at
        yield _reported(partner, place, gtin, "onHand", units, at)
    yield activity(
        "sales",
        partner,
        "sales-reported",
        report.id,
        sales_reports=1,
        units_sold=sum((units for units, _ in sold.values()), ZERO),
        units_returned=sum((back for _, back in sold.values()), ZERO),
    )


def _future(sold: dict[tuple[str, str, date], list[Decimal]], context: Context) -> list[Finding]:
    last = max((day for _, _, day in sold), default=None)
    if last is None or last <= context.now.date():
        return []
    return [Finding(code="sales.future", severity="warning", where=Where(path="period"), value=last.isoformat())]


def _unknown(code: str, path: str, item: Item) -> Finding:
    return Finding(code=code, severity="warning", where=Where(path=item_path(path, item)), value=identifier(item)[:200])


def _place(said: str | None, reporter: str | None, context: Context, path: str) -> str:
    place = (said or reporter or context.partner.gln or "").strip()
    if not 0 < len(place) <= 20:
        raise PartnerFault("sales.location-unusable", Where(path=f"{path}.location"), value=place[:80])
    return place


def _reported(partner: str, place: str, gtin: str, kind: str, units: Decimal, at: Moment) -> StockReported:
    return StockReported(
        key=f"{place}:{gtin}:{kind}", partner=partner, location=place, gtin=gtin, type=kind, quantity=units, at=at
    )


def inventory_needs(report: InventoryReport, context: Context) -> Needs:
    """Return what we hold of the items counted; nothing for a customer's report."""
    if context.partner.kind == "partner":
        return Needs()
    finder = ItemFinder(context.own)
    gtins = frozenset(item.gtin for line in report.lines if (item := finder.find(line.item)))
    return Needs(stock=gtins, open_backorders=gtins)


def decide_inventory(report: InventoryReport, context: Context, snapshot: Snapshot) -> Decision:
    """Record a customer's stock, or bring our own to what was counted.

    Raises PartnerFault sales.location-unusable, stock.type-unusable, stock.count-negative, item.quantity-unusable.
    """
    units, findings, at = _inventory(report, context)
    if context.partner.kind == "partner":
        effects = [
            _reported(context.partner.id, place, gtin, kind, total, at[place, gtin, kind])
            for (place, gtin, kind), total in units.items()
        ]
        done = activity("stock", context.partner.id, "stock-reported", report.id, stock_reports=1)
        return Decision(effects=(*effects, done), findings=tuple(findings))
    return _counted(report, context, snapshot, units, findings)


_Key = tuple[str, str, str]  # place, GTIN, type


def _inventory(
    report: InventoryReport, context: Context
) -> tuple[dict[_Key, Decimal], list[Finding], dict[_Key, Moment]]:
    """Add up the rows (batches) of one place, item and type."""
    finder = ItemFinder(context.own)
    units: dict[_Key, Decimal] = {}
    at: dict[_Key, Moment] = {}
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
        units[key] = units.get(key, ZERO) + amount_of(line.quantity, f"{path}.quantity")
        at[key] = line.at or whole
    return units, findings, at


def _counted(
    report: InventoryReport,
    context: Context,
    snapshot: Snapshot,
    units: dict[_Key, Decimal],
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
