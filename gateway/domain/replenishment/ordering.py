"""Lines that were ordered, with why."""

from collections.abc import Mapping
from decimal import Decimal

from gateway.model.effects import Effect
from gateway.model.planning_effects import LineOrdered
from gateway.model.replenishment import ReplenishmentProposal

PREFIXES: Mapping[str, str] = {"purchase": "PO", "vmi": "VM", "cmi": "CM"}


def order_number(method: str, number: str) -> str:
    """Return the number of an order of our planning; how it begins says by which method it was made."""
    return PREFIXES[method] + number


def ordered_lines(
    proposal: ReplenishmentProposal, order: str, approved_by: str, whys: Mapping[str, str] | None = None
) -> list[Effect]:
    """Return what is kept of each ordered line. whys: by GTIN; None: as the plans stand in the records."""
    return [
        LineOrdered(
            key=f"ordered:{order}:{line.number}",
            partner=proposal.supplier,
            order=order,
            line=line.number,
            location=proposal.ship_to,
            gtin=line.item.gtin or "",
            quantity=line.quantity.value,
            system_quantity=_system(line.system_quantity, line.quantity.value),
            approved_by=approved_by,
            why=None if whys is None else whys[line.item.gtin or ""],
        )
        for line in proposal.lines
    ]


def _system(said: Decimal | None, ordered: Decimal) -> Decimal:
    return ordered if said is None else said
