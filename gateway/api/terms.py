"""JSON: our price lists, and what was agreed with whom."""

from dataclasses import dataclass
from typing import cast

from gateway.api.given import day_of
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.customers import with_terms
from gateway.model.faults import OurFault
from gateway.model.partner import Expected, Partner, Terms
from gateway.store.masking import masked
from gateway.store.view_house_rows import (
    ListPrice,
    PriceListLine,
)

TABLE = RouteTable()
_BAD = {400: "bad value"}


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
