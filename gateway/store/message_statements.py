"""The statements of tx_messages, compiled once per dialect."""

from typing import Any

from sqlalchemy import Boolean, and_, func, not_, or_, select, text, update

from gateway.store.prepared import Inserter, Prepared, given
from gateway.store.tables import (
    ARRIVAL_OPEN,
    MESSAGE_BLOCKS,
    MESSAGE_OPEN,
    arrival,
    hold,
    interchange,
    message,
    payload,
)
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
    message.c.seq,
    message.c.blocks,
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
    "fault_place",
    "owner",
    "start",
    "end",
    "test",
    "next_at",
    "updated_at",
    "blocks",
)
_PLACE_COLUMNS = ("id", "seq", "arrival", "position", "interchange", "lane", "partner", "channel", "received_at")
ADD_MESSAGES = Prepared(lambda insert: insert(message).values(attempts=0), _PLACE_COLUMNS + _READING_COLUMNS)
BRINGER = Prepared(lambda _: select(arrival.c.received_at, arrival.c.origin).where(arrival.c.id == given("arrival")))
_OPEN_ARRIVAL = (
    text(f"arrival.{ARRIVAL_OPEN}"),
    arrival.c.id == given("arrival"),
    arrival.c.lane == given("lane"),
)
MARK_PREPARED = Prepared(
    lambda _: (
        update(arrival)
        .where(*_OPEN_ARRIVAL)
        .values(
            state=given("state"),
            next_at=None,
            fault=None,
            fault_code=None,
            fault_place="",
            alone=given("alone", Boolean()),
        )
        .returning(arrival.c.seq, arrival.c.channel, arrival.c.partner, arrival.c.received_at)
    )
)
FINISH_ARRIVAL = Prepared(
    lambda _: (
        update(arrival)
        .where(*_OPEN_ARRIVAL)
        .values(
            state=given("state"),
            next_at=given("next_at"),
            fault=given("fault"),
            fault_code=given("fault_code"),
            fault_place=given("fault_place"),
        )
    )
)
FINDINGS = Prepared(lambda _: select(message.c.findings).where(message.c.id == given("message")))
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
_earlier = message.alias("earlier")
IS_HELD = (  # a person has paused its partner, channel or type
    select(hold.c.key)
    .where(
        or_(
            and_(hold.c.kind == "partner", hold.c.key == message.c.partner),
            and_(hold.c.kind == "channel", hold.c.key == message.c.channel),
            and_(hold.c.kind == "type", or_(hold.c.key == message.c.document_type, hold.c.key == message.c.type)),
        )
    )
    .exists()
)
ANY_HOLD = Prepared(lambda _: select(hold.c.key).limit(1))
ARRIVAL_OF = Prepared(lambda _: select(message.c.arrival).where(message.c.id == given("message")))
HOLD_NEW = Prepared(
    lambda _: (
        update(message)
        .where(message.c.arrival == given("arrival"), message.c.state == "parsed", IS_HELD)
        .values(state="held", updated_at=given("now"))
        .returning(message.c.id)
    )
)
_BLOCKED = (  # an unfinished message of a strict lane stands before this one
    select(_earlier.c.id)
    .where(
        text("earlier.blocks"),
        _earlier.c.lane == message.c.lane,
        or_(
            _earlier.c.seq < message.c.seq,
            and_(_earlier.c.seq == message.c.seq, _earlier.c.position < message.c.position),
        ),
    )
    .exists()
)
IS_BLOCKED = Prepared(
    lambda _: select(message.c.id).where(message.c.id == given("message"), text("message.blocks"), _BLOCKED)
)
STUCK = Prepared(  # the first message of the lane that cannot be applied now, if it holds the others back
    lambda _: (
        select(message.c.seq, message.c.position)
        .where(
            text(f"message.{MESSAGE_BLOCKS}"),
            message.c.lane == given("lane"),
            or_(
                and_(message.c.state != "parsed", message.c.state != "retry"),
                and_(message.c.state == "retry", message.c.next_at > given("now")),
            ),
        )
        .order_by(message.c.seq, message.c.position)
        .limit(1)
    )
)
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
STILL_BLOCKS = Prepared(
    lambda _: update(message).where(message.c.id == given("message"), text("message.blocks")).values(blocks=False)
)
FINISH_MESSAGE = Prepared(
    lambda _: (
        update(message)
        .where(
            text(f"message.{MESSAGE_OPEN}"),
            message.c.id == given("message"),
            message.c.lane == given("lane"),
            not_(and_(message.c.blocks, _BLOCKED)),
        )
        .values(
            state=given("state"),
            next_at=given("next_at"),
            updated_at=given("now"),
            fault=given("fault"),
            fault_code=given("fault_code"),
            fault_place=given("fault_place"),
            owner=given("owner"),
            blocks=and_(message.c.blocks, given("unfinished", Boolean())),
            attempts=message.c.attempts + given("more_attempts"),
            findings=func.coalesce(given("findings"), message.c.findings),
        )
    )
)
