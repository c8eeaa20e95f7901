"""What all shards of a planning night share, read once by each process that computes some of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, cast

from gateway.app.house import OWN
from gateway.app.planning import standings
from gateway.domain.decision import Context
from gateway.domain.replenishment import plan
from gateway.domain.replenishment.docked_items import docked_items
from gateway.domain.replenishment.facts import PlannedAhead, PlanScope
from gateway.domain.replenishment.inputs import local
from gateway.domain.replenishment.learned import from_json
from gateway.domain.replenishment.looking import About
from gateway.domain.replenishment.plan_ahead import plan_ahead, scope_ahead
from gateway.domain.replenishment.prices import price_lists
from gateway.model.partner import ItemRecord
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.replenishment import PartnerStanding, PlanningRequest
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.store import planning_ahead, planning_kept, planning_records, planning_snapshot
from gateway.store.access import SqlTx
from gateway.store.planning_kept import Seen, ShardScope

T = TypeVar("T")


class Reads(Protocol):
    """A journal, as far as a night reads it."""

    def read(self, work: Callable[[Tx], T]) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """The planned places of one agreement whose names fall into one bucket."""

    agreement: str
    bucket: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """name: of the run; items: ours, as our house says them; learned: as records, by agreement."""

    name: str
    now: datetime
    book: Book
    agreements: Mapping[str, PlanAgreement]
    scope: PlanScope
    standings: Mapping[str, PartnerStanding]
    learned: Mapping[str, str]
    items: Mapping[str, ItemRecord]

    def look_at(self, shard: Shard, tx: Tx) -> Seen:
        """Look over a shard; nothing is written."""
        terms = self.agreements[shard.agreement]
        about = About(
            agreement=terms,
            items=self.items,
            learned=from_json(self.learned[terms.id]) if terms.id in self.learned else None,
            standing=self.standings.get(terms.partner or ""),
            now=local(self.now, self.book.zones.get(terms.calendar.zone)),
        )
        within = ShardScope(
            run=self.name,
            bucket=shard.bucket,
            places=shard.places,
            scope=self.scope,
            warehouse=self.book.own.warehouse,
        )
        return planning_kept.looked_at(cast("SqlTx", tx).connection, within, about)

    def plan(self, request: PlanningRequest, tx: Tx) -> PlannedAhead:
        """Plan a shard of the run before its transaction; nothing is written."""
        own, connection = replace(self.book.own, items=self.items), cast("SqlTx", tx).connection
        context = Context(
            partner=self.book.partner(OWN), own=own, partners=self.book.partners, now=self.now, serial=0,
            zones=self.book.zones,
        )  # fmt: skip
        scope, terms = plan.needs(request, context).planning, own.planning
        assert scope is not None  # without planned places there is no night
        assert terms is not None
        known = planning_snapshot.planning(connection, scope_ahead(scope, terms), own.warehouse)
        noted = planning_ahead.noted(connection, {place for place, _ in known.pairs})
        marked = {pair: by for pair, by in planning_ahead.marked(connection).items() if pair in known.pairs}
        return plan_ahead(request, context, terms, known, noted, marked)


def shards_of(terms: PlanningTerms) -> list[Shard]:
    """Return the shards of a night: the places of customers."""
    places = {each.id: _own_places(terms, each) for each in terms.agreements if each.method != "purchase"}
    return [
        Shard(agreement=agreement, bucket=bucket, places=within)
        for agreement, bucket, within in planning_kept.shards(places)
    ]


def night_of(journal: Reads, book: Book, terms: PlanningTerms, name: str, now: datetime) -> Night:
    """Read what the shards of a night share."""
    first_day = plan.history_from(now.date(), terms.history_days)
    scope = PlanScope(
        since=first_day - timedelta(days=plan.HISTORY_STEP),
        first_day=first_day,
        today=now.date(),
        places=terms.places,
        agreements={place: (each.id, each.partner) for each in reversed(terms.agreements) for place in each.places},
        price_lists=price_lists(book.partners, terms, now.date()),
    )

    docked = docked_items(book.own, terms)

    def work(tx: Tx) -> Night:
        found = {**book.own.items, **tx.items(sorted(book.own.items))}
        return Night(
            name=name,
            now=now,
            book=book,
            agreements={each.id: each for each in terms.agreements},
            scope=scope,
            standings={each.partner: each for each in standings(tx, book, now)},
            learned=planning_records.learned(cast("SqlTx", tx).connection),
            items={gtin: each for gtin, each in found.items() if gtin not in docked},  # those are planned one by one
        )

    return journal.read(work)


def _own_places(terms: PlanningTerms, agreement: PlanAgreement) -> tuple[str, ...]:
    return tuple(place for place in agreement.places if terms.of_place(place) is agreement)
