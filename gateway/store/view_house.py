"""What our house and its partners owe each other: invoices, payments, returns, expected documents, imported lists."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, func, select, text, tuple_

from gateway.model.faults import OurFault
from gateway.model.values import gtin14
from gateway.store import tables as t
from gateway.store.forms import micros, moment, units
from gateway.store.view_house_rows import (
    ExpectedLine,
    ImportLine,
    InvoiceLineView,
    InvoiceView,
    ListPrice,
    PaymentLine,
    PriceListLine,
    ReturnLineView,
    ReturnView,
)
from gateway.store.view_reading import as_mapping, optional_moment, optional_number, read_cursor, write_cursor
from gateway.store.view_rows import Count

DIFFERENCES = ("invoice.price-differs", "invoice.quantity-differs")


def after_expected(line: ExpectedLine) -> str:
    """Return the cursor of what follows line."""
    return write_cursor(micros(line.due), json.dumps([line.partner, line.document_type, line.subject]))


def after_import(line: ImportLine) -> str:
    """Return the cursor of what follows line."""
    return write_cursor(micros(line.at), line.id)


def _last(rest: str, size: int, cursor: str) -> list[str]:
    try:
        found = json.loads(rest)
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != size or not all(isinstance(each, str) for each in found):
        raise OurFault("api.bad-cursor", value=cursor[:200])
    return found


class HouseViews:
    """Lists are capped at limit, the latest change first; a number that nobody uses gives nothing."""

    _engine: Engine

    def invoices(
        self,
        side: str | None = None,
        partner: str | None = None,
        status: str | None = None,
        order: str | None = None,
        limit: int = 100,
    ) -> tuple[InvoiceView, ...]:
        """Return invoices, the latest first."""
        columns = t.invoice.c
        query = select(t.invoice).order_by(columns.updated_at.desc(), columns.number.desc()).limit(limit)
        query = _where(query, t.invoice, side=side, partner=partner, status=status, order_number=order)
        with self._engine.connect() as connection:
            return tuple(_invoice(row) for row in connection.execute(query))

    def invoice(self, number: str, side: str | None = None, partner: str | None = None) -> tuple[InvoiceView, ...]:
        """Return every invoice of that number with lines and payments: different partners may use the same one."""
        query = _where(select(t.invoice), t.invoice, number=number, side=side, partner=partner)
        with self._engine.connect() as connection:
            return tuple(_invoice_detail(connection, row) for row in connection.execute(query).all())

    def payments(
        self, side: str | None = None, partner: str | None = None, remittance: str | None = None, limit: int = 100
    ) -> tuple[PaymentLine, ...]:
        """Return payments, the latest first."""
        columns = t.settlement.c
        query = select(t.settlement).order_by(columns.paid_on.desc(), columns.remittance, columns.invoice_number)
        query = _where(query.limit(limit), t.settlement, side=side, partner=partner, remittance=remittance)
        with self._engine.connect() as connection:
            return tuple(_payment(row) for row in connection.execute(query))

    def returns(
        self,
        side: str | None = None,
        partner: str | None = None,
        status: str | None = None,
        number: str | None = None,
        limit: int = 100,
    ) -> tuple[ReturnView, ...]:
        """Return announced and received returns, the latest first."""
        columns = t.return_notice.c
        query = select(t.return_notice).order_by(columns.updated_at.desc(), columns.number.desc()).limit(limit)
        query = _where(query, t.return_notice, side=side, partner=partner, status=status, number=number)
        with self._engine.connect() as connection:
            return tuple(_return(row) for row in connection.execute(query))

    def expected(
        self, states: tuple[str, ...] = (), partner: str | None = None, limit: int = 200, cursor: str | None = None
    ) -> tuple[ExpectedLine, ...]:
        """Return documents that partners owe, what is due first first. states: none is all. cursor: of the last line of
        the page before. Raises OurFault api.bad-cursor."""
        columns = t.expectation.c
        place = (columns.due, columns.partner, columns.document_type, columns.subject)
        query = _where(select(t.expectation).order_by(*place).limit(limit), t.expectation, partner=partner)
        if states:
            query = query.where(columns.state.in_(states))
        if states and set(states) <= {"waiting", "overdue"}:
            query = query.where(
                text(f"expectation.{t.EXPECTATION_OPEN}")
            )  # few beside what has come: an index of its own
        if cursor is not None:
            due, rest = read_cursor(cursor)
            query = query.where(tuple_(*place) > (due, *_last(rest, 3, cursor)))
        with self._engine.connect() as connection:
            return tuple(
                ExpectedLine(
                    partner=row.partner,
                    document_type=row.document_type,
                    subject=row.subject,
                    state=row.state,
                    due=moment(row.due),
                    cause=row.message,
                    met_at=optional_moment(row.met_at),
                    met_by=row.met_by,
                )
                for row in connection.execute(query)
            )

    def count_expected(self, state: str, partner: str | None = None, cap: int = 10_000) -> Count:
        """Count what is overdue or waiting, up to cap."""
        columns = t.expectation.c
        some = select(columns.due).where(text(f"expectation.{t.EXPECTATION_OPEN}"), columns.state == state)
        some = _where(some, t.expectation, partner=partner).limit(cap + 1)
        with self._engine.connect() as connection:
            total = connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()
        return Count(value=min(total, cap), capped=total > cap)

    def imports(self, limit: int = 50, cursor: str | None = None) -> tuple[ImportLine, ...]:
        """Return imported lists without their problems, the newest first. cursor: of the last one of the page before.

        Raises OurFault api.bad-cursor."""
        columns = t.import_run.c
        listed = [each for each in columns if each.name != "problems"]
        query = select(*listed).order_by(columns.at.desc(), columns.id.desc()).limit(limit)
        if cursor is not None:
            query = query.where(tuple_(columns.at, columns.id) < read_cursor(cursor))
        with self._engine.connect() as connection:
            return tuple(_import(row, ()) for row in connection.execute(query))

    def import_run(self, run_id: str) -> ImportLine | None:
        """Return one import, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.import_run).where(t.import_run.c.id == run_id)).one_or_none()
        return None if row is None else _import(row, tuple(json.loads(each) for each in json.loads(row.problems)))

    def price_lists(self) -> tuple[PriceListLine, ...]:
        """Return the names of our own lists with how much is in them."""
        columns = t.price.c
        query = (
            select(columns.price_list, func.count(), func.count(columns.gtin.distinct()))
            .group_by(columns.price_list)
            .order_by(columns.price_list)
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).all()
        return tuple(PriceListLine(price_list=name, prices=prices, items=items) for name, prices, items in found)

    def prices(
        self, price_list: str, day: str, gtin: str | None = None, limit: int = 1000, after: str = ""
    ) -> tuple[ListPrice, ...]:
        """Return the prices of one list by item, quantity and first day. day: ISO; after: GTIN to go on behind.

        limit: prices; the last item is whole or left to the next page, and the first is always whole.
        """
        columns = t.price.c
        of_list = select(t.price).where(columns.price_list == price_list)
        of_list = of_list.order_by(columns.gtin, columns.minimum, columns.valid_from)
        query = of_list.where(columns.gtin > after).limit(limit + 1)
        query = _where(query, t.price, gtin=gtin14(gtin) if gtin else None)
        with self._engine.connect() as connection:
            rows = list(connection.execute(query))
            if len(rows) > limit:
                cut = rows[-1].gtin
                rows = [row for row in rows if row.gtin != cut] or list(
                    connection.execute(of_list.where(columns.gtin == cut))
                )
        newest: dict[tuple[str, int], str] = {}
        for row in rows:
            if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to):
                newest[row.gtin, row.minimum] = row.valid_from
        return tuple(
            ListPrice(
                price_list=row.price_list,
                gtin=row.gtin,
                minimum=units(row.minimum),
                price=Decimal(row.price),
                currency=row.currency,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                in_force=newest.get((row.gtin, row.minimum)) == row.valid_from,
            )
            for row in rows
        )


