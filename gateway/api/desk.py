"""JSON: the desk of our house: items, orders with how far each step is, shipments and their labels."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from gateway.api.house_actions import ImportAnswer
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.imports import KINDS
from gateway.model.faults import OurFault
from gateway.model.partner import ItemRecord
from gateway.store.view_desk import ItemLine, OrderProgress, ShipmentLine

TABLE = RouteTable()
_SIDES = ("sale", "purchase")
_BAD = {400: "bad value"}
_FIELDS = {each.name: {"type": "string"} for each in KINDS["items"].columns if each.name != "gtin"}
_ITEM = {"type": "object", "required": ["name"], "additionalProperties": False, "properties": _FIELDS}


@TABLE.route(
    "GET",
    "/api/v1/items",
    summary="Our items by GTIN: told by our house, imported, or of partners/self/tables/items.csv",
    permission="catalogue.read",
    query={"text": "in a name, or of a GTIN", "after": "GTIN to go on behind", "limit": "1 to 1000, default 100"},
    responses=_BAD,
)
async def list_items(call: Call) -> tuple[ItemRecord, ...]:
    text, limit = (call.query("text") or "")[:100], call.number("limit", 100, 1000)
    after = (call.query("after") or "")[:14]
    kept = await call.read(call.services.views.kept_items, text or None, after, limit)
    return tuple(each.record for each in with_file(kept, call.services.book().own.items, text, after, limit))


def with_file(
    kept: Sequence[ItemRecord], listed: Mapping[str, ItemRecord], text: str, after: str, limit: int
) -> tuple[ItemLine, ...]:
    """Return a page of items by GTIN: those that the records keep (the page of them), and those that the file lists."""
    found = {each.gtin: ItemLine(record=each, source="house") for each in kept}
    last = kept[-1].gtin if len(kept) == limit else "9" * 14
    for gtin, record in listed.items():
        if after < gtin <= last and _matches(record, text):
            found.setdefault(gtin, ItemLine(record=record, source="file"))
    return tuple(found[gtin] for gtin in sorted(found)[:limit])


def _matches(record: ItemRecord, text: str) -> bool:
    where = (record.name, record.name_zh or "", record.supplier_item or "")
    return not text or any(text.lower() in each.lower() for each in where) or text.lstrip("0") in record.gtin


@TABLE.route(
    "PUT",
    "/api/v1/items/{gtin}",
    summary="Add or change one item; kept as an import of one row, so that it can be undone",
    permission="items.write",
    body=_ITEM,
    responses={400: "bad body", 409: "a value that cannot be: see positions"},
)
async def put_item(call: Call) -> ImportAnswer:
    body = await call.body()
    values: dict[str, str] = {"gtin": call.path("gtin")[:14]}
    for name, value in body.items():
        if name not in _FIELDS or not isinstance(value, str) or len(value) > 500:
            raise OurFault("api.bad-value", name=name[:40], value=str(value)[:100], expected=", ".join(_FIELDS))
        values[name] = value
    return await call.services.actions.save_item(values, call.user)


@TABLE.route(
    "GET",
    "/api/v1/progress",
    summary="Orders with the units at each step, latest change first; of those that wait, the longest waiting first",
    permission="orders.read",
    query={
        "side": "sale or purchase",
        "partner": "partner id",
        "status": "waiting, open (not finished), or any other",
        "limit": "1 to 500, default 100",
    },
    responses=_BAD,
)
async def list_progress(call: Call) -> tuple[OrderProgress, ...]:
    return await call.read(
        call.services.views.orders_at_work,
        side=call.choice("side", _SIDES),
        partner=call.query("partner"),
        status=call.query("status"),
        limit=call.number("limit", 100, 500),
    )


@TABLE.route(
    "GET",
    "/api/v1/shipments",
    summary="Despatches of both sides, latest change first",
    permission="orders.read",
    query={"side": "sale or purchase", "partner": "partner id", "order": "order number", "limit": "1 to 500"},
    responses=_BAD,
)
async def list_shipments(call: Call) -> tuple[ShipmentLine, ...]:
    return await call.read(
        call.services.views.shipments,
        side=call.choice("side", _SIDES),
        partner=call.query("partner"),
        order=call.query("order"),
        limit=call.number("limit", 100, 500),
    )


@TABLE.route(
    "GET",
    "/api/v1/shipments/{partner}/{number}/labels",
    summary="The logistic labels of a despatch: a PDF, or the label of one unit as SVG",
    permission="orders.read",
    query={"format": "pdf (default) or svg", "size": "a6 (default) or a5", "unit": "of an SVG, from 1"},
    responses={**NOT_FOUND, **_BAD, 409: "no unit has an SSCC"},
)
async def show_labels(call: Call) -> web.Response:
    partner, number = call.path("partner"), call.path("number")
    if not await call.read(call.services.views.shipments, partner=partner, number=number):
        raise OurFault("api.not-found", value=number, kind="shipment")
    form, size = call.choice("format", ("pdf", "svg")) or "pdf", call.choice("size", ("a6", "a5")) or "a6"
    file = await call.services.actions.labels(partner, number, form, size, "en", call.number("unit", 1, 9999) - 1)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return web.Response(body=file.data, content_type=file.content_type, headers=headers)
