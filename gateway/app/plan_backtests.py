"""Backtests of planning: a history played with each way of planning, in a process of its own, told as it goes."""

import asyncio
import logging
import multiprocessing
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any, cast

from gateway.app.house import OWN
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.domain.decision import Context
from gateway.domain.replenishment import plan
from gateway.domain.replenishment.facts import LEARNED_DAYS
from gateway.domain.replenishment.run_inputs import RunInputs
from gateway.domain.replenishment.trial import (
    Trial,
    chosen,
    described,
    figures,
    played,
    saving,
    trial_of,
)
from gateway.domain.replenishment.trial_terms import TrialTerms
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.replenishment import PlanningRequest
from gateway.ports.journal import Tx
from gateway.store import planning_records
from gateway.store.forms import micros
from gateway.store.plan_backtests import BacktestRows
from gateway.store.sql_tx import SqlTx
from gateway.store.view_backtests import Backtest

log = logging.getLogger(__name__)

MOST_OPEN = 5
LOST_AFTER = timedelta(minutes=5)  # without a word
WORD_EVERY_S = 1.0  # looked for a word of the child, and whether somebody has cancelled
WAITING_WORD_S = 20.0  # between two words of one that waits for its turn; well below LOST_AFTER
LONGEST_S = 3600.0
Row = dict[str, Any]


@dataclass(kw_only=True)
class PlanBacktests:
    """own_process False: played in the calling thread's process (the command line, tests)."""

    instance: Instance
    own_process: bool = True
    rows: BacktestRows = field(init=False)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.rows = BacktestRows(self.instance.journal)

    def start(self, terms: TrialTerms, user: str, partners: Collection[str] | None = None) -> str:
        """Begin; return the id. partners: whose agreements the person may see; None: all.

        Raises OurFault plan.agreement-unknown, plan.backtest-wrong, plan.backtests-many.
        """
        test_id, told = self._begin(terms, user, partners)
        threading.Thread(target=self._run, args=(test_id, terms, told), daemon=True).start()
        return test_id

    def run(self, terms: TrialTerms, user: str) -> Backtest:
        """Begin, and return when it is over. Raises as start, and what it fails with."""
        test_id, told = self._begin(terms, user, None)
        self._run(test_id, terms, told)
        return self.find(test_id)

    def find(self, test_id: str) -> Backtest:
        """Raises OurFault plan.backtest-unknown."""
        found = self.instance.views.backtest(test_id)
        if found is None:
            raise OurFault("plan.backtest-unknown", value=test_id[:40])
        return found

    def cancel(self, test_id: str, user: str) -> Backtest:
        """End it; one that is over stays as it is. Raises OurFault plan.backtest-unknown."""
        self.find(test_id)
        self.rows.cancel(test_id, user, self.instance.clock.now())
        return self.find(test_id)

    def remove(self, test_id: str, user: str) -> None:
        """Take a result away. Raises OurFault plan.backtest-unknown, plan.backtest-open."""
        self.find(test_id)
        if not self.rows.remove(test_id, user, self.instance.clock.now()):
            raise OurFault("plan.backtest-open", value=test_id[:40])

    def _begin(self, terms: TrialTerms, user: str, partners: Collection[str] | None) -> tuple[str, Row]:
        planned = self.instance.book.own.planning
        known = {each.id: each for each in planned.agreements} if planned is not None else {}
        agreement = known.get(terms.agreement)
        if agreement is None or (partners is not None and agreement.partner not in partners):
            raise OurFault("plan.agreement-unknown", Where(path="agreement"), value=terms.agreement[:80])
        terms.checked()
        now = self.instance.clock.now()
        self.rows.end_lost(now, now - LOST_AFTER)
        test_id = uuid7(self.instance.wall.now())
        told: Row = {
            "user": user,
            "begun": micros(now),
            "terms": asdict(terms),
            "played": {},
            "ways": [],
            "saving": None,
            "saving_tuned": None,
            "fault": None,
        }
        if self.rows.begin(test_id, agreement.partner, user, told, now) >= MOST_OPEN:
            self.rows.cancel(test_id, user, now)
            raise OurFault("plan.backtests-many", value=str(MOST_OPEN))
        return test_id, told

    def _run(self, test_id: str, terms: TrialTerms, told: Row) -> None:
        try:
            while not self._turn.acquire(timeout=WAITING_WORD_S):  # one at a time on this node
                if not self._tell(test_id, "waiting", told):
                    return
            try:
                self._play(test_id, terms, told)
            finally:
                self._turn.release()
        except OurFault as fault:
            if fault.code == "journal.closed":
                return  # the gateway ends meanwhile: the next one tells that this test is lost
            said = {
                "code": fault.code,
                "value": fault.value or "",
                "params": {k: str(v) for k, v in fault.params.items()},
            }
            self._tell(test_id, "failed", {**told, "fault": said})
        except Exception:
            log.exception("backtest")
            self._tell(test_id, "failed", {**told, "fault": {"code": "message.bug", "value": "", "params": {}}})

    def _play(self, test_id: str, terms: TrialTerms, told: Row) -> None:
        if not self._tell(test_id, "running", told):
            return
        trial = trial_of(self.gathered(terms), terms)
        told["played"] = described(trial)
        alive: Callable[[], bool] = lambda: self._tell(test_id, "running", told)  # noqa: E731
        steps = in_a_child(trial, alive) if self.own_process else rows_of(trial)
        for row in steps:
            told["ways"] = [*told["ways"], row]
            told["saving"] = saving(told["ways"])
            told["saving_tuned"] = saving(told["ways"], "stock_days")
            if not alive():
                return
        self._tell(test_id, "done", told)

    def _tell(self, test_id: str, state: str, told: Row) -> bool:
        return self.rows.note(test_id, state, told, self.instance.clock.now())

    def gathered(self, terms: TrialTerms) -> list[Any]:
        """Return the items and places of the terms with three years of history, as a learning run sees them."""
        book, now = self.instance.book, self.instance.clock.now()
        told = self.instance.journal.read(lambda tx: tx.items(sorted(book.own.items)))
        own = replace(book.own, items={**book.own.items, **told})
        context = Context(
            partner=book.partner(OWN), own=own, partners=book.partners, now=now, serial=0, zones=book.zones
        )
        request = PlanningRequest(id="backtest", issued_at=now, release=False, learn=True)
        needs = plan.needs(request, context)
        planned = own.planning
        if needs.planning is None or planned is None:
            raise OurFault("plan.agreement-unknown", value=terms.agreement[:80])
        agreed = next(each for each in planned.agreements if each.id == terms.agreement)
        places = tuple(each for each in agreed.places if not terms.places or each in terms.places)
        scope = replace(needs.planning, places=places)
        if terms.items:
            scope = replace(scope, sample=0, pairs=frozenset((p, i) for p in places for i in terms.items))

        def read(tx: Tx) -> Any:
            snapshot = tx.snapshot(replace(needs, planning=scope), book.own.warehouse)
            learned = planning_records.learned(cast("SqlTx", tx).connection)
            return replace(snapshot, planning=replace(snapshot.planning, learned=learned))

        snapshot = self.instance.journal.read(read)
        found = RunInputs(request, context, snapshot, planned).gather(history_days=LEARNED_DAYS)
        return chosen(found.inputs, terms)


