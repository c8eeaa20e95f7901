"""Lists of the house's desk: orders with how far each step is, shipments, items."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, Row, and_, func, or_, select, text

from gateway.model.partner import ItemRecord
from gateway.model.values import gtin14
from gateway.store import tables as t
from gateway.store.among import among, portions
from gateway.store.forms import moment, units
from gateway.store.view_reading import as_mapping, contains, optional_number

STEPS = ("ordered", "confirmed", "backordered", "despatched", "received", "invoiced", "returned")
FINISHED = ("received", "rejected", "cancelled", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderProgress:
    """An order with the units at each step, summed over its lines. waits: codes of why it waits for a person."""

    side: str
    partner: str
    number: str
    status: str
    ordered_on: str
    currency: str | None
    updated_at: datetime
    lines: int
    ordered: Decimal
    confirmed: Decimal
    backordered: Decimal
    despatched: Decimal
    received: Decimal
    invoiced: Decimal
    returned: Decimal
    promised: str | None = None
    waits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLine:
    """A despatch: ours (sale) or a supplier's to us (purchase). numbered: how many of its units have an SSCC."""

    side: str
    partner: str
    number: str
    order: str | None
    status: str
    despatched_at: str | None
    units: Decimal
    lines: int
    numbered: int
    message: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One of our items. source: house (told by the house or imported) or file (partners/self/tables/items.csv)."""

    record: ItemRecord
    source: str


class DeskViews:
    """Lists of the desk: orders at work, shipments, our items."""

    _engine: Engine

    def orders_at_work(
        self,
        *,
        side: str | None = None,
        partner: str | None = None,
        status: str | None = None,
        number: str | None = None,
        cursor: tuple[int, str] | None = None,
        limit: int = 50,
    ) -> tuple[OrderProgress, ...]:
        """Return orders, the latest change first; those that wait for a person, the longest waiting first.

        status: one, or open for all that are not finished. number: the beginning. cursor: (updated_at in microseconds,
        number) of the last one of the page before
        """
        columns = t.business_order.c
        query = select(t.business_order).limit(limit)
        for column, wanted in ((columns.side, side), (columns.partner, partner)):
            query = query.where(column == wanted) if wanted else query
        if status == "open":
            query = query.where(columns.status.not_in(FINISHED))
        elif status == "waiting":
            query = query.where(text(f"business_order.{t.ORDER_WAITING}"))
        elif status:
            query = query.where(columns.status == status)
        if number:
            query = query.where(columns.number.like(contains(number)[1:], escape="\\"))
        if status == "waiting":
            query = query.order_by(columns.updated_at, columns.number)
        else:
            query = query.order_by(columns.updated_at.desc(), columns.number.desc())
            if cursor is not None:
                at, last = cursor
                older = or_(columns.updated_at < at, and_(columns.updated_at == at, columns.number < last))
                query = query.where(older)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            sums = self._sums(connection, rows)
            reasons = self._reasons(connection, [row for row in rows if row.status == "waiting"])
        return tuple(_progress(row, sums.get(_key(row)), reasons.get((row.partner, row.number), ())) for row in rows)

    def _sums(self, connection: Any, rows: Any) -> dict[tuple[str, str, str], Row[Any]]:
        columns = t.order_line.c
        found: dict[tuple[str, str, str], Row[Any]] = {}
        for condition in among((columns.side, columns.partner, columns.order_number), [_key(row) for row in rows]):
            query = (
                select(
                    columns.side,
                    columns.partner,
                    columns.order_number,
                    func.count().label("size"),
                    func.max(columns.promised).label("promised"),
                    *(func.sum(columns[each]).label(each) for each in STEPS),
                )
                .where(condition)
                .group_by(columns.side, columns.partner, columns.order_number)
            )
            for row in connection.execute(query):
                found[row.side, row.partner, row.order_number] = row
        return found

    def _reasons(self, connection: Any, rows: Any) -> dict[tuple[str, str], tuple[str, ...]]:
        columns = t.case.c
        found = {}
        for condition in among((columns.account, columns.subject), [(row.partner, row.number) for row in rows]):
            open_cases = select(t.case).where(condition, columns.closed_at.is_(None), columns.code == "order.waits")
            for row in connection.execute(open_cases):
                said = str(as_mapping(row.params).get("reasons", ""))
                found[row.account, row.subject] = tuple(said.split(", ")) if said else ()
        return found

    def shipments(
        self,
        *,
        side: str | None = None,
        partner: str | None = None,
        number: str | None = None,
        order: str | None = None,
        limit: int = 100,
    ) -> tuple[ShipmentLine, ...]:
        """Return despatches, the latest change first."""
        columns = t.shipment.c
        query = select(t.shipment).order_by(columns.updated_at.desc(), columns.number.desc()).limit(limit)
        chosen = ((columns.side, side), (columns.partner, partner), (columns.number, number))
        for column, wanted in (*chosen, (columns.order_number, order)):
            query = query.where(column == wanted) if wanted else query
        with self._engine.connect() as connection:
            return tuple(_shipment(row) for row in connection.execute(query))

    def kept_items(self, text: str | None = None, after: str = "", limit: int = 200) -> tuple[ItemRecord, ...]:
        """Return items that our house has told of or that were imported, by GTIN. text: in a name, or of a GTIN."""
        columns = t.item.c
        query = select(t.item).where(columns.gtin > after).order_by(columns.gtin).limit(limit)
        if text:
            begins = contains(text.lstrip("0"))[1:]
            named = [columns[each].ilike(contains(text), escape="\\") for each in ("name", "name_zh", "supplier_item")]
            coded = [columns.gtin.like(zeros + begins, escape="\\") for zeros in ("", "0", "00")]
            query = query.where(or_(*named, *coded))
        with self._engine.connect() as connection:
            return tuple(_item(row) for row in connection.execute(query))

    def item_names(self, gtins: Collection[str]) -> dict[str, tuple[str, str | None]]:
        """Return by GTIN the names, English and Chinese, of items that our house has told of."""
        columns = t.item.c
        found: dict[str, tuple[str, str | None]] = {}
        with self._engine.connect() as connection:
            for portion in portions(gtins):
                query = select(columns.gtin, columns.name, columns.name_zh).where(columns.gtin.in_(portion))
                found.update({row.gtin: (row.name, row.name_zh) for row in connection.execute(query)})
        return found

    def kept_item(self, gtin: str) -> ItemRecord | None:
        """Return an item as our house has told it, None when it has not."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.item).where(t.item.c.gtin == gtin14(gtin))).first()
            return _item(row) if row else None


