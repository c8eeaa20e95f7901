"""A planning run: one proposal per supplier for every item that has fallen to its reorder point.

Inside the supplier's limit a proposal is an order at once; above it, it waits for a person.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot, StockLevel
from gateway.domain.replenishment import formulas
from gateway.domain.replenishment.docked_items import docked_items
from gateway.domain.replenishment.facts import LEARNED_DAYS, PlanScope
from gateway.domain.replenishment.prices import price_lists
from gateway.domain.replenishment.purchase import order_goods
from gateway.domain.schedules import KIND, OURS, record_id
from gateway.domain.stock import ZERO
from gateway.domain.terms import wanted_prices
from gateway.model.effects import CaseOpened, Effect, ProposalSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import ItemRecord, SupplierTerms
from gateway.model.planning import PlanningTerms
from gateway.model.replenishment import PlanningRequest, PlanReason, ProposalLine, ReplenishmentProposal
from gateway.model.values import Amount, Item, Quantity

OLDEST_DAYS = 31  # a count may be that old: the history ends before it
COUNTS_DAYS = 63  # counts are read from so far back
HISTORY_STEP = 28  # days by which the first day of the history moves at a time
LEARNED_FROM = 400  # items and places of each agreement, at most
Known = tuple[date, date] | None


def needs(request: PlanningRequest, context: Context) -> Needs:
    """Return all stock, the open proposals, and the sales of the window; with planned places, what is known of them."""
    if context.own.planning is not None:
        return _planned_needs(request, context, context.own.planning)
    since = context.now.date() - timedelta(days=formulas.WINDOW_DAYS)
    return Needs(all_stock=True, open_proposals=True, sales_since=since)


def decide(request: PlanningRequest, context: Context, snapshot: Snapshot) -> Decision:
    """Propose, and order what may go out without a person. Items in an open proposal are left alone.

    Raises PartnerFault plan.sender-unexpected, OurFault plan.supplier-unknown.
    """
    if context.partner.kind == "partner":
        raise PartnerFault("plan.sender-unexpected", Where(path="requestedBy"), value=context.partner.id)
    if request.supplier is not None and request.supplier not in context.own.suppliers:
        raise OurFault("plan.supplier-unknown", Where(path="supplier"), value=request.supplier)
    if context.own.planning is not None:
        from gateway.domain.replenishment.item_runs import run  # the formulas are slow to import: only a run pays

        return run(request, context, snapshot, context.own.planning)
    known = formulas.history_range(snapshot.daily_sales, context.now.date())
    proposed = {
        line.item.gtin for each in snapshot.proposals.values() if each.status == "proposed" for line in each.lines
    }
    effects: list[Effect] = []
    answers: list[Answer] = []
    findings: list[Finding] = []
    orders = 0
    for supplier, items in sorted(_by_supplier(context, request.supplier).items()):
        terms = context.own.suppliers.get(supplier)
        if terms is None:
            findings.append(_warning("plan.terms-missing", supplier))
            continue
        lines = _lines((each for each in items if each.gtin not in proposed), terms, known, snapshot, findings)
        if not lines:
            continue
        proposal = proposal_of(context, terms, lines)
        if proposal.status == "proposed":
            effects += [ProposalSaved(key=f"proposal:{supplier}", proposal=proposal), approval_case(proposal, terms)]
            continue
        orders += 1
        number = f"PO{context.serial:06d}" + (f"-{orders}" if orders > 1 else "")
        caused, answer = order_goods(context, proposal, number)
        effects += caused
        answers.append(answer)
    return Decision(effects=tuple(effects), answers=tuple(answers), findings=tuple(findings))


def _planned_needs(request: PlanningRequest, context: Context, terms: PlanningTerms) -> Needs:
    """Orders for customers' places are taken in the same step: their stock and prices are asked for as well."""
    bought = frozenset(each.gtin for each in context.own.items.values() if each.active and each.supplier)
    today = context.now.date()
    first_day = history_from(today, terms.history_days)
    if request.learn:
        return Needs(
            planning=PlanScope(
                since=today - timedelta(days=LEARNED_DAYS + OLDEST_DAYS),
                today=today,
                places=terms.places,
                bought=bought,
                sample=LEARNED_FROM,
                agreements=_agreements(terms),
                price_lists=price_lists(context.partners, terms, today),
                by_orders=_by_orders(context, terms),
            )
        )
    scheduled = {each.supplier for a in terms.agreements for each in a.schedules} if request.release else set()
    ordering = [each for each in terms.agreements if request.release or each.quick]
    filled = sorted({each.partner for each in ordering if each.method != "purchase" and each.partner})
    docked = docked_items(context.own, terms)
    customers = [context.partners[each] for each in filled if each in context.partners]
    sold = frozenset(each.gtin for each in context.own.items.values() if each.active) if customers else frozenset()
    prices: set[tuple[str, str]] = set()
    for customer in customers:
        prices |= wanted_prices(replace(context, partner=customer), sold)
    return Needs(
        planning=PlanScope(
            since=first_day - timedelta(days=HISTORY_STEP),
            first_day=first_day,
            today=today,
            places=terms.places,
            bought=bought,
            changed=request.changed,
            due=request.due,
            shard=(request.shard, max(request.shards, 1)),
            suppliers={each.gtin: each.supplier for each in context.own.items.values() if each.supplier},
            echelon=_filled_places(terms),
            agreements=_agreements(terms),
            price_lists=price_lists(context.partners, terms, today),
            by_orders=_by_orders(context, terms),
        ),
        offers=bought,
        packs=bought,
        received_since=date(today.year, 1, 1) if scheduled else None,
        plan_records=frozenset((KIND, record_id(each, OURS)) for each in scheduled),
        open_proposals=True,
        open_backorders=docked,
        all_stock=bool(customers or docked),
        supply=sold,
        prices=frozenset(prices),
    )


