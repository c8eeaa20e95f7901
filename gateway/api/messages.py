"""JSON: messages in both directions, their bytes, and the actions on them."""

from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

from gateway.api.message_query import FIELDS, parse
from gateway.api.problems import language_of, position
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.view_rows import (
    STATE_GROUPS,
    ArrivalDetail,
    Count,
    Direction,
    MessageDetail,
    MessageFilter,
    MessagePage,
    ParcelDetail,
    RawSlice,
    own_wanted,
)

TABLE = RouteTable()
NOT_FOUND = {404: "no such record"}
DOWNLOAD_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """open: arrivals, messages and parcels that the gateway itself still has to finish."""

    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The action was taken; its outcome shows on the record. id: of the record or of the arrival it made."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswer:
    """problems: fault and findings of the message in words. arrival: only for bytes in which there is no message."""

    message: MessageDetail | None
    arrival: ArrivalDetail | None
    problems: list[dict[str, Any]]


def filter_from(call: Call) -> MessageFilter:
    """Read the list's filter from the query; q says everything by itself. Raises OurFault api.bad-value."""
    test, own = call.choice("test", ("yes", "no")), call.choice("own", ("yes", "no", "all"))
    written = call.query("q")
    if written:
        terms = parse(written)
        if terms.unknown:
            raise OurFault("api.bad-value", name="q", value=terms.unknown[0], expected=", ".join(FIELDS))
        return terms.filter(call.services.clock.now())
    text, partner, kind = (call.query("text") or "")[:200] or None, call.query("partner"), call.query("type")
    return MessageFilter(
        text=text,
        state=call.query("state"),
        partner=partner,
        type=kind,
        direction=cast("Direction | None", call.choice("direction", ("in", "out"))),
        test=None if test is None else test == "yes",
        own=own_wanted(own, named=bool(text or partner or kind)),
    )


_FILTER = {
    "q": "terms as in the console's search box (state:parked -type:CONTRL at:<2h); the others are not read then",
    "text": "part of a business number, reference, file name or Message-ID; or a whole id",
    "state": "a state, or one of the groups " + ", ".join(STATE_GROUPS),
    "partner": "partner id",
    "type": "as on the wire (ORDERS) or canonical (Order)",
    "direction": "in or out",
    "test": "yes or no",
    "own": "our own documents (planning runs, a person's words): yes only they, no or all; absent: they are left out "
    "unless text, partner or type is given, or they wait for a person",
}


@TABLE.route(
    "GET",
    "/api/v1/messages",
    summary="List messages in both directions, newest first",
    permission="messages.read",
    query={**_FILTER, "cursor": "the next member of the page before", "limit": "1 to 200, default 50"},
    responses={400: "bad filter or cursor"},
)
async def list_messages(call: Call) -> MessagePage:
    limit = call.number("limit", 50, 200)
    return await call.read(call.services.views.messages, filter_from(call), call.query("cursor"), limit)


@TABLE.route(
    "GET",
    "/api/v1/messages/count",
    summary="Count messages, up to 10,000",
    permission="messages.read",
    query=_FILTER,
    responses={400: "bad filter"},
)
async def count_messages(call: Call) -> Count:
    return await call.read(call.services.views.count_messages, filter_from(call))


@TABLE.route(
    "GET",
    "/api/v1/messages/{id}",
    summary="One received message, or the arrival of that id when no single message stands for it",
    permission="messages.read",
    responses=NOT_FOUND,
)
async def show_message(call: Call) -> MessageAnswer:
    lang = language_of(call.request, call.services.settings.language)
    message = await call.read(call.services.views.message, call.path("id"))
    arrival = None if message else await call.read(call.services.views.arrival, call.path("id"))
    shown = message or arrival
    if shown is None:
        raise OurFault("api.not-found", value=call.path("id"), kind="message")
    findings = [shown.fault] if shown.fault else []
    findings += [each for each in (message.findings if message else ()) if each not in findings]
    return MessageAnswer(message=message, arrival=arrival, problems=[position(each, lang) for each in findings])


@TABLE.route(
    "GET",
    "/api/v1/messages/{id}/raw",
    summary="The bytes as they were received (message, arrival) or encoded (parcel)",
    permission="messages.raw",
    responses=NOT_FOUND,
)
async def raw_message(call: Call) -> web.Response:
    raw = await call.read(call.services.views.raw, call.path("id"), DOWNLOAD_LIMIT_BYTES)
    if raw is None:
        raise OurFault("api.not-found", value=call.path("id"), kind="message")
    return download(raw, call.path("id"))


def download(raw: RawSlice, row_id: str) -> web.Response:
    """Answer with bytes that no browser will run: never the partner's own content type or file name."""
    ending = {"xml": "xml", "json": "json", "csv": "csv"}.get(
        raw.content_type.rpartition("/")[2].rpartition("+")[2], "edi"
    )
    return web.Response(
        body=raw.data,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{row_id}.{ending}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@TABLE.route(
    "POST",
    "/api/v1/messages/{id}/replay",
    summary="Process a parked message again from its kept bytes",
    permission="messages.replay",
    status=202,
    responses={**NOT_FOUND, 409: "not in a state that can be replayed"},
)
async def replay_message(call: Call) -> Taken:
    await call.services.actions.replay(call.path("id"), call.user)
    return Taken(id=call.path("id"))


@TABLE.route(
    "GET", "/api/v1/parcels/{id}", summary="One message we send", permission="parcels.read", responses=NOT_FOUND
)
async def show_parcel(call: Call) -> ParcelDetail:
    return await call.one(call.services.views.parcel, "parcel")


@TABLE.route(
    "POST",
    "/api/v1/parcels/{id}/resend",
    summary="Send a parked, refused or expired parcel again",
    permission="parcels.resend",
    status=202,
    responses={**NOT_FOUND, 409: "not in a state that can be sent again"},
)
async def resend_parcel(call: Call) -> Taken:
    await call.services.actions.resend(call.path("id"), call.user)
    return Taken(id=call.path("id"))


@TABLE.route("GET", "/api/v1/work", summary="What the gateway still has to do", permission="work.read")
async def show_work(call: Call) -> Work:
    return Work(open=await call.read(call.services.views.open_work))
