"""What is kept of the items of some places from night to night: each day's sales as they were told, and the state of
each forecast after the last of them. A night adds a day; what was told anew is replayed from the first day.

Columns = items at places. Kept as bytes of plain arrays with a number of their form: made anew from the records when
that, the first day or what was learned is another. Nothing in it is the truth; all of it can be told from the records.
"""

import io
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gateway.domain.replenishment.facts import Pair
from gateway.domain.replenishment.recursion import State, fresh_state
from gateway.domain.replenishment.series import Flags, Floats, Ints

SCHEMA = 1
MILLI = 1000.0  # units are kept in thousandths, as in the records
NO_ROW = -1
NEVER = 10_000_000  # later than any day
MOST = 2**31 - 1  # thousandths in a cell; an item that sells more in a day is planned the long way

Marks = NDArray[np.int32]
Names = NDArray[np.str_]
Kind = tuple[str, str]  # mechanic, expected uplift as text ("" = not said)


@dataclass(slots=True, kw_only=True)
class Kept:
    """first_day: of the history, row 0. place_of: of each column, index into places. units: demand told of a day in
    thousandths, NO_ROW where a report named nothing, shape (days, columns); asked: somebody asked in vain that day;
    empty: the last count of the day found nothing. covered: a report covers the day, shape (days + lead, places), from
    `lead` days before first_day; seen: the same with closed days, as it was when the states were made. begins: day
    number from which the item is known to be there. odd: a cell was too large.

    through: day number of the state, 0: there is none. signature: of the events it was made with; choice: method,
    alpha, beta, burst it was made with. kinds: of event codes 1, 2, ...; learned: what was learned, as a number.
    """

    first_day: date
    lead: int
    places: Names
    gtins: Names
    place_of: Ints
    units: Marks
    asked: Flags
    empty: Flags
    covered: Flags
    seen: Flags
    begins: Marks
    odd: Flags
    through: Marks
    signature: Ints
    choice: Floats
    state: State
    kinds: tuple[Kind, ...] = ()
    learned: int = 0

    @property
    def pairs(self) -> list[Pair]:
        """Return (place, GTIN) of each column."""
        names = self.places[self.place_of].tolist() if len(self.places) else []
        return list(zip(names, self.gtins.tolist(), strict=True))

    @property
    def days(self) -> int:
        return len(self.units)


def nothing_kept(first_day: date, lead: int) -> Kept:
    """Return what is kept before anything is known."""
    return Kept(
        first_day=first_day,
        lead=lead,
        places=np.zeros(0, "U13"),
        gtins=np.zeros(0, "U14"),
        place_of=np.zeros(0, np.int64),
        units=np.zeros((0, 0), np.int32),
        asked=np.zeros((0, 0), np.bool_),
        empty=np.zeros((0, 0), np.bool_),
        covered=np.zeros((lead, 0), np.bool_),
        seen=np.zeros((lead, 0), np.bool_),
        begins=np.zeros(0, np.int32),
        odd=np.zeros(0, np.bool_),
        through=np.zeros(0, np.int32),
        signature=np.zeros(0, np.int64),
        choice=np.zeros((4, 0)),
        state=fresh_state(first_day, 0),
    )


def widened(kept: Kept, days: int, pairs: list[Pair]) -> None:
    """Make room for so many days and for new pairs behind those there are; their cells say that nothing was told."""
    names = {name: number for number, name in enumerate(kept.places.tolist())}
    for place, _ in pairs:
        names.setdefault(place, len(names))
    more_days, more, more_places = max(days - kept.days, 0), len(pairs), len(names) - len(kept.places)
    kept.places = np.array(list(names), "U13")
    kept.gtins = np.concatenate([kept.gtins, np.array([gtin for _, gtin in pairs], "U14")])
    kept.place_of = np.concatenate([kept.place_of, np.array([names[place] for place, _ in pairs], np.int64)])
    room = ((0, more_days), (0, more))
    kept.units = np.pad(kept.units, room, constant_values=NO_ROW)
    kept.asked, kept.empty = np.pad(kept.asked, room), np.pad(kept.empty, room)
    kept.covered = np.pad(kept.covered, ((0, more_days), (0, more_places)))
    kept.seen = np.pad(kept.seen, ((0, more_days), (0, more_places)))
    kept.begins = np.pad(kept.begins, (0, more), constant_values=NEVER)
    for name in ("odd", "through", "signature"):
        setattr(kept, name, np.pad(getattr(kept, name), (0, more)))
    kept.choice = np.pad(kept.choice, ((0, 0), (0, more)))
    room_of = {name: [(0, 0)] * (each.ndim - 1) + [(0, more)] for name, each in kept.state.columns().items()}
    state = {name: np.pad(each, room_of[name]) for name, each in kept.state.columns().items()}
    kept.state = State(through=kept.state.through, **state)


def demand(kept: Kept, columns: Ints, days: int, covered: Flags) -> tuple[Floats, Flags]:
    """Return the units of the first so many days, NaN where unknown, and the days on which the shelf was empty.

    covered: as kept.covered with the days added on which a place is closed.
    """
    cells = kept.units[:days, columns]
    number = kept.first_day.toordinal() + np.arange(days)
    told = (cells >= 0) | covered[kept.lead : kept.lead + days][:, kept.place_of[columns]]
    told &= number[:, None] >= kept.begins[columns]
    units = np.where(told, np.maximum(cells, 0) / MILLI, np.nan)
    return units, kept.empty[:days, columns] & told & ~kept.asked[:days, columns]


def cover(kept: Kept, covered: Flags) -> None:
    """Take covered for what is known now: a state that has counted a day as unknown which says zero now, or the other
    way round, is made anew."""
    for place in np.flatnonzero((covered != kept.seen).any(axis=0)).tolist():
        rows = np.flatnonzero(covered[:, place] != kept.seen[:, place]) - kept.lead
        rows = rows[rows >= 0]
        mine = np.flatnonzero(kept.place_of == place)
        told = kept.units[np.ix_(rows, mine)] != NO_ROW
        early = rows[:, None] + kept.first_day.toordinal() <= kept.through[mine][None, :]
        kept.through[mine[(early & ~told).any(axis=0)]] = 0
    kept.seen = covered.copy()


_ARRAYS = tuple(
    each.name for each in fields(Kept) if each.name not in ("first_day", "lead", "state", "kinds", "learned")
)


def to_bytes(kept: Kept) -> bytes:
    """Return it as it is to be stored."""
    arrays = {name: getattr(kept, name) for name in _ARRAYS}
    arrays |= {f"state.{name}": each for name, each in kept.state.columns().items()}
    head = np.array([SCHEMA, kept.first_day.toordinal(), kept.lead, kept.learned], np.int64)
    file = io.BytesIO()
    np.savez(file, head=head, kinds=np.array(kept.kinds, np.str_).reshape(-1, 2), **arrays)
    return file.getvalue()


def from_bytes(data: bytes) -> Kept:
    """Return what to_bytes was given. Raises ValueError for another form."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        schema, first, lead, learned = (int(each) for each in file["head"])
        if schema != SCHEMA:
            raise ValueError(f"kept in form {schema}")
        first_day = date.fromordinal(first)
        state = {name.removeprefix("state."): file[name] for name in file.files if name.startswith("state.")}
        return Kept(
            first_day=first_day,
            lead=lead,
            kinds=tuple((str(name), str(uplift)) for name, uplift in file["kinds"]),
            learned=learned,
            state=State(through=first_day, **state),
            **{name: file[name] for name in _ARRAYS},
        )
