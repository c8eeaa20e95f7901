"""InvoiceDecision: a person's word on a supplier's invoice that does not match. Internal, like OrderDecision."""

from dataclasses import dataclass

from gateway.model.values import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDecision:
    """decision: approve (pay it as it is) or reject (it bills nothing any more).

    orders: numbers of our orders that it bills, as it stood when the person looked
    """

    id: str
    issued_at: Moment
    partner: str
    invoice: str
    decision: str
    user: str
    orders: tuple[str, ...] = ()
    reason: str | None = None
