"""What is known of days beforehand, as codes of effects: which day of which series is lifted by what and how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gateway.domain.replenishment.facts import PlanEvent
from gateway.domain.replenishment.series import Events, Floats

Kind = tuple[str, str | None]  # mechanic, expected uplift as text
CODELESS = ("introduction", "price")  # kinds of event that have no effect of their own: a price has that of all prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """events: of the block. kinds: what each code stands for, from code 1 on. said: expected uplift, NaN = not said;
    shape (codes,), row 0 unused."""

    events: Events
    kinds: tuple[Kind, ...]

    @property
    def codes(self) -> int:
        """Return how many codes there are, 0 for no event included."""
        return len(self.kinds) + 1

    def effects(self, learned: Mapping[str, float]) -> Floats:
        """Return the factor of each code: what is expected of the event, else what was learned of its mechanic."""
        return np.array([1.0, *(float(said) if said else learned.get(name, 1.0) for name, said in self.kinds)])


def coded(first_day: date, days: int, of_series: Sequence[Sequence[PlanEvent]]) -> Coded:
    """Return the events of each series over the days. Of two promotions of one day the one that begins later counts."""
    named = {_kind(each) for events in of_series for each in events if each.kind not in CODELESS}
    kinds = tuple(sorted(named, key=lambda kind: (kind[0], kind[1] or "")))
    number = {kind: code for code, kind in enumerate(kinds, start=1)}
    shape = (days, len(of_series))
    promotion, holiday, price = np.zeros(shape, np.int16), np.zeros(shape, np.int16), np.ones(shape)
    for column, events in enumerate(of_series):
        for each in sorted(events, key=lambda event: (event.first_day, event.id)):
            start = max((each.first_day - first_day).days, 0)
            end = max(min((each.last_day - first_day).days + 1, days), start)
            if each.kind not in CODELESS:
                (holiday if each.kind == "holiday" else promotion)[start:end, column] = number[_kind(each)]
            if each.price is not None and each.price > 0:
                price[start:end, column] = float(each.price)
    return Coded(events=Events(first_day=first_day, promotion=promotion, holiday=holiday, price=price), kinds=kinds)


def _kind(event: PlanEvent) -> Kind:
    return event.mechanic, None if event.uplift is None else str(event.uplift.normalize())