def _where(query: Select[Any], table: Table, **equal: str | None) -> Select[Any]:
    for name, wanted in equal.items():
        if wanted:
            query = query.where(table.c[name] == wanted)
    return query


def _invoice(row: Row[Any]) -> InvoiceView:
    return InvoiceView(
        side=row.side,
        partner=row.partner,
        number=row.number,
        kind=row.kind,
        status=row.status,
        issued_on=row.issued_on,
        due_on=row.due_on,
        currency=row.currency,
        net=Decimal(row.net),
        tax=Decimal(row.tax),
        gross=Decimal(row.gross),
        open=Decimal(row.open),
        order=row.order_number,
        shipment=row.shipment_number,
        credits=row.credits,
        message=row.message,
        updated_at=moment(row.updated_at),
    )


def _invoice_detail(connection: Connection, row: Row[Any]) -> InvoiceView:
    lines, paid, cases = t.invoice_line, t.settlement, t.case
    key = {"side": row.side, "partner": row.partner, "invoice_number": row.number}
    of_invoice = _where(select(lines), lines, **key).order_by(lines.c.position)
    payments = _where(select(paid), paid, **key).order_by(paid.c.paid_on, paid.c.remittance)
    problems = (
        select(cases)
        .where(cases.c.closed_at.is_(None), cases.c.account == row.partner, cases.c.subject == row.number)
        .where(cases.c.code.in_(DIFFERENCES))
        .order_by(cases.c.code)
    )
    return replace(
        _invoice(row),
        lines=tuple(
            InvoiceLineView(
                number=line.number,
                gtin=line.gtin,
                quantity=units(line.quantity),
                price=optional_number(line.price),
                amount=Decimal(line.amount),
                order=line.order_number,
                order_line=line.order_line,
            )
            for line in connection.execute(of_invoice)
        ),
        payments=tuple(_payment(each) for each in connection.execute(payments)),
        differences=tuple(
            (each.code, str(as_mapping(each.params).get("items", ""))) for each in connection.execute(problems)
        ),
    )


def _payment(row: Row[Any]) -> PaymentLine:
    return PaymentLine(
        side=row.side,
        partner=row.partner,
        remittance=row.remittance,
        invoice=row.invoice_number,
        paid=Decimal(row.paid),
        adjustment=Decimal(row.adjustment),
        reason=row.reason,
        currency=row.currency,
        paid_on=row.paid_on,
        message=row.message,
    )


def _return(row: Row[Any]) -> ReturnView:
    return ReturnView(
        side=row.side,
        partner=row.partner,
        number=row.number,
        status=row.status,
        order=row.order_number,
        shipment=row.shipment_number,
        message=row.message,
        updated_at=moment(row.updated_at),
        lines=tuple(
            ReturnLineView(
                number=number,
                gtin=gtin,
                announced=Decimal(announced),
                instruction=instruction,
                received=Decimal(received),
            )
            for number, gtin, announced, instruction, received in json.loads(row.lines)
        ),
    )


def _import(row: Row[Any], problems: tuple[Any, ...]) -> ImportLine:
    return ImportLine(
        id=row.id,
        kind=row.kind,
        file=row.file,
        user=row.user,
        state=row.state,
        rows=row.rows,
        changed=row.changed,
        rejected=row.rejected,
        at=moment(row.at),
        updated_at=moment(row.updated_at),
        problems=problems,
    )
