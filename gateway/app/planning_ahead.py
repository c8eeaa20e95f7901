"""The shards of a large run, planned in processes of their own before each has its transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from gateway.app.rounds import Rounds
from gateway.domain.replenishment.facts import PlannedAhead
from gateway.model.json_form import loads
from gateway.model.replenishment import PlanningRequest
from gateway.pipeline.prepare import Prepared
from gateway.ports.records import MessageRow

if TYPE_CHECKING:  # the formulas are slow to import
    from gateway.app.planning_shards import Elsewhere

AHEAD_FROM = 3  # shards one after the other: fewer are planned sooner than another process has started
AT_ONCE = 16  # shards of one round: what is planned ahead soon has its transaction


def run_of(document_type: str | None, document: str | None) -> PlanningRequest | None:
    """Return the request of a shard of a run that has several; None for any other document."""
    if document_type != "PlanningRequest":
        return None
    found = loads(document or "")
    return found if isinstance(found, PlanningRequest) and found.shards > 1 and not found.learn else None


def holds_run(prepared: Prepared) -> bool:
    """Tell whether an arrival is a shard of a run: it gets a transaction of its own, so that intake goes on between."""
    return any(run_of(each.document_type, each.document) is not None for each in prepared.messages)


def stretches(messages: Sequence[MessageRow]) -> Iterator[tuple[bool, list[tuple[MessageRow, PlanningRequest | None]]]]:
    """Yield messages that follow each other, in their order: shards of a run (True), or others."""
    found = [(each, run_of(each.document_type, each.document)) for each in messages]
    for is_run, some in groupby(found, key=lambda pair: pair[1] is not None):
        yield is_run, list(some)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsAhead:
    """elsewhere: of app.planning_workers; None: every run plans for itself."""

    elsewhere: Callable[[], "Elsewhere | None"]
    rounds: Rounds

    def of(
        self, messages: Sequence[tuple[MessageRow, PlanningRequest]], now: datetime
    ) -> Iterator[tuple[MessageRow, PlannedAhead | None]]:
        """Yield shards that follow each other, in their order, with what was planned for them; None: nothing was."""
        left = [row for row, _ in messages]
        if len(messages) >= AHEAD_FROM:
            with self.rounds.told("planning-ahead"):  # what is left is planned in its transaction
                for _, made in self._planned(messages, now):
                    yield left.pop(0), made
        for row in left:
            yield row, None

    def _planned(
        self, messages: Sequence[tuple[MessageRow, PlanningRequest]], now: datetime
    ) -> Iterator[tuple[MessageRow, PlannedAhead]]:
        """Yield what other processes plan, each when those before it are there."""
        elsewhere = self.elsewhere()
        if elsewhere is None:
            return
        from gateway.app.planning_shards import PlanTask, plan_ahead

        rows = {request.id: row for row, request in messages}
        tasks = [PlanTask(source=elsewhere.source, now=now, request=request) for _, request in messages]
        there: dict[str, PlannedAhead] = {}
        wanted = iter(tasks)
        next_one = next(wanted, None)
        for task, made in elsewhere.workers.each(plan_ahead, tasks):
            there[task.request.id] = made
            while next_one is not None and next_one.request.id in there:
                yield rows[next_one.request.id], there.pop(next_one.request.id)
                next_one = next(wanted, None)
