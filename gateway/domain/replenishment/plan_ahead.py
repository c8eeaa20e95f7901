"""Plans for a run that is still to come, made from what is known now: items at places of customers that lean on no
other item. What is told in between makes a plan old: see store.planning_ahead."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.domain.decision import Context, Snapshot
from gateway.domain.replenishment.facts import ZERO, Noted, Pair, PairFacts, PlanFacts, PlannedAhead, PlanScope
from gateway.domain.replenishment.item_plans import ItemPlan, plan_items
from gateway.domain.replenishment.run_inputs import RunInputs
from gateway.model.planning import PlanningTerms
from gateway.model.replenishment import PlanningRequest


def scope_ahead(scope: PlanScope, terms: PlanningTerms) -> PlanScope:
    """Return what of a run can be planned ahead."""
    agreed = {place: terms.of_place(place) for place in scope.places}
    places = tuple(place for place, each in agreed.items() if each is not None and each.method != "purchase")
    return replace(scope, places=places, bought=frozenset())


def plan_ahead(
    request: PlanningRequest,
    context: Context,
    terms: PlanningTerms,
    known: PlanFacts,
    noted: frozenset[Noted],
    marked: Mapping[Pair, str],
) -> PlannedAhead:
    """Plan what known holds. noted, marked: as in PlannedAhead."""
    gathered = RunInputs(request, context, Snapshot(planning=known), terms).gather()
    plans = plan_items([each for each in gathered.inputs if not _leans(each.facts)])
    light = {each.given.pair: _light(each) for each in plans}
    return PlannedAhead(now=context.now, plans=light, learned=known.learned, noted=noted, marked=marked)


def _leans(facts: PairFacts) -> bool:
    """Tell whether a plan needs the figures of other items: see store.planning_snapshot."""
    named = {"like", "predecessor"} & facts.parameters.keys()
    return bool(named) or any(each.like is not None for each in facts.events)


def _light(plan: ItemPlan) -> ItemPlan:
    """Return a plan without the days it was made from: a run asks of them only which are known."""
    given = plan.given
    facts = replace(given.facts, sales={}, stock=(), receipts=(), events=(), emptied=frozenset())
    demand = tuple(None if each is None else ZERO for each in given.demand)
    bare = replace(given, facts=facts, demand=demand, shut=frozenset(), learned=None, events=(), like=None)
    return replace(plan, given=bare)
