"""Service: the right goods at the right time and place.

Sources: GCI/ECR Europe Global Scorecard BM02 (service level), BM04 (on time), BM10 (out of stock), BM11 (order cycle);
SCOR RL.1.1 (perfect order: on time, in full).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from gateway.domain.measures.facts import ZERO, Facts, OrderedLine, Part, ShelfDay

ONE = Decimal(1)


def fill_rate(facts: Facts) -> Iterator[Part]:
    """Units of the first delivery, at most those ordered / units ordered; lines by the day they are due. BM02, BM03."""
    for line in _due(facts):
        first = min((each.on for each in line.deliveries), default=None)
        units = sum((each.units for each in line.deliveries if each.on == first), ZERO)
        yield _of(line, min(units, line.ordered), line.ordered, line.due)


def otif_requested(facts: Facts) -> Iterator[Part]:
    """Lines that were delivered whole within the window around the day the buyer asked for / lines with such a day.

    Over-deliveries count as whole; early is not in time.
    """
    for line in facts.lines:
        if line.requested is not None and not line.cancelled and line.ordered > 0 and facts.inside(line.requested):
            whole = _in_time(line, line.requested, facts.early_days) >= line.ordered
            yield _of(line, ONE if whole else ZERO, ONE, line.requested)


def otif_confirmed(facts: Facts) -> Iterator[Part]:
    """The same against what the seller has confirmed, quantity and day / lines that it has confirmed."""
    for line in facts.lines:
        promised = line.promised
        if promised is not None and not line.cancelled and line.confirmed > 0 and facts.inside(promised):
            whole = _in_time(line, promised, facts.early_days) >= line.confirmed
            yield _of(line, ONE if whole else ZERO, ONE, promised)


def on_time(facts: Facts) -> Iterator[Part]:
    """Deliveries within the window around the day due / deliveries. BM04."""
    for line in facts.lines:
        day = line.requested or line.promised
        if day is None or line.cancelled:
            continue
        for each in line.deliveries:
            if facts.inside(each.on):
                good = _within(each.on, day, facts.early_days)
                yield Part(
                    top=ONE if good else ZERO,
                    bottom=ONE,
                    on=each.on,
                    document=each.document,
                    place=line.place,
                    gtin=line.gtin,
                )


def cycle_days(facts: Facts) -> Iterator[Part]:
    """Days from order to first arrival / lines that have arrived, by the day of arrival. BM11."""
    for line in facts.lines:
        first = min((each.on for each in line.deliveries), default=None)
        if first is not None and facts.inside(first):
            yield _of(line, Decimal((first - line.ordered_on).days), ONE, first)


def confirmed_kept(facts: Facts) -> Iterator[Part]:
    """Lines despatched exactly as confirmed / lines that the seller has answered; lines by the day they are due."""
    for line in _due(facts):
        if line.answered:
            yield _of(line, ONE if line.despatched == line.confirmed else ZERO, ONE, line.due)


def asn_accuracy(facts: Facts) -> Iterator[Part]:
    """Items received as advised / items received or advised, by the day of receipt."""
    for each in facts.advised:
        day = _day(each.arrived)
        if facts.inside(day):
            good = each.received == each.advised
            yield Part(
                top=ONE if good else ZERO,
                bottom=ONE,
                on=day,
                document=each.shipment,
                place=each.place,
                gtin=each.gtin,
            )


def asn_in_time(facts: Facts) -> Iterator[Part]:
    """Despatch advices known before the goods arrived / despatch advices received.

    A receipt without a time of day is of the end of its day."""
    seen: set[tuple[str, str]] = set()
    for each in facts.advised:
        day = _day(each.arrived)
        if (each.partner, each.shipment) in seen or not facts.inside(day):
            continue
        seen.add((each.partner, each.shipment))
        if isinstance(each.arrived, datetime):
            known = each.known_at.replace(tzinfo=None) if each.arrived.tzinfo is None else each.known_at
            good = known <= each.arrived
        else:
            good = each.known_at.date() <= each.arrived
        yield Part(top=ONE if good else ZERO, bottom=ONE, on=day, document=each.shipment, place=each.place)


def in_stock(facts: Facts) -> Iterator[Part]:
    """Item-place-days with usable stock / those that were counted. Complement of BM10."""
    for place, gtin, day, shelf in _shelf(facts):
        if shelf.stock is not None:
            yield Part(
                top=ONE if shelf.stock > 0 else ZERO,
                bottom=ONE,
                on=day,
                document=shelf.report,
                place=place,
                gtin=gtin,
            )


def stockout_days(facts: Facts) -> Iterator[Part]:
    """Item-place-days on which it was counted empty or asked for in vain / item-place-days known. BM10."""
    for place, gtin, day, shelf in _shelf(facts):
        out = is_stockout(shelf)
        yield Part(top=ONE if out else ZERO, bottom=ONE, on=day, document=shelf.report, place=place, gtin=gtin)


def lost_sales(facts: Facts) -> Iterator[Part]:
    """Units lost / units of demand (sold and lost).

    Lost: as reported (quantity code 217); on other days that ended empty what the same weekday sells on the mean beyond
    what was sold."""
    for (place, gtin), days in sorted(facts.shelf.items()):
        means = weekday_means(days)
        for day, shelf in sorted(days.items()):
            if shelf.sold is None or not facts.inside(day):
                continue
            lost = shelf.lost
            if not lost and shelf.stock is not None and shelf.stock <= 0:
                lost = max(ZERO, means.get(day.weekday(), ZERO) - shelf.sold)
            yield Part(top=lost, bottom=shelf.sold + lost, on=day, document=shelf.report, place=place, gtin=gtin)


def shelf_fill(facts: Facts) -> Iterator[Part]:
    """Units sold / units of demand: fill rate as the shopper sees it."""
    for part in lost_sales(facts):
        yield Part(
            top=part.bottom - part.top,
            bottom=part.bottom,
            on=part.on,
            document=part.document,
            place=part.place,
            gtin=part.gtin,
        )


def is_stockout(shelf: ShelfDay) -> bool:
    """Tell whether a day ended empty, or somebody asked in vain."""
    return shelf.lost > 0 or (shelf.stock is not None and shelf.stock <= 0)


def weekday_means(days: Mapping[date, ShelfDay]) -> dict[int, Decimal]:
    """Return the mean units of each weekday over the known days without a stock-out."""
    found: dict[int, list[Decimal]] = defaultdict(list)
    for day, shelf in days.items():
        if shelf.sold is not None and not is_stockout(shelf):
            found[day.weekday()].append(shelf.sold)
    return {weekday: sum(each, ZERO) / len(each) for weekday, each in found.items()}


def _due(facts: Facts) -> Iterator[OrderedLine]:
    return (each for each in facts.lines if not each.cancelled and each.ordered > 0 and facts.inside(each.due))


def _in_time(line: OrderedLine, day: date, early_days: int | None) -> Decimal:
    return sum((each.units for each in line.deliveries if _within(each.on, day, early_days)), ZERO)


def _within(on: date, day: date, early_days: int | None) -> bool:
    return on <= day and (early_days is None or (day - on).days <= early_days)


def _of(line: OrderedLine, top: Decimal, bottom: Decimal, on: date) -> Part:
    return Part(top=top, bottom=bottom, on=on, document=line.order, place=line.place, gtin=line.gtin)


def _day(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at


def _shelf(facts: Facts) -> Iterator[tuple[str, str, date, ShelfDay]]:
    for (place, gtin), days in sorted(facts.shelf.items()):
        for day, shelf in sorted(days.items()):
            if facts.inside(day):
                yield place, gtin, day, shelf
