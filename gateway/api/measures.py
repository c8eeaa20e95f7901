"""JSON: key figures of service, assets and cost, with the documents behind each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from gateway.api.given import day_of, is_count
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.api.services import Definitions
from gateway.domain.measures.scorecard import BY, BY_NAME, By, Figure
from gateway.domain.replenishment.categories import Category
from gateway.model.faults import OurFault
from gateway.model.values import gtin14
from gateway.store.view_measures import PartRow, Scorecard, Stockouts

TABLE = RouteTable()
DAYS = 91  # of a period that is not named: thirteen weeks
LONGEST_DAYS = 731
_QUERY = {
    "partner": "partner id; all partners that are seen without it",
    "from": "first day, 2026-03-02; 13 weeks before the last one without it",
    "until": "last day, included; yesterday without it",
    "item": "GTIN",
    "place": "GLN",
    "earlyDays": "so many days early is still on time, 0 to 60; 1 without it",
}
_BAD = {400: "bad value"}
_NAMED = {**_BAD, **NOT_FOUND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A period and what of it, as an address names it."""

    partner: str | None
    first: date
    last: date
    gtin: str | None
    place: str | None
    early_days: int

    @property
    def narrowed(self) -> dict[str, Any]:
        return {"gtin": self.gtin, "place": self.place, "early_days": self.early_days}


def asked_for(query: Mapping[str, str], today: date) -> Asked:
    """Return what an address asks for. Raises OurFault api.bad-value."""
    last = day_of(query.get("until"), "until") or today - timedelta(days=1)
    first = day_of(query.get("from"), "from") or last - timedelta(days=DAYS - 1)
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise OurFault("api.bad-value", name="from", value=f"{first} – {last}", expected=f"1-{LONGEST_DAYS} d")
    item, early = query.get("item", "").strip(), query.get("earlyDays", "1")
    if item and not is_count(item, 14):
        raise OurFault("api.bad-value", name="item", value=item[:40], expected="GTIN")
    if not (is_count(early, 2) and int(early) <= 60):
        raise OurFault("api.bad-value", name="earlyDays", value=early[:40], expected="0-60")
    return Asked(
        partner=query.get("partner") or None,
        first=first,
        last=last,
        gtin=gtin14(item) if item else None,
        place=query.get("place", "").strip() or None,
        early_days=int(early),
    )


def costs_of(book: Definitions) -> dict[str, Decimal]:
    """Return what a unit of each item costs us, where that is known and above nothing."""
    items = book.own.items.values()
    return {each.gtin: each.purchase_price for each in items if each.purchase_price}


@TABLE.route(
    "GET",
    "/api/v1/scorecard",
    summary="Every key figure of a period: value, what it is made of, value of the period before",
    permission="accounts.read",
    query=_QUERY,
    responses=_BAD,
)
async def show_scorecard(call: Call) -> Scorecard:
    today = call.services.clock.now().date()
    asked, costs = asked_for(call.request.query, today), costs_of(call.services.book())
    views = call.services.views
    return await call.read(
        views.scorecard, asked.partner, asked.first, asked.last, today, costs=costs, **asked.narrowed
    )


@TABLE.route(
    "GET",
    "/api/v1/measures/{name}",
    summary="One key figure by item, place or month",
    permission="accounts.read",
    query={**_QUERY, "by": ", ".join(BY)},
    responses=_NAMED,
)
async def show_measure(call: Call) -> tuple[Figure, ...]:
    today = call.services.clock.now().date()
    asked, costs = asked_for(call.request.query, today), costs_of(call.services.book())
    by = cast(By, call.choice("by", BY) or "total")
    views, name = call.services.views, _name(call)
    return await call.read(
        views.measure_groups, name, by, asked.partner, asked.first, asked.last, today, costs=costs, **asked.narrowed
    )


@TABLE.route(
    "GET",
    "/api/v1/measures/{name}/parts",
    summary="What each document adds to a key figure, the worst first",
    permission="accounts.read",
    query={**_QUERY, "limit": "1 to 2000"},
    responses=_NAMED,
)
async def show_parts(call: Call) -> tuple[PartRow, ...]:
    today = call.services.clock.now().date()
    asked, costs = asked_for(call.request.query, today), costs_of(call.services.book())
    limit = call.number("limit", 500, 2000)
    views, name = call.services.views, _name(call)
    return await call.read(
        views.measure_parts,
        name,
        asked.partner,
        asked.first,
        asked.last,
        today,
        costs=costs,
        limit=limit,
        **asked.narrowed,
    )


@TABLE.route(
    "GET",
    "/api/v1/stockouts",
    summary="Why shelves were empty: one cause for each day of an item at a place, counted and listed",
    permission="accounts.read",
    query={**{name: said for name, said in _QUERY.items() if name != "earlyDays"}, "limit": "1 to 2000"},
    responses=_BAD,
)
async def show_stockouts(call: Call) -> Stockouts:
    today = call.services.clock.now().date()
    asked, limit = asked_for(call.request.query, today), call.number("limit", 500, 2000)
    views = call.services.views
    return await call.read(
        views.stockouts,
        asked.partner,
        asked.first,
        asked.last,
        today,
        gtin=asked.gtin,
        place=asked.place,
        limit=limit,
    )


@TABLE.route(
    "GET",
    "/api/v1/categories",
    summary="The tree of item categories with units sold, stock left and sell-through",
    permission="accounts.read",
    query={name: said for name, said in _QUERY.items() if name not in ("earlyDays", "item")},
    responses=_BAD,
)
async def show_categories(call: Call) -> tuple[Category, ...]:
    today = call.services.clock.now().date()
    asked, names = asked_for(call.request.query, today), categories_of(call.services.book())
    views = call.services.views
    return await call.read(
        views.categories, asked.partner, asked.first, asked.last, today, category_of=names, place=asked.place
    )


def categories_of(book: Definitions) -> dict[str, str | None]:
    """Return the category of each of our items."""
    return {each.gtin: each.category for each in book.own.items.values()}


def _name(call: Call) -> str:
    name = call.path("name")
    if name not in BY_NAME:
        raise OurFault("api.not-found", value=name[:80], kind="measure")
    return name
