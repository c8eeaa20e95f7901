"""What a run takes of the plans that were made for it before its transaction.

It takes what is still true and plans the rest itself, so that its orders are those that it would have made alone.
"""

from dataclasses import replace

from gateway.domain.decision import Context, Needs
from gateway.domain.replenishment.facts import PlannedAhead
from gateway.model.planning import PlanAgreement


def with_ahead(wanted: Needs, ahead: PlannedAhead | None, context: Context) -> Needs:
    """Let a run know what was planned for it with the agreements and items of now."""
    terms = context.own.planning
    if ahead is None or wanted.planning is None or terms is None or ahead.now != context.now:
        return wanted
    same: dict[tuple[int, str], bool] = {}  # most plans share their agreement

    def as_agreed(place: str, agreement: PlanAgreement) -> bool:
        key = (id(agreement), place)
        if key not in same:
            same[key] = terms.of_place(place) == agreement
        return same[key]

    plans = {
        pair: plan
        for pair, plan in ahead.plans.items()
        if as_agreed(pair[0], plan.given.agreement) and context.own.items.get(pair[1]) == plan.given.item
    }
    return replace(wanted, planning=replace(wanted.planning, ahead=replace(ahead, plans=plans)))
