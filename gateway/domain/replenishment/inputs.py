"""From records to what the formulas take: demand of each day, the calendar walked, the position counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from gateway.domain.replenishment.calendars import Lane, protection
from gateway.domain.replenishment.effective import effective
from gateway.domain.replenishment.facts import ZERO, DaySales, PairFacts, PlanEvent, PlanFacts
from gateway.domain.replenishment.learned import Learned
from gateway.domain.replenishment.pair_input import Like, PairInput
from gateway.domain.replenishment.position import TOTAL, OnHand, Step, on_hand, position
from gateway.domain.replenishment.service import lead_deviation, service_of
from gateway.model.partner import ItemRecord, SupplierTerms
from gateway.model.planning import PlanAgreement, PlanCalendar, PlanParameters
from gateway.model.replenishment import PartnerStanding

GONE = timedelta(days=14)  # without any report
OLDEST_COUNT = timedelta(days=31)  # the demand since an older one is anybody's guess
LIKE_SPREAD = 0.5  # how far from an item that it is like a new item's rate lies, relative


def lane_of(agreement: PlanAgreement, terms: SupplierTerms | None, dock_days: int = 0) -> Lane:
    """Return the calendar of an agreement; of purchases with the supplier's lead time and review period. dock_days: of
    goods that our warehouse does not keep, those until they are there."""
    said: PlanCalendar = agreement.calendar
    lead = said.lead_days + dock_days if terms is None else terms.lead_time_days
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What an item at a place is planned with beside its own facts. standings: by partner; dock_days: see lane_of."""

    known: PlanFacts
    agreement: PlanAgreement
    terms: SupplierTerms | None = None
    learned: Learned | None = None
    standings: Mapping[str, PartnerStanding] = field(default_factory=dict)
    history_days: int = 182
    dock_days: int = 0


def input_of(facts: PairFacts, item: ItemRecord, around: Around, now: datetime) -> PairInput:
    """Return an item at a place, ready to be planned. now: local time of the place."""
    today, known, agreement = now.date(), around.known, around.agreement
    reported = known.reported.get(facts.place, frozenset())
    parameters = effective(agreement.parameters, facts.parameters, facts.stock)
    held = with_predecessor(on_hand(facts, reported, today), _other(known, facts, parameters.predecessor), parameters)
    through = held.through if held.through is not None else today - timedelta(days=1)
    through = max(through, today - OLDEST_COUNT)
    interval = protection(lane_of(agreement, around.terms, around.dock_days), now, through + timedelta(days=1))
    days = around.history_days if known.first_day is None else (through - known.first_day).days + 1
    demand, shut = history(facts, known, through, days)
    before = _other(known, facts, parameters.predecessor)
    if before is not None:
        older, _ = history(before, known, through, days)
        demand = _together(demand, older, parameters.factor)
    value_class = None if around.learned is None else around.learned.class_of(_value(demand, item))
    supplier = agreement.partner if around.terms is None else around.terms.partner
    standing = around.standings.get(supplier or "")
    customer = standing if agreement.method != "purchase" else None
    service, service_from = service_of(agreement, facts.parameters, value_class, customer)
    gap = (interval.next_order_on - interval.order_on).days
    return PairInput(
        facts=facts,
        item=item,
        agreement=agreement,
        parameters=replace(parameters, service=service),
        interval=interval,
        held=held,
        position=position(facts, held, agreement, today, interval.next_arrives_on),
        first_day=through - timedelta(days=days - 1),
        demand=demand,
        shut=shut,
        learned=around.learned,
        events=events_of(facts, agreement),
        item_class=value_class,
        service_from=service_from,
        lead_deviation=lead_deviation(
            agreement.calendar.lead_deviation, standing if agreement.method == "purchase" else None, gap
        ),
        like=_like(facts, item, around, parameters, through),
    )


def _other(known: PlanFacts, facts: PairFacts, gtin: str | None) -> PairFacts | None:
    return None if gtin is None else known.related.get((facts.place, gtin))


def with_predecessor(held: OnHand, before: PairFacts | None, parameters: PlanParameters) -> OnHand:
    """Count what is left of the predecessor: it serves the same customers until it is gone."""
    if before is None:
        return held
    left = before.on_hand if before.on_hand is not None else _last_count(before)
    units = max(left, ZERO) * parameters.factor
    day = held.through or held.counted_at
    if units == 0 or day is None:
        return held
    step = Step(kind="predecessor", units=units, at=day, document=before.gtin)
    return replace(held, units=held.units + units, steps=(*held.steps, step))


