"""Signing in by one-time link, signing out, language and appearance."""

import asyncio
from typing import cast
from urllib.parse import unquote

from aiohttp import web

from gateway.api.identity import SESSION_COOKIE, identify
from gateway.api.services import SERVICES
from gateway.console.pages import NEXT_COOKIE, PageTable, fault_page, safe_next
from gateway.console.reader import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, Reader, reader_of
from gateway.model.faults import OurFault
from gateway.texts.labels import LANGUAGES

TABLE = PageTable()
_YEAR_S = 365 * 24 * 3600
_SESSION_S = 7 * 24 * 3600


async def login(request: web.Request) -> web.StreamResponse:
    """GET /login: the explanation; with ?token=: use the link and go on to the console."""
    token = request.query.get("token")
    if not token:
        if await identify(request) is not None:
            raise web.HTTPSeeOther("/")
        return reader_of(request, None).page("login.html")
    services = request.app[SERVICES]
    agent = request.headers.get("User-Agent", "")
    ticket = await asyncio.to_thread(services.access.redeem, token, services.wall.now(), agent)
    if ticket is None:
        return fault_page(reader_of(request, None), OurFault("access.link-used"))
    response = web.HTTPSeeOther(safe_next(unquote(request.cookies.get(NEXT_COOKIE, "/"))))
    response.del_cookie(NEXT_COOKIE, path="/login")
    response.set_cookie(
        SESSION_COOKIE,
        ticket.token,
        max_age=_SESSION_S,
        httponly=True,
        samesite="Lax",
        secure=services.settings.secure,
        path="/",
    )
    raise response


@TABLE.post("/logout", None)
async def logout(reader: Reader) -> web.StreamResponse:
    cookie = reader.request.cookies.get(SESSION_COOKIE, "")
    await reader.read(reader.services.access.end_session, cookie, reader.user, reader.services.wall.now())
    response = web.HTTPSeeOther("/login")
    response.del_cookie(SESSION_COOKIE, path="/")
    raise response


async def set_view(request: web.Request) -> web.StreamResponse:
    """GET /view?language=..&theme=..&next=..: keep a preference in a cookie. Changes nothing of the gateway."""
    response = web.HTTPSeeOther(safe_next(request.query.get("next", "/")))
    for name, cookie, allowed in (
        ("language", LANGUAGE_COOKIE, cast("tuple[str, ...]", LANGUAGES)),
        ("theme", THEME_COOKIE, THEMES),
    ):
        wanted = request.query.get(name)
        if wanted in allowed:
            response.set_cookie(cookie, wanted, max_age=_YEAR_S, samesite="Lax", path="/")
    raise response
