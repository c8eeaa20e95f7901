"""JSON: straight to a number, named queries of the message log, edited bytes put in again."""

from base64 import b64decode
from binascii import Error as BadBase64

from gateway.api.given import needed
from gateway.api.message_query import parse
from gateway.api.messages import NOT_FOUND, Taken
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.saved_views import NAME_LONGEST, QUERY_LONGEST, SavedView
from gateway.store.view_search import Exact

TABLE = RouteTable()


@TABLE.route(
    "GET",
    "/api/v1/find",
    summary="What bears just that number: orders, and messages, parcels and arrivals, the newest first",
    permission="messages.read",
    query={"q": "a whole number, reference, file name or Message-ID"},
    responses={400: "q is missing"},
)
async def find(call: Call) -> Exact:
    text = call.query("q")
    if not text:
        raise OurFault("api.bad-value", name="q", value="", expected="text")
    return await call.read(call.services.views.exact, text[:300])


@TABLE.route(
    "GET",
    "/api/v1/message-views",
    summary="Named queries of the message log: one's own, then those that colleagues share",
    permission="messages.read",
)
async def list_views(call: Call) -> tuple[SavedView, ...]:
    return await call.read(call.services.saved.of, call.user, with_shared=call.caller.sight.partners is None)


@TABLE.route(
    "POST",
    "/api/v1/message-views",
    summary="Keep a query of the message log under a name",
    permission="messages.read",
    status=201,
    responses={400: "no name, no query, or too many", 403: "sharing needs the sight of all partners", 409: "in use"},
    body={
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": NAME_LONGEST},
            "query": {"type": "string", "minLength": 1, "maxLength": QUERY_LONGEST},
            "shared": {"type": "boolean"},
        },
        "required": ["name", "query"],
    },
)
async def keep_view(call: Call) -> SavedView:
    body = await call.body()
    shared = body.get("shared") is True
    if shared and call.caller.sight.partners is not None:
        raise OurFault("access.not-for-some-partners", value="shared")
    name, query = needed(body, "name"), parse(needed(body, "query")).text
    return await call.read(call.services.saved.keep, call.user, name, query, call.services.wall.now(), shared=shared)


@TABLE.route(
    "DELETE",
    "/api/v1/message-views/{id}",
    summary="Take one of one's own named queries away",
    permission="messages.read",
    responses=NOT_FOUND,
)
async def drop_view(call: Call) -> Taken:
    await call.read(call.services.saved.drop, call.user, call.path("id"), call.services.wall.now())
    return Taken(id=call.path("id"))


@TABLE.route(
    "POST",
    "/api/v1/messages/{id}/resubmit",
    summary="Take edited bytes in as a new arrival that names the original; id: of the new arrival",
    permission="messages.replay",
    status=202,
    responses={**NOT_FOUND, 400: "no bytes or no reason"},
    body={
        "type": "object",
        "properties": {
            "data": {"type": "string", "contentEncoding": "base64", "minLength": 1},
            "reason": {"type": "string", "minLength": 1, "maxLength": 500},
        },
        "required": ["data", "reason"],
    },
)
async def resubmit(call: Call) -> Taken:
    call.caller.require("messages.raw")
    body = await call.body()
    reason, text = needed(body, "reason"), body.get("data")
    try:
        data = b64decode(text, validate=True) if isinstance(text, str) else b""
    except (BadBase64, ValueError):
        data = b""
    if not data:
        raise OurFault("api.bad-value", name="data", value="", expected="base64")
    return Taken(id=await call.services.actions.resubmit(call.path("id"), data, reason, call.user))
