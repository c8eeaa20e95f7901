"""Another channel when the agreed one cannot be reached: never the same thing over two."""

from dataclasses import replace
from datetime import timedelta

import pytest
from app_scene import World, memory_book, running, until

from gateway.app.delivery import Delivery
from gateway.channels.memory import MemoryChannel
from gateway.model.faults import Fault, NetworkFault, OurFault, PartnerFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.pipeline.deliver import LEASE, claim, settle_fault
from gateway.pipeline.retry import RetryPolicy
from gateway.ports.records import NewParcel, Proof, Wrapped
from tests.unit.pipeline.pipeline_scene import NOW, new_id

PARTNER = "nordmarkt"
NOT_THERE = NetworkFault("http.unreachable", value="nordmarkt:443")


class TwoChannels(MemoryChannel):
    """Takes over "second" what it cannot take over "first" while fault is set."""

    def __init__(self) -> None:
        super().__init__(new_id=lambda: "x")
        self.fault: Fault | None = NOT_THERE
        self.taken: list[tuple[str, str]] = []  # channel, parcel
        self.tried: list[str] = []

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        self.tried.append(over)
        if over == "first" and self.fault is not None:
            raise self.fault
        self.taken.append((over, wrapped.transport_id))
        return await super().send(wrapped, partner, over)


@pytest.fixture
def channel() -> TwoChannels:
    return TwoChannels()


@pytest.fixture(autouse=True)
def _fallback(world: World) -> None:
    with_fallback(world)


def with_fallback(world: World, **settings: str) -> None:
    channels = {
        "first": ChannelSettings(kind="memory", settings={"fallback": "second", "fallback_after": "2", **settings}),
        "second": ChannelSettings(kind="memory", settings={}),
    }
    book = memory_book()
    partner = replace(book.partners[PARTNER], channels=channels)
    world.book = replace(book, partners={**book.partners, PARTNER: partner})


def queued(world: World, count: int = 1) -> list[str]:
    parcels = [
        NewParcel(
            id=new_id(),
            partner=PARTNER,
            channel="first",
            mapping="file/as-is",
            document_type="File",
            payload=b"content %d" % number,
            content_type="application/octet-stream",
            filename="a.txt",
        )
        for number in range(count)
    ]
    world.journal.write(lambda tx: tx.add_parcels(parcels, world.clock.now()))
    return [each.id for each in parcels]


async def fail(world: World, channel: TwoChannels, delivery: Delivery, times: int) -> None:
    """Let the delivery try the first channel so often, with time passing between."""
    for count in range(1, times + 1):
        await until(lambda count=count: channel.tried.count("first") >= count)  # type: ignore[misc]
        await until(lambda: world.states("parcel")[0] in ("retry", "parked"))
        world.clock.advance(timedelta(seconds=25))
        delivery.wake()


async def test_after_so_many_failures_the_next_channel_takes_it(world: World, channel: TwoChannels) -> None:
    ids = queued(world)
    async with running(world.delivery(channel)) as delivery:
        await fail(world, channel, delivery, 2)
        await until(lambda: world.states("parcel") == ["acked"])
    assert channel.tried == ["first", "first", "second"]
    assert channel.taken == [("second", ids[0])]
    [row] = world.rows("parcel")
    assert (row["channel"], row["transport_id"]) == ("second", ids[0])


async def test_what_comes_later_takes_the_fallback_at_once_and_the_agreed_channel_is_probed(
    world: World, channel: TwoChannels
) -> None:
    queued(world)
    async with running(world.delivery(channel)) as delivery:
        await fail(world, channel, delivery, 2)
        await until(lambda: world.states("parcel") == ["acked"])
        queued(world, 3)
        delivery.wake()
        await until(lambda: world.states("parcel") == ["acked"] * 4)
        assert channel.tried.count("first") == 2
        channel.fault = None
        world.clock.advance(timedelta(minutes=2))
        queued(world, 2)
        delivery.wake()
        await until(lambda: world.states("parcel") == ["acked"] * 6)
    assert [over for over, _ in channel.taken][-2:].count("first") >= 1
    assert len({parcel for _, parcel in channel.taken}) == 6  # nothing twice


@pytest.mark.parametrize("code", ["http.timeout", "http.cut-off", "http.unavailable", "as2.receipt-missing"])
async def test_what_may_have_arrived_is_not_sent_by_another_channel(
    world: World, channel: TwoChannels, code: str
) -> None:
    channel.fault = NetworkFault(code, value="x")
    queued(world)
    async with running(world.delivery(channel)) as delivery:
        await fail(world, channel, delivery, 3)
        await until(lambda: world.states("parcel") == ["parked"])
    assert set(channel.tried) == {"first"}


async def test_an_uncertain_one_goes_by_the_fallback_where_that_is_agreed(world: World, channel: TwoChannels) -> None:
    with_fallback(world, fallback_uncertain="yes")
    channel.fault = NetworkFault("http.timeout", value="x")
    queued(world)
    async with running(world.delivery(channel)) as delivery:
        await fail(world, channel, delivery, 2)
        await until(lambda: world.states("parcel") == ["acked"])
    assert channel.tried == ["first", "first", "second"]


@pytest.mark.parametrize("fault", [PartnerFault("http.refused", value="no"), OurFault("keys.missing", value="k")])
async def test_a_refusal_and_our_own_mistake_look_for_no_other_way(
    world: World, channel: TwoChannels, fault: Fault
) -> None:
    channel.fault = fault
    queued(world, 4)
    async with running(world.delivery(channel)):
        await until(lambda: set(world.states("parcel")) <= {"refused", "parked"})
    assert set(channel.tried) == {"first"}


def test_an_attempt_that_ended_without_a_word_counts_as_sent(world: World) -> None:
    """A process that was killed while it sent: the lease ends, another claims, and nothing is known."""
    queued(world)
    journal = world.journal
    [first] = journal.write(lambda tx: claim(tx, "node-1", NOW, 1))
    later = NOW + LEASE + timedelta(seconds=1)
    [second] = journal.write(lambda tx: claim(tx, "node-2", later, 1))
    assert second.id == first.id
    assert journal.write(lambda tx: tx.reroute(second, "second", later, although_uncertain=False)) is None
    [row] = world.rows("parcel")
    assert row["channel"] == "first"


def test_a_failure_without_connection_and_a_claim_given_back_count_as_nothing_sent(world: World) -> None:
    queued(world)
    journal, policy = world.journal, RetryPolicy(first=timedelta(0))
    [row] = journal.write(lambda tx: claim(tx, "node-1", NOW, 1))
    journal.write(lambda tx: settle_fault(tx, row, NOT_THERE, NOW, policy, 0.0))
    [row] = journal.write(lambda tx: claim(tx, "node-1", NOW, 1))
    journal.write(lambda tx: tx.give_back(row, NOW))
    [row] = journal.write(lambda tx: claim(tx, "node-1", NOW, 1))
    moved = journal.write(lambda tx: tx.reroute(row, "second", NOW, although_uncertain=False))
    assert moved is not None
    assert (moved.channel, moved.wrapped) == ("second", None)


def test_a_claim_that_was_lost_reroutes_nothing(world: World) -> None:
    queued(world)
    [old] = world.journal.write(lambda tx: claim(tx, "node-1", NOW, 1))
    later = NOW + LEASE + timedelta(seconds=1)
    world.journal.write(lambda tx: claim(tx, "node-2", later, 1))
    with pytest.raises(OurFault, match=r"journal\.lost-claim"):
        world.journal.write(lambda tx: tx.reroute(old, "second", later, although_uncertain=True))
