"""What every part of a transaction shares: the connection, payload rows, the timeline, and the guard of claims."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, or_, select, update
from sqlalchemy.dialects.sqlite import Insert

from gateway.model.faults import OurFault
from gateway.model.payload import MemoryPayload, Payload, read_all
from gateway.ports.records import LaneClaim
from gateway.ports.shell import Blobs
from gateway.store.blobs import ROW_LIMIT_BYTES, RowPayload
from gateway.store.database import insert_for
from gateway.store.forms import dump, micros
from gateway.store.in_hand import InHand
from gateway.store.months import month_of
from gateway.store.prepared import Driver, Inserter, Prepared, given
from gateway.store.tables import event, lane, message, parcel, payload

T = TypeVar("T")

SETTLED = ("accepted", "refused", "parked", "expired")  # parcel states after which nothing more is awaited

_SEEN_EPOCH = Prepared(
    lambda _: select(lane.c.epoch).where(lane.c.key == given("lane"), lane.c.epoch == given("epoch"))
)
_LOCKED_EPOCH = Prepared(
    lambda _: select(lane.c.epoch).where(lane.c.key == given("lane"), lane.c.epoch == given("epoch")).with_for_update()
)
_LOCKED_MESSAGE = Prepared(lambda _: select(message.c.id).where(message.c.id == given("message")).with_for_update())
_ADD_EVENTS = Prepared(lambda insert: insert(event), ("at", "subject", "what", "data"))


def _add_payload(insert: Inserter) -> Any:
    row = insert(payload)
    newer = payload.c.month < row.excluded.month  # the same bytes again, later: they must outlive their first month
    return row.on_conflict_do_update(
        index_elements=[payload.c.sha256], set_={"month": row.excluded.month}, where=newer
    )  # fmt: skip


_ADD_PAYLOAD = Prepared(_add_payload, ("sha256", "size_bytes", "data", "month"))
_AWAITED = Prepared(
    lambda _: (
        select(parcel.c.id)
        .where(
            parcel.c.cause == given("message"),
            *(parcel.c.state != settled for settled in SETTLED),
            or_(parcel.c.state != "acked", parcel.c.expects.is_not(None)),
        )
        .limit(1)
    )
)
_CLOSE = Prepared(
    lambda _: (
        update(message)
        .where(message.c.id == given("message"), message.c.state == "applied")
        .values(state="done", updated_at=given("now"))
    )
)


def _data_text(data: Mapping[str, object]) -> str:
    kept = {name: value for name, value in data.items() if value is not None}
    return dump(kept) if kept else "{}"


def lost_claim(what: str) -> OurFault:
    """The row is no longer as this owner left it: another owner has taken over."""
    return OurFault("journal.lost-claim", value=what)


class OpenTx:
    """One open transaction. Made per work, used by one thread. reading: it must not lock."""

    def __init__(self, connection: Connection, blobs: Blobs, *, reading: bool = False) -> None:
        self.connection = connection
        self._epoch = _SEEN_EPOCH if reading else _LOCKED_EPOCH
        self._blobs = blobs
        self._driver = Driver(connection)
        self._checked: set[LaneClaim] = set()
        self._in_hand = InHand()
        self._several_writers = connection.dialect.name == "postgresql"

    def flush(self) -> None:
        """Write what was left for the end of the work. The journal calls it."""
        self._in_hand.write(self._driver)
        self._driver.flush()

    def _insert(self, table: Table) -> Insert:
        return insert_for(self.connection.dialect.name, table)

    def _check(self, claim: LaneClaim) -> None:
        """Refuse a claim whose lane has got a new epoch. Holds until the transaction ends: the lane row is locked."""
        if claim in self._checked:
            return
        held = self._driver.first(self._epoch, lane=claim.lane, epoch=claim.epoch)
        if held is None:
            raise lost_claim(claim.lane)
        self._checked.add(claim)

    def _event(self, subject: str, what: str, now: datetime, **data: object) -> None:
        self._events([(subject, what, data)], now)

    def _events(self, entries: Iterable[tuple[str, str, Mapping[str, object]]], now: datetime) -> None:
        at = micros(now)
        rows = [
            {"at": at, "subject": subject, "what": what, "data": _data_text(data)} for subject, what, data in entries
        ]
        self._driver.later(_ADD_EVENTS, rows)

    def _keep(self, found: Payload, now: datetime) -> str:
        """Keep a payload's bytes, in its row or as a blob, and return the digest."""
        row = self._payload_row(found, now)
        self._driver.run(_ADD_PAYLOAD, **row)
        return found.sha256

    def _keep_later(self, found: Payload, now: datetime) -> str:
        """Keep it when what refers to it is written, later too."""
        self._driver.later(_ADD_PAYLOAD, [self._payload_row(found, now)])
        return found.sha256

    def _payload_row(self, found: Payload, now: datetime) -> dict[str, Any]:
        data = None
        if found.size_bytes <= ROW_LIMIT_BYTES:
            data = read_all(found, ROW_LIMIT_BYTES)
        else:
            self._blobs.put(found)
        return {"sha256": found.sha256, "size_bytes": found.size_bytes, "data": data, "month": month_of(now)}

    def _keep_bytes(self, data: bytes, now: datetime) -> str:
        if len(data) > ROW_LIMIT_BYTES:
            return self._keep(MemoryPayload(data), now)
        digest = sha256(data).hexdigest()
        self._driver.run(_ADD_PAYLOAD, sha256=digest, size_bytes=len(data), data=data, month=month_of(now))
        return digest

    def _payload(self, digest: str, size_bytes: int, data: bytes | None) -> Payload:
        return self._blobs.get(digest) if data is None else RowPayload(digest, size_bytes, data)

    def _close_if_final(self, message_id: str | None, now: datetime) -> None:
        """An applied message is done when nothing that it caused is still on its way.

        Its row is locked first: of two parcels that are settled side by side the second must see the first.
        """
        if message_id is None:
            return
        if self._several_writers:
            self._driver.first(_LOCKED_MESSAGE, message=message_id)
        if self._parcels_awaited(message_id):
            return
        if self._driver.run(_CLOSE, message=message_id, now=micros(now)):
            self._event(message_id, "done", now)

    def _parcels_awaited(self, message_id: str) -> bool:
        return self._driver.first(_AWAITED, message=message_id) is not None

    def _once(self, name: Hashable, ask: Callable[[], T]) -> T:
        """Return what the records say to ask, which is not asked again before _ask_again: a batch of messages shares
        what hardly ever changes."""
        known = self._in_hand.answers
        if name not in known:
            known[name] = ask()
        found: T = known[name]
        return found

    def _ask_again(self) -> None:
        """What _once has answered is about to change."""
        self._in_hand.answers.clear()


def exactly_one(hit: int, what: str) -> None:
    """Raises OurFault journal.lost-claim unless the guarded update hit its row."""
    if hit != 1:
        raise lost_claim(what)
