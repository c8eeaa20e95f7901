"""Asynchronous receipts with both journals in play: two companies, their deliveries, and deaths in between."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "channels"))
from as2_world import EDIFACT, NOW, Company, company

from gateway.app.delivery import Delivery
from gateway.app.receipt_desk import JournalDesk
from gateway.app.rounds import Rounds
from gateway.channels.listener import start_listener
from gateway.pipeline.accept import accept
from gateway.pipeline.retry import RetryPolicy
from gateway.ports.records import Accepted, Arrival, NewParcel
from gateway.store.journal import SqlJournal


@dataclass
class House:
    """One company with a journal and a delivery."""

    company: Company
    journal: SqlJournal
    delivery: Delivery

    async def deliver(self) -> None:
        await self.delivery._round()
        while self.delivery._tasks:
            await asyncio.gather(*self.delivery._tasks)

    def parcels(self) -> list[tuple[str, str]]:
        found = self.journal.read(
            lambda tx: tx.connection.exec_driver_sql("SELECT mapping, state FROM parcel ORDER BY seq").all()  # type: ignore[attr-defined]
        )
        return [(row[0], row[1]) for row in found]

    def count(self, table: str) -> int:
        sql = f"SELECT count(*) FROM {table}"
        return int(self.journal.read(lambda tx: tx.connection.exec_driver_sql(sql).scalar()))  # type: ignore[attr-defined]


async def open_house(name: str, other: str) -> House:
    us = company(name, other)
    journal = SqlJournal.in_memory()
    clock = SimpleNamespace(now=lambda: NOW)
    book: Any = SimpleNamespace(partner=lambda partner_id: us.book.partners[0], partners={})

    async def take(arrival: Arrival) -> Accepted:
        return await asyncio.wrap_future(journal.submit(lambda tx: accept(tx, book, arrival, NOW)))

    us.channel._inbound._desk = JournalDesk(
        instance=SimpleNamespace(journal=journal, clock=clock, book=book), explains=us.channel
    )  # type: ignore[arg-type]
    us.runner = await start_listener("127.0.0.1", 0, [us.channel], take)
    delivery = Delivery(
        journal=journal,
        book=lambda: book,
        channels={"as2": us.channel},
        clock=clock,
        owner=name,
        policy=RetryPolicy(),
        rounds=Rounds(now=clock.now),
    )
    return House(us, journal, delivery)


@asynccontextmanager
async def houses() -> AsyncIterator[tuple[House, House]]:
    alpha, beta = await open_house("alpha", "beta"), await open_house("beta", "alpha")
    here, there = (f"http://127.0.0.1:{each.company.port}/as2" for each in (alpha, beta))
    alpha.company.book.own.partner.channels["as2"].settings["url"] = here  # type: ignore[index]
    alpha.company.other(url=there, receipt="signed-async")
    beta.company.other(url=here, receipt_url=here)
    try:
        yield alpha, beta
    finally:
        for each in (alpha, beta):
            await each.company.outbound.close()
            assert each.company.runner is not None
            await each.company.runner.cleanup()
            each.journal.close()


def queue(house: House) -> None:
    parcel = NewParcel(
        id="00000000-0000-7000-8000-000000000001", partner="beta", channel="as2", mapping="eancom-1997/ORDERS",
        document_type="Order", payload=EDIFACT, content_type="application/EDIFACT", filename="o.edi",
    )  # fmt: skip
    house.journal.write(lambda tx: tx.add_parcels([parcel], NOW))


ORDERS, MDN = "eancom-1997/ORDERS", "as2/MDN"


async def test_the_receipt_is_a_parcel_of_the_receiver_and_settles_the_sender_s() -> None:
    async with houses() as (alpha, beta):
        queue(alpha)
        await alpha.deliver()
        assert alpha.parcels() == [(ORDERS, "sent")]
        assert beta.parcels() == [(MDN, "queued")]
        await beta.deliver()
        assert (alpha.parcels(), beta.parcels()) == ([(ORDERS, "acked")], [(MDN, "acked")])
        assert beta.count("arrival") == 1


@pytest.mark.parametrize("lost", ["our note", "the receipt"])
async def test_whatever_is_lost_nothing_is_taken_twice_and_one_receipt_settles(
    lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with houses() as (alpha, beta):
        queue(alpha)
        if lost == "our note":  # the sender dies after the far end has taken the message

            async def dies(*_: object) -> None:
                return None

            with monkeypatch.context() as patch:
                patch.setattr(alpha.delivery, "_settle", dies)
                await alpha.deliver()
            assert alpha.parcels() == [(ORDERS, "sending")]
            await beta.deliver()  # the receipt overtakes the note that never comes
        else:
            await alpha.deliver()
            with monkeypatch.context() as patch:  # the receiver sends its receipt into the void
                patch.setattr(alpha.company.channel._inbound, "_admit", lambda: 1)
                await beta.deliver()
            assert beta.parcels() == [(MDN, "retry")]
            assert alpha.parcels() == [(ORDERS, "sent")]
            later = NOW.replace(hour=15)
            beta.delivery.clock.now = lambda: later  # type: ignore[method-assign]
            await beta.deliver()
        assert alpha.parcels() == [(ORDERS, "acked")]
        assert beta.count("arrival") == 1
        assert beta.parcels() == [(MDN, "acked")]


async def test_a_message_sent_again_gets_the_very_same_receipt_again() -> None:
    async with houses() as (alpha, beta):
        queue(alpha)
        await alpha.deliver()
        await beta.deliver()
        row = alpha.journal.read(
            lambda tx: tx.parcel_by_transport("beta", "<00000000-0000-7000-8000-000000000001@alpha.example>")
        )
        assert row is not None
        assert row.wrapped is not None
        first = beta.journal.read(lambda tx: tx.connection.exec_driver_sql("SELECT wrapped_body FROM parcel").scalar())  # type: ignore[attr-defined]
        await alpha.company.channel.send(row.wrapped, alpha.company.book.partners[0], "as2")
        assert beta.parcels() == [(MDN, "queued")]
        await beta.deliver()
        again = beta.journal.read(lambda tx: tx.connection.exec_driver_sql("SELECT wrapped_body FROM parcel").scalar())  # type: ignore[attr-defined]
        assert (again, beta.count("arrival"), alpha.parcels()) == (first, 1, [(ORDERS, "acked")])
