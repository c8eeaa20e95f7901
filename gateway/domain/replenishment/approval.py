"""A person's word on a proposal that was above the limit."""

from dataclasses import replace

from gateway.domain.crm import activity
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.replenishment.purchase import order_goods
from gateway.model.effects import CaseClosed, ProposalSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.replenishment import ProposalDecision


def needs(decision: ProposalDecision, context: Context) -> Needs:
    """Return the proposal."""
    return Needs(proposals=frozenset({decision.proposal}))


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
        return Decision(effects=(ProposalSaved(key="proposal", proposal=dropped), closed, figures))
    approved = replace(proposal, status="approved", approved_by=decision.user)
    effects, answer = order_goods(context, approved, f"PO{context.serial:06d}")
    return Decision(effects=(*effects, closed), answers=(answer,))
