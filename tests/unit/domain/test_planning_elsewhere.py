"""A night whose shards other processes compute: the same figures to the last bit, also when one of them dies."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from domain_scene import SELF, WAREHOUSE, context
from sqlalchemy import select, text
from test_planning_looking import FIRST, OWN_HERE, PLACES, UTC, Season

from gateway.app import looking
from gateway.app.house import accept_internal
from gateway.app.looking import looked_over
from gateway.app.planning_ahead import RunsAhead
from gateway.app.planning_night import night_of
from gateway.app.planning_shards import Elsewhere, PlanTask, Source, plan_ahead
from gateway.app.planning_workers import PlanningWorkers, dask_workers, pool_workers
from gateway.app.processing import Processing
from gateway.app.rounds import Rounds
from gateway.app.workers import Workers
from gateway.domain.replenishment.ahead import with_ahead
from gateway.domain.replenishment.facts import Pair, PlannedAhead
from gateway.domain.table import decide, needs
from gateway.model.effects import Effect
from gateway.model.faults import OurFault
from gateway.model.planning import PlanningTerms
from gateway.model.replenishment import PlanningRequest, PlanningWord, PlanValue
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.ports.workers import Workers as PlanWorkers
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.tables_kept import plan_due, plan_shard
from tests.stepped_clock import SteppedClock

T = TypeVar("T")
R = TypeVar("R")
MORNING = datetime.combine(FIRST + timedelta(days=44), time(6), UTC)
PLANNED: PlanningTerms = OWN_HERE.planning  # type: ignore[assignment]


def the_book() -> Book:
    return Book(digest="d", partners=context().partners, own=OWN_HERE, zones={"UTC": UTC})


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    journal = SqlJournal.open(tmp_path_factory.mktemp("season") / "journal.sqlite", MemoryBlobs())
    found = Season(journal)
    for n in range(44):
        found.day(FIRST + timedelta(days=n), odd=n > 36)
    found.take(PlanningRequest(id="L", issued_at=MORNING, learn=True), MORNING, SELF)
    yield found
    journal.close()


def source_of(season: Season) -> Source:
    return Source(address=str(season.journal.reader.url.database), digest="d", build=the_book)


def looked(season: Season, workers: PlanWorkers | None, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Look with nothing kept; return all that the look has written."""
    monkeypatch.setattr(looking, "LOOK_FROM", 0)
    monkeypatch.setattr(looking, "SHARE_FROM", 0)

    def nothing(tx: Tx) -> None:
        for table in (plan_due, plan_shard):
            tx.connection.execute(table.delete())  # type: ignore[attr-defined]

    def written(tx: Tx) -> dict[str, list[Any]]:
        chosen = [plan_due.select().order_by(*plan_due.c), select(plan_shard).order_by(plan_shard.c.bucket)]
        return {str(n): list(map(tuple, tx.connection.execute(each))) for n, each in enumerate(chosen)}  # type: ignore[attr-defined]

    season.journal.write(nothing)
    elsewhere = None if workers is None else Elsewhere(workers=workers, source=source_of(season))
    looked_over(season.journal, the_book(), "night", MORNING, elsewhere)
    return season.journal.read(written)


