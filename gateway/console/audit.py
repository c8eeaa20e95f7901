"""The audit log: who changed what, from what to what. Read only."""

from typing import Any

from aiohttp import web

from gateway.api.audit import audit_filter
from gateway.api.problems import status_of
from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.model.faults import Fault
from gateway.store.view_audit import AuditFilter, AuditLine, AuditPage

TABLE = PageTable()
PAGE_LINES = 50


@TABLE.get("/audit", "audit.read")
async def audit_page(reader: Reader) -> web.StreamResponse:
    views, fault, status = reader.services.views, None, 200
    cursor = reader.query("cursor") or None
    try:
        wanted = audit_filter(reader.query)
        page = await reader.read(views.audit, wanted, cursor, PAGE_LINES)
    except Fault as found:
        wanted, page, fault, status = AuditFilter(), AuditPage(lines=()), found.as_finding(), status_of(found.code)
    actions = await reader.read(views.audit_actions)
    return reader.page(
        "audit.html",
        status=status,
        page=page,
        changes={line.id: changes_of(line) for line in page.lines},
        wanted=wanted,
        filtered=wanted != AuditFilter(),
        cursor=cursor,
        actions=[(each, reader.words.term("audit", each)) for each in actions],
        users=[(each.name, each.name) for each in await reader.read(reader.services.access.users)],
        fault=fault,
    )


def changes_of(line: AuditLine) -> list[tuple[str, Any, Any]]:
    """Return (name, before, after) of every value that a change was about; the name is empty for a single one."""
    before, after = line.before, line.after
    if before is None and after is None:
        return []
    if not isinstance(before, dict | None) or not isinstance(after, dict | None):
        return [("", _shown(before), _shown(after))]
    names = {**(before or {}), **(after or {})}
    return [
        (name, _shown((before or {}).get(name)), _shown((after or {}).get(name)))
        for name in names
        if before is None or after is None or before.get(name) != after.get(name)
    ]


def _shown(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
