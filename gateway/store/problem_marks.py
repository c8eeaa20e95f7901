"""What people say of a cause: who looks after it, a note, not before a day, done with. Through the one writer."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from gateway.model.faults import OurFault
from gateway.store import tables_operations as ops
from gateway.store.database import insert_for
from gateway.store.forms import dump, micros, optional_micros
from gateway.store.tables import bulk
from gateway.store.tx_records import RecordsTx
from gateway.store.view_problem_rows import ProblemLine
from gateway.store.view_problems import all_problems


def mark(
    tx: RecordsTx,
    partner: str,
    wanted: str,
    user: str,
    now: datetime,
    *,
    state: str | None = None,
    owner: str | None = None,
    note: str | None = None,
    until: datetime | None = None,
) -> None:
    """Say something of a cause of that partner; None leaves as it is, an empty owner or note takes it away.

    until: of state snoozed. Raises OurFault problem.not-found.
    """
    named = (each for each in all_problems(tx.connection, now) if (each.partner, each.id) == (partner, wanted))
    line = next(named, None)
    if line is None:
        raise OurFault("problem.not-found", value=wanted)
    after = {
        "state": state or line.state,
        "owner": line.owner if owner is None else owner or None,
        "note": line.note if note is None else note,
        "until": optional_micros(until if state else line.until),
    }
    _write(tx, line, after, user, now, again=state is not None)
    before = {"state": line.state, "owner": line.owner, "note": line.note, "until": optional_micros(line.until)}
    tx.audit(user, "problem.mark", f"{line.code} {line.partner} {line.place}"[:200], dump(before), dump(after), now)


def _write(
    tx: RecordsTx, line: ProblemLine, after: Mapping[str, object], user: str, now: datetime, *, again: bool
) -> None:
    """again: its state was said anew, so that what has happened until now is known to the person."""
    at = micros(now)
    fixed = {"kind": line.kind, "code": line.code, "partner": line.partner, "place": line.place}
    row = insert_for(tx.connection.dialect.name, ops.problem).values(
        id=line.id, **fixed, **after, marked_at=at, user=user, updated_at=at
    )
    changed = [*after, "user", "updated_at", *(["marked_at"] if again else [])]
    tx.connection.execute(
        row.on_conflict_do_update(
            index_elements=[ops.problem.c.id], set_={name: row.excluded[name] for name in changed}
        )
    )


def running_replays(tx: RecordsTx) -> list[str]:
    """Return the replays of many that are not over, the oldest first."""
    wanted = select(bulk.c.id).where(bulk.c.state == "running").order_by(bulk.c.created_at, bulk.c.id)
    return list(tx.connection.execute(wanted).scalars())
