"""Movements of our own stock."""

from decimal import Decimal

from gateway.domain.decision import Context
from gateway.model.effects import Measure, StockMoved

ZERO = Decimal(0)


def moved(
    key: str, context: Context, gtin: str, measure: Measure, delta: Decimal, reason: str, reference: str
) -> StockMoved:
    """Return a movement at our warehouse."""
    return StockMoved(
        key=key,
        gtin=gtin,
        location=context.own.warehouse,
        measure=measure,
        delta=delta,
        reason=reason,
        reference=reference,
    )
