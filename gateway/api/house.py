"""JSON: the work of our house: orders decided, the chain, invoices, payments, returns, expected documents, catalogues,
baskets, price lists, imported lists, terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from gateway.api.given import amount_of, bad, day_of, is_count, needed, text_of
from gateway.api.house_actions import INSTRUCTIONS, BasketView, ImportAnswer, InvoiceWord, OrderWord
from gateway.api.messages import NOT_FOUND, Taken
from gateway.api.routes import Call, RouteTable
from gateway.domain.customers import with_terms
from gateway.domain.imports import KINDS
from gateway.model.faults import OurFault
from gateway.model.order_decision import LineWord
from gateway.model.partner import Expected, Partner, Terms
from gateway.model.values import gtin14
from gateway.store.masking import masked
from gateway.store.view_house import after_expected, after_import
from gateway.store.view_house_rows import (
    CatalogueItemView,
    Chain,
    ExpectedLine,
    ImportLine,
    InvoiceView,
    ListPrice,
    PaymentLine,
    PriceChange,
    PriceListLine,
    ReturnView,
)

TABLE = RouteTable()
SIDES = ("sale", "purchase")
IMPORT_LIMIT_BYTES = 64 * 1024 * 1024  # larger lists come by the command line
_CONFLICT = {**NOT_FOUND, 400: "bad body", 409: "decided already, or not as it was seen"}
_BAD = {400: "bad value"}
_PARTNER = {"type": "string", "description": "partner id"}
_REASON = {"type": "string", "maxLength": 500}


def _units(value: Any, name: str) -> Decimal:
    """Return a number that is not negative. Raises OurFault api.bad-value."""
    found = amount_of(value, name)
    if found < 0:
        raise bad(name, value, "0 or more")
    return found


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
        quantity=None if line.get("quantity") is None else _units(line["quantity"], "quantity"),
        promised=day_of(text_of(line, "promised", 10), "promised"),
        price=None if line.get("price") is None else _units(line["price"], "price"),
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


# --- catalogues and baskets -------------------------------------------------------------------------------------------


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
    quantity = _units(body.get("quantity"), "quantity")
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


# --- our price lists, terms -------------------------------------------------------------------------------------------


@TABLE.route("GET", "/api/v1/price-lists", summary="Names of our price lists", permission="catalogue.read")
async def list_price_lists(call: Call) -> tuple[PriceListLine, ...]:
    return await call.read(call.services.views.price_lists)


@TABLE.route(
    "GET",
    "/api/v1/price-lists/{name}",
    summary="Prices of one of our lists, by item",
    permission="catalogue.read",
    query={"gtin": "", "on": "YYYY-MM-DD; without: today", "after": "GTIN to go on behind", "limit": "1 to 1000"},
    responses=_BAD,
)
async def show_price_list(call: Call) -> tuple[ListPrice, ...]:
    day = day_of(call.query("on"), "on") or call.services.clock.now().date()
    gtin, limit = (call.query("gtin") or "")[:14] or None, call.number("limit", 1000, 1000)
    ask = call.services.views.prices
    return await call.read(ask, call.path("name"), day.isoformat(), gtin, limit, call.query("after") or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsAnswer:
    """in_force: today's. versions: every one, the earliest first. expects: what the partner owes us regularly."""

    partner: str
    in_force: Terms
    versions: tuple[Terms, ...]
    expects: tuple[Expected, ...]


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/terms",
    summary="What is agreed with a partner: in force today, and every version",
    permission="terms.read",
    responses=NOT_FOUND,
)
async def show_terms(call: Call) -> TermsAnswer:
    found: Partner | None = call.services.book().partners.get(call.path("id"))
    if found is None:
        raise OurFault("api.not-found", value=call.path("id"), kind="partner")
    found = with_terms(found, await call.read(call.services.views.told_terms, found.id))
    answer = TermsAnswer(
        partner=found.id,
        in_force=found.terms_on(call.services.clock.now().date()),
        versions=tuple(sorted(found.terms, key=lambda each: each.valid_from)),
        expects=found.expects,
    )
    return cast("TermsAnswer", masked(answer, call.caller.sight.hidden))  # the book itself is not masked


# --- imported lists ---------------------------------------------------------------------------------------------------


async def _upload(call: Call) -> bytes:
    """Return the body, up to the limit of a list. Raises OurFault api.too-large."""
    parts, size = [], 0
    async for chunk in call.request.content.iter_chunked(65_536):
        size += len(chunk)
        if size > IMPORT_LIMIT_BYTES:
            raise OurFault("api.too-large", value=str(size), limit=str(IMPORT_LIMIT_BYTES))
        parts.append(chunk)
    return b"".join(parts)


@TABLE.route(
    "POST",
    "/api/v1/imports",
    summary="Import a list: the file itself (CSV or .xlsx) is the body",
    permission="imports.write",
    streams=True,
    query={
        "kind": ", ".join(KINDS),
        "file": "name of the file; its ending tells CSV from Excel",
        "dry": "yes: check only, write nothing",
        "sheet": "of an Excel file; without: the first",
        "column": "ours=theirs, may be repeated: what a column means; remembered",
    },
    responses={400: "bad value", 409: "the file as a whole cannot be taken", 413: "too large"},
)
async def import_list(call: Call) -> ImportAnswer:
    kind = call.choice("kind", tuple(KINDS))
    if kind is None:
        raise OurFault("api.bad-value", name="kind", value="", expected=", ".join(KINDS))
    dry = call.choice("dry", ("yes", "no")) == "yes"
    said = {}
    for each in call.request.query.getall("column", []):
        ours, mark, theirs = each.partition("=")
        if not mark or not ours or not theirs:
            raise OurFault("api.bad-value", name="column", value=each[:100], expected="ours=theirs")
        said[ours.strip()] = theirs.strip()
    data = await _upload(call)
    name = call.query("file") or f"{kind}.csv"
    return await call.services.actions.import_list(
        kind, name, data, call.user, dry=dry, said=said, sheet=call.query("sheet")
    )


@TABLE.route(
    "GET",
    "/api/v1/imports",
    summary="Imported lists, newest first",
    permission="imports.read",
    query={"limit": "1 to 500, default 50", "cursor": "of the header Link of the page before"},
    responses=_BAD,
)
async def list_imports(call: Call) -> tuple[ImportLine, ...]:
    limit = call.number("limit", 50, 500)
    found = await call.read(call.services.views.imports, limit + 1, call.query("cursor"))
    if len(found) > limit:
        call.goes_on(after_import(found[limit - 1]))
    return found[:limit]


@TABLE.route(
    "GET",
    "/api/v1/imports/{id}",
    summary="One import with its problems",
    permission="imports.read",
    responses=NOT_FOUND,
)
async def show_import(call: Call) -> ImportLine:
    return await call.one(call.services.views.import_run, "import")


@TABLE.route(
    "POST",
    "/api/v1/imports/{id}/undo",
    summary="Put everything back as it was before an import; left counts rows that have changed since and stay",
    permission="imports.write",
    responses={**NOT_FOUND, 409: "undone already"},
)
async def undo_import(call: Call) -> ImportAnswer:
    await show_import(call)
    return await call.services.actions.undo_import(call.path("id"), call.user)
