"""The events that planning knows of an item at a place, out of the records of promotions and introductions."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import Connection, select

from gateway.domain.replenishment.facts import PlanEvent, PlanScope
from gateway.domain.replenishment.prices import price_events
from gateway.domain.replenishment.promotions import CANCELLED, EVENT, PlannedEvent, planned_event
from gateway.model.effects import PriceSaved
from gateway.model.planning_effects import RecordSaved
from gateway.store import house_records
from gateway.store.tables_planning import plan_record

OfPair = Callable[[str, str], tuple[PlanEvent, ...]]


def of_scope(connection: Connection, scope: PlanScope, warehouse: str) -> OfPair:
    """Return a function that gives the events of a (place, GTIN), by first day."""
    by_item: dict[str, list[PlannedEvent]] = defaultdict(list)
    columns = plan_record.c
    chosen = select(columns.id, columns.partner, columns.state, columns.data).where(
        columns.kind == EVENT, columns.state != CANCELLED
    )
    for row in connection.execute(chosen.order_by(columns.id)):
        event = _event(row.id, row.partner, row.state, row.data)
        if event.last_day >= scope.since:
            for gtin in event.gtins:
                by_item[gtin].append(event)

    by_price = _prices(connection, scope) if scope.price_lists else {}

    def of_pair(place: str, gtin: str) -> tuple[PlanEvent, ...]:
        found = []
        for event in sorted(by_item.get(gtin, ()), key=lambda each: (each.first_day, each.id)):
            if place == warehouse:
                named = [each for each in scope.agreements if each != warehouse]
                covered = tuple(each for each in named if event.covers(each, gtin, scope.agreements[each][1]))
                if covered or place in event.places:
                    found.append(_plan_event(event, covered))
            elif event.covers(place, gtin, scope.agreements.get(place, ("", None))[1]):
                found.append(_plan_event(event, ()))
        listed = scope.price_lists.get(place)
        return (*found, *(by_price.get((listed, gtin), ()) if listed is not None else ()))

    return of_pair


def _prices(connection: Connection, scope: PlanScope) -> dict[tuple[str, str], tuple[PlanEvent, ...]]:
    """Return by list and GTIN the days on which the price is not the usual one."""
    lists = sorted(set(scope.price_lists.values()))
    by_item: dict[tuple[str, str], list[PriceSaved]] = defaultdict(list)
    for each in house_records.prices_of_lists(connection, lists):
        by_item[each.price_list, each.gtin].append(each)
    return {key: price_events(some, scope.since, scope.today) for key, some in by_item.items()}


@lru_cache(maxsize=4096)
def _event(record: str, partner: str | None, state: str, data: str) -> PlannedEvent:
    return planned_event(RecordSaved(key=record, kind=EVENT, id=record, state=state, data=data, partner=partner))


def _plan_event(event: PlannedEvent, places: tuple[str, ...]) -> PlanEvent:
    """uplift of the record is what is sold more, ours the factor."""
    return PlanEvent(
        id=event.id,
        kind="introduction" if event.kind == "introduction" else "promotion",
        mechanic=event.mechanic,
        first_day=event.first_day,
        last_day=event.last_day,
        uplift=None if event.uplift is None else max(Decimal("0.01"), 1 + event.uplift),
        places=places,
        like=event.like,
    )
