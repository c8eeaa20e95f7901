"""Goods for several shops in one despatch: which shop gets what of a line, by the splits of the order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.domain.decision import Snapshot
from gateway.domain.open_order import OpenOrder
from gateway.domain.splits import shared
from gateway.domain.stock import ZERO
from gateway.model.despatch_advice import DespatchAdvice, DespatchLine
from gateway.model.effects import OrderLineState, OrderSaved, ShipmentSaved
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.order import OrderLine, Split
from gateway.model.values import Quantity

Left = dict[str, Decimal]  # shop (GLN) -> units it still gets


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A line of the house's advice, or a part of one, matched with the order line it is about.

    before   the order line as it was when the advice came
    units    of the part
    index    of the line in the house's advice
    first    of the parts of its line: what is said of the whole line stays with it
    """

    line: DespatchLine
    order: OpenOrder
    before: OrderLineState
    units: Decimal
    index: int
    first: bool = True

    def part(self, units: Decimal, *, first: bool, **facts: str | None) -> "Shipped":
        """Return units of it as a line of its own; facts: final_location, unit."""
        line = replace(self.line, **facts)  # type: ignore[arg-type]
        if not first:
            line = replace(line, free_quantity=None, shortage=None, excess=None)
        return replace(self, line=line, units=units, first=self.first and first)


def spread(lines: Iterable[Shipped], snapshot: Snapshot) -> list[Shipped]:
    """Return the lines with the shop that each goes to, cut where one line is for several shops.

    The shops come in the order in which the buyer names them; what earlier despatches brought counts. A shop that the
    house itself names is checked. What no split asks for keeps no shop.

    Raises PartnerFault despatch.store-unexpected, despatch.more-than-split.
    """
    rests: dict[tuple[str, str], Left | None] = {}
    found: list[Shipped] = []
    for each in lines:
        key = (each.order.saved.number, each.before.number)
        if key not in rests:
            rests[key] = _rest(each, snapshot)
        left = rests[key]
        if left is None:
            found.append(each)
        elif each.line.final_location:
            _take(left, each)
            found.append(each)
        else:
            found += _cut(left, each)
    return found


def _rest(shipped: Shipped, snapshot: Snapshot) -> Left | None:
    """Return what each shop still gets of the order line; None when it is for one place."""
    asked = shipped.order.asked().get(shipped.before.number)
    left = _splits(asked, shipped.before.confirmed)
    if left is None:
        return None
    for shop, units in _brought(shipped, snapshot).items():
        if shop in left:
            left[shop] = max(ZERO, left[shop] - units)
    return left


def _splits(asked: OrderLine | None, confirmed: Decimal) -> Left | None:
    """Return the units per shop, of what is confirmed; None when a split is about a date alone."""
    left: Left = defaultdict(Decimal)
    for split in shared(asked.splits, confirmed) if asked is not None else ():
        if not split.location or split.quantity is None:
            return None
        left[split.location] += split.quantity.value
    return dict(left) or None


def _brought(shipped: Shipped, snapshot: Snapshot) -> Mapping[str, Decimal]:
    """Return what earlier despatches of the order line brought to each shop."""
    order = shipped.order.saved
    sums: Left = defaultdict(Decimal)
    for (side, partner, _), earlier in snapshot.shipments.items():
        document = earlier.document
        if (side, partner) != ("sale", order.partner) or not isinstance(document, DespatchAdvice):
            continue
        if len(document.lines) != len(earlier.lines):
            continue
        for line, (number, _, units) in zip(document.lines, earlier.lines, strict=True):
            about = line.order.id if line.order else None
            if line.final_location and number == shipped.before.number and about == order.number:
                sums[line.final_location] += units
    return sums


def _take(left: Left, shipped: Shipped) -> None:
    shop, path = shipped.line.final_location or "", f"lines[{shipped.index}]"
    if shop not in left:
        raise PartnerFault(
            "despatch.store-unexpected",
            Where(path=f"{path}.finalLocation"),
            value=shop,
            order=shipped.order.saved.number,
        )
    if shipped.units > left[shop]:
        raise PartnerFault(
            "despatch.more-than-split",
            Where(path=f"{path}.despatchedQuantity"),
            value=format(shipped.units, "f"),
            allowed=format(left[shop], "f"),
            store=shop,
        )
    left[shop] -= shipped.units


def _cut(left: Left, shipped: Shipped) -> list[Shipped]:
    rest = shipped.units
    found: list[Shipped] = []
    for shop, wanted in left.items():
        units = min(rest, wanted)
        if units > 0:
            found.append(shipped.part(units, first=not found, final_location=shop))
            left[shop] -= units
            rest -= units
    if rest or not found:
        found.append(shipped.part(rest, first=not found))
    return found


def marks(
    orders: Iterable[OrderSaved], shipment: ShipmentSaved | None, received: Mapping[str, Decimal]
) -> dict[tuple[str, str], Decimal]:
    """Return by place and GTIN which of the received units came for whom: as the supplier's advice marks them, else as
    our order asked for them; when less came than was meant, shares in proportion. Empty for goods of our own."""
    meant = _advised(shipment) or _ordered(orders)
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for gtin, splits in meant.items():
        for each in shared(tuple(splits), received.get(gtin, ZERO)):
            if each.location and each.quantity is not None:
                found[each.location, gtin] += each.quantity.value
    return found


def _advised(shipment: ShipmentSaved | None) -> dict[str, list[Split]]:
    found: dict[str, list[Split]] = defaultdict(list)
    advice = shipment.document if shipment is not None else None
    if shipment is None or not isinstance(advice, DespatchAdvice) or len(advice.lines) != len(shipment.lines):
        return found
    for line, (_, gtin, units) in zip(advice.lines, shipment.lines, strict=True):
        if line.final_location:
            found[gtin].append(Split(location=line.final_location, quantity=Quantity(value=units)))
    return found


def _ordered(orders: Iterable[OrderSaved]) -> dict[str, list[Split]]:
    found: dict[str, list[Split]] = defaultdict(list)
    for order in orders:
        asked = OpenOrder(order).asked()
        for state in order.lines:
            found[state.gtin] += asked[state.number].splits if state.number in asked else ()
    return {gtin: splits for gtin, splits in found.items() if splits}
