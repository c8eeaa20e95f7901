"""The statements of tx_messages, compiled once per dialect."""

from typing import Any

from sqlalchemy import func, select, text, update

from gateway.store.prepared import Inserter, Prepared, given
from gateway.store.tables import ARRIVAL_OPEN, MESSAGE_OPEN, arrival, interchange, message, payload
from gateway.store.tx_lanes import ARRIVAL_COLUMNS, is_due

_MESSAGE_COLUMNS = (
    message.c.id,
    message.c.arrival,
    message.c.position,
    message.c.lane,
    message.c.partner,
    message.c.state,
    message.c.type,
    message.c.mapping,
    message.c.reference,
    message.c.document,
    message.c.document_type,
    message.c.business_number,
    message.c.sources,
    message.c.findings,
    message.c.test,
    message.c.attempts,
    interchange.c.sender.label("interchange_sender"),
    interchange.c.receiver.label("interchange_receiver"),
    interchange.c.reference.label("interchange_reference"),
)


_READING_COLUMNS = (
    "state",
    "type",
    "mapping",
    "mapping_hash",
    "reference",
    "document_type",
    "document",
    "business_number",
    "findings",
    "sources",
    "fault",
    "fault_code",
    "owner",
    "start",
    "end",
    "test",
    "next_at",
    "updated_at",
)
_PLACE_COLUMNS = ("id", "seq", "arrival", "position", "interchange", "lane", "partner", "channel", "received_at")
ADD_MESSAGES = Prepared(lambda insert: insert(message).values(attempts=0), _PLACE_COLUMNS + _READING_COLUMNS)
BRINGER = Prepared(lambda _: select(arrival.c.received_at).where(arrival.c.id == given("arrival")))
_OPEN_ARRIVAL = (
    text(f"arrival.{ARRIVAL_OPEN}"),
    arrival.c.id == given("arrival"),
    arrival.c.lane == given("lane"),
)
MARK_PREPARED = Prepared(
    lambda _: (
        update(arrival)
        .where(*_OPEN_ARRIVAL)
        .values(state=given("state"), next_at=None, fault=None)
        .returning(arrival.c.seq, arrival.c.channel, arrival.c.partner, arrival.c.received_at)
    )
)
FINISH_ARRIVAL = Prepared(
    lambda _: (
        update(arrival)
        .where(*_OPEN_ARRIVAL)
        .values(state=given("state"), next_at=given("next_at"), fault=given("fault"))
    )
)
KNOWN = Prepared(
    lambda _: select(message.c.position, message.c.id, message.c.state).where(message.c.arrival == given("arrival"))
)
_INTERCHANGE_COLUMNS = ("syntax", "sender", "receiver", "reference", "test", "status", "findings")


def _put_interchange(insert: Inserter) -> Any:
    row = insert(interchange)
    return row.on_conflict_do_update(
        index_elements=[interchange.c.arrival, interchange.c.position],
        set_={name: row.excluded[name] for name in _INTERCHANGE_COLUMNS},
    ).returning(interchange.c.id)


PUT_INTERCHANGE = Prepared(_put_interchange, ("arrival", "position", *_INTERCHANGE_COLUMNS))
TO_APPLY = Prepared(
    lambda _: (
        select(*_MESSAGE_COLUMNS)
        .outerjoin(interchange, interchange.c.id == message.c.interchange)
        .where(
            text(f"message.{MESSAGE_OPEN}"),
            message.c.lane == given("lane"),
            message.c.state != "received",
            is_due(message.c.next_at),
        )
        .order_by(message.c.seq, message.c.position)
        .limit(given("limit"))
    )
)
TO_REPLAY = Prepared(
    lambda _: (
        select(*_MESSAGE_COLUMNS, *ARRIVAL_COLUMNS)
        .join(arrival, arrival.c.id == message.c.arrival)
        .join(payload, payload.c.sha256 == arrival.c.sha256)
        .outerjoin(interchange, interchange.c.id == message.c.interchange)
        .where(
            text(f"message.{MESSAGE_OPEN}"),
            message.c.lane == given("lane"),
            message.c.state == "received",
            text(f"NOT arrival.{ARRIVAL_OPEN}"),
        )
        .order_by(message.c.seq, message.c.position)
        .limit(given("limit"))
    )
)
FINISH_MESSAGE = Prepared(
    lambda _: (
        update(message)
        .where(text(f"message.{MESSAGE_OPEN}"), message.c.id == given("message"), message.c.lane == given("lane"))
        .values(
            state=given("state"),
            next_at=given("next_at"),
            updated_at=given("now"),
            fault=given("fault"),
            fault_code=given("fault_code"),
            owner=given("owner"),
            attempts=message.c.attempts + given("more_attempts"),
            findings=func.coalesce(given("findings"), message.c.findings),
        )
    )
)
