"""AS2 on one core: receiving 10 kB against what RSA alone permits and against pyas2lib; 50 MB in and out by memory.

    python tests/benchmarks/bench_as2.py [MEGABYTES]

A receive is: decrypt, verify, keep content, raw body and receipt in the journal (SQLite, durable), sign the receipt.
Targets: at least 50 % of RSA-2048's own limit, at least 5 x pyas2lib, at most 80 MB above the idle process.
"""

import asyncio
import json
import multiprocessing
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a script, also with "spawn"

from gateway.channels.as2 import As2Channel
from gateway.channels.listener import start_listener
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.channels.turns import MOST
from gateway.codecs import mdn
from gateway.codecs.as2 import MemorySpool, Protection, Sealed, open_message, seal
from gateway.codecs.cms.identity import Certificate, Identity, load_identity
from gateway.codecs.mime import Headers
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.payload import MemoryPayload
from gateway.model.values import PartnerId
from gateway.ports.journal import Tx
from gateway.ports.records import Accepted, Arrival, ParcelRow, Receipt
from gateway.ports.shell import KeyPair
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from gateway.store.keys import FileKeys
from tests.benchmarks.figures import figure

ROOT = Path(__file__).parents[2]
ROUNDS, ROUND = 9, 96  # the machine may be busy: what is compared is measured side by side, the median counts
LINE = b"LIN+1++4012345000009:SRV'QTY+21:5'PRI+AAA:1.25'"
PROTECTION = Protection()


def identities(folder: Path) -> dict[str, KeyPair]:
    return {
        name: FileKeys(folder / name, passphrase=b"bench").create_own("self", name, datetime.now(UTC))
        for name in ("alpha", "beta")
    }


def identity(pair: KeyPair) -> Identity:
    return load_identity(pair.private_pem, pair.certificate_pem)


def per_second(run: Callable[[], object], count: int) -> float:
    start = process_time()
    for _ in range(count):
        run()
    return count / (process_time() - start)


def rsa_limit() -> Callable[[], float]:
    """Return what measures how many receives RSA-2048 alone permits: one decryption, one verification and one
    signature each."""
    key = generate_private_key(public_exponent=65_537, key_size=2_048)
    public = key.public_key()
    wrapped, signature = public.encrypt(b"k" * 32, PKCS1v15()), key.sign(b"x", PKCS1v15(), SHA256())

    def one() -> None:
        key.decrypt(wrapped, PKCS1v15())
        public.verify(signature, b"x", PKCS1v15(), SHA256())
        key.sign(b"y", PKCS1v15(), SHA256())

    return lambda: per_second(one, 128)


def sealed(data: bytes, number: int, pairs: dict[str, KeyPair]) -> Sealed:
    return seal(
        MemoryPayload(data),
        sender="alpha",
        receiver="beta",
        message_id=f"<{number}@alpha>",
        content_type="application/EDIFACT",
        filename="orders.edi",
        protection=PROTECTION,
        identity=identity(pairs["alpha"]),
        recipients=[identity(pairs["beta"]).certificate],
        receipt="signed-sync",
        random=secrets.token_bytes,
    )


def arrival_of(message: Sealed, number: int, us: Identity, them: Certificate) -> Arrival:
    """Decrypt, verify, sign the receipt."""
    opened = open_message(
        Headers(message.headers),
        message.content.chunks(),
        identities=[us],
        pinned=[them],
        protection=PROTECTION,
        random=secrets.token_bytes,
        spool=MemorySpool,
    )
    built = mdn.build(
        original_message_id=message.message_id,
        recipient="beta",
        disposition=mdn.PROCESSED,
        mic=opened.mic,
        explanation="The message was received and kept.",
        identity=us,
    )
    return Arrival(
        id=f"arrival-{number}",
        channel="as2",
        partner="alpha",
        payload=opened.payload,
        raw=message.content,
        dedupe_key=f"as2:{number}",
        receipt=Receipt(status=200, headers=built.headers, body=built.body),
    )


def receives(folder: Path, pairs: dict[str, KeyPair]) -> Iterator[tuple[float, float]]:
    """Yield, per round of messages, (receives per CPU second, per second); all of a turn is durable before the next
    begins, as in gateway.channels.turns. CPU time counts both threads."""
    journal = SqlJournal.open(folder / "journal.sqlite", FileBlobs(folder / "blobs"))
    us, them = identity(pairs["beta"]), identity(pairs["alpha"]).certificate
    now = datetime.now(UTC)
    for start in range(0, ROUNDS * ROUND, ROUND):
        numbers = range(start, start + ROUND)
        messages = [sealed(b"%06d" % number + (LINE * 300)[:9_994], number, pairs) for number in numbers]
        cpu, wall = process_time(), perf_counter()
        for first in range(0, ROUND, MOST):
            turn = messages[first : first + MOST]
            arrivals = [arrival_of(each, start + first + place, us, them) for place, each in enumerate(turn)]
            waiting = [journal.take(_added, (arrival, now)) for arrival in arrivals]
            assert all(each.result().outcome == "new" for each in waiting)
        yield ROUND / (process_time() - cpu), ROUND / (perf_counter() - wall)
    journal.close()


