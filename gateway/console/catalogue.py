"""Suppliers' catalogues side by side, how prices have changed, and the basket that becomes orders."""

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.problems import status_of
from gateway.console.forms import number, texts
from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.model.faults import Fault, OurFault

TABLE = PageTable()
SHOWN = 50


@TABLE.get("/catalogue", "catalogue.read")
async def catalogue_page(reader: Reader) -> web.StreamResponse:
    text, supplier, after = reader.query("text")[:100], reader.query("supplier") or None, reader.query("after")[:14]
    today = reader.words.now.astimezone(reader.words.zone).date()
    found = await reader.read(
        reader.services.views.catalogue, today, text=text or None, supplier=supplier, limit=SHOWN, after=after
    )
    own = reader.services.book().own
    return reader.page(
        "catalogue.html",
        items=found,
        text=text,
        supplier=supplier,
        after=after,
        next=found[-1].gtin if len(found) == SHOWN else None,
        suppliers=sorted(((each, reader.words.partner(each)) for each in own.suppliers), key=lambda each: each[1]),
    )


@TABLE.get("/catalogue/changes", "catalogue.read")
async def changes_page(reader: Reader) -> web.StreamResponse:
    gtin, supplier = reader.query("gtin")[:14] or None, reader.query("supplier") or None
    found = await reader.read(reader.services.views.price_changes, gtin=gtin, supplier=supplier, limit=200)
    return reader.page("price_changes.html", changes=found, gtin=gtin, supplier=supplier)


@TABLE.get("/basket", "basket.use")
async def basket_page(reader: Reader) -> web.StreamResponse:
    return await _basket_page(reader)


async def _basket_page(reader: Reader, fault: Fault | None = None) -> web.StreamResponse:
    return reader.page(
        "basket.html",
        status=status_of(fault.code) if fault else 200,
        basket=await reader.services.actions.basket(reader.user),
        findings=(fault.findings or (fault.as_finding(),)) if fault else (),
    )


@TABLE.post("/basket/put", "basket.use")
async def put(reader: Reader) -> web.StreamResponse:
    given = await texts(reader)
    gtin = given.get("gtin", "")
    try:
        if not is_count(gtin, 14):
            raise OurFault("api.bad-value", name="gtin", value=gtin[:100], expected="GTIN")
        quantity = number(given, "quantity")
        if quantity is None:
            raise OurFault("api.bad-value", name="quantity", value="", expected="1")
        await reader.services.actions.put_in_basket(reader.user, given.get("supplier", ""), gtin, quantity)
    except Fault as fault:
        return await _basket_page(reader, fault)
    raise web.HTTPSeeOther("/basket?done=put")


@TABLE.post("/basket/order", "basket.use")
async def order(reader: Reader) -> web.StreamResponse:
    try:
        await reader.services.actions.order_basket(reader.user)
    except Fault as fault:
        return await _basket_page(reader, fault)
    raise web.HTTPSeeOther("/orders?side=purchase&done=basket")