def _key(row: Row[Any]) -> tuple[str, str, str]:
    return row.side, row.partner, row.number


def _progress(row: Row[Any], sums: Row[Any] | None, waits: tuple[str, ...]) -> OrderProgress:
    steps = {each: units(int(sums._mapping[each] or 0)) if sums else Decimal(0) for each in STEPS}
    return OrderProgress(
        side=row.side,
        partner=row.partner,
        number=row.number,
        status=row.status,
        ordered_on=row.ordered_on,
        currency=row.currency,
        updated_at=moment(row.updated_at),
        lines=sums.size if sums else 0,
        promised=sums.promised if sums else None,
        waits=waits,
        **steps,
    )


def _shipment(row: Row[Any]) -> ShipmentLine:
    lines = json.loads(row.lines)
    document = as_mapping(row.document)
    return ShipmentLine(
        side=row.side,
        partner=row.partner,
        number=row.number,
        order=row.order_number,
        status=row.status,
        despatched_at=row.despatched_at,
        units=sum((Decimal(each[2]) for each in lines), Decimal(0)),
        lines=len(lines),
        numbered=sum(1 for each in document.get("units") or () if each.get("sscc")),
        message=row.message,
        updated_at=moment(row.updated_at),
    )


def _item(row: Row[Any]) -> ItemRecord:
    return ItemRecord(
        gtin=row.gtin,
        name=row.name,
        unit=row.unit,
        supplier=row.supplier,
        supplier_item=row.supplier_item,
        pack=Decimal(row.pack),
        sales_price=optional_number(row.sales_price),
        purchase_price=optional_number(row.purchase_price),
        currency=row.currency,
        active=bool(row.active),
        name_zh=row.name_zh,
        category=row.category,
        substitute=row.substitute,
    )
