"""Whether an order makes sense in itself, before anything is promised."""

from dataclasses import replace
from hashlib import sha256

from gateway.domain.decision import Context
from gateway.domain.parties import day_of
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.json_form import dumps
from gateway.model.order import Order
from gateway.model.values import Moment

LONGEST_NUMBER = 70  # characters; EDIFACT allows 35 (data element 1004)


def content_digest(order: Order) -> str:
    """Return the SHA-256 of what the order says, whether it was sent as original, duplicate or replacement."""
    said = order if order.function == "original" else replace(order, function="original")
    return sha256(dumps(said).encode()).hexdigest()


def note(code: str, path: str, value: str | None = None) -> Finding:
    """Return a warning for the message."""
    return Finding(code=code, severity="warning", where=Where(path=path), value=value)


def check(order: Order, context: Context) -> list[Finding]:
    """Return warnings on the order as a whole.

    Raises PartnerFault order.number-unusable, order.no-lines or order.date-wrong (delivery before the order's date,
    or a window that ends before it begins).
    """
    if not order.id.strip() or len(order.id) > LONGEST_NUMBER:
        raise PartnerFault("order.number-unusable", Where(path="id"), value=order.id[:80])
    if not order.lines:
        raise PartnerFault("order.no-lines", Where(path="lines"), value=order.id)
    windows = [(order.delivery_window, "deliveryWindow.latest")]
    windows += [(line.delivery_window, f"lines[{n}].deliveryWindow.latest") for n, line in enumerate(order.lines)]
    for window, path in windows:
        if window is not None and window.latest is not None:
            _not_before(window.latest, path, order.issued_at)
            if window.earliest is not None:
                _not_before(window.latest, path, window.earliest)
    dates = [(order.requested_delivery, "requestedDelivery")]
    dates += [(line.requested_delivery, f"lines[{n}].requestedDelivery") for n, line in enumerate(order.lines)]
    findings = []
    for moment, path in dates:
        if moment is not None:
            _not_before(moment, path, order.issued_at)
            if day_of(moment) < context.now.date():
                findings.append(note("order.date-past", path, day_of(moment).isoformat()))
    return findings


def _not_before(moment: Moment, path: str, start: Moment) -> None:
    if day_of(moment) < day_of(start):
        raise PartnerFault(
            "order.date-wrong", Where(path=path), value=day_of(moment).isoformat(), start=day_of(start).isoformat()
        )
