"""Orders as a partner without EDI works on them: looked at, confirmed line by line, turned into a despatch advice."""

from decimal import Decimal
from typing import Any

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.problems import status_of
from gateway.console.forms import day, number, texts
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader, segment
from gateway.domain.portal_answers import (
    CARTON,
    PALLET,
    AskedLine,
    LineAnswer,
    PackedLine,
    Shipping,
    despatch_of,
    order_answer,
)
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.faults import Fault, OurFault
from gateway.model.json_form import from_plain
from gateway.portal.scene import desk_of, once, once_of, partner_of
from gateway.store.view_rows import OrderView

TABLE = PageTable()
ANSWER, ADVICE = "OrderResponse", "DespatchAdvice"
FORM_BYTES = 400_000  # an order of a thousand lines
MOST_ROWS = 3_000
SIDES = ("purchase", "sale")
PACKAGES = (PALLET, CARTON)


@TABLE.get("/orders", "orders.read")
async def orders_page(reader: Reader) -> web.StreamResponse:
    partner = partner_of(reader)
    side = reader.query("side")
    found = await reader.read(
        reader.services.views.orders_at_work, side=side if side in SIDES else None, partner=partner, limit=200
    )
    numbers = [each.number for each in found if each.side == "purchase"]
    answered = await reader.read(desk_of(reader).answered, partner, numbers)
    waiting = {each for each in numbers if each not in answered}
    return reader.page("portal_orders.html", orders=found, side=side, waiting=waiting)


async def _order(reader: Reader) -> OrderView:
    """Return the order of the address. Raises OurFault api.not-found."""
    partner, wanted, side = partner_of(reader), reader.request.match_info["number"], reader.query("side")
    found = await reader.read(reader.services.views.order, wanted)
    mine = [each for each in found if each.partner == partner and (not side or each.side == side)]
    if not mine:
        raise OurFault("api.not-found", value=wanted[:100], kind="order")
    return min(mine, key=lambda each: SIDES.index(each.side))


def _asked(order: OrderView) -> tuple[AskedLine, ...]:
    return tuple(
        AskedLine(
            number=each.number,
            gtin=each.gtin,
            ordered=each.ordered,
            left=each.open.to_despatch if each.open else each.ordered,
            requested=day({"day": each.requested or each.promised or ""}, "day"),
        )
        for each in order.lines
    )


async def _page(reader: Reader, order: OrderView, fault: Fault | None = None, **values: Any) -> web.StreamResponse:
    may_say = await reader.read(desk_of(reader).documents, partner_of(reader))
    shipments = await reader.read(
        reader.services.views.shipments, partner=order.partner, side=order.side, order=order.number
    )
    return reader.page(
        "portal_order.html",
        status=status_of(fault.code) if fault else 200,
        order=order,
        asked={each.number: each for each in _asked(order)},
        shipments=shipments,
        waits=order.side == "purchase" and all(each.status == "open" for each in order.lines),
        can_answer=order.side == "purchase" and ANSWER in may_say and not any(each.despatched for each in order.lines),
        can_ship=order.side == "purchase" and ADVICE in may_say and any(each.left for each in _asked(order)),
        fault=fault.as_finding() if fault else None,
        said=values.pop("said", {}),
        once=values.pop("once", once()),
        **values,
    )


@TABLE.get("/orders/{number}", "orders.read")
async def order_page(reader: Reader) -> web.StreamResponse:
    return await _page(reader, await _order(reader))


@TABLE.post("/orders/{number}/answer", "documents.send", limit_bytes=FORM_BYTES)
async def answer_order(reader: Reader) -> web.StreamResponse:
    """What is said of no line counts as yes; the button "Confirm as ordered" says nothing of any."""
    order, given = await _order(reader), await texts(reader)
    try:
        mark = once_of(given.get("once", ""))
        answers = {} if given.get("do") == "all" else {each.number: _answer(given, each.number) for each in order.lines}
        document = order_answer(
            order.number,
            _asked(order),
            answers,
            number=f"{order.number[:60]}-A{mark[:6]}",
            at=reader.services.clock.now(),
            partner=reader.services.book().partners[order.partner],
            own=reader.services.book().own,
            note=given.get("note", "")[:500],
        )
        await reader.read(desk_of(reader).say, order.partner, document, reader.user, mark)
    except Fault as fault:
        return await _page(reader, order, fault, said=given, once=given.get("once", ""))
    raise web.HTTPSeeOther(f"{_address(order)}?done=answered")


def _answer(given: dict[str, str], line: str) -> LineAnswer:
    return LineAnswer(
        quantity=number(given, f"quantity-{line}"),
        day=day(given, f"day-{line}"),
        reject=given.get(f"reject-{line}") == "yes",
    )


def _address(order: OrderView) -> str:
    return f"/orders/{segment(order.number)}"


# --- despatch ---------------------------------------------------------------------------------------------------------


@TABLE.get("/orders/{number}/despatch", "documents.send")
async def despatch_page(reader: Reader) -> web.StreamResponse:
    order = await _order(reader)
    rows = [{"line": each.number, "quantity": f"{each.left:f}", "unit": "1"} for each in _asked(order) if each.left]
    return await _despatch(reader, order, rows)


