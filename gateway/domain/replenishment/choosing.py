"""Which recursion suits which class of demand: each is run over the history and judged by the errors that matter.

The judge is the cumulative error over an interval as long as the protection interval, from every day of the later part
of the history: a rolling backtest. The choice is made for a class, not for a series: what is best for one series by a
hair is luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gateway.domain.replenishment.classes import CLASS_NAMES, NEW, classify
from gateway.domain.replenishment.patterns import HORIZONS, Patterns
from gateway.domain.replenishment.recursion import LEVEL, SBA, TSB, Smoothing, replay
from gateway.domain.replenishment.series import Floats, SeriesBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A recursion with its gains."""

    method: int
    alpha: float
    beta: float = 0.05
    burst: float = 0.0


CANDIDATES = (
    *(Candidate(method=LEVEL, alpha=a, burst=b) for a in (0.01, 0.03, 0.08) for b in (0.0, 0.15, 0.3)),
    Candidate(method=TSB, alpha=0.05, beta=0.02),
    Candidate(method=TSB, alpha=0.1, beta=0.05),
    Candidate(method=SBA, alpha=0.05),
    Candidate(method=SBA, alpha=0.1),
)
AT_ONCE = 20_000  # columns of one pass


def choose(
    block: SeriesBlock, patterns: Patterns, interval_days: int, candidates: Sequence[Candidate] = CANDIDATES
) -> Smoothing:
    """Return for each series the candidate with the least error of its class; classes without errors get the first
    level.

    interval_days: the usual protection interval.
    """
    code = classify(block).code
    row = int(np.argmin(np.abs(np.log(np.array(HORIZONS)) - np.log(max(interval_days, 1)))))
    scores = _all_scores(block, patterns, candidates, row)
    best = np.zeros(block.series, np.int64)
    for number in range(len(CLASS_NAMES)):
        mine = code == number
        judged = mine if number != NEW else np.ones(block.series, np.bool_)
        if mine.any():
            best[mine] = int(np.argmin(scores[:, judged].sum(axis=1)))
    return Smoothing(
        method=np.array([each.method for each in candidates])[best],
        alpha=np.array([each.alpha for each in candidates])[best],
        beta=np.array([each.beta for each in candidates])[best],
        burst=np.array([each.burst for each in candidates])[best],
    )


def _all_scores(block: SeriesBlock, patterns: Patterns, candidates: Sequence[Candidate], row: int) -> Floats:
    """Return the scores of every candidate, shape (candidates, series). Side by side while that fits: one pass over the
    days with candidates times series columns costs far less than a pass for each."""
    if len(candidates) * block.series > AT_ONCE:
        return np.stack([_scores(block, patterns, (each,), row)[0] for each in candidates])
    return _scores(block, patterns, candidates, row)


def _scores(block: SeriesBlock, patterns: Patterns, candidates: Sequence[Candidate], row: int) -> Floats:
    """Return of each series the mean squared cumulative error over its own mean demand: units count for what they
    cost."""
    columns = np.tile(np.arange(block.series), len(candidates))
    each = np.repeat(np.arange(len(candidates)), block.series)
    how = Smoothing(
        method=np.array([one.method for one in candidates])[each],
        alpha=np.array([one.alpha for one in candidates])[each],
        beta=np.array([one.beta for one in candidates])[each],
        burst=np.array([one.burst for one in candidates])[each],
    )
    after = replay(block.of(columns), patterns, how)
    shape = (len(candidates), block.series)
    error = (after.squares[row] / np.maximum(after.windows[row], 1.0)).reshape(shape)
    units = np.nan_to_num(block.units).cumsum(axis=0)[-1] / block.days
    return np.asarray(error / np.maximum(units, 1e-3))
