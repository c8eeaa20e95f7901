"""What deciders see of our house and of the chain: the rows of tx_house, read back as the effects that wrote them."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, or_, select, text, update

from gateway.domain.decision import Needs
from gateway.model import json_form
from gateway.model.effects import (
    InvoiceLineState,
    InvoiceSaved,
    OfferSaved,
    PackSaved,
    PlaceSaved,
    PriceSaved,
    ReturnSaved,
    Side,
    UnitShipped,
)
from gateway.model.partner import ItemRecord
from gateway.store.among import among, portions
from gateway.store.database import insert_for
from gateway.store.forms import AnyRow, dump, moment, units
from gateway.store.prepared import Driver, Prepared, listed
from gateway.store.tables import (
    INVOICE_OPEN,
    LINE_SUPPLY,
    counter,
    invoice,
    invoice_line,
    item,
    item_pack,
    logistic_unit,
    offer,
    order_line,
    place,
    price,
    return_notice,
)

_PACK_LEVELS = 5  # a case, a layer, a pallet; and no circle is followed for ever

Key = tuple[Side, str, str]


def keeps_items(connection: Connection) -> bool:
    """Tell whether our house has ever told us of an item."""
    return Driver(connection).first(_ANY_ITEM) is not None


_ANY_ITEM = Prepared(lambda _: select(item.c.gtin).limit(1))


def items(
    connection: Connection, gtins: Collection[str], numbers: Collection[str] = (), *, all_of_them: bool = False
) -> dict[str, ItemRecord]:
    """Return items by GTIN-14: those named by GTIN or by their maker's number, or all that somebody supplies."""
    if all_of_them:
        rows = connection.execute(select(item).where(item.c.supplier.is_not(None)))
        return {row.gtin: _item(row) for row in rows}
    found = {}
    for column, keys in ((item.c.gtin, gtins), (item.c.supplier_item, numbers)):
        for portion in portions(keys):
            for row in connection.execute(select(item).where(column.in_(portion))):
                found[row.gtin] = _item(row)
    return found


def invoices(connection: Connection, needs: Needs) -> dict[Key, InvoiceSaved]:
    """Return the invoices that are asked for by number or by order, with their lines."""
    if not needs.invoices and not needs.invoices_of_orders:
        return {}
    columns, lines = invoice.c, invoice_line.c
    rows = {}
    for name, keys in (("number", needs.invoices), ("order_number", needs.invoices_of_orders)):
        for condition in among((columns.side, columns.partner, columns[name]), keys):
            for row in connection.execute(select(invoice).where(condition)):
                rows[row.side, row.partner, row.number] = row
    found: dict[Key, list[InvoiceLineState]] = defaultdict(list)
    for condition in among((lines.side, lines.partner, lines.invoice_number), rows):
        for row in connection.execute(select(invoice_line).where(condition).order_by(lines.position)):
            found[row.side, row.partner, row.invoice_number].append(_invoice_line(row))
    return {key: _invoice(row, tuple(found[key])) for key, row in rows.items()}


def receivables(connection: Connection, partners: Collection[str]) -> dict[str, Decimal]:
    """Return what each partner owes us: open sale invoices less open credit notes, whatever the currency."""
    found: dict[str, Decimal] = {each: Decimal(0) for each in partners}
    for portion in portions(partners):
        chosen = select(invoice.c.partner, invoice.c.kind, invoice.c.open).where(
            text(INVOICE_OPEN), invoice.c.side == "sale", invoice.c.partner.in_(portion)
        )
        for row in connection.execute(chosen):
            found[row.partner] += Decimal(row.open) * (-1 if row.kind == "credit-note" else 1)
    return found


def returns(connection: Connection, needs: Needs) -> dict[Key, ReturnSaved]:
    """Return those that are asked for by number or by order."""
    found = {}
    for name, keys in (("number", needs.returns), ("order_number", needs.returns_of_orders)):
        for row in _keyed(connection, return_notice, ("side", "partner", name), keys):
            found[row.side, row.partner, row.number] = _return(row)
    return found


def prices(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[PriceSaved, ...]]:
    """Return the prices of (list, GTIN) pairs, those of all days."""
    found: dict[tuple[str, str], list[PriceSaved]] = defaultdict(list)
    for row in _keyed(connection, price, ("price_list", "gtin"), keys):
        found[row.price_list, row.gtin].append(_price(row))
    return {key: tuple(each) for key, each in found.items()}


