"""Orders: the work list of what waits for a person, the decision line by line, and every order with its steps."""

from decimal import Decimal
from typing import Any, cast

from aiohttp import web

from gateway.api.house_actions import OrderWord
from gateway.api.problems import status_of
from gateway.console.chain import steps_of
from gateway.console.forms import day, number, texts
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader, segment
from gateway.model.faults import Fault, OurFault
from gateway.model.order_decision import LineWord
from gateway.model.values import gtin14
from gateway.store.forms import micros
from gateway.store.view_reading import read_cursor, write_cursor
from gateway.store.view_rows import OrderView

TABLE = PageTable()
SHOWN = 50
COUNTED = 100  # of those that wait
SIDES = ("sale", "purchase")


@TABLE.get("/orders", "orders.read")
async def orders_page(reader: Reader) -> web.StreamResponse:
    side = reader.query("side") if reader.query("side") in SIDES else None
    status = reader.query("status") if reader.query("status") in ("waiting", "open") else None
    partner, wanted = reader.query("partner") or None, reader.query("number")[:100] or None
    cursor = read_cursor(reader.query("cursor")) if reader.query("cursor") else None
    views = reader.services.views
    found = await reader.read(
        views.orders_at_work, side=side, partner=partner, status=status, number=wanted, cursor=cursor, limit=SHOWN + 1
    )
    waiting = await reader.read(views.orders_at_work, side="sale", status="waiting", limit=COUNTED)
    shown = found[:SHOWN]
    more = len(found) > SHOWN and status != "waiting"
    return reader.page(
        "orders.html",
        orders=shown,
        waiting=len(waiting),
        counted=COUNTED,
        side=side,
        chosen=status,
        partner=partner,
        number=wanted,
        cursor=cursor,
        next=write_cursor(micros(shown[-1].updated_at), shown[-1].number) if more else None,
        partners=sorted(((each, reader.words.partner(each)) for each in reader.services.book().partners),
                        key=lambda each: each[1]),
    )  # fmt: skip


@TABLE.get("/orders/{number}", "orders.read")
async def order_page(reader: Reader) -> web.StreamResponse:
    return await _order_page(reader, {})


async def _order_page(reader: Reader, values: dict[str, str], fault: Fault | None = None) -> web.StreamResponse:
    wanted, views = reader.request.match_info["number"], reader.services.views
    orders = await reader.read(views.order, wanted)
    if not orders:
        return not_found(reader, "order", wanted)
    chains = [await reader.read(views.chain, each.side, each.partner, "Order", wanted) for each in orders]
    return reader.page(
        "order.html",
        status=status_of(fault.code) if fault else 200,
        number=wanted,
        orders=[(each, chain, steps_of(each, chain)) for each, chain in zip(orders, chains, strict=True)],
        values=values,
        fault=fault.as_finding() if fault else None,
        pending=_pending_lines,
    )


def _pending_lines(order: OrderView) -> list[dict[str, Any]]:
    """Return the lines of the document that waits: what the customer wants now."""
    pending = order.pending if isinstance(order.pending, dict) else {}
    found = []
    for n, line in enumerate(pending.get("lines") or (), start=1):
        price = (line.get("price") or {}).get("net") or {}
        found.append(
            {
                "number": str(line.get("number") or n),
                "gtin": (line.get("item") or {}).get("gtin"),
                "text": (line.get("item") or {}).get("description"),
                "quantity": Decimal((line.get("quantity") or {}).get("value") or 0),
                "price": price.get("value"),
                "currency": price.get("currency"),
                "wanted": str(line.get("requestedDelivery") or pending.get("requestedDelivery") or "")[:10] or None,
            }
        )
    return found


@TABLE.post("/orders/{number}/decide", "orders.decide")
async def decide(reader: Reader) -> web.StreamResponse:
    wanted, given = reader.request.match_info["number"], await texts(reader)
    decision, partner = given.get("decision", ""), given.get("partner", "")
    try:
        if decision not in ("accept", "reject"):
            raise OurFault("api.bad-value", name="decision", value=decision[:100], expected="accept, reject")
        known = await reader.read(reader.services.views.order, wanted)
        order = next((each for each in known if (each.side, each.partner) == ("sale", partner)), None)
        if order is None:
            return not_found(reader, "order", wanted)
        words = _words(order, given) if decision == "accept" else ()
        reason = given.get("reason", "")[:500] or None
        await reader.services.actions.decide_order(
            partner, wanted, cast("OrderWord", decision), reader.user, words, reason, given.get("seen") or None
        )
    except Fault as fault:
        return await _order_page(reader, given, fault)
    raise web.HTTPSeeOther(f"/orders/{segment(wanted)}?done=decide")


def _words(order: OrderView, given: dict[str, str]) -> tuple[LineWord, ...]:
    """Return what differs from what the customer wants, line by line. Raises OurFault api.bad-value."""
    found = []
    for line in _pending_lines(order):
        name = line["number"]
        substitute = given.get(f"substitute-{name}", "")
        word = LineWord(
            number=name,
            quantity=number(given, f"quantity-{name}"),
            promised=day(given, f"promised-{name}"),
            price=number(given, f"price-{name}"),
            substitute=_gtin(substitute) if substitute else None,
            refuse=given.get(f"refuse-{name}") == "yes",
        )
        if word != LineWord(number=name):
            found.append(word)
    return tuple(found)


def _gtin(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 8 <= len(text) <= 14):
        raise OurFault("api.bad-value", name="substitute", value=text[:100], expected="GTIN")
    return gtin14(text)
