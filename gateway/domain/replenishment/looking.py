"""The look over everything: which items at places need a plan tonight, computed in columns from what is kept.

Most items at most places need no order on most days. The same formulas as of a plan run over all of them at once, from
the states that are kept; only what would be ordered, or a person has to see, or is not of the plain kind is then
planned one by one with all its reasons. What is plain gets the same figures here as there, to the last bit.

Plain is an item that a customer's place sells, with a fresh count, sold for a while, and without a planner's word on
its forecast or its model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zlib import crc32

import numpy as np

from gateway.domain.replenishment.calendars import Interval, Lane, protection
from gateway.domain.replenishment.choosing import Candidate
from gateway.domain.replenishment.classes import CLASS_NAMES, INTERMITTENT, LUMPY, NEW, classify
from gateway.domain.replenishment.effective import effective, pack_of
from gateway.domain.replenishment.events import CODELESS, Coded, coded
from gateway.domain.replenishment.exceptions import UNKNOWN_DAYS
from gateway.domain.replenishment.facts import Pair, PairFacts, PlanEvent, StockCount
from gateway.domain.replenishment.forecasting import Forecast, forecast_of, interval_demand
from gateway.domain.replenishment.inputs import OLDEST_COUNT, events_of, lane_of
from gateway.domain.replenishment.item_plans import GAIN
from gateway.domain.replenishment.kept import Kept, Kind, cover, demand
from gateway.domain.replenishment.learned import Learned, Shared
from gateway.domain.replenishment.patterns import Patterns, flat_patterns
from gateway.domain.replenishment.position import SELLABLE, TOTAL, OnHand, Supply, closed_day, on_hand, position
from gateway.domain.replenishment.recursion import LEVEL, TSB, Smoothing, State, fresh_state, from_columns, replay
from gateway.domain.replenishment.rounding import Packing, order_quantities
from gateway.domain.replenishment.series import Flags, Floats, Ints, SeriesBlock, block_of
from gateway.domain.replenishment.service import lead_deviation, service_of
from gateway.domain.replenishment.targets import AUTOMATIC, MEASURE_NAMES, RULE_NAMES, Policy, life_cap, targets
from gateway.model.partner import ItemRecord
from gateway.model.planning import EVERY_DAY, PlanAgreement, PlanParameters
from gateway.model.replenishment import PartnerStanding

LOOKED_AHEAD = 29  # days of forecast at least
_NOT_PLAIN = {"model", "like", "predecessor", "factor", "frozen"}  # parameters that a plan of its own looks after
_NONE: tuple[Supply, ...] = ()
_ALMOST = 1e-6  # units: a shelf that nearly runs empty is looked at closely


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the pairs of an agreement share. now: local time of its places; learned: None: everything is due."""

    agreement: PlanAgreement
    items: Mapping[str, ItemRecord]
    learned: Learned | None
    standing: PartnerStanding | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PairNow:
    """facts: of now: counts of the last days, receipts, what is on its way, sales since the oldest of these counts,
    what is set and said. quiet: its newest plan orders nothing and nobody has to see it."""

    facts: PairFacts
    quiet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """due: the pairs that need a plan. Of every plain pair, in the order of `pairs`: what a plan of it would say."""

    due: frozenset[Pair]
    pairs: tuple[Pair, ...]
    mean: Floats
    order_up_to: Floats
    position: Floats
    quantity: Floats


def only_due(looked: Looked) -> Looked:
    """Return what is due without the figures."""
    return _looked(set(looked.due), [])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain:
    """A pair that is computed here. column: of what is kept."""

    column: int
    facts: PairFacts
    item: ItemRecord
    parameters: PlanParameters
    held: Decimal
    through: date
    interval: Interval
    counted: Decimal
    supply: tuple[Supply, ...]
    events: tuple[PlanEvent, ...]


