"""Sending by another channel: only while it is certain that nothing of the parcel has reached its partner."""

import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update

from gateway.ports.records import ParcelRow
from gateway.store.forms import micros
from gateway.store.tables import event, parcel
from gateway.store.tx_open import exactly_one
from gateway.store.tx_parcels import ParcelsTx

NOTHING_SENT = frozenset({"http.unreachable"})  # there was no connection over which anything could have gone


class RerouteTx(ParcelsTx):
    """Parcels that take another way."""

    def reroute(self, row: ParcelRow, channel: str, now: datetime, *, although_uncertain: bool) -> ParcelRow | None:
        """See ports.journal."""
        if not although_uncertain and not self._nothing_was_sent(row.id):
            return None
        moved = self.connection.execute(
            update(parcel)
            .where(parcel.c.id == row.id, parcel.c.epoch == row.epoch, parcel.c.state == "sending")
            .values(
                channel=channel,
                wrapped_headers=None,
                wrapped_body=None,
                wrapped_sha256=None,
                transport_id=None,
                mic=None,
                updated_at=micros(now),
            )
        )
        exactly_one(moved.rowcount, row.id)
        self._event(row.id, "rerouted", now, before=row.channel, after=channel)
        return replace(row, channel=channel, wrapped=None)

    def _nothing_was_sent(self, parcel_id: str) -> bool:
        """Every claim before this one ended without a connection, or was given back. One that ended without a word (a
        process that was killed) may have sent everything."""
        rows = self.connection.execute(select(event.c.what, event.c.data).where(event.c.subject == parcel_id)).all()
        claims = sum(row.what == "sending" for row in rows)
        harmless = sum(
            row.what == "given-back" or (row.what == "retry" and json.loads(row.data).get("code") in NOTHING_SENT)
            for row in rows
        )
        return bool(harmless == claims - 1)
