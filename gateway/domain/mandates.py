"""On whose account an order is booked: the sender's, or that of another partner whom it may order for.

Who delivers an order need not be who buys: a marketplace, a buying group or a service provider sends the orders of
others. Their word counts only where it is agreed (`orders_for`); else anybody could buy on another's credit.
"""

from dataclasses import replace

from gateway.domain.decision import Context
from gateway.domain.order_checks import note
from gateway.domain.parties import trading
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import Partner
from gateway.model.values import Party


def account_of(buyer: Party | None, context: Context) -> tuple[Context, tuple[Finding, ...]]:
    """Return the context of the account that buys, and what is to be said about it.

    Raises OurFault order.buyer-other when buyer is another of our partners, and neither a mandate nor the rule
    `other_buyer: sender` of the sender says on whom the order is booked.
    """
    sender = context.partner
    other = _other(buyer, context)
    if other is None:
        return context, ()
    if other.id in sender.orders_for:
        return replace(context, partner=other), (
            replace(note("order.for-another", "buyer", other.id), severity="info"),
        )
    if sender.other_buyer == "sender":
        return context, (note("order.buyer-is-sender", "buyer", other.id),)
    raise OurFault("order.buyer-other", Where(path="buyer"), value=other.id, sender=sender.id)


def account_asked(buyer: Party | None, context: Context) -> Context:
    """Return the context whose records decide; where no account can be told, the sender's (the decision says why)."""
    other = _other(buyer, context)
    return context if other is None or other.id not in context.partner.orders_for else replace(context, partner=other)


def _other(buyer: Party | None, context: Context) -> Partner | None:
    """Return the partner whom the document names as buyer, None when that is the sender or nobody we know."""
    said = set(buyer.ids) if buyer is not None else set()
    if not said or said & set(context.partner.ids):
        return None
    return next((each for each in trading(context) if said & set(each.ids)), None)
