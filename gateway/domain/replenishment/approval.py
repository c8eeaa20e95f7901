"""A person's word on a proposal that was above the limit."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.items import LARGEST
from gateway.domain.replenishment import supplier_orders
from gateway.domain.replenishment.cmi import offer
from gateway.domain.replenishment.ordering import order_number, ordered_lines
from gateway.domain.replenishment.purchase import order_goods
from gateway.domain.replenishment.vmi import fill_place
from gateway.domain.splits import resplit
from gateway.domain.stock import ZERO
from gateway.domain.terms import wanted_prices
from gateway.model.effects import CaseClosed, Effect, ProposalSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.replenishment import ProposalDecision, ProposalLine, ReplenishmentProposal
from gateway.model.values import Amount, gtin14


def needs(decision: ProposalDecision, context: Context) -> Needs:
    """Return the proposal; to fill a customer's place also what it takes to take an order."""
    customer = context.partners.get(decision.customer or "")
    gtins = frozenset(gtin14(item.gtin) for item in decision.items if item.gtin)
    if customer is None:
        return supplier_orders.decision_needs(decision.proposal, context)
    asking = replace(context, partner=customer)
    return Needs(
        proposals=frozenset({decision.proposal}), stock=gtins, supply=gtins, prices=wanted_prices(asking, gtins)
    )


def decide(decision: ProposalDecision, context: Context, snapshot: Snapshot) -> Decision:
    """Order the goods or drop the proposal; the second decision on one proposal changes nothing.

    Raises PartnerFault plan.sender-unexpected, OurFault plan.proposal-unknown, plan.decision-unknown,
    plan.supplier-unknown.
    """
    if context.partner.kind == "partner":
        raise PartnerFault("plan.sender-unexpected", Where(path="user"), value=context.partner.id)
    proposal = snapshot.proposals.get(decision.proposal)
    if proposal is None:
        raise OurFault("plan.proposal-unknown", Where(path="proposal"), value=decision.proposal)
    if decision.decision not in ("approve", "reject"):
        raise OurFault("plan.decision-unknown", Where(path="decision"), value=decision.decision)
    if proposal.status != "proposed":
        finding = Finding(
            code="plan.already-decided", severity="warning", value=proposal.id, params=(("status", proposal.status),)
        )
        return Decision(findings=(finding,))
    closed = CaseClosed(key="case", account=proposal.supplier, code="plan.approval-needed", subject=proposal.id)
    if decision.decision == "reject":
        dropped = replace(proposal, status="rejected", approved_by=decision.user)
        figures = activity("rejected", proposal.supplier, "proposal-rejected", proposal.id, proposals_rejected=1)
        told = supplier_orders.refusal(context, proposal) if proposal.method == supplier_orders.OFFERED else []
        return Decision(effects=(ProposalSaved(key="proposal", proposal=dropped), closed, figures), answers=tuple(told))
    chosen, refused, rest = _chosen(decision, proposal)
    number = f"{context.serial:06d}"
    kept: list[Effect] = [closed]
    if rest:  # what nobody has decided on stays before a person
        left = replace(proposal, lines=tuple(rest), value=_value(rest))
        kept = [ProposalSaved(key="rest", proposal=left)]
        proposal = replace(proposal, id=f"{proposal.id}-{number}")
    if not chosen:
        dropped = replace(proposal, status="rejected", approved_by=decision.user)
        told = supplier_orders.refusal(context, proposal) if proposal.method == supplier_orders.OFFERED else []
        gone = [] if rest else [ProposalSaved(key="proposal", proposal=dropped)]
        return Decision(effects=(*gone, *kept), answers=() if rest else tuple(told))
    if proposal.method == supplier_orders.OFFERED:
        taken, told = supplier_orders.accepted(
            context, snapshot, proposal, chosen, decision.user, rest=bool(rest), refused=refused
        )
        return Decision(effects=(*taken, *kept), answers=tuple(told))
    approved = replace(
        proposal, status="approved", approved_by=decision.user, lines=tuple(chosen), value=_value(chosen)
    )
    if context.own.planning is None:
        effects, answer = order_goods(context, approved, f"PO{number}")
        return Decision(effects=(*effects, *kept), answers=(answer,))
    effects, answers = released(context, snapshot, approved, number, decision.user)
    return Decision(effects=(*effects, *kept), answers=tuple(answers))


def released(
    context: Context, snapshot: Snapshot, approved: ReplenishmentProposal, number: str, user: str
) -> tuple[list[Effect], list[Answer]]:
    """Return what ordering an approved proposal causes, and whom it is told. number: without its prefix."""
    order = order_number(approved.method, number)
    effects, answers = raised(context, snapshot, approved, order)
    return [*effects, *ordered_lines(approved, order, user)], answers


def raised(
    context: Context, snapshot: Snapshot, approved: ReplenishmentProposal, order: str, *, key: str | None = None
) -> tuple[list[Effect], list[Answer]]:
    """Return what an approved proposal becomes under number order: our order to the supplier, the order that fills a
    place of a customer, or the offer that the customer answers first. key: see order_goods."""
    if approved.method == "purchase":
        effects, answer = order_goods(context, approved, order, key=key)
        return effects, [answer]
    if approved.method == "cmi":
        return offer(context, approved, order)
    return fill_place(context, snapshot, approved, order)


def _chosen(
    decision: ProposalDecision, proposal: ReplenishmentProposal
) -> tuple[list[ProposalLine], list[ProposalLine], list[ProposalLine]]:
    """Return the lines that are ordered, with the quantities that the person wants, those set to 0, and those left for
    later.

    Raises OurFault plan.line-unknown, plan.quantity-wrong.
    """
    words = {each.number: each for each in decision.lines}
    unknown = sorted(words.keys() - {line.number for line in proposal.lines})
    if unknown:
        raise OurFault("plan.line-unknown", Where(path="lines"), value=unknown[0][:80])
    chosen: list[ProposalLine] = []
    refused: list[ProposalLine] = []
    rest: list[ProposalLine] = []
    for line in proposal.lines:
        word = words.get(line.number)
        if decision.lines and word is None:
            rest.append(line)
            continue
        if word is not None and word.quantity is not None and word.quantity != line.quantity.value:
            if word.quantity < 0 or word.quantity >= LARGEST:
                raise OurFault("plan.quantity-wrong", Where(path="lines"), value=str(word.quantity)[:40])
            system = line.quantity.value if line.system_quantity is None else line.system_quantity
            changed = replace(line.quantity, value=word.quantity)
            splits = resplit(line.splits, word.quantity)
            line = replace(line, quantity=changed, system_quantity=system, note=word.note, splits=splits)
        (chosen if line.quantity.value > 0 else refused).append(line)
    return chosen, refused, rest


def _value(lines: Sequence[ProposalLine]) -> Amount | None:
    prices = [(line.price, line.quantity.value) for line in lines if line.price is not None]
    if not prices:
        return None
    return Amount(value=sum((p.value * units for p, units in prices), ZERO), currency=prices[0][0].currency)
