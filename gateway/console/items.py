"""Items of our house: looked up, added from the problem that names one, changed; shipments and their labels."""

from decimal import Decimal

from aiohttp import web

from gateway.api.desk import with_file
from gateway.api.given import is_count
from gateway.api.problems import status_of
from gateway.console.forms import texts
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.domain.imports import KINDS
from gateway.model.faults import Fault
from gateway.model.partner import ItemRecord
from gateway.model.values import gtin14

TABLE = PageTable()
SHOWN = 100
FIELDS = tuple(each.name for each in KINDS["items"].columns)
SIZES = ("a6", "a5")


@TABLE.get("/items", "catalogue.read")
async def items_page(reader: Reader) -> web.StreamResponse:
    text, after = reader.query("text")[:100], reader.query("after")[:14]
    kept = await reader.read(reader.services.views.kept_items, text or None, after, SHOWN)
    shown = with_file(kept, reader.services.book().own.items, text, after, SHOWN)
    return reader.page(
        "items.html", items=shown, text=text, after=after, next=shown[-1].record.gtin if len(shown) == SHOWN else None
    )


async def _record(reader: Reader, gtin: str) -> ItemRecord | None:
    if not is_count(gtin, 14):
        return None
    kept = await reader.read(reader.services.views.kept_item, gtin)
    return kept or reader.services.book().own.items.get(gtin14(gtin))


def _values(record: ItemRecord) -> dict[str, str]:
    found = {}
    for name in FIELDS:
        value = getattr(record, name)
        text = format(value, "f") if isinstance(value, Decimal) else "" if value is None else str(value)
        found[name] = ("yes" if value else "") if isinstance(value, bool) else text
    return found


def _form(reader: Reader, values: dict[str, str], *, new: bool, fault: Fault | None = None) -> web.Response:
    own = reader.services.book().own
    suppliers = sorted(((each, reader.words.partner(each)) for each in own.suppliers), key=lambda each: each[1])
    findings = (fault.findings or (fault.as_finding(),)) if fault else ()
    wrong = {dict(each.params).get("column", ""): reader.words.finding(each) for each in findings}
    return reader.page(
        "item.html",
        status=status_of(fault.code) if fault else 200,
        values={**dict.fromkeys(FIELDS, ""), **values},
        new=new,
        suppliers=suppliers,
        findings=findings,
        wrong=wrong,
        problem=values.get("problem", ""),
    )


@TABLE.get("/items/new", "items.write")
async def new_item(reader: Reader) -> web.StreamResponse:
    values = {"unit": "H87", "pack": "1", "currency": "EUR", "active": "yes", "gtin": reader.query("gtin")[:14]}
    return _form(reader, {**values, "problem": reader.query("problem")[:32]}, new=True)


@TABLE.get("/items/{gtin}", "catalogue.read")
async def item_page(reader: Reader) -> web.StreamResponse:
    found = await _record(reader, reader.request.match_info["gtin"])
    if found is None:
        return not_found(reader, "item", reader.request.match_info["gtin"])
    return _form(reader, _values(found), new=False)


@TABLE.post("/items/save", "items.write")
async def save(reader: Reader) -> web.StreamResponse:
    given = await texts(reader)
    new, problem = given.get("new") == "yes", given.get("problem", "")
    values = {name: given.get(name, "") for name in FIELDS} | {"active": "yes" if given.get("active") else "no"}
    try:
        await reader.services.actions.save_item(values, reader.user)
    except Fault as fault:
        return _form(reader, {**given, "active": given.get("active", "")}, new=new, fault=fault)
    if problem.isalnum() and len(problem) == 32:
        raise web.HTTPSeeOther(f"/problems/{problem}?done=item")
    raise web.HTTPSeeOther(f"/items/{gtin14(values['gtin'])}?done=save")


# --- stock and shipments ----------------------------------------------------------------------------------------------


@TABLE.get("/stock", "stock.read")
async def stock_page(reader: Reader) -> web.StreamResponse:
    views = reader.services.views
    stock = await reader.read(views.stock)
    ordered = sorted(stock, key=lambda each: (each.location, reader.words.item(each.gtin)))
    shipments = await reader.read(views.shipments, limit=20) if reader.may("orders.read") else ()
    return reader.page("stock.html", stock=ordered, shipments=shipments)


@TABLE.get("/shipments", "orders.read")
async def shipments_page(reader: Reader) -> web.StreamResponse:
    side = reader.query("side") if reader.query("side") in ("sale", "purchase") else None
    found = await reader.read(reader.services.views.shipments, side=side, limit=200)
    return reader.page("shipments.html", shipments=found, side=side)


@TABLE.get("/shipments/{partner}/{number}/labels", "orders.read")
async def labels(reader: Reader) -> web.StreamResponse:
    """The labels as PDF, or the one of a unit as SVG."""
    place = reader.request.match_info
    form = "svg" if reader.query("format") == "svg" else "pdf"
    size = reader.query("size") if reader.query("size") in SIZES else "a6"
    unit = int(reader.query("unit")) if reader.query("unit").isdecimal() and len(reader.query("unit")) < 5 else 0
    known = await reader.read(reader.services.views.shipments, partner=place["partner"], number=place["number"])
    if not known:
        return not_found(reader, "shipment", place["number"])
    file = await reader.services.actions.labels(place["partner"], place["number"], form, size, reader.words.lang, unit)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
    return web.Response(body=file.data, content_type=file.content_type, headers=headers)
