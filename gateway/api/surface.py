"""Everything the API serves, mounted on one application."""

from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal
from weakref import WeakValueDictionary

from aiohttp import web

from gateway.api import (
    access,
    accuracy,
    agreed,
    agreements,
    alerts,
    audit,
    business,
    catalogue,
    collaboration,
    connectors,
    crm,
    crm_matrices,
    crm_people,
    crm_privacy,
    crm_reports,
    crm_selling,
    desk,
    house,
    imports,
    mapping_routes,
    measures,
    message_desk,
    messages,
    operations,
    partners,
    plan_backtests,
    planning,
    portal_access,
    schedules,
    terms,
)
from gateway.api.limits import LIMITS, make_limits
from gateway.api.openapi import document
from gateway.api.routes import ROUTES, TURNS, Call, Route, RouteTable
from gateway.api.services import Check
from gateway.model.faults import OurFault

VERSION = "1"
HEALTH = RouteTable()


@HEALTH.route("GET", "/livez", summary="The event loop turns", permission=None)
async def livez(call: Call) -> dict[str, str]:
    return {"status": "ok"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Whether this server can work, by each thing that it needs."""

    status: Literal["ok", "not-ready"]
    checks: tuple[Check, ...]


@HEALTH.route(
    "GET",
    "/readyz",
    summary="The database answers, and this process can work",
    permission=None,
    responses={503: "not ready: the member checks says why"},
)
async def readyz(call: Call) -> Ready:
    await call.read(call.services.views.ping)  # a database that does not answer is a bug or an outage: 500
    checks = (Check(name="database", ok=True, detail="answers"), *await call.read(call.services.health))
    failed = [each for each in checks if not each.ok]
    if failed:
        raise OurFault("api.not-ready", value=", ".join(f"{each.name}: {each.detail}" for each in failed))
    return Ready(status="ok", checks=checks)


@HEALTH.route(
    "GET",
    "/metrics",
    summary="Figures for Prometheus",
    permission="metrics.read",
    content_type="text/plain",
)
async def metrics(call: Call) -> web.Response:
    if call.caller.partners is not None:
        raise OurFault("access.not-for-some-partners", value="metrics")
    text = await call.read(call.services.metrics)
    return web.Response(text=text, content_type="text/plain", charset="utf-8")


@HEALTH.route("GET", "/api/v1/openapi.json", summary="This document", permission=None)
async def openapi(call: Call) -> dict[str, Any]:
    return document(all_routes(), VERSION)


# Every table of routes; an area adds its own here.
TABLES = (
    messages.TABLE,
    message_desk.TABLE,
    business.TABLE,
    crm.TABLE,
    crm_matrices.TABLE,
    connectors.TABLE,
    crm_reports.TABLE,
    crm_people.TABLE,
    crm_privacy.TABLE,
    crm_selling.TABLE,
    house.TABLE,
    catalogue.TABLE,
    terms.TABLE,
    imports.TABLE,
    agreements.TABLE,
    operations.TABLE,
    alerts.TABLE,
    desk.TABLE,
    planning.TABLE,
    measures.TABLE,
    collaboration.TABLE,
    agreed.TABLE,
    schedules.TABLE,
    accuracy.TABLE,
    plan_backtests.TABLE,
    access.TABLE,
    audit.TABLE,
    partners.TABLE,
    portal_access.TABLE,
    mapping_routes.TABLE,
    HEALTH,
)


def all_routes() -> list[Route]:
    """Return every route of the API."""
    return [each for table in TABLES for each in table.routes]


def mount_api(app: web.Application) -> None:
    """Add every route; app must hold SERVICES."""
    app[LIMITS] = make_limits(monotonic)
    app[ROUTES], app[TURNS] = all_routes(), WeakValueDictionary()
    for table in TABLES:
        table.mount(app)
