"""The scene: starts the gateway and the simulated partners, loads the history through the pipeline, keeps trading."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession, TCPConnector

from gateway.app.clock import SystemClock
from gateway.demo import story, world
from gateway.demo.cast import SHARED_PROCESS
from gateway.demo.history import History
from gateway.demo.links import Away, Gateway, Remote
from gateway.demo.live import Live
from gateway.demo.processes import Child
from gateway.demo.sending import send_file
from gateway.demo.settings import PartnerSettings
from gateway.demo.world import Places, Progress
from gateway.model.faults import OurFault

START_WAIT_S = 60.0
WATCH_EVERY_S = 0.1
FAILURES_BORNE = 3
Say = Callable[[str], None]


def run_scene(instance_dir: Path, days: int = 90, *, live: bool = True, say: Say = print) -> None:
    """Run the demo in instance_dir until SIGINT or SIGTERM; with live=False, until the history is loaded.

    The first start makes keys and loads days of history; a later one goes on where the last one stopped.
    Raises OurFault demo.*.
    """
    asyncio.run(_run(instance_dir.resolve(), days, live, say))


def reset(instance_dir: Path) -> list[Path]:
    """Delete what the demo made, and nothing else; return the paths. Raises OurFault demo.still-running."""
    return world.reset(instance_dir.resolve())


def send(instance_dir: Path, file: Path, as_partner: str, *, say: Say = print) -> bool:
    """Let a running simulated partner send file over its real channel, and follow what becomes of it.

    True when the gateway took it. Raises OurFault demo.not-running, demo.no-such-partner.
    """
    return asyncio.run(send_file(world.places_of(instance_dir.resolve()), file, as_partner, say))


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """What one run of the scene goes by. link: into the console."""

    places: Places
    progress: Progress
    link: str
    live: bool
    say: Say

    def gateway(self, session: ClientSession) -> Gateway:
        address = self.places.settings.partners_port
        return Gateway(
            session=session,
            url=self.link.partition("/login")[0],
            partners_url=f"http://{address.host}:{address.port}",
            api_key=self.progress.api_key,
        )

    async def play(self, gateway: Gateway, partners: dict[str, Remote]) -> None:
        """History, then trade until cancelled."""
        progress = await History(self.places, gateway, partners, self.say).run(self.progress)
        if self.live:
            await Live(self.places, gateway, partners, self.say).run(progress)


async def _run(root: Path, days: int, live: bool, say: Say) -> None:
    places = world.places_of(root)
    with world.alone(places):
        if Progress.read(places.progress) is None:
            say(story.first_start(days))
        progress, link = world.enter(root, days)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        crew = Crew(places, say)
        try:
            async with ClientSession(connector=TCPConnector(limit=20)) as session:
                show = Show(places=places, progress=progress, link=link, live=live, say=say)
                await _perform(show, crew, session, stop)
        finally:
            say(story.STOPPING)
            crew.stop()


async def _perform(show: Show, crew: "Crew", session: ClientSession, stop: asyncio.Event) -> None:
    crew.start()
    gateway = show.gateway(session)
    partners = {each.name: Remote(session=session, settings=each) for each in show.places.partners()}
    if not await crew.wait_started(gateway, partners, stop):
        return
    show.say(story.opening(show.link, show.progress, [each.settings for each in partners.values()]))
    acts = [asyncio.create_task(each) for each in (crew.watch(), show.play(gateway, partners))]
    acts.append(asyncio.create_task(_told(stop)))
    try:
        done, _ = await asyncio.wait(acts, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        for each in acts:
            each.cancel()
        await asyncio.gather(*acts, return_exceptions=True)


async def _told(stop: asyncio.Event) -> None:
    await stop.wait()


def households(partners: Sequence[PartnerSettings]) -> list[list[PartnerSettings]]:
    """Return who lives in a process with whom: the small ones together, the others each alone."""
    together = [each for each in partners if each.behaviour in SHARED_PROCESS]
    alone = [[each] for each in partners if each.behaviour not in SHARED_PROCESS]
    return [*alone, together] if together else alone


class Crew:
    """The gateway and the partners as processes: started together, started again when one ends, stopped in order."""

    def __init__(self, places: Places, say: Say) -> None:
        root, var = places.settings.root, places.settings.var
        run = [sys.executable, "-m", "gateway", "--instance", str(root), "run"]
        self.gateway = Child("gateway", run, var / "log" / "gateway.log")
        self.partners = [self._process(places, each) for each in households(places.partners())]
        self._say = say

    @staticmethod
    def _process(places: Places, household: Sequence[PartnerSettings]) -> Child:
        names = [each.name for each in household]
        folders = [places.partner(each) for each in names]
        arguments = [sys.executable, "-m", "gateway.demo.partner", *map(str, folders)]
        arguments += ["--clock", str(places.clock), "--parent", str(os.getpid())]
        return Child(", ".join(names), arguments, folders[0] / "partner.log")

    @property
    def _all(self) -> list[Child]:
        return [self.gateway, *self.partners]

    def start(self) -> None:
        for each in self._all:
            each.start()

    async def wait_started(self, gateway: Gateway, partners: dict[str, Remote], stop: asyncio.Event) -> bool:
        """Wait until all doors are open; False when told to stop. Raises OurFault demo.cannot-start."""
        begun = SystemClock().now()
        while not (await gateway.is_live() and await _all_answer(partners)):
            for child in self._all:
                if child.ended() is not None:
                    raise OurFault("demo.cannot-start", value=child.name, detail=child.last_lines())
            if (SystemClock().now() - begun).total_seconds() > START_WAIT_S:
                raise OurFault("demo.cannot-start", value="gateway", detail=self.gateway.last_lines())
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WATCH_EVERY_S)
                return False
        return True

    async def watch(self) -> None:
        """Start again whatever ends, at once, until cancelled. Raises OurFault demo.cannot-start.

        Being killed is what the demo can bear; a process that ends by itself again and again has something to say.
        """
        failures = dict.fromkeys(self._all, 0)
        while True:
            for child in self._all:
                code = child.ended()
                if code is not None:
                    failures[child] = failures[child] + 1 if code >= 0 else 0
                    if failures[child] > FAILURES_BORNE:
                        raise OurFault("demo.cannot-start", value=child.name, detail=child.last_lines())
                    self._say(story.started_again(child.name, code))
                    child.start()
            await asyncio.sleep(WATCH_EVERY_S)

    def stop(self) -> None:
        """End the partners, then the gateway, so that the gateway can finish what has arrived."""
        for group in (self.partners, [self.gateway]):
            for child in group:
                child.stop()
            for child in group:
                if not child.wait_ended():
                    self._say(story.killed(child.name))


async def _all_answer(partners: dict[str, Remote]) -> bool:
    try:
        await asyncio.gather(*(each.state() for each in partners.values()))
    except Away:
        return False
    return True
