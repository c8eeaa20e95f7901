"""What is agreed with an account, as the rules on orders read it: prices, items, days and limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.domain.business_days import first_open, is_open, ordering_day
from gateway.domain.calendars import OWN
from gateway.domain.days import later
from gateway.domain.decision import Context
from gateway.domain.stock import ZERO
from gateway.model.calendar import Calendar
from gateway.model.effects import PriceSaved
from gateway.model.partner import ItemRecord, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The terms of one account on the day of a decision, with the prices of its list.

    ordered_on  day from which lead time counts: that of the decision, or the next on which orders are taken
    calendars   of the account, of the place that the goods go to, and our own
    """

    terms: Terms
    day: date
    assortment: frozenset[str] | None  # None: every item of ours
    prices: Mapping[tuple[str, str], tuple[PriceSaved, ...]]
    ordered_on: date
    calendars: tuple[Calendar, ...] = ()

    def price(self, item: ItemRecord, units: Decimal) -> tuple[Decimal | None, str]:
        """Return our net price per unit for so many units, with its currency; None when we have no price.

        Of the list's prices that are valid on the day, the one for the largest minimum that units reach; of several,
        the one that began last. Without one: the item's own sales price.
        """
        offered = self.prices.get((self.terms.price_list or "", item.gtin), ())
        valid = [
            each
            for each in offered
            if each.valid_from <= self.day
            and (each.valid_to is None or self.day <= each.valid_to)
            and each.minimum <= units
        ]
        if not valid:
            return item.sales_price, item.currency
        best = max(valid, key=lambda each: (each.minimum, each.valid_from))
        return best.price, best.currency

    def may_order(self, item: ItemRecord) -> bool:
        return self.assortment is None or item.gtin in self.assortment

    def delivery_from(self, day: date) -> date:
        """Return the first day from `day` on which we deliver to the account and it takes goods in: by the terms and
        by every calendar. `day` itself when there is none for more than a year."""
        if not self.terms.delivery_days and not self.calendars:
            return day
        return first_open(day, self._may_deliver) or day

    def _may_deliver(self, day: date) -> bool:
        agreed = not self.terms.delivery_days or day.isoweekday() in self.terms.delivery_days
        return agreed and is_open(self.calendars, ("delivery", "receiving"), day)

    def tolerates_price(self, theirs: Decimal, ours: Decimal) -> bool:
        """Tell whether the buyer's price counts as ours: equal, or within the agreed percentage of it."""
        return abs(theirs - ours) * 100 <= self.terms.price_tolerance * ours


def terms_of(context: Context) -> Terms:
    """Return what is agreed with the context's partner today."""
    return context.partner.terms_on(context.now.date())


def agreed(
    context: Context,
    prices: Mapping[tuple[str, str], tuple[PriceSaved, ...]],
    calendars: tuple[Calendar, ...] = (),
) -> Agreed:
    """Return what is agreed with the context's partner today. An assortment that is not there allows nothing.

    calendars: those that wanted_calendars asked for. Our own say when orders are taken and when we are closed; that we
    receive goods ourselves on some days only is no business of the customer.
    """
    terms = terms_of(context)
    items = None if terms.items == "all" else context.partner.assortments.get(terms.items, frozenset())
    return Agreed(
        terms=terms,
        day=context.now.date(),
        assortment=items,
        prices=prices,
        ordered_on=ordering_day(calendars, context.now, context.zones),
        calendars=tuple(
            each
            for each in calendars
            if each.kind == "holiday" or (each.kind != "ordering" and each.owner not in (OWN, context.own.warehouse))
        ),
    )


def wanted_calendars(context: Context, ship_to: str | None) -> frozenset[str]:
    """Return whose calendars a promise to the context's partner takes: its own, those of the place, ours."""
    return frozenset({context.partner.id, OWN, context.own.warehouse} | ({ship_to} if ship_to else set()))


def wanted_prices(context: Context, gtins: frozenset[str]) -> frozenset[tuple[str, str]]:
    """Return the keys of the prices that a decision on these items takes."""
    price_list = terms_of(context).price_list
    return frozenset((price_list, gtin) for gtin in gtins) if price_list else frozenset()


def promise_from_supply(
    supply: tuple[tuple[date, Decimal], ...], waiting: Decimal, short: Decimal, after: date
) -> date | None:
    """Return the day on which what suppliers owe us covers `short` more units than wait already, None if never.

    waiting: units of earlier backorders, which are served first. The goods can leave on the day after they came,
    and not before `after`.
    """
    needed, come = waiting + short, ZERO
    for day, units in supply:
        come += units
        if come >= needed:
            return max(later(day, 1), after)
    return None