def _last_count(facts: PairFacts) -> Decimal:
    return next((each.quantity for each in facts.stock if each.type in (TOTAL, "available")), ZERO)


def _together(
    own: tuple[Decimal | None, ...], older: tuple[Decimal | None, ...], factor: Decimal
) -> tuple[Decimal | None, ...]:
    """Return the demand of an item and its predecessor: of one where only one is known."""
    return tuple(
        now if then is None else then * factor if now is None else now + then * factor
        for now, then in zip(own, older, strict=True)
    )


def _value(demand: tuple[Decimal | None, ...], item: ItemRecord) -> float:
    """Return the value sold a day."""
    known = [each for each in demand if each is not None]
    price = item.sales_price or item.purchase_price or Decimal(1)
    return float(sum(known, ZERO) * price / len(known)) if known else 0.0


def events_of(facts: PairFacts, agreement: PlanAgreement) -> tuple[PlanEvent, ...]:
    """Return what lifts or lowers demand of an item at a place: planned events, at our warehouse as all its places
    see them, and the holidays of the agreement."""
    holidays = (
        PlanEvent(id=f"holiday {day}", kind="holiday", mechanic=name, first_day=day, last_day=day)
        for day, name in agreement.holidays
    )
    told = facts.events if facts.on_hand is None else tuple(_of_all(facts, each) for each in facts.events)
    return (*told, *holidays)


def _of_all(facts: PairFacts, event: PlanEvent) -> PlanEvent:
    """Return an event as our warehouse sees it: it lifts only what the places it concerns sell."""
    if event.uplift is None:
        return event
    sold = {place: sum((row.sold for row in days.values()), ZERO) for place, days in facts.sales.items()}
    total = sum(sold.values(), ZERO)
    here = sum((sold.get(place, ZERO) for place in event.places), ZERO)
    share = here / total if total > 0 else Decimal(1)
    return replace(event, uplift=round(1 + share * (event.uplift - 1), 3))


def _like(facts: PairFacts, item: ItemRecord, around: Around, parameters: PlanParameters, through: date) -> Like | None:
    """Return what an item without a history may be expected to sell: as the item that a planner has named, else as its
    category does at places of that size."""
    introduced = next((each.like for each in facts.events if each.like is not None), None)
    named = _other(around.known, facts, parameters.like or introduced)
    if named is not None:
        sold, _ = history(named, around.known, through, around.history_days)
        known = [float(each) for each in sold if each is not None]
        if known:
            rate = sum(known) / len(known) * float(parameters.factor)
            return Like(source=named.gtin, rate=rate, variance=(rate * LIKE_SPREAD) ** 2)
    if around.learned is None:
        return None
    shared, size = around.learned.group_of(item.category), around.learned.sizes.get(facts.place, 1.0)
    if shared.rate <= 0:
        return None
    return Like(source=item.category or "", rate=shared.rate * size, variance=shared.rate_variance * size * size)


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
    if len(sellers) == 1:
        return _of_one(facts, known.reported.get(sellers[0], frozenset()), sellers[0], first, days)
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


def _of_one(
    facts: PairFacts, reported: frozenset[date], place: str, first: date, days: int
) -> tuple[tuple[Decimal | None, ...], frozenset[int]]:
    """Return the same for one place that sells: most items are of this kind."""
    begins = _begin(facts, place)
    if begins is None:
        return (None,) * days, frozenset()
    rows = facts.sales.get(place, {})
    empty = _empty_days(facts) if facts.on_hand is None else frozenset()
    found: list[Decimal | None] = []
    shut = set()
    for number, day in enumerate(_dates(first, days)):
        if day < begins:
            found.append(None)
            continue
        row = rows.get(day)
        if row is not None:
            found.append(max(ZERO, row.sold - row.excluded) + row.lost)
        else:
            found.append(ZERO if day in reported else None)
        if found[-1] is not None and day in empty and not (row is not None and row.lost > 0):
            shut.add(number)
    return tuple(found), frozenset(shut)


@lru_cache(maxsize=64)
def _dates(first: date, days: int) -> tuple[date, ...]:
    """Return so many days; those of a run are nearly always the same."""
    return tuple(first + timedelta(days=number) for number in range(days))


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
        days += [] if facts.counted_from is None else [facts.counted_from]
    return min(days, default=None)


def _empty_days(facts: PairFacts) -> frozenset[date]:
    counted: dict[date, Decimal] = {}
    for each in facts.stock:
        if each.type in (TOTAL, "available"):
            day = each.at.date() if isinstance(each.at, datetime) else each.at
            counted.setdefault(day, each.quantity)
    return frozenset(day for day, units in counted.items() if units <= 0) | facts.emptied


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