def look(kept: Kept, now: Sequence[PairNow], about: About) -> Looked:
    """Return what is due, and bring the states in kept up to the last day that each plan counts from."""
    columns = {pair: number for number, pair in enumerate(kept.pairs)}
    covered = with_closed_days(kept, about.agreement)
    cover(kept, covered)
    due: set[Pair] = set()
    plain: list[_Plain] = []
    reader = _Reader(kept, covered, about)
    for each in now:
        pair = (each.facts.place, each.facts.gtin)
        found = reader.plain(each.facts, columns.get(pair)) if about.learned is not None else None
        if found is not None:
            plain.append(found)
        if found is None or not each.quiet:
            due.add(pair)
    if not plain or about.learned is None:
        return _looked(due, [])
    parts = _Columns(kept, covered, about, about.learned, plain).computed()
    for part in parts:
        due |= {each for each, wanted in zip(part.pairs, part.due, strict=True) if wanted}
    return _looked(due, parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    pairs: list[Pair]
    due: Flags
    mean: Floats
    order_up_to: Floats
    position: Floats
    quantity: Floats


def _looked(due: set[Pair], parts: list["_Part"]) -> Looked:
    def joined(name: str) -> Floats:
        return np.concatenate([getattr(each, name) for each in parts]) if parts else np.zeros(0)

    return Looked(
        due=frozenset(due),
        pairs=tuple(pair for each in parts for pair in each.pairs),
        mean=joined("mean"),
        order_up_to=joined("order_up_to"),
        position=joined("position"),
        quantity=joined("quantity"),
    )


def with_closed_days(kept: Kept, agreement: PlanAgreement) -> Flags:
    """Return kept.covered with the days on which a place does not sell, from its first report to the last and those
    that follow it: see run_inputs."""
    open_days = agreement.calendar.open_days
    if open_days == EVERY_DAY:
        return kept.covered
    found = kept.covered.copy()
    first = kept.first_day - timedelta(days=kept.lead)
    shut = np.array([(first + timedelta(days=n)).isoweekday() not in open_days for n in range(len(found))])
    for place in range(found.shape[1]):
        told = np.flatnonzero(kept.covered[:, place])
        if len(told):
            end = int(told[-1]) + 1
            while end < len(shut) and shut[end]:
                end += 1
            found[told[0] : end, place] |= shut[told[0] : end]
    return found


class _Reader:
    """Tells of a pair whether it is plain, and counts its position."""

    def __init__(self, kept: Kept, covered: Flags, about: About) -> None:
        self.kept, self.covered, self.about = kept, covered, about
        self.today = about.now.date()
        self.lane: Lane = lane_of(about.agreement, None)
        self._intervals: dict[date, Interval] = {}
        self._rolled: dict[tuple[str, date], date] = {}
        self._reported: dict[str, frozenset[date]] = {}
        self._holidays = events_of(PairFacts(place="", gtin=""), about.agreement)
        self._number = {name: at for at, name in enumerate(kept.places.tolist())}

    def plain(self, facts: PairFacts, column: int | None) -> _Plain | None:
        agreement = self.about.agreement
        item = self.about.items.get(facts.gtin)
        if column is None or item is None or not item.active or self.kept.odd[column] or agreement.in_transit != "asn":
            return None
        if facts.overrides or not facts.stock or not _NOT_PLAIN.isdisjoint(facts.parameters):
            return None
        parameters = effective(agreement.parameters, facts.parameters) if facts.parameters else agreement.parameters
        if parameters.rule == "min-max" and not {"minimum", "maximum"} <= facts.parameters.keys():
            return None
        known = self._held(facts)
        if known is None:
            return None
        held, counted_at, last = known
        if (self.today - counted_at).days > agreement.report_days or last > self.today or held < 0:
            return None
        through = max(last, self.today - OLDEST_COUNT)
        interval = self._interval(through)
        counted, supply = held, _NONE
        if facts.coming:
            stock = OnHand(units=held, through=last)
            found = position(facts, stock, agreement, self.today, interval.next_arrives_on)
            if any(each.counts == "overdue" for each in found.supply):
                return None
            counted, supply = found.units, found.supply
        return _Plain(
            column=column,
            facts=facts,
            item=item,
            parameters=parameters,
            held=held,
            through=through,
            interval=interval,
            counted=counted,
            supply=supply,
            events=(*facts.events, *self._holidays) if facts.events else self._holidays,
        )

    def _held(self, facts: PairFacts) -> tuple[Decimal, date, date] | None:
        """Return units, the day of the count and the last day that is in them: see position.on_hand. Most items have
        one fresh count and nothing since."""
        if len(facts.stock) == 1 and not facts.receipts and not facts.sales:
            (one,) = facts.stock
            if one.type not in (SELLABLE, TOTAL):
                return None
            return one.quantity, one.at.date() if isinstance(one.at, datetime) else one.at, self._last(facts.place, one)
        held = on_hand(facts, self._days(facts.place), self.today)
        if held.through is None or held.counted_at is None:
            return None
        return held.units, held.counted_at, held.through

    def _last(self, place: str, count: StockCount) -> date:
        """Return the last of the reported days that follow a count without a gap."""
        key = (place, closed_day(count.at))
        if key not in self._rolled:
            day, told = key[1], self._days(place)
            while day < self.today and day + timedelta(days=1) in told:
                day += timedelta(days=1)
            self._rolled[key] = day
        return self._rolled[key]

    def _interval(self, through: date) -> Interval:
        if through not in self._intervals:
            self._intervals[through] = protection(self.lane, self.about.now, through + timedelta(days=1))
        return self._intervals[through]

    def _days(self, place: str) -> frozenset[date]:
        found = self._reported.get(place)
        if found is None:
            first = self.kept.first_day - timedelta(days=self.kept.lead)
            rows = np.flatnonzero(self.covered[:, self._number[place]])
            found = self._reported[place] = frozenset(first + timedelta(days=int(row)) for row in rows)
        return found


class _Columns:
    """The plain pairs side by side, in groups that count from the same day."""

    def __init__(self, kept: Kept, covered: Flags, about: About, learned: Learned, plain: list[_Plain]) -> None:
        self.kept, self.covered, self.about, self.learned = kept, covered, about, learned
        self.groups: dict[date, list[_Plain]] = {}
        for each in plain:
            self.groups.setdefault(each.through, []).append(each)
        self.kinds = _kinds(plain)
        if learned_number(learned) != kept.learned:
            kept.through[:] = 0
            kept.learned = learned_number(learned)
        _recode(kept, self.kinds)
        self._signatures: dict[tuple[int, int], int] = {}

    def computed(self) -> list[_Part]:
        return [self._part(through, some) for through, some in sorted(self.groups.items())]

    def _part(self, through: date, some: list[_Plain]) -> _Part:
        days = (through - self.kept.first_day).days + 1
        columns = np.array([each.column for each in some])
        life = max(each.parameters.shelf_life_days or 0 for each in some)
        horizon = max(LOOKED_AHEAD, max(each.interval.days for each in some) + 1, life + 1)
        known = self._coded(some, days + horizon)
        units, shut = demand(self.kept, columns, days, self.covered)
        group = np.arange(len(some))
        block = block_of(self.kept.first_day, units, censored=shut, group=group, events=known.events)
        code = classify(block).code
        how, choice = self._smoothing(code)
        patterns, said = self._patterns(some, known)
        state = self._advanced(through, columns, block, patterns, how, choice, some)
        found = forecast_of(state, known.events, patterns, block.group, how, horizon)
        unknown = np.isnan(units[-7:]).sum(axis=0) >= UNKNOWN_DAYS
        strange = (code == NEW) | ~said | unknown
        return self._ordered(some, units, found, strange)

    def _coded(self, some: list[_Plain], days: int) -> Coded:
        """Return the events under the codes that are kept."""
        order: dict[int, int] = {}
        column = np.array([order.setdefault(id(each.events), len(order)) for each in some])
        unique = {id(each.events): each.events for each in some}
        found = coded(self.kept.first_day, days, [unique[key] for key in order])
        number = {kind: at for at, kind in enumerate(self.kinds, start=1)}
        names = [(name, uplift or "") for name, uplift in found.kinds]
        table = np.array([0, *(number[each] for each in names)], np.int16)
        events = replace(found.events, promotion=table[found.events.promotion], holiday=table[found.events.holiday])
        events = events.of(column)
        return Coded(events=events, kinds=tuple((name, uplift or None) for name, uplift in self.kinds))

    def _smoothing(self, code: Ints) -> tuple[Smoothing, Floats]:
        chosen = []
        for number, name in enumerate(CLASS_NAMES):
            usual = Candidate(method=TSB if number in (INTERMITTENT, LUMPY) else LEVEL, alpha=GAIN, beta=GAIN)
            chosen.append(self.learned.choice.get(name, usual))
        method = np.array([each.method for each in chosen])[code]
        table = np.array([(each.alpha, each.beta, each.burst) for each in chosen]).T[:, code]
        how = Smoothing(method=method, alpha=table[0].copy(), beta=table[1].copy(), burst=table[2].copy())
        return how, np.concatenate([method[None].astype(np.float64), table])

    def _patterns(self, some: list[_Plain], known: Coded) -> tuple[Patterns, Flags]:
        """Return what was learned, a column for each series, and whether every event of a series is known by its
        effect: what else there is needs a fit of its own."""
        groups: dict[int, Shared] = {}
        number = np.zeros(len(some), np.int64)
        order: dict[int, int] = {}
        for at, each in enumerate(some):
            shared = self.learned.group_of(each.item.category)
            groups[id(shared)] = shared
            number[at] = order.setdefault(id(shared), len(order))
        tables = [groups[each] for each in order]
        flat = flat_patterns(1, known.codes)
        effects = np.stack([known.effects(each.effects) for each in tables], axis=1)
        told = [[uplift is not None or name in each.effects for name, uplift in known.kinds] for each in tables]
        said = np.array(told, np.bool_).reshape(len(tables), -1)
        patterns = Patterns(
            weekday=np.array([each.weekday for each in tables]).T[:, number],
            year=np.array([each.year for each in tables]).T[:, number],
            effect=effects[:, number] if known.kinds else np.repeat(flat.effect, len(some), axis=1),
            elasticity=np.array([each.elasticity for each in tables])[number],
            spread=np.array([each.spread for each in tables]).T[:, number],
            weekly=np.stack([np.array(each.weekly) for each in tables], axis=2)[:, :, number],
            stays=np.array([each.stays for each in tables]).T[:, number],
        )
        return patterns, _all_said(known, said, number)

    def _advanced(
        self,
        through: date,
        columns: Ints,
        block: SeriesBlock,
        patterns: Patterns,
        how: Smoothing,
        choice: Floats,
        some: list[_Plain],
    ) -> State:
        """Return the states after through: kept ones led on, the others from the first day; and keep them."""
        kept, last = self.kept, through.toordinal()
        since = kept.through[columns].astype(np.int64)
        signs = np.array([self._signature(each.events, int(at)) for each, at in zip(some, since, strict=True)])
        good = (since > 0) & (since <= last) & (kept.signature[columns] == signs)
        good &= (kept.choice[:, columns] == choice).all(axis=0)
        since = np.where(good, since, kept.first_day.toordinal() - 1)
        found = fresh_state(through, len(columns), len(self.kinds) + 1)
        for start in np.unique(since).tolist():
            at = np.flatnonzero(since == start)
            begun = None
            if start >= kept.first_day.toordinal():
                begun = replace(kept.state.of(columns[at]), through=date.fromordinal(start))
            made = begun
            if start < last:
                made = replay(_from(block.of(at), start), patterns, how.of(at), begun)
            if made is not None:
                for name, each in made.columns().items():
                    getattr(found, name)[..., at] = each
        for name, each in found.columns().items():
            getattr(kept.state, name)[..., columns] = each
        kept.through[columns], kept.choice[:, columns] = last, choice
        kept.signature[columns] = [self._signature(each.events, last) for each in some]
        return found

    def _signature(self, events: tuple[PlanEvent, ...], through: int) -> int:
        """Return a number of the events up to a day: a state is good for no others."""
        if not events or through <= 0:
            return 0
        key = (id(events), through)  # of agreements with holidays most pairs share one tuple
        if key not in self._signatures:
            last, first = date.fromordinal(through), self.kept.first_day
            told = [
                _said(each, max(each.first_day, first), min(each.last_day, last))
                for each in events
                if each.first_day <= last and each.last_day >= first and each.kind != "introduction"
            ]
            self._signatures[key] = crc32(repr(told).encode()) if told else 0
        return self._signatures[key]

    def _ordered(self, some: list[_Plain], units: Floats, found: Forecast, strange: Flags) -> _Part:
        lead = np.array([each.interval.lead_days for each in some])
        days = np.array([each.interval.days for each in some])
        deviation = lead_deviation(self.about.agreement.calendar.lead_deviation, None, 0)
        wanted = interval_demand(found, lead, days, lead_deviation=np.full(len(some), float(deviation)))
        policy, packing = self._policies(some, units, found, lead)
        levels = targets(wanted, policy)
        counted = np.array([float(each.counted) for each in some])
        orders = order_quantities(counted, levels, policy, packing, wanted.mean)
        runs_out = self._runs_out(some, found)
        return _Part(
            pairs=[(each.facts.place, each.facts.gtin) for each in some],
            due=(orders.quantity > 0) | strange | runs_out,
            mean=wanted.mean,
            order_up_to=levels.order_up_to,
            position=counted,
            quantity=orders.quantity,
        )

    def _policies(self, some: list[_Plain], units: Floats, found: Forecast, lead: Ints) -> tuple[Policy, Packing]:
        """Return policy and packing; made once for pairs of which the same is set."""
        known = ~np.isnan(units)
        sold = np.where(known, np.round(units * 1000.0), 0.0).sum(axis=0)
        count = known.sum(axis=0)
        rows: dict[object, int] = {}
        made: list[tuple[PlanParameters, Decimal]] = []
        number = np.zeros(len(some), np.int64)
        for at, each in enumerate(some):
            value = _value(int(sold[at]), int(count[at]), each.item)
            item_class = self.learned.class_of(value)
            pack = pack_of(each.item)
            key = (item_class, pack, *sorted(each.facts.parameters.items()))
            if key not in rows:
                service, _ = service_of(self.about.agreement, each.facts.parameters, item_class, self.about.standing)
                rows[key] = len(made)
                made.append((replace(each.parameters, service=service), pack))
            number[at] = rows[key]
        return _policy(made, number, found, lead), _packing(made, number)

    def _runs_out(self, some: list[_Plain], found: Forecast) -> Flags:
        """Tell of which pairs the shelf may be empty on a day of the interval, deliveries in time counted."""
        days = np.array([each.interval.days for each in some])
        most = int(days.max())
        comes = np.zeros((most, len(some)))
        left = np.array([max(float(each.held), 0.0) for each in some])
        for column, each in enumerate(some):
            if not each.supply:
                continue
            first = each.interval.first_day
            for supply in each.supply:
                if supply.counts == "in-time":
                    expected = supply.coming.expected_on
                    row = 0 if expected is None else max((expected - first).days, 0)
                    if row < each.interval.days:
                        comes[row, column] += float(supply.coming.units)
        level = left + np.cumsum(comes - found.daily[:most], axis=0)
        within = np.arange(most)[:, None] < days[None, :]
        return np.asarray(((level < _ALMOST) & within & (found.daily[:most] > 0)).any(axis=0))


def _said(event: PlanEvent, first: date, last: date) -> tuple[object, ...]:
    return event.id, event.kind, event.mechanic, str(event.uplift), str(event.price), first, last


def _value(milli: int, days: int, item: ItemRecord) -> float:
    """Return the value sold a day: see inputs."""
    price = item.sales_price or item.purchase_price or Decimal(1)
    return float(Decimal(milli) / 1000 * price / days) if days else 0.0


def _kinds(plain: list[_Plain]) -> tuple[Kind, ...]:
    seen = {id(each.events): each.events for each in plain}
    return tuple(
        sorted(
            {
                (event.mechanic, "" if event.uplift is None else str(event.uplift.normalize()))
                for events in seen.values()
                for event in events
                if event.kind not in CODELESS
            }
        )
    )


def _recode(kept: Kept, kinds: tuple[Kind, ...]) -> None:
    """Bring the effects in the states under the codes of now. What of an event is forgotten belongs to states that are
    made anew: their events are others."""
    if kinds == kept.kinds and len(kept.state.effect_sold) == len(kinds) + 1:
        return
    columns = kept.state.columns()
    for name in ("effect_sold", "effect_expected"):
        before, after = columns[name], np.zeros((len(kinds) + 1, kept.state.series))
        for code, kind in enumerate(kept.kinds, start=1):
            if kind in kinds and code < len(before):
                after[kinds.index(kind) + 1] = before[code]
        columns[name] = after
    kept.state, kept.kinds = from_columns(kept.state.through, columns), kinds


def learned_number(learned: Learned) -> int:
    """Return a number of what was learned."""
    return crc32(repr(learned).encode())


def _all_said(known: Coded, said: Flags, group: Ints) -> Flags:
    found = np.ones(len(group), np.bool_)
    for code in range(1, known.codes):
        unsaid = ~said[group, code - 1]
        if unsaid.any():
            here = (known.events.promotion == code) | (known.events.holiday == code)
            found &= ~(unsaid & here.any(axis=0))
    return found


def _from(block: SeriesBlock, after: int) -> SeriesBlock:
    """Return the days of a block after a day number."""
    start = after + 1 - block.first_day.toordinal()
    if start <= 0:
        return block
    first, events = date.fromordinal(after + 1), block.events
    later = replace(
        events,
        first_day=first,
        promotion=events.promotion[start:],
        holiday=events.holiday[start:],
        price=events.price[start:],
    )
    return replace(block, first_day=first, units=block.units[start:], censored=block.censored[start:], events=later)


def _policy(made: list[tuple[PlanParameters, Decimal]], number: Ints, found: Forecast, lead: Ints) -> Policy:
    def column(name: str, without: float) -> Floats:
        values = [getattr(each, name) for each, _ in made]
        return np.array([without if value is None else float(value) for value in values])[number]

    packs = np.array([float(pack) for _, pack in made])[number]
    life = np.array([each.shelf_life_days or 0 for each, _ in made])[number]
    lot = column("lot", 0.0)
    return Policy(
        rule=np.array([RULE_NAMES.index(each.rule) for each, _ in made])[number],
        measure=np.array([MEASURE_NAMES.index(each.measure) for each, _ in made])[number],
        service=column("service", 0.98),
        lot=np.where(lot > 0, lot, packs),
        presentation=column("presentation", 0.0),
        capacity=column("capacity", np.inf),
        life_cap=np.where(life > 0, life_cap(found, lead + life), np.inf),
        minimum=column("minimum", 0.0),
        maximum=column("maximum", 0.0),
        distribution=np.full(len(number), AUTOMATIC),
    )


def _packing(made: list[tuple[PlanParameters, Decimal]], number: Ints) -> Packing:
    def column(name: str) -> Floats:
        values = [getattr(each, name) for each, _ in made]
        return np.array([0.0 if value is None else float(value) for value in values])[number]

    return Packing(
        pack=np.array([float(pack) for _, pack in made])[number],
        layer=column("layer"),
        pallet=column("pallet"),
        up=column("round_up"),
        down=column("round_down"),
        trigger=column("trigger"),
        minimum=column("minimum_order"),
    )
