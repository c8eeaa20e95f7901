"""Everything the API serves, mounted on one application."""

from time import monotonic
from typing import Any

from aiohttp import web

from gateway.api import (
    access,
    agreements,
    business,
    crm,
    desk,
    house,
    message_desk,
    messages,
    operations,
    partners,
    planning,
)
from gateway.api.limits import LIMITS, make_limits
from gateway.api.openapi import document
from gateway.api.routes import ROUTES, Call, Route, RouteTable

VERSION = "1"
HEALTH = RouteTable()


@HEALTH.route("GET", "/livez", summary="The event loop turns", permission=None)
async def livez(call: Call) -> dict[str, str]:
    return {"status": "ok"}


@HEALTH.route("GET", "/readyz", summary="The database answers", permission=None)
async def readyz(call: Call) -> dict[str, str]:
    await call.read(call.services.views.ping)  # a database that does not answer is a bug or an outage: 500
    return {"status": "ok", "database": "ok"}


@HEALTH.route("GET", "/api/v1/openapi.json", summary="This document", permission=None)
async def openapi(call: Call) -> dict[str, Any]:
    return document(all_routes(), VERSION)


# Every table of routes; an area adds its own here.
TABLES = (
    messages.TABLE,
    message_desk.TABLE,
    business.TABLE,
    crm.TABLE,
    house.TABLE,
    agreements.TABLE,
    operations.TABLE,
    desk.TABLE,
    planning.TABLE,
    access.TABLE,
    partners.TABLE,
    HEALTH,
)


def all_routes() -> list[Route]:
    return [each for table in TABLES for each in table.routes]


def mount_api(app: web.Application) -> None:
    """Add every route; app must hold SERVICES."""
    app[LIMITS] = make_limits(monotonic)
    app[ROUTES] = all_routes()
    for table in TABLES:
        table.mount(app)