def prices_of_lists(connection: Connection, lists: Collection[str]) -> list[PriceSaved]:
    """Return every price of some of our lists, by list, item and first day."""
    columns = price.c
    order = (columns.price_list, columns.gtin, columns.valid_from, columns.minimum)
    return [
        _price(row) for row in connection.execute(select(price).where(columns.price_list.in_(lists)).order_by(*order))
    ]


def offers(connection: Connection, gtins: Collection[str]) -> dict[str, tuple[OfferSaved, ...]]:
    """Return what suppliers offer for some items, by supplier and first day."""
    found: dict[str, list[OfferSaved]] = defaultdict(list)
    for portion in portions(gtins):
        chosen = select(offer).where(offer.c.gtin.in_(portion)).order_by(offer.c.supplier, offer.c.valid_from)
        for row in connection.execute(chosen):
            found[row.gtin].append(_offer(row))
    return {gtin: tuple(each) for gtin, each in found.items()}


def packs(connection: Connection, gtins: Collection[str]) -> tuple[PackSaved, ...]:
    """Return the packs of gtins, and the packs of those packs: cases, their layers, their pallets."""
    found: dict[str, PackSaved] = {}
    wanted = set(gtins)
    for _ in range(_PACK_LEVELS):
        new = _packs(connection, wanted)
        wanted = set(new) - set(found)
        found |= new
        if not wanted:
            break
    return tuple(found[gtin] for gtin in sorted(found))


def _packs(connection: Connection, gtins: Collection[str]) -> dict[str, PackSaved]:
    found = {}
    for portion in portions(gtins):
        chosen = select(item_pack).where(or_(item_pack.c.gtin.in_(portion), item_pack.c.inner.in_(portion)))
        for row in connection.execute(chosen):
            found[row.gtin] = PackSaved(
                key=f"pack:{row.gtin}",
                gtin=row.gtin,
                inner=row.inner,
                contents=units(row.contents),
                level=row.level,
            )
    return found