def _added(tx: Tx, arriving: Sequence[tuple[Arrival, datetime]]) -> list[Accepted]:
    """As gateway.pipeline.accept.accept_all does it for what waits together."""
    return tx.add_arrivals([(arrival, "alpha") for arrival, _ in arriving], arriving[-1][1])


def pyas2lib_receives(folder: Path, pairs: dict[str, KeyPair]) -> float | None:
    """Return the peer's receives per CPU second of the same message, nothing stored; None when it is not installed."""
    python = ROOT / ".venv-peers" / "bin" / "python"
    if not python.exists():
        return None
    message = sealed((LINE * 300)[:10_000], 1, pairs)
    head = "".join(f"{name}: {value}\r\n" for name, value in message.headers)
    (folder / "raw").write_bytes(head.encode() + b"\r\n" + message.body)
    (folder / "beta.pem").write_bytes(pairs["beta"].private_pem + pairs["beta"].certificate_pem)
    (folder / "alpha.crt").write_bytes(pairs["alpha"].certificate_pem)
    program = f"""
import sys, time, json; sys.argv = ["x", "none"]
sys.path.insert(0, {str(ROOT / "tests" / "peers")!r})
import pyas2_peer
from pathlib import Path
folder = Path({str(folder)!r})
settings = dict(own_id="beta", own_key=str(folder / "beta.pem"), gateway_id="alpha",
                gateway_certificate=str(folder / "alpha.crt"), folder=str(folder))
us, them = pyas2_peer.ends(settings)
raw = (folder / "raw").read_bytes()
start = time.process_time()
for _ in range(60):
    message = pyas2_peer.Message()
    status, detail, mdn = message.parse(raw, lambda name: us, lambda name: them)
    assert status == "processed" and mdn is not None, detail
print(60 / (time.process_time() - start))
"""
    return float(subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout)


# --- memory ----------------------------------------------------------------------------------------------------------


