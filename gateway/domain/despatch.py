"""Goods on the road: a despatch advice from our warehouse goes on to the customer, one from a supplier comes to us."""

from gateway.domain import inbound, shipping
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where

LONGEST_NUMBER = 70


def needs(advice: DespatchAdvice, context: Context) -> Needs:
    """Return the records for deciding advice."""
    if context.partner.kind == "house":
        return shipping.needs(advice, context)
    return inbound.needs(advice, context)


def decide(advice: DespatchAdvice, context: Context, snapshot: Snapshot) -> Decision:
    """Raises PartnerFault despatch.* when the advice cannot be matched with what was ordered and allocated."""
    if not advice.id.strip() or len(advice.id) > LONGEST_NUMBER:
        raise PartnerFault("despatch.number-unusable", Where(path="id"), value=advice.id[:80])
    if not advice.lines:
        raise PartnerFault("despatch.no-lines", Where(path="lines"), value=advice.id)
    if context.partner.kind == "house":
        return shipping.decide(advice, context, snapshot)
    if context.partner.role in ("supplier", "both"):
        return inbound.decide(advice, context, snapshot)
    raise PartnerFault("despatch.sender-unexpected", Where(path="seller"), value=context.partner.id)
