"""JSON: catalogues of suppliers and baskets."""

from gateway.api.given import day_of, is_count, needed, units_of
from gateway.api.house_actions import BasketView
from gateway.api.messages import Taken
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.view_house_rows import (
    CatalogueItemView,
    PriceChange,
)

TABLE = RouteTable()
_BAD = {400: "bad value"}
_PARTNER = {"type": "string", "description": "partner id"}


@TABLE.route(
    "GET",
    "/api/v1/catalogue",
    summary="Items with every supplier's offer side by side",
    permission="catalogue.read",
    query={
        "text": "part of a name, or the beginning of a GTIN",
        "supplier": "only items that this partner offers",
        "gtin": "only this item",
        "on": "day that prices are looked at, YYYY-MM-DD; without: today",
        "after": "GTIN to go on behind",
        "limit": "1 to 1000, default 100",
    },
    responses=_BAD,
)
async def list_catalogue(call: Call) -> tuple[CatalogueItemView, ...]:
    day = day_of(call.query("on"), "on") or call.services.clock.now().date()
    gtin = call.query("gtin")
    return await call.read(
        call.services.views.catalogue,
        day,
        text=(call.query("text") or "")[:100] or None,
        supplier=call.query("supplier"),
        gtins=(gtin[:14],) if gtin else (),
        limit=call.number("limit", 100, 1000),
        after=call.query("after") or "",
    )


@TABLE.route(
    "GET",
    "/api/v1/catalogue/changes",
    summary="How net prices have changed, latest first",
    permission="catalogue.read",
    query={"gtin": "only this item", "supplier": "partner id", "since": "YYYY-MM-DD", "limit": "1 to 1000"},
    responses=_BAD,
)
async def list_price_changes(call: Call) -> tuple[PriceChange, ...]:
    return await call.read(
        call.services.views.price_changes,
        gtin=(call.query("gtin") or "")[:14] or None,
        supplier=call.query("supplier"),
        since=day_of(call.query("since"), "since"),
        limit=call.number("limit", 200, 1000),
    )


@TABLE.route("GET", "/api/v1/basket", summary="Your basket at today's prices", permission="basket.use")
async def show_basket(call: Call) -> BasketView:
    return await call.services.actions.basket(call.user)


@TABLE.route(
    "POST",
    "/api/v1/basket/lines",
    summary="Set how much of an item to buy from a supplier; 0 takes it out",
    permission="basket.use",
    body={
        "type": "object",
        "required": ["supplier", "gtin", "quantity"],
        "properties": {"supplier": _PARTNER, "gtin": {"type": "string"}, "quantity": {"type": "string"}},
    },
    responses={400: "bad body", 409: "not offered"},
)
async def put_in_basket(call: Call) -> BasketView:
    body = await call.body()
    gtin = needed(body, "gtin")
    if not is_count(gtin, 14):
        raise OurFault("api.bad-value", name="gtin", value=gtin[:100], expected="8 to 14 digits")
    quantity = units_of(body.get("quantity"), "quantity")
    await call.services.actions.put_in_basket(call.user, needed(body, "supplier"), gtin, quantity)
    return await call.services.actions.basket(call.user)


@TABLE.route(
    "POST",
    "/api/v1/basket/order",
    summary="Order everything in your basket: one order per supplier; above its limit a proposal waits for approval",
    permission="basket.use",
    status=202,
    responses={409: "empty, or a line cannot be ordered so: see positions"},
)
async def order_basket(call: Call) -> Taken:
    return Taken(id=await call.services.actions.order_basket(call.user))
