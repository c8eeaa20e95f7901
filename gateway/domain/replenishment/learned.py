"""What the items and places of one agreement share, as the last learning run left it: an input to every plan.

Kept as JSON with whole floats: the same record gives the same plans bit by bit.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from gateway.domain.replenishment.choosing import Candidate
from gateway.domain.replenishment.patterns import BURST_STAYS, HORIZONS
from gateway.domain.replenishment.series import WEEK

ALL = ""  # the group of every item; others are named as their category
CLASSES = ("A", "B", "C")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Of one group. weekday: 7 factors, Monday first; year: 53; effects: factor by mechanic; elasticity, spread, weekly
    and stays: as in Patterns. rate, rate_variance: units a day over its items and places at a place of mean size;
    series: so many."""

    weekday: tuple[float, ...]
    year: tuple[float, ...]
    effects: Mapping[str, float]
    elasticity: float
    spread: tuple[float, ...]
    rate: float
    rate_variance: float
    series: int
    weekly: tuple[tuple[float, ...], ...] = ((1.0,) * len(HORIZONS),) * WEEK
    stays: tuple[float, ...] = (BURST_STAYS,) * WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """groups: by name, ALL is always there. choice: recursion by demand class. sizes: of places, the mean is 1.

    cuts: value sold a day from which an item at a place is class A, and from which B.
    """

    through: date
    groups: Mapping[str, Shared]
    choice: Mapping[str, Candidate] = field(default_factory=dict)
    sizes: Mapping[str, float] = field(default_factory=dict)
    cuts: tuple[float, float] = (0.0, 0.0)

    def group_of(self, category: str | None) -> Shared:
        """Return what a category shares, or where too little was seen of it, all."""
        return self.groups.get(category or ALL, self.groups[ALL])

    def class_of(self, value: float) -> str:
        """Return A, B or C of a value sold a day."""
        return CLASSES[0] if value >= self.cuts[0] > 0 else CLASSES[1] if value >= self.cuts[1] > 0 else CLASSES[2]


def to_json(learned: Learned) -> str:
    """Return the record; equal figures have equal bytes."""
    return json.dumps(asdict(learned) | {"through": learned.through.isoformat()}, sort_keys=True, ensure_ascii=False)


@lru_cache(maxsize=64)
def from_json(text: str) -> Learned:
    """Return what to_json was given."""
    said: dict[str, Any] = json.loads(text)
    groups = {name: _shared(each) for name, each in said["groups"].items()}
    return Learned(
        through=date.fromisoformat(said["through"]),
        groups=groups,
        choice={name: Candidate(**each) for name, each in said["choice"].items()},
        sizes=said["sizes"],
        cuts=(said["cuts"][0], said["cuts"][1]),
    )


def _shared(said: dict[str, Any]) -> Shared:
    lists = {name: tuple(said[name]) for name in ("weekday", "year", "spread")}
    if "stays" in said:  # not in a record from before there was a rhythm
        lists |= {"stays": tuple(said["stays"]), "weekly": tuple(map(tuple, said["weekly"]))}
    return Shared(**{**said, **lists})
