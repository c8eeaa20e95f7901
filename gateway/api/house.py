"""JSON: the work of our house: orders decided, the chain, invoices, payments, returns, expected documents."""

from collections.abc import Mapping
from typing import Any, cast

from gateway.api.given import day_of, needed, text_of, units_of
from gateway.api.house_actions import INSTRUCTIONS, InvoiceWord, OrderWord
from gateway.api.messages import NOT_FOUND, Taken
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.model.order_decision import LineWord
from gateway.model.values import gtin14
from gateway.store.view_house import after_expected
from gateway.store.view_house_rows import (
    Chain,
    ExpectedLine,
    InvoiceView,
    PaymentLine,
    ReturnView,
)

TABLE = RouteTable()
SIDES = ("sale", "purchase")
_CONFLICT = {**NOT_FOUND, 400: "bad body", 409: "decided already, or not as it was seen"}
_BAD = {400: "bad value"}
_PARTNER = {"type": "string", "description": "partner id"}
_REASON = {"type": "string", "maxLength": 500}


# --- orders -----------------------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/chain",
    summary="The documents before and after one, with days, numbers, quantities and the messages that carried them",
    permission="orders.read",
    query={"partner": "partner id", "side": "sale (default) or purchase", "type": "Order, Invoice, ...", "number": ""},
    responses={**NOT_FOUND, **_BAD},
)
async def show_chain(call: Call) -> Chain:
    wanted = {name: call.query(name) for name in ("partner", "type", "number")}
    for name, value in wanted.items():
        if value is None:
            raise OurFault("api.bad-value", name=name, value="", expected="text")
    side = call.choice("side", SIDES) or "sale"
    found = await call.read(
        call.services.views.chain, side, wanted["partner"] or "", wanted["type"] or "", wanted["number"] or ""
    )
    if found is None:
        raise OurFault("api.not-found", value=wanted["number"] or "", kind="document")
    return found


_WORDS = ("number", "quantity", "promised", "price", "substitute", "refuse")
_LINE_WORD = {
    "type": "object",
    "required": ["number"],
    "additionalProperties": False,
    "properties": {
        "number": {"type": "string"},
        "quantity": {"type": "string", "description": "units to confirm at once"},
        "promised": {"type": "string", "format": "date"},
        "price": {"type": "string", "description": "net per unit"},
        "substitute": {"type": "string", "description": "GTIN to ship instead"},
        "refuse": {"type": "boolean"},
    },
}


def _words(body: Mapping[str, Any]) -> tuple[LineWord, ...]:
    lines = body.get("lines") or []
    if not isinstance(lines, list) or len(lines) > 10_000:
        raise OurFault("api.bad-value", name="lines", value=str(lines)[:100], expected="a list of lines")
    return tuple(_word(each) for each in lines)


def _word(line: Any) -> LineWord:
    unknown = sorted(set(line) - set(_WORDS)) if isinstance(line, dict) else [str(line)[:100]]
    if unknown:
        raise OurFault("api.bad-value", name="lines", value=", ".join(unknown)[:100], expected=", ".join(_WORDS))
    refuse = line.get("refuse", False)
    if not isinstance(refuse, bool):
        raise OurFault("api.bad-value", name="refuse", value=str(refuse)[:100], expected="true, false")
    substitute = text_of(line, "substitute", longest=14)
    return LineWord(
        number=needed(line, "number"),
        quantity=None if line.get("quantity") is None else units_of(line["quantity"], "quantity"),
        promised=day_of(text_of(line, "promised", 10), "promised"),
        price=None if line.get("price") is None else units_of(line["price"], "price"),
        substitute=gtin14(substitute) if substitute else None,
        refuse=refuse,
    )


@TABLE.route(
    "POST",
    "/api/v1/orders/{number}/decide",
    summary="Decide on a customer's order that waits: take it, with words on single lines, or reject it",
    permission="orders.decide",
    status=202,
    body={
        "type": "object",
        "required": ["partner", "decision"],
        "properties": {
            "partner": _PARTNER,
            "decision": {"enum": ["accept", "reject"]},
            "lines": {"type": "array", "items": _LINE_WORD},
            "reason": _REASON,
            "seen": {"type": "string", "description": "message of the order as you saw it: another one is a 409"},
        },
    },
    responses=_CONFLICT,
)
async def decide_order(call: Call) -> Taken:
    body, number = await call.body(), call.path("number")
    partner = needed(body, "partner")
    decision = cast("OrderWord", needed(body, "decision", ("accept", "reject")))
    words, reason, seen = _words(body), text_of(body, "reason"), text_of(body, "seen")
    known = await call.read(call.services.views.order, number)
    if not any((each.side, each.partner) == ("sale", partner) for each in known):
        raise OurFault("api.not-found", value=number, kind="order")
    actions = call.services.actions
    return Taken(id=await actions.decide_order(partner, number, decision, call.user, words, reason, seen))


