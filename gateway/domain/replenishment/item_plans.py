"""Plans of items at places: from what is known to what to order, with every figure that led there.

The one bridge between records (exact decimals) and the planning formulas (arrays). Each item and place is a series of
its own: its plan depends on no other, so that a run may be cut into shards, or plan one item alone, with equal results.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np

from gateway.domain.replenishment.calendars import Interval
from gateway.domain.replenishment.choosing import Candidate
from gateway.domain.replenishment.classes import CLASS_NAMES, INTERMITTENT, LUMPY, classify
from gateway.domain.replenishment.distributions import DISTRIBUTION_NAMES
from gateway.domain.replenishment.effective import pack_of
from gateway.domain.replenishment.events import Coded, coded
from gateway.domain.replenishment.facts import ZERO, Pair, PlanEvent
from gateway.domain.replenishment.forecasting import (
    Forecast,
    IntervalDemand,
    forecast,
    interval_demand,
    overridden,
)
from gateway.domain.replenishment.item_forecasts import Parts, begun, parts_of, patterns_of, widened
from gateway.domain.replenishment.pair_input import PairInput
from gateway.domain.replenishment.patterns import HORIZONS
from gateway.domain.replenishment.recursion import LEVEL, METHOD_NAMES, TSB, Smoothing
from gateway.domain.replenishment.rounding import OrderQuantities, Packing, order_quantities
from gateway.domain.replenishment.series import Floats, Ints, SeriesBlock, block_of
from gateway.domain.replenishment.targets import (
    AUTOMATIC,
    LIMIT_NAMES,
    MEASURE_NAMES,
    RULE_NAMES,
    Policy,
    Targets,
    life_cap,
    targets,
)
from gateway.model.planning import PlanParameters

AT_ONCE = 400  # series in one block
SHOWN_DAYS = 56  # of history in the reasons
GAIN = 0.05  # of level, size and probability where nothing was learned


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlan:
    """What a formula says of an input. quantity: whole packs, base units; why: every figure, ready for JSON."""

    given: PairInput
    quantity: Decimal
    demand_class: str
    rate: float
    mean: float
    deviation: float
    reorder_point: Decimal
    order_up_to: Decimal
    safety_stock: Decimal
    stockout_on: date | None
    why: Mapping[str, Any] = field(default_factory=dict)


def plan_items(inputs: Sequence[PairInput]) -> list[ItemPlan]:
    """Return a plan for each input, in their order."""
    found: dict[Pair, ItemPlan] = {}
    groups: dict[tuple[date, int], list[PairInput]] = defaultdict(list)
    for each in inputs:
        groups[each.first_day, len(each.demand)].append(each)
    for (first_day, _), alike in sorted(groups.items()):
        rest = iter(sorted(alike, key=lambda each: each.pair))
        while some := list(islice(rest, AT_ONCE)):
            for plan in _planned(first_day, some):
                found[plan.given.pair] = plan
    return [found[each.pair] for each in inputs]


def _planned(first_day: date, inputs: list[PairInput]) -> list[ItemPlan]:
    lead = np.array([each.interval.lead_days for each in inputs])
    days = np.array([each.interval.days for each in inputs])
    horizon = int(max(days.max(), *(each.parameters.shelf_life_days or 0 for each in inputs), 28)) + 1
    known = coded(first_day, len(inputs[0].demand) + horizon, [each.events for each in inputs])
    block = _block(first_day, inputs, known)
    patterns = patterns_of(block, inputs, known)
    code = classify(block).code
    how = _smoothing(code, inputs)
    state, relative = begun(block, inputs, code, known.codes)
    after, plain = forecast(block, patterns, how, state=state, horizon=horizon)
    said = _said(plain.first_day, horizon, inputs)
    told = _said(plain.first_day, horizon, inputs, "told")
    found = overridden(plain, said)
    deviations = np.array([float(each.lead_deviation) for each in inputs])
    demand = widened(interval_demand(found, lead, days, lead_deviation=deviations), relative)
    policy = _policy(inputs, found, lead)
    levels = targets(demand, policy)
    position = np.array([float(each.counted) for each in inputs])
    packing = _packing(inputs)
    orders = order_quantities(position, levels, policy, packing, demand.mean)
    parts = parts_of(after, block, patterns, how, known, int(days.max()))
    batch = _Batch(
        inputs, block, code, how, plain, found, said, told, relative, demand, policy, levels, packing, orders, parts
    )
    return [batch.plan(column) for column in range(len(inputs))]


def _block(first_day: date, inputs: list[PairInput], known: Coded) -> SeriesBlock:
    units = np.array(
        [[np.nan if day is None else float(day) for day in each.demand] for each in inputs], dtype=np.float64
    ).T
    shut = np.zeros(units.shape, np.bool_)
    for column, each in enumerate(inputs):
        shut[sorted(each.shut), column] = True
    return block_of(first_day, units, censored=shut, group=np.arange(len(inputs)), events=known.events)


def _smoothing(code: Ints, inputs: list[PairInput]) -> Smoothing:
    """Return the recursion of each series: as a planner has said, as its class does best, else a level, or for what is
    sold on few days its probability."""
    chosen = [_candidate(int(each), given) for each, given in zip(code, inputs, strict=True)]
    return Smoothing(
        method=np.array([each.method for each in chosen]),
        alpha=np.array([each.alpha for each in chosen]),
        beta=np.array([each.beta for each in chosen]),
        burst=np.array([each.burst for each in chosen]),
    )


def _candidate(code: int, given: PairInput) -> Candidate:
    if given.parameters.model in METHOD_NAMES:
        return Candidate(method=METHOD_NAMES.index(given.parameters.model), alpha=GAIN, beta=GAIN)
    usual = Candidate(method=TSB if code in (INTERMITTENT, LUMPY) else LEVEL, alpha=GAIN, beta=GAIN)
    return usual if given.learned is None else given.learned.choice.get(CLASS_NAMES[code], usual)


def _said(first_day: date, horizon: int, inputs: list[PairInput], kind: str = "forecast") -> Floats:
    """Return people's forecasts by day, NaN where nobody said anything; of two the later one counts."""
    found = np.full((horizon, len(inputs)), np.nan)
    for column, each in enumerate(inputs):
        for override in each.facts.overrides:
            if override.kind != kind:
                continue
            start = max((override.first_day - first_day).days, 0)
            end = min((override.last_day - first_day).days + 1, horizon)
            found[start : max(start, end), column] = float(override.quantity)
    return found