def resident_mb(field: str) -> float:
    """Return VmRSS or VmHWM of this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise ValueError(field)


class Keys:
    def __init__(self, own: KeyPair, other: KeyPair) -> None:
        self._own, self._other = own, other

    def own(self, name: str) -> KeyPair:
        return self._own

    def certificate(self, name: str) -> bytes:
        return self._other.certificate_pem


def as2_partner(name: str, **settings: str) -> Partner:
    channel = ChannelSettings(kind="as2", settings={"id": name, "key": "self", "certificate": name, **settings})
    return Partner(id=PartnerId(name), name=name, channels={"as2": channel})


def channel_of(name: str, other: Partner, pairs: dict[str, KeyPair], folder: Path, limit_bytes: int) -> As2Channel:
    own = SimpleNamespace(partner=as2_partner(name))
    book: Any = SimpleNamespace(own=own, partner_by_as2_id=lambda as2_id: other if as2_id == other.id else None)
    return As2Channel(
        book=lambda: book,
        keys=Keys(pairs[name], pairs[other.id]),  # type: ignore[arg-type]
        instance=name,
        new_id=lambda: secrets.token_hex(16),
        outbound=Outbound(AddressGuard(["127.0.0.0/8"]), timeout_s=600),
        now=lambda: datetime.now(UTC),
        limit_bytes=limit_bytes,
        spool_folder=folder,
    )


async def serve(pipe: Any, folder: Path, pairs: dict[str, KeyPair], size: int) -> None:
    journal = SqlJournal.open(folder / "journal.sqlite", FileBlobs(folder / "blobs"))

    async def accept(arrival: Arrival) -> Accepted:
        now = datetime.now(UTC)
        return await asyncio.wrap_future(journal.submit(lambda tx: tx.add_arrival(arrival, "alpha", now)))

    channel = channel_of("beta", as2_partner("alpha"), pairs, folder, size * 2)
    runner: web.AppRunner = await start_listener("127.0.0.1", 0, [channel], accept)
    idle = resident_mb("VmRSS")
    pipe.send(runner.addresses[0][1])
    await asyncio.to_thread(pipe.recv)
    pipe.send((idle, resident_mb("VmHWM")))
    await runner.cleanup()
    journal.close()


def receiver(pipe: Any, folder: Path, pairs: dict[str, KeyPair], size: int) -> None:
    asyncio.run(serve(pipe, folder, pairs, size))


async def deliver(pipe: Any, folder: Path, pairs: dict[str, KeyPair], size: int, port: int) -> None:
    journal = SqlJournal.open(folder / "out.sqlite", FileBlobs(folder / "out"))
    partner = as2_partner("beta", url=f"http://127.0.0.1:{port}/as2")
    channel = channel_of("alpha", partner, pairs, folder, size * 2)
    blobs = FileBlobs(folder / "blobs-in")
    await asyncio.sleep(0.2)
    idle = resident_mb("VmRSS")
    payload = blobs.get(blobs.put(Repeated(size)))
    parcel = ParcelRow(
        id=secrets.token_hex(16), partner="beta", channel="as2", payload=payload, content_type="application/EDIFACT",
        filename="large.edi", attempts=1, epoch=1, wrapped=None, expects=None, test=False,
    )  # fmt: skip
    start = perf_counter()
    wrapped = channel.wrap(parcel, partner, "as2")
    kept = FileBlobs(folder / "out").put(wrapped.content)
    proof = await channel.send(wrapped, partner, "as2")
    assert proof.state == "acked", proof
    assert kept
    pipe.send((idle, resident_mb("VmHWM"), perf_counter() - start))
    journal.close()


def sender(pipe: Any, folder: Path, pairs: dict[str, KeyPair], size: int, port: int) -> None:
    asyncio.run(deliver(pipe, folder, pairs, size, port))


class Repeated:
    """A document of any size that is made while it is read."""

    def __init__(self, size_bytes: int) -> None:
        from hashlib import sha256

        self.size_bytes = size_bytes
        running = sha256()
        for chunk in self.chunks():
            running.update(chunk)
        self.sha256 = running.hexdigest()

    def chunks(self) -> Any:
        piece = (LINE * 2_000)[:65_536]
        left = self.size_bytes
        while left:
            yield piece[:left]
            left -= min(left, len(piece))


def large(folder: Path, pairs: dict[str, KeyPair], megabytes: int) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    size = megabytes * 1_000_000
    here_in, there_in = context.Pipe()
    taking = context.Process(target=receiver, args=(there_in, folder, pairs, size))
    taking.start()
    port = here_in.recv()
    here_out, there_out = context.Pipe()
    giving = context.Process(target=sender, args=(there_out, folder, pairs, size, port))
    giving.start()
    out_idle, out_peak, seconds = here_out.recv()
    giving.join()
    here_in.send("done")
    in_idle, in_peak = here_in.recv()
    taking.join()
    return {"in": in_peak - in_idle, "out": out_peak - out_idle, "seconds": seconds}


def main() -> int:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    core = min(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(dir=ROOT / "var" if (ROOT / "var").is_dir() else None) as name:
        folder = Path(name)
        pairs = identities(folder)
        os.sched_setaffinity(0, {core})
        rsa = rsa_limit()
        rounds = [(rsa(), *found) for found in receives(folder, pairs)][1:]  # the first one warms up
        limit, cpu, wall = (median(each) for each in zip(*rounds, strict=True))
        share = median(cpu / limit for limit, cpu, _ in rounds)
        peer = pyas2lib_receives(folder, pairs)
        os.sched_setaffinity(0, set(range(os.cpu_count() or 1)))
        memory = large(folder, pairs, megabytes)
    found = {
        "rsa_limit": limit,
        "receives_cpu": cpu,
        "receives": wall,
        "share": share,
        "pyas2lib": peer,
        "memory": memory,
    }
    print(f"RSA-2048 alone permits {limit:,.0f} receives/s on this core")
    print(
        f"10 kB received and stored: {wall:,.0f}/s, per CPU second {cpu:,.0f}; {share:.0%} of the limit "
        f"({min(c / r for r, c, _ in rounds):.0%} to {max(c / r for r, c, _ in rounds):.0%} in {len(rounds)} rounds)"
    )
    if peer:
        print(f"pyas2lib, nothing stored: {peer:,.0f} per CPU second; ours is {cpu / peer:.1f} x")
    print(
        f"{megabytes} MB signed and encrypted in {memory['seconds']:.1f} s: "
        f"{memory['in']:.0f} MB above idle to receive, {memory['out']:.0f} MB to send"
    )
    figure("received and stored, of what RSA-2048 alone permits", share * 100, "%", at_least=50)
    if peer:
        figure("received and stored", cpu, "a CPU second", at_least=5 * peer, peer=("pyas2lib, nothing stored", peer))
    figure(f"memory to receive {megabytes} MB", memory["in"], "MB above idle", at_most=80)
    figure(f"memory to send {megabytes} MB", memory["out"], "MB above idle", at_most=80)
    good = share >= 0.5 and (peer is None or cpu >= 5 * peer) and max(memory["in"], memory["out"]) <= 80
    print(json.dumps(found) if "--json" in sys.argv else ("targets met" if good else "TARGETS MISSED"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
