"""A backtest of what is planned: the history of an agreement's items and places played with each way of planning.

What a run is made from (learned groups, shared calendar, prices, unknown days, empty shelves) is what the trial is made
from. Each way is a step of its own, so that whoever waits is told how far it is and can stop it between two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gateway.domain.replenishment.backtest import (
    LOT_STEPS,
    Fitted,
    Outcome,
    Split,
    clairvoyant,
    fit,
    measure,
    min_max,
    ours,
    price_of_late_reports,
    price_of_missing_asn,
    textbook,
    world_of,
)
from gateway.domain.replenishment.learning import history_of
from gateway.domain.replenishment.pair_input import PairInput
from gateway.domain.replenishment.series import Floats, SeriesBlock
from gateway.domain.replenishment.simulation import World
from gateway.domain.replenishment.trial_terms import LATE_DAYS, MIN_MAX, ORACLE, OURS, TEXTBOOK, WAYS, TrialTerms
from gateway.model.faults import OurFault

FIT_DAYS = 56  # before the days to tune on
MOST_PAIRS = 200  # so that a year of them fits into half a gigabyte with every setting side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Plain values, for another process. before: days of the history to fit on."""

    block: SeriesBlock
    groups: int
    codes: int
    lead: int
    review: int
    pack: Floats
    before: int
    split: Split


def chosen(inputs: Sequence[PairInput], terms: TrialTerms) -> list[PairInput]:
    """Return the inputs that the terms name, at most MOST_PAIRS: those that sell most."""
    found = [
        each
        for each in inputs
        if each.agreement.id == terms.agreement
        and (not terms.places or each.facts.place in terms.places)
        and (not terms.items or each.facts.gtin in terms.items)
        and terms.item_class in (None, each.item_class)
    ]
    sold = {each.pair: sum(day for day in each.demand if day) for each in found}
    best = sorted(found, key=lambda each: (-sold[each.pair], each.pair))[:MOST_PAIRS]
    return sorted(best, key=lambda each: each.pair)


def trial_of(inputs: Sequence[PairInput], terms: TrialTerms) -> Trial:
    """Return what is to be played. inputs: as chosen.

    Raises OurFault plan.backtest-nothing without any sale, plan.history-short.
    """
    history = history_of(inputs) if inputs else None
    if history is None:
        raise OurFault("plan.backtest-nothing", value=terms.agreement[:80])
    before = history.block.days - terms.tuning - terms.test
    if before < FIT_DAYS:
        needed = str(FIT_DAYS + terms.tuning + terms.test)
        raise OurFault("plan.history-short", value=str(history.block.days), needed=needed)
    walked = [each.interval for each in inputs]
    lead = float(np.median([(each.arrives_on - each.order_on).days for each in walked]))
    review = float(np.median([(each.next_order_on - each.order_on).days for each in walked]))
    return Trial(
        block=history.block,
        groups=len(history.names),
        codes=history.known.codes,
        lead=round(lead) if terms.lead is None else terms.lead,
        review=max(round(review), 1) if terms.review is None else terms.review,
        pack=np.array([max(float(each.item.pack), 1.0) for each in inputs]),
        before=before,
        split=Split(tuning=terms.tuning, test=terms.test, fill=terms.fill),
    )


def played(trial: Trial) -> Iterator[tuple[str, Outcome | None]]:
    """Yield the name and outcome of each of the STEPS as it is done; the first is the fitting, without an outcome."""
    fitted = fit(trial.block.until(trial.before), trial.groups, trial.codes, trial.lead + trial.review)
    yield "fit", None
    leads = np.full(trial.block.series, trial.lead)
    world = replace(world_of(trial.block, trial.before, leads, trial.pack), review_days=trial.review)
    split = trial.split
    yield OURS, measure(OURS, ours(fitted, world), world, split)
    yield MIN_MAX, measure(MIN_MAX, min_max(fitted, world), world, split, len(LOT_STEPS))
    yield TEXTBOOK, measure(TEXTBOOK, textbook(fitted, world), world, split)
    yield ORACLE, measure(ORACLE, clairvoyant(world), world, split)
    yield from _prices(fitted, world, split)


def _prices(fitted: Fitted, world: World, split: Split) -> Iterator[tuple[str, Outcome | None]]:
    for days in LATE_DAYS:
        yield f"late-{days}", price_of_late_reports(fitted, world, split, (days,))[0]
    told, untold = price_of_missing_asn(fitted, world, split)
    yield "cut-asn", told
    yield "cut-no-asn", untold


def described(trial: Trial) -> dict[str, Any]:
    """Return what was played, as it is kept beside the figures."""
    first = trial.before + trial.split.tuning
    days = [trial.block.first_day.fromordinal(trial.block.first_day.toordinal() + n) for n in (trial.before, first)]
    return {
        "series": trial.block.series,
        "days": trial.block.days,
        "lead": trial.lead,
        "review": trial.review,
        "tuned_from": days[0].isoformat(),
        "measured_from": days[1].isoformat(),
        "through": trial.block.through.isoformat(),
        "unknown_days": round(float(np.isnan(trial.block.units[trial.before :]).mean()), 4),
    }


def figures(name: str, outcome: Outcome) -> dict[str, Any]:
    """Return the figures of one way as they are kept: numbers rounded, None where there is none.

    curve: fill and stock days of each setting on the measured days, by stock.
    """
    test = outcome.test
    curve = sorted({(_round(each.test.stock_days, 3), _round(each.test.fill, 5)) for each in outcome.curve})
    return {
        "way": name,
        "stock_days": _round(test.stock_days, 3),
        "fill": _round(test.fill, 5),
        "equal_fill_days": _round(outcome.iso_days, 3),
        "lost": _round(test.lost, 1),
        "order_lines": _round(test.order_lines, 4),
        "bullwhip": _round(test.bullwhip, 3),
        "curve": [list(each) for each in curve] if name in WAYS else [],
    }


def saving(rows: Sequence[dict[str, Any]], than: str = MIN_MAX, name: str = "equal_fill_days") -> float | None:
    """Return by what share ours needs less stock than another way; None where either is not known."""
    by = {each["way"]: each[name] for each in rows}
    mine, other = by.get(OURS), by.get(than)
    return None if mine is None or not other else round(1.0 - mine / other, 4)


def _round(value: float, digits: int) -> float | None:
    return None if value != value else round(value, digits)