def _column(inputs: list[PairInput], value: Callable[[PlanParameters], Decimal | None], without: float) -> Floats:
    chosen = (value(each.parameters) for each in inputs)
    return np.array([without if each is None else float(each) for each in chosen])


def _policy(inputs: list[PairInput], found: Forecast, lead: Ints) -> Policy:
    parameters = [each.parameters for each in inputs]
    life = np.array([each.shelf_life_days or 0 for each in parameters])
    cap = np.where(life > 0, life_cap(found, lead + life), np.inf)
    packs = np.array([float(pack_of(each.item)) for each in inputs])
    return Policy(
        rule=np.array([RULE_NAMES.index(each.rule) for each in parameters]),
        measure=np.array([MEASURE_NAMES.index(each.measure) for each in parameters]),
        service=_column(inputs, lambda each: each.service, 0.98),
        lot=np.where(
            _column(inputs, lambda each: each.lot, 0.0) > 0, _column(inputs, lambda each: each.lot, 0.0), packs
        ),
        presentation=_column(inputs, lambda each: each.presentation, 0.0),
        capacity=_column(inputs, lambda each: each.capacity, np.inf),
        life_cap=cap,
        minimum=_column(inputs, lambda each: each.minimum, 0.0),
        maximum=_column(inputs, lambda each: each.maximum, 0.0),
        distribution=np.full(len(inputs), AUTOMATIC),
    )


