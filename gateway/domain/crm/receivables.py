"""What is owed and how it is paid: open items by age, days of sales outstanding, reliability weighted by value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BUCKETS: Sequence[tuple[str, int]] = (("not-due", 0), ("1-30", 30), ("31-60", 60), ("61-90", 90))
OLDEST = "over-90"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An invoice, or a credit note with a negative amount, as far as it is not settled."""

    document: str
    due_on: date
    open_amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A payment of an invoice, or of a part of it."""

    amount: Decimal
    due_on: date
    paid_on: date


def ageing(items: Iterable[OpenItem], today: date) -> Mapping[str, Decimal]:
    """Return what is open by days past due; every bucket is there."""
    found = dict.fromkeys((*(name for name, _ in BUCKETS), OLDEST), Decimal(0))
    for item in items:
        late = (today - item.due_on).days
        found[next((name for name, most in BUCKETS if late <= most), OLDEST)] += item.open_amount
    return found


def days_outstanding(open_amount: Decimal, invoiced: Decimal, period_days: int) -> Decimal | None:
    """Return DSO: open amount / invoiced per day of the period. None when nothing was invoiced in it."""
    return open_amount * period_days / invoiced if invoiced > 0 and period_days > 0 else None


def on_time_share(payments: Iterable[Settled]) -> Decimal | None:
    """Return the share of the money that came by its due date; None without payments."""
    in_time = whole = Decimal(0)
    for payment in payments:
        whole += payment.amount
        if payment.paid_on <= payment.due_on:
            in_time += payment.amount
    return in_time / whole if whole > 0 else None


def mean_days_late(payments: Iterable[Settled]) -> Decimal | None:
    """Return the days from due date to payment, weighted by money; early is negative. None without payments."""
    days = whole = Decimal(0)
    for payment in payments:
        whole += payment.amount
        days += payment.amount * (payment.paid_on - payment.due_on).days
    return days / whole if whole > 0 else None
