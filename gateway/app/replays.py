"""Replays of many go on by themselves: in portions, over a restart, until they are done or somebody cancels them."""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

from gateway.app.actions import JournalActions
from gateway.model.faults import Fault

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
PORTION = 100


@dataclass(kw_only=True)
class Replays:
    """The loop of a node that works off replays of many messages."""

    actions: JournalActions

    async def run(self) -> None:
        """Work running replays off until cancelled. Several nodes may: a portion is taken under the replay's lock."""
        rounds = self.actions.instance.rounds
        await rounds.keep("replays", LOOK_EVERY_S, partial(asyncio.to_thread, self.advance))

    def advance(self) -> int:
        """Take a portion of each running replay; return how many run on."""
        running = 0
        for each in self.actions.running_replays():
            try:
                running += self.actions.advance_bulk(each, PORTION).state == "running"
            except Fault as fault:
                log.warning("replay %s: %s %s", each, fault.code, fault.value or "")
        return running
