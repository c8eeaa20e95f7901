"""The route decorator: what stands above a handler gives its address, its permission and its OpenAPI entry.

A handler takes a Call and returns a row, a tuple of rows, or a finished response. Its return annotation is the schema.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.identity import CALLER, CSRF_HEADER, Caller, check_csrf, identify
from gateway.api.limits import LIMITS
from gateway.api.problems import language_of, problem
from gateway.api.rendering import dumps
from gateway.api.seen import services_for
from gateway.api.services import SERVICES, Services
from gateway.model.faults import Fault, OurFault
from gateway.store.access import User
from gateway.store.access_calls import Answer

P = ParamSpec("P")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
R = TypeVar("R")
_NOBODY = Caller(user=User(id=0, name="", role="", partner=None, language=None, partners=frozenset()))


NEXT = web.RequestKey("next_page", str)  # the address of the next page, once a handler has told it


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request with its caller."""

    request: web.Request
    services: Services
    caller: Caller

    @property
    def user(self) -> str:
        return self.caller.user.name

    def path(self, name: str) -> str:
        return self.request.match_info[name]

    def query(self, name: str) -> str | None:
        return self.request.query.get(name) or None

    def number(self, name: str, default: int, most: int) -> int:
        """Raises OurFault api.bad-value."""
        given = self.query(name)
        if given is None:
            return default
        if not (is_count(given, 8) and 1 <= int(given) <= most):
            raise OurFault("api.bad-value", name=name, value=given, expected=f"1-{most}")
        return int(given)

    def choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """Raises OurFault api.bad-value."""
        given = self.query(name)
        if given is not None and given not in allowed:
            raise OurFault("api.bad-value", name=name, value=given, expected=", ".join(allowed))
        return given

    def goes_on(self, cursor: str) -> None:
        """Tell in the header Link where the next page of a list begins. Source: RFC 8288 section 3."""
        self.request[NEXT] = str(self.request.rel_url.update_query(cursor=cursor))

    async def read(self, view: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a view outside the event loop."""
        return await asyncio.to_thread(view, *args, **kwargs)

    async def one(self, view: Callable[[str], R | None], kind: str, name: str = "id") -> R:
        """Return what view has under the name in the address. kind: for people. Raises OurFault api.not-found."""
        wanted = self.path(name)
        found = await self.read(view, wanted)
        if found is None:
            raise OurFault("api.not-found", value=wanted[:100], kind=kind)
        return found

    async def upload(self, limit_bytes: int) -> bytes:
        """Return what was sent, read piece by piece. Raises OurFault api.too-large."""
        data = bytearray()
        async for piece in self.request.content.iter_chunked(65_536):
            data += piece
            if len(data) > limit_bytes:
                raise OurFault("api.too-large", value=str(len(data)), limit=str(limit_bytes))
        return bytes(data)

    async def body(self) -> Mapping[str, Any]:
        """Return the JSON object that was sent, or an empty one. Raises OurFault api.bad-body."""
        sent = await self.request.read()
        if not sent.strip():
            return {}
        try:
            data = json.loads(sent)
            if rb"\ud" in sent.lower():
                json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is no text
            if _NUL.search(sent):
                raise ValueError("not every database keeps NUL")
        except (ValueError, RecursionError):
            raise OurFault("api.bad-body") from None
        if not isinstance(data, dict):
            raise OurFault("api.bad-body")
        return data


ApiHandler = Callable[[Call], Awaitable[Any]]
H = TypeVar("H", bound=ApiHandler)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """query: parameter -> what it means. responses: further statuses -> why. permission None: for anybody; "": for
    whoever has signed in. streams: the body is read piece by piece. secret: the answer is shown only once."""

    method: str
    path: str
    handler: ApiHandler
    summary: str
    permission: str | None
    status: int = 200
    query: Mapping[str, str] = field(default_factory=dict)
    responses: Mapping[int, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None  # JSON schema of the request's body
    streams: bool = False
    secret: bool = False
    content_type: str = "application/octet-stream"  # of an answer that is no JSON


ROUTES = web.AppKey("routes", list[Route])  # all of them
TURNS = web.AppKey("turns", WeakValueDictionary[str, asyncio.Lock])  # address of a record -> who changes it now


class RouteTable:
    """The routes of one module of the API."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def route(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        permission: str | None,
        status: int = 200,
        query: Mapping[str, str] | None = None,
        responses: Mapping[int, str] | None = None,
        body: Mapping[str, Any] | None = None,
        streams: bool = False,
        secret: bool = False,
        content_type: str = "application/octet-stream",
    ) -> Callable[[H], H]:
        """Add the route of a handler; the parameters are those of Route."""

        def keep(handler: H) -> H:
            self.routes.append(
                Route(
                    method=method,
                    path=path,
                    handler=handler,
                    summary=summary,
                    permission=permission,
                    status=status,
                    query=query or {},
                    responses=responses or {},
                    body=body,
                    streams=streams,
                    secret=secret,
                    content_type=content_type,
                )
            )
            return handler

        return keep

    def mount(self, app: web.Application) -> None:
        """Serve every route."""
        for each in self.routes:
            app.router.add_route(each.method, each.path, _serve(each))


