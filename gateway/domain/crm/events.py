"""From what a document caused to what the customer record hears of: one flat event per fact, with its place.

Silences are events too. They follow from the other events and an instant alone, so that a rebuilt record has the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from gateway.domain.crm.activities import ACTIVITIES
from gateway.domain.crm.cases import TYPES
from gateway.domain.crm.lapse import FIXED_DAYS, silence
from gateway.domain.crm.rules import Direction, Event, Value
from gateway.domain.crm.troubles import ANSWER_LOW, TROUBLE, TROUBLE_OVER
from gateway.domain.days import later
from gateway.model.values import plain_number

# Kinds of activity that are about a supplier of ours; all others are about a customer
_SUPPLIER = ("purchase-", "supplier-", "bill", "proposal-")
_INVOICE_FACTS = ("gross", "net", "open", "status", "kind", "currency", "dueOn", "issuedOn", "order")
SILENT_NOTICE, SILENT, CAME = "customer-silent-notice", "customer-silent", "order-received"
OVERDUE, SETTLED = "invoice-overdue", "invoice-settled"
DOCUMENT_OVERDUE, DOCUMENT_CAME = "document-overdue", "document-came"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caused:
    """An effect as the journal keeps it. data: its canonical JSON form, read."""

    message: str
    kind: str
    key: str
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A document that had to come until due. came_at None: it has not."""

    partner: str
    document_type: str
    subject: str
    due: datetime
    came_at: datetime | None = None
    message: str | None = None  # that made us expect it


def kinds() -> frozenset[str]:
    """Return every kind of event there is, but for the problems, which are "problem:CODE" and "over:CODE"."""
    own = {SILENT_NOTICE, SILENT, OVERDUE, SETTLED, DOCUMENT_OVERDUE, DOCUMENT_CAME, TROUBLE, TROUBLE_OVER, ANSWER_LOW}
    states = {f"invoice-{each}" for each in ("open", "matched", "disputed", "paid", "credited")}
    returns = {f"return-{each}" for each in ("announced", "instructed", "refused", "received", "credited")}
    asked = {f"request:{each}" for each in TYPES}
    return frozenset(ACTIVITIES) | own | states | returns | asked | {"payment-short"}


def events_of(caused: Caused, direction_of: Mapping[str, Direction]) -> list[Event]:
    """Return the events of one effect, none for those that tell nothing of a partner.

    direction_of: what partners are to us, for effects that do not say.
    """
    data = caused.data
    match caused.kind:
        case "ActivityAdded":
            kind = str(data["kind"])
            side: Direction = "supplier" if kind.startswith(_SUPPLIER) else "customer"
            figures = {name: Decimal(value) for name, value in data.get("figures", {}).items()}
            return [_event(caused, kind, str(data["account"]), side, str(data["reference"]), figures)]
        case "CaseOpened" | "CaseClosed":
            account, code = str(data["account"]), str(data["code"])
            kind = f"{'problem' if caused.kind == 'CaseOpened' else 'over'}:{code}"
            facts = {name: _value(value) for name, value in data.get("params", {}).items()}
            side = direction_of.get(account, "customer")
            return [_event(caused, kind, account, side, _subject(code, data), facts)]
        case "InvoiceSaved":
            return [_of_side(caused, f"invoice-{data['status']}", _INVOICE_FACTS)]
        case "ReturnSaved":
            return [_of_side(caused, f"return-{data['status']}", ("order",))]
        case "PaymentSettled" if Decimal(str(data.get("adjustment", 0))) != 0:
            return [_of_side(caused, "payment-short", ("invoice", "paid", "adjustment", "reason"), "remittance")]
    return []


def _subject(code: str, data: Mapping[str, Any]) -> str:
    """What is wrong with a payment is a problem of its invoice, whichever remittance shows it."""
    told = str(data.get("params", {}).get("value", "")).partition(":")[0]
    return told if told and code.startswith("payment.") else str(data["subject"])


def _of_side(caused: Caused, kind: str, facts: Sequence[str], subject: str = "number") -> Event:
    data = caused.data
    side: Direction = "customer" if data["side"] == "sale" else "supplier"
    kept = {name: _value(data[name]) for name in facts if data.get(name) is not None}
    return _event(caused, kind, str(data["partner"]), side, str(data[subject]), kept)


