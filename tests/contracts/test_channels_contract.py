"""What the pipeline relies on, for every channel there is."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "channels"))
from as2_world import EDIFACT, MemoryInbox, MemoryKeys, key_pair, parcel, two_companies

from gateway.channels.folder import FolderChannel
from gateway.channels.http import HttpChannel
from gateway.channels.listener import start_listener
from gateway.channels.memory import MemoryChannel
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.model.faults import NetworkFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.values import PartnerId
from gateway.ports.shell import Channel


@dataclass
class Case:
    """taken: what the far end has taken; cut: makes the far end unreachable."""

    channel: Channel
    partner: Partner
    over: str
    taken: Callable[[], list[bytes]]
    cut: Callable[[], None]


def partner_over(kind: str, **settings: str) -> Partner:
    channel = ChannelSettings(kind=kind, settings=settings)
    return Partner(id=PartnerId("beta"), name="Beta", channels={kind: channel})


@asynccontextmanager
async def memory() -> AsyncIterator[Case]:
    channel = MemoryChannel(new_id=lambda: "1")
    yield Case(
        channel=channel,
        partner=partner_over("memory"),
        over="memory",
        taken=lambda: [each.wrapped.body for each in channel.sent],
        cut=lambda: channel.fails.append(NetworkFault("http.unreachable")),
    )


@asynccontextmanager
async def folder() -> AsyncIterator[Case]:
    with TemporaryDirectory() as name:
        out = Path(name) / "beta" / "out"

        def cut() -> None:
            out.parent.mkdir(exist_ok=True)
            if out.is_dir():
                out.rename(out.with_name("moved"))
            out.write_bytes(b"a file where the folder should be")

        yield Case(
            channel=FolderChannel(root=Path(name), new_id=lambda: "1"),
            partner=partner_over("folder", folder="beta"),
            over="folder",
            taken=lambda: [path.read_bytes() for path in sorted(out.iterdir())] if out.is_dir() else [],
            cut=cut,
        )


@asynccontextmanager
async def http() -> AsyncIterator[Case]:
    inbox, ids = MemoryInbox(), count(1)
    keys = MemoryKeys(key_pair("alpha"), {}, {"out": "token"}, {"token": "alpha"})
    outbound = Outbound(AddressGuard(["127.0.0.0/8"]), timeout_s=5)
    channel = HttpChannel(keys=keys, new_id=lambda: str(next(ids)), outbound=outbound, status=lambda *_: None)
    runner = await start_listener("127.0.0.1", 0, [channel], inbox.accept)
    partner = partner_over("http", url=f"http://127.0.0.1:{runner.addresses[0][1]}/inbox", token="out")
    case = Case(channel=channel, partner=partner, over="http", taken=lambda: inbox.contents, cut=lambda: None)

    def cut() -> None:
        case.partner = partner_over("http", url="http://127.0.0.1:9/inbox", token="out")

    case.cut = cut
    yield case
    await outbound.close()
    await runner.cleanup()


@asynccontextmanager
async def as2() -> AsyncIterator[Case]:
    async with two_companies() as (alpha, beta):
        case = Case(
            channel=alpha.channel,
            partner=alpha.book.partners[0],
            over="as2",
            taken=lambda: beta.inbox.contents,
            cut=lambda: None,
        )

        def cut() -> None:
            case.partner = alpha.other(url="http://127.0.0.1:9/as2")

        case.cut = cut
        yield case


@pytest.fixture(params=[memory, folder, http, as2], ids=lambda make: make.__name__)
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    async with request.param() as made:
        yield made


async def test_a_parcel_arrives_whole_and_is_proved(case: Case) -> None:
    wrapped = case.channel.wrap(parcel(), case.partner, case.over)
    proof = await case.channel.send(wrapped, case.partner, case.over)
    assert proof.state == "acked"
    assert case.taken() == [EDIFACT]


async def test_sending_the_same_wrapped_bytes_again_is_taken_once(case: Case) -> None:
    wrapped = case.channel.wrap(parcel(), case.partner, case.over)
    for _ in range(3):
        assert (await case.channel.send(wrapped, case.partner, case.over)).state == "acked"
    assert case.taken() == [EDIFACT]


async def test_a_parcel_keeps_its_transport_id_when_it_is_wrapped_again(case: Case) -> None:
    first, second = (case.channel.wrap(parcel(), case.partner, case.over) for _ in range(2))
    assert first.transport_id == second.transport_id
    assert first.mic == second.mic
    assert first.transport_id != case.channel.wrap(parcel(number=2), case.partner, case.over).transport_id


async def test_two_parcels_with_the_same_bytes_are_two(case: Case) -> None:
    for number in (1, 2):
        wrapped = case.channel.wrap(parcel(number=number), case.partner, case.over)
        await case.channel.send(wrapped, case.partner, case.over)
    assert case.taken() == [EDIFACT, EDIFACT]


async def test_a_far_end_that_cannot_be_reached_is_a_network_fault(case: Case) -> None:
    wrapped = case.channel.wrap(parcel(), case.partner, case.over)
    case.cut()
    with pytest.raises(NetworkFault):
        await case.channel.send(wrapped, case.partner, case.over)
    assert case.taken() == []
