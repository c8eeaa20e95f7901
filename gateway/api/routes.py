"""The route decorator: what stands above a handler gives its address, its permission and its OpenAPI entry.

A handler takes a Call and returns a row, a tuple of rows, or a finished response. Its return annotation is the schema.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from aiohttp import web

from gateway.api.identity import CALLER, CSRF_HEADER, Caller, check_csrf, identify
from gateway.api.problems import language_of, problem
from gateway.api.rendering import dumps
from gateway.api.seen import services_for
from gateway.api.services import SERVICES, Services
from gateway.model.faults import Fault, OurFault
from gateway.store.access import User

P = ParamSpec("P")
R = TypeVar("R")
_NOBODY = Caller(user=User(id=0, name="", role="", partner=None, language=None, partners=frozenset()))


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
        if not (given.isascii() and given.isdigit() and len(given) < 9 and 1 <= int(given) <= most):
            raise OurFault("api.bad-value", name=name, value=given, expected=f"1-{most}")
        return int(given)

    def choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """Raises OurFault api.bad-value."""
        given = self.query(name)
        if given is not None and given not in allowed:
            raise OurFault("api.bad-value", name=name, value=given, expected=", ".join(allowed))
        return given

    async def read(self, view: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a view outside the event loop."""
        return await asyncio.to_thread(view, *args, **kwargs)

    async def body(self) -> Mapping[str, Any]:
        """Return the JSON object that was sent, or an empty one. Raises OurFault api.bad-body."""
        sent = await self.request.read()
        if not sent.strip():
            return {}
        try:
            data = json.loads(sent)
        except (ValueError, RecursionError):
            raise OurFault("api.bad-body") from None
        if not isinstance(data, dict):
            raise OurFault("api.bad-body")
        return data


ApiHandler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """query: parameter -> what it means. responses: further statuses -> why. permission None: for anybody."""

    method: str
    path: str
    handler: ApiHandler
    summary: str
    permission: str | None
    status: int = 200
    query: Mapping[str, str] = field(default_factory=dict)
    responses: Mapping[int, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None  # JSON schema of the request's body


class RouteTable:
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
    ) -> Callable[[ApiHandler], ApiHandler]:
        def keep(handler: ApiHandler) -> ApiHandler:
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
                )
            )
            return handler

        return keep

    def mount(self, app: web.Application) -> None:
        for each in self.routes:
            app.router.add_route(each.method, each.path, _serve(each))


def _serve(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        services = request.app[SERVICES]
        try:
            caller = await _admit(request, route.permission)
            found = await route.handler(Call(request=request, services=services_for(services, caller), caller=caller))
        except Fault as fault:
            return problem(fault, language_of(request, services.settings.language))
        if isinstance(found, web.StreamResponse):
            return found
        return web.Response(status=route.status, text=dumps(found), content_type="application/json")

    return handle


async def _admit(request: web.Request, permission: str | None) -> Caller:
    """Raises OurFault access.*."""
    if permission is None:
        return _NOBODY
    caller = await identify(request)
    if caller is None:
        raise OurFault("access.not-signed-in")
    request[CALLER] = caller
    check_csrf(request, caller, request.headers.get(CSRF_HEADER))
    caller.require(permission)
    return caller
