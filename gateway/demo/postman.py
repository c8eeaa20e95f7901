"""Sends what lies in a mailbox's outbox: in order, with the same Message-ID on every attempt, until it is answered."""

import asyncio
import sys
from collections.abc import Mapping

from aiohttp import ClientSession

from gateway.demo.mailbox import Mailbox, Posted
from gateway.demo.wires import Wire
from gateway.model.faults import NetworkFault

BACKOFF_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
ANSWER_AFTER_S = 0.03  # a receipt should be home before the answer to what it is for knocks at the door


class Postman:
    """The sending side of one mailbox. While the gateway is away the first file waits, and the others behind it."""

    def __init__(self, mailbox: Mailbox, wires: Mapping[str, Wire], session: ClientSession) -> None:
        self._mailbox = mailbox
        self._wires = wires
        self._session = session
        self._work = asyncio.Event()
        self._settled = asyncio.Condition()

    def wake(self) -> None:
        self._work.set()

    def wake_soon(self) -> None:
        asyncio.get_running_loop().call_later(ANSWER_AFTER_S, self._work.set)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            self._work.clear()
            for posted in self._mailbox.pending():
                await self._send(posted)
            await self._work.wait()

    async def _send(self, posted: Posted) -> None:
        data = self._mailbox.data_of(posted)
        wire = self._wires[posted.line]
        for attempt in range(1, sys.maxsize):
            try:
                outcome = await wire.send(self._session, posted, data)
            except NetworkFault as fault:
                posted = self._mailbox.count_attempt(posted)
                if attempt in (1, 10, 100):
                    print(f"{posted.message_id}: {fault.code} {fault.value}, attempt {attempt}", flush=True)
                await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S)) - 1])
                continue
            self._mailbox.settle(posted, outcome.state, outcome.evidence)
            async with self._settled:
                self._settled.notify_all()
            return

    async def wait_for(self, keys: set[str], timeout_s: float) -> bool:
        """Wait until every file in keys has its answer; False when the time is over first."""

        def done() -> bool:
            return not any(entry.state == "pending" for key in keys if (entry := self._mailbox.posted(key)))

        try:
            async with asyncio.timeout(timeout_s), self._settled:
                await self._settled.wait_for(done)
        except TimeoutError:
            return False
        return True
