"""The flow of 24 hours as plain numbers for an SVG: bars up for received, down for sent. A table stands beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.console.words import Words

STEP, WIDTH = 20, 13  # one hour, one bar
HALF = 76  # the tallest bar on each side of the axis
GAP = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One hour: where it stands and what it counts."""

    x: int
    up: int
    down: int
    hour: str
    received: int
    sent: int
    labelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars with their marks, in units of the drawing."""

    bars: tuple[Bar, ...]
    axis: int = HALF
    width: int = STEP * 24
    height: int = 2 * HALF + 24
    bar: int = WIDTH


def _height(count: int, largest: int) -> int:
    """A bar that stands for anything is at least 2 high."""
    return 0 if count == 0 else max(2, round(count * (HALF - GAP) / largest))


def flow_chart(hours: Sequence[tuple[datetime, int, int]], words: Words) -> Chart:
    """Return the bars of the last 24 hours."""
    largest = max([1, *(max(came, went) for _, came, went in hours)])
    bars = []
    for step, (start, came, went) in enumerate(hours):
        local = start.astimezone(words.zone)
        bars.append(
            Bar(
                x=step * STEP + (STEP - WIDTH) // 2,
                up=_height(came, largest),
                down=_height(went, largest),
                hour=f"{local:%H:%M}",
                received=came,
                sent=went,
                labelled=local.hour % 6 == 0,
            )
        )
    return Chart(bars=tuple(bars))
