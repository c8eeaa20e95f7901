"""Prices with their days as planning sees them: where the price of an item differs from its usual one, and by how much.

What a customer pays us for an item changes what his shops ask for it, and with it what they sell. The usual price is
the one of most days of the history, so that most days are plain days; it moves nothing, and neither does a price of
which nothing was learned yet.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.replenishment.facts import PlanEvent
from gateway.model.effects import PriceSaved
from gateway.model.partner import Partner
from gateway.model.planning import PlanningTerms

AHEAD = timedelta(days=90)  # a plan looks no farther
BOUNDS = (Decimal("0.2"), Decimal(5))  # of the usual price; beyond, a price is a mistake
MECHANIC = "price"


def price_lists(partners: Mapping[str, Partner], terms: PlanningTerms, day: date) -> dict[str, str]:
    """Return by place the list that its customer buys from on a day; places of customers without a list are left
    out."""
    found: dict[str, str] = {}
    for each in terms.agreements:
        customer = partners.get(each.partner or "")
        name = None if customer is None or each.method == "purchase" else customer.terms_on(day).price_list
        if name is not None:
            found |= dict.fromkeys(each.places, name)
    return found


def price_events(prices: Sequence[PriceSaved], since: date, today: date) -> tuple[PlanEvent, ...]:
    """Return the days from since on of which the price is not the usual one, with the price over the usual one.

    prices: of one item in one list; of several minima the least counts, of several currencies the last one's. Of the
    prices of a day the one that began last counts. A day without any price is as usual.
    """
    if len(prices) < 2:
        return ()
    least = min(each.minimum for each in prices)
    currency = max(prices, key=lambda each: each.valid_from).currency
    valid = sorted(
        (each for each in prices if (each.minimum, each.currency) == (least, currency) and each.price > 0),
        key=lambda each: each.valid_from,
    )
    spans = _spans(valid, since, today + AHEAD)
    days: dict[Decimal, int] = {}
    for first, last, price in spans:
        known = (min(last, today - timedelta(days=1)) - first).days + 1
        if known > 0:
            days[price] = days.get(price, 0) + known
    if not days:
        return ()
    usual = max(days, key=lambda price: (days[price], price))
    return tuple(
        PlanEvent(
            id=f"price {first}",
            kind="price",
            mechanic=MECHANIC,
            first_day=first,
            last_day=last,
            price=min(max(round(price / usual, 4), BOUNDS[0]), BOUNDS[1]),
        )
        for first, last, price in spans
        if price != usual
    )


def _spans(prices: Sequence[PriceSaved], since: date, until: date) -> list[tuple[date, date, Decimal]]:
    """Return (first day, last day, price) of every run of days with one price. prices: by first day."""
    starts = {each.valid_from for each in prices}
    ends = {each.valid_to + timedelta(days=1) for each in prices if each.valid_to is not None and each.valid_to < until}
    edges = sorted({since, *(day for day in starts | ends if since < day <= until)})
    found: list[tuple[date, date, Decimal]] = []
    for first, after in zip(edges, [*edges[1:], until + timedelta(days=1)], strict=True):
        here = [
            each for each in prices if each.valid_from <= first and (each.valid_to is None or first <= each.valid_to)
        ]
        if not here:
            continue
        last, price = after - timedelta(days=1), here[-1].price
        if found and found[-1][1] + timedelta(days=1) == first and found[-1][2] == price:
            found[-1] = (found[-1][0], last, price)
        else:
            found.append((first, last, price))
    return found
