"""Prepare: decode, validate, map. Pure; runs in a worker process; no transaction is open.

The result says everything that was found, message by message: one bad message never holds the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from gateway.codecs.edifact_other import other_format
from gateway.codecs.first_bytes import syntax_of
from gateway.model.faults import Fault, PartnerFault
from gateway.model.partner import Partner
from gateway.pipeline.book import Book
from gateway.pipeline.read_edifact import ControlAnswer, read_edifact
from gateway.pipeline.read_single import read_csv, read_internal, read_json, read_xml, takes_csv
from gateway.ports.records import ArrivalRow, ArrivalState, NewInterchange, NewMessage

_NOTHING = b" \t\r\n\0\x1a\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """state: parsed when messages could be told apart, parked when not. Message ids are set by the caller.

    answers: the CONTRL each interchange gets, still without its own control reference.
    """

    state: ArrivalState
    interchanges: tuple[NewInterchange, ...] = ()
    messages: tuple[NewMessage, ...] = ()
    answers: tuple[ControlAnswer, ...] = ()


def prepare(book: Book, arrival: ArrivalRow) -> Prepared:
    """Read every message of arrival. Never raises a Fault: what is wrong is in the result."""
    partner = book.partners.get(arrival.partner)
    if partner is None:
        return _unreadable(arrival, PartnerFault("partner.unknown", value=arrival.partner))
    try:
        return _read(book, partner.on(arrival.received_at.date()), arrival)
    except Fault as fault:
        return _unreadable(arrival, fault)


def _read(book: Book, partner: Partner, arrival: ArrivalRow) -> Prepared:
    chunks = arrival.payload.chunks()
    head = next(iter(chunks), b"")
    whole: Iterable[bytes] = chain((head,), chunks)
    if arrival.channel == "internal":
        return Prepared(state="parsed", messages=(read_internal(whole, arrival.test),))
    match _syntax(book, partner, arrival, head):
        case "edifact":
            interchanges, messages, answers = read_edifact(book, partner, whole, arrival.test, arrival.received_at)
            return Prepared(
                state="parsed", interchanges=interchanges, messages=messages, answers=answers if messages else ()
            )
        case "xml":
            interchange, messages = read_xml(book, partner, whole, arrival.test)
        case "json":
            interchange, messages = read_json(book, partner, whole, arrival.test)
        case "csv":
            interchange, messages = read_csv(book, partner, whole, arrival.test, arrival.filename or "")
        case _:
            shown = "".join(each if each.isprintable() else "." for each in head[:40].decode("latin-1"))
            raise PartnerFault("message.syntax-unknown", value=shown)
    return Prepared(state="parsed", interchanges=(interchange,), messages=messages)


def _syntax(book: Book, partner: Partner, arrival: ArrivalRow, head: bytes) -> str:
    """CSV has no marks of its own: it is taken for one when it says so by type or name, or looks like nothing else."""
    named = arrival.content_type == "text/csv" or (arrival.filename or "").lower().endswith(".csv")
    found = syntax_of(head)
    tables = takes_csv(book, partner)
    if not found and not head.strip(_NOTHING):
        raise PartnerFault("message.blank")
    other = other_format(head) if not found and not named else None
    if other is not None and not (tables and other == "UTF-16"):  # a table may be written in it
        raise PartnerFault("message.other-format", value=other)
    return "csv" if tables and (named or not found) else found


def _unreadable(arrival: ArrivalRow, fault: Fault) -> Prepared:
    """One parked message stands for an arrival that cannot be read, so that it is seen and can be replayed."""
    message = NewMessage(
        id="",
        position=0,
        state="parked",
        type="?",
        findings=(*fault.findings, fault.as_finding()),
        fault=fault.as_finding(),
        owner=fault.owner,
        end=arrival.payload.size_bytes,
        test=arrival.test,
    )
    return Prepared(state="parsed", messages=(message,))
