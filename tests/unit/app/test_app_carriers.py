"""One connection, many partners: who gets what came, and over whose channel goes what is sent."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from app_scene import World, memory_book, running, until

from gateway.app.carriers import Carriers, connection_of
from gateway.app.receipt_desk import JournalDesk
from gateway.model.faults import OurFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.payload import MemoryPayload
from gateway.model.values import PartnerId
from gateway.pipeline.accept import accept
from gateway.pipeline.book import Book
from gateway.ports.records import Accepted, Arrival, NewParcel, Receipt
from tests.unit.pipeline.pipeline_scene import NOW, new_id

VAN = "network"
NORD, STADT = "nordmarkt", "stadtkette"
RECEIPT = Receipt(status=202, headers=(), body=b"taken")


def van_book(carries: str = f"{NORD}, {STADT}") -> Book:
    book = memory_book()
    network = Partner(
        id=PartnerId(VAN),
        name="Network",
        channels={"line": ChannelSettings(kind="memory", settings={"carries": carries})},
    )
    via = {"van": ChannelSettings(kind="via", settings={"partner": VAN, "over": "line"})}
    nord = replace(book.partners[NORD], channels={**book.partners[NORD].channels, **via})
    return replace(book, partners={**book.partners, VAN: network, NORD: nord})


def sender(partner: str) -> str:
    return memory_book().partners[partner].ids[0].value


def interchange(who: str, reference: str) -> bytes:
    return f"UNB+UNOC:3+{who}:14+9521001000000:14+261121:1200+{reference}'UNZ+0+{reference}'\r\n".encode()


@pytest.fixture
def van(world: World) -> World:
    world.book = van_book()
    return world


def carriers(world: World) -> Carriers:
    async def keep(arrival: Arrival) -> Accepted:
        return world.journal.write(lambda tx: accept(tx, world.book, arrival, NOW))

    return Carriers(book=lambda: world.book, accept=keep, new_id=new_id)


def came(data: bytes, partner: str = VAN, **more: Any) -> Arrival:
    fields: dict[str, Any] = {"dedupe_key": "http:network:k1", "receipt": RECEIPT} | more
    return Arrival(id=new_id(), channel="memory", partner=partner, payload=MemoryPayload(data), **fields)


def kept(world: World) -> list[tuple[str, bytes]]:
    found = sorted(world.rows("arrival"), key=lambda row: row["seq"])
    data = {row["sha256"]: bytes(row["data"]) for row in world.rows("payload")}
    return [(row["partner"], data[row["sha256"]]) for row in found]


async def test_what_comes_is_given_to_the_partner_that_the_interchange_names(van: World) -> None:
    data = interchange(sender(STADT), "1")
    accepted = await carriers(van).take(came(data))
    assert accepted.outcome == "new"
    assert kept(van) == [(STADT, data)]
    [row] = van.rows("arrival")
    assert '"carried_by":"network"' in row["evidence"]


async def test_one_transmission_for_several_partners_is_kept_in_order_and_whole(van: World) -> None:
    pieces = [interchange(sender(who), str(n)) for n, who in enumerate((NORD, NORD, STADT, NORD))]
    accepted = await carriers(van).take(came(b"".join(pieces)))
    assert accepted.receipt == RECEIPT
    assert sorted(kept(van)) == sorted([(NORD, pieces[0] + pieces[1]), (STADT, pieces[2]), (NORD, pieces[3])])
    again = await carriers(van).take(came(b"".join(pieces)))
    assert (again.outcome, len(kept(van))) == ("repeat", 3)


@dataclass
class Counted:
    """Bytes that count how often they are read."""

    data: bytes
    read: int = 0

    @property
    def sha256(self) -> str:
        return MemoryPayload(self.data).sha256

    @property
    def size_bytes(self) -> int:
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), 1000):
            self.read += len(self.data[start : start + 1000])
            yield self.data[start : start + 1000]


async def test_a_file_that_goes_to_and_fro_between_partners_is_not_read_anew_for_each(
    van: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = [interchange(sender((NORD, STADT)[n % 2]), str(n)) for n in range(60)]
    for times, small in enumerate((1_000_000, 10), start=1):
        monkeypatch.setattr("gateway.app.carriers._SMALL", small)
        whole = Counted(b"".join(pieces))
        arrival = replace(came(b"", dedupe_key=f"http:network:{small}"), payload=whole)
        await carriers(van).take(arrival)
        assert Counter(kept(van)) == Counter(list(zip((NORD, STADT) * 30, pieces, strict=True)) * times)
        if small > 10:
            assert whole.read <= 3 * whole.size_bytes


async def test_the_receipt_is_given_when_all_parts_are_kept(van: World) -> None:
    pieces = [interchange(sender(who), str(n)) for n, who in enumerate((NORD, STADT))]
    made = carriers(van)
    done: list[str] = []
    keep = made.accept

    async def watched(arrival: Arrival) -> Accepted:
        done.append(arrival.partner + ("!" if arrival.receipt else ""))
        return await keep(arrival)

    made.accept = watched
    await made.take(came(b"".join(pieces)))
    assert done == [STADT, f"{NORD}!"]


@pytest.mark.parametrize(
    "data",
    [
        lambda: interchange("4000000000006", "1"),  # nobody known
        lambda: interchange(sender("quellhof"), "1"),
        lambda: b"<Order/>",
        lambda: b"UNB+UNOC:3+",
        lambda: b"",
    ],
    ids=["stranger", "not-carried", "xml", "cut", "empty"],
)
async def test_what_names_none_of_them_stays_with_the_network(van: World, data: Callable[[], bytes]) -> None:
    await carriers(van).take(came(data()))
    assert kept(van) == [(VAN, data())]


async def test_a_partner_that_carries_nobody_speaks_for_itself_only(van: World) -> None:
    data = interchange(sender(STADT), "1")
    await carriers(van).take(came(data, partner=NORD))
    assert kept(van) == [(NORD, data)]


async def test_other_content_for_one_of_them_under_the_same_key_is_a_clash(van: World) -> None:
    first = [interchange(sender(NORD), "1"), interchange(sender(STADT), "2")]
    second = [first[0], interchange(sender(STADT), "3")]
    await carriers(van).take(came(b"".join(first)))
    assert (await carriers(van).take(came(b"".join(second)))).outcome == "clash"


async def test_what_is_sent_to_a_carried_partner_goes_over_the_networks_channel(van: World) -> None:
    parcel = NewParcel(
        id=new_id(), partner=NORD, channel="van", mapping="file/as-is", document_type="File", payload=b"UNB+x'",
        content_type="application/edifact", filename="a.edi",
    )  # fmt: skip
    van.journal.write(lambda tx: tx.add_parcels([parcel], van.clock.now()))
    async with running(van.delivery()):
        await until(lambda: van.states("parcel") == ["acked"])
    assert [(each.partner, each.wrapped.body) for each in van.channel.sent] == [(VAN, b"UNB+x'")]
    desk = JournalDesk(instance=van)  # type: ignore[arg-type]
    found = await desk.parcel(VAN, parcel.id)  # its receipt comes from the network
    assert found is not None
    assert found.id == parcel.id
    assert await desk.parcel(STADT, parcel.id) is None


def test_a_network_that_does_not_carry_the_partner_is_not_used() -> None:
    book = van_book(carries=STADT)
    with pytest.raises(OurFault, match=r"parcel\.no-channel"):
        connection_of(book, book.partner(NORD), "van")
