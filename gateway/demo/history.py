"""Ninety days in a minute: step the clock, let everybody trade that day, and when all is quiet go to the next."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from gateway.demo import story
from gateway.demo.links import Gateway, Remote, insist, until_quiet
from gateway.demo.world import Places, Progress, morning, set_clock

QUIET_WAIT_S = 30.0
NUDGE = timedelta(minutes=5)  # moves waiting retries on when a day does not come to rest by itself
LEAVE_OPEN_DAYS = 2  # before today nobody approves any more: that is left to a person


class History:
    """Runs the days that are still missing."""

    def __init__(
        self, places: Places, gateway: Gateway, partners: dict[str, Remote], say: Callable[[str], None]
    ) -> None:
        self._places = places
        self._gateway = gateway
        self._partners = partners
        self._say = say

    async def run(self, progress: Progress) -> Progress:
        """Return the progress when the last day is complete. A day that was cut off is done again; nothing doubles."""
        if progress.live:
            return progress
        if progress.day is not None:
            progress = await recall_trucks(progress, self._partners["quellhof"])
        total = (progress.last_day - progress.first_day).days + 1
        show = story.ProgressBar(total, self._say, on_terminal=sys.stdout.isatty())
        day = progress.day + timedelta(days=1) if progress.day else progress.first_day
        while day <= progress.last_day:
            trucks = await self._do(day, progress)
            progress = replace(progress, day=day, trucks=tuple(trucks))
            progress.save(self._places.progress)
            show.step((day - progress.first_day).days + 1, day)
            day += timedelta(days=1)
        return progress

    async def _do(self, day: date, progress: Progress) -> list[Any]:
        """Trade one day; return the trucks that are on the road at its end."""
        set_clock(self._places.clock, morning(day))
        if day == progress.first_day:
            await insist(self._partners["warehouse"].act, "count")
        arriving = [each for each in progress.trucks if each["arrives_on"] <= day.isoformat()]
        await self._unload(arriving)
        traders = [each for each in self._partners.values() if each.settings.behaviour != "guest"]
        answers = await asyncio.gather(*(insist(each.day) for each in traders), self._plan())
        await self._settle(day)
        if day < progress.last_day - timedelta(days=LEAVE_OPEN_DAYS) and await self._approve_all():
            await self._settle(day)  # the clock must not jump while somebody is at work: leases would run out
        left = [truck for answer in answers for truck in answer["trucks"]]
        known = {each["desadv"] for each in progress.trucks}
        waiting = [each for each in progress.trucks if each not in arriving]
        return waiting + [each for each in left if each["desadv"] not in known]

    async def _unload(self, trucks: Sequence[Any]) -> None:
        depot = self._partners["warehouse"]
        await asyncio.gather(*(insist(depot.act, "receive", **truck) for truck in trucks))

    async def _plan(self) -> dict[str, Any]:
        await insist(self._gateway.run_plan)
        return {"trucks": []}

    async def _settle(self, day: date) -> None:
        """Wait until everybody is done. Retries that wait for later are moved on by moving the clock."""
        later = morning(day)
        while not await until_quiet(self._gateway, list(self._partners.values()), QUIET_WAIT_S):
            later += NUDGE
            set_clock(self._places.clock, later)
            self._say(story.slow_day(day))

    async def _approve_all(self) -> bool:
        """In the past somebody has approved what was above the limit; tell whether there was anything."""
        waiting = await insist(self._gateway.proposals, "proposed")
        for proposal in waiting:
            await insist(self._gateway.approve, proposal["id"])
        return bool(waiting)


async def recall_trucks(progress: Progress, supplier: Remote) -> Progress:
    """Ask the supplier for every truck that ever left: the scene may have ended before it wrote one down.

    One that has been unloaded long ago does no harm: the warehouse reports each truck once.
    """
    answer = await insist(supplier.act, "trucks")
    return replace(progress, trucks=tuple(answer["trucks"]))