def _packing(inputs: list[PairInput]) -> Packing:
    return Packing(
        pack=np.array([float(pack_of(each.item)) for each in inputs]),
        layer=_column(inputs, lambda each: each.layer, 0.0),
        pallet=_column(inputs, lambda each: each.pallet, 0.0),
        up=_column(inputs, lambda each: each.round_up, 0.0),
        down=_column(inputs, lambda each: each.round_down, 0.0),
        trigger=_column(inputs, lambda each: each.trigger, 0.0),
        minimum=_column(inputs, lambda each: each.minimum_order, 0.0),
    )


@dataclass(frozen=True, slots=True)
class _Batch:
    """The arrays of one block, and how one of its series reads them."""

    inputs: list[PairInput]
    block: SeriesBlock
    code: Ints
    how: Smoothing
    plain: Forecast
    found: Forecast
    said: Floats
    told: Floats
    relative: Floats
    demand: IntervalDemand
    policy: Policy
    levels: Targets
    packing: Packing
    orders: OrderQuantities
    parts: Parts

    def plan(self, column: int) -> ItemPlan:
        given = self.inputs[column]
        quantity = exact(self.orders.quantity[column])
        return ItemPlan(
            given=given,
            quantity=quantity,
            demand_class=CLASS_NAMES[int(self.code[column])],
            rate=float(self.found.rate[column]),
            mean=float(self.demand.mean[column]),
            deviation=float(np.sqrt(self.demand.variance[column])),
            reorder_point=exact(self.levels.reorder_point[column]),
            order_up_to=exact(self.levels.order_up_to[column]),
            safety_stock=exact(self.levels.safety_stock[column]),
            stockout_on=self._stockout(column),
            why=self._why(column, quantity),
        )

    def _stockout(self, column: int) -> date | None:
        """Return the first day of the interval on which the expected demand exceeds what is there and comes."""
        given = self.inputs[column]
        left = float(max(ZERO, given.held.units) - given.position.allocated - given.position.backordered)
        for number in range(given.interval.days):
            day = given.interval.first_day + timedelta(days=number)
            left += sum(
                float(each.coming.units)
                for each in given.position.supply
                if each.counts == "in-time" and _arrives(each.coming.expected_on, given.interval) == day
            )
            left -= float(self.found.daily[number, column])
            if left < -1e-9:
                return day
        return None

    def _why(self, column: int, quantity: Decimal) -> dict[str, Any]:
        given = self.inputs[column]
        kind = int(self.levels.distribution[column])
        return {
            "place": given.facts.place,
            "gtin": given.facts.gtin,
            "agreement": given.agreement.id,
            "method": given.agreement.method,
            "history": self._history(column),
            "forecast": self._forecast(column),
            "interval": _interval(given.interval),
            "demand": {
                "lead_mean": float(self.demand.lead_mean[column]),
                "lead_variance": float(self.demand.lead_variance[column]),
                "mean": float(self.demand.mean[column]),
                "variance": float(self.demand.variance[column]),
                "lead_deviation": float(given.lead_deviation),
                "relative": float(self.relative[column]),
                "distribution": DISTRIBUTION_NAMES[kind],
            },
            "policy": self._policy(column),
            "target": {
                "reorder_point": float(self.levels.reorder_point[column]),
                "order_up_to": float(self.levels.order_up_to[column]),
                "safety_stock": float(self.levels.safety_stock[column]),
                "limited_by": LIMIT_NAMES[int(self.levels.limited_by[column])],
            },
            "position": _position(given),
            "packing": {each.name: float(getattr(self.packing, each.name)[column]) for each in fields(self.packing)},
            "rounding": [
                {"step": step, "units": units, "reason": reason}
                for step, units, reason in self.orders.explained(column)
            ],
            "system_quantity": str(quantity),
            "quantity": str(quantity),
        }

    def _history(self, column: int) -> dict[str, Any]:
        given = self.inputs[column]
        shown = given.demand[-SHOWN_DAYS:]
        first = given.first_day + timedelta(days=len(given.demand) - len(shown))
        known = sum(each is not None for each in given.demand)
        return {
            "first_day": first.isoformat(),
            "units": [None if each is None else str(each) for each in shown],
            "days": len(given.demand),
            "days_unknown": len(given.demand) - known,
            "class": CLASS_NAMES[int(self.code[column])],
        }

    def _forecast(self, column: int) -> dict[str, Any]:
        days = max(self.inputs[column].interval.days, 1)
        daily = [
            {
                "day": (self.found.first_day + timedelta(days=number)).isoformat(),
                "units": float(self.found.daily[number, column]),
                "system": float(self.plain.daily[number, column]),
                "said": not bool(np.isnan(self.said[number, column])),
                **({} if np.isnan(self.told[number, column]) else {"told": float(self.told[number, column])}),
                **self.parts.of_day(number, column),
            }
            for number in range(days)
        ]
        given = self.inputs[column]
        return {
            "model": METHOD_NAMES[int(self.how.method[column])],
            "alpha": float(self.how.alpha[column]),
            "beta": float(self.how.beta[column]),
            "burst": float(self.parts.burst[column]),
            "learned_through": None if given.learned is None else given.learned.through.isoformat(),
            "like": given.like.source if given.like is not None and self.relative[column] > 0 else None,
            "events": [_event(each) for each in given.events if self._touches(each, days)],
            "rate": float(self.found.rate[column]),
            "daily": daily,
            "spread": {str(h): float(self.found.spread[row, column]) for row, h in enumerate(HORIZONS)},
        }

    def _touches(self, event: PlanEvent, days: int) -> bool:
        first = self.found.first_day
        return event.last_day >= first and event.first_day < first + timedelta(days=days)

    def _policy(self, column: int) -> dict[str, Any]:
        given = self.inputs[column]
        found: dict[str, Any] = {
            "service_from": given.service_from,
            "item_class": given.item_class,
            "rule": RULE_NAMES[int(self.policy.rule[column])],
            "measure": MEASURE_NAMES[int(self.policy.measure[column])],
        }
        for name in ("service", "lot", "presentation", "capacity", "life_cap", "minimum", "maximum"):
            value = float(getattr(self.policy, name)[column])
            found[name] = value if np.isfinite(value) else None
        return found


