"""This node among the others: it beats, and takes over what a silent one held."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version

from gateway.app.rounds import Rounds
from gateway.ports.journal import Journal, Tx
from gateway.ports.records import NodeRow
from gateway.ports.shell import Clock

log = logging.getLogger(__name__)

BEAT_EVERY_S = 2.0
SILENT_AFTER = timedelta(seconds=15)


def new_node(now: datetime) -> NodeRow:
    """Return this process as a node. Its id is never used again."""
    host, pid = socket.gethostname()[:80], os.getpid()
    return NodeRow(
        id=f"{host}:{pid}:{secrets.token_hex(3)}",
        host=host,
        pid=pid,
        build=version("edi-gateway"),
        started_at=now,
        seen_at=now,
    )


@dataclass(kw_only=True)
class Presence:
    """wall: real time, which all hosts share; clock: the gateway's. alive(node id): False when its session with the
    database is known to have ended. wake(lane): a hint that freed work waits."""

    journal: Journal
    node: NodeRow
    wall: Clock
    clock: Clock
    alive: Callable[[str], bool]
    wake: Callable[[str], None]
    rounds: Rounds

    async def run(self) -> None:
        """Beat until cancelled."""
        await self.rounds.keep("beat", BEAT_EVERY_S, partial(asyncio.to_thread, self.beat))

    async def leave(self) -> None:
        """Say that the node has stopped, and give its lanes and parcels to the others. Nothing of it may run any more:
        what was being sent goes out again, the same bytes under the same Message-ID."""
        now = self.wall.now()
        gone = replace(self.node, seen_at=now, stopped_at=now)

        def work(tx: Tx) -> None:
            tx.beat(gone)
            tx.take_over(gone.id, now, self.clock.now())

        await asyncio.wrap_future(self.journal.submit(work))

    def beat(self) -> None:
        """Say that this node lives, and look after the others."""
        now = self.wall.now()
        here = replace(self.node, seen_at=now)
        self.journal.write(lambda tx: tx.beat(here))
        others = self.journal.read(lambda tx: tx.nodes())
        for each in others:
            if each.id != self.node.id and each.stopped_at is None and self._is_gone(each, now):
                log.warning("node %s is gone: its work is taken over", each.id)
                self._take_over(each, now)

    def _is_gone(self, other: NodeRow, now: datetime) -> bool:
        return now - other.seen_at > SILENT_AFTER or not self.alive(other.id)

    def _take_over(self, other: NodeRow, now: datetime) -> None:
        def work(tx: Tx) -> list[str]:
            return tx.take_over(other.id, now, self.clock.now())

        for lane in self.journal.write(work):
            self.wake(lane)
