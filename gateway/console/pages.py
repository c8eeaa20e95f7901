"""The page decorator: permission before anything else, the form's token before any change, Faults as pages."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage
from multidict import MultiDictProxy

from gateway.api.csv_file import csv_file
from gateway.api.identity import CALLER, check_csrf, door_of, identify
from gateway.api.problems import status_of
from gateway.api.services import Handler
from gateway.console.reader import Reader, reader_of
from gateway.model.faults import Fault, OurFault

FORM_S = 300.0  # longest time for a form and its files
# What aiohttp says of a form that is none; it has no one name for it.
_NO_FORM = (ValueError, LookupError, RuntimeError, AssertionError, BadHttpMessage, TimeoutError)
Page = Callable[[Reader], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class PageRoute:
    """A page. permission "": for whoever has signed in. limit_bytes: of what may be sent."""

    method: str
    path: str
    permission: str | None
    show: Page
    limit_bytes: int | None = None  # of what is sent; None: the console's own


class PageTable:
    """The pages of one module."""

    def __init__(self) -> None:
        self.routes: list[PageRoute] = []

    def get(self, path: str, permission: str | None) -> Callable[[Page], Page]:
        """Register a page. permission None: any signed-in person."""
        return self._keep("GET", path, permission)

    def post(self, path: str, permission: str | None, *, limit_bytes: int | None = None) -> Callable[[Page], Page]:
        """Register what a form does; it answers with a redirect. limit_bytes: of an upload."""
        return self._keep("POST", path, permission, limit_bytes)

    def _keep(
        self, method: str, path: str, permission: str | None, limit_bytes: int | None = None
    ) -> Callable[[Page], Page]:
        def keep(page: Page) -> Page:
            self.routes.append(PageRoute(method, path, permission, page, limit_bytes))
            return page

        return keep

    def mount(self, app: web.Application) -> None:
        """Serve every page."""
        for each in self.routes:
            app.router.add_route(each.method, each.path, _serve(each))


def _serve(route: PageRoute) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        caller = await identify(request)
        if caller is None:
            raise _to_the_door(request)
        if route.limit_bytes is not None:
            request = request.clone(client_max_size=route.limit_bytes)
        request[CALLER] = caller
        reader = reader_of(request, caller)
        try:
            if route.method == "POST":
                form = await posted(request)
                given = form.get("csrf")
                check_csrf(request, caller, given if isinstance(given, str) else None)
            if not door_of(request).admits(caller.user.role):  # a partner's key: it opens the API, no page
                raise OurFault("access.portal-only", value=reader.services.settings.portal or "-")
            if route.permission is not None:
                caller.require(route.permission)
            return await reader.named(await route.show(reader))
        except Fault as fault:
            return fault_page(reader, fault)

    return handle


async def posted(request: web.Request) -> "MultiDictProxy[str | bytes | bytearray | web.FileField]":
    """Return the fields of the form that was sent; the next call gives the same.

    Raises OurFault api.bad-form: parts, character set or bytes are not what the request says they are, it takes longer
    than FORM_S, or it holds what not every database keeps (NUL, half a surrogate pair)."""
    try:
        async with asyncio.timeout(FORM_S):
            form = await request.post()
        written = "".join(each for field in form.items() for each in field if isinstance(each, str))
        if b"\0" in written.encode():
            raise ValueError("NUL")
        return form
    except _NO_FORM as error:
        raise OurFault("api.bad-form") from error


def _to_the_door(request: web.Request) -> web.HTTPSeeOther:
    """Lead to the sign-in page; a cookie for that page alone remembers where the person wanted to go."""
    answer = web.HTTPSeeOther("/login")
    if request.method == "GET" and request.path != "/":
        wanted = request.path_qs[:500]
        name = door_of(request).wanted_cookie
        answer.set_cookie(name, quote(wanted), max_age=900, httponly=True, samesite="Lax", path="/login")
    return answer


def fault_page(reader: Reader, fault: Fault) -> web.Response:
    """Return the page that tells a fault, with its status."""
    status = status_of(fault.code)
    title = {403: "error.forbidden", 404: "error.not-found"}.get(status, "error.title")
    return reader.page("fault.html", status=status, title_key=title, finding=fault.as_finding())


def not_found(reader: Reader, kind: str, value: str) -> web.Response:
    """Return the page that says that there is no such thing."""
    return fault_page(reader, OurFault("api.not-found", value=value, kind=kind))


def safe_next(given: str) -> str:
    """Return given when it is an address of this console, else the first page: no open redirect."""
    fine = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable() and "\\" not in given
    return given if fine else "/"


def csv_download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> web.Response:
    """Return a table as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=csv_file(header, rows), content_type="text/csv", charset="utf-8", headers=headers)
