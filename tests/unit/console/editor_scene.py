"""A house whose partner Acme orders by EDIFACT, with what it takes to have messages read: the tests of mappings."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from partner_instance import ACME, House

from gateway.app.ids import uuid7
from gateway.app.lookup_desk import InstanceLookups
from gateway.app.mapping_editor import InstanceEditor
from gateway.app.processing import Processing
from gateway.app.workers import Workers
from gateway.model.payload import MemoryPayload
from gateway.pipeline.accept import accept
from gateway.ports.records import Arrival

NAME = "eancom-1997/ORDERS"
OWN = """\
# what Acme does otherwise
extends: eancom-1997/ORDERS
fields:
  refs.contract: {path: SG1/RFF/C506.1154, where: {C506.1153: CT}}
"""


def order(number: str, lines: int = 2, *, head: str = "", quantity: str = "21") -> bytes:
    """An ORDERS of Acme. head: segments behind the date. quantity: the qualifier of the ordered quantity."""
    body = [
        f"BGM+220+{number}+9",
        "DTM+137:20260302:102",
        *[each for each in head.split("'") if each],
        "NAD+BY+4099990000011::9",
        "NAD+SU+9521001000000::9",
        "CUX+2:EUR:9",
    ]
    for line in range(1, lines + 1):
        body += [f"LIN+{line}++9521001100021:EN", f"QTY+{quantity}:{line}:PCE", "PRI+AAA:1.25:CT"]
    body += ["UNS+S", f"CNT+2:{lines}"]
    text = ["UNB+UNOC:3+4099990000011:14+9521001000000:14+260302:0900+" + number, "UNH+1+ORDERS:D:96A:UN:EAN008", *body]
    return ("'".join([*text, f"UNT+{len(body) + 2}+1", f"UNZ+1+{number}"]) + "'").encode()


@dataclass
class MappingHouse(House):
    def __post_init__(self) -> None:
        self.partners = {"acme": ACME.replace("ORDERS, over: as2}", "ORDERS, over: as2, unknown_item: refuse}")}
        super().__post_init__()
        self.woken: list[str] = []
        self.editor = InstanceEditor(instance=self.instance, follow=self.instance.refresh, wake=self.woken.append)
        self.lookups = InstanceLookups(instance=self.instance, follow=self.instance.refresh)

    def own(self, text: str = OWN) -> None:
        """Give Acme a layer of its own, as somebody with an editor would."""
        place = self.folder / "partners/acme/mappings/ORDERS.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        self.instance.apply_definitions()

    def take(self, *files: bytes) -> list[str]:
        """Accept files and work them off; return the ids of their messages."""
        ids: list[str] = []
        for data in files:
            now = self.instance.clock.now()
            arrival = Arrival(
                id=uuid7(now), channel="as2", partner="acme", payload=MemoryPayload(data), content_type="",
                filename="order.edi",
            )  # fmt: skip
            self.instance.journal.write(
                lambda tx, arrival=arrival, now=now: accept(tx, self.instance.book, arrival, now)
            )
            ids.append(arrival.id)
        self.work()
        found: list[str] = []
        for each in ids:
            detail = self.instance.views.arrival(each)
            assert detail is not None
            found += [message.id for message in detail.messages]
        return found

    def work(self) -> None:
        book = self.instance.book
        processing = Processing(
            journal=self.instance.journal,
            book=lambda: book,
            workers=Workers(lambda: book, 0),
            clock=self.instance.clock,
            owner="test",
            on_parcels=lambda: None,
            wake=lambda lane: None,
            keeps_lanes=False,
        )
        now = self.instance.clock.now()
        for lane in self.instance.journal.read(lambda tx: tx.lanes_with_work(now)):
            asyncio.run(processing.drain(lane))

    def state(self, message: str) -> str:
        found = self.instance.views.message(message)
        assert found is not None
        return found.line.state

    def draft(self, text: str, user: str = "anna", sample: str = "") -> None:
        self.editor.save("acme", NAME, text, user, sample)

    def close(self) -> None:
        self.editor.close()
        super().close()


def mapping_houses(folder: Path) -> Iterator[MappingHouse]:
    house = MappingHouse(folder / "house")
    yield house
    house.close()
