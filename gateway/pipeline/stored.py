"""Store what prepare found: message rows, verdicts and the CONTRL, in one transaction; apply it in the same one where
nothing stands against that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from gateway.model.faults import PartnerFault
from gateway.model.partner import Partner
from gateway.pipeline.accept import message_lane
from gateway.pipeline.answers import Answering, control_parcel
from gateway.pipeline.apply import apply
from gateway.pipeline.book import Book
from gateway.pipeline.prepare import Prepared
from gateway.ports.journal import Tx
from gateway.ports.records import ArrivalRow, LaneClaim, MessageRow, NewInterchange, NewMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """parcels: how many were queued. ready: messages that may be applied at once, under the claim they were read by."""

    parcels: int
    ready: tuple[MessageRow, ...]


def process(
    tx: Tx,
    book: Book,
    claim: LaneClaim,
    readings: Sequence[tuple[ArrivalRow, Prepared]],
    now: datetime,
    new_id: Callable[[], str],
) -> int:
    """Store and apply arrival by arrival, all in the one transaction tx; return the number of parcels queued.

    Raises whatever stops one of them; the caller then rolls all back and goes step by step, which tells them apart.
    """
    parcels = 0
    for arrival, prepared in readings:
        stored = store_prepared(tx, book, claim, arrival, prepared, now, new_id)
        applied = [apply(tx, book, claim, row, now, new_id) for row in stored.ready]
        parcels += stored.parcels + sum(each.parcels for each in applied)
    return parcels


def store_prepared(
    tx: Tx,
    book: Book,
    claim: LaneClaim,
    arrival: ArrivalRow,
    prepared: Prepared,
    now: datetime,
    new_id: Callable[[], str],
) -> Stored:
    """Write the reading of arrival and the CONTRL it earns.

    An interchange that came before (same sender, receiver, reference and test flag) is kept but not applied again:
    its messages are quarantined and it gets no second CONTRL.
    """
    interchanges, found, repeats = _without_repeats(tx, arrival, prepared)
    sender = book.partners.get(arrival.partner)
    messages = found if sender is None else [_in_lane(each, sender, arrival) for each in found]
    ready = tx.store_prepared(claim, arrival.id, prepared.state, interchanges, messages, now)
    parcels = []
    for answer in prepared.answers:
        if answer.interchange in repeats:
            continue
        cause = next((each.id for each in messages if each.interchange == answer.interchange), None)
        test = interchanges[answer.interchange].test
        answering = Answering(tx=tx, book=book, now=now, new_id=new_id, cause=cause, test=test)
        partner = book.partner(answer.partner)
        about = interchanges[answer.interchange].reference
        parcels.append(control_parcel(answering, partner, answer.over, "CONTRL", list(answer.body), about))
    tx.add_parcels(parcels, now)
    for message in messages:
        if message.fault is not None and not message.test:
            params = {"message": message.id, "value": message.fault.value or ""}
            tx.add_case(arrival.partner, message.fault.code, message.business_number or message.id, params, now)
    rows = (_row(each, arrival, interchanges) for each in messages if each.id in ready)
    return Stored(parcels=len(parcels), ready=tuple(row for row in rows if row.lane == claim.lane))


def _row(new: NewMessage, arrival: ArrivalRow, interchanges: Sequence[NewInterchange]) -> MessageRow:
    """Return a message as messages_to_apply would give it."""
    within = None if new.interchange is None else interchanges[new.interchange]
    return MessageRow(
        id=new.id,
        arrival_id=arrival.id,
        position=new.position,
        lane=new.lane or arrival.lane,
        partner=arrival.partner,
        state=new.state,
        type=new.type,
        mapping=new.mapping,
        reference=new.reference,
        document=new.document,
        document_type=new.document_type,
        business_number=new.business_number,
        sources=new.sources,
        findings=new.findings,
        test=new.test,
        attempts=0,
        interchange_sender=within.sender if within else None,
        interchange_receiver=within.receiver if within else None,
        interchange_reference=within.reference if within else None,
        read=new.read,
        fresh=True,
    )


def _in_lane(message: NewMessage, sender: Partner, arrival: ArrivalRow) -> NewMessage:
    lane = message_lane(sender, message.type, arrival.lane)
    return replace(message, lane=lane, strict=sender.order == "strict")


def _set_aside(message: NewMessage, interchange: NewInterchange) -> NewMessage:
    """A repeat is over before it begins; other content under a used reference waits for a person."""
    if interchange.status == "repeat":
        note = replace(PartnerFault("interchange.repeat", value=interchange.reference).as_finding(), severity="info")
        return replace(message, state="done", fault=None, owner=None, findings=(note, *message.findings))
    fault = PartnerFault("interchange.reference-reused", value=interchange.reference).as_finding()
    return replace(message, state="quarantined", fault=fault, owner="partner")


def _without_repeats(
    tx: Tx, arrival: ArrivalRow, prepared: Prepared
) -> tuple[list[NewInterchange], list[NewMessage], set[int]]:
    interchanges, repeats = list(prepared.interchanges), set[int]()
    for index, interchange in enumerate(interchanges):
        if interchange.dedupe_key is None:
            continue
        key = sha256(interchange.dedupe_key.encode()).hexdigest()
        earlier = tx.earlier_interchange(key, interchange.digest, arrival.id)
        if earlier:
            repeats.add(index)
            interchanges[index] = replace(interchange, status=earlier)
    messages = []
    for message in prepared.messages:
        if message.interchange in repeats:
            messages.append(_set_aside(message, interchanges[message.interchange]))
        else:
            messages.append(message)
    return interchanges, messages, repeats