# --- invoices and payments --------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/invoices",
    summary="Invoices and credit notes, latest change first",
    permission="invoices.read",
    query={
        "side": "sale: ours to customers; purchase: suppliers' to us",
        "partner": "partner id",
        "status": "open, matched, disputed, refused, paid, credited",
        "order": "order number",
        "limit": "1 to 1000, default 100",
    },
    responses=_BAD,
)
async def list_invoices(call: Call) -> tuple[InvoiceView, ...]:
    side, limit = call.choice("side", SIDES), call.number("limit", 100, 1000)
    ask = call.services.views.invoices
    return await call.read(ask, side, call.query("partner"), call.query("status"), call.query("order"), limit)


@TABLE.route(
    "GET",
    "/api/v1/invoices/{number}",
    summary="Every invoice of that number with lines, payments and what differs",
    permission="invoices.read",
    query={"side": "sale or purchase", "partner": "partner id"},
    responses={**NOT_FOUND, **_BAD},
)
async def show_invoice(call: Call) -> tuple[InvoiceView, ...]:
    number, side = call.path("number"), call.choice("side", SIDES)
    found = await call.read(call.services.views.invoice, number, side, call.query("partner"))
    if not found:
        raise OurFault("api.not-found", value=number, kind="invoice")
    return found


@TABLE.route(
    "POST",
    "/api/v1/invoices/{number}/decide",
    summary="Approve or reject a supplier's invoice that does not match, or waits for goods",
    permission="invoices.decide",
    status=202,
    body={
        "type": "object",
        "required": ["partner", "decision"],
        "properties": {"partner": _PARTNER, "decision": {"enum": ["approve", "reject"]}, "reason": _REASON},
    },
    responses=_CONFLICT,
)
async def decide_invoice(call: Call) -> Taken:
    body, number = await call.body(), call.path("number")
    partner = needed(body, "partner")
    decision = cast("InvoiceWord", needed(body, "decision", ("approve", "reject")))
    reason = text_of(body, "reason")
    if not await call.read(call.services.views.invoice, number, "purchase", partner):
        raise OurFault("api.not-found", value=number, kind="invoice")
    return Taken(id=await call.services.actions.decide_invoice(partner, number, decision, call.user, reason))


@TABLE.route(
    "GET",
    "/api/v1/payments",
    summary="Which payment settled which invoice, latest day first",
    permission="invoices.read",
    query={"side": "sale: customers paid us", "partner": "partner id", "remittance": "", "limit": "1 to 1000"},
    responses=_BAD,
)
async def list_payments(call: Call) -> tuple[PaymentLine, ...]:
    side, limit = call.choice("side", SIDES), call.number("limit", 100, 1000)
    return await call.read(call.services.views.payments, side, call.query("partner"), call.query("remittance"), limit)


# --- returns ----------------------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/returns",
    summary="Goods that go back, latest change first",
    permission="returns.read",
    query={"side": "sale or purchase", "partner": "partner id", "status": "announced, instructed, ...", "number": ""},
    responses=_BAD,
)
async def list_returns(call: Call) -> tuple[ReturnView, ...]:
    side = call.choice("side", SIDES)
    ask = call.services.views.returns
    return await call.read(ask, side, call.query("partner"), call.query("status"), call.query("number"))


@TABLE.route(
    "POST",
    "/api/v1/returns/{number}/instruct",
    summary="Say what shall be done with announced goods; the customer gets the instruction",
    permission="returns.decide",
    status=202,
    body={
        "type": "object",
        "required": ["partner"],
        "properties": {
            "partner": _PARTNER,
            "instruction": {"enum": list(INSTRUCTIONS), "description": "of every line; default return"},
            "lines": {"type": "object", "additionalProperties": {"enum": list(INSTRUCTIONS)}},
            "note": _REASON,
        },
    },
    responses=_CONFLICT,
)
async def instruct_return(call: Call) -> Taken:
    body, number = await call.body(), call.path("number")
    partner, note = needed(body, "partner"), text_of(body, "note")
    word = needed(body, "instruction", INSTRUCTIONS) if "instruction" in body else "return"
    lines = body.get("lines") or {}
    if not isinstance(lines, dict) or any(each not in INSTRUCTIONS for each in lines.values()):
        raise OurFault("api.bad-value", name="lines", value=str(lines)[:100], expected=", ".join(INSTRUCTIONS))
    if not await call.read(call.services.views.returns, "sale", partner, None, number):
        raise OurFault("api.not-found", value=number, kind="return")
    return Taken(id=await call.services.actions.instruct_return(partner, number, call.user, word, lines, note))


# --- expected documents -----------------------------------------------------------------------------------------------


@TABLE.route(
    "GET",
    "/api/v1/expected",
    summary="Documents that partners owe us, what is due first first",
    permission="expected.read",
    query={
        "state": "waiting, overdue, met, late; without: waiting and overdue",
        "partner": "partner id",
        "limit": "1 to 1000, default 200",
        "cursor": "of the header Link of the page before",
    },
    responses=_BAD,
)
async def list_expected(call: Call) -> tuple[ExpectedLine, ...]:
    state = call.choice("state", ("waiting", "overdue", "met", "late"))
    states, limit = (state,) if state else ("waiting", "overdue"), call.number("limit", 200, 1000)
    views = call.services.views
    found = await call.read(views.expected, states, call.query("partner"), limit + 1, call.query("cursor"))
    if len(found) > limit:
        call.goes_on(after_expected(found[limit - 1]))
    return found[:limit]
