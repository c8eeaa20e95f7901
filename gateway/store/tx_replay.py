"""Replay: a person puts parked work back to where its bytes are read again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from gateway.model.faults import OurFault
from gateway.ports.records import ArrivalRow
from gateway.store.forms import AnyRow, micros
from gateway.store.prepared import Prepared, given
from gateway.store.tables import arrival, message, payload
from gateway.store.tables_mappings import reread_with
from gateway.store.tx_lanes import ARRIVAL_COLUMNS, arrival_row
from gateway.store.tx_records import RecordsTx

UNREAD = "?"  # type of the message that stands for an arrival nobody could read
REPLAYABLE = ("parked", "quarantined", "held")


_ARRIVAL_OF = Prepared(
    lambda _: (
        select(*ARRIVAL_COLUMNS)
        .join(payload, payload.c.sha256 == arrival.c.sha256)
        .where(
            or_(
                arrival.c.id == given("wanted"),
                arrival.c.id == select(message.c.arrival).where(message.c.id == given("wanted")).scalar_subquery(),
            )
        )
    )
)


class ReplayTx(RecordsTx):
    def replay(self, message_or_arrival_id: str, user: str, now: datetime) -> list[str]:
        """See ports.journal. Attempts count from 0 again. The old fault stays shown until the bytes are read again."""
        wanted = message_or_arrival_id
        columns = (message.c.id, message.c.lane, message.c.state, message.c.type, message.c.arrival)
        messages = self.connection.execute(
            select(*columns).where(or_(message.c.id == wanted, message.c.arrival == wanted)).with_for_update()
        ).all()
        arrivals = self.connection.execute(
            select(arrival.c.id, arrival.c.lane, arrival.c.state).where(arrival.c.id == wanted).with_for_update()
        ).all()
        if not messages and not arrivals:
            raise OurFault("journal.not-found", value=wanted)
        chosen = [row for row in (*arrivals, *messages) if row.state in REPLAYABLE]
        if not chosen:
            states = ", ".join(sorted({str(row.state) for row in (*messages, *arrivals)}))
            raise OurFault("journal.not-replayable", value=wanted, state=states)
        at = micros(now)
        fresh = {"state": "received", "next_at": at, "attempts": 0}  # due at once, and waiting from now on
        parked = [row.id for row in messages if row.state in REPLAYABLE]
        if parked:
            self.connection.execute(update(message).where(message.c.id.in_(parked)).values(**fresh, updated_at=at))
            self.connection.execute(delete(reread_with).where(reread_with.c.message.in_(parked)))
        whole = {row.arrival for row in messages if row.state in REPLAYABLE and row.type == UNREAD}
        whole |= {row.id for row in arrivals if row.state in REPLAYABLE}
        for each in whole:  # the bytes may hold more messages than the one that stood for them
            self.connection.execute(update(arrival).where(arrival.c.id == each).values(**fresh))
        self._tell(chosen, user, now)
        return sorted({row.lane for row in chosen})

    def arrival_of(self, message_or_arrival_id: str) -> ArrivalRow:
        """See ports.journal."""
        row = self._driver.first(_ARRIVAL_OF, wanted=message_or_arrival_id)
        if row is None:
            raise OurFault("journal.not-found", value=message_or_arrival_id)
        return arrival_row(row, self._payload(row.sha256, row.size_bytes, row.data))

    def _tell(self, chosen: Iterable[AnyRow], user: str, now: datetime) -> None:
        for row in chosen:
            self._event(row.id, "replayed", now, user=user, was=row.state)
            self.audit(user, "message.replay", row.id, row.state, "received", now)