async def _despatch(
    reader: Reader,
    order: OrderView,
    rows: list[dict[str, str]],
    fault: Fault | None = None,
    given: dict[str, str] | None = None,
) -> web.StreamResponse:
    if ADVICE not in await reader.read(desk_of(reader).documents, order.partner):
        raise OurFault("portal.not-agreed", value=ADVICE, partner=order.partner)
    today = reader.services.clock.now().astimezone(reader.words.zone).date()
    return reader.page(
        "portal_despatch.html",
        status=status_of(fault.code) if fault else 200,
        order=order,
        lines={each.number: each for each in order.lines},
        asked={each.number: each for each in _asked(order)},
        rows=rows,
        given={"despatch": today.isoformat(), "sscc": "ours", **(given or {})},
        packages=PACKAGES,
        range_known=reader.services.book().own.sscc is not None,
        fault=fault.as_finding() if fault else None,
        once=(given or {}).get("once") or once(),
    )


@TABLE.post("/orders/{number}/despatch", "documents.send", limit_bytes=FORM_BYTES)
async def ship_order(reader: Reader) -> web.StreamResponse:
    """Send the advice; the button "another batch" adds a row of that line and asks again."""
    order, given = await _order(reader), await texts(reader)
    rows = _rows(given)
    if given.get("split"):
        at = next((place for place, row in enumerate(rows) if row["line"] == given["split"]), None)
        if at is not None and len(rows) < MOST_ROWS:
            rows.insert(at + 1, {"line": rows[at]["line"], "quantity": "", "unit": rows[at]["unit"]})
        return await _despatch(reader, order, rows, given=given)
    try:
        mark = once_of(given.get("once", ""))
        document = _advice(reader, order, rows, given)
        ours = given.get("sscc") == "ours"
        said = await reader.read(desk_of(reader).say, order.partner, document, reader.user, mark, number_units=ours)
    except Fault as fault:
        return await _despatch(reader, order, rows, fault, given)
    raise web.HTTPSeeOther(f"/shipments/{said.arrival_id}")


def _rows(given: dict[str, str]) -> list[dict[str, str]]:
    found = []
    for place in range(MOST_ROWS):
        if f"line-{place}" not in given:
            break
        names = ("line", "quantity", "batch", "best", "unit")
        found.append({name: given.get(f"{name}-{place}", "") for name in names})
    return found


def _advice(reader: Reader, order: OrderView, rows: list[dict[str, str]], given: dict[str, str]) -> DespatchAdvice:
    now = reader.services.clock.now()
    packed = [
        PackedLine(
            line=row["line"],
            quantity=number(row, "quantity") or Decimal(0),
            batch=row["batch"][:35] or None,
            best_before=day(row, "best"),
            unit=int(row["unit"]) if is_count(row["unit"], 5) else 0,
        )
        for row in rows
    ]
    wanted = given.get("number", "").strip()[:60]
    shipping = Shipping(
        number=wanted or f"{order.number[:50]}-D{given['once'][:6]}",
        despatch_on=day(given, "despatch") or now.astimezone(reader.words.zone).date(),
        arrives_on=day(given, "arrives"),
        package=given["package"] if given.get("package") in PACKAGES else PALLET,
        own_ssccs=tuple(given.get("ssccs", "").split()) if given.get("sscc") == "own" else (),
    )
    book = reader.services.book()
    return despatch_of(
        order.number, _asked(order), packed, shipping, at=now, partner=book.partners[order.partner], own=book.own
    )


@TABLE.get("/shipments/{id}", "orders.read")
async def shipment_page(reader: Reader) -> web.StreamResponse:
    """A despatch that was said here: how far it is, and its labels. id: of its arrival or its message."""
    partner_of(reader)
    line, advice = await _said(reader)
    if line is None:
        return not_found(reader, "shipment", reader.request.match_info["id"])
    return reader.page("portal_shipment.html", line=line, advice=advice)


async def _said(reader: Reader) -> tuple[Any, DespatchAdvice | None]:
    row_id, views = reader.request.match_info["id"], reader.services.views
    message = await reader.read(views.message, row_id)
    if message is None:
        arrival = await reader.read(views.arrival, row_id)
        if arrival is None:
            return None, None
        if not arrival.messages:
            return arrival, None
        message = await reader.read(views.message, arrival.messages[0].id)
    if message is None or message.line.document_type != ADVICE or not isinstance(message.document, dict):
        return (message.line, None) if message is not None and message.line.direction == "in" else (None, None)
    document = from_plain(message.document)
    return message.line, document if isinstance(document, DespatchAdvice) else None


@TABLE.get("/shipments/{id}/labels", "orders.read")
async def labels(reader: Reader) -> web.StreamResponse:
    partner_of(reader)
    _, advice = await _said(reader)
    if advice is None:
        return not_found(reader, "shipment", reader.request.match_info["id"])
    size = reader.query("size") if reader.query("size") in ("a6", "a5") else "a6"
    file = await reader.read(desk_of(reader).labels, advice, reader.words.lang, size)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
    return web.Response(body=file.data, content_type=file.content_type, headers=headers)
