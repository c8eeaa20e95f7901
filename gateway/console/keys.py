"""API keys: who may ask by program, for what, until when, and when it last did."""

from typing import Any

from aiohttp import web

from gateway.api.access import check_scopes, end_of
from gateway.api.given import day_of
from gateway.api.permissions import ROLES
from gateway.api.problems import status_of
from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.console.users import choices, form_of, said, sight_of
from gateway.model.faults import Fault
from gateway.model.findings import Finding

TABLE = PageTable()


async def _list(reader: Reader, fault: Finding | None = None, status: int = 200, **values: Any) -> web.StreamResponse:
    revoked = reader.query("revoked") == "yes"
    keys = await reader.read(reader.services.access.keys, revoked=revoked)
    return reader.page(
        "keys.html",
        status=status,
        keys=keys,
        revoked=revoked,
        now=reader.services.wall.now(),
        issued=values.get("issued"),
        form=values.get("form", {}),
        fault=fault,
        scopes=[(each, reader.words.term("permission", each)) for each in sorted(frozenset().union(*ROLES.values()))],
        **choices(reader),
    )


@TABLE.get("/keys", "keys.read")
async def keys_page(reader: Reader) -> web.StreamResponse:
    return await _list(reader)


@TABLE.post("/keys", "keys.write")
async def issue_key(reader: Reader) -> web.StreamResponse:
    """Show the key on the page itself, this once: it must not stand in an address or a log."""
    form, now = await form_of(reader), reader.services.wall.now()
    try:
        sight = sight_of(reader, form)
        scopes = frozenset(each for each in form.get("scopes", ()) if each) or None
        check_scopes(sight["role"], scopes)
        day_of(said(form, "expires"), "expires")
        ends = end_of("never" if said(form, "never") else said(form, "expires") or None, now)
        issue, name = reader.services.access.issue_key, said(form, "name")
        key = await reader.read(issue, name, now=now, by=reader.user, scopes=scopes, expires_at=ends, **sight)
    except Fault as fault:
        return await _list(reader, fault.as_finding(), status_of(fault.code), form=form)
    return await _list(reader, issued=key)


@TABLE.post("/keys/{id}/revoke", "keys.write")
async def revoke_key(reader: Reader) -> web.StreamResponse:
    key_id, now = reader.request.match_info["id"], reader.services.wall.now()
    await reader.read(reader.services.access.revoke_key, key_id, now, by=reader.user)
    raise web.HTTPSeeOther("/keys?done=revoked")
