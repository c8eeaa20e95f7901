"""What people answered: satisfaction and recommendation, always with the number of answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

MIN_ANSWERS = 3  # below, a mean or a balance says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """score None: not enough answers. response_rate None: nobody was asked."""

    score: Decimal | None
    answers: int
    response_rate: Decimal | None


def csat(scores: Sequence[int], asked: int | None = None, minimum: int = MIN_ANSWERS) -> Asked:
    """Return the mean of answers on the scale 1 to 5. Raises ValueError for an answer outside it."""
    _within(scores, 1, 5)
    mean = Decimal(sum(scores)) / len(scores) if len(scores) >= max(minimum, 1) else None
    return Asked(score=mean, answers=len(scores), response_rate=_rate(len(scores), asked))


def nps(scores: Sequence[int], asked: int | None = None, minimum: int = MIN_ANSWERS) -> Asked:
    """Return the share of promoters (9, 10) less that of detractors (0 to 6), in points from -100 to 100.

    Raises ValueError for an answer outside 0 to 10. Source: Reichheld, The One Number You Need to Grow, 2003.
    """
    _within(scores, 0, 10)
    balance = sum(1 if each >= 9 else -1 if each <= 6 else 0 for each in scores)
    score = Decimal(100 * balance) / len(scores) if len(scores) >= max(minimum, 1) else None
    return Asked(score=score, answers=len(scores), response_rate=_rate(len(scores), asked))


def _within(scores: Sequence[int], low: int, high: int) -> None:
    if any(not low <= each <= high for each in scores):
        raise ValueError(f"an answer lies outside {low} to {high}")


def _rate(answers: int, asked: int | None) -> Decimal | None:
    return Decimal(answers) / asked if asked else None
