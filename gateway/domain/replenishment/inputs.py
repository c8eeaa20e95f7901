"""From records to what the formulas take: demand of each day, the calendar walked, the position counted."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from gateway.domain.replenishment.calendars import Lane, protection
from gateway.domain.replenishment.effective import effective
from gateway.domain.replenishment.facts import ZERO, DaySales, PairFacts, PlanFacts
from gateway.domain.replenishment.item_plans import PairInput
from gateway.domain.replenishment.position import TOTAL, OnHand, on_hand, position
from gateway.model.partner import ItemRecord, SupplierTerms
from gateway.model.planning import PlanAgreement, PlanCalendar

GONE = timedelta(days=14)  # without any report
OLDEST_COUNT = timedelta(days=31)  # the demand since an older one is anybody's guess


def lane_of(agreement: PlanAgreement, terms: SupplierTerms | None) -> Lane:
    """Return the calendar of an agreement; of purchases with the supplier's lead time and review period."""
    said: PlanCalendar = agreement.calendar
    lead = said.lead_days if terms is None else terms.lead_time_days
    return Lane(
        lead_days=lead,
        order_days=frozenset(day - 1 for day in said.order_days),
        cut_off=said.cut_off,
        work_days=frozenset(day - 1 for day in said.work_days),
        supplier_holidays=frozenset(said.closed),
        receiving_days=frozenset(day - 1 for day in said.receiving_days),
        place_holidays=frozenset(said.place_closed),
        sold_after_days=said.sold_after_days,
    )


def input_of(
    facts: PairFacts,
    known: PlanFacts,
    item: ItemRecord,
    agreement: PlanAgreement,
    terms: SupplierTerms | None,
    now: datetime,
    history_days: int,
) -> PairInput:
    """Return an item at a place, ready to be planned. now: local time of the place."""
    today = now.date()
    reported = known.reported.get(facts.place, frozenset())
    held = on_hand(facts, reported, today)
    through = held.through if held.through is not None else today - timedelta(days=1)
    through = max(through, today - OLDEST_COUNT)
    interval = protection(lane_of(agreement, terms), now, through + timedelta(days=1))
    demand, shut = history(facts, known, through, history_days)
    return PairInput(
        facts=facts,
        item=item,
        agreement=agreement,
        parameters=effective(agreement.parameters, facts.parameters, facts.stock),
        interval=interval,
        held=held,
        position=position(facts, held, agreement, today, interval.next_arrives_on),
        first_day=through - timedelta(days=history_days - 1),
        demand=demand,
        shut=shut,
    )


def history(
    facts: PairFacts, known: PlanFacts, through: date, days: int
) -> tuple[tuple[Decimal | None, ...], frozenset[int]]:
    """Return the demand of each of so many days up to through, None where nobody has told, and the days on which the
    shelf was empty.

    At our warehouse the demand is that of all places that sell the item: a day counts only when every one of them has
    told it. Before the first sale or count the item was not there: unknown, not zero.
    """
    first = through - timedelta(days=days - 1)
    sellers = sorted(facts.sales) or [facts.place]
    if facts.on_hand is None:
        sellers = [facts.place]
    begins = {place: _begin(facts, place) for place in sellers}
    silent = {place for place in sellers if _silent(known.reported.get(place, frozenset()), through)}
    empty = _empty_days(facts) if facts.on_hand is None else frozenset()
    found: list[Decimal | None] = []
    shut = set()
    for number in range(days):
        day = first + timedelta(days=number)
        told = [_day(facts, known, place, begins[place], day) for place in sellers]
        if len(sellers) > len(silent):  # who has left does not keep the others' days unknown
            told = [
                None if each is _UNTOLD and place in silent else each for place, each in zip(sellers, told, strict=True)
            ]
        if not any(each is not None for each in told) or any(each is _UNTOLD for each in told):
            found.append(None)
            continue
        found.append(sum((each for each in told if each is not None), ZERO))
        if day in empty and not _asked(facts, sellers, day):
            shut.add(number)
    return tuple(found), frozenset(shut)


_UNTOLD = Decimal(-1)


def _day(facts: PairFacts, known: PlanFacts, place: str, begins: date | None, day: date) -> Decimal | None:
    """Return the demand of one place, None where the item was not sold yet, _UNTOLD where no report came."""
    if begins is None or day < begins:
        return None
    row = facts.sales.get(place, {}).get(day)
    if row is not None:
        return max(ZERO, row.sold - row.excluded) + row.lost
    return ZERO if day in known.reported.get(place, frozenset()) else _UNTOLD


def _silent(reported: frozenset[date], through: date) -> bool:
    return not reported or through - max(reported) > GONE


def _begin(facts: PairFacts, place: str) -> date | None:
    days: list[date] = list(facts.sales.get(place, ()))
    if place == facts.place:
        days += [each.at.date() if isinstance(each.at, datetime) else each.at for each in facts.stock]
    return min(days, default=None)


def _empty_days(facts: PairFacts) -> frozenset[date]:
    counted: dict[date, Decimal] = {}
    for each in facts.stock:
        if each.type in (TOTAL, "available"):
            day = each.at.date() if isinstance(each.at, datetime) else each.at
            counted.setdefault(day, each.quantity)
    return frozenset(day for day, units in counted.items() if units <= 0)


def _asked(facts: PairFacts, sellers: Iterable[str], day: date) -> bool:
    """Tell whether somebody has counted what was asked for and not there: then the day's demand is known."""
    rows: Iterable[Mapping[date, DaySales]] = (facts.sales.get(place, {}) for place in sellers)
    return any(row[day].lost > 0 for row in rows if day in row)


def local(now: datetime, zone: tzinfo | None) -> datetime:
    """Return the same moment as the clock of a place shows it."""
    return now if zone is None else now.astimezone(zone)


def age_days(held: OnHand, today: date) -> int | None:
    """Return how old the last count is, None when nobody has counted."""
    return None if held.counted_at is None else (today - held.counted_at).days
