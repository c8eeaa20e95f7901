"""Which orders wait for a person: what an account's terms set as limits."""

from collections.abc import Sequence
from decimal import Decimal

from gateway.domain.allocation import LineDecision
from gateway.domain.decision import Context, Snapshot
from gateway.domain.far_dates import implausible
from gateway.domain.items import identifier
from gateway.domain.splits import unclear
from gateway.domain.stock import ZERO
from gateway.domain.terms import Agreed
from gateway.model.findings import Finding, Where
from gateway.model.order import Order


def order_value(lines: Sequence[LineDecision]) -> Decimal:
    """Return what the order is worth at our prices, whatever can be shipped now. Lines without a price count 0."""
    return sum((line.ordered * line.price for line in lines if line.price is not None), ZERO)


def reasons_to_wait(
    order: Order, lines: Sequence[LineDecision], terms: Agreed, context: Context, snapshot: Snapshot
) -> list[Finding]:
    """Return why the order waits for a person, nothing when every limit is kept."""
    value, agreed = order_value(lines), terms.terms
    reasons = [_unclear(order, index, code) for index, code in unclear(order)]
    reasons += implausible(order, context)
    if agreed.minimum_value is not None and value < agreed.minimum_value:
        reasons.append(_reason("order.below-minimum", "", value, agreed.minimum_value))
    if agreed.auto_value is not None and value > agreed.auto_value:
        reasons.append(_reason("order.value-above-limit", "", value, agreed.auto_value))
    if agreed.auto_quantity is not None:
        for index, line in enumerate(lines):
            if line.ordered > agreed.auto_quantity:
                path = f"lines[{index}].quantity"
                reasons.append(_reason("order.quantity-above-limit", path, line.ordered, agreed.auto_quantity))
    if agreed.credit_class == "C":
        reasons.append(_reason("order.credit-prepaid", "", value, ZERO))
    elif agreed.credit_limit is not None:
        owed = snapshot.receivables.get(context.partner.id, ZERO) + value
        if owed > agreed.credit_limit:
            reasons.append(_reason("order.credit-exceeded", "", owed, agreed.credit_limit))
    return reasons


def _unclear(order: Order, index: int, code: str) -> Finding:
    line = order.lines[index]
    params = (("line", line.number or str(index + 1)),)
    value = identifier(line.item)[:200]
    return Finding(
        code=code, severity="warning", where=Where(path=f"lines[{index}].splits"), value=value, params=params
    )


def _reason(code: str, path: str, value: Decimal, limit: Decimal) -> Finding:
    return Finding(
        code=code,
        severity="warning",
        where=Where(path=path) if path else Where(),
        value=format(value, "f"),
        params=(("limit", format(limit, "f")),),
    )
