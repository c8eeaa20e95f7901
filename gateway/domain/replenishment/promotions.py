"""The calendar that both sides share: promotions and introductions, which the forecast reads and nobody forgets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.parties import day_of
from gateway.model import json_form
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Where
from gateway.model.planning_effects import PlanChanged, RecordSaved
from gateway.model.retail_event import RetailEvent
from gateway.model.values import gtin14, has_valid_check_digit

EVENT = "event"  # kind of the record
KINDS = ("promotion", "introduction")
MECHANICS = ("price", "multi-buy", "display", "leaflet", "coupon", "sampling", "other")
PLANNED, CANCELLED = "planned", "cancelled"
MOST_ITEMS, MOST_PLACES, LONGEST_DAYS = 2_000, 5_000, 400
LONGEST_ID = 80
_MOST_UPLIFT = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """An event as planning reads it. places: empty is all of partner's, and of all where partner is None."""

    id: str
    partner: str | None
    kind: str
    name: str
    state: str
    first_day: date
    last_day: date
    gtins: tuple[str, ...]
    places: tuple[str, ...]
    mechanic: str
    uplift: Decimal | None = None
    price: Decimal | None = None
    currency: str | None = None
    like: str | None = None
    launch: Decimal | None = None

    def covers(self, place: str, gtin: str, partner: str | None) -> bool:
        """Tell whether it concerns an item at a place. partner: whose place it is."""
        if self.state == CANCELLED or gtin not in self.gtins:
            return False
        return place in self.places if self.places else self.partner in (None, partner)


def planned_event(record: RecordSaved) -> PlannedEvent:
    """Return the event that a record of kind EVENT holds."""
    found = json_form.loads(record.data)
    assert isinstance(found, RetailEvent), record.id
    return PlannedEvent(
        id=record.id,
        partner=record.partner,
        kind=found.kind,
        name=found.name,
        state=record.state,
        first_day=day_of(found.first_day),
        last_day=day_of(found.last_day),
        gtins=tuple(gtin14(each.gtin or "") for each in found.items),
        places=found.places,
        mechanic=found.mechanic,
        uplift=found.uplift,
        price=None if found.price is None else found.price.value,
        currency=None if found.price is None else found.price.currency,
        like=None if found.like is None else gtin14(found.like),
        launch=found.launch,
    )


def record_id(event: RetailEvent, context: Context) -> str:
    """Return the key of the record: two partners may use the same number."""
    return event.id if context.partner.kind != "partner" else f"{context.partner.id}:{event.id}"


def needs(event: RetailEvent, context: Context) -> Needs:
    """Return the event as it is known."""
    return Needs(plan_records=frozenset({(EVENT, record_id(event, context))}))


def decide(event: RetailEvent, context: Context, snapshot: Snapshot) -> Decision:
    """Keep the event; the plans of its items at its places are old.

    A partner speaks for its own places. Raises PartnerFault or, of our own, OurFault event.*.
    """
    of_partner = context.partner.kind == "partner"
    partner = context.partner.id if of_partner else event.partner
    identity = record_id(event, context)
    _check(event, identity, partner, context)
    known = snapshot.plan_records.get((EVENT, identity))
    if event.function == "cancel" and known is None:
        raise _wrong(context, "event.unknown", "id", event.id)
    state = CANCELLED if event.function == "cancel" else PLANNED
    kept = event if event.function != "cancel" or known is None else json_form.loads(known.data)
    record = RecordSaved(
        key=f"event:{identity}",
        kind=EVENT,
        id=identity,
        state=state,
        data=json_form.dumps(kept),
        partner=known.partner if known is not None and not of_partner and event.function == "cancel" else partner,
    )
    concerned = [planned_event(record), *([planned_event(known)] if known is not None else [])]
    return Decision(effects=(record, *_changed(concerned, context)))


def _check(event: RetailEvent, identity: str, partner: str | None, context: Context) -> None:
    first, last = day_of(event.first_day), day_of(event.last_day)
    if len(identity) > LONGEST_ID:
        raise _wrong(context, "event.number-long", "id", event.id[:100])
    if event.kind not in KINDS:
        raise _wrong(context, "event.kind-unknown", "kind", event.kind[:80], known=", ".join(KINDS))
    if event.mechanic not in MECHANICS:
        raise _wrong(context, "event.mechanic-unknown", "mechanic", event.mechanic[:80], known=", ".join(MECHANICS))
    if last < first or (last - first).days >= LONGEST_DAYS:
        raise _wrong(context, "event.days-wrong", "lastDay", f"{first} – {last}", most=str(LONGEST_DAYS))
    if not event.items or len(event.items) > MOST_ITEMS or len(event.places) > MOST_PLACES:
        raise _wrong(context, "event.too-much", "items", str(len(event.items)))
    _check_items(event, context)
    if partner is not None and partner not in context.partners:
        raise _wrong(context, "event.partner-unknown", "partner", partner[:80])
    _check_places(event, partner, context)


