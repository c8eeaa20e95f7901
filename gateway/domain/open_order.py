"""An order while a document works on it: lines found and replaced, the new state given back as one effect."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from gateway.domain.stock import ZERO
from gateway.model.effects import OrderLineState, OrderSaved
from gateway.model.order import Order, OrderLine


def expected(line: OrderLineState, side: str) -> Decimal:
    """Return the units that shall still leave the shipper.

    Of a sale only what is allocated; of a purchase also what the supplier promised for later.
    """
    promised = line.confirmed + (line.backordered if side == "purchase" else ZERO)
    return max(ZERO, promised - line.despatched)


class OpenOrder:
    """Working copy of an order's state."""

    def __init__(self, saved: OrderSaved) -> None:
        self.saved = saved
        self.lines = {line.number: line for line in saved.lines}
        self._by_gtin: dict[str, list[str]] = {}
        for line in saved.lines:
            self._by_gtin.setdefault(line.gtin, []).append(line.number)

    def line(self, number: str | None, gtin: str | None) -> OrderLineState | None:
        """Return the line of that number when it is about gtin (None: any item), else the first line of the item
        that still expects units, else the first of the item, else None."""
        found = self.lines.get(number) if number else None
        if found is not None and gtin in (None, found.gtin):
            return found
        same = [self.lines[each] for each in self._by_gtin.get(gtin or "", [])]
        return next((each for each in same if expected(each, self.saved.side)), same[0] if same else None)

    def put(self, line: OrderLineState) -> None:
        """Replace the line of that number."""
        self.lines[line.number] = line

    def asked(self) -> dict[str, OrderLine]:
        """Return the lines of the order's document by our line number; empty when the document is not there."""
        document = self.saved.document
        if not isinstance(document, Order) or len(document.lines) != len(self.saved.lines):
            return {}
        return dict(zip((each.number for each in self.saved.lines), document.lines, strict=True))

    def result(self, key: str) -> OrderSaved:
        """Return the new state of the whole order, with the status that follows from its lines."""
        lines = tuple(self.lines.values())
        return replace(self.saved, key=key, lines=lines, status=self._status(lines))

    def _status(self, lines: Iterable[OrderLineState]) -> str:
        live = [line for line in lines if line.confirmed or line.backordered]
        if not live or self.saved.status in ("cancelled", "rejected"):
            return self.saved.status
        if all(line.status == "received" for line in live):
            return "received"
        done = all(not expected(line, self.saved.side) and line.despatched for line in live)
        waiting = self.saved.side == "sale" and any(line.backordered for line in live)
        return "shipped" if done and not waiting else self.saved.status