def ranges(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """Return the last number given out of each range, kept as it is until the transaction ends."""
    if not names:
        return {}
    chosen = select(counter).where(counter.c.name.in_([_range(name) for name in sorted(names)])).with_for_update()
    return {row.name.removeprefix(_range("")): row.value for row in connection.execute(chosen)}


def take_numbers(connection: Connection, name: str, start: int, last: int) -> bool:
    """Advance a range from start to last; False when somebody else has advanced it.

    RETURNING tells whether a row was hit: the driver of PostgreSQL gives no count of an INSERT.
    """
    hit = counter.c.name
    if start == 0:
        row = insert_for(connection.dialect.name, counter).values(name=_range(name), value=last)
        if connection.execute(row.on_conflict_do_nothing().returning(hit)).first() is not None:
            return True
    step = update(counter).where(hit == _range(name), counter.c.value == start).values(value=last)
    return connection.execute(step.returning(hit)).first() is not None


def _range(name: str) -> str:
    return f"range:{name}"


def logistic_units(connection: Connection, ssccs: Collection[str]) -> dict[str, tuple[UnitShipped, datetime]]:
    """Return when and with which despatch each SSCC was used last."""
    found = {}
    for portion in portions(ssccs):
        for row in connection.execute(select(logistic_unit).where(logistic_unit.c.sscc.in_(portion))):
            unit = UnitShipped(key=row.effect_key, sscc=row.sscc, partner=row.partner, shipment=row.shipment_number)
            found[row.sscc] = (unit, moment(row.used_at))
    return found


def places(connection: Connection, glns: Collection[str]) -> dict[str, PlaceSaved]:
    """Return the places of some GLNs."""
    found = {}
    for portion in portions(glns):
        for row in connection.execute(select(place).where(place.c.gln.in_(portion))):
            found[row.gln] = PlaceSaved(
                key=f"place:{row.gln}",
                gln=row.gln,
                name=row.name,
                kind=row.kind,
                partner=row.partner,
                data=json.loads(row.data),
            )
    return found


_SUPPLY = Prepared(
    lambda _: (
        select(
            order_line.c.gtin,
            order_line.c.promised,
            order_line.c.confirmed,
            order_line.c.backordered,
            order_line.c.received,
        )
        .where(text(LINE_SUPPLY), order_line.c.gtin.op("IN")(listed("gtins")), order_line.c.promised.is_not(None))
        .order_by(order_line.c.gtin, order_line.c.promised)
    )
)


def supply(connection: Connection, gtins: Collection[str]) -> dict[str, tuple[tuple[date, Decimal], ...]]:
    """Return what suppliers have promised and what has not been received yet, by item and day."""
    found: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    if not gtins:
        return {}
    for row in Driver(connection).all(_SUPPLY, gtins=dump(sorted(gtins))):
        rest = row.confirmed + row.backordered - row.received
        if rest > 0:
            found[row.gtin].append((date.fromisoformat(row.promised), units(rest)))
    return {gtin: tuple(each) for gtin, each in found.items()}


def _keyed(connection: Connection, table: Table, names: tuple[str, ...], keys: Collection[Any]) -> Iterator[AnyRow]:
    for condition in among([table.c[name] for name in names], keys):
        yield from connection.execute(select(table).where(condition))


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _item(row: AnyRow) -> ItemRecord:
    return ItemRecord(
        gtin=row.gtin,
        name=row.name,
        name_zh=row.name_zh,
        unit=row.unit,
        supplier=row.supplier,
        supplier_item=row.supplier_item,
        pack=Decimal(row.pack),
        sales_price=_number(row.sales_price),
        purchase_price=_number(row.purchase_price),
        currency=row.currency,
        active=bool(row.active),
        category=row.category,
        substitute=row.substitute,
    )


def _price(row: AnyRow) -> PriceSaved:
    return PriceSaved(
        key=f"price:{row.price_list}:{row.gtin}:{row.minimum}:{row.valid_from}",
        price_list=row.price_list,
        gtin=row.gtin,
        price=Decimal(row.price),
        currency=row.currency,
        valid_from=date.fromisoformat(row.valid_from),
        valid_to=_day(row.valid_to),
        minimum=units(row.minimum),
    )


def _offer(row: AnyRow) -> OfferSaved:
    return OfferSaved(
        key=f"offer:{row.supplier}:{row.gtin}:{row.kind}:{row.minimum}:{row.valid_from}",
        supplier=row.supplier,
        gtin=row.gtin,
        kind=row.kind,
        price=Decimal(row.price),
        currency=row.currency,
        valid_from=date.fromisoformat(row.valid_from),
        valid_to=_day(row.valid_to),
        minimum=units(row.minimum),
        name=row.name,
        supplier_item=row.supplier_item,
        increment=units(row.increment),
        lead_time_days=row.lead_time_days,
        withdrawn=bool(row.withdrawn),
    )


def _invoice(row: AnyRow, lines: tuple[InvoiceLineState, ...]) -> InvoiceSaved:
    return InvoiceSaved(
        key=row.effect_key,
        side=row.side,
        partner=row.partner,
        number=row.number,
        kind=row.kind,
        status=row.status,
        issued_on=date.fromisoformat(row.issued_on),
        due_on=_day(row.due_on),
        currency=row.currency,
        net=Decimal(row.net),
        tax=Decimal(row.tax),
        gross=Decimal(row.gross),
        open=Decimal(row.open),
        order=row.order_number,
        shipment=row.shipment_number,
        credits=row.credits,
        lines=lines,
        document=None if row.document is None else json_form.loads(row.document),
    )


def _invoice_line(row: AnyRow) -> InvoiceLineState:
    return InvoiceLineState(
        number=row.number,
        gtin=row.gtin,
        quantity=units(row.quantity),
        price=_number(row.price),
        amount=Decimal(row.amount),
        order=row.order_number,
        order_line=row.order_line,
    )


def _return(row: AnyRow) -> ReturnSaved:
    return ReturnSaved(
        key=row.effect_key,
        side=row.side,
        partner=row.partner,
        number=row.number,
        status=row.status,
        order=row.order_number,
        shipment=row.shipment_number,
        lines=tuple(
            (number, gtin, Decimal(announced), instruction, Decimal(received))
            for number, gtin, announced, instruction, received in json.loads(row.lines)
        ),
        document=None if row.document is None else json_form.loads(row.document),
    )
