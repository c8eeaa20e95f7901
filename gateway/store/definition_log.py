"""What each version of the definitions has changed, file by file: who, when, why, and the text before and after."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from gateway.store.forms import micros
from gateway.store.tables_partners import definition_change

_TEXT_LIMIT = 400_000  # characters kept of one file: a table of items is told by its digest in the version itself


def log_changes(
    connection: Connection,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    digest: str,
    user: str,
    action: str,
    reason: str,
    now: datetime,
) -> None:
    """Write a row for each file that differs."""
    rows = [
        {
            "at": micros(now),
            "digest": digest,
            "partner": partner_of(path),
            "path": path[:300],
            "user": user[:100],
            "action": action[:80],
            "reason": reason[:2_000],
            "before": _kept(before.get(path)),
            "after": _kept(after.get(path)),
        }
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    ]
    if rows:
        connection.execute(insert(definition_change), rows)


def partner_of(path: str) -> str:
    """Return whose file it is, "" for mappings and code tables."""
    parts = path.split("/")
    return parts[1][:100] if parts[0] == "partners" and len(parts) > 2 else ""


def _kept(text: str | None) -> str | None:
    return None if text is None else text[:_TEXT_LIMIT]
