"""What a supplier who plans for us hears: stock and sales of his items at our warehouse; and how his plan is judged.

The reports tell the last days again with each new one, so that a day that came late, or was corrected, reaches him too;
a day that we do not know ourselves is left out: unknown is not zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.decision import Answer, Context
from gateway.domain.parties import own_party, partner_party
from gateway.domain.replenishment.facts import ZERO
from gateway.domain.replenishment.pair_input import PairInput
from gateway.domain.replenishment.supplier_orders import OFFERS, outside
from gateway.domain.replenishment.wanted import Wanted
from gateway.model.planning import SupplierPlan
from gateway.model.replenishment import ProposalLine
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import Item, Period, Quantity


def judged(each: Wanted, offers: Mapping[str, tuple[str, ProposalLine]]) -> Wanted:
    """Return a plan of ours as what the supplier's plan is measured by: we order nothing ourselves.

    quantity: what he offers; a person looks at it, and at a position that is not within the agreed levels.
    """
    given, offer = each.plan.given, offers.get(each.pair[1])
    units = offer[1].quantity.value if offer is not None else ZERO
    position = given.position.units
    code = outside(position + units, given.parameters)
    codes = tuple(found for found in (OFFERS if offer is not None else None, code) if found is not None)
    levels = given.parameters
    more = {
        "position": str(position),
        "offered": str(units),
        "minimum": None if levels.minimum is None else str(levels.minimum),
        "maximum": None if levels.maximum is None else str(levels.maximum),
    }
    return replace(each, quantity=units, codes=codes, override=None, more={"supplier_plans": more})


def reports(inputs: Sequence[PairInput], plan: SupplierPlan, context: Context, number: int) -> list[Answer]:
    """Return stock report and sales report of this day for the supplier. Who has not agreed on them gets none."""
    inputs = sorted(inputs, key=lambda each: each.pair)
    name = f"{context.serial:06d}-{number}"
    answers = [Answer(to=plan.supplier, document=_stock(inputs, context, f"SR{name}"), optional=True)]
    last = context.now.date() - timedelta(days=1)
    days = [last - timedelta(days=n) for n in range(plan.sales_days - 1, -1, -1)]
    lines = tuple(line for day in days for each in inputs if (line := _sales(each, day)) is not None)
    if lines:
        report = SalesReport(
            id=f"VR{name}",
            issued_at=context.now,
            reporter=own_party(context.own),
            receiver=partner_party(context.partners[plan.supplier]),
            period=Period(start=days[0], end=days[-1]),
            lines=lines,
        )
        answers.append(Answer(to=plan.supplier, document=report, optional=True))
    return answers


def _stock(inputs: Sequence[PairInput], context: Context, name: str) -> InventoryReport:
    return InventoryReport(
        id=name,
        issued_at=context.now,
        reporter=own_party(context.own),
        receiver=partner_party(context.partners[inputs[0].item.supplier or ""]),
        at=context.now,
        lines=tuple(line for each in inputs for line in _levels(each)),
    )


def _levels(given: PairInput) -> list[InventoryLine]:
    """Return what is there, what of it is promised to customers, what is coming, and the agreed levels."""
    facts = given.facts
    coming: dict[str, Decimal] = {"onOrder": ZERO, "inTransit": ZERO}
    for each in given.position.supply:
        coming["inTransit" if each.coming.source == "DespatchAdvice" else "onOrder"] += each.coming.units
    said: dict[str, Decimal | None] = {
        "available": facts.on_hand if facts.on_hand is not None else given.held.units,
        "committed": facts.allocated + facts.backordered,
        **coming,
        "min": given.parameters.minimum,
        "max": given.parameters.maximum,
    }
    return [
        InventoryLine(
            item=_item(given),
            type=name,
            quantity=Quantity(value=units, unit=given.item.unit),
            location=given.facts.place,
        )
        for name, units in said.items()
        if units is not None and (units or name == "available")
    ]


def _sales(given: PairInput, day: date) -> SalesLine | None:
    """Return the demand of a day at our warehouse; None where it is not known."""
    at = (day - given.first_day).days
    units = given.demand[at] if 0 <= at < len(given.demand) else None
    if units is None:
        return None
    return SalesLine(
        item=_item(given),
        location=given.facts.place,
        period=Period(start=day, end=day),
        sold_quantity=Quantity(value=units, unit=given.item.unit),
    )


def _item(given: PairInput) -> Item:
    return Item(gtin=given.item.gtin, seller_id=given.item.supplier_item, description=given.item.name)
