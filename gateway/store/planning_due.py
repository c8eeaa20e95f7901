"""Which items at places the look before a run has found to need a plan."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from gateway.domain.replenishment.facts import Pair
from gateway.store.database import insert_for
from gateway.store.tables_kept import fact_changed, plan_due, plan_shard

_DONE = ("", "")  # in place of a pair: the look is complete


def begin(connection: Connection, run: str) -> None:
    """Forget what other looks have found."""
    connection.execute(delete(plan_due).where(plan_due.c.run != run))


def put(connection: Connection, run: str, pairs: Collection[Pair]) -> None:
    """Keep pairs that a look has found; a second time changes nothing."""
    rows = [{"run": run, "location": place, "gtin": gtin} for place, gtin in sorted(pairs)]
    if rows:
        connection.execute(insert_for(connection.dialect.name, plan_due).on_conflict_do_nothing(), rows)


def complete(connection: Connection, run: str) -> None:
    """Say that a look has seen everything: only from then on it is relied on."""
    put(connection, run, [_DONE])


def due(connection: Connection, run: str) -> set[Pair] | None:
    """Return what a look has found, None when that is not kept, or it has not been completed."""
    columns = plan_due.c
    chosen = select(columns.location, columns.gtin).where(columns.run == run)
    found = {(row[0], row[1]) for row in connection.execute(chosen)}
    return found - {_DONE} if _DONE in found else None


def forget(connection: Connection) -> None:
    """Keep nothing: where so little is planned that nobody looks first."""
    for table in (plan_due, plan_shard, fact_changed):
        connection.execute(delete(table))
