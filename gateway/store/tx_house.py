"""Effects of our house and of the chain: items, prices, places, offers, invoices, settlements, returns, links,
expected documents. Each kind is written in bulk; a row of the same key is replaced."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from gateway.domain.expectations import subjects
from gateway.model import json_form
from gateway.model.effects import (
    CalendarSaved,
    CustomerSaved,
    DocumentExpected,
    DocumentLinked,
    Effect,
    ExpectationMet,
    InvoiceLineState,
    InvoiceSaved,
    ItemSaved,
    NumbersTaken,
    OfferSaved,
    PackSaved,
    PaymentSettled,
    PlaceSaved,
    PriceSaved,
    ReturnSaved,
    UnitShipped,
)
from gateway.store.agreements import DROP_CALENDAR, calendar_row, customer_row
from gateway.store.effect_rows import only
from gateway.store.forms import clip, dump, micros, milli, moment
from gateway.store.house_records import take_numbers
from gateway.store.prepared import Prepared, given
from gateway.store.replacing import replacing
from gateway.store.tables import (
    EXPECTATION_WAITING,
    account,
    expectation,
    invoice,
    invoice_line,
    item,
    item_pack,
    link,
    logistic_unit,
    message,
    offer,
    place,
    price,
    return_notice,
    settlement,
)
from gateway.store.tables_agreements import calendar, customer
from gateway.store.tx_open import lost_claim
from gateway.store.tx_parcels import ParcelsTx

Row = dict[str, Any]

_PUT_INVOICES = replacing(invoice)
_DELETE_INVOICE_LINES = Prepared(
    lambda _: invoice_line.delete().where(
        invoice_line.c.side == given("side"),
        invoice_line.c.partner == given("partner"),
        invoice_line.c.invoice_number == given("number"),
    )
)
_ADD_INVOICE_LINES = Prepared(lambda insert: insert(invoice_line), tuple(c.name for c in invoice_line.columns))


_PUT_CALENDARS = replacing(calendar)
_ADD_ACCOUNTS = Prepared(lambda insert: insert(account).on_conflict_do_nothing(), ("id", "figures"))
_ADD_LINKS = Prepared(
    lambda insert: insert(link).on_conflict_do_nothing(), tuple(column.name for column in link.columns)
)
_ADD_EXPECTATIONS = Prepared(
    lambda insert: insert(expectation).on_conflict_do_nothing(),
    ("partner", "document_type", "subject", "state", "due", "message"),
)
_MEET = Prepared(
    lambda _: (
        expectation.update()
        .where(
            expectation.c.partner == given("partner"),
            expectation.c.document_type == given("document_type"),
            expectation.c.subject == given("subject"),
            expectation.c.state == given("before"),
        )
        .values(state=given("after"), met_at=given("at"), met_by=given("message"))
    )
)


OVERDUE = "document.overdue"  # code of the case that an absent document opens


def overdue_subject(document_type: str, subject: str) -> str:
    return f"{document_type} {subject}"


class HouseTx(ParcelsTx):
    """What our house keeps of its business: calendars, invoices, and the documents that are expected."""

    def expect(self, expected: Sequence[DocumentExpected], came_since: datetime | None = None) -> None:
        """See ports.journal."""
        came: dict[tuple[str, str], set[str]] = {}
        for each in expected:
            key = (each.partner, each.document_type)
            if came_since is not None and key not in came:
                came[key] = self._came(*key, came_since)
            if each.subject not in came.get(key, ()):
                self._expect(each, None)

    def _came(self, partner: str, document_type: str, since: datetime) -> set[str]:
        """Return what a partner's documents of a type have been about, of those taken since then."""
        columns = message.c
        chosen = select(columns.document).where(
            columns.partner == partner,
            columns.received_at >= micros(since),
            columns.document_type == document_type,
            columns.state.in_(("applied", "done")),
        )
        taken = [json_form.loads(each) for each in self.connection.execute(chosen).scalars() if each]
        return {subject for document in taken for subject in subjects(document)}

    def overdue(self, now: datetime, limit: int) -> int:
        """See ports.journal."""
        at = micros(now)
        late = self.connection.execute(
            select(expectation)
            .where(text(EXPECTATION_WAITING), expectation.c.due < at)
            .order_by(expectation.c.due)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for row in late:
            self.connection.execute(
                expectation.update()
                .where(
                    expectation.c.partner == row.partner,
                    expectation.c.document_type == row.document_type,
                    expectation.c.subject == row.subject,
                )
                .values(state="overdue")
            )
            params = {"type": row.document_type, "subject": row.subject, "due": moment(row.due).isoformat()}
            subject = overdue_subject(row.document_type, row.subject)
            self.add_case(row.partner, OVERDUE, subject, {"value": row.subject, **params}, now)
        return len(late)

    def expectations_due(self, now: datetime) -> bool:
        """See ports.journal."""
        due = select(expectation.c.due).where(text(EXPECTATION_WAITING), expectation.c.due < micros(now)).limit(1)
        return self.connection.execute(due).first() is not None

    def _write_house(self, message_id: str, effects: Sequence[Effect], at: int) -> None:
        for kind, (statement, row) in _PLAIN.items():
            found = [each for each in effects if isinstance(each, kind)]
            if found:
                self._driver.many(statement, [row(each, message_id, at) for each in found])
        self._save_invoices(message_id, only(effects, InvoiceSaved), at)
        self._save_calendars(only(effects, CalendarSaved), at)
        self._driver.many(
            _ADD_ACCOUNTS, [{"id": each.account, "figures": "{}"} for each in only(effects, CustomerSaved)]
        )
        for each in effects:
            if isinstance(each, DocumentExpected):
                self._expect(each, message_id)
            elif isinstance(each, ExpectationMet):
                self._meet(each, message_id, at)
            elif isinstance(each, NumbersTaken) and not take_numbers(
                self.connection, each.range, each.start, each.last
            ):
                raise lost_claim(each.range)

    def _save_calendars(self, saved: Sequence[CalendarSaved], at: int) -> None:
        if not saved:
            return
        self._driver.many(_PUT_CALENDARS, [calendar_row(each, "", at) for each in saved if not each.drop])
        self._driver.many(DROP_CALENDAR, [calendar_row(each, "", at) for each in saved if each.drop])

    def _save_invoices(self, message_id: str, invoices: Sequence[InvoiceSaved], at: int) -> None:
        if not invoices:
            return
        last = {(each.side, each.partner, each.number): each for each in invoices}
        self._driver.many(_PUT_INVOICES, [_invoice(each, message_id, at) for each in last.values()])
        self._driver.many(
            _DELETE_INVOICE_LINES, [{"side": side, "partner": who, "number": number} for side, who, number in last]
        )
        self._driver.many(
            _ADD_INVOICE_LINES,
            [_invoice_line(each, position, line) for each in last.values() for position, line in enumerate(each.lines)],
        )

    def _expect(self, each: DocumentExpected, message_id: str | None) -> None:
        row = {
            "partner": each.partner,
            "document_type": each.document_type,
            "subject": clip(each.subject, expectation.c.subject),
            "state": "waiting",
            "due": micros(each.due),
            "message": message_id,
        }
        self._driver.many(_ADD_EXPECTATIONS, [row])

    def _meet(self, each: ExpectationMet, message_id: str, at: int) -> None:
        """The first document that meets it counts; one that was overdue becomes late."""
        subject = clip(each.subject, expectation.c.subject)
        for before, after in (("waiting", "met"), ("overdue", "late")):
            changed = self._driver.run(
                _MEET,
                partner=each.partner,
                document_type=each.document_type,
                subject=subject,
                before=before,
                after=after,
                at=at,
                message=message_id,
            )
            if changed and after == "late":
                self.close_cases(each.partner, [overdue_subject(each.document_type, each.subject)], moment(at))


def _item(each: ItemSaved, _: str, at: int) -> Row:
    record = each.item
    return {
        "gtin": record.gtin,
        "name": clip(record.name, item.c.name),
        "name_zh": clip(record.name_zh, item.c.name_zh),
        "unit": record.unit,
        "supplier": record.supplier,
        "supplier_item": record.supplier_item,
        "pack": format(record.pack, "f"),
        "sales_price": None if record.sales_price is None else format(record.sales_price, "f"),
        "purchase_price": None if record.purchase_price is None else format(record.purchase_price, "f"),
        "currency": record.currency,
        "active": record.active,
        "category": record.category,
        "substitute": record.substitute,
        "updated_at": at,
    }


def _pack(each: PackSaved, _: str, at: int) -> Row:
    return {
        "gtin": each.gtin,
        "inner": each.inner,
        "contents": milli(each.contents),
        "level": each.level,
        "updated_at": at,
    }


def _price(each: PriceSaved, _: str, at: int) -> Row:
    return {
        "price_list": each.price_list,
        "gtin": each.gtin,
        "minimum": milli(each.minimum),
        "valid_from": each.valid_from.isoformat(),
        "valid_to": None if each.valid_to is None else each.valid_to.isoformat(),
        "price": format(each.price, "f"),
        "currency": each.currency,
        "updated_at": at,
    }


def _place(each: PlaceSaved, _: str, at: int) -> Row:
    return {
        "gln": each.gln,
        "name": clip(each.name, place.c.name),
        "kind": each.kind,
        "partner": each.partner,
        "data": dump(dict(each.data)),
        "updated_at": at,
    }


def _offer(each: OfferSaved, message_id: str, at: int) -> Row:
    return {
        "supplier": each.supplier,
        "gtin": each.gtin,
        "kind": each.kind,
        "minimum": milli(each.minimum),
        "valid_from": each.valid_from.isoformat(),
        "valid_to": None if each.valid_to is None else each.valid_to.isoformat(),
        "price": format(each.price, "f"),
        "currency": each.currency,
        "name": clip(each.name, offer.c.name),
        "supplier_item": clip(each.supplier_item, offer.c.supplier_item),
        "increment": milli(each.increment),
        "lead_time_days": each.lead_time_days,
        "withdrawn": each.withdrawn,
        "message": message_id,
        "updated_at": at,
    }


def _settlement(each: PaymentSettled, message_id: str, _: int) -> Row:
    return {
        "side": each.side,
        "partner": each.partner,
        "remittance": each.remittance,
        "invoice_number": each.invoice,
        "paid": format(each.paid, "f"),
        "currency": each.currency,
        "paid_on": each.paid_on.isoformat(),
        "adjustment": format(each.adjustment, "f"),
        "reason": clip(each.reason, settlement.c.reason),
        "message": message_id,
    }


def _return(each: ReturnSaved, message_id: str, at: int) -> Row:
    lines = [
        [number, gtin, format(units, "f"), instruction, format(received, "f")]
        for number, gtin, units, instruction, received in each.lines
    ]
    return {
        "side": each.side,
        "partner": each.partner,
        "number": each.number,
        "status": each.status,
        "order_number": each.order,
        "shipment_number": each.shipment,
        "lines": dump(lines),
        "document": None if each.document is None else json_form.dumps(each.document),
        "message": message_id,
        "effect_key": each.key,
        "updated_at": at,
    }


def _link(each: DocumentLinked, message_id: str, at: int) -> Row:
    return {
        "side": each.side,
        "partner": each.partner,
        "source_type": each.source_type,
        "source": clip(each.source, link.c.source),
        "to_type": each.to_type,
        "to": clip(each.to, link.c.to),
        "message": message_id,
        "at": at,
    }


def _unit(each: UnitShipped, message_id: str, at: int) -> Row:
    return {
        "sscc": each.sscc,
        "partner": each.partner,
        "shipment_number": clip(each.shipment, logistic_unit.c.shipment_number),
        "message": message_id,
        "effect_key": each.key,
        "used_at": at,
    }


def _invoice(each: InvoiceSaved, message_id: str, at: int) -> Row:
    return {
        "side": each.side,
        "partner": each.partner,
        "number": each.number,
        "kind": each.kind,
        "status": each.status,
        "issued_on": each.issued_on.isoformat(),
        "due_on": None if each.due_on is None else each.due_on.isoformat(),
        "currency": each.currency,
        "net": format(each.net, "f"),
        "tax": format(each.tax, "f"),
        "gross": format(each.gross, "f"),
        "open": format(each.open, "f"),
        "order_number": each.order,
        "shipment_number": each.shipment,
        "credits": each.credits,
        "document": None if each.document is None else json_form.dumps(each.document),
        "message": message_id,
        "effect_key": each.key,
        "updated_at": at,
    }


def _invoice_line(each: InvoiceSaved, position: int, line: InvoiceLineState) -> Row:
    return {
        "side": each.side,
        "partner": each.partner,
        "invoice_number": each.number,
        "number": line.number,
        "position": position,
        "gtin": line.gtin,
        "quantity": milli(line.quantity),
        "price": None if line.price is None else format(line.price, "f"),
        "amount": format(line.amount, "f"),
        "order_number": line.order,
        "order_line": line.order_line,
    }


_PLAIN: Mapping[type, tuple[Prepared, Callable[[Any, str, int], Row]]] = {
    ItemSaved: (replacing(item), _item),
    PackSaved: (replacing(item_pack), _pack),
    PriceSaved: (replacing(price), _price),
    PlaceSaved: (replacing(place), _place),
    CustomerSaved: (replacing(customer), customer_row),
    OfferSaved: (replacing(offer), _offer),
    PaymentSettled: (replacing(settlement), _settlement),
    ReturnSaved: (replacing(return_notice), _return),
    DocumentLinked: (_ADD_LINKS, _link),
    UnitShipped: (replacing(logistic_unit), _unit),
}
