"""Legal holds: records that may not be dropped, whatever their time. Made and released by people, never deleted."""

from datetime import datetime

from sqlalchemy import insert, select, update

from gateway.model.faults import OurFault
from gateway.ports.retention import LegalHold
from gateway.store.forms import AnyRow, dump, micros, moment, optional_micros
from gateway.store.tables import legal_hold
from gateway.store.tx_records import RecordsTx


class LegalHoldsTx(RecordsTx):
    """Legal holds of the journal's transaction."""

    def hold_records(
        self,
        hold_id: str,
        reason: str,
        user: str,
        now: datetime,
        *,
        partner: str | None = None,
        type: str | None = None,  # noqa: A002 - the word of the field
        subject: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> LegalHold:
        """See ports.journal."""
        if not any((partner, type, subject, since, until)):
            raise OurFault("journal.hold-empty")
        conditions = {
            "partner": partner,
            "type": type,
            "subject": subject,
            "since": optional_micros(since),
            "until": optional_micros(until),
        }
        row = {"id": hold_id, "reason": reason, "user": user, "at": micros(now), **conditions}
        self.connection.execute(insert(legal_hold), row)
        self.audit(user, "records.hold", hold_id, None, dump({"reason": reason, **conditions}), now)
        return self._legal_hold(hold_id)

    def release_records(self, hold_id: str, user: str, reason: str, now: datetime) -> LegalHold:
        """See ports.journal."""
        freed = self.connection.execute(
            update(legal_hold)
            .where(legal_hold.c.id == hold_id, legal_hold.c.released_at.is_(None))
            .values(released_at=micros(now))
        )
        if freed.rowcount != 1:
            raise OurFault("journal.hold-unknown", value=hold_id)
        found = self._legal_hold(hold_id)
        self.audit(user, "records.release", hold_id, dump({"reason": found.reason}), dump({"reason": reason}), now)
        return found

    def legal_holds(self) -> list[LegalHold]:
        """See ports.journal."""
        return [
            _legal_hold(row) for row in self.connection.execute(select(legal_hold).order_by(legal_hold.c.at.desc()))
        ]

    def _legal_hold(self, hold_id: str) -> LegalHold:
        return _legal_hold(self.connection.execute(select(legal_hold).where(legal_hold.c.id == hold_id)).one())


def _legal_hold(row: AnyRow) -> LegalHold:
    return LegalHold(
        id=row.id,
        reason=row.reason,
        user=row.user,
        at=moment(row.at),
        partner=row.partner,
        type=row.type,
        subject=row.subject,
        since=None if row.since is None else moment(row.since),
        until=None if row.until is None else moment(row.until),
        released_at=None if row.released_at is None else moment(row.released_at),
    )
