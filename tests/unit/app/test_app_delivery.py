"""Delivery on the journal: one after the other per partner, the same bytes on every try, every end written."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from app_scene import World, running, until

from gateway.app.delivery import BATCH
from gateway.channels.memory import MemoryChannel
from gateway.model.faults import NetworkFault, OurFault, PartnerFault
from gateway.model.partner import Partner
from gateway.pipeline.deliver import LEASE
from gateway.ports.records import ParcelRow, Proof, Wrapped
from tests.journeys import papers
from tests.unit.pipeline.pipeline_scene import NOW, OATS, OURS, STADTKETTE, envelope, orders


def queue(world: World, count: int = 1, start: int = 0) -> None:
    """Queue that many CONTRL for nordmarkt."""
    for number in range(start, start + count):
        world.accept(envelope(orders(f"PO-{number}", (OATS, "1")), reference=f"R{number}"))
    world.prepare("nordmarkt")


class WatchedChannel(MemoryChannel):
    """Takes its time, and counts how many sends to a partner run at once."""

    def __init__(self) -> None:
        super().__init__(new_id=lambda: "x")
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.order: list[bytes] = []
        self.gate: dict[str, asyncio.Event] = {}
        self.wraps = 0

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        self.wraps += 1
        made = super().wrap(parcel, partner, over)
        return Wrapped(headers=made.headers, body=made.body + b"#%d" % self.wraps, transport_id=made.transport_id)

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        self.running[partner.id] += 1
        self.most[partner.id] = max(self.most[partner.id], self.running[partner.id])
        self.order.append(wrapped.body)
        try:
            await asyncio.sleep(0.002)
            if partner.id in self.gate:
                await self.gate[partner.id].wait()
            return await super().send(wrapped, partner, over)
        finally:
            self.running[partner.id] -= 1


async def test_what_is_queued_goes_out_and_is_acknowledged(world: World) -> None:
    queue(world, 3)
    async with running(world.delivery()):
        await until(lambda: world.states("parcel") == ["acked"] * 3)
    bodies = [each.wrapped.body for each in world.channel.sent]
    assert [body.split(b"UCI+")[1].split(b"+")[0] for body in bodies] == [b"R0", b"R1", b"R2"]


async def test_a_wake_is_enough_to_send_at_once(world: World) -> None:
    async with running(world.delivery()) as delivery:
        await asyncio.sleep(0.05)
        await asyncio.to_thread(queue, world)
        delivery.wake()
        await until(lambda: world.states("parcel") == ["acked"], timeout_s=0.8)


async def test_a_retry_sends_the_bytes_that_were_wrapped_first(world: World) -> None:
    channel = WatchedChannel()
    channel.fails = [NetworkFault("http.timeout"), NetworkFault("http.timeout")]
    queue(world)
    async with running(world.delivery(channel)) as delivery:
        for tries in (1, 2):
            await until(lambda tries=tries: len(channel.order) == tries and world.states("parcel") == ["retry"])
            world.clock.advance(timedelta(minutes=1))
            delivery.wake()
        await until(lambda: world.states("parcel") == ["acked"])
    assert channel.wraps == 1
    assert len(channel.order) == 3
    assert len(set(channel.order)) == 1


async def test_nothing_is_tried_before_its_time(world: World) -> None:
    channel = WatchedChannel()
    channel.fails = [NetworkFault("http.timeout")]
    queue(world)
    async with running(world.delivery(channel)) as delivery:
        await until(lambda: world.states("parcel") == ["retry"])
        delivery.wake()
        await asyncio.sleep(0.1)
        assert len(channel.order) == 1


async def test_after_the_last_try_the_parcel_is_parked(world: World) -> None:
    channel = WatchedChannel()
    channel.fails = [NetworkFault("http.timeout") for _ in range(5)]
    queue(world)
    async with running(world.delivery(channel)) as delivery:
        for tries in range(1, 4):
            await until(lambda tries=tries: len(channel.order) == tries and world.states("parcel") != ["sending"])
            world.clock.advance(timedelta(hours=1))
            delivery.wake()
        await until(lambda: world.states("parcel") == ["parked"])
    assert len(channel.order) == 3
    assert [row["code"] for row in world.rows("case")] == ["http.timeout"]


async def test_a_refusal_by_the_far_end_ends_it_at_once(world: World) -> None:
    world.channel.fails = [PartnerFault("http.refused", value="400")]
    queue(world, 2)
    async with running(world.delivery()):
        await until(lambda: world.states("parcel") == ["refused", "acked"])


async def test_what_cannot_be_wrapped_is_settled_and_holds_nothing_up(world: World) -> None:
    class Keyless(WatchedChannel):
        def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
            if not self.wraps:
                self.wraps += 1
                raise OurFault("keys.missing", value="self")
            return super().wrap(parcel, partner, over)

    channel = Keyless()
    queue(world, 2)
    async with running(world.delivery(channel)):
        await until(lambda: sorted(world.states("parcel")) == ["acked", "parked"])
    assert [row["code"] for row in world.rows("case")] == ["keys.missing"]


async def test_a_bug_in_a_channel_parks_that_parcel_only(world: World) -> None:
    class Buggy(WatchedChannel):
        async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
            if not self.order:
                self.order.append(b"")
                raise ZeroDivisionError("planned")
            return await super().send(wrapped, partner, over)

    queue(world, 2)
    async with running(world.delivery(Buggy())):
        await until(lambda: world.states("parcel") == ["parked", "acked"])
    assert [row["code"] for row in world.rows("case")] == ["parcel.bug"]


async def test_a_channel_that_the_partner_has_no_more_parks_the_parcel(world: World) -> None:
    queue(world)
    partner = replace(world.book.partners["nordmarkt"], channels={})
    world.book = replace(world.book, partners={**world.book.partners, "nordmarkt": partner})
    async with running(world.delivery()):
        await until(lambda: world.states("parcel") == ["parked"])
    assert [row["code"] for row in world.rows("case")] == ["parcel.no-channel"]


async def test_a_channel_taken_away_before_a_further_try_parks_the_parcel(world: World) -> None:
    """The bytes are wrapped already: only the sending finds out that there is no way any more."""
    channel = WatchedChannel()
    channel.fails = [NetworkFault("http.timeout")]
    queue(world)
    async with running(world.delivery(channel)) as delivery:
        await until(lambda: world.states("parcel") == ["retry"])
        partner = replace(world.book.partners["nordmarkt"], channels={})
        world.book = replace(world.book, partners={**world.book.partners, "nordmarkt": partner})
        world.clock.advance(timedelta(minutes=1))
        delivery.wake()
        await until(lambda: world.states("parcel") == ["parked"], timeout_s=5)
    assert [row["code"] for row in world.rows("case")] == ["parcel.no-channel"]


async def test_the_parcels_of_one_partner_go_out_one_after_the_other_in_order(world: World) -> None:
    channel = WatchedChannel()
    count = 3 * BATCH
    queue(world, count)
    async with running(world.delivery(channel)):
        await until(lambda: world.states("parcel") == ["acked"] * count, timeout_s=20)
    assert channel.most == {"nordmarkt": 1}
    sent = [int(body.split(b"UCI+R")[1].split(b"+")[0]) for body in channel.order]
    assert sent == list(range(count))


async def test_a_partner_that_hangs_holds_no_other_up(world: World) -> None:
    channel = WatchedChannel()
    channel.gate["nordmarkt"] = asyncio.Event()
    queue(world, 12 * BATCH)
    world.count_stock(OATS)
    async with running(world.delivery(channel)) as delivery:
        await until(lambda: channel.running["nordmarkt"] > 0)
        await asyncio.sleep(0.2)
        order = papers.ubl_order("SO-1", STADTKETTE, OURS, STADTKETTE, [(OATS, "1")], when="2026-11-01")
        await asyncio.to_thread(world.take, order, "stadtkette")
        delivery.wake()
        await until(lambda: world.states("parcel", partner="stadtkette") == ["acked"])
        assert channel.running["nordmarkt"] == 1


async def test_a_parcel_taken_over_meanwhile_is_left_to_who_has_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    channel = WatchedChannel()
    channel.gate["nordmarkt"] = asyncio.Event()
    queue(world, 2)
    async with running(world.delivery(channel)):
        await until(lambda: channel.running["nordmarkt"] == 1)
        taken = await asyncio.to_thread(
            world.journal.write, lambda tx: tx.claim_parcels("other", NOW + LEASE, LEASE, 10)
        )
        assert len(taken) == 2
        channel.gate["nordmarkt"].set()
        await asyncio.sleep(0.3)
        assert world.states("parcel") == ["sending", "sending"]
        assert caplog.text.count("was taken over by another worker") == 2


async def test_a_journal_that_fails_for_a_while_stops_the_delivery_for_that_while_only(
    world: World, monkeypatch: object
) -> None:
    """A full disk: the claim cannot be written; the loop goes on and finds the parcel later."""
    queue(world)
    real, fails = world.journal.submit, [3]

    def submit(work: object) -> object:
        if fails[0]:
            fails[0] -= 1
            raise OurFault("journal.commit-failed", detail="planned")
        return real(work)  # type: ignore[arg-type]

    monkeypatch.setattr(world.journal, "submit", submit)  # type: ignore[attr-defined]
    async with running(world.delivery()):
        await until(lambda: world.states("parcel") == ["acked"], timeout_s=8)
    assert fails == [0]
