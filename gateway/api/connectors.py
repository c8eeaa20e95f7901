"""JSON: connectors to external systems, their outbox, and where both sides differ. Connectors themselves are entries of
the register `connector`."""

from gateway.api.given import is_count
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.crm_outbox import Difference
from gateway.store.view_crm_selling import ConnectorView, OutboxLine

TABLE = RouteTable()
STATES = ("queued", "told", "refused")


@TABLE.route("GET", "/api/v1/crm/connectors", summary="Connectors with their outbox in figures", permission="keys.read")
async def list_connectors(call: Call) -> tuple[ConnectorView, ...]:
    return await call.read(call.services.views.connectors)


@TABLE.route(
    "GET",
    "/api/v1/crm/connectors/{id}/outbox",
    summary="Changes for a connector, the latest first, each with what became of it",
    permission="keys.read",
    query={"state": ", ".join(STATES)},
    responses={400: "bad value"},
)
async def list_outbox(call: Call) -> tuple[OutboxLine, ...]:
    return await call.read(call.services.views.outbox, call.path("id"), call.choice("state", STATES))


@TABLE.route(
    "GET",
    "/api/v1/crm/connectors/{id}/differences",
    summary="Fields in which our records differ from what the other side has taken",
    permission="keys.read",
    responses=NOT_FOUND,
)
async def list_differences(call: Call) -> tuple[Difference, ...]:
    return await call.services.actions.connector_differences(call.path("id"))


@TABLE.route(
    "POST",
    "/api/v1/crm/connectors/{id}/outbox/{number}/again",
    summary="Send a refused or waiting change again",
    permission="keys.write",
    responses=NOT_FOUND,
)
async def again(call: Call) -> tuple[OutboxLine, ...]:
    number = call.path("number")
    if not is_count(number, 15):
        raise OurFault("crm.entry-unknown", value=number[:40], register="outbox")
    await call.services.actions.send_change_again(call.path("id"), int(number), call.user)
    return await call.read(call.services.views.outbox, call.path("id"))
