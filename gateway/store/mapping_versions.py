"""Writes of mappings, versions noted, drafts, plans, back-tests, reading with a version."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from gateway.store.database import insert_for
from gateway.store.forms import dump, micros
from gateway.store.sql_tx import SqlTx, Writes
from gateway.store.tables_mappings import back_test, mapping_draft, mapping_plan, mapping_version, reread_with

Layers = tuple[tuple[str, str], ...]  # (path, text), the standard first


def note_versions(
    tx: SqlTx,
    digests: Mapping[tuple[str, str], str],
    *,
    definitions: str,
    user: str,
    action: str,
    reason: str,
    now: datetime,
) -> int:
    """Write a version for each mapping whose rules are others than its last version's; return how many.

    digests: (partner, family/TYPE) -> digest of the effective rules, of everything that is in force now.
    """
    v = mapping_version.c
    last = select(func.max(v.id)).group_by(v.partner, v.mapping)
    rows = tx.connection.execute(select(v.partner, v.mapping, v.number, v.digest).where(v.id.in_(last)))
    before = {(row.partner, row.mapping): (row.number, row.digest) for row in rows}
    fresh = [
        {
            "partner": partner,
            "mapping": mapping,
            "number": before.get((partner, mapping), (0, ""))[0] + 1,
            "digest": digest,
            "definitions": definitions,
            "at": micros(now),
            "user": user[:100],
            "action": action[:80],
            "reason": reason[:2_000],
        }
        for (partner, mapping), digest in sorted(digests.items())
        if before.get((partner, mapping), (0, ""))[1] != digest
    ]
    if fresh:
        tx.connection.execute(insert(mapping_version), fresh)
    return len(fresh)


def chosen_layers(tx: SqlTx, message_id: str) -> tuple[str, Layers] | None:
    """Return (mapping, layers) that a message is to be read with, None: what is in force."""
    row = tx.connection.execute(select(reread_with).where(reread_with.c.message == message_id)).one_or_none()
    return None if row is None else (row.mapping, tuple((path, text) for path, text in json.loads(row.layers)))


def read_with(
    tx: SqlTx,
    message_id: str,
    partner: str,
    mapping: str,
    number: int,
    layers: Layers,
    user: str,
    reason: str,
    now: datetime,
) -> None:
    """Say with which version a message is read from now on, until it is replayed without one."""
    tx.connection.execute(delete(reread_with).where(reread_with.c.message == message_id))
    row = {"message": message_id, "partner": partner, "mapping": mapping, "number": number, "user": user[:100]}
    tx.connection.execute(
        insert(reread_with).values(**row, layers=dump([list(each) for each in layers]), at=micros(now))
    )
    tx.audit(user, "message.reread-with", message_id, None, f"{mapping} v{number} {reason}".strip(), now)


class MappingRows:
    """Each call is one transaction."""

    def __init__(self, writer: Writes) -> None:
        self._writer = writer

    def save_draft(
        self, user: str, partner: str, mapping: str, text: str, base: str, sample: str, now: datetime
    ) -> None:
        """Keep what a person has written; the last one counts."""
        values = {"text": text, "base": base, "sample": sample, "at": micros(now)}

        def work(tx: SqlTx) -> None:
            row = insert_for(tx.connection.dialect.name, mapping_draft).values(
                user=user, partner=partner, mapping=mapping, **values
            )
            keys = [mapping_draft.c.user, mapping_draft.c.partner, mapping_draft.c.mapping]
            tx.connection.execute(row.on_conflict_do_update(index_elements=keys, set_=values))

        self._writer.write(work)

    def drop_draft(self, user: str, partner: str, mapping: str) -> None:
        """Take a user's draft away; without one nothing happens."""
        d = mapping_draft.c
        own = delete(mapping_draft).where(d.user == user, d.partner == partner, d.mapping == mapping)
        self._writer.write(lambda tx: tx.connection.execute(own))

    def plan(
        self,
        plan_id: str,
        partner: str,
        mapping: str,
        text: str,
        base: str,
        user: str,
        reason: str,
        due: datetime,
        now: datetime,
    ) -> None:
        """Keep a text until its time comes."""

        def work(tx: SqlTx) -> None:
            row = {"id": plan_id, "partner": partner, "mapping": mapping, "text": text, "base": base, "user": user}
            times = {"made_at": micros(now), "due_at": micros(due)}
            tx.connection.execute(insert(mapping_plan).values(**row, **times, reason=reason[:2_000], state="waiting"))
            tx.audit(
                user, "mappings.plan", f"{partner}/{mapping}", None, f"{due:%Y-%m-%dT%H:%MZ} {reason}".strip(), now
            )

        self._writer.write(work)

    def end_plan(self, plan_id: str, state: str, user: str, now: datetime, fault: str | None = None) -> bool:
        """Say what became of a plan that waits. False when it waits no more."""
        own = update(mapping_plan).where(mapping_plan.c.id == plan_id, mapping_plan.c.state == "waiting")

        def work(tx: SqlTx) -> bool:
            found = tx.connection.execute(own.values(state=state, fault=fault)).rowcount == 1
            if found:
                tx.audit(user, f"mappings.plan-{state}", plan_id, "waiting", fault or state, now)
            return found

        return self._writer.write(work)

    def begin_test(
        self, test_id: str, partner: str, mapping: str, user: str, text_sha256: str, count: int, now: datetime
    ) -> None:
        """Keep that a back-test runs. text_sha256: of the draft; count: messages that it is to read."""

        def work(tx: SqlTx) -> None:
            row = {"id": test_id, "partner": partner, "mapping": mapping, "user": user, "text_sha256": text_sha256}
            times = {"at": micros(now), "updated_at": micros(now)}
            tx.connection.execute(
                insert(back_test).values(**row, **times, state="running", done=0, total=count, report="{}")
            )

        self._writer.write(work)

    def note_test(
        self, test_id: str, *, state: str, done: int, total: int, report: Mapping[str, Any], now: datetime
    ) -> bool:
        """Write how far a back-test is. False when somebody has cancelled it."""
        own = update(back_test).where(back_test.c.id == test_id, back_test.c.state == "running")
        values = {"state": state, "done": done, "total": total, "report": dump(dict(report)), "updated_at": micros(now)}
        return self._writer.write(lambda tx: bool(tx.connection.execute(own.values(**values)).rowcount == 1))

    def cancel_test(self, test_id: str, now: datetime) -> None:
        own = update(back_test).where(back_test.c.id == test_id, back_test.c.state == "running")
        self._writer.write(lambda tx: tx.connection.execute(own.values(state="cancelled", updated_at=micros(now))))

    def end_tests(self, now: datetime, older: datetime) -> None:
        """End those that nobody has carried on since older: their process has ended."""
        own = update(back_test).where(back_test.c.state == "running", back_test.c.updated_at < micros(older))
        self._writer.write(lambda tx: tx.connection.execute(own.values(state="failed", updated_at=micros(now))))