def _check_items(event: RetailEvent, context: Context) -> None:
    for index, each in enumerate(event.items):
        if not each.gtin or not has_valid_check_digit(gtin14(each.gtin)):
            raise _wrong(context, "event.item-wrong", f"items[{index}].gtin", (each.gtin or "")[:40])
    if event.like is not None and not has_valid_check_digit(gtin14(event.like)):
        raise _wrong(context, "event.item-wrong", "like", event.like[:40])
    if event.uplift is not None and not (event.uplift.is_finite() and -1 <= event.uplift <= _MOST_UPLIFT):
        raise _wrong(context, "event.uplift-wrong", "uplift", str(event.uplift)[:40])


def _check_places(event: RetailEvent, partner: str | None, context: Context) -> None:
    terms = context.own.planning
    for index, place in enumerate(event.places):
        agreement = terms.of_place(place) if terms is not None else None
        of_another = agreement is not None and partner is not None and agreement.partner not in (None, partner)
        if len(place) != 13 or not has_valid_check_digit(place) or of_another:
            raise _wrong(context, "event.place-wrong", f"places[{index}]", place[:40])


def _wrong(context: Context, code: str, path: str, value: str, **params: Any) -> PartnerFault | OurFault:
    if context.partner.kind == "partner":
        return PartnerFault(code, Where(path=path), value=value, **params)
    return OurFault(code, Where(path=path), value=value, **params)


def _changed(events: Iterable[PlannedEvent], context: Context) -> list[PlanChanged]:
    terms = context.own.planning
    if terms is None:
        return []
    by_place: dict[str, set[str]] = {}
    for event in events:
        for agreement in terms.agreements:
            for place in agreement.places:
                if place in event.places or (not event.places and event.partner in (None, agreement.partner)):
                    by_place.setdefault(place, set()).update(event.gtins)
    return [
        PlanChanged(key=f"changed:{place}", location=place, gtins=tuple(sorted(gtins)))
        for place, gtins in sorted(by_place.items())
    ]


# --- what came of it --------------------------------------------------------------------------------------------------

BASE_DAYS = 56  # before the event, from which its baseline is made


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an event did with one item at one place.

    sold       units on its days so far, days of which are known
    baseline   units that its known days would have sold without it; None: too little is known of the time before
    uplift     (sold - baseline) / baseline; None without a baseline above 0
    left       units in stock at its end, by the last count until its last day (or today); None: nobody has counted
    """

    place: str
    gtin: str
    days: int
    sold: Decimal
    baseline: Decimal | None
    uplift: Decimal | None
    left: Decimal | None


def outcome(
    place: str,
    gtin: str,
    first_day: date,
    last_day: date,
    sold: dict[date, Decimal],
    other_events: Sequence[tuple[date, date]],
    left: Decimal | None,
) -> Outcome:
    """Return what came of an event. sold: units of each known day, absent is unknown. other_events: days that tell
    nothing of the usual, both included.

    The baseline of a day is the mean of the same weekday in the BASE_DAYS before the event, without days of other
    events; a weekday that is not known then takes the mean of all known days. At least 14 known days.
    Source: ratio to the same weekday's mean, S. Makridakis, S. Wheelwright, R. Hyndman, Forecasting (1998), chapter 3.
    """
    usual: dict[int, list[Decimal]] = {}
    for day, units in sold.items():
        apart = (first_day - day).days
        if 0 < apart <= BASE_DAYS and not any(start <= day <= end for start, end in other_events):
            usual.setdefault(day.weekday(), []).append(units)
    known = sorted(day for day in sold if first_day <= day <= last_day)
    total = sum((sold[day] for day in known), Decimal(0))
    everything = [units for each in usual.values() for units in each]
    baseline = uplift = None
    if len(everything) >= 14:
        mean = sum(everything, Decimal(0)) / len(everything)
        means = {weekday: sum(each, Decimal(0)) / len(each) for weekday, each in usual.items()}
        baseline = sum((means.get(day.weekday(), mean) for day in known), Decimal(0))
        uplift = (total - baseline) / baseline if baseline > 0 else None
    return Outcome(place=place, gtin=gtin, days=len(known), sold=total, baseline=baseline, uplift=uplift, left=left)
