"""Catalogues: what suppliers offer us, side by side and with its history; and our own items, as our house says them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.parties import day_of
from gateway.domain.sizes import per_unit
from gateway.domain.stock import ZERO
from gateway.model.effects import (
    CaseOpened,
    Effect,
    ItemSaved,
    OfferSaved,
    PackSaved,
    PriceSaved,
)
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import ItemRecord
from gateway.model.price_catalogue import CatalogueItem, CataloguePrice, PriceCatalogue
from gateway.model.values import Period, gtin14

LEVELS = {"CS": "case", "CT": "case", "LAY": "layer", "PF": "pallet", "PX": "pallet", "201": "pallet"}


def needs(catalogue: PriceCatalogue, context: Context) -> Needs:
    """Return what suppliers have offered so far for the items of a supplier's catalogue."""
    if context.partner.kind == "house":
        return Needs()
    return Needs(offers=frozenset(gtin14(line.item.gtin) for line in catalogue.lines if line.item.gtin))


def decide(catalogue: PriceCatalogue, context: Context, snapshot: Snapshot) -> Decision:
    """Take a supplier's offers, or our house's items. Raises PartnerFault catalogue.sender-unexpected."""
    if context.partner.kind == "house":
        return _own_items(catalogue, context)
    if context.partner.role not in ("supplier", "both"):
        raise PartnerFault("catalogue.sender-unexpected", Where(path="provider"), value=context.partner.id)
    return _offers(catalogue, context, snapshot)


def _period(catalogue: PriceCatalogue, line: CatalogueItem, price: CataloguePrice | None) -> Period | None:
    """Return when a price counts: what it says itself, else its line, else the whole catalogue."""
    return (price.period if price else None) or line.period or catalogue.validity


def _start(period: Period | None, context: Context) -> date:
    return day_of(period.start) if period else context.now.date()


def _end(period: Period | None) -> date | None:
    return day_of(period.end) if period and period.end else None


def _usable(catalogue: PriceCatalogue, findings: list[Finding]) -> Iterator[tuple[int, str, CatalogueItem]]:
    for index, line in enumerate(catalogue.lines):
        if line.item.gtin:
            yield index, gtin14(line.item.gtin), line
        else:
            findings.append(
                Finding(
                    code="catalogue.item-without-gtin",
                    severity="warning",
                    where=Where(path=f"lines[{index}].item"),
                    value=line.number or str(index + 1),
                )
            )


def _unit_price(price: CataloguePrice) -> Decimal | None:
    value = per_unit(price.amount.value, price.base, "lines")
    return value if value > 0 else None


# --- suppliers --------------------------------------------------------------------------------------------------------


def _offers(catalogue: PriceCatalogue, context: Context, snapshot: Snapshot) -> Decision:
    supplier = context.partner.id
    findings: list[Finding] = []
    effects: dict[str, Effect] = {}
    raised: list[str] = []
    for index, gtin, line in _usable(catalogue, findings):
        before = [each for each in snapshot.offers.get(gtin, ()) if each.supplier == supplier]
        for offer in _line_offers(catalogue, context, gtin, line, before, index, findings):
            effects[offer.key] = offer
            old = in_force(before, offer.kind, offer.minimum, offer.valid_from)
            if _is_ours(context, gtin) and old is not None and not offer.withdrawn and offer.price > old.price:
                raised.append(f"{gtin}: {old.price:f} > {offer.price:f}")
    subject = catalogue.id
    if raised:
        params = {"value": ", ".join(raised[:10]), "count": str(len(raised))}
        effects["case"] = CaseOpened(
            key="case", account=supplier, code="catalogue.price-up", subject=subject, params=params
        )
    return Decision(effects=tuple(effects.values()), findings=tuple(findings))


def _is_ours(context: Context, gtin: str) -> bool:
    item = context.own.items.get(gtin)
    return item is not None and item.supplier == context.partner.id


def _line_offers(
    catalogue: PriceCatalogue,
    context: Context,
    gtin: str,
    line: CatalogueItem,
    before: list[OfferSaved],
    index: int,
    findings: list[Finding],
) -> Iterator[OfferSaved]:
    """Yield the offers of one line; a deletion withdraws every price that is in force."""
    begins = _start(_period(catalogue, line, None), context)
    if line.action == "delete":
        for kind, minimum in sorted({(each.kind, each.minimum) for each in before}):
            old = in_force(before, kind, minimum, begins)
            if old is not None and not old.withdrawn:
                yield _offer(context, gtin, line, kind, old.price, old.currency, begins, None, minimum, withdrawn=True)
        return
    for price in line.prices:
        value = _unit_price(price)
        if value is None:
            findings.append(
                Finding(
                    code="catalogue.price-unusable",
                    severity="warning",
                    where=Where(path=f"lines[{index}].prices"),
                    value=gtin,
                )
            )
            continue
        currency = price.amount.currency or catalogue.currency or "EUR"
        period = _period(catalogue, line, price)
        start, end = _start(period, context), _end(period)
        yield _offer(context, gtin, line, price.kind, value, currency, start, end, _minimum(line, price))