def _dies_once(mark: Path, work: Callable[[T], R], task: T) -> R:
    """The process that comes first dies in the middle of its shard."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return work(task)
    work(task)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@dataclass
class Mortal:
    """Workers of which one dies in its first shard."""

    workers: PlanWorkers
    mark: Path

    def each(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
        return self.workers.each(partial(_dies_once, self.mark, work), tasks)


@dataclass
class Nobody:
    def each(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
        yield tasks[0], work(tasks[0])
        raise OurFault("plan.workers-away", value="tcp://nowhere:1")


def test_shards_of_a_look_in_processes_of_their_own_are_to_the_last_bit_those_of_one_process(
    season: Season, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = looked(season, None, monkeypatch)
    assert len(here["1"]) == 2, "two shards"
    assert len(here["0"]) > 3, "and something is due"
    pool = pool_workers(2)
    assert looked(season, Mortal(pool, tmp_path / "mark"), monkeypatch) == here, "a worker died in the middle"
    assert (tmp_path / "mark").exists()


@pytest.mark.soak
def test_a_cluster_of_dask_computes_the_same_also_when_one_of_its_processes_is_killed(
    season: Season, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from distributed import LocalCluster  # slow to import

    here = looked(season, None, monkeypatch)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        workers = dask_workers(cluster.scheduler_address)
        assert looked(season, Mortal(workers, tmp_path / "mark"), monkeypatch) == here, "one died in the middle"
        assert (tmp_path / "mark").exists()
        task = PlanTask(source=source_of(season), now=MORNING, request=asked(0, 1))
        ((_, ahead),) = workers.each(plan_ahead, [task])
        effects, made = decided(season, task.request, ahead)
        assert effects == decided(season, task.request)[0]
        assert made
    with pytest.raises(OurFault, match=r"plan\.workers-away"):
        list(dask_workers("tcp://127.0.0.1:9").each(plan_ahead, [task]))


def test_where_the_workers_go_away_the_rest_is_looked_at_here(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    here = looked(season, None, monkeypatch)
    assert looked(season, Nobody(), monkeypatch) == here


def asked(number: int = 0, of: int = 2) -> PlanningRequest:
    return PlanningRequest(id=f"P-{number}", issued_at=MORNING, shard=number, shards=of)


def decided(
    season: Season, request: PlanningRequest, ahead: PlannedAhead | None = None
) -> tuple[tuple[Effect, ...], set[Pair]]:
    """Return what a run would write now, and of which items and places it has taken the plans made ahead."""
    about = replace(context(SELF, 99, OWN_HERE), now=MORNING, zones={"UTC": UTC})
    wanted = with_ahead(needs(request, about), ahead, about)
    snapshot = season.journal.read(lambda tx: tx.snapshot(wanted, WAREHOUSE))
    return decide(request, about, snapshot).effects, set(snapshot.planning.made)


def test_plans_made_ahead_in_other_processes_are_to_the_last_bit_those_of_the_run_itself(season: Season) -> None:
    tasks = [PlanTask(source=source_of(season), now=MORNING, request=asked(number)) for number in range(2)]
    found = dict(pool_workers(2).each(plan_ahead, tasks))
    taken: set[Pair] = set()
    for task in tasks:
        alone, _ = decided(season, task.request)
        effects, made = decided(season, task.request, found[task])
        assert effects == alone
        taken |= made
    assert len(taken) == 2 * len(OWN_HERE.items), "every item at both places"


def test_what_is_told_in_between_makes_plans_old(season: Season) -> None:
    night = night_of(season.journal, the_book(), PLANNED, "P", MORNING)
    ahead = season.journal.read(lambda tx: night.plan(asked(0, 1), tx))
    _, before = decided(season, asked(0, 1), ahead)
    gtin, other = sorted({gtin for _, gtin in before})[:2]
    first, second = PLACES
    season.take(
        PlanningWord(
            id="w", issued_at=MORNING, kind="parameters", user="t", values=(
                PlanValue(place=first, gtin=gtin, name="presentation", value="70"),
            ),
        ),
        MORNING, SELF,
    )  # fmt: skip
    alone, _ = decided(season, asked(0, 1))
    effects, made = decided(season, asked(0, 1), ahead)
    assert effects == alone
    assert before - made == {(first, gtin)}, "what is set for an item makes its plan old"
    season.take(season.sales(second, MORNING.date() - timedelta(days=3), "late"), MORNING)
    effects, made = decided(season, asked(0, 1), ahead)
    assert effects == decided(season, asked(0, 1))[0] != alone
    assert made == {(place, each) for place, each in before if place == first} - {(first, gtin)}
    dearer = replace(OWN_HERE.items[other], pack=Decimal(7))
    about = replace(context(SELF, 99, replace(OWN_HERE, items={**OWN_HERE.items, other: dearer})), now=MORNING)
    wanted = with_ahead(needs(asked(0, 1), about), ahead, about).planning
    assert wanted is not None
    assert wanted.ahead is not None
    assert before - wanted.ahead.plans.keys() == {(first, other), (second, other)}, "so does another pack"


@dataclass
class Here:
    """Tasks computed by this process, as another one would: from the source alone."""

    done: list[str]

    def each(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
        for task in tasks:
            self.done.append(str(task))
            yield task, work(task)


def processed(
    season: Season, file: Path, done: list[str] | None, worker: type[Here] = Here, rounds: Rounds | None = None
) -> list[list[tuple[Any, ...]]]:
    """Run four shards over a copy of the season's journal, through the lane; return what is ordered and planned."""
    with sqlite3.connect(str(season.journal.reader.url.database)) as one, sqlite3.connect(file) as other:
        one.backup(other)
    journal = SqlJournal.open(file, MemoryBlobs())
    source = Source(address=str(file), digest="d", build=the_book)
    elsewhere = None if done is None else Elsewhere(workers=worker(done), source=source)
    found = Processing(
        journal=journal,
        book=the_book,
        workers=Workers(the_book, 0),
        clock=SteppedClock(MORNING),
        owner="test",
        on_parcels=lambda: None,
        wake=lambda lane: None,
        ahead=RunsAhead(elsewhere=lambda: elsewhere, rounds=rounds or Rounds(now=lambda: MORNING)),
    )

    def ask(tx: Tx) -> None:
        for number in range(4):
            accept_internal(tx, the_book(), asked(number, 4), MORNING)

    try:
        commits = journal.commits
        journal.write(ask)
        asyncio.run(found.drain("self"))
        assert journal.commits - commits > 4, "each shard is a transaction of its own"
        with journal.reader.connect() as connection:
            return [[tuple(row) for row in connection.execute(text(each))] for each in _WRITTEN]
    finally:
        journal.close()


