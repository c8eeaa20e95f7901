"""Which items and places a run plans, and what each of them is planned with: the calendars, what was learned, how the
partners stand, and for our warehouse the places that it fills."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from gateway.domain.decision import Context, Snapshot
from gateway.domain.replenishment.docked_items import docked_items
from gateway.domain.replenishment.facts import Pair, PairFacts, PlanFacts
from gateway.domain.replenishment.inputs import Around, input_of, local
from gateway.domain.replenishment.item_plans import plan_items
from gateway.domain.replenishment.learned import Learned, from_json
from gateway.domain.replenishment.offers import bought_as
from gateway.domain.replenishment.pair_input import PairInput, PlaceNeed
from gateway.model.findings import Finding
from gateway.model.partner import ItemRecord, SupplierTerms
from gateway.model.planning import EVERY_DAY, PlanAgreement, PlanningTerms
from gateway.model.replenishment import PartnerStanding, PlanningRequest


@dataclass(slots=True)
class RunInputs:
    """inputs in the order of their pairs; partners: who is asked for the goods of each; findings: what hinders."""

    request: PlanningRequest
    context: Context
    snapshot: Snapshot
    terms: PlanningTerms
    inputs: list[PairInput] = field(default_factory=list)
    partners: dict[Pair, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _learned: dict[str, Learned | None] = field(default_factory=dict)
    _docked: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._docked = docked_items(self.context.own, self.terms)

    def gather(self, history_days: int | None = None) -> "RunInputs":
        """Return self with everything that is known. history_days: None: as agreed."""
        known = self._with_closed_days(self.snapshot.planning)
        for pair, facts in sorted(known.pairs.items()):
            found = self._input(facts, known, history_days or self.terms.history_days)
            if found is None:
                continue
            given, partner = found
            if self.request.supplier is None or partner == self.request.supplier:
                self.inputs.append(given)
                self.partners[pair] = partner
        self.partners |= {pair: plan.given.agreement.partner or "" for pair, plan in known.made.items()}
        if any(each.agreement.echelon for each in self.inputs):
            self.inputs = self._with_places(known)
        return self

    def _with_closed_days(self, known: PlanFacts) -> PlanFacts:
        """Count days on which a place does not sell as told, as far as it tells at all. A place that nobody plans keeps
        the days of our warehouse's agreement."""
        ours = self.terms.of_place(self.context.own.warehouse)
        reported = dict(known.reported)
        for place, days in known.reported.items():
            agreement = self.terms.of_place(place) or ours
            if agreement is not None and days and agreement.calendar.open_days != EVERY_DAY:
                reported[place] = days | _closed(days, agreement.calendar.open_days)
        return replace(known, reported=reported)

    def _input(self, facts: PairFacts, known: PlanFacts, history_days: int) -> tuple[PairInput, str] | None:
        agreement = self.terms.of_place(facts.place)
        item = self.context.own.items.get(facts.gtin)
        if agreement is None or item is None or not item.active:
            return None
        supply = self._supply(agreement, item)
        if supply is None:
            return None
        partner, terms = supply
        now = self._now(agreement)
        if terms is not None:
            item = bought_as(item, terms, self.snapshot, now.date())
        around = Around(
            known=known,
            agreement=agreement,
            terms=terms,
            learned=self._learned_of(agreement.id, known),
            standings=standings_of(self.request),
            history_days=history_days,
            dock_days=self._dock_days(agreement, item),
        )
        return input_of(facts, item, around, now), partner

    def _dock_days(self, agreement: PlanAgreement, item: ItemRecord) -> int:
        """Return how long the supplier takes to bring what our warehouse does not keep."""
        if agreement.method == "purchase" or item.gtin not in self._docked:
            return 0
        terms = self.context.own.suppliers.get(item.supplier or "")
        return terms.lead_time_days if terms is not None else 0

    def _now(self, agreement: PlanAgreement) -> datetime:
        return local(self.context.now, self.context.zones.get(agreement.calendar.zone))

    def _learned_of(self, agreement: str, known: PlanFacts) -> Learned | None:
        if agreement not in self._learned:
            text = known.learned.get(agreement)
            self._learned[agreement] = None if text is None else from_json(text)
        return self._learned[agreement]

    def _supply(self, agreement: PlanAgreement, item: ItemRecord) -> tuple[str, SupplierTerms | None] | None:
        """Return who is asked for the goods and on what terms: our supplier, or under VMI the customer itself."""
        if agreement.method != "purchase":
            return (agreement.partner or "", None)
        if not item.supplier:
            return None
        terms = self.context.own.suppliers.get(item.supplier)
        if terms is None:
            self.findings.append(Finding(code="plan.terms-missing", severity="warning", value=item.supplier))
            return None
        return item.supplier, terms

    def _with_places(self, known: PlanFacts) -> list[PairInput]:
        """Plan the places of each item that our warehouse fills: what they have and are filled up to counts."""
        wanted = {each.facts.gtin for each in self.inputs if each.agreement.echelon}
        below = []
        for pair, facts in sorted(known.related.items()):
            if pair[1] in wanted and facts.on_hand is None:
                found = self._input(facts, known, self.terms.history_days)
                if found is not None and found[0].held.through is not None and found[0].agreement.method != "purchase":
                    below.append(found[0])
        needs: dict[str, list[PlaceNeed]] = defaultdict(list)
        for plan in plan_items(below):
            given = plan.given
            needs[given.facts.gtin].append(
                PlaceNeed(place=given.facts.place, order_up_to=plan.order_up_to, position=given.position.units)
            )
        return [
            replace(each, places=tuple(needs[each.facts.gtin])) if each.agreement.echelon else each
            for each in self.inputs
        ]


def _closed(reported: frozenset[date], open_days: tuple[int, ...]) -> frozenset[date]:
    """Return the closed days from the first report to the last, and those that follow it."""
    found, day, last = set(), min(reported), max(reported)
    while day <= last or day.isoweekday() not in open_days:
        if day.isoweekday() not in open_days:
            found.add(day)
        day += timedelta(days=1)
    return frozenset(found)


def standings_of(request: PlanningRequest) -> Mapping[str, PartnerStanding]:
    """Return how partners stood when the run was asked for."""
    return {each.partner: each for each in request.standings}


def by_agreement(inputs: Sequence[PairInput]) -> dict[str, list[PairInput]]:
    """Return the inputs of each agreement, by its id."""
    found: dict[str, list[PairInput]] = defaultdict(list)
    for each in inputs:
        found[each.agreement.id].append(each)
    return dict(sorted(found.items()))
