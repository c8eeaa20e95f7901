"""A shelf played forward day by day on recorded demand: what a way of planning would have cost in stock and in lost
sales.

Order of a day: goods due arrive; the planner orders from what has been reported to him; customers buy what is there,
the rest is lost; the evening's report goes out. It may come late, or never; goods may be shipped short, with or without
an ASN that says so.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

import numpy as np

from gateway.domain.replenishment.series import Flags, Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What happens, shape (days, series). demand: units asked for. reported: a report of the day comes at all; late:
    days that reports are late. lead_days, pack: of each series. shipped: share of what is ordered on a day that is
    shipped, in whole packs; asn: the planner learns it before the goods arrive, else only by the next report of
    stock. review_days: from one order day to the next."""

    first_day: date
    demand: Floats
    reported: Flags
    shipped: Floats
    lead_days: Ints
    pack: Floats
    late: int = 0
    asn: bool = True
    review_days: int = 1

    def repeated(self, times: int) -> "World":
        """Return the same series several times side by side, one for each setting that is tried."""
        return replace(
            self,
            demand=np.tile(self.demand, (1, times)),
            reported=np.tile(self.reported, (1, times)),
            shipped=np.tile(self.shipped, (1, times)),
            lead_days=np.tile(self.lead_days, times),
            pack=np.tile(self.pack, times),
        )


def perfect_world(
    first_day: date, demand: Floats, lead_days: Ints, pack: Floats, reported: Flags | None = None
) -> World:
    """Return a world in which every report comes on its evening and all is shipped, unless reported says otherwise."""
    told = np.ones(demand.shape, np.bool_) if reported is None else reported
    return World(
        first_day=first_day,
        demand=demand,
        reported=told,
        shipped=np.ones(demand.shape),
        lead_days=lead_days,
        pack=pack,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the planner knows on a morning. position: the last reported stock and all that was due after it. age: days
    of which sales are not yet known, the last report excluded; 0 = yesterday evening's report is here."""

    day: date
    position: Floats
    age: Ints


class Planner(Protocol):
    """A way of planning, over all series at once."""

    def see(self, day: date, units: Floats, censored: Flags) -> None:
        """Take in the report of a day; NaN where there is none."""

    def order(self, view: View) -> Floats:
        """Return what to order, in units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of it, shape (days, series): units sold, stock after closing, units ordered."""

    first_day: date
    sold: Floats
    stock: Floats
    ordered: Floats
    demand: Floats

    def summary(self, days: slice, columns: slice | Ints) -> "Summary":
        """Return the figures of a window and of some series."""
        demand = float(self.demand[days, columns].sum())
        ordered = self.ordered[days, columns]
        return Summary(
            fill=float(self.sold[days, columns].sum()) / max(demand, 1e-9),
            stock_days=float(self.stock[days, columns].sum()) / max(demand, 1e-9),
            lost=demand - float(self.sold[days, columns].sum()),
            order_lines=float((ordered > 0).sum()) / max(ordered.size, 1),
            bullwhip=_bullwhip(ordered, self.sold[days, columns]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """fill: units sold of units asked for. stock_days: mean stock over mean daily demand. lost: units. order_lines:
    orders per series and day. bullwhip: variance of weekly orders over variance of weekly sales, mean over the
    series."""

    fill: float
    stock_days: float
    lost: float
    order_lines: float
    bullwhip: float


def _bullwhip(ordered: Floats, sold: Floats) -> float:
    weeks = len(ordered) // 7
    if weeks < 2:
        return float("nan")
    both = [each[: weeks * 7].reshape(weeks, 7, -1).sum(axis=1).var(axis=0) for each in (ordered, sold)]
    usable = both[1] > 0
    return float((both[0][usable] / both[1][usable]).mean()) if usable.any() else float("nan")


def play(world: World, planner: Planner, opening: Floats) -> Played:
    """Return what happens over all days of the world. opening: stock on the first morning."""
    days, series = world.demand.shape
    longest = int(world.lead_days.max()) + 1
    stock = opening.astype(np.float64).copy()
    coming, told = np.zeros((days + longest, series)), np.zeros((days + longest, series))
    sold, held, ordered = (np.zeros((days, series)) for _ in range(3))
    columns = np.arange(series)
    snapshot, seen = stock.copy(), np.full(series, -1)  # the stock of the last report, and its day
    received = np.zeros((days + longest + 1, series))  # told arrivals, summed up to and without a day
    on_order = np.zeros(series)  # all that is told to arrive from the first day on
    for today in range(days):
        news = today - 1 - world.late
        if news >= 0:
            here = world.reported[news]
            units = np.where(here, sold[news], np.nan)
            planner.see(world.first_day + timedelta(days=news), units, here & (held[news] <= 0))
            snapshot, seen = np.where(here, held[news], snapshot), np.where(here, news, seen)
        stock += coming[today]
        position = snapshot + on_order - received[seen + 1, columns]
        if today % world.review_days:
            wanted = np.zeros(series)
        else:
            view = View(day=world.first_day + timedelta(days=today), position=position, age=today - 1 - seen)
            wanted = planner.order(view)
        shipped = np.floor(np.round(wanted * world.shipped[today] / world.pack, 9)) * world.pack
        due = today + world.lead_days
        coming[due, columns] += shipped
        expected = shipped if world.asn else wanted
        told[due, columns] += expected
        on_order += expected
        if not world.lead_days.all():
            stock += np.where(world.lead_days == 0, shipped, 0.0)
        received[today + 1] = received[today] + told[today]
        sold[today] = np.minimum(stock, world.demand[today])
        stock = stock - sold[today]
        held[today], ordered[today] = stock, wanted
    return Played(first_day=world.first_day, sold=sold, stock=held, ordered=ordered, demand=world.demand)
