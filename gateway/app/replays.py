"""Replays of many go on by themselves: in portions, over a restart, until they are done or somebody cancels them."""

import asyncio
import logging
from dataclasses import dataclass

from gateway.app.actions import JournalActions
from gateway.model.faults import Fault

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
PORTION = 100


@dataclass(kw_only=True)
class Replays:
    actions: JournalActions

    async def run(self) -> None:
        """Work running replays off until cancelled. Several nodes may: a portion is taken under the replay's lock."""
        while True:
            try:
                await asyncio.to_thread(self.advance)
            except Exception:
                log.exception("replays")
            await asyncio.sleep(LOOK_EVERY_S)

    def advance(self) -> int:
        """Take a portion of each running replay; return how many run on."""
        running = 0
        for each in self.actions.running_replays():
            try:
                running += self.actions.advance_bulk(each, PORTION).state == "running"
            except Fault as fault:
                log.warning("replay %s: %s %s", each, fault.code, fault.value or "")
        return running
