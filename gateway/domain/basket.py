"""Buying from the suppliers' catalogues: what an item costs in which quantity, and one order per supplier.

Inside the supplier's limit the goods are ordered at once; above it the order waits for a person, as a proposal does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.catalogue import in_force
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.replenishment.plan import approval_case, proposal_of
from gateway.domain.replenishment.purchase import order_goods
from gateway.domain.stock import ZERO
from gateway.model.basket_order import BasketLine, BasketOrder
from gateway.model.effects import Effect, OfferSaved, ProposalSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import OwnCompany
from gateway.model.replenishment import ProposalLine
from gateway.model.values import Amount, Item, gtin14

NET = "net"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """A line of a basket with the offer that its quantity gets; problem: why it cannot be ordered so."""

    line: BasketLine
    gtin: str
    offer: OfferSaved | None
    problem: Finding | None = None

    @property
    def value(self) -> Decimal | None:
        """Return the line's net value in the offer's currency."""
        return self.offer.price * self.line.quantity.value if self.offer is not None else None


def tiers(offers: Iterable[OfferSaved], supplier: str, day: date) -> list[OfferSaved]:
    """Return a supplier's net prices of one item that are valid on day, by the quantity from which each counts."""
    own = [each for each in offers if each.supplier == supplier]
    minimums = sorted({each.minimum for each in own if each.kind == NET})
    return [found for minimum in minimums if (found := in_force(own, NET, minimum, day)) is not None]


def price_line(
    index: int, line: BasketLine, offers: Mapping[str, Sequence[OfferSaved]], own: OwnCompany, day: date
) -> PricedLine:
    """Return the price of one line, and what stands against ordering it."""
    gtin = gtin14(line.item.gtin or "")
    valid = tiers(offers.get(gtin, ()), line.supplier, day)
    offered = [each for each in valid if not each.withdrawn]
    units = line.quantity.value
    fitting = [each for each in offered if each.minimum <= units]
    offer = fitting[-1] if fitting else offered[0] if offered else None

    def against(code: str, **params: str) -> PricedLine:
        where = Where(path=f"lines[{index}]")
        names = (("supplier", line.supplier), *sorted(params.items()))
        return PricedLine(
            line=line, gtin=gtin, offer=offer, problem=Finding(code=code, where=where, value=gtin, params=names)
        )

    if line.supplier not in own.suppliers:
        return against("basket.no-terms")
    if gtin not in own.items:
        return against("basket.item-not-ours")
    if offer is None:
        return against("basket.withdrawn" if valid else "basket.not-offered")
    if not units.is_finite() or units <= 0:
        return against("basket.quantity-unusable", quantity=str(units)[:40])
    if not fitting:
        return against("basket.below-minimum", quantity=format(units, "f"), minimum=format(offer.minimum, "f"))
    if offer.increment > 0 and units % offer.increment:
        return against("basket.not-in-increments", quantity=format(units, "f"), increment=format(offer.increment, "f"))
    return PricedLine(line=line, gtin=gtin, offer=offer)


def priced(
    lines: Sequence[BasketLine], offers: Mapping[str, Sequence[OfferSaved]], own: OwnCompany, day: date
) -> list[PricedLine]:
    """Return every line with its price and problem, in order."""
    return [price_line(index, line, offers, own, day) for index, line in enumerate(lines)]


def needs(basket: BasketOrder, context: Context) -> Needs:
    """Return what the suppliers offer for the items."""
    return Needs(offers=frozenset(gtin14(line.item.gtin) for line in basket.lines if line.item.gtin))


def decide(basket: BasketOrder, context: Context, snapshot: Snapshot) -> Decision:
    """Order, or propose what is above a supplier's limit.

    Raises PartnerFault plan.sender-unexpected; OurFault basket.empty, basket.not-orderable with what is wrong.
    """
    if context.partner.kind == "partner":
        raise PartnerFault("plan.sender-unexpected", Where(path="user"), value=context.partner.id)
    if not basket.lines:
        raise OurFault("basket.empty", Where(path="lines"), value=basket.user)
    lines = priced(basket.lines, snapshot.offers, context.own, context.now.date())
    check(lines)
    effects: list[Effect] = []
    answers: list[Answer] = []
    for supplier in sorted({each.line.supplier for each in lines}):
        mine = [each for each in lines if each.line.supplier == supplier]
        caused, order = _bought(context, supplier, mine, len(answers))
        effects += caused
        answers += order
    return Decision(effects=tuple(effects), answers=tuple(answers))


def check(lines: Iterable[PricedLine]) -> None:
    """Raises OurFault basket.not-orderable with every problem as a finding."""
    problems = tuple(each.problem for each in lines if each.problem is not None)
    if problems:
        raise OurFault("basket.not-orderable", problems[0].where, value=str(len(problems)), findings=problems)


def _bought(
    context: Context, supplier: str, lines: Sequence[PricedLine], before: int
) -> tuple[list[Effect], list[Answer]]:
    """Return what ordering from one supplier causes. before: orders that this basket has led to already."""
    terms = context.own.suppliers[supplier]
    wanted = [_line(context.own, number, each) for number, each in enumerate(lines, start=1)]
    proposal = proposal_of(context, terms, wanted, prefix="BK")
    slowest = max((each.offer.lead_time_days or 0 for each in lines if each.offer), default=0)
    days = max(terms.lead_time_days, slowest)
    proposal = replace(proposal, requested_delivery=context.now.date() + timedelta(days=days))
    if proposal.status == "proposed":
        return [ProposalSaved(key=f"proposal:{supplier}", proposal=proposal), approval_case(proposal, terms)], []
    number = f"PO{context.serial:06d}" + (f"-{before + 1}" if before else "")
    effects, answer = order_goods(context, proposal, number)
    return effects, [answer]


def _line(own: OwnCompany, number: int, each: PricedLine) -> ProposalLine:
    item, offer = own.items[each.gtin], each.offer
    assert offer is not None  # check() has passed
    return ProposalLine(
        number=str(number),
        item=Item(gtin=each.gtin, seller_id=offer.supplier_item or item.supplier_item, description=item.name),
        quantity=replace(each.line.quantity, unit=each.line.quantity.unit or item.unit),
        price=Amount(value=offer.price, currency=offer.currency),
    )


def value_of(lines: Iterable[PricedLine]) -> Decimal:
    """Return the net value of lines of one supplier."""
    return sum((each.value for each in lines if each.value is not None), ZERO)
