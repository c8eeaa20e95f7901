"""A benchmark says its figures: printed for people, kept as rows for the page where `make bench` asks for them."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT_IN = "BENCH_FIGURES"  # environment: the file that gets a row for each figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing measured. at_most, at_least: what was asked for, in unit; None: nothing was.

    peer, peer_value: what was measured beside it in the same run, in unit; ratio: ours through the peer's
    """

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None

    @property
    def asked(self) -> str:
        if self.at_most is not None:
            return f"at most {self.at_most:,g}"
        return "" if self.at_least is None else f"at least {self.at_least:,g}"

    @property
    def missed(self) -> bool:
        over = self.at_most is not None and self.value > self.at_most
        return over or (self.at_least is not None and self.value < self.at_least)


def figure(
    name: str,
    value: float,
    unit: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    peer: tuple[str, float] | None = None,
) -> None:
    """Keep a figure where somebody asks for them."""
    wanted = os.environ.get(KEPT_IN)
    if wanted is None:
        return
    found = Figure(
        name=name,
        value=_short(value),
        unit=unit,
        at_most=None if at_most is None else _short(at_most),
        at_least=None if at_least is None else _short(at_least),
        peer=peer[0] if peer else "",
        peer_value=_short(peer[1]) if peer else None,
        ratio=_short(value / peer[1]) if peer and peer[1] else None,
    )
    with Path(wanted).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")


def _short(value: float) -> float:
    """Four digits say all that a measurement can."""
    return float(f"{value:.4g}")
