"""A run over items and places: plans, proposals brought up to date, and orders where nobody needs to look."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from gateway.domain.decision import Answer, Context, Decision, Snapshot
from gateway.domain.replenishment.approval import raised
from gateway.domain.replenishment.call_offs import Scheduled, call_offs
from gateway.domain.replenishment.exceptions import exceptions
from gateway.domain.replenishment.facts import ACCURACY, LEARNED_DAYS, ZERO, Pair, PairFacts
from gateway.domain.replenishment.item_plans import ItemPlan, as_text, exact, plan_items
from gateway.domain.replenishment.learned import to_json
from gateway.domain.replenishment.learning import history_of, learn
from gateway.domain.replenishment.ordering import order_number, ordered_lines
from gateway.domain.replenishment.run_docks import Docks
from gateway.domain.replenishment.run_inputs import RunInputs, by_agreement, standings_of
from gateway.domain.replenishment.run_loads import loaded
from gateway.domain.replenishment.run_shares import shared
from gateway.domain.replenishment.service import short_of_trust
from gateway.domain.replenishment.supplier_orders import OFFERED, offered
from gateway.domain.replenishment.supplier_reports import judged, reports
from gateway.domain.replenishment.tracking import record_id, tracked
from gateway.domain.replenishment.wanted import Wanted
from gateway.domain.splits import resplit
from gateway.model.effects import CaseClosed, CaseOpened, Effect, ProposalSaved
from gateway.model.planning import PlanningTerms, SupplierPlan
from gateway.model.planning_effects import LinesPlanned, PlannedLine, RecordSaved
from gateway.model.replenishment import (
    PartnerStanding,
    PlanningRequest,
    PlanReason,
    ProposalLine,
    ReplenishmentProposal,
)
from gateway.model.values import Amount, Item, Quantity

Side = tuple[str, str]  # partner, place


def run(request: PlanningRequest, context: Context, snapshot: Snapshot, terms: PlanningTerms) -> Decision:
    """Plan what the snapshot holds, or learn from it. Raises OurFault plan.*."""
    if request.learn:
        return _learned(request, context, snapshot, terms)
    gathered = RunInputs(request, context, snapshot, terms).gather()
    findings = gathered.findings
    docks = Docks.of(context, snapshot, terms)
    wanted = docks.rounded(_shared(_wanted(gathered), request, snapshot, docks.gtins), request.release)
    by_side: dict[Side, list[Wanted]] = defaultdict(list)
    for each in wanted:
        by_side[each.partner, each.pair[0]].append(each)
    effects: list[Effect] = []
    answers: list[Answer] = []
    lines: list[PlannedLine] = []
    open_proposals = {
        (each.supplier, each.ship_to): each
        for each in snapshot.proposals.values()
        if each.status == "proposed" and each.method != OFFERED
    }
    for number, (side, some) in enumerate(sorted(by_side.items(), key=docks.shops_first), start=1):
        seen = docks.snapshot()
        made = _Side(context, seen, side, docks.bought(some), open_proposals.get(side), number, request)
        made.decide()
        docks.saw(made.effects)
        effects += made.effects
        answers += made.answers
        lines += made.lines
    planned = {(each.location, each.gtin) for each in lines}
    skipped = tuple(sorted(snapshot.planning.pairs.keys() - planned))
    effects.append(LinesPlanned(key="lines", lines=tuple(lines), skipped=skipped))
    return Decision(effects=tuple(effects), answers=tuple(answers), findings=tuple(findings))


def _learned(request: PlanningRequest, context: Context, snapshot: Snapshot, terms: PlanningTerms) -> Decision:
    """Keep what the items and places of each agreement share."""
    gathered = RunInputs(request, context, snapshot, terms).gather(history_days=LEARNED_DAYS)
    effects: list[Effect] = []
    for agreement, some in by_agreement(gathered.inputs).items():
        inputs = sorted(some, key=lambda each: each.pair)
        history = history_of(inputs)
        found = None if history is None else learn(inputs, history)
        if history is None or found is None:
            continue
        effects.append(
            RecordSaved(
                key=f"learned:{agreement}", kind="learned", id=agreement[:80], state="active", data=to_json(found)
            )
        )
        figures = tracked(inputs, history)
        if figures is not None:
            effects.append(
                RecordSaved(
                    key=f"accuracy:{agreement}",
                    kind=ACCURACY,
                    id=record_id(agreement, found.through),
                    partner=inputs[0].agreement.partner,
                    state="active",
                    data=figures,
                )
            )
    return Decision(effects=tuple(effects), findings=tuple(gathered.findings))


def _wanted(gathered: RunInputs) -> list[Wanted]:
    context, today = gathered.context, gathered.context.now.date()
    standings = standings_of(gathered.request)
    plans = [*plan_items(gathered.inputs), *gathered.snapshot.planning.made.values()]
    return [
        _want(plan, gathered.partners[plan.given.pair], context, today, standings)
        for plan in sorted(plans, key=lambda each: each.given.pair)
    ]


def _shared(wanted: list[Wanted], request: PlanningRequest, snapshot: Snapshot, docked: frozenset[str]) -> list[Wanted]:
    """Cut what places of customers want to fair shares of what our warehouse has. Only a run that orders gives out;
    what is bought for the shops is not shared."""
    asked = [
        (each.plan, each.quantity)
        for each in wanted
        if each.plan.given.agreement.method != "purchase"
        and each.status == "normal"
        and each.pair[1] not in docked
        and (request.release or each.plan.given.agreement.quick)
    ]
    shares = shared(asked, snapshot.stock)
    return [
        each
        if each.pair not in shares
        else replace(
            each,
            quantity=shares[each.pair].quantity,
            codes=(*each.codes, "plan.shortage-shared"),
            more={"shortage": shares[each.pair].why},
        )
        for each in wanted
    ]


def _want(
    plan: ItemPlan, partner: str, context: Context, today: date, standings: Mapping[str, PartnerStanding]
) -> Wanted:
    given = plan.given
    override = next(
        (o for o in given.facts.overrides if o.kind == "quantity" and o.first_day <= today <= o.last_day), None
    )
    quantity = ZERO if given.parameters.frozen else plan.quantity if override is None else override.quantity
    codes = exceptions(plan, quantity, today)
    if short_of_trust(standings.get(partner)) and given.agreement.method == "purchase" and quantity > 0:
        codes = (*codes, "plan.supplier-short")
    if override is not None:
        codes = (*codes, "plan.quantity-overridden")
    price = None
    if given.agreement.method == "purchase" and given.item.purchase_price is not None:
        price = Amount(value=given.item.purchase_price, currency=given.item.currency)
    elif given.item.sales_price is not None and given.agreement.method != "purchase":
        price = Amount(value=given.item.sales_price, currency=given.item.currency)
    return Wanted(plan=plan, partner=partner, quantity=quantity, codes=codes, override=override, price=price)


class _Side:
    """One partner and place in one run."""

    def __init__(
        self,
        context: Context,
        snapshot: Snapshot,
        side: Side,
        wanted: Sequence[Wanted],
        waiting: ReplenishmentProposal | None,
        number: int,
        request: PlanningRequest,
    ) -> None:
        self.context, self.snapshot = context, snapshot
        self.partner, self.place = side
        self.wanted, self.waiting, self.number = list(wanted), waiting, number
        self.whole = request.release and request.changed == 0
        self.agreement = wanted[0].plan.given.agreement
        self.release = request.release or self.agreement.quick
        self.effects: list[Effect] = []
        self.answers: list[Answer] = []
        self.lines: list[PlannedLine] = []

    def decide(self) -> None:
        """Order what is normal and due, put the rest before a person, and say what is planned."""
        plan = self.agreement.planned_by(self.partner) if self.agreement.method == "purchase" else None
        if plan is not None:
            self._left_to_the_supplier(plan)
            return
        self._load()
        due = [each for each in self.wanted if each.status == "normal" and self._due(each)]
        inside = self._inside(due)
        proposal: str | None = None
        ordered: set[tuple[str, str]] = set()
        if self.release and due and inside:
            proposal = self._order(due)
            ordered = {each.pair for each in due}
        asked = [each for each in self.wanted if each.quantity > 0 and each.status == "exception"]
        if due and not inside:
            asked += due
        waiting = self._put_before_a_person(asked)
        self._note(ordered, {**dict.fromkeys(ordered, proposal), **{each.pair: waiting for each in asked}})
        self._tell_the_schedule(ordered)
        self.effects += _used(self.wanted, self.release)

    def _load(self) -> None:
        """Look at the whole order of a supplier: his minimum, the truck. What waits for a person stays as it is."""
        terms = self.agreement.load_of(self.partner) if self.agreement.method == "purchase" and self.whole else None
        if terms is None or self.partner in self.agreement.cross_dock:
            return
        mine = [
            at
            for at, each in enumerate(self.wanted)
            if each.status in ("normal", "nothing") and each.override is None and self._due(each)
        ]
        chosen = [self.wanted[at] for at in mine]
        lines = loaded([each.plan for each in chosen], [each.quantity for each in chosen], terms)
        for at, line in zip(mine, lines or (), strict=False):
            each = self.wanted[at]
            if line.quantity != each.quantity or line.code is not None:
                codes = each.codes if line.code is None or each.quantity <= 0 else (*each.codes, line.code)
                why = {**each.more, "load": line.why}
                self.wanted[at] = replace(each, quantity=line.quantity, codes=codes, more=why)

    def _due(self, each: Wanted) -> bool:
        return each.plan.given.interval.order_on <= self.context.now.date()

    def _inside(self, due: Sequence[Wanted]) -> bool:
        limit = self._limit()
        if self.agreement.approval == "planner":
            return False
        return limit is None or sum((each.value for each in due), ZERO) <= limit

    def _limit(self) -> Decimal | None:
        if self.agreement.value_limit is not None:
            return self.agreement.value_limit
        terms = self.context.own.suppliers.get(self.partner) if self.agreement.method == "purchase" else None
        return terms.approval_limit if terms is not None else None

    def _order(self, due: Sequence[Wanted]) -> str:
        number = f"{self.context.serial:06d}-{self.number}"
        proposal = self._proposal(f"RP{number}", due, "approved", "limit")
        effects, answers = release(self.context, self.snapshot, proposal, number)
        self.effects += effects
        self.answers += answers
        order = order_number(self.agreement.method, number)
        whys = {each.plan.given.facts.gtin: as_text(_why(each)) for each in due}
        self.effects += ordered_lines(proposal, order, "limit", whys)
        return proposal.id

    def _tell_the_schedule(self, ordered: set[tuple[str, str]]) -> None:
        """Send a supplier with whom it is agreed what is firm and what is planned."""
        terms = self.agreement.schedule_of(self.partner) if self.agreement.method == "purchase" and self.whole else None
        if terms is None:
            return
        number = order_number("purchase", f"{self.context.serial:06d}-{self.number}")
        due = [each.plan.given.interval.arrives_on for each in self.wanted if each.pair in ordered]
        items = [
            Scheduled(
                plan=each.plan,
                ordered=each.quantity if each.pair in ordered else ZERO,
                order=number,
                arrives_on=min(due, default=None),
            )
            for each in self.wanted
        ]
        said = call_offs(terms, items, self.context, self.snapshot)
        if said is not None:
            self.effects.append(said[0])
            self.answers.append(said[1])

    def _put_before_a_person(self, asked: Sequence[Wanted]) -> str | None:
        """Bring the open proposal up to date, make one, or take it back when nothing is left of it."""
        planned = {each.plan.given.facts.gtin for each in self.wanted}
        before = self.waiting
        kept = [line for line in before.lines if (line.item.gtin or "") not in planned] if before else []
        if before is None and not asked:
            return None
        said = {line.item.gtin: line for line in before.lines if line.system_quantity is not None} if before else {}
        fresh = [_kept_word(self._line(each), said.get(each.plan.given.facts.gtin)) for each in asked]
        lines = tuple(
            replace(line, number=str(n))
            for n, line in enumerate(sorted([*kept, *fresh], key=lambda each: each.item.gtin or ""), start=1)
        )
        if before is None:
            proposal = self._proposal(f"RP{self.context.serial:06d}-W{self.number}", asked, "proposed", None)
            self.effects += [ProposalSaved(key=f"proposal:{proposal.id}", proposal=proposal), self._case(proposal)]
            return proposal.id
        if not lines:
            self.effects += withdrawn(before)
            return None
        if lines != before.lines:
            changed = replace(before, lines=lines, value=_total(lines), issued_at=self.context.now)
            self.effects.append(ProposalSaved(key=f"proposal:{before.id}", proposal=changed))
        return before.id

    def _case(self, proposal: ReplenishmentProposal) -> CaseOpened:
        value = f"{proposal.value.value:f} {proposal.value.currency}" if proposal.value else "?"
        limit = f"{proposal.limit.value:f} {proposal.limit.currency}" if proposal.limit else "-"
        return CaseOpened(
            key=f"case:{proposal.id}",
            account=proposal.supplier,
            code="plan.approval-needed",
            subject=proposal.id,
            params={"value": value, "limit": limit, "proposal": proposal.id},
        )

    def _proposal(
        self, proposal_id: str, wanted: Sequence[Wanted], status: str, approved_by: str | None
    ) -> ReplenishmentProposal:
        lines = tuple(
            replace(self._line(each), number=str(n))
            for n, each in enumerate(sorted(wanted, key=lambda each: each.pair), start=1)
        )
        limit, currency = self._limit(), next((each.price.currency for each in wanted if each.price), None)
        arrives = [each.plan.given.interval.arrives_on for each in wanted]
        return ReplenishmentProposal(
            id=proposal_id,
            issued_at=self.context.now,
            supplier=self.partner,
            ship_to=self.place,
            status=status,
            lines=lines,
            value=_total(lines),
            limit=Amount(value=limit, currency=currency) if limit is not None else None,
            approved_by=approved_by,
            requested_delivery=min(arrives, default=None),
            method=self.agreement.method,
        )

    def _line(self, each: Wanted) -> ProposalLine:
        item = each.plan.given.item
        return ProposalLine(
            number="1",
            item=Item(
                gtin=item.gtin,
                seller_id=item.supplier_item if self.agreement.method == "purchase" else None,
                description=item.name,
            ),
            quantity=Quantity(value=each.quantity, unit=item.unit),
            price=each.price,
            reason=_reason(each.plan),
            exceptions=each.codes,
            note=each.override.reason if each.override else None,
            splits=each.splits,
        )

    def _left_to_the_supplier(self, plan: SupplierPlan) -> None:
        """Order nothing: tell the supplier stock and sales on the agreed days, and a person what he offers, and where
        what comes is not as agreed."""
        offers = offered(self.snapshot.proposals, self.partner)
        self.wanted = [judged(each, offers) for each in self.wanted]
        self._note(set(), {pair: offers[pair[1]][0] for each in self.wanted if (pair := each.pair)[1] in offers})
        if self.whole and self.context.now.date().isoweekday() in plan.report_days:
            self.answers += reports([each.plan.given for each in self.wanted], plan, self.context, self.number)

    def _note(self, ordered: set[Pair], proposals: Mapping[Pair, str | None]) -> None:
        """Keep the plans as they stand. proposals: of what is ordered, and of what a person is asked."""
        for each in self.wanted:
            place, gtin = each.pair
            status = "ordered" if each.pair in ordered else "exception" if each.pair in proposals else each.status
            self.lines.append(
                PlannedLine(
                    location=place,
                    gtin=gtin,
                    partner=self.partner,
                    agreement=self.agreement.id,
                    method=self.agreement.method,
                    status=status,
                    quantity=each.quantity,
                    why=as_text(_why(each)),
                    proposal=proposals.get(each.pair),
                    exceptions=each.codes,
                    stockout_on=each.plan.stockout_on,
                )
            )


def release(
    context: Context, snapshot: Snapshot, proposal: ReplenishmentProposal, number: str
) -> tuple[list[Effect], list[Answer]]:
    """Return what ordering an approved proposal causes. number: without its prefix."""
    return raised(context, snapshot, proposal, order_number(proposal.method, number), key=proposal.id)


def withdrawn(proposal: ReplenishmentProposal) -> list[Effect]:
    """Return the effects of a proposal that nobody needs any more."""
    gone = replace(proposal, status="withdrawn", lines=())
    case = CaseClosed(
        key=f"case:{proposal.id}", account=proposal.supplier, code="plan.approval-needed", subject=proposal.id
    )
    return [ProposalSaved(key=f"proposal:{proposal.id}", proposal=gone), case]


def _kept_word(line: ProposalLine, said: ProposalLine | None) -> ProposalLine:
    """A quantity that a person has set stays; beside it stands what the system says now."""
    if said is None:
        return line
    splits = resplit(line.splits, said.quantity.value)
    return replace(line, quantity=said.quantity, system_quantity=line.quantity.value, note=said.note, splits=splits)


def _total(lines: Iterable[ProposalLine]) -> Amount | None:
    priced = [line for line in lines if line.price is not None]
    total = sum((line.price.value * line.quantity.value for line in priced if line.price), ZERO)
    return Amount(value=total, currency=priced[0].price.currency if priced[0].price else None) if priced else None


def _used(wanted: Sequence[Wanted], release: bool) -> list[Effect]:
    """A quantity that somebody has set is for one run."""
    return [replace(each.override, active=False) for each in wanted if release and each.override is not None]


def _why(each: Wanted) -> Mapping[str, Any]:
    override = each.override
    said = None
    if override is not None:
        said = {"quantity": str(override.quantity), "author": override.author, "reason": override.reason}
    found = {**each.plan.why, **each.more}
    return {**found, "quantity": str(each.quantity), "override": said, "exceptions": list(each.codes)}


def _reason(plan: ItemPlan) -> PlanReason:
    given, facts = plan.given, plan.given.facts
    days = max(given.interval.days, 1)
    coming = [each.coming for each in given.position.supply if each.counts == "in-time"]
    on_way = sum((each.units for each in coming if each.source == "DespatchAdvice"), ZERO)
    ordered = sum((each.units for each in coming if each.source != "DespatchAdvice"), ZERO)
    return PlanReason(
        daily_demand=exact(plan.mean / days),
        demand_deviation=exact(plan.deviation / days**0.5),
        days_of_history=sum(each is not None for each in given.demand),
        lead_time_days=given.interval.lead_days,
        review_days=(given.interval.next_order_on - given.interval.order_on) // timedelta(days=1),
        service_factor=given.parameters.service,
        safety_stock=plan.safety_stock,
        reorder_point=plan.reorder_point,
        order_up_to=plan.order_up_to,
        on_hand=given.held.units,
        allocated=facts.allocated,
        backordered=facts.backordered,
        on_order=ordered,
        in_transit=on_way,
    )


__all__ = ["PairFacts", "release", "run", "withdrawn"]
