"""The audit log: who changed what, from what to what. Nothing here, nor in the console, changes an entry."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, select

from gateway.store import tables as t
from gateway.store.forms import micros, moment
from gateway.store.view_reading import contains, read_cursor, write_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """None: no matter. action: as written, or its beginning (user.); subject: a part of it; since, until: until is not
    included."""

    user: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """before, after: text, or the values that a change was about; None: nothing, or not told."""

    id: int
    at: datetime
    user: str
    action: str
    subject: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Entries, and where the next page begins."""

    lines: tuple[AuditLine, ...]
    next: str | None = None


class AuditViews:
    """The audit log as it is read."""

    _engine: Engine

    def audit(self, wanted: AuditFilter, cursor: str | None = None, limit: int = 50) -> AuditPage:
        """Return one page, the newest first. Raises OurFault api.bad-cursor."""
        columns = t.audit.c
        query = select(t.audit).order_by(columns.id.desc()).limit(limit + 1)
        if wanted.user:
            query = query.where(columns.user == wanted.user)
        if wanted.action:
            query = query.where(columns.action.like(contains(wanted.action)[1:], escape="\\"))
        if wanted.subject:
            query = query.where(columns.subject.like(contains(wanted.subject), escape="\\"))
        if wanted.since is not None:
            query = query.where(columns.at >= micros(wanted.since))
        if wanted.until is not None:
            query = query.where(columns.at < micros(wanted.until))
        if cursor:
            query = query.where(columns.id < read_cursor(cursor)[0])
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        lines = tuple(_line(row) for row in rows[:limit])
        return AuditPage(lines=lines, next=write_cursor(lines[-1].id, "audit") if len(rows) > limit else None)

    def audit_entry(self, entry_id: int) -> AuditLine | None:
        """Return one entry, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.audit).where(t.audit.c.id == entry_id)).one_or_none()
        return None if row is None else _line(row)

    def audit_actions(self) -> tuple[str, ...]:
        """Return every kind of change that has been written."""
        with self._engine.connect() as connection:
            return tuple(connection.execute(select(t.audit.c.action).distinct().order_by(t.audit.c.action)).scalars())


def _line(row: Row[Any]) -> AuditLine:
    return AuditLine(
        id=row.id,
        at=moment(row.at),
        user=row.user,
        action=row.action,
        subject=row.subject,
        before=_read(row.before),
        after=_read(row.after),
    )


def _read(kept: str | None) -> Any:
    if kept is None or kept[:1] not in ("{", "["):
        return kept
    try:
        return json.loads(kept)
    except ValueError:  # a text that only begins so
        return kept
