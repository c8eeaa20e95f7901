"""Absence is an event too: which documents partners owe us, and which document ends the waiting.

The subject of what is owed in answer to something is the order's number; of a report, the day that it is about.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo

from gateway.domain.decision import Context, Decision
from gateway.domain.parties import day_of
from gateway.model.despatch_advice import DespatchAdvice, ReceivingAdvice
from gateway.model.documents import Document
from gateway.model.effects import DocumentExpected, Effect, ExpectationMet
from gateway.model.forecast import Forecast
from gateway.model.invoice import Invoice
from gateway.model.order import Order, OrderResponse
from gateway.model.order_change import OrderCancellation, OrderChange
from gateway.model.partner import Expected, Partner
from gateway.model.sales_report import InventoryReport, SalesReport
from gateway.model.values import DocumentRef, Moment, Period

MOST_DAYS = 400  # of a report: who sends years at once is not held to each day
AHEAD = timedelta(hours=36)  # how far the calendar is written down
BACK = timedelta(days=14)  # so much of a time in which nobody looked is made up for
GRACE = timedelta(hours=1)  # for what fell due while we were away: nobody could deliver it


def expectations(document: Document, context: Context, decision: Decision) -> tuple[Effect, ...]:
    """Return what partners owe because of document and of our answers, and what document itself makes good."""
    found: list[Effect] = []
    if context.partner.kind == "partner":
        found += _met(document, context.partner)
        found += _owed(document, context.partner, context)
    for answer in decision.answers:
        receiver = context.partners.get(answer.to)
        if receiver is not None and receiver.kind == "partner":
            found += _owed(answer.document, receiver, context)
    return tuple({(type(each), each.key): each for each in found}.values())


def _met(document: Document, partner: Partner) -> Iterator[Effect]:
    """A refused order ends the waiting for whatever would have followed it."""
    kind = type(document).__name__
    refused = isinstance(document, OrderResponse) and document.status == "rejected"
    for each in dict.fromkeys(e.document for e in partner.expects if e.document == kind or (refused and e.after)):
        for subject in subjects(document):
            yield ExpectationMet(key=f"met:{each}:{subject}", partner=partner.id, document_type=each, subject=subject)


def _owed(document: Document, partner: Partner, context: Context) -> Iterator[Effect]:
    kind = type(document).__name__
    if isinstance(document, OrderResponse) and document.status == "rejected":
        return
    for each in partner.expects:
        if each.after != kind:
            continue
        for subject in subjects(document):
            yield DocumentExpected(
                key=f"owed:{each.document}:{subject}",
                partner=partner.id,
                document_type=each.document,
                subject=subject,
                due=_due(each, document, context.now),
            )


def _due(expected: Expected, document: Document, now: datetime) -> datetime:
    """Return when it is due: so many hours from now, or before the goods shall arrive (never before now)."""
    arrival = _arrival(document)
    if expected.before_arrival and arrival is not None:
        moment = arrival if isinstance(arrival, datetime) else datetime.combine(arrival, time(), tzinfo=UTC)
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return now if aware <= now else max(now, aware - timedelta(hours=expected.hours))
    return now + timedelta(hours=expected.hours)


def _arrival(document: Document) -> Moment | None:
    match document:
        case Order():
            return document.requested_delivery
        case OrderResponse():
            return document.promised_delivery
        case DespatchAdvice():
            return document.estimated_delivery
        case _:
            return None


def subjects(document: Document) -> list[str]:
    """Return what document is about: order numbers, or days (ISO) of a report."""
    match document:
        case Order():
            return [document.id]
        case OrderChange() | OrderCancellation() | OrderResponse():
            return [document.order.id]
        case DespatchAdvice():
            return _orders(document.refs.order if document.refs else None, [line.order for line in document.lines])
        case ReceivingAdvice():
            return _orders(document.refs.order if document.refs else None, [line.order for line in document.lines])
        case Invoice():
            return _orders(document.refs.order if document.refs else None, [line.order for line in document.lines])
        case SalesReport():
            return _days([document.period, *(line.period for line in document.lines)], document.issued_at)
        case InventoryReport():
            at = [document.at, *(line.at for line in document.lines)]
            return sorted({day_of(each).isoformat() for each in at if each} or {day_of(document.issued_at).isoformat()})
        case Forecast():
            return [day_of(document.issued_at).isoformat()]
        case _:
            return []


def _orders(header: DocumentRef | None, lines: list[DocumentRef | None]) -> list[str]:
    found = [each.id for each in (header, *lines) if each is not None and each.id]
    return list(dict.fromkeys(found))


def _days(periods: list[Period | None], otherwise: Moment) -> list[str]:
    days: set[str] = set()
    for period in periods:
        if period is None:
            continue
        first = day_of(period.start)
        last = day_of(period.end) if period.end else first
        for n in range(min((last - first).days, MOST_DAYS) + 1):
            days.add((first + timedelta(days=n)).isoformat())
    return sorted(days or {day_of(otherwise).isoformat()})


def due_by_calendar(
    partner: Partner, now: datetime, zones: Mapping[str, tzinfo], since: datetime | None = None
) -> list[DocumentExpected]:
    """Return what partner owes by the calendar from now on, as far ahead as it is written down.

    since: when the calendar was written down last, where it should have been more often; what fell due meanwhile is due
    in an hour. None: nothing was missed.

    A local time that the clock change leaves out or has twice counts as Python's zone does (PEP 495, first one).
    """
    found = []
    began = now if since is None else max(since, now - BACK)
    for each in partner.expects:
        zone = zones.get(each.zone, UTC)
        clock = time.fromisoformat(each.by)
        for ahead in range((began.date() - now.date()).days - 1, 3):
            day = now.astimezone(zone).date() + timedelta(days=ahead)
            due = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
            if day.isoweekday() in each.days and began <= due < now + AHEAD:
                about = day - timedelta(days=1) if each.about == "yesterday" else day
                found.append(
                    DocumentExpected(
                        key=f"calendar:{each.document}:{about}",
                        partner=partner.id,
                        document_type=each.document,
                        subject=about.isoformat(),
                        due=due if due >= now else now + GRACE,
                    )
                )
    return found
