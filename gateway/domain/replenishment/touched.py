"""Which plans a document makes old: those of the items and places whose position or demand it changes."""

from collections import defaultdict
from collections.abc import Iterator

from gateway.domain.decision import Context, Decision
from gateway.model.documents import Document
from gateway.model.effects import OrderSaved, SalesRecorded, ShipmentSaved, StockMoved, StockReported
from gateway.model.planning_effects import GoodsReceived, PlanChanged
from gateway.model.replenishment import PlanningRequest

Pair = tuple[str, str]


def touched(document: Document, context: Context, decision: Decision) -> tuple[PlanChanged, ...]:
    """Return the planned items and places that decision touches; nothing without planned places, and nothing of a run:
    what it plans is new."""
    terms = context.own.planning
    if terms is None or isinstance(document, PlanningRequest):
        return ()
    said = {each.key for each in decision.effects if isinstance(each, PlanChanged)}
    found: dict[str, set[str]] = defaultdict(set)
    for place, gtin in _pairs(context, decision):
        if gtin and terms.of_place(place) is not None:
            found[place].add(gtin)
    return tuple(
        PlanChanged(key=f"touched:{place}", location=place, gtins=tuple(sorted(gtins)))
        for place, gtins in sorted(found.items())
        if f"changed:{place}" not in said
    )


def _pairs(context: Context, decision: Decision) -> Iterator[Pair]:
    places: dict[tuple[str, str], str | None] = {}
    for each in decision.effects:
        if isinstance(each, SalesRecorded):
            yield each.location, each.gtin
            yield context.own.warehouse, each.gtin  # its demand is that of the places
        elif isinstance(each, StockReported | GoodsReceived | StockMoved):
            yield each.location, each.gtin
        elif isinstance(each, OrderSaved):
            place = context.own.warehouse if each.side == "purchase" else each.ship_to
            places[each.side, each.partner] = place
            for line in each.lines:
                yield place or "", line.gtin
    for each in decision.effects:
        if isinstance(each, ShipmentSaved):
            place = context.own.warehouse if each.side == "purchase" else places.get((each.side, each.partner))
            for _, gtin, _ in each.lines:
                yield place or "", gtin
