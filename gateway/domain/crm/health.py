"""A partner's health, 0 to 100: a weighted mean of what documents and connections show, each part to be clicked."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

# Part -> weight. Each part is a share between 0 (bad) and 1 (good)
WEIGHTS: Mapping[str, Decimal] = {
    "first-time-right": Decimal(25),
    "response-in-time": Decimal(15),
    "otif": Decimal(25),
    "no-open-cases": Decimal(10),
    "certificate": Decimal(10),
    "fresh-data": Decimal(10),
    "satisfaction": Decimal(5),
}
MIN_WEIGHT = Decimal("0.5")  # of the whole; with less known, no index


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """index None: not enough data. parts: name -> (share, points it gives, points it could give at most)."""

    index: Decimal | None
    parts: Mapping[str, tuple[Decimal, Decimal, Decimal]]
    missing: tuple[str, ...]


def health(parts: Mapping[str, Decimal | None], weights: Mapping[str, Decimal] = WEIGHTS) -> Health:
    """Return the index from parts between 0 and 1; what is unknown (None or absent) drops out with its weight.

    Raises ValueError for a part that has no weight or lies outside 0 to 1: a bug of the caller.
    """
    for name, share in parts.items():
        if name not in weights or (share is not None and not 0 <= share <= 1):
            raise ValueError(f"part {name} = {share}")
    known = {name: share for name in weights if (share := parts.get(name)) is not None}
    missing = tuple(name for name in weights if name not in known)
    have = sum((weights[name] for name in known), Decimal(0))
    whole = sum(weights.values(), Decimal(0))
    if have < whole * MIN_WEIGHT:
        return Health(index=None, parts={}, missing=missing)
    most = {name: weights[name] * 100 / have for name in known}
    points = {name: (share, share * most[name], most[name]) for name, share in known.items()}
    index = sum((given for _, given, _ in points.values()), Decimal(0))
    return Health(index=index.quantize(Decimal("0.1")), parts=points, missing=missing)


def certificate_share(days_left: int | None, warn_days: int = 60) -> Decimal | None:
    """Return 1 while the certificate lasts longer than warn_days, falling to 0 on its last day; None without one."""
    if days_left is None:
        return None
    return max(Decimal(0), min(Decimal(1), Decimal(days_left) / warn_days))


def open_cases_share(open_cases: int) -> Decimal:
    """Return 1 without open cases, 0.5 with one, 0.25 with three: 1 / (1 + cases)."""
    return Decimal(1) / (1 + open_cases)
