"""Named queries of the message log: a person's own, and those that somebody shares with colleagues."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.exc import IntegrityError

from gateway.model.faults import OurFault
from gateway.store.forms import micros
from gateway.store.sql_tx import SqlTx, Writes
from gateway.store.tables_console import saved_view as v

MOST = 40  # of one person
NAME_LONGEST, QUERY_LONGEST = 60, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """query: as written in the search box. shared: colleagues see it too; only its owner takes it away."""

    id: str
    owner: str
    name: str
    query: str
    shared: bool


class SavedViews:
    """Queries that people keep under a name."""

    def __init__(self, engine: Engine, journal: Writes) -> None:
        self._engine = engine
        self._journal = journal

    def of(self, user: str, *, with_shared: bool) -> tuple[SavedView, ...]:
        """Return the user's own, then those of others that are shared, each by name."""
        mine = v.c.owner == user
        query = select(v).where(or_(mine, v.c.shared) if with_shared else mine).order_by(v.c.name, v.c.id).limit(200)
        with self._engine.connect() as connection:
            rows = [
                SavedView(id=row.id, owner=row.owner, name=row.name, query=row.query, shared=bool(row.shared))
                for row in connection.execute(query)
            ]
        return tuple(sorted(rows, key=lambda each: each.owner != user))

    def keep(self, user: str, name: str, query: str, now: datetime, *, shared: bool) -> SavedView:
        """Keep a query under a name that the user has not yet used.

        Raises OurFault console.view-name, console.view-exists, console.view-many."""
        plain = " ".join("".join(each if each.isprintable() else " " for each in name).split())
        if not plain or len(plain) > NAME_LONGEST or not query or len(query) > QUERY_LONGEST:
            raise OurFault("console.view-name", value=plain)
        made = SavedView(id=str(uuid4()), owner=user, name=plain, query=query, shared=shared)

        def work(tx: SqlTx) -> None:
            own = select(func.count()).select_from(v).where(v.c.owner == user)
            if tx.connection.execute(own).scalar_one() >= MOST:
                raise OurFault("console.view-many", value=str(MOST))
            row = {"id": made.id, "owner": user, "name": plain, "query": query, "shared": shared}
            tx.connection.execute(v.insert().values(**row, created_at=micros(now)))
            tx.audit(user, "view.saved", made.name, None, query, now)

        try:
            self._journal.write(work)
        except IntegrityError:
            raise OurFault("console.view-exists", value=plain) from None
        return made

    def drop(self, user: str, view_id: str, now: datetime) -> None:
        """Take away one of the user's own. Raises OurFault api.not-found."""

        def work(tx: SqlTx) -> None:
            row = tx.connection.execute(select(v).where(v.c.id == view_id, v.c.owner == user)).one_or_none()
            if row is None:
                raise OurFault("api.not-found", value=view_id, kind="view")
            tx.connection.execute(delete(v).where(v.c.id == view_id))
            tx.audit(user, "view.removed", row.name, row.query, None, now)

        self._journal.write(work)