def etag_of(text: str) -> str:
    """Return the tag of a text. Source: RFC 9110 section 8.8.3."""
    return f'"{sha256(text.encode()).hexdigest()[:32]}"'


def _serve(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        services = request.app[SERVICES]
        try:
            caller = await _admit(request, route.permission)
            call = Call(request=request, services=services_for(services, caller), caller=caller)
            if route.method != "GET":
                return await _change(route, call)
            found = await route.handler(call)
        except Fault as fault:
            return problem(fault, language_of(request, services.settings.language))
        return found if isinstance(found, web.StreamResponse) else _shown(request, dumps(found))

    return handle


def _shown(request: web.Request, text: str) -> web.Response:
    """Answer with text and its tag, or that it is still what the caller has. Source: RFC 9110 section 13.1.2."""
    tag = etag_of(text)
    known = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language, Authorization, Cookie"}
    if NEXT in request:
        headers["Link"] = f'<{request[NEXT]}>; rel="next"'
    if tag in known:
        return web.Response(status=304, headers=headers)
    return web.Response(text=text, content_type="application/json", headers=headers)


async def _change(route: Route, call: Call) -> web.StreamResponse:
    """Do what is asked, once: on what the caller has seen (If-Match), and not again for a key that was used."""
    key = call.request.headers.get("Idempotency-Key")
    if key is None:
        return await _done(route, call)
    if not (1 <= len(key) <= 200 and key.isascii() and key.isprintable()):
        raise OurFault("api.bad-key")
    access, body = call.services.access, b"" if route.streams else await call.request.read()
    asked = f"{call.request.method} {call.request.path_qs} {call.request.content_length}\n".encode() + body
    digest, now = sha256(asked).hexdigest(), call.services.wall.now()
    before = await asyncio.to_thread(access.begin_call, call.user, key, digest, now)
    if before is not None:
        headers = {"Idempotent-Replayed": "true"}
        return web.Response(status=before.status, text=before.body, content_type="application/json", headers=headers)
    answer: Answer | None = None
    try:
        response = await _done(route, call)
        if isinstance(response, web.Response) and response.text is not None:
            answer = Answer(response.status, response.text)
        return response
    finally:  # a refusal, or a bug: a repeat is tried afresh
        await asyncio.shield(asyncio.to_thread(access.end_call, call.user, key, answer, secret=route.secret))


async def _done(route: Route, call: Call) -> web.StreamResponse:
    """Do it; on the condition that a record is unchanged (If-Match) one after the other, so that each sees the last."""
    if "If-Match" not in call.request.headers:
        return _answered(route, await route.handler(call))
    routes = call.request.app[ROUTES]
    shown = record_route(routes, route.path)
    if shown is None:
        raise OurFault("api.no-condition")
    record = call.request.path.split("/")[: len(shown.path.split("/"))]
    turn = call.request.app[TURNS].setdefault("/".join(record), asyncio.Lock())
    async with turn:
        await _check_unchanged(shown, call)
        return _answered(route, await route.handler(call))


def _answered(route: Route, found: Any) -> web.StreamResponse:
    if isinstance(found, web.StreamResponse):
        return found
    return web.Response(status=route.status, text=dumps(found), content_type="application/json")


async def _check_unchanged(shown: Route, call: Call) -> None:
    """Compare If-Match with what a GET of the record gives now. Raises OurFault api.changed-since.

    Source: RFC 9110 section 13.1.1."""
    if shown.permission is not None:
        call.caller.require(shown.permission)
    found = await shown.handler(call)
    tags = [each.strip() for each in call.request.headers["If-Match"].split(",")]
    if "*" not in tags and etag_of(dumps(found)) not in tags:
        raise OurFault("api.changed-since")


def record_route(routes: Iterable[Route], path: str) -> Route | None:
    """Return the GET route of the record that a change at path concerns: path itself, or the nearest above it that
    names one record."""
    shown = {each.path: each for each in routes if each.method == "GET" and each.path.rpartition("/")[2][:1] == "{"}
    while path:
        if path in shown:
            return shown[path]
        path = path.rpartition("/")[0]
    return None


async def _admit(request: web.Request, permission: str | None) -> Caller:
    """Raises OurFault access.*, api.too-many."""
    if permission is None:
        return _NOBODY
    limits = request.app[LIMITS]
    stranger = request.remote or ""
    if limits.strangers.left(stranger) < 1:
        limits.strangers.take(stranger)
    caller = await identify(request)
    if caller is None:
        limits.strangers.take(stranger)
        raise OurFault("access.not-signed-in")
    limits.callers.take(caller.user.name)
    request[CALLER] = caller
    check_csrf(request, caller, request.headers.get(CSRF_HEADER))
    if permission:
        caller.require(permission)
    return caller
