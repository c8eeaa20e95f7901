"""What we can promise: each order line against stock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.decision import Context, StockLevel
from gateway.domain.items import ItemFinder, identifier, is_unit_of, item_path, positive_amount
from gateway.domain.parties import day_of
from gateway.domain.stock import ZERO
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.model.order import Order, OrderLine
from gateway.model.partner import ItemRecord
from gateway.model.values import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDecision:
    """Our word on one order line. ordered = confirmed + backordered + refused, in units of the item.

    number   unique within the order, for our records and the warehouse
    said     the buyer's line number as sent (its position when none was sent), for the answer
    reason   code of the catalogue when the line is not taken as ordered
    """

    number: str
    said: str
    line: OrderLine
    item: ItemRecord | None
    ordered: Decimal
    confirmed: Decimal = ZERO
    backordered: Decimal = ZERO
    status: str = "rejected"
    promised: date | None = None
    reason: str | None = None


def decide_lines(
    order: Order, context: Context, stock: Mapping[str, StockLevel]
) -> tuple[list[LineDecision], list[Finding]]:
    """Decide each line once, in the order of the document: several lines of one item share what is available.

    Raises OurFault item.unknown when an item is not ours and the agreement says to park the order.
    """
    items = _items(order, context)
    numbers = unique_numbers([line.number for line in order.lines])
    available: dict[str, Decimal] = {}
    decided: list[LineDecision] = []
    findings: list[Finding] = []
    for index, (line, item) in enumerate(zip(order.lines, items, strict=True)):
        start = LineDecision(
            number=numbers[index],
            said=line.number.strip() or str(index + 1),
            line=line,
            item=item,
            ordered=positive_amount(line.quantity, f"lines[{index}].quantity"),
        )
        reason = _refusal(start)
        if reason is not None or item is None:
            decided.append(replace(start, reason=reason))
            findings.append(_warning(reason or "item.unknown", index, line))
            continue
        level = stock.get(item.gtin, StockLevel())
        left = available.setdefault(item.gtin, max(ZERO, level.available))
        found = _promise(start, item, left, order, context)
        available[item.gtin] = left - found.confirmed
        decided.append(found)
        findings.extend(_oddities(index, line, found))
    return decided, findings


def _items(order: Order, context: Context) -> list[ItemRecord | None]:
    finder = ItemFinder(context.own)
    items = [finder.find(line.item) for line in order.lines]
    unknown = tuple(
        _warning("item.unknown", index, order.lines[index], "error") for index, each in enumerate(items) if each is None
    )
    if unknown and (context.agreement is None or context.agreement.unknown_item == "park"):
        first = unknown[0]
        raise OurFault("item.unknown", first.where, value=first.value, findings=unknown, count=str(len(unknown)))
    return items


def unique_numbers(said: list[str]) -> list[str]:
    """Return a unique, short line number for each number as sent; a good one stays as it is."""
    used: set[str] = set()
    numbers = []
    for position, each in enumerate(said, start=1):
        number = each.strip() if 0 < len(each.strip()) <= 20 else f"#{position}"
        if number in used:
            number = f"{number}#{position}"
        while number in used:
            number += "#"
        used.add(number)
        numbers.append(number)
    return numbers


def _refusal(line: LineDecision) -> str | None:
    if line.item is None:
        return "item.unknown"
    if not line.item.active:
        return "item.inactive"
    if not is_unit_of(line.line.quantity, line.item):
        return "order.unit-not-sold"
    if line.ordered == 0:
        return "order.quantity-zero"
    return None


def _promise(line: LineDecision, item: ItemRecord, left: Decimal, order: Order, context: Context) -> LineDecision:
    backorders = context.agreement is None or context.agreement.backorder
    confirmed = min(left, line.ordered)
    backordered = line.ordered - confirmed if backorders else ZERO
    wanted_from, wanted_by = wanted(order, line.line)
    days = context.own.delivery_days if confirmed else context.own.backorder_days
    promised = context.now.date() + timedelta(days=days)
    if wanted_from is not None:
        promised = max(promised, wanted_from)
    late = wanted_by is not None and promised > wanted_by
    status, reason = _status(line.ordered, confirmed, backordered, late, price_differs(order, line.line, item))
    return replace(
        line,
        confirmed=confirmed,
        backordered=backordered,
        status=status,
        reason=reason,
        promised=promised if confirmed or backordered else None,
    )


def _status(
    ordered: Decimal, confirmed: Decimal, backordered: Decimal, late: bool, price: bool
) -> tuple[str, str | None]:
    """Return status and reason; what changes the quantity counts before date, date before price."""
    if confirmed < ordered:
        if backordered:
            return ("backordered-part" if confirmed else "backordered"), "order.stock-short"
        return ("quantity-changed" if confirmed else "rejected"), "order.stock-short"
    if late:
        return "date-changed", "order.date-too-soon"
    if price:
        return "price-changed", "order.price-differs"
    return "accepted", None


def wanted(order: Order, line: OrderLine) -> tuple[date | None, date | None]:
    """Return the first and the last day on which the buyer wants the line; None is "any"."""
    if line.requested_delivery is not None:
        return day_of(line.requested_delivery), day_of(line.requested_delivery)
    window = order.delivery_window
    if window is not None and (window.earliest or window.latest):
        return _day(window.earliest), _day(window.latest)
    return _day(order.requested_delivery), _day(order.requested_delivery)


def _day(moment: Moment | None) -> date | None:
    return day_of(moment) if moment is not None else None


def price_differs(order: Order, line: OrderLine, item: ItemRecord) -> bool:
    """Tell whether the buyer states another net price than ours in the same currency."""
    net = line.price.net if line.price else None
    if net is None or line.price is None or item.sales_price is None:
        return False
    base = line.price.base.value if line.price.base and line.price.base.value else Decimal(1)
    currency = net.currency or order.currency or item.currency
    return currency == item.currency and net.value != item.sales_price * base


def _oddities(index: int, line: OrderLine, decided: LineDecision) -> Iterable[Finding]:
    if decided.reason == "order.price-differs":
        yield _warning("order.price-differs", index, line)
    if line.free_quantity is not None and line.free_quantity.value:
        yield _warning("order.free-goods-ignored", index, line)
    if line.splits:
        yield _warning("order.splits-ignored", index, line)


def _warning(code: str, index: int, line: OrderLine, severity: str = "warning") -> Finding:
    path = f"lines[{index}]"
    if code.startswith("item."):
        path = item_path(path, line.item)
    return Finding(
        code=code,
        severity="error" if severity == "error" else "warning",
        where=Where(path=path),
        value=identifier(line.item)[:200],
        params=(("line", line.number or str(index + 1)),),
    )
