"""An invitation: shown without being used up, taken with a password of one's own."""

import asyncio

from aiohttp import web

from gateway.api.problems import status_of
from gateway.api.services import SERVICES
from gateway.console.pages import fault_page, posted
from gateway.console.reader import reader_of
from gateway.console.sign_in import let_in, own_form
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.store.access_rows import User

_TAKING = web.AppKey("taking", asyncio.Semaphore)
LONGEST_TOKEN = 200


def mount_invitation(app: web.Application) -> None:
    """Add the page on which an invited person chooses a password."""
    app[_TAKING] = asyncio.Semaphore(2)  # a password's hash takes 64 MB
    app.router.add_get("/invitation", show)
    app.router.add_post("/invitation", take)


async def _whose(request: web.Request, token: str) -> User:
    """Raises OurFault access.link-used."""
    services = request.app[SERVICES]
    user = await asyncio.to_thread(services.access.invited, token[:LONGEST_TOKEN], services.wall.now())
    if user is None or user.role != "partner":
        raise OurFault("access.link-used")
    return user


def _page(request: web.Request, user: User, token: str, fault: Finding | None = None) -> web.Response:
    reader = reader_of(request, None)
    known = reader.services.book().partners.get(user.partner or "")
    status = status_of(fault.code) if fault else 200
    return reader.page("portal_invitation.html", status, user=user, partner=known, token=token, fault=fault)


async def show(request: web.Request) -> web.StreamResponse:
    """GET /invitation?token=: who is invited, and the form."""
    token = request.query.get("token", "")
    try:
        return _page(request, await _whose(request, token), token)
    except Fault as fault:
        return fault_page(reader_of(request, None), fault)


async def take(request: web.Request) -> web.StreamResponse:
    """POST /invitation: set the password and let in."""
    services = request.app[SERVICES]
    try:
        form = await posted(request)
        token, new, again = (str(form.get(each, ""))[:300] for each in ("token", "new", "again"))
        user = await _whose(request, token)
    except Fault as fault:
        return fault_page(reader_of(request, None), fault)
    try:
        own_form(request)
        if new != again:
            raise OurFault("access.passwords-differ")
        async with request.app[_TAKING]:
            ticket = await asyncio.to_thread(
                services.access.take_invitation,
                token[:LONGEST_TOKEN],
                new,
                services.wall.now(),
                agent=request.headers.get("User-Agent", ""),
                address=request.remote or "",
            )
    except Fault as fault:
        return _page(request, user, token, fault.as_finding())
    return await let_in(request, services, ticket)