def _event(caused: Caused, kind: str, account: str, side: Direction, subject: str, facts: Mapping[str, Value]) -> Event:
    return Event(
        id=f"{caused.message}:{caused.kind}:{caused.key}",
        kind=kind,
        at=caused.at,
        account=account,
        direction=side,
        subject=subject,
        facts=facts,
        message=caused.message,
    )


def _value(told: object) -> Value:
    """Numbers as numbers, all else as words: an article number with a leading zero, an order number like 12E5."""
    text = str(told)
    if text[:1] == "0" and len(text) > 1 and not text.startswith("0."):
        return text
    number = plain_number(text)
    return text if number is None else number


def silences(account: str, events: Iterable[Event], until: datetime, fixed_days: int = FIXED_DAYS) -> list[Event]:
    """Return every silence of an account up to an instant: orders that did not come in its rhythm, invoices that were
    still open the day after they were due. events: in the order of time."""
    told = list(events)
    return [*_missing_orders(account, told, until, fixed_days), *_overdue_invoices(account, told, until)]


def _missing_orders(account: str, events: Sequence[Event], until: datetime, fixed_days: int) -> list[Event]:
    days = sorted({each.at.astimezone(UTC).date() for each in events if each.kind == CAME})
    found: list[Event] = []
    for index, last in enumerate(days):
        before = days[max(0, index - 30) : index + 1]
        state = silence(before, last, fixed_days)
        assert state is not None  # it has ordered on that day
        end = days[index + 1] if index + 1 < len(days) else None
        facts = {"limitDays": _days(state.rhythm.limit_days), "gaps": Decimal(state.rhythm.gaps)}
        for kind, on in ((SILENT_NOTICE, state.notice_on), (SILENT, state.case_on)):
            at = _midnight(on)
            if at <= until and (end is None or end > on):
                found.append(
                    _silent(f"{kind}:{account}:{last.isoformat()}", kind, at, account, last.isoformat(), facts)
                )
    return found


def _days(value: float) -> Decimal:
    return Decimal(str(round(value, 1)))


def _overdue_invoices(account: str, events: Sequence[Event], until: datetime) -> list[Event]:
    """Look at each of our invoices as it stood on the day after it was due, and when it was no longer open."""
    found: list[Event] = []
    late: dict[str, Event] = {}
    pending: dict[str, tuple[datetime, Event]] = {}

    def ripen(now: datetime) -> None:
        for number, (at, invoice) in sorted(pending.items()):
            if at <= now:
                del pending[number]
                name = f"{OVERDUE}:{account}:{number}:{at.date().isoformat()}"
                late[number] = _silent(name, OVERDUE, at, account, number, invoice.facts)
                found.append(late[number])

    for each in events:
        if not each.kind.startswith("invoice-") or each.direction != "customer" or "open" not in each.facts:
            continue
        ripen(each.at)
        pending.pop(each.subject, None)
        due, owed = _day(each.facts.get("dueOn")), each.facts["open"]
        is_open = isinstance(owed, Decimal) and owed > 0 and each.facts.get("kind") == "invoice"
        if is_open and due is not None and each.subject not in late:
            pending[each.subject] = (max(_midnight(later(due, 1)), each.at), each)
        elif not is_open and each.subject in late:
            del late[each.subject]
            name = f"{SETTLED}:{account}:{each.subject}:{each.id}"
            found.append(_silent(name, SETTLED, each.at, account, each.subject, {}))
    ripen(until)
    return found


def document_events(expected: Expected, until: datetime, direction: Direction) -> list[Event]:
    """Return that a document was not there in time, and that it came after all."""
    if expected.due > until or (expected.came_at is not None and expected.came_at <= expected.due):
        return []
    name = f"{expected.partner}:{expected.document_type}:{expected.subject}"
    subject, facts = f"{expected.document_type}:{expected.subject}", {"documentType": expected.document_type}
    return [
        Event(
            id=f"{kind}:{name}",
            kind=kind,
            at=at,
            account=expected.partner,
            direction=direction,
            subject=subject,
            facts=facts,
            message=expected.message,
        )
        for kind, at in ((DOCUMENT_OVERDUE, expected.due), (DOCUMENT_CAME, expected.came_at))
        if at is not None
    ]


def _silent(name: str, kind: str, at: datetime, account: str, subject: str, facts: Mapping[str, Value]) -> Event:
    return Event(id=name, kind=kind, at=at, account=account, direction="customer", subject=subject, facts=facts)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _day(told: Value | None) -> date | None:
    try:
        return date.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
