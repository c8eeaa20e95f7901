"""Figures of trade from the records: scorecards, figures by item, place and month, and the documents behind each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from gateway.domain.measures.facts import Facts, Part
from gateway.domain.measures.scorecard import BY_NAME, By, Figure, grouped, scorecard
from gateway.domain.replenishment.categories import Category, tree
from gateway.domain.replenishment.root_causes import CauseCount, Stockout, counted, stockouts
from gateway.store.measures_deliveries import Scope
from gateway.store.measures_rows import read_facts
from gateway.store.paid_costs import paid_costs

MOST_PARTS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """partner None: of all. first, last: the period, both included."""

    partner: str | None
    first: date
    last: date
    figures: tuple[Figure, ...]

    def of(self, name: str) -> Figure:
        """Return the figure of that name. Raises KeyError."""
        return {each.name: each for each in self.figures}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """What one document adds to a figure. document: its number."""

    document: str
    on: date
    place: str
    gtin: str
    top: Decimal
    bottom: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Stockouts:
    """causes: the most frequent first, their shares sum to 1. days: the latest first."""

    causes: tuple[CauseCount, ...]
    days: tuple[Stockout, ...]


class MeasureViews:
    """today: the day now: nothing is judged before it is over. costs: of a unit by GTIN, to weigh stock with, where
    no supplier's invoice of the last year has told what was paid."""

    _engine: Engine

    def scorecard(
        self,
        partner: str | None,
        first: date,
        last: date,
        today: date,
        *,
        gtin: str | None = None,
        place: str | None = None,
        early_days: int | None = 1,
        costs: Mapping[str, Decimal] | None = None,
    ) -> Scorecard:
        """Return every figure of a period, with the value of the equal period before it."""
        scope = Scope(partner=partner, first=first, last=last, today=today, gtin=gtin, place=place)
        length = (last - first).days + 1
        earlier = replace(scope, first=first - timedelta(days=length), last=first - timedelta(days=1))
        before = scorecard(self._facts(earlier, early_days, costs))
        figures = scorecard(self._facts(scope, early_days, costs), before)
        return Scorecard(partner=partner, first=first, last=last, figures=figures)

    def measure_groups(
        self,
        name: str,
        by: By,
        partner: str | None,
        first: date,
        last: date,
        today: date,
        *,
        gtin: str | None = None,
        place: str | None = None,
        early_days: int | None = 1,
        costs: Mapping[str, Decimal] | None = None,
    ) -> tuple[Figure, ...]:
        """Return one measure by item, place or month. Raises KeyError for an unknown name."""
        scope = Scope(partner=partner, first=first, last=last, today=today, gtin=gtin, place=place)
        return grouped(BY_NAME[name], self._facts(scope, early_days, costs), by)

    def measure_parts(
        self,
        name: str,
        partner: str | None,
        first: date,
        last: date,
        today: date,
        *,
        gtin: str | None = None,
        place: str | None = None,
        early_days: int | None = 1,
        costs: Mapping[str, Decimal] | None = None,
        limit: int = MOST_PARTS,
    ) -> tuple[PartRow, ...]:
        """Return what each document adds to a measure, the worst first. Raises KeyError for an unknown name."""
        scope = Scope(partner=partner, first=first, last=last, today=today, gtin=gtin, place=place)
        measure = BY_NAME[name]
        parts = list(measure.parts(self._facts(scope, early_days, costs)))
        sign = -1 if measure.better == "low" else 1
        parts.sort(key=lambda each: (sign * _worth(each), each.on, each.document, each.place, each.gtin))
        return tuple(
            PartRow(
                document=each.document, on=each.on, place=each.place, gtin=each.gtin, top=each.top, bottom=each.bottom
            )
            for each in parts[:limit]
        )

    def categories(
        self,
        partner: str | None,
        first: date,
        last: date,
        today: date,
        *,
        category_of: Mapping[str, str | None],
        place: str | None = None,
    ) -> tuple[Category, ...]:
        """Return the tree of categories with what was sold and is left. category_of: by GTIN."""
        scope = Scope(partner=partner, first=first, last=last, today=today, place=place)
        return tree(self._facts(scope, None, None), category_of)

    def stockouts(
        self,
        partner: str | None,
        first: date,
        last: date,
        today: date,
        *,
        gtin: str | None = None,
        place: str | None = None,
        limit: int = MOST_PARTS,
    ) -> Stockouts:
        """Return why shelves were empty in a period: counts by cause, and the latest days."""
        scope = Scope(partner=partner, first=first, last=last, today=today, gtin=gtin, place=place)
        found = stockouts(self._facts(scope, None, None))
        latest = sorted(found, key=lambda each: (-each.day.toordinal(), each.place, each.gtin))
        return Stockouts(causes=counted(found), days=tuple(latest[:limit]))

    def _facts(self, scope: Scope, early_days: int | None, costs: Mapping[str, Decimal] | None) -> Facts:
        with self._engine.connect() as connection:
            found = read_facts(connection, scope)
            counted_items = {gtin for _, gtin in found.shelf} if costs is not None else set()
            paid = paid_costs(connection, counted_items, scope.last)
        return replace(found, early_days=early_days, costs={**(costs or {}), **paid})


def _worth(part: Part) -> Decimal:
    return part.top / part.bottom if part.bottom else part.top
