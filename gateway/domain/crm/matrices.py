"""The matrices of service management: where an account or a part of our service lies, and what that advises.

Portfolio: value so far x value to come. Importance x performance in two forms, and our place against a competitor.
Satisfaction x loyalty. Cells are data: a house may name other advice for a cell.
Source: Lambert and Sharma, A Customer-Based Competitive Analysis for Logistics Decisions, 1990 (performance evaluation
and competitive position, scale 1 to 7); Jones and Sasser, Why Satisfied Customers Defect, 1995.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Literal

from gateway.model.faults import OurFault
from gateway.model.values import plain_number

Band = Literal["low", "medium", "high"]
BANDS: tuple[Band, ...] = ("low", "medium", "high")
LOW_END, HIGH_START, SCALE_END = Decimal(3), Decimal(5), Decimal(7)
_LARGEST = Decimal(10) ** 12  # cost of an event; beyond, sums of a customer would not be exact

# (importance, performance) -> advice
EVALUATION: Mapping[tuple[Band, Band], str] = {
    ("high", "low"): "must-improve",
    ("high", "medium"): "improve",
    ("high", "high"): "keep-or-improve",
    ("medium", "low"): "improve",
    ("medium", "medium"): "keep",
    ("medium", "high"): "reduce-or-keep",
    ("low", "low"): "keep",
    ("low", "medium"): "reduce-or-keep",
    ("low", "high"): "shift-resources",
}
ADVICE: tuple[str, ...] = tuple(dict.fromkeys(EVALUATION.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Limits of the competitive position. end: where the drawing ends, values beyond are drawn there."""

    parity: Decimal
    end: Decimal


