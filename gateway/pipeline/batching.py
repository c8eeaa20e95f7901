"""Several messages in one interchange, by agreement: they wait as parcels, and go when enough are there or the first of
them has waited long enough.

A lot is what may go together: one partner, channel and mapping, live or test, written in one form. Waiting is a row
like any other; what makes a lot full, and what its timer does, is one transaction each, so nothing is lost or sent
twice however the process ends.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.codecs.envelope import OutMessage, interchange_around, write_message
from gateway.model.edifact_terms import Outgoing
from gateway.model.partner import Agreement, Partner
from gateway.model.payload import read_all
from gateway.pipeline.book import Book
from gateway.pipeline.writing import CONTENT_TYPES, Answering, header, line_end, marks_of
from gateway.ports.journal import Tx
from gateway.ports.records import NewParcel

BATCH = "batch"  # kind of a lot's timer
MESSAGE_LIMIT_BYTES = 100_000_000
TRY_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What may go together. The form (level to line ends) is kept: a setting that changes while messages wait must not
    put bytes of one form into an envelope of another."""

    partner: str
    over: str
    mapping: str
    test: bool
    asks: bool
    level: str
    version: str
    decimal: str
    line_ends: bool

    @property
    def key(self) -> str:
        return json.dumps([getattr(self, name) for name in self.__slots__], separators=(",", ":"))

    @classmethod
    def of(cls, key: str) -> "Lot":
        return cls(**dict(zip(cls.__slots__, json.loads(key), strict=True)))

    def terms(self, now: Outgoing) -> Outgoing:
        """Return the partner's terms of today, in the form of the lot."""
        return replace(
            now,
            level=self.level,
            version=self.version,  # type: ignore[arg-type]  # was one of the literals when the key was made
            decimal=self.decimal,  # type: ignore[arg-type]
            line_ends=self.line_ends,
        )


def waiting(parcel: NewParcel, out: OutMessage, partner: Partner, agreement: Agreement, now: datetime) -> NewParcel:
    """Return parcel as one that waits: its bytes are the message alone.

    Raises OurFault edifact.character-unwritable.
    """
    terms = partner.edifact.write
    lot = Lot(
        partner=partner.id,
        over=agreement.over,
        mapping=agreement.mapping,
        test=parcel.test,
        asks=agreement.contrl and terms.ask_contrl,
        level=terms.level,
        version=terms.version,
        decimal=terms.decimal,
        line_ends=terms.line_ends,
    )
    written = write_message(
        out, marks_of(terms), terms.level, line_end=line_end(terms), transliterate=terms.transliterate
    )
    return replace(
        parcel,
        payload=written,
        lot=lot.key,
        message_reference=out.reference,
        flush_at=now + timedelta(seconds=terms.batch_wait_s),
    )


def send_full_lots(answering: Answering, parcels: Sequence[NewParcel]) -> None:
    """Send what has become full with the parcels that were just added."""
    for key in dict.fromkeys(each.lot for each in parcels if each.lot):
        count = answering.book.partner(Lot.of(key).partner).edifact.write.batch_count
        if answering.tx.count_waiting(key) >= count:
            _send(answering, key, count)


def send_due_lot(tx: Tx, book: Book, key: str, now: datetime, new_id: Callable[[], str]) -> int:
    """Send a lot whose time has come; return the number of messages in it, 0 when they have gone already.

    Raises OurFault partner.unknown, partner.no-gln: the messages wait on, see put_off.
    """
    lot = Lot.of(key)
    count = max(book.partner(lot.partner).edifact.write.batch_count, 1)
    return _send(Answering(tx=tx, book=book, now=now, new_id=new_id, cause=None, test=lot.test), key, count)


def put_off(tx: Tx, key: str, code: str, now: datetime) -> None:
    """Say that a lot could not be sent, and try again later."""
    lot = Lot.of(key)
    tx.add_case(lot.partner, code, lot.mapping, {"value": lot.mapping}, now)
    tx.put_off_lot(key, now + TRY_AGAIN)


def _send(answering: Answering, key: str, limit: int) -> int:
    """Put up to limit waiting messages into one interchange; the rest, if any, waits on."""
    tx, lot = answering.tx, Lot.of(key)
    partner = answering.book.partner(lot.partner)
    found = tx.waiting_parcels(key, limit)
    if not found:
        tx.end_lot(key)
        return 0
    terms = lot.terms(partner.edifact.write)
    partner = replace(partner, edifact=replace(partner.edifact, write=terms))
    control = tx.control_reference(partner.id, terms.first, terms.last)
    payload = interchange_around(
        header(answering, partner, control, lot.test, asks=lot.asks),
        [read_all(each.payload, MESSAGE_LIMIT_BYTES) for each in found],
        marks=marks_of(terms),
        line_end=line_end(terms),
        una=terms.una,
    )
    waits = [each.due - each.created_at for each in found if each.due is not None]
    carrier = NewParcel(
        id=answering.new_id(),
        partner=partner.id,
        channel=lot.over,
        mapping=lot.mapping,
        document_type="Interchange",
        payload=payload,
        content_type=CONTENT_TYPES["edifact"],
        filename=f"{lot.mapping.partition('/')[2]}-{control}.edi",
        control_reference=control,
        test=lot.test,
        expects=next((each.expects for each in found if each.expects), None),
        due=answering.now + min(waits) if waits else None,
    )
    tx.add_parcels([carrier], answering.now)
    tx.carry(carrier.id, [each.id for each in found], key, answering.now)
    return len(found)
