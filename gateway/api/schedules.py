"""JSON: delivery schedules: what customers call off from us, what suppliers know of our plans."""

from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.view_schedules import ScheduleRow

TABLE = RouteTable()


@TABLE.route(
    "GET",
    "/api/v1/schedules",
    summary="Delivery schedules that count: firm and planned quantities, cumulative ones, what has changed",
    permission="proposals.read",
    query={"partner": "partner id"},
)
async def list_schedules(call: Call) -> tuple[ScheduleRow, ...]:
    return await call.read(call.services.views.schedules, call.query("partner"))


@TABLE.route(
    "GET",
    "/api/v1/schedules/{partner}",
    summary="What a customer calls off under an order number, or what we have told a supplier",
    permission="proposals.read",
    query={"number": "order number; absent: what we have told a supplier"},
    responses=NOT_FOUND,
)
async def show_schedule(call: Call) -> ScheduleRow:
    partner, number = call.path("partner"), call.query("number")
    found = await call.read(call.services.views.schedule, partner, number)
    if found is None:
        raise OurFault("api.not-found", value=f"{partner} {number or ''}".strip()[:80], kind="schedule")
    return found
