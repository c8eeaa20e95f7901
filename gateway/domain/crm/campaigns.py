"""What a promotion did: what shops sold of its goods before, during and after it, against shops that were not in it."""

from dataclasses import dataclass
from decimal import Decimal

MOST_DAYS_AFTER = 28  # that are looked at after the end
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """Units of so many days; days: those of the period that are over."""

    units: Decimal = ZERO
    days: int = 0

    @property
    def rate(self) -> Decimal | None:
        return self.units / self.days if self.days > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """uplift: how much more a day was sold than before; net: less what the others sold more by themselves; extra: units
    beyond the rate before; dip: after against before. None: not enough data."""

    before: Decimal | None
    during: Decimal | None
    after: Decimal | None
    uplift: Decimal | None
    net: Decimal | None
    extra: Decimal | None
    dip: Decimal | None


def effect(before: Sold, during: Sold, after: Sold, others_before: Sold, others_during: Sold) -> Effect:
    """Return what a campaign did. others: accounts that were not in it, for what would have happened anyway."""
    uplift, common = _change(before, during), _change(others_before, others_during)
    rate = before.rate
    return Effect(
        before=rate,
        during=during.rate,
        after=after.rate,
        uplift=uplift,
        net=None if uplift is None else uplift - (common or ZERO),
        extra=None if rate is None or during.rate is None else during.units - rate * during.days,
        dip=_change(before, after),
    )


def _change(base: Sold, now: Sold) -> Decimal | None:
    """Return how much more a day, as a share of the base; None without sales before or a day of the period."""
    if not base.rate or now.rate is None:
        return None
    return now.rate / base.rate - 1
