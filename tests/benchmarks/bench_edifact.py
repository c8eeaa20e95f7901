"""What reading and validating EDIFACT costs, against pydifact in the same run. CPU time: the machine may be shared.

    python tests/benchmarks/bench_edifact.py [MEGABYTES]

Input: generated ORDERS D.96A of about 20 lines, UNOC, with release characters. pydifact gets a tenth of it.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import process_time

from pydifact.parser import Parser

from gateway.codecs.edifact import SegmentReader
from gateway.codecs.envelope import RawMessage, read_parts
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

SCHEMAS = Path(__file__).parents[2] / "schemas" / "edifact"
UNB = "UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'"
HEAD = (
    "BGM+220+PO-{n}+9'DTM+137:20260105:102'DTM+2:20260112:102'"
    "FTX+AAI+++Please deliver to gate 7?: not before 6 o?'clock'"
    "RFF+CT:C-{n}'NAD+BY+4000001000005::9'NAD+SU+4000002000004::9'"
    "NAD+DP+4000001000012::9++Warehouse North+Dock Street 1'"
    "CUX+2:EUR:9'"
)
LINE = "LIN+{i}++4000862141404:EN'PIA+1+A-{i}:SA'IMD+F++:::Apples ?+ pears 1kg'QTY+21:{q}'PRI+AAA:1.99'"


def message(number: int) -> str:
    body = HEAD.format(n=number) + "".join(LINE.format(i=i, q=i * 3) for i in range(1, 21)) + "UNS+S'CNT+2:20'"
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


def rate(what: str, data: bytes, work: Callable[[], int], base: float | None = None) -> float:
    """Print and return megabytes per CPU second."""
    start = process_time()
    count = work()
    mb_s = len(data) / 1e6 / (process_time() - start)
    peak_mb = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    against = f"{mb_s / base:6.1f} x pydifact" if base else ""
    sys.stdout.write(f"{what:34} {mb_s:7.2f} MB/s  {count:9} items  peak {peak_mb:5.0f} MB  {against}\n")
    return mb_s


def main(megabytes: int) -> None:
    warnings.simplefilter("ignore")
    small, data = interchange(megabytes * 100_000), interchange(megabytes * 1_000_000)
    d96a = directory()

    def validated() -> int:
        findings = 0
        for part in read_parts(chunks(data)):
            if isinstance(part, RawMessage):
                findings += len(validate(part, d96a).findings)
        return findings

    base = rate("pydifact Parser.parse", small, lambda: sum(1 for _ in Parser().parse(small.decode("latin-1"))))
    rate("segments, all elements split", data, lambda: sum(1 for _ in SegmentReader().read(chunks(data))), base)
    rate("messages with envelope checks", data, lambda: sum(1 for _ in read_parts(chunks(data))), base)
    rate("read and validate (findings)", data, validated, base)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
