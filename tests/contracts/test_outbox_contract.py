"""What partners fetch themselves: the whole way from a queued parcel to its confirmation, on every journal."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from journal_rows import LEASE, NOW, a_parcel, new_id, rows, state_of, timeline

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "channels"))
from as2_world import MemoryInbox, MemoryKeys, key_pair

from gateway.channels.http import HttpChannel
from gateway.channels.http_outbox import OutboxPages
from gateway.channels.listener import start_listener
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.model.faults import Fault
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.values import PartnerId
from gateway.pipeline.deliver import settle_proof, settle_receipt
from gateway.ports.records import ParcelRow, Proof
from gateway.store.journal import SqlJournal
from gateway.store.outbox import SqlOutbox

CHANNELS = {
    "shop": ChannelSettings(kind="http", settings={"delivery": "fetch", "fetch_within_h": "24"}),
    "web": ChannelSettings(kind="http", settings={"url": "https://shop.example/inbox"}),
}
PARTNERS = {name: Partner(id=PartnerId(name), name=name, channels=CHANNELS) for name in ("retailer", "supplier")}


class Desk:
    """ports.shell.ReceiptDesk on a journal."""

    def __init__(self, journal: SqlJournal) -> None:
        self.journal = journal

    async def parcel(self, partner: str, transport_id: str) -> ParcelRow | None:
        return await asyncio.to_thread(self.journal.read, lambda tx: tx.parcel_by_transport(partner, transport_id))

    async def settle(self, parcel: ParcelRow, outcome: Proof | Fault) -> None:
        await asyncio.to_thread(self.journal.write, lambda tx: settle_receipt(tx, parcel, outcome, NOW))


@dataclass
class House:
    journal: SqlJournal
    channel: HttpChannel
    clock: list[datetime]
    url: str = ""
    tokens: dict[str, str] = field(default_factory=lambda: {"retailer": "key-r", "supplier": "key-s"})

    async def ready(self, partner: str = "retailer", over: str = "shop", **changes: Any) -> str:
        """Queue a parcel and let the delivery make it ready; return its id."""
        parcel = a_parcel(id=new_id("parcel"), partner=partner, channel=over, **changes)
        self.journal.write(lambda tx: tx.add_parcels([parcel], NOW))
        [row] = self.journal.write(lambda tx: tx.claim_parcels("node-1", NOW, LEASE, 10))
        wrapped = self.channel.wrap(row, PARTNERS[partner], over)
        self.journal.write(lambda tx: tx.store_wrapped(row, wrapped, NOW))
        proof = await self.channel.send(wrapped, PARTNERS[partner], over)
        self.journal.write(lambda tx: settle_proof(tx, row, proof, NOW))
        return row.id

    async def ask(self, method: str, path: str, partner: str = "retailer", **headers: str) -> tuple[int, Any, bytes]:
        """Return (status, headers, body)."""
        sent = {"Authorization": f"Bearer {self.tokens[partner]}", **headers}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, headers=sent) as response,
        ):
            return response.status, response.headers, await response.read()

    async def listed(self, partner: str = "retailer", query: str = "") -> list[str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(
                f"{self.url}/outbox{query}", headers={"Authorization": f"Bearer {self.tokens[partner]}"}
            ) as response,
        ):
            assert response.status == 200
            return [each["id"] for each in (await response.json())["documents"]]


@asynccontextmanager
async def house_on(journal: SqlJournal) -> AsyncIterator[House]:
    outbound, clock = Outbound(AddressGuard()), [NOW]
    keys = MemoryKeys(key_pair("alpha"), {}, {}, {"key-r": "retailer", "key-s": "supplier"})
    pages = OutboxPages(outbox=SqlOutbox(journal, lambda: clock[0]), desk=Desk(journal), partner=PARTNERS.__getitem__)
    channel = HttpChannel(
        keys=keys, new_id=new_id, outbound=outbound, status=lambda *_: None, outbox=pages, now=lambda: clock[0]
    )
    runner = await start_listener("127.0.0.1", 0, [channel], MemoryInbox().accept)
    try:
        yield House(journal, channel, clock, f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await outbound.close()
        await runner.cleanup()


@pytest.fixture
async def house(journal: SqlJournal) -> AsyncIterator[House]:
    async with house_on(journal) as made:
        yield made


async def test_a_document_is_listed_fetched_and_confirmed(house: House) -> None:
    parcel_id = await house.ready(payload=b"UNB+answer'")
    assert state_of(house.journal, "parcel", parcel_id) == "sent"
    assert await house.listed() == [parcel_id]
    status, headers, body = await house.ask("GET", f"/outbox/{parcel_id}")
    assert (status, body, headers["Content-Type"]) == (200, b"UNB+answer'", "application/edifact")
    assert headers["ETag"] == f'"{sha256(body).hexdigest()}"'
    assert headers["Idempotency-Key"] == parcel_id
    assert await house.listed() == [parcel_id]  # fetched is not confirmed
    assert (await house.ask("DELETE", f"/outbox/{parcel_id}", **{"If-Match": headers["ETag"]}))[0] == 204
    assert state_of(house.journal, "parcel", parcel_id) == "acked"
    assert await house.listed() == []
    assert rows(house.journal, "timer") == []


async def test_a_second_confirmation_changes_nothing_and_the_bytes_stay(house: House) -> None:
    parcel_id = await house.ready()
    for _ in range(2):
        assert (await house.ask("DELETE", f"/outbox/{parcel_id}"))[0] == 204
    assert timeline(house.journal, parcel_id).count("acked") == 1
    assert (await house.ask("GET", f"/outbox/{parcel_id}"))[2] == b"UNB+answer'"


async def test_a_confirmation_of_other_bytes_is_refused(house: House) -> None:
    parcel_id = await house.ready()
    status, _, body = await house.ask("DELETE", f"/outbox/{parcel_id}", **{"If-Match": f'"{"0" * 64}"'})
    assert (status, b"http.digest-differs" in body) == (412, True)
    assert state_of(house.journal, "parcel", parcel_id) == "sent"


async def test_two_fetchers_with_leases_get_different_documents_and_lose_none(house: House) -> None:
    made = [await house.ready() for _ in range(6)]
    lists = await asyncio.gather(*(house.listed(query="?limit=3&lease_s=60") for _ in range(2)))
    assert sorted(lists[0] + lists[1]) == sorted(made)
    assert await house.listed() == []
    await house.ask("DELETE", f"/outbox/{made[0]}")
    house.clock[0] = NOW + timedelta(seconds=61)  # the fetchers died: what they had not confirmed comes back
    assert await house.listed() == made[1:]


async def test_a_partner_sees_and_confirms_its_own_documents_only(house: House) -> None:
    parcel_id = await house.ready()
    assert await house.listed("supplier") == []
    for method in ("GET", "DELETE"):
        assert (await house.ask(method, f"/outbox/{parcel_id}", "supplier"))[0] == 404
    assert state_of(house.journal, "parcel", parcel_id) == "sent"


async def test_what_is_pushed_cannot_be_confirmed_by_fetching(house: House) -> None:
    parcel = a_parcel(channel="web")
    house.journal.write(lambda tx: tx.add_parcels([parcel], NOW))
    [row] = house.journal.write(lambda tx: tx.claim_parcels("node-1", NOW, LEASE, 10))
    wrapped = house.channel.wrap(row, PARTNERS["retailer"], "web")
    house.journal.write(lambda tx: tx.store_wrapped(row, wrapped, NOW))
    for method in ("GET", "DELETE"):
        assert (await house.ask(method, f"/outbox/{parcel.id}"))[0] == 404


async def test_what_nobody_fetches_opens_a_case_and_may_still_be_had(house: House) -> None:
    parcel_id = await house.ready()
    late = NOW + timedelta(hours=24, seconds=1)
    house.journal.write(lambda tx: tx.due_timers(late, 10))
    assert state_of(house.journal, "parcel", parcel_id) == "expired"
    [case] = rows(house.journal, "case", code="http.not-fetched")
    assert (case["account"], case["closed_at"]) == ("retailer", None)
    assert await house.listed() == [parcel_id]
    assert (await house.ask("DELETE", f"/outbox/{parcel_id}"))[0] == 204
    assert state_of(house.journal, "parcel", parcel_id) == "acked"
    [case] = rows(house.journal, "case", code="http.not-fetched")
    assert case["closed_at"] is not None


async def test_what_a_batch_carries_expires_and_is_had_with_it(house: House) -> None:
    waiting = a_parcel(id=new_id("parcel"), partner="retailer", channel="shop", lot="lot", flush_at=NOW)
    house.journal.write(lambda tx: tx.add_parcels([waiting], NOW))
    carrier = await house.ready()
    house.journal.write(lambda tx: tx.carry(carrier, [waiting.id], "lot", NOW))
    house.journal.write(lambda tx: tx.due_timers(NOW + timedelta(hours=24, seconds=1), 10))
    assert state_of(house.journal, "parcel", waiting.id) == "expired"
    assert (await house.ask("DELETE", f"/outbox/{carrier}"))[0] == 204
    assert state_of(house.journal, "parcel", waiting.id) == "acked"


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "lease_s=3601", "lease_s=-1", "limit=1e2"])
async def test_a_query_that_is_not_allowed_is_named(house: House, query: str) -> None:
    status, _, body = await house.ask("GET", f"/outbox?{query}")
    assert (status, b"http.bad-query" in body) == (400, True)


async def test_without_a_key_nothing_is_told(house: House) -> None:
    parcel_id = await house.ready()
    for method, path in (("GET", "/outbox"), ("GET", f"/outbox/{parcel_id}"), ("DELETE", f"/outbox/{parcel_id}")):
        assert (await house.ask(method, path, Authorization="Bearer wrong"))[0] == 401
    assert state_of(house.journal, "parcel", parcel_id) == "sent"


@pytest.mark.parametrize("name", ["..", "%2e%2e%2fetc%2fpasswd", "x" * 200, "%00", "parcel'--"])
async def test_a_name_is_only_compared(house: House, name: str) -> None:
    assert (await house.ask("GET", f"/outbox/{name}"))[0] in (400, 404)
