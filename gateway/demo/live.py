"""Trade in real time: something happens every few seconds; a day's journey of a truck takes a minute."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import cycle
from typing import Any

from gateway.app.clock import SystemClock
from gateway.demo import cast, story
from gateway.demo.demand import draw
from gateway.demo.history import recall_trucks, trades_on
from gateway.demo.links import Away, Gateway, Remote, insist, one_of_each_process, until_quiet
from gateway.demo.world import SEED, Places, Progress, set_clock

PAUSE_S = (3.0, 6.0)
QUIET_WAIT_S = 20.0
LEFT_FOR_A_PERSON = 3  # proposals above the limit; when more wait, the oldest is approved as the planner would do
ROUND = (
    ("nordmarkt", "order"),
    ("warehouse", "ship"),
    ("stadtkette", "sales"),
    ("scene", "plan"),
    ("stadtkette", "order"),
    ("quellhof", "despatch"),
    ("warehouse", "ship"),
    ("nordmarkt", "sales"),
    ("seegarten", "order"),
    ("warehouse", "receive"),
    ("halbscheffel", "despatch"),
    ("stillfracht", "despatch"),
    ("warehouse", "ship"),
)


class Live:
    """Plays ROUND over and over."""

    def __init__(
        self, places: Places, gateway: Gateway, partners: dict[str, Remote], say: Callable[[str], None]
    ) -> None:
        self._places = places
        self._gateway = gateway
        self._partners = partners
        self._say = say
        self._clock = SystemClock()
        self._today: date | None = None

    async def run(self, progress: Progress) -> None:
        """Trade until cancelled."""
        set_clock(self._places.clock, self._clock.now())
        progress = await recall_trucks(progress, self._partners.values())
        if not progress.live:
            await self._leave_work_for_a_person()
            progress = replace(progress, live=True)
        progress.save(self._places.progress)
        self._say(story.LIVE)
        idle = set() if progress.season else cast.SEASONAL
        acts = [(name, what) for name, what in ROUND if name == "scene" or name in self._partners.keys() - idle]
        for count, (name, what) in enumerate(cycle(acts)):
            try:
                progress = await self._begin_day(progress)
                progress, happened = await self._step(name, what, progress)
            except Away:
                happened = False
            if happened:
                await asyncio.sleep(draw(SEED, "pause", count).uniform(*PAUSE_S))
            else:
                await asyncio.sleep(0.2)

    async def _begin_day(self, progress: Progress) -> Progress:
        """On the first look and after midnight everybody does the routine of the day."""
        today = self._clock.now().date()
        if today == self._today:
            return progress
        traders = [each for each in self._partners.values() if trades_on(each.settings, today)]
        answers = await asyncio.gather(*(each.day() for each in traders))
        self._today = today
        return self._with_trucks(progress, [truck for answer in answers for truck in answer["trucks"]])

    def _with_trucks(self, progress: Progress, trucks: Sequence[Any]) -> Progress:
        """Write down the trucks that have left."""
        if trucks:
            progress = replace(progress, trucks=(*progress.trucks, *trucks))
            progress.save(self._places.progress)
        return progress

    async def _step(self, name: str, what: str, progress: Progress) -> tuple[Progress, bool]:
        """Do one act; tell whether it caused anything."""
        if what == "plan":
            await self._gateway.run_plan()
            await self._approve_surplus()
            return progress, True
        if what == "receive":
            return await self._unload_one(progress)
        answer = await self._partners[name].act(what)
        self._tell(name, answer)
        return self._with_trucks(progress, answer["trucks"]), bool(answer["sent"])

    async def _unload_one(self, progress: Progress) -> tuple[Progress, bool]:
        while progress.trucks:
            truck, *others = progress.trucks
            answer = await self._partners["warehouse"].act("receive", **truck)
            progress = replace(progress, trucks=tuple(others))
            progress.save(self._places.progress)
            if any(each["attempts"] and _is_new(each, self._clock.now().date()) for each in answer["sent"]):
                self._tell("warehouse", answer)
                return progress, True
        return progress, False

    async def _approve_surplus(self) -> None:
        waiting = await self._gateway.proposals("proposed")
        if len(waiting) > LEFT_FOR_A_PERSON:
            oldest = waiting[-1]
            await self._gateway.approve(oldest["id"])
            self._say(story.approved(oldest["id"]))

    async def _leave_work_for_a_person(self) -> None:
        """Two orders that cannot be taken as they are, and a proposal above the limit."""
        grocer, asked = self._partners["nordmarkt"], one_of_each_process(self._partners.values())
        for what in ("unknown-item", "wrong-date"):
            await insist(grocer.act, what)
        for _ in range(4):
            if await insist(self._gateway.proposals, "proposed"):
                break
            await insist(grocer.act, "large-order")
            await until_quiet(self._gateway, asked, QUIET_WAIT_S)
            await insist(self._gateway.run_plan)
            await until_quiet(self._gateway, asked, QUIET_WAIT_S)

    def _tell(self, name: str, answer: dict[str, Any]) -> None:
        for each in answer["sent"]:
            self._say(story.sent(self._clock.now(), name, each))


def _is_new(entry: dict[str, Any], today: date) -> bool:
    """Tell whether an outbox entry was made today and not long ago, in the history."""
    return str(entry["queued_at"]).startswith(today.isoformat())
