"""Spoils a journal: what partners and people have written freely becomes markup, in every table and document."""

import json
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import String, Table, select, update
from sqlalchemy.engine import Connection

from gateway.store.tables import metadata

# Columns that hold what somebody wrote freely. Keys of rows are left alone: they were judged when they came.
WRITTEN = {
    "name",
    "name_zh",
    "note",
    "reason",
    "filename",
    "file",
    "text",
    "title",
    "topic",
    "mail",
    "phone",
    "category",
}
WRITTEN |= {"supplier_item", "purpose", "agent", "en", "zh", "lot", "carrier", "price_list", "transport_id", "error"}
SAID = frozenset({"description", "name", "text", "note", "street", "city", "contact", "reason", "itemDescription"})
MARKUP = "\"'></script></style></textarea></title><img src=x onerror=alert(1)>"
LINK = "javascript:alert(1)"


def spoil(connection: Connection, words: str) -> set[str]:
    """Write words into every free text of every table; return which columns had any."""
    found = set()
    for table in metadata.tables.values():
        found |= {f"{table.name}.{name}" for name in _columns(connection, table, words)}
        if "document" in table.c:
            found |= {f"{table.name}.document" for _ in range(_documents(connection, table, words))}
    return found


def _columns(connection: Connection, table: Table, words: str) -> list[str]:
    if table.name == "user":  # whose names are keys
        return []
    written = [
        each for each in table.c if each.name in WRITTEN and isinstance(each.type, String) and not each.primary_key
    ]
    return [
        each.name
        for each in written
        if connection.execute(update(table).where(each.is_not(None), each != "").values({each: words})).rowcount
    ]


def _documents(connection: Connection, table: Table, words: str) -> int:
    count, keys = 0, list(table.primary_key)
    for row in connection.execute(select(*keys, table.c.document)).all():
        before = json.loads(row.document) if row.document else None
        after = _said(before, words)
        if after != before:
            where = [each == getattr(row, each.name) for each in keys]
            connection.execute(update(table).where(*where).values(document=json.dumps(after)))
            count += 1
    return count


def _said(value: Any, words: str) -> Any:
    if isinstance(value, dict):
        return {
            key: words if key in SAID and isinstance(each, str) else _said(each, words) for key, each in value.items()
        }
    return [_said(each, words) for each in value] if isinstance(value, list) else value


class Runs(HTMLParser):
    """Collects what a browser would run of the words: elements that they make, and links that they are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            hostile = name.startswith("on") or (value or "").strip().lower().startswith("javascript:")
            if hostile and name not in ("value", "title", "data-label", "aria-label", "content", "placeholder"):
                self.found.append(f"{tag} {name}={value}")