def history_from(today: date, history_days: int) -> date:
    """Return the first day of the history of a plan: at least so many days back, and the same for several weeks."""
    longest = max(history_days, COUNTS_DAYS - HISTORY_STEP)  # no count that is read is older than the facts
    return date.fromordinal((today.toordinal() - longest) // HISTORY_STEP * HISTORY_STEP)


def _agreements(terms: PlanningTerms) -> dict[str, tuple[str, str | None]]:
    return {place: (each.id, each.partner) for each in reversed(terms.agreements) for place in each.places}


def _by_orders(context: Context, terms: PlanningTerms) -> bool:
    ours = terms.of_place(context.own.warehouse)
    return ours is not None and ours.demand == "orders"


def _filled_places(terms: PlanningTerms) -> tuple[str, ...]:
    """Return the places that count for our warehouse, where an agreement plans it as an echelon."""
    if not any(each.echelon for each in terms.agreements):
        return ()
    return tuple(place for each in terms.agreements if each.method != "purchase" for place in each.places)


def _warning(code: str, value: str) -> Finding:
    return Finding(code=code, severity="warning", value=value)


def _by_supplier(context: Context, only: str | None) -> dict[str, list[ItemRecord]]:
    found: dict[str, list[ItemRecord]] = {}
    for item in context.own.items.values():
        if item.active and item.supplier and only in (None, item.supplier):
            found.setdefault(item.supplier, []).append(item)
    return found


def _lines(
    items: Iterable[ItemRecord], terms: SupplierTerms, known: Known, snapshot: Snapshot, findings: list[Finding]
) -> list[ProposalLine]:
    lines: list[ProposalLine] = []
    for item in sorted(items, key=lambda each: each.gtin):
        if item.pack <= 0:
            findings.append(_warning("plan.pack-wrong", item.gtin))
            continue
        level = snapshot.stock.get(item.gtin, StockLevel())
        sold = formulas.demand(formulas.daily_units(snapshot.daily_sales.get(item.gtin, {}), known))
        found = formulas.targets(sold, terms.lead_time_days, terms.review_days, terms.service_factor)
        units = formulas.proposed_units(level, found, item.pack)
        if units <= 0:
            continue
        if item.purchase_price is None or item.currency != terms.currency:
            findings.append(_warning("plan.price-missing", item.gtin))
        lines.append(_line(len(lines) + 1, item, units, _reason(sold, found, level, terms)))
    return lines


def _line(number: int, item: ItemRecord, units: Decimal, reason: PlanReason) -> ProposalLine:
    price = item.purchase_price
    return ProposalLine(
        number=str(number),
        item=Item(gtin=item.gtin, seller_id=item.supplier_item, description=item.name),
        quantity=Quantity(value=units, unit=item.unit),
        price=Amount(value=price, currency=item.currency) if price is not None else None,
        reason=reason,
    )


def _reason(sold: formulas.Demand, found: formulas.Targets, level: StockLevel, terms: SupplierTerms) -> PlanReason:
    return PlanReason(
        daily_demand=sold.mean,
        demand_deviation=sold.deviation,
        days_of_history=sold.days,
        lead_time_days=terms.lead_time_days,
        review_days=terms.review_days,
        service_factor=terms.service_factor,
        safety_stock=found.safety_stock,
        reorder_point=found.reorder_point,
        order_up_to=found.order_up_to,
        on_hand=level.on_hand,
        allocated=level.allocated,
        backordered=level.backordered,
        on_order=level.on_order,
        in_transit=level.in_transit,
    )


def proposal_of(
    context: Context, terms: SupplierTerms, lines: list[ProposalLine], prefix: str = "RP"
) -> ReplenishmentProposal:
    """Return the proposal, approved when its whole value is known and within the limit. prefix: of its number."""
    priced = [line for line in lines if line.price is not None and line.price.currency == terms.currency]
    value = sum((line.price.value * line.quantity.value for line in priced if line.price), ZERO)
    approved = len(priced) == len(lines) and value <= terms.approval_limit
    return ReplenishmentProposal(
        id=f"{prefix}{context.serial:06d}-{terms.partner}",
        issued_at=context.now,
        supplier=terms.partner,
        ship_to=context.own.warehouse,
        status="approved" if approved else "proposed",
        lines=tuple(lines),
        value=Amount(value=value, currency=terms.currency) if priced else None,
        limit=Amount(value=terms.approval_limit, currency=terms.currency),
        approved_by="limit" if approved else None,
        requested_delivery=context.now.date() + timedelta(days=terms.lead_time_days),
    )


def approval_case(proposal: ReplenishmentProposal, terms: SupplierTerms) -> CaseOpened:
    """Return the problem that stays open until a person has decided on the proposal."""
    value = f"{proposal.value.value:f} {terms.currency}" if proposal.value else "?"
    return CaseOpened(
        key=f"case:{proposal.id}",
        account=proposal.supplier,
        code="plan.approval-needed",
        subject=proposal.id,
        params={"value": value, "limit": f"{terms.approval_limit:f} {terms.currency}", "proposal": proposal.id},
    )
