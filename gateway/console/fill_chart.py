"""Stock against units served: a line for each way of planning as plain numbers for an SVG. A table stands beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.replenishment.trial_terms import MIN_MAX, OURS, WAYS
from gateway.store.view_backtests import BacktestWay

WIDTH, HEIGHT = 560, 240
LEFT, BELOW = 44, 30
LEAST_FILL = 0.10  # below the fill asked for: what lies lower tells nothing
STEPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """points: of the polyline, by stock. end: of its last point."""

    way: str
    points: str
    end: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillChart:
    """goal: height of the fill asked for. across, up: places of the marks and what they say."""

    lines: tuple[Line, ...]
    goal: int
    across: tuple[tuple[int, str], ...]
    up: tuple[tuple[int, str], ...]
    width: int = LEFT + WIDTH + 90
    height: int = HEIGHT + BELOW
    left: int = LEFT
    bottom: int = HEIGHT


def fill_chart(ways: Sequence[BacktestWay], fill: float) -> FillChart | None:
    """Return the chart; None before a way has a curve. fill: the share of units that was asked for."""
    least = fill - LEAST_FILL
    curves = {each.way: _frontier(each.curve, least) for each in ways if each.way in WAYS}
    curves = {way: points for way, points in curves.items() if points}
    told = [days for way, points in curves.items() if way in (OURS, MIN_MAX) for days, _ in points]
    if not told:
        return None
    most = max(told) or 1.0  # days of stock; none at all is drawn at the left

    def place(days: float, served: float) -> tuple[int, int]:
        return LEFT + round(days / most * WIDTH), round((1.0 - (served - least) / (1.0 - least)) * HEIGHT)

    lines = []
    for way, points in curves.items():
        placed = [place(days, served) for days, served in points if days <= most]
        if placed:
            lines.append(Line(way=way, points=" ".join(f"{x},{y}" for x, y in placed), end=placed[-1]))
    return FillChart(
        lines=tuple(lines),
        goal=place(0.0, fill)[1],
        across=tuple((place(most * n / STEPS, fill)[0], f"{most * n / STEPS:.1f}") for n in range(STEPS + 1)),
        up=tuple((place(0.0, each)[1], f"{each:.0%}") for each in (least, fill, 1.0)),
    )


def _frontier(curve: Sequence[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    """Return the settings of which no other serves as much with less stock."""
    found: list[tuple[float, float]] = []
    for days, fill in sorted(curve, key=lambda point: (point[0], -point[1])):
        if fill >= least and (not found or fill > found[-1][1]):
            found.append((days, fill))
    return found
