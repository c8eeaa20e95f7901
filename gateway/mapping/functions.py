"""Named functions that a mapping may call with `fn` on each element of a list, after it was read."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gateway.model.order import OrderResponseLine


def order_response_status(line: OrderResponseLine) -> OrderResponseLine:
    """Return line with the status that its own figures tell; the code on the wire says only that something changed.

    EDIFACT LIN 1229 and UBL LineStatusCode have one code for every change. What neither code nor figures tell stays
    `quantity-changed`; who has the order compares (see OrderResponseLine).
    """
    waiting = line.backorder_quantity is not None and line.backorder_quantity.value > 0
    if line.status == "rejected":
        return replace(line, status="backordered") if waiting else line
    if line.status != "quantity-changed":
        return line
    if line.substitute is not None:
        return replace(line, status="substituted")
    if waiting:
        nothing = line.confirmed_quantity is not None and line.confirmed_quantity.value == 0
        return replace(line, status="backordered" if nothing else "backordered-part")
    same = (
        line.ordered_quantity is not None
        and line.confirmed_quantity is not None
        and line.ordered_quantity.value == line.confirmed_quantity.value
    )
    if same and line.promised_delivery is not None:
        return replace(line, status="date-changed")
    if same and line.price is not None:
        return replace(line, status="price-changed")
    return line


FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"order-response-status": order_response_status}
