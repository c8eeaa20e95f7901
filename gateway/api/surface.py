"""Everything the API serves, mounted on one application."""

from typing import Any

from aiohttp import web

from gateway.api import business, house, messages, operations
from gateway.api.openapi import document
from gateway.api.routes import Call, RouteTable

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


def all_routes() -> list[Any]:
    return [
        *messages.TABLE.routes,
        *business.TABLE.routes,
        *house.TABLE.routes,
        *operations.TABLE.routes,
        *HEALTH.routes,
    ]


def mount_api(app: web.Application) -> None:
    """Add every route; app must hold SERVICES."""
    for table in (messages.TABLE, business.TABLE, house.TABLE, operations.TABLE, HEALTH):
        table.mount(app)
