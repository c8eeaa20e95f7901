"""Ninety days in a minute: step the clock, let everybody trade that day, and when all is quiet go to the next."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from gateway.demo import cast, story
from gateway.demo.demand import PROMOTION_LIFT
from gateway.demo.links import Gateway, Remote, insist, one_of_each_process, until_quiet
from gateway.demo.settings import PartnerSettings
from gateway.demo.world import SEED, Places, Progress, morning, set_clock

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
            progress = await recall_trucks(progress, self._partners.values())
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
        if day == progress.season:
            await self._open_the_season(day)
        arriving = [each for each in progress.trucks if each["arrives_on"] <= day.isoformat()]
        await self._unload(arriving)
        traders = [each for each in self._partners.values() if trades_on(each.settings, day)]
        answers = await asyncio.gather(*(insist(each.day) for each in traders), self._plan())
        await self._settle(day)
        if cast.day_number(progress.season, day) == cast.STOCK_COUNT_ON:
            await self._recount()
            await self._settle(day)
        if day < progress.last_day - timedelta(days=LEAVE_OPEN_DAYS) and await self._approve_all():
            await self._settle(day)  # the clock must not jump while somebody is at work: leases would run out
        left = [truck for answer in answers for truck in answer["trucks"]]
        known = {waybill(each) for each in progress.trucks}
        waiting = [each for each in progress.trucks if each not in arriving]
        return waiting + [each for each in left if waybill(each) not in known]

    async def _open_the_season(self, day: date) -> None:
        """New items are in our range, and the promotions of the next weeks are told to the planner."""
        await insist(self._gateway.take_in, "items", "new-items.csv", cast.range_csv())
        items = self._partners["nordmarkt"].settings.items
        for each in cast.leaflets(SEED, items, day):
            event = {
                "id": f"LEAFLET-{each.first_day:%y%m%d}",
                "kind": "promotion",
                "name": f"Leaflet {each.first_day:%d.%m.}",
                "firstDay": each.first_day.isoformat(),
                "lastDay": each.last_day.isoformat(),
                "items": [{"gtin": gtin} for gtin in each.gtins],
                "mechanic": "leaflet",
                "uplift": f"{PROMOTION_LIFT - 1:.1f}",
            }
            await insist(self._gateway.tell_event, event)

    async def _recount(self) -> None:
        """Of the item of which most lies free on the shelf some pieces are missing."""
        stock = await insist(self._gateway.stock)
        known = {each.gtin for each in self._partners["warehouse"].settings.items}
        most = max((each for each in stock if each["gtin"] in known), key=lambda each: float(each["available"]))
        units = int(float(most["onHand"])) - cast.LOST_PIECES
        await insist(self._partners["warehouse"].act, "recount", gtin=most["gtin"], units=units)

    async def _unload(self, trucks: Sequence[Any]) -> None:
        depot = self._partners["warehouse"]
        await asyncio.gather(*(insist(depot.act, "receive", **truck) for truck in trucks))

    async def _plan(self) -> dict[str, Any]:
        await insist(self._gateway.run_plan)
        return {"trucks": []}

    async def _settle(self, day: date) -> None:
        """Wait until everybody is done. Retries that wait for later are moved on by moving the clock."""
        later = morning(day)
        asked = one_of_each_process(self._partners.values())
        while not await until_quiet(self._gateway, asked, QUIET_WAIT_S):
            later += NUDGE
            set_clock(self._places.clock, later)
            self._say(story.slow_day(day))

    async def _approve_all(self) -> bool:
        """In the past somebody has approved what was above the limit; tell whether there was anything."""
        waiting = await insist(self._gateway.proposals, "proposed")
        for proposal in waiting:
            await insist(self._gateway.approve, proposal["id"])
        return bool(waiting)


def trades_on(settings: PartnerSettings, day: date) -> bool:
    """Tell whether the partner has a routine on that day: some come for the season only."""
    if settings.behaviour == "guest" or (settings.name in cast.SEASONAL and settings.season is None):
        return False
    return settings.first_day <= day


def waybill(truck: Mapping[str, Any]) -> str:
    """Return what a truck is known by: its despatch advice, or its order where there is none."""
    return str(truck["desadv"] or truck["order"])


async def recall_trucks(progress: Progress, partners: Iterable[Remote]) -> Progress:
    """Ask the suppliers for every truck that ever left: the scene may have ended before it wrote one down.

    One that has been unloaded long ago does no harm: the warehouse reports each truck once.
    """
    suppliers = [each for each in partners if each.settings.behaviour.endswith("supplier")]
    answers = await asyncio.gather(*(insist(each.act, "trucks") for each in suppliers))
    return replace(progress, trucks=tuple(truck for answer in answers for truck in answer["trucks"]))
