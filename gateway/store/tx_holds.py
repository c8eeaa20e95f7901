"""Holds: work that a person has stopped, by partner, channel or document type. Receiving never stops."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, text, update

from gateway.model.faults import OurFault
from gateway.ports.records import Hold, HoldKind
from gateway.store.forms import dump, micros, moment
from gateway.store.message_statements import IS_HELD, STILL_BLOCKS
from gateway.store.prepared import Prepared, given
from gateway.store.tables import MESSAGE_OPEN, hold, message
from gateway.store.tx_messages import MessagesTx

_PUT = Prepared(
    lambda insert: insert(hold).on_conflict_do_update(
        index_elements=[hold.c.kind, hold.c.key],
        set_={"reason": given("reason"), "user": given("user"), "at": given("at")},
    ),
    ("kind", "key", "reason", "user", "at"),
)


def _parsed() -> tuple[ColumnElement[Any], ...]:
    """Messages that wait to be applied; those to be read again come back to it by themselves."""
    return text(f"message.{MESSAGE_OPEN}"), message.c.state != "received"  # type: ignore[return-value]


class HoldsTx(MessagesTx):
    """Partners, channels and document types that somebody holds."""

    def pause(self, kind: HoldKind, key: str, reason: str, user: str, now: datetime) -> None:
        """See ports.journal. A second call replaces the reason."""
        at = micros(now)
        before = self.connection.execute(select(hold.c.reason).where(hold.c.kind == kind, hold.c.key == key)).scalar()
        self._driver.run(_PUT, kind=kind, key=key, reason=reason, user=user, at=at)
        self._ask_again()
        held = self.connection.execute(
            update(message).where(*_parsed(), IS_HELD).values(state="held", next_at=None, updated_at=at)
            .returning(message.c.id)
        ).scalars().all()  # fmt: skip
        self._events([(each, "held", {"by": f"{kind} {key}"}) for each in held], now)
        self.audit(user, "hold.pause", f"{kind} {key}", before, dump({"reason": reason, "messages": len(held)}), now)

    def resume(self, kind: HoldKind, key: str, user: str, now: datetime) -> list[str]:
        """See ports.journal. What another hold still matches stays held."""
        gone = self.connection.execute(
            delete(hold).where(hold.c.kind == kind, hold.c.key == key).returning(hold.c.reason)
        ).scalar()
        if gone is None:
            raise OurFault("journal.not-paused", value=f"{kind} {key}")
        freed = self.connection.execute(
            update(message).where(message.c.state == "held", ~IS_HELD).values(state="parsed", updated_at=micros(now))
            .returning(message.c.id, message.c.lane)
        ).all()  # fmt: skip
        self._events([(row.id, "parsed", {"resumed": f"{kind} {key}"}) for row in freed], now)
        self.audit(user, "hold.resume", f"{kind} {key}", gone, dump({"messages": len(freed)}), now)
        return sorted({row.lane for row in freed})

    def holds(self) -> list[Hold]:
        found = self.connection.execute(select(hold).order_by(hold.c.at, hold.c.kind, hold.c.key))
        return [Hold(kind=row.kind, key=row.key, reason=row.reason, user=row.user, at=moment(row.at)) for row in found]

    def skip(self, message_id: str, user: str, reason: str, now: datetime) -> str:
        """See ports.journal."""
        row = self.connection.execute(select(message.c.lane, message.c.state).where(message.c.id == message_id)).first()
        if row is None:
            raise OurFault("journal.not-found", value=message_id)
        if not self._driver.run(STILL_BLOCKS, message=message_id):
            raise OurFault("journal.not-blocking", value=message_id, state=row.state)
        self._event(message_id, "skipped", now, user=user, reason=reason)
        self.audit(user, "message.skip", message_id, row.state, reason, now)
        return str(row.lane)
