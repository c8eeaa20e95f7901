"""What reading and validating EDIFACT costs, against pydifact in the same run. CPU time: the machine may be shared.

    python tests/benchmarks/bench_edifact.py [MEGABYTES]
    python tests/benchmarks/bench_edifact.py --memory MEGABYTES

Input: generated ORDERS D.96A of about 20 lines, UNOC, release characters in one segment of thirteen.
pydifact gets a tenth of it.
"""

import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from time import process_time

from pydifact.parser import Parser

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.codecs.edifact import SegmentReader
from gateway.codecs.envelope import RawMessage, read_parts
from gateway.model.tree import split_all
from gateway.schema.directory import Directory
from gateway.schema.validate import validate
from tests.benchmarks.figures import figure

SCHEMAS = Path(__file__).parents[2] / "schemas" / "edifact"
UNB = "UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'"
HEAD = (
    "BGM+220+PO-{n}+9'DTM+137:20260105:102'DTM+2:20260112:102'"
    "FTX+AAI+++Please deliver to gate 7?: not before 6 o?'clock'"
    "RFF+CT:C-{n}'NAD+BY+4000001000005::9'NAD+SU+4000002000004::9'"
    "NAD+DP+4000001000012::9++Warehouse North+Dock Street 1'"
    "CUX+2:EUR:9'"
)
LINE = "LIN+{i}++{gtin}:EN'PIA+1+A-{article}:SA'IMD+F++:::{words}'QTY+21:{quantity}'PRI+AAA:{price}'"
WORDS = ["Apples", "Pears", "organic", "1kg", "Tomatoes", "juice", "6x0.7l", "bread", "wholegrain", "500g", "coffee"]


def line(number: int, random: Random) -> str:
    """Values differ from line to line, as they do in life: nothing can be remembered from the one before."""
    return LINE.format(
        i=number,
        gtin=random.randrange(4_000_000_000_000, 4_999_999_999_999),
        article=random.randrange(100_000),
        words=(" + " if random.random() < 0.3 else " ").join(random.sample(WORDS, 4))[:35].replace("+", "?+"),
        quantity=random.randrange(1, 500),
        price=random.randrange(10, 9_999) / 100,
    )


def message(number: int) -> str:
    random = Random(number)
    body = HEAD.format(n=number) + "".join(line(i, random) for i in range(1, 21)) + "UNS+S'CNT+2:20'"
    count = body.replace("?'", "").count("'") + 2
    return f"UNH+{number}+ORDERS:D:96A:UN:EAN008'{body}UNT+{count}+{number}'"


def interchange(size_bytes: int) -> bytes:
    parts, size = [UNB], 0
    while size < size_bytes:
        parts.append(message(len(parts)))
        size += len(parts[-1])
    return "".join([*parts, f"UNZ+{len(parts) - 1}+77'"]).encode("latin-1")


def chunks(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), 65_536):
        yield data[at : at + 65_536]


def directory() -> Directory:
    def load(name: str, service: Directory | None) -> Directory:
        folder = SCHEMAS / name
        files = {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*.json")}
        return Directory.from_files(name, files, service)

    return load("d96a", load("control", None))


Work = Callable[[], int]
ROUNDS = 5


def cut(data: bytes) -> int:
    return sum(len(block) for block in SegmentReader().blocks(chunks(data)))


def split(data: bytes) -> int:
    count = 0
    for block in SegmentReader().blocks(chunks(data)):
        split_all(block)
        count += len(block)
    return count


def assemble(data: bytes) -> int:
    return sum(1 for _ in read_parts(chunks(data)))


def validated(data: bytes, d96a: Directory) -> int:
    """Number of segments in the trees; there must be no finding."""
    count = 0
    for part in read_parts(chunks(data)):
        if isinstance(part, RawMessage):
            checked = validate(part, d96a)
            if checked.findings:
                raise SystemExit(f"unexpected finding: {checked.findings[0]}")
            count += len(part.segments)
    return count


ASKED = {  # times pydifact
    "segments cut, offset and raw": 40,
    "segments, all elements split": 15,
    "read and validate": 9,
}


def timed(work: Work) -> tuple[int, float]:
    start = process_time()
    return work(), process_time() - start


def main(megabytes: int) -> None:
    """Rounds are interleaved and the best of each counts, because the speed of a shared machine drifts."""
    warnings.simplefilter("ignore")
    small, data = interchange(megabytes * 100_000), interchange(megabytes * 1_000_000)
    d96a = directory()
    works: dict[str, tuple[bytes, Work]] = {
        "pydifact Parser.parse": (small, lambda: sum(1 for _ in Parser().parse(small.decode("latin-1")))),
        "segments cut, offset and raw": (data, lambda: cut(data)),
        "segments, all elements split": (data, lambda: split(data)),
        "messages with envelope checks": (data, lambda: assemble(data)),
        "read and validate": (data, lambda: validated(data, d96a)),
    }
    rates: dict[str, list[float]] = {name: [] for name in works}
    counts: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, (read, work) in works.items():
            counts[name], seconds = timed(work)
            rates[name].append(len(read) / 1e6 / seconds)
    base = max(rates["pydifact Parser.parse"])
    for name, found in rates.items():
        against = f"{max(found) / base:6.1f} x pydifact" if max(found) != base else ""
        at_least = ASKED.get(name)
        peer = ("pydifact's bare parse", base)
        figure(name, max(found), "MB a CPU second", at_least=at_least and at_least * base, peer=peer)
        sys.stdout.write(f"{name:32} {max(found):7.2f} MB/s  {counts[name]:9} items  {against}\n")


def memory(megabytes: int) -> None:
    """Print the peak of a process that reads and validates so much from a generator; nothing is kept."""
    d96a, count = directory(), 0
    for part in read_parts(streamed(megabytes * 1_000_000)):
        if isinstance(part, RawMessage):
            count += not validate(part, d96a).findings
    sys.stdout.write(f"{megabytes} MB streamed, {count} messages validated: peak {peak_mb():.0f} MB\n")


def peak_mb() -> float:
    """The largest resident size so far. Linux counts it anew for each program (VmHWM); elsewhere rusage must do."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def streamed(size_bytes: int) -> Iterator[bytes]:
    yield UNB.encode()
    size = number = 0
    while size < size_bytes:
        number += 1
        piece = message(number).encode("latin-1")
        size += len(piece)
        yield piece
    yield f"UNZ+{number}+77'".encode()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        memory(int(sys.argv[2]))
    elif len(sys.argv) > 1:
        main(int(sys.argv[1]))
    else:
        main(20)
        for size in ("20", "200"):
            subprocess.run([sys.executable, __file__, "--memory", size], check=True)
