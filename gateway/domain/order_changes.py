"""What an order looks like after a change: the buyer's document with the changed lines put in."""

from dataclasses import replace

from gateway.domain.allocation import unique_numbers
from gateway.model.effects import OrderSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Where
from gateway.model.order import Order, OrderLine
from gateway.model.order_change import OrderChange
from gateway.model.values import Item, gtin14

DELETED = frozenset({"deleted", "cancelled", "not-accepted"})


def changed_order(known: OrderSaved, change: OrderChange) -> Order:
    """Return the whole order as the change wants it; an order that waits is changed as it waits.

    A line is found by its number, else by its GTIN when that is unambiguous. Raises PartnerFault
    order.change-line-unknown, order.no-lines when nothing is left; OurFault order.change-without-document.
    """
    order = known.pending if isinstance(known.pending, Order) else known.document
    if not isinstance(order, Order):
        raise OurFault("order.change-without-document", Where(path="order.id"), value=known.number)
    lines: dict[str, OrderLine] = dict(
        zip(unique_numbers([line.number for line in order.lines]), order.lines, strict=True)
    )
    for index, line in enumerate(change.lines):
        key = _find(lines, line)
        if line.action in DELETED:
            if key is None:
                raise _unknown(index, line)
            del lines[key]
        elif key is not None:
            lines[key] = _merged(lines[key], line)
        elif line.action in ("added", None):
            lines[_free_key(lines, line)] = replace(line, action=None)
        elif line.action != "unchanged":
            raise _unknown(index, line)
    if not lines:
        raise PartnerFault("order.no-lines", Where(path="lines"), value=order.id)
    return replace(
        order,
        lines=tuple(lines.values()),
        requested_delivery=change.requested_delivery or order.requested_delivery,
        delivery_window=change.delivery_window or order.delivery_window,
        ship_to=change.ship_to or order.ship_to,
    )


def _find(lines: dict[str, OrderLine], wanted: OrderLine) -> str | None:
    number = wanted.number.strip()
    if number in lines and _same_item(lines[number].item, wanted.item):
        return number
    if wanted.action == "added":
        return None
    same = [key for key, line in lines.items() if wanted.item.gtin and _same_item(line.item, wanted.item)]
    return same[0] if len(same) == 1 else None


def _same_item(one: Item, other: Item) -> bool:
    """Tell whether two lines can be about one item: a change often names the line alone."""
    if one.gtin and other.gtin:
        return gtin14(one.gtin) == gtin14(other.gtin)
    return True


def _merged(old: OrderLine, new: OrderLine) -> OrderLine:
    """Return the old line with what the change says; what it leaves out stays."""
    return replace(
        old,
        quantity=new.quantity,
        price=new.price or old.price,
        requested_delivery=new.requested_delivery or (None if new.delivery_window else old.requested_delivery),
        delivery_window=new.delivery_window or (None if new.requested_delivery else old.delivery_window),
        splits=new.splits or old.splits,
        free_quantity=new.free_quantity or old.free_quantity,
        notes=new.notes or old.notes,
        amount=new.amount,
    )


def _free_key(lines: dict[str, OrderLine], line: OrderLine) -> str:
    return unique_numbers([*lines, line.number])[-1]


def _unknown(index: int, line: OrderLine) -> PartnerFault:
    return PartnerFault(
        "order.change-line-unknown",
        Where(path=f"lines[{index}]"),
        value=f"{line.number} {line.item.gtin or ''}".strip(),
    )
