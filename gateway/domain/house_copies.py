"""What our own house hears of the buying side, where it has agreed on such documents: orders that went to suppliers (as
approved proposals) and goods that are on their way to us (the suppliers' despatch advices)."""

from gateway.domain.decision import Answer, Context, Decision
from gateway.domain.replenishment.supplier_orders import OFFERED
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.documents import Document
from gateway.model.effects import ProposalSaved, ShipmentSaved
from gateway.model.replenishment import ReplenishmentProposal

BOUGHT = ("purchase", OFFERED)  # ordered by us, or raised by a supplier who plans for us


def for_the_house(document: Document, context: Context, decision: Decision) -> tuple[Answer, ...]:
    """Return the copies, each once: a document that changed nothing (a repeat) makes none."""
    house = context.house
    if house is None or context.partner.kind == "house":
        return ()
    found = []
    for each in decision.effects:
        if isinstance(each, ProposalSaved) and _bought(each.proposal):
            found.append(Answer(to=house.id, document=each.proposal, about=each.proposal.order_id, optional=True))
        elif isinstance(each, ShipmentSaved) and each.side == "purchase" and isinstance(document, DespatchAdvice):
            found.append(Answer(to=house.id, document=document, about=each.order, optional=True))
    return tuple(found)


def _bought(proposal: ReplenishmentProposal) -> bool:
    """Tell whether a proposal became an order of ours, whoever planned it. What fills a customer's place comes to the
    house as an order to ship, an offer of ours not before the customer has taken it."""
    return proposal.status == "approved" and proposal.order_id is not None and proposal.method in BOUGHT
