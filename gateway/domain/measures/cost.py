"""Cost: what makes work, uncertainty and waves along the chain.

Sources: Hyndman, Koehler, International Journal of Forecasting 22 (2006); Chen, Drezner, Ryan, Simchi-Levi, Management
Science 46 (2000) and Chen, Lee, Management Science 58 (2012) on the bullwhip ratio.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.measures.facts import ZERO, Facts, Pair, Part, PlannedOrder, ShelfDay

ONE = Decimal(1)
NAIVE_DAYS = 28
LEAST_WEEKS = 4


def forecast_error(facts: Facts) -> Iterator[Part]:
    """Sum of |forecast - sold| / sum of sold (WAPE), over the protection interval, as forecast when the order was made.
    Intervals with an unknown day tell nothing."""
    for each, expected, sold, _ in _judged(facts):
        yield _of(each, abs(expected - sold), sold)


def forecast_bias(facts: Facts) -> Iterator[Part]:
    """Sum of (forecast - sold) / sum of sold: above 0 is too much."""
    for each, expected, sold, _ in _judged(facts):
        yield _of(each, expected - sold, sold)


def forecast_value_added(facts: Facts) -> Iterator[Part]:
    """By how much less the forecast was wrong than the mean of the last 28 days / what that mean was wrong."""
    for each, expected, sold, naive in _judged(facts):
        if naive is not None:
            yield _of(each, abs(naive - sold) - abs(expected - sold), abs(naive - sold))


def bullwhip(facts: Facts) -> Iterator[Part]:
    """Variance of weekly orders / variance of weekly sales, each item at each place for itself; whole weeks only."""
    weeks = _weeks(facts)
    orders, sales = _weekly_orders(facts, weeks), _weekly_sales(facts, weeks)
    for pair in sorted(orders.keys() & sales.keys()):
        sold = sales[pair]
        if len(sold) == len(weeks) >= LEAST_WEEKS:
            top = _variance([orders[pair].get(week, ZERO) for week in weeks])
            yield Part(
                top=top,
                bottom=_variance([sold[week] for week in weeks]),
                on=weeks[-1],
                document=f"{len(weeks)}",
                place=pair[0],
                gtin=pair[1],
            )


def bullwhip_together(facts: Facts) -> Iterator[Part]:
    """The same of all items and places added up: what one hides the other shows."""
    weeks = _weeks(facts)
    orders, sales = _weekly_orders(facts, weeks), _weekly_sales(facts, weeks)
    whole = [pair for pair in orders if len(sales.get(pair, {})) == len(weeks)]
    if whole and len(weeks) >= LEAST_WEEKS:
        ordered = [sum((orders[pair].get(week, ZERO) for pair in whole), ZERO) for week in weeks]
        sold = [sum((sales[pair][week] for pair in whole), ZERO) for week in weeks]
        yield Part(top=_variance(ordered), bottom=_variance(sold), on=weeks[-1], document=f"{len(weeks)}")


def touch_rate(facts: Facts) -> Iterator[Part]:
    """Lines whose quantity a person has changed / lines ordered from plans."""
    for each in facts.planned:
        if facts.inside(each.on):
            yield _of(each, ONE if each.quantity != each.system_quantity else ZERO, ONE)


def untouched(facts: Facts) -> Iterator[Part]:
    """Lines that went out within the limits without anybody's word / lines ordered from plans."""
    for each in facts.planned:
        if facts.inside(each.on):
            yield _of(each, ONE if each.approved_by == "limit" else ZERO, ONE)


def report_age(facts: Facts) -> Iterator[Part]:
    """Days from the end of the day (UTC) until its first report has come / reported days of places."""
    for each in facts.reported:
        if facts.inside(each.day):
            seconds = (each.came_at.date() - each.day).days * 86_400 - 86_400
            at = each.came_at
            seconds += at.hour * 3_600 + at.minute * 60 + at.second
            yield Part(
                top=max(ZERO, Decimal(seconds) / 86_400),
                bottom=ONE,
                on=each.day,
                document=each.report,
                place=each.place,
            )


