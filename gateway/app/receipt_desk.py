"""Proofs that come on a connection of their own: found and written in the journal."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gateway.app.carriers import carried_by
from gateway.app.instance import Instance
from gateway.model.faults import Fault
from gateway.pipeline.deliver import settle_receipt
from gateway.ports.journal import Tx
from gateway.ports.records import ParcelRow, Proof
from gateway.ports.shell import Explains

T = TypeVar("T")


@dataclass(kw_only=True)
class JournalDesk:
    """ports.shell.ReceiptDesk. explains: the channel, once it is there."""

    instance: Instance
    explains: Explains | None = None

    async def parcel(self, partner: str, transport_id: str) -> ParcelRow | None:
        """A provider gives the receipts of those that it carries too."""
        known = self.instance.book.partners
        names = [partner, *sorted(carried_by(known[partner]) if partner in known else ())]

        def look(tx: Tx) -> ParcelRow | None:
            return next((found for name in names if (found := tx.parcel_by_transport(name, transport_id))), None)

        return await asyncio.to_thread(self.instance.journal.read, look)

    async def settle(self, parcel: ParcelRow, outcome: Proof | Fault) -> None:
        if isinstance(outcome, Fault) and self.explains is not None and parcel.wrapped is not None:
            outcome = await asyncio.to_thread(self.explains.explain, outcome, parcel, parcel.wrapped)
        now = self.instance.clock.now()
        await self._write(lambda tx: settle_receipt(tx, parcel, outcome, now))

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self.instance.journal.submit(work))
