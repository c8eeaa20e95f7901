"""One node of the gateway without network: it accepts its share of orders, works with the others, and delivers into
mailbox folders.

run(instance, mailbox, first, last, log, ready) is the whole life of such a process. nodes_stage forks it from a process
that has imported everything already: a start costs a fifth of a fresh interpreter's.

Orders first to last are accepted, each by its partner's rule: again until there is an answer, which is written down
only then. The program runs until it is stopped.
"""

import asyncio
import logging
import os
import random
import signal
from dataclasses import replace
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

from crash_program import order

from gateway.app.ids import uuid7
from gateway.app.instance import Instance, open_instance
from gateway.app.node import Node, make_node
from gateway.model.faults import Fault
from gateway.model.partner import Partner
from gateway.model.payload import MemoryPayload, read_all
from gateway.ports.records import Arrival, ParcelRow, Proof, Wrapped

PARTNERS = ("nordmarkt", "westmarkt", "ostmarkt", "suedmarkt")
GLNS = ("9521002000009", "9521009100009", "9521009200006", "9521009300003")


def durable(path: Path, data: bytes) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)


class Mailbox:
    """The partners' far end: keeps every delivery under its Message-ID, and tells when bytes changed under it."""

    name = "as2"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        body = read_all(parcel.payload, 10_000_000)
        return Wrapped(headers=(("To", partner.id),), body=body, transport_id=f"<{parcel.id}@nodes>")

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        path = self.folder / partner.id / sha256(wrapped.transport_id.encode()).hexdigest()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_bytes() != wrapped.body:
            durable(path.with_suffix(".changed"), wrapped.body)
        await asyncio.sleep(0.002)
        durable(path, wrapped.body)
        return Proof(state="acked")


def text_of(number: int, gtin: str) -> tuple[str, bytes]:
    """Return the partner of the n-th order, and its bytes: one line, quantity 1."""
    which = number % len(PARTNERS)
    data = order(f"R{number}", f"PO-{number:05d}", f"LIN+1++{gtin}:EN'QTY+21:1'")
    return PARTNERS[which], data.replace(GLNS[0].encode(), GLNS[which].encode())


async def feed(instance: Instance, node: Node, box: Path, first: int, last: int) -> None:
    gtin = sorted(instance.book.own.items)[0][1:]
    with (
        (box / f"answered-{first}-{os.getpid()}").open("a") as answered,
        (box / f"taken-{first}-{os.getpid()}").open("a") as taken,
    ):
        for number in range(first, last + 1):
            partner, data = text_of(number, gtin)
            sent = monotonic()
            while True:
                arrival = Arrival(
                    id=uuid7(instance.clock.now()), channel="as2", partner=partner, payload=MemoryPayload(data),
                    dedupe_key=f"as2:{number}", transport_id=str(number),
                )  # fmt: skip
                try:
                    accepted = await node.accept(arrival)
                except Fault:
                    await asyncio.sleep(0.2)
                else:
                    break
            assert accepted.outcome in ("new", "repeat")
            if accepted.outcome == "new":  # of a repeat nobody knows when it was first sent
                taken.write(f"{number} {sent} {monotonic()}\n")
                taken.flush()
            answered.write(f"{number}\n")
            answered.flush()
            await asyncio.sleep(0.01)


async def serve(root: Path, box: Path, first: int, last: int, ready: Connection) -> None:
    instance = open_instance(root, take_folders=True)
    instance.settings = replace(instance.settings, workers=0)  # they would each be a fresh interpreter
    channel = Mailbox(box)
    node = make_node(instance, {"as2": channel, "http": channel})
    running = asyncio.create_task(node.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    feeding = asyncio.create_task(feed(instance, node, box, first, last))
    ready.send(node.presence.node.id)
    try:
        await running
    except asyncio.CancelledError:
        feeding.cancel()
    instance.close()


def run(root: Path, box: Path, first: int, last: int, log: Path, ready: Connection) -> None:
    """Be a node until SIGTERM. ready: takes the node's id once it works."""
    random.seed()  # a fork repeats its parent's
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(root, box, first, last, ready))