def exact(value: float) -> Decimal:
    """Return a float to the thousandth, as our records hold quantities."""
    return Decimal(str(round(float(value), 3))).normalize() + ZERO


def _arrives(expected: date | None, interval: Interval) -> date:
    return interval.first_day if expected is None else max(expected, interval.first_day)


def _interval(interval: Interval) -> dict[str, Any]:
    return {
        "first_day": interval.first_day.isoformat(),
        "order_on": interval.order_on.isoformat(),
        "arrives_on": interval.arrives_on.isoformat(),
        "next_order_on": interval.next_order_on.isoformat(),
        "next_arrives_on": interval.next_arrives_on.isoformat(),
        "lead_days": interval.lead_days,
        "days": interval.days,
    }


def _position(given: PairInput) -> dict[str, Any]:
    held, position = given.held, given.position
    return {
        "on_hand": str(held.units),
        "counted_at": None if held.counted_at is None else held.counted_at.isoformat(),
        "through": None if held.through is None else held.through.isoformat(),
        "steps": [
            {"kind": each.kind, "units": str(each.units), "on": each.at.isoformat(), "document": each.document}
            for each in held.steps
        ],
        "allocated": str(position.allocated),
        "backordered": str(position.backordered),
        "supply": [
            {
                "source": each.coming.source,
                "number": each.coming.number,
                "line": each.coming.line,
                "units": str(each.coming.units),
                "expected_on": None if each.coming.expected_on is None else each.coming.expected_on.isoformat(),
                "counts": each.counts,
            }
            for each in position.supply
        ],
        "places": [
            {"place": each.place, "order_up_to": str(each.order_up_to), "position": str(each.position)}
            for each in given.places
        ],
        "position": str(given.counted),
    }


def _event(event: PlanEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "kind": event.kind,
        "mechanic": event.mechanic,
        "first_day": event.first_day.isoformat(),
        "last_day": event.last_day.isoformat(),
        "uplift": None if event.uplift is None else str(event.uplift),
        "price": None if event.price is None else str(event.price),
    }


def as_text(why: Mapping[str, Any]) -> str:
    """Return the reasons as JSON with sorted keys; equal reasons have equal bytes."""
    return json.dumps(why, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