_WRITTEN = (
    "SELECT location, gtin, status, quantity, why FROM plan_line ORDER BY location, gtin",
    "SELECT partner, order_number, gtin, ordered FROM order_line ORDER BY 1, 2, 3",
    "SELECT business_number, state, document_type FROM message ORDER BY 1",
)


def test_a_run_through_the_lane_writes_what_it_would_have_written_without_plans_made_ahead(
    season: Season, tmp_path: Path
) -> None:
    done: list[str] = []
    alone = processed(season, tmp_path / "alone.sqlite", None)
    ahead = processed(season, tmp_path / "ahead.sqlite", done)
    assert done == ["P-0", "P-1", "P-2", "P-3"]
    assert ahead == alone
    assert all(len(each) > 3 for each in alone), "plans, ordered lines and the documents of the run"


class Broken(Here):
    """Computes one task; the second meets a fault of our own."""

    def each(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
        yield from super().each(work, tasks[:1])
        raise RuntimeError("no plan is made")


def test_a_bug_in_planning_ahead_keeps_no_run_from_its_orders_and_is_told(season: Season, tmp_path: Path) -> None:
    rounds = Rounds(now=lambda: MORNING)
    done: list[str] = []
    broken = processed(season, tmp_path / "broken.sqlite", done, worker=Broken, rounds=rounds)
    assert done == ["P-0"]
    assert broken == processed(season, tmp_path / "alone.sqlite", None)
    assert [(each.name, each.times) for each in rounds.failing()] == [("planning-ahead", 1)]


class Fragile(Executor):
    """An executor of one process that task 3 ends."""

    started = 0

    def __init__(self, processes: int) -> None:
        Fragile.started += 1

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        found: Future[R] = Future()
        if args == (3,):
            found.set_exception(BrokenProcessPool())
        else:
            found.set_result(fn(*args))
        return found


def _twice(task: int) -> int:
    return 2 * task


def test_a_shard_that_no_process_survives_is_a_fault_and_all_others_are_done() -> None:
    done = []
    found = PlanningWorkers(start=Fragile, processes=1).each(_twice, [1, 2, 3, 4, 5])
    with pytest.raises(OurFault) as caught:
        done += [next(found) for _ in range(5)]
    assert (caught.value.code, caught.value.value) == ("plan.worker-lost", "3")
    assert Fragile.started > 2, "the guilty one was tried alone"
