"""JSON: who changed what."""

from datetime import timedelta
from typing import Any

from gateway.api.given import is_count, start_of
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.view_audit import AuditFilter, AuditLine, AuditPage

TABLE = RouteTable()


@TABLE.route(
    "GET",
    "/api/v1/audit",
    summary="Who changed what, from what to what; the newest first",
    permission="audit.read",
    query={
        "user": "as written",
        "action": "as written, or its beginning: user.",
        "subject": "part of what it was about",
        "since": "YYYY-MM-DD, UTC",
        "until": "YYYY-MM-DD, that day included",
        "cursor": "the next member of the page before",
        "limit": "1 to 200, default 50",
    },
    responses={400: "bad filter or cursor"},
)
async def list_audit(call: Call) -> AuditPage:
    limit = call.number("limit", 50, 200)
    return await call.read(call.services.views.audit, audit_filter(call.query), call.query("cursor"), limit)


def audit_filter(query: Any) -> AuditFilter:
    """Read the filter. query: gives a parameter by its name. Raises OurFault api.bad-value."""
    until = start_of(query("until"), "until")
    return AuditFilter(
        user=(query("user") or "")[:100] or None,
        action=(query("action") or "")[:80] or None,
        subject=(query("subject") or "")[:200] or None,
        since=start_of(query("since"), "since"),
        until=None if until is None else until + timedelta(days=1),
    )


@TABLE.route("GET", "/api/v1/audit/{id}", summary="One entry", permission="audit.read", responses=NOT_FOUND)
async def show_audit_entry(call: Call) -> AuditLine:
    number = call.path("id")
    known = is_count(number, 15)
    found = await call.read(call.services.views.audit_entry, int(number)) if known else None
    if found is None:
        raise OurFault("api.not-found", value=number[:40], kind="entry")
    return found