def _minimum(line: CatalogueItem, price: CataloguePrice) -> Decimal:
    """Return from how many units the price counts; nothing below the least order of the item can be bought."""
    least = line.minimum_order.value if line.minimum_order else ZERO
    return max(least, price.minimum.value if price.minimum else ZERO)


def _offer(
    context: Context,
    gtin: str,
    line: CatalogueItem,
    kind: str,
    price: Decimal,
    currency: str,
    start: date,
    end: date | None,
    minimum: Decimal,
    withdrawn: bool = False,
) -> OfferSaved:
    supplier = context.partner.id
    return OfferSaved(
        key=f"offer:{supplier}:{gtin}:{kind}:{minimum:f}:{start.isoformat()}",
        supplier=supplier,
        gtin=gtin,
        kind=kind,
        price=price,
        currency=currency,
        valid_from=start,
        valid_to=end,
        minimum=minimum,
        name=(line.item.description or "")[:200],
        supplier_item=line.item.seller_id,
        increment=line.order_increment.value if line.order_increment else Decimal(1),
        lead_time_days=int(line.lead_time_days) if line.lead_time_days is not None else None,
        withdrawn=withdrawn,
    )


def in_force(offers: list[OfferSaved], kind: str, minimum: Decimal, day: date) -> OfferSaved | None:
    """Return the offer of that kind and minimum that is valid on day: the one that began last."""
    valid = [
        each
        for each in offers
        if (each.kind, each.minimum) == (kind, minimum)
        and each.valid_from <= day
        and (each.valid_to is None or day <= each.valid_to)
    ]
    return max(valid, key=lambda each: each.valid_from, default=None)


# --- our own house ----------------------------------------------------------------------------------------------------


def _own_items(catalogue: PriceCatalogue, context: Context) -> Decision:
    """Items, packs and prices. A catalogue that names a price list (EDIFACT RFF+PL), or is numbered "list:NAME", holds
    the prices of that list of ours; any other items."""
    findings: list[Finding] = []
    effects: dict[str, Effect] = {}
    price_list = catalogue.price_list or catalogue.id.partition("list:")[2] or None
    for _, gtin, line in _usable(catalogue, findings):
        if line.inner_gtin and line.contents:
            level = LEVELS.get(line.order_unit or "", "case")
            pack = PackSaved(
                key=f"pack:{gtin}",
                gtin=gtin,
                inner=gtin14(line.inner_gtin),
                contents=line.contents.value,
                level=level,
            )
            effects[pack.key] = pack
            continue
        if price_list is None:
            item = _item(line, gtin, context)
            effects[f"item:{gtin}"] = ItemSaved(key=f"item:{gtin}", item=item)
            continue
        for price in line.prices:
            value = _unit_price(price)
            if value is None:
                continue
            minimum = price.minimum.value if price.minimum else ZERO
            period = _period(catalogue, line, price)
            start = _start(period, context)
            saved = PriceSaved(
                key=f"price:{gtin}:{minimum:f}:{start.isoformat()}",
                price_list=price_list,
                gtin=gtin,
                price=value,
                currency=price.amount.currency or catalogue.currency or "EUR",
                valid_from=start,
                valid_to=_end(period),
                minimum=minimum,
            )
            effects[saved.key] = saved
    return Decision(effects=tuple(effects.values()), findings=tuple(findings))


def _item(line: CatalogueItem, gtin: str, context: Context) -> ItemRecord:
    """Return the item with what the line says; what it leaves out stays as it was."""
    old = context.own.items.get(gtin) or ItemRecord(gtin=gtin, name=line.item.description or gtin)
    prices = {price.kind: price for price in line.prices}
    net = _unit_price(prices["net"]) if "net" in prices else old.sales_price
    currency = prices["net"].amount.currency if "net" in prices else None
    return ItemRecord(
        gtin=gtin,
        name=line.item.description or old.name,
        name_zh=old.name_zh,
        unit=line.order_unit or old.unit,
        supplier=old.supplier,
        supplier_item=line.item.seller_id or old.supplier_item,
        pack=line.order_increment.value if line.order_increment else old.pack,
        sales_price=net,
        purchase_price=old.purchase_price,
        currency=currency or old.currency,
        active=line.action != "delete",
        category=old.category,
        substitute=old.substitute,
    )