def rows_of(trial: Trial) -> Iterator[Row]:
    """Yield the figures of each way as it is done."""
    for name, outcome in played(trial):
        if outcome is not None:
            yield figures(name, outcome)


def _child(connection: Connection, trial: Trial) -> None:
    for row in rows_of(trial):
        connection.send(row)
    connection.send(None)


def in_a_child(trial: Trial, alive: Callable[[], bool]) -> Iterator[Row]:
    """Yield the figures that a process of its own computes; it is ended when alive says no, or nobody asks any more.

    Raises OurFault plan.backtest-lost when it ends by itself or takes longer than an hour.
    """
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    child = spawn.Process(target=_child, args=(there, trial), daemon=True)
    child.start()
    there.close()
    try:
        waited = 0.0
        while True:
            if not here.poll(WORD_EVERY_S):
                waited += WORD_EVERY_S
                if waited > LONGEST_S:
                    raise OurFault("plan.backtest-lost")
                if not alive():
                    return
                continue
            row = here.recv()
            if row is None:
                return
            yield row
    except EOFError:
        raise OurFault("plan.backtest-lost") from None
    finally:
        child.terminate()
        child.join()
        here.close()


class AsyncBacktests:
    """The same for handlers in the event loop: gateway.api.planning_actions.PlanActions."""

    backtests: PlanBacktests

    async def start_backtest(self, terms: TrialTerms, user: str, partners: Collection[str] | None = None) -> str:
        return await asyncio.to_thread(self.backtests.start, terms, user, partners)

    async def cancel_backtest(self, test_id: str, user: str) -> Backtest:
        return await asyncio.to_thread(self.backtests.cancel, test_id, user)

    async def remove_backtest(self, test_id: str, user: str) -> None:
        await asyncio.to_thread(self.backtests.remove, test_id, user)
