"""Writes of looking after partners, on the journal's one writer: tests of connections, samples, going live."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, update

from gateway.store.forms import micros
from gateway.store.sql_tx import SqlTx, Writes
from gateway.store.tables_partners import connection_test, go_live, partner_sample
from gateway.store.view_partners import Approval, RungLine

SAMPLES_KEPT = timedelta(days=1)


class PartnerRows:
    """Each call is one transaction."""

    def __init__(self, writer: Writes) -> None:
        self._writer = writer

    def begin_test(self, test_id: str, partner: str, over: str, user: str, *, echo: bool, now: datetime) -> None:
        """Keep that a connection test runs, with an audit row. echo: the partner is asked to answer."""

        def work(tx: SqlTx) -> None:
            row = {"id": test_id, "partner": partner, "over": over, "user": user, "at": micros(now), "echo": echo}
            tx.connection.execute(insert(connection_test).values(**row, good=False, rungs="[]"))
            tx.audit(user, "partners.test", f"{partner}/{over}", None, test_id, now)

        self._writer.write(work)

    def note_rungs(self, test_id: str, rungs: Sequence[RungLine], *, ended: bool, good: bool, now: datetime) -> None:
        """Keep how far a connection test has come."""
        told = [
            {"name": r.name, "detail": r.detail, "code": r.code, "value": r.value, "params": dict(r.params or {})}
            for r in rungs
        ]
        changes = {"rungs": json.dumps(told, ensure_ascii=False), "good": good}
        if ended:
            changes["ended_at"] = micros(now)
        own = update(connection_test).where(connection_test.c.id == test_id).values(**changes)
        self._writer.write(lambda tx: tx.connection.execute(own))

    def keep_sample(self, sample_id: str, user: str, filename: str, sha256: str, data: str, now: datetime) -> None:
        """Keep what was dropped; those of other days go."""

        def work(tx: SqlTx) -> None:
            old = micros(now - SAMPLES_KEPT)
            tx.connection.execute(delete(partner_sample).where(partner_sample.c.at < old))
            row = {"id": sample_id, "user": user, "at": micros(now), "filename": filename[:255], "sha256": sha256}
            tx.connection.execute(insert(partner_sample).values(**row, data=data, answers="{}"))

        self._writer.write(work)

    def keep_answers(self, sample_id: str, answers: Mapping[str, Any]) -> None:
        """Keep what the wizard's person has said about a sample so far."""
        own = update(partner_sample).where(partner_sample.c.id == sample_id)
        text = json.dumps(dict(answers), ensure_ascii=False)
        self._writer.write(lambda tx: tx.connection.execute(own.values(answers=text)))

    def approve(self, approval: Approval) -> None:
        """Keep who lets a partner go live and when; what was said before is replaced."""

        def work(tx: SqlTx) -> None:
            tx.connection.execute(delete(go_live).where(go_live.c.partner == approval.partner))
            tx.connection.execute(
                insert(go_live).values(
                    partner=approval.partner,
                    approver=approval.approver,
                    approved_at=micros(approval.approved_at),
                    reason=approval.reason,
                    switch_at=micros(approval.switch_at),
                    switched_at=micros(approval.switched_at) if approval.switched_at else None,
                )
            )
            after = f"{approval.switch_at:%Y-%m-%dT%H:%MZ} {approval.reason}".strip()
            tx.audit(approval.approver, "partners.approve", approval.partner, None, after, approval.approved_at)

        self._writer.write(work)

    def switched(self, partner: str, now: datetime) -> None:
        own = update(go_live).where(go_live.c.partner == partner).values(switched_at=micros(now))
        self._writer.write(lambda tx: tx.connection.execute(own))

    def withdraw(self, partner: str, user: str, now: datetime) -> None:
        """Take an approval back that has not been used."""

        def work(tx: SqlTx) -> None:
            own = (go_live.c.partner == partner, go_live.c.switched_at.is_(None))
            if tx.connection.execute(delete(go_live).where(*own)).rowcount:
                tx.audit(user, "partners.withdraw", partner, "approved", None, now)

        self._writer.write(work)
