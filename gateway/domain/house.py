"""What we tell our own warehouse: ship this, do not ship that. Its order carries the customer's order number."""

import re
from collections.abc import Sequence
from datetime import date

from gateway.domain.decision import Answer, Context
from gateway.domain.open_order import OpenOrder
from gateway.domain.parties import named, own_party, partner_party, warehouse_party
from gateway.domain.splits import shared
from gateway.model.effects import OrderLineState, OrderSaved
from gateway.model.order import Order, OrderLine, OrderRefs
from gateway.model.values import Amount, Item, Party, Price, Quantity

_SUFFIX = re.compile(r"(.+)-B\d{6,}\Z", re.DOTALL)


def order_numbers(number: str) -> tuple[str, ...]:
    """Return the customer order numbers that a number from the house may mean, the likelier first."""
    follow_up = _SUFFIX.match(number)
    return (number, follow_up.group(1)) if follow_up else (number,)


def buyer_of(context: Context, order: OrderSaved) -> Party:
    """Return the buyer as the order names it, else as our records do."""
    said = order.document.buyer if isinstance(order.document, Order) else None
    return named(said, _partner_party(context, order.partner))


def ship_to_of(context: Context, order: OrderSaved) -> Party:
    """Return where the order's goods go: the place it names, else the buyer."""
    said = order.document.ship_to if isinstance(order.document, Order) else None
    return named(said, buyer_of(context, order))


def _partner_party(context: Context, partner: str) -> Party:
    found = context.partners.get(partner)
    return partner_party(found) if found is not None else Party(name=partner)


def release_order(
    context: Context,
    order: OrderSaved,
    lines: Sequence[OrderLineState],
    *,
    suffix: str = "",
    function: str = "original",
) -> list[Answer]:
    """Return the order to the warehouse, nothing when there is no warehouse or nothing to say.

    lines: the quantities that the warehouse shall ship (or shall not, for function cancel) stand in `confirmed`.
    """
    house = context.house
    wanted = [line for line in lines if line.confirmed > 0]
    if house is None or not wanted:
        return []
    asked = OpenOrder(order).asked()
    return [
        Answer(
            to=house.id,
            about=order.number,
            document=Order(
                id=order.number + suffix,
                issued_at=context.now,
                function=function,
                buyer=buyer_of(context, order),
                seller=own_party(context.own),
                ship_to=ship_to_of(context, order),
                ship_from=warehouse_party(context.own),
                currency=order.currency,
                refs=OrderRefs(customer=order.number),
                lines=tuple(_line(context, line, asked.get(line.number), order.currency) for line in wanted),
            ),
        )
    ]


def _line(context: Context, line: OrderLineState, asked: OrderLine | None, currency: str | None) -> OrderLine:
    """The customer's split over shops goes with the line: the warehouse packs by it. So does the price that we have
    confirmed: who bills from our house would bill another one after a change of prices."""
    item = context.own.items.get(line.gtin)
    return OrderLine(
        splits=shared(asked.splits, line.confirmed) if asked is not None else (),
        notes=asked.notes if asked is not None else (),
        number=line.number,
        item=Item(gtin=line.gtin, description=item.name if item else None),
        quantity=Quantity(value=line.confirmed, unit=item.unit if item else None),
        price=Price(net=Amount(value=line.price, currency=currency)) if line.price is not None and currency else None,
        requested_delivery=date.fromisoformat(line.promised) if line.promised else None,
    )