NARROW = Thresholds(parity=Decimal("0.8"), end=Decimal("2.0"))
WIDE = Thresholds(parity=Decimal(1), end=Decimal(3))  # as printed in 1990
PRESETS: Mapping[str, Thresholds] = {"narrow": NARROW, "wide": WIDE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """The lines between low and high of the portfolio, kept with each run."""

    history: Decimal
    potential: Decimal


def portfolio(history: Decimal, potential: Decimal, cuts: Cuts) -> str:
    """Return nurture, invest, restructure or automate. At the cut is high.

    automate: little effort from people; no account is cut off by software.
    """
    valued, promising = history >= cuts.history, potential >= cuts.potential
    if promising:
        return "invest" if valued else "nurture"
    return "restructure" if valued else "automate"


def portfolio_cuts(histories: Mapping[str, Decimal], potentials: Mapping[str, Decimal], most: Decimal) -> Cuts | None:
    """Return the cuts: most, the value at which the accounts together reach four fifths, and the median of what is to
    come over the accounts that have a history. None when no account has a value to come."""
    known = [value for account, value in potentials.items() if histories.get(account, Decimal(0)) > 0]
    return Cuts(history=most, potential=median(known)) if known else None


def importance_performance(
    importance: Decimal, performance: Decimal, importance_cut: Decimal, performance_cut: Decimal
) -> str:
    """Return advantage, improve, maintain or opportunity. At the cut is high."""
    if importance >= importance_cut:
        return "advantage" if performance >= performance_cut else "improve"
    return "maintain" if performance >= performance_cut else "opportunity"


def band(score: Decimal) -> Band:
    """Return the band of a score from 1 to 7: below 3, below 5, from 5. Raises ValueError outside the scale."""
    if not 1 <= score <= SCALE_END:
        raise ValueError(f"a score of {score} lies outside 1 to 7")
    return "low" if score < LOW_END else "medium" if score < HIGH_START else "high"


def evaluation(importance: Decimal, performance: Decimal, cells: Mapping[tuple[Band, Band], str] = EVALUATION) -> str:
    """Return the advice of the performance evaluation matrix for two scores from 1 to 7."""
    return cells[band(importance), band(performance)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Our place against a competitor. position: disadvantage, parity, advantage; weight: major, minor, medium."""

    relative: Decimal
    drawn: Decimal
    position: str
    weight: str

    @property
    def name(self) -> str:
        """major-weakness, minor-strength, ... ; parity stands alone."""
        if self.position == "parity":
            return "parity"
        kind = "weakness" if self.position == "disadvantage" else "strength"
        return f"{'major' if self.weight == 'major' else 'minor'}-{kind}"


def competitive_position(
    importance: Decimal, ours: Decimal, theirs: Decimal, thresholds: Thresholds = NARROW
) -> Position:
    """Return where we stand in one part of the service: our mean score less theirs, weighed by importance.

    Major is high importance (from 5), minor is low (below 3); between, "medium", shown as minor.
    """
    relative = ours - theirs
    if relative <= -thresholds.parity:
        position = "disadvantage"
    else:
        position = "advantage" if relative >= thresholds.parity else "parity"
    weight = {"high": "major", "medium": "medium", "low": "minor"}[band(importance)]
    drawn = max(-thresholds.end, min(thresholds.end, relative))
    return Position(relative=relative, drawn=drawn, position=position, weight=weight)


def loyalty_type(satisfied: bool, loyal: bool) -> str:
    """Return apostle, hostage, mercenary or defector."""
    if loyal:
        return "apostle" if satisfied else "hostage"
    return "mercenary" if satisfied else "defector"


def measured_score(value: Decimal | None, target: Decimal, tolerance: Decimal) -> Decimal | None:
    """Return a measured share as a score from 1 to 7, beside the one that was asked for.

    At the target or above 7; at one tolerance below 4; at two or more below 1; straight lines between.
    """
    if value is None or tolerance <= 0:
        return None
    missed = max(Decimal(0), target - value) / tolerance
    return max(Decimal(1), SCALE_END - 3 * missed)


def mean_score(scores: Sequence[Decimal]) -> Decimal | None:
    """Return the mean, None without scores."""
    return sum(scores, Decimal(0)) / len(scores) if scores else None


# --- settings ---------------------------------------------------------------------------------------------------------

SETTINGS = ("evaluation", "thresholds", "cuts", "scores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How the matrices are read: advice by cell, limits of the competitive position, cuts of importance and performance
    (None: the mean over the elements), the score from 1 to 5 from which an account is satisfied and the share of its
    months (or of its purse) from which it is loyal."""

    cells: Mapping[tuple[Band, Band], str] = field(default_factory=lambda: dict(EVALUATION))
    thresholds: Thresholds = NARROW
    importance_cut: Decimal | None = Decimal(4)
    performance_cut: Decimal | None = Decimal(4)
    satisfied: Decimal = Decimal(4)
    loyal: Decimal = Decimal("0.5")


def scheme_of(settings: Mapping[str, str]) -> Scheme:
    """Return the scheme from what a house has set, the sources' preset where it has not. Raises OurFault
    matrix.setting-wrong."""
    cells = {**EVALUATION, **_cells(settings.get("evaluation", ""))}
    cuts = _pairs("cuts", settings.get("cuts", ""))
    return Scheme(
        cells=cells,
        thresholds=_thresholds(settings.get("thresholds", "")),
        importance_cut=_cut(cuts, "importance", Decimal(4)),
        performance_cut=_cut(cuts, "performance", Decimal(4)),
        satisfied=_cut(cuts, "satisfied", Decimal(4)) or Decimal(4),
        loyal=_cut(cuts, "loyal", Decimal("0.5")) or Decimal("0.5"),
    )


def checked_setting(name: str, value: str) -> None:
    """Raises OurFault matrix.setting-wrong for a setting of a matrix that there is not, or a value that it does not
    take."""
    if name not in SETTINGS:
        raise OurFault("matrix.setting-wrong", value=name[:60], field="id")
    if name == "scores":
        scores_of(value)
    else:
        scheme_of({name: value})


def scores_of(value: str) -> dict[str, Decimal]:
    """Return the terms of the value formulas that a house has set: `margin`, and the cost of an event by its name."""
    return _pairs("scores", value)


def _pairs(name: str, text: str) -> dict[str, Decimal]:
    """Read `key=number` lines, "mean" aside."""
    found: dict[str, Decimal] = {}
    for line in text.replace(",", "\n").split():
        key, sign, told = line.partition("=")
        number = Decimal(-1) if told == "mean" else plain_number(told)
        if not sign or number is None or abs(number) > _LARGEST:
            raise OurFault("matrix.setting-wrong", value=line[:60], field=name)
        found[key] = number
    return found


def _cut(cuts: Mapping[str, Decimal], name: str, default: Decimal) -> Decimal | None:
    found = cuts.get(name, default)
    if found > SCALE_END:
        raise OurFault("matrix.setting-wrong", value=str(found)[:60], field=name)
    return None if found < 0 else found


def _cells(text: str) -> dict[tuple[Band, Band], str]:
    """Read lines `importance/performance=advice`."""
    found: dict[tuple[Band, Band], str] = {}
    for line in text.replace(",", "\n").split():
        place, _, advice = line.partition("=")
        row, _, column = place.partition("/")
        if row not in BANDS or column not in BANDS or advice not in ADVICE:
            raise OurFault("matrix.setting-wrong", value=line[:60], field="evaluation")
        found[row, column] = advice
    return found


def _thresholds(text: str) -> Thresholds:
    """Read the name of a preset, or `parity=0.8 end=2`."""
    told = text.strip()
    if not told:
        return NARROW
    if told in PRESETS:
        return PRESETS[told]
    pairs = _pairs("thresholds", told)
    parity, end = pairs.get("parity", Decimal(0)), pairs.get("end", Decimal(0))
    if not 0 < parity < end <= 6:
        raise OurFault("matrix.setting-wrong", value=told[:60], field="thresholds")
    return Thresholds(parity=parity, end=end)
