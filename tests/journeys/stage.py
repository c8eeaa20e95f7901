"""A whole gateway on loopback for the journeys: its own process, its partners together in another, each with a mailbox,
real AS2 and HTTP between them. Partners send only what the test hands to them."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from gateway.demo import world
from gateway.demo.cast import SEASONAL
from gateway.demo.links import Away, Gateway, Remote, one_of_each_process, until_quiet
from gateway.demo.scene import Crew
from gateway.demo.world import Places, places_of

ROOT = Path(__file__).parents[2]
SEASON_CUSTOMERS = ("seegarten", "krautwinkel", "abendrot")  # the suppliers of the season stand in suppliers.csv
QUIET_S = 60.0

OURS = "9521001000000"
WAREHOUSE = "9521001000017"
NORDMARKT = "9521002000009"
STADTKETTE = "9521003000008"
QUELLHOF = "9521004000007"
SEEBLICK = "9521009100009"

SEEBLICK_YAML = f"""
name: Seeblick Genossenschaft
role: supplier
gln: "{SEEBLICK}"
channels:
  http: {{url: "http://127.0.0.1:18106/inbox", token: seeblick-outbound}}
agreements:
  - {{send: ubl-2.1/Order, over: http}}
  - {{receive: ubl-2.1/OrderResponse, over: http}}
  - {{receive: ubl-2.1/DespatchAdvice, over: http}}
"""


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def prepare_instance(folder: Path, extra: Mapping[str, str], without: Sequence[str] = ()) -> None:
    """Copy the demo's definitions with ports of their own; extra: path -> text of files to add or replace; without:
    partners that do not take part, beside the demo's customers of the season. How the demo plans is left out: it names
    partners, and orders by itself."""
    ignored = shutil.ignore_patterns(*without, *SEASON_CUSTOMERS, "planning.yaml")
    shutil.copytree(ROOT / "partners", folder / "partners", ignore=ignored)
    (folder / "partners" / "self" / "planning.yaml").write_text("plain: true  # unless the journey says how it plans\n")
    shutil.copy(ROOT / "config.yaml", folder / "config.yaml")
    for path, text in extra.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    files = [folder / "config.yaml", *folder.glob("partners/*/partner.yaml")]
    old = sorted({port for path in files for port in re.findall(r"\b(?:1810\d|808[0-2])\b", path.read_text())})
    new = dict(zip(old, map(str, free_ports(len(old))), strict=True))
    for path in files:
        path.write_text(re.sub(r"\b(?:1810\d|808[0-2])\b", lambda found: new[found.group()], path.read_text()))


@dataclass(kw_only=True)
class Stage:
    """A running world. Every partner is passive: it acknowledges with CONTRL and sends what it is told to."""

    places: Places
    crew: Crew
    gateway: Gateway
    partners: dict[str, Remote]

    async def send(self, partner: str, data: bytes | str) -> dict[str, Any]:
        """Let partner send data over its real channel; return its outbox note."""
        answer = await self.partners[partner].send(data if isinstance(data, bytes) else data.encode())
        note: dict[str, Any] = answer["sent"][0]
        return note

    async def settle(self) -> None:
        """Wait until nobody has anything left to do."""
        asked = one_of_each_process(self.partners.values())
        assert await until_quiet(self.gateway, asked, QUIET_S), "not quiet in time"

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the journal, as an outsider with sqlite3 would."""
        uri = f"file:{self.places.settings.var / 'journal.sqlite'}?mode=ro"
        with sqlite3.connect(uri, uri=True) as connection:
            return connection.execute(query, values).fetchall()

    def inbox(self, partner: str) -> list[tuple[dict[str, Any], str]]:
        """Return (note, text) of everything partner has received, in order."""
        folder = self.places.partner(partner) / "inbox"
        notes = [json.loads(path.read_text()) for path in sorted(folder.glob("*.note.json"))]
        return [(note, (folder / note["file"]).read_bytes().decode("utf-8", "replace")) for note in notes]

    async def receives(self, partner: str, kind: str, count: int = 1, timeout_s: float = 30.0) -> list[str]:
        """Wait until partner has count files of that kind and return their texts."""
        async with asyncio.timeout(timeout_s):
            while len(found := [text for note, text in self.inbox(partner) if note["kind"] == kind]) < count:
                await asyncio.sleep(0.05)
        return found

    async def kill_gateway(self) -> None:
        """kill -9 and start again."""
        pid = self.crew.gateway.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while self.crew.gateway.ended() is None:
            await asyncio.sleep(0.01)
        self.crew.gateway.start()

    async def until_live(self) -> None:
        async with asyncio.timeout(60):
            while not await self.gateway.is_live():
                await asyncio.sleep(0.05)


@asynccontextmanager
async def staged(
    folder: Path, extra: Mapping[str, str] | None = None, *, without: Sequence[str] = ()
) -> AsyncIterator[Stage]:
    """Start a world in folder (empty), stop it at the end."""
    prepare_instance(folder, extra or {}, without)
    names = sorted(path.parent.name for path in folder.glob("partners/*/partner.yaml"))
    playing = (each for each in names if each != "self" and each not in SEASONAL)
    behaviours, world.BEHAVIOUR = world.BEHAVIOUR, dict.fromkeys(playing, "guest")
    try:
        progress, link = world.enter(folder, 0)
    finally:
        world.BEHAVIOUR = behaviours
    places = places_of(folder)
    world.set_clock(places.clock, world.SystemClock().now())
    crew = Crew(places, lambda line: None)
    async with ClientSession() as session:
        address = places.settings.partners_port
        gateway = Gateway(
            session=session,
            url=link.partition("/login")[0],
            partners_url=f"http://{address.host}:{address.port}",
            api_key=progress.api_key,
        )
        partners = {each.name: Remote(session=session, settings=each) for each in places.partners()}
        crew.start()
        try:
            assert await crew.wait_started(gateway, partners, asyncio.Event())
            yield Stage(places=places, crew=crew, gateway=gateway, partners=partners)
        finally:
            crew.stop()


__all__ = ["Away", "Stage", "staged"]