def days_missing(facts: Facts) -> Iterator[Part]:
    """Days without a report / days, of each place from the first report known of it on."""
    by_place: dict[str, dict[date, str]] = defaultdict(dict)
    for each in facts.reported:
        by_place[each.place][each.day] = each.report
    for place, days in sorted(by_place.items()):
        day = max(facts.first, min(days))
        while facts.inside(day):
            yield Part(top=ZERO if day in days else ONE, bottom=ONE, on=day, document=days.get(day, ""), place=place)
            day += timedelta(days=1)


def reaction_days(facts: Facts) -> Iterator[Part]:
    """Days from a sale to the next order from a plan of that item for that place, weighed by units: how quick the
    response is; 1 is the next morning. What nobody has ordered since, and days before the period, tell nothing."""
    orders: dict[Pair, list[PlannedOrder]] = defaultdict(list)
    for each in sorted(facts.planned, key=lambda order: (order.on, order.order, order.line)):
        orders[each.place, each.gtin].append(each)
    for pair, made in sorted(orders.items()):
        for day, known in sorted(facts.shelf.get(pair, {}).items()):
            following = next((each for each in made if each.on > day), None)
            if facts.inside(day) and known.sold and known.sold > 0 and following is not None:
                yield _of(following, known.sold * (following.on - day).days, known.sold)


def _judged(facts: Facts) -> Iterator[tuple[PlannedOrder, Decimal, Decimal, Decimal | None]]:
    """Yield each forecast that can be judged with what was sold, and what a plain mean would have said.

    An interval belongs to the period in which it ends.
    """
    for each in facts.planned:
        days = facts.shelf.get((each.place, each.gtin))
        if days is None or each.expected is None or each.first_day is None or each.days < 1:
            continue
        if not facts.inside(each.first_day + timedelta(days=each.days - 1)):
            continue
        sold = _sum(days, each.first_day, each.days)
        if sold is None:
            continue
        before = [
            known.sold
            for n in range(1, NAIVE_DAYS + 1)
            if (known := days.get(each.first_day - timedelta(days=n))) is not None and known.sold is not None
        ]
        naive = sum(before, ZERO) / len(before) * each.days if before else None
        yield each, each.expected, sold, naive


def _sum(days: Mapping[date, ShelfDay], first: date, length: int) -> Decimal | None:
    total = ZERO
    for n in range(length):
        known = days.get(first + timedelta(days=n))
        if known is None or known.sold is None:
            return None
        total += known.sold
    return total


def _weeks(facts: Facts) -> list[date]:
    """Return the Mondays of the whole weeks within the period that are over."""
    last = min(facts.last, facts.until)
    monday = facts.first + timedelta(days=-facts.first.weekday() % 7)
    found = []
    while monday + timedelta(days=6) <= last:
        found.append(monday)
        monday += timedelta(days=7)
    return found


def _weekly_orders(facts: Facts, weeks: list[date]) -> dict[Pair, dict[date, Decimal]]:
    found: dict[Pair, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    known = set(weeks)
    for line in facts.lines:
        monday = line.ordered_on - timedelta(days=line.ordered_on.weekday())
        if monday in known and not line.cancelled:
            found[line.place, line.gtin][monday] += line.ordered
    return found


def _weekly_sales(facts: Facts, weeks: list[date]) -> dict[Pair, dict[date, Decimal]]:
    """Return the units of each week all of whose days are known."""
    found: dict[Pair, dict[date, Decimal]] = defaultdict(dict)
    for pair, days in facts.shelf.items():
        for monday in weeks:
            total = _sum(days, monday, 7)
            if total is not None:
                found[pair][monday] = total
    return found


def _variance(values: list[Decimal]) -> Decimal:
    """Return the sample variance."""
    mean = sum(values, ZERO) / len(values)
    return sum(((each - mean) ** 2 for each in values), ZERO) / (len(values) - 1)


def _of(each: PlannedOrder, top: Decimal, bottom: Decimal) -> Part:
    return Part(top=top, bottom=bottom, on=each.on, document=each.order, place=each.place, gtin=each.gtin)
