"""Which plans that were made ahead are still true: those of which nobody has told anything since."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from gateway.domain.replenishment.facts import Noted, Pair, PlannedAhead
from gateway.store.tables_kept import fact_changed
from gateway.store.tables_planning import plan_changed

if TYPE_CHECKING:  # the formulas are slow to import
    from gateway.domain.replenishment.item_plans import ItemPlan

_AT_ONCE = 500


def noted(connection: Connection, places: Collection[str]) -> frozenset[Noted]:
    """Return what has been told of days of places, as far as the look before a run has not taken it in."""
    found: set[Noted] = set()
    names = sorted(places)
    for start in range(0, len(names), _AT_ONCE):
        chosen = select(fact_changed).where(fact_changed.c.location.in_(names[start : start + _AT_ONCE]))
        found |= {(row.location, row.day, row.gtin, row.message) for row in connection.execute(chosen)}
    return frozenset(found)


def marked(connection: Connection) -> dict[Pair, str]:
    """Return the items and places that wait for a plan, with the last message that has changed them."""
    columns = plan_changed.c
    chosen = select(columns.location, columns.gtin, columns.message)
    return {(row[0], row[1]): row[2] for row in connection.execute(chosen)}


def still_true(
    connection: Connection, ahead: PlannedAhead, chosen: Collection[Pair], learned: Mapping[str, str]
) -> "dict[Pair, ItemPlan]":
    """Return of the plans made ahead those of chosen pairs that a plan of now would be equal to.

    Every document that changes a position marks its items and places (plan_changed) and a run that plans them takes the
    mark away; no run lies between the making of these plans and their own.
    """
    if ahead.learned != learned:
        return {}
    plans = {pair: plan for pair, plan in ahead.plans.items() if pair in chosen}
    old = {pair for pair, by in marked(connection).items() if ahead.marked.get(pair) != by}
    told = noted(connection, {place for place, _ in plans}) - ahead.noted
    places = {place for place, _, gtin, _ in told if not gtin}
    old |= {(place, gtin) for place, _, gtin, _ in told if gtin}
    return {pair: plan for pair, plan in plans.items() if pair not in old and pair[0] not in places}
