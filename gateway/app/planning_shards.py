"""Shards of a night as tasks: what a process of its own reads, computes and gives back. It writes nothing.

A task holds numbers, names and our own definitions; what partners have said is read from the journal by the process.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from gateway.app.planning_night import Night, Shard, night_of
from gateway.domain.replenishment.facts import PlannedAhead
from gateway.model.replenishment import PlanningRequest
from gateway.pipeline.book import Book
from gateway.ports.workers import Workers
from gateway.store.planning_kept import Seen
from gateway.store.reading import ReadJournal


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """address: of the journal, see store.reading. build: makes the book of that digest in another process."""

    address: str
    digest: str
    build: Callable[[], Book] = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Where shards are computed other than here, from that source."""

    workers: Workers
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LookTask:
    """One shard of the look of that name."""

    source: Source
    name: str
    now: datetime
    shard: Shard

    def __str__(self) -> str:
        return f"{self.shard.agreement} {self.shard.bucket}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTask:
    """One shard of a run."""

    source: Source
    now: datetime
    request: PlanningRequest

    def __str__(self) -> str:
        return self.request.id


def look_at(task: LookTask) -> Seen:
    """Return what the look at a shard finds; of its figures only what is due, the rest is for tests."""
    night = _night(task.source, task.name, task.now)
    return _journal(task.source.address).read(lambda tx: night.look_at(task.shard, tx)).to_send()


def plan_ahead(task: PlanTask) -> PlannedAhead:
    """Return the plans of a shard, to be taken into its run."""
    night = _night(task.source, task.request.id.rpartition("-")[0], task.now)
    return _journal(task.source.address).read(lambda tx: night.plan(task.request, tx))


@lru_cache(maxsize=1)
def _journal(address: str) -> ReadJournal:
    return ReadJournal(address)


_books: dict[str, Book] = {}  # the book of the digest that this process has used last


def _book(source: Source) -> Book:
    if source.digest not in _books:
        _books.clear()
        _books[source.digest] = source.build()
    return _books[source.digest]


@lru_cache(maxsize=1)
def _night(source: Source, name: str, now: datetime) -> Night:
    book = _book(source)
    terms = book.own.planning
    assert terms is not None  # without it nobody asks
    return night_of(_journal(source.address), book, terms, name, now)
