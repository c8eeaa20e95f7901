"""JSON: how good the forecasts were, run by run."""

from gateway.api.routes import Call, RouteTable
from gateway.store.view_accuracy import AccuracyRun

TABLE = RouteTable()


@TABLE.route(
    "GET",
    "/api/v1/plan-accuracy",
    summary="Accuracy of the forecasts of each agreement, the newest run first: WAPE, bias, value added and MASE by "
    "class, place and item for the next 1, 7, 14 and 28 days",
    permission="proposals.read",
    query={"agreement": "of planning.yaml", "partner": "partner id"},
)
async def list_accuracy(call: Call) -> tuple[AccuracyRun, ...]:
    return await call.read(call.services.views.accuracy, call.query("agreement"), call.query("partner"))
