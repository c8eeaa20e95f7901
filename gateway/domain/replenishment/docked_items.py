"""Which items go through our warehouse without being kept there."""

from gateway.model.partner import OwnCompany
from gateway.model.planning import PlanningTerms


def docked_items(own: OwnCompany, terms: PlanningTerms) -> frozenset[str]:
    """Return the GTINs that our warehouse does not keep."""
    ours = terms.of_place(own.warehouse)
    if ours is None or not ours.cross_dock:
        return frozenset()
    return frozenset(each.gtin for each in own.items.values() if each.active and each.supplier in ours.cross_dock)
