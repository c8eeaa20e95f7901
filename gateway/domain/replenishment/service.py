"""Which service an item gets at a place: by its own class of value, by the customer's class, or as agreed; and how far
a supplier who delivers short is trusted."""

from collections.abc import Mapping
from decimal import Decimal

from gateway.domain.replenishment.facts import ZERO
from gateway.model.planning import PlanAgreement
from gateway.model.replenishment import PartnerStanding

SHORT_DELIVERIES = 3  # from that many in 90 days on a supplier's next delivery is not relied on


def service_of(
    agreement: PlanAgreement, own: Mapping[str, str], item_class: str | None, standing: PartnerStanding | None
) -> tuple[Decimal, str]:
    """Return the service and where it comes from.

    What is set for the item counts first, then the higher of what its class and its customer's class say.
    """
    if "service" in own:
        return Decimal(own["service"]), "parameter"
    found = []
    if item_class is not None and item_class in agreement.item_service:
        found.append((agreement.item_service[item_class], f"item-class {item_class}"))
    for name in (standing.segment, standing.value_class) if standing is not None else ():
        if name is not None and name in agreement.customer_service:
            found.append((agreement.customer_service[name], f"customer-class {name}"))
            break
    return max(found, default=(agreement.parameters.service, "agreement"), key=lambda each: each[0])


def short_of_trust(standing: PartnerStanding | None) -> bool:
    """Tell whether a supplier has delivered short so often that stock is kept for it."""
    return standing is not None and standing.short_deliveries >= SHORT_DELIVERIES


def lead_deviation(agreed: Decimal, standing: PartnerStanding | None, order_gap_days: int) -> Decimal:
    """Return the standard deviation of the lead time in days.

    From the third short delivery on: what is missing comes with the next order, a gap later, with the chance p that the
    supplier's deliveries have shown: variance agreed ** 2 + gap ** 2 x p x (1 - p); p at most a half.
    """
    if standing is None or not short_of_trust(standing):
        return agreed
    chance = min(max(standing.short_share, ZERO), Decimal("0.5"))
    return (agreed * agreed + order_gap_days**2 * chance * (1 - chance)).sqrt()
