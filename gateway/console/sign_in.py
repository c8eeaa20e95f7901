"""Signing in by one-time link or password, with a code where one is asked for; signing out, language, appearance."""

import asyncio
from typing import cast
from urllib.parse import unquote

from aiohttp import web

from gateway.api.identity import Caller, door_of, identify
from gateway.api.problems import status_of
from gateway.api.services import SERVICES, Services
from gateway.console.navigation import GROUPS
from gateway.console.pages import PageTable, fault_page, posted, safe_next
from gateway.console.reader import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, Reader, reader_of
from gateway.model.faults import Fault, OurFault
from gateway.store.access_rows import Ticket
from gateway.texts.labels import LANGUAGES

TABLE = PageTable()
_YEAR_S = 365 * 24 * 3600
_SESSION_S = 7 * 24 * 3600
_HASHES_AT_ONCE = 2  # each takes 64 MB and some 50 ms: a flood of sign-ins waits, the console does not
_HASHING = web.AppKey("hashing", asyncio.Semaphore)


def mount_door(app: web.Application) -> None:
    """Add the addresses that are open to whoever has not signed in."""
    app[_HASHING] = asyncio.Semaphore(_HASHES_AT_ONCE)
    app.router.add_get("/login", login)
    app.router.add_post("/login", sign_in)
    app.router.add_get("/login/code", ask_code)
    app.router.add_post("/login/code", give_code)
    app.router.add_get("/view", set_view)


async def login(request: web.Request) -> web.StreamResponse:
    """GET /login: the form; with ?token=: use the link and go on to the console."""
    token = request.query.get("token")
    if not token:
        if await identify(request) is not None:
            raise web.HTTPSeeOther("/")
        return reader_of(request, None).page("login.html", name="", fault=None)
    services, agent = request.app[SERVICES], request.headers.get("User-Agent", "")
    redeem, address = services.access.redeem, request.remote or ""
    ticket = await asyncio.to_thread(redeem, token[:200], services.wall.now(), agent, address)
    if ticket is None:
        return fault_page(reader_of(request, None), OurFault("access.link-used"))
    return await let_in(request, services, ticket)


async def sign_in(request: web.Request) -> web.StreamResponse:
    """POST /login: name and password."""
    services, name = request.app[SERVICES], ""
    try:
        form = await posted(request)
        name, password = (str(form.get(each, ""))[:300] for each in ("name", "password"))
        own_form(request)
        async with request.app[_HASHING]:
            ticket = await asyncio.to_thread(
                services.access.sign_in,
                name.strip(),
                password,
                services.wall.now(),
                agent=request.headers.get("User-Agent", ""),
                address=request.remote or "",
            )
    except Fault as fault:
        return _again(request, "login.html", fault, name=name.strip()[:64])
    return await let_in(request, services, ticket)


async def ask_code(request: web.Request) -> web.StreamResponse:
    """GET /login/code: the form for the code of the app."""
    await _pending(request)
    return reader_of(request, None).page("login_code.html", fault=None)


async def give_code(request: web.Request) -> web.StreamResponse:
    """POST /login/code."""
    token, services = await _pending(request), request.app[SERVICES]
    try:
        code = str((await posted(request)).get("code", ""))[:40]
        own_form(request)
        ticket = await asyncio.to_thread(
            services.access.confirm,
            token,
            code,
            services.wall.now(),
            agent=request.headers.get("User-Agent", ""),
            address=request.remote or "",
        )
    except Fault as fault:
        return _again(request, "login_code.html", fault)
    return await let_in(request, services, ticket)


async def _pending(request: web.Request) -> str:
    """Return the token of a session that waits for its code; without one, lead to the sign-in page."""
    token, services = request.cookies.get(door_of(request).cookie, ""), request.app[SERVICES]
    if not token or await asyncio.to_thread(services.access.pending, token, services.wall.now()) is None:
        raise web.HTTPSeeOther("/login")
    return token


def own_form(request: web.Request) -> None:
    """Refuse to sign anybody in from a foreign page. Raises OurFault access.csrf."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    foreign = site not in (None, "same-origin", "none")
    if foreign or (origin not in (None, "null") and origin.partition("://")[2] != request.host):
        raise OurFault("access.csrf")


def _again(request: web.Request, template: str, fault: Fault, **values: str) -> web.StreamResponse:
    status = status_of(fault.code)
    response = reader_of(request, None).page(template, status=status, fault=fault.as_finding(), **values)
    if status == 429:
        response.headers["Retry-After"] = fault.params.get("seconds", "30")
    return response


async def let_in(request: web.Request, services: Services, ticket: Ticket) -> web.StreamResponse:
    """Hand the session over as a cookie and lead on, where a code is still asked for to its form. Who belongs to the
    other door is told so, and the session ends."""
    door = door_of(request)
    if not door.admits(ticket.user.role):
        name, now = ticket.user.name, services.wall.now()
        await asyncio.to_thread(services.access.end_session, ticket.token, name, now)
        code = "access.portal-only" if ticket.user.role == "partner" else "access.console-only"
        return fault_page(reader_of(request, None), OurFault(code, value=services.settings.portal or "-"))
    wanted = safe_next(unquote(request.cookies.get(door.wanted_cookie, "/")))
    wanted = first_page(Caller(user=ticket.user)) if wanted == "/" and not door.outside else wanted
    response = web.HTTPSeeOther("/login/code" if ticket.pending else wanted)
    if not ticket.pending:
        response.del_cookie(door.wanted_cookie, path="/login")
    response.set_cookie(
        door.cookie,
        ticket.token,
        max_age=_SESSION_S,
        httponly=True,
        samesite="Lax",
        secure=services.settings.secure,
        path="/",
    )
    raise response


def first_page(caller: Caller) -> str:
    """Return the first page of the menu that this person may read."""
    entries = (entry for _, group in GROUPS for entry in group)
    return next((each.address for each in entries if caller.may(each.permission)), "/me")


@TABLE.post("/logout", None)
async def logout(reader: Reader) -> web.StreamResponse:
    name = door_of(reader.request).cookie
    cookie = reader.request.cookies.get(name, "")
    await reader.read(reader.services.access.end_session, cookie, reader.user, reader.services.wall.now())
    response = web.HTTPSeeOther("/login")
    response.del_cookie(name, path="/")
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
