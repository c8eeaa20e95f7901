"""What mapping costs, beside lxml's bare parse, one lxml find per mapped field, and pydifact's bare parse. CPU time.

    python tests/benchmarks/bench_mapping.py [ROUNDS]

Input: 40 generated orders of 20 lines (names, addresses, notes, prices, dates; items of a table of 500), as EANCOM
D.96A and as UBL 2.1, taken in turn, so that nothing is read twice in a row. Each ratio is taken inside one round,
where the peers stand next to each other; printed are the medians over the rounds. XML Schemas are left out.
"""

import gc
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from lxml import etree
from pydifact.parser import Parser

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.codecs import envelope, xml
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.reading import Reading
from gateway.model.values import check_digit
from gateway.schema.validate import validate
from tests.benchmarks.figures import figure
from tests.conftest import _directories, _standard  # the test suite's way to the shipped mappings

BUYER, SELLER, SHOP = "4099990000011", "4099990000028", "4099990000035"
ORDERS, LINES, ITEMS = 40, 20, 500
GTINS = [body + check_digit(body) for body in (f"40999901{n:04}" for n in range(ITEMS))]


def edifact(order: int, lines: int = LINES) -> bytes:
    day = f"202603{order % 28 + 1:02}"
    head = (
        f"BGM+220+PO-{order:05}+9'DTM+137:{day}:102'DTM+2:20260405:102'FTX+DEL+++Ring at gate {order}'"
        f"NAD+BY+{BUYER}::9++Buyer Stores+Long Street 1+Hometown++12345+DE'NAD+SU+{SELLER}::9'"
        f"NAD+DP+{SHOP}::9++Shop {order}+Short Street {order}+Otherplace++54321+DE'CUX+2:EUR:9'"
    )
    body = ""
    for n in range(1, lines + 1):
        item = (order * 37 + n * 11) % ITEMS
        body += (
            f"LIN+{n}++{GTINS[item]}:EN'PIA+1+A{item}:SA'PIA+1+B{item}:IN'IMD+F++:::Item {item} of the table'"
            f"QTY+21:{item % 90 + 1}'DTM+2:202604{n % 28 + 1:02}:102'MOA+203:{item * 3}.50'PRI+AAA:{item % 40}.25'"
        )
    text = f"{head}{body}UNS+S'CNT+2:{lines}'"
    unb = f"UNB+UNOC:3+{BUYER}:14+{SELLER}:14+260302:0900+{order}'UNH+1+ORDERS:D:96A:UN:EAN008'"
    return f"{unb}{text}UNT+{text.count(chr(39)) + 2}+1'UNZ+1+{order}'".encode()


def read_edifact(mapping: DocumentMapping, data: bytes) -> Reading:
    """Bytes to document, held against the directory."""
    (interchange,) = envelope.read_interchanges([data])
    return mapping.read(validate(interchange.messages[0], _directories()["d96a"]).tree)


def finder(mapping: DocumentMapping, root: Any) -> tuple[Callable[[Any], None], int]:
    """Return what looks every mapped field of an order up, with one find each, and how many there are."""
    paths: tuple[dict[str, int], dict[str, int]] = ({}, {})  # of the head, of a line
    fields = 0
    for path, where in mapping.read(root).sources.items():
        (element,) = root.getroottree().xpath(_by_local_names(where.path or ""))
        if path.endswith("]") and len(element):
            continue  # the element of a list is no field
        fields += 1
        steps = [element.tag, *(each.tag for each in element.iterancestors())][::-1][1:]
        in_line = steps[0].endswith("}OrderLine")
        paths[in_line]["/".join(steps[in_line:])] = 1
    line_tag = next(each.tag for each in root if each.tag.endswith("}OrderLine"))
    head, line = tuple(paths[0]), tuple(paths[1])

    def find(tree: Any) -> None:
        for path in head:
            tree.find(path)
        for element in tree.findall(line_tag):
            for path in line:
                element.find(path)

    return find, fields


def _by_local_names(path: str) -> str:
    steps = (step.partition("[") for step in path.strip("/").split("/"))
    return "".join(f"/*[local-name()='{name}'][{number.rstrip(']') or 1}]" for name, _, number in steps)


def cpu_us(action: Callable[[], Any], times: int) -> float:
    """Return CPU microseconds a call."""
    start = process_time()
    for _ in range(times):
        action()
    return (process_time() - start) / times * 1e6


def compared(peers: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Return CPU microseconds of each peer, round by round."""
    found: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, action in peers.items():
            found[name].append(cpu_us(action, ORDERS))
    return found


def ratio(found: dict[str, list[float]], one: str, *others: str) -> float:
    """Return the median over the rounds of one against the sum of others."""
    return median(
        mine / sum(theirs) for mine, *theirs in zip(found[one], *(found[name] for name in others), strict=True)
    )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    eancom, ubl = _standard("eancom-1997/ORDERS"), _standard("ubl-2.1/Order")
    edi = [edifact(n) for n in range(1, ORDERS + 1)]
    readings = [read_edifact(eancom, data) for data in edi]
    assert not [each for reading in readings for each in reading.findings]
    documents: list[Any] = [reading.document for reading in readings]
    ubl_bytes = [xml.encode(ubl.write(each)) for each in documents]
    roots = [xml.decode(data).root for data in ubl_bytes]
    find, fields = finder(ubl, roots[0])
    segments = edi[0].count(b"'")
    print(f"order of {LINES} lines: EDIFACT {len(edi[0])} bytes, {segments} segments; UBL {len(ubl_bytes[0])} bytes,")
    print(f"{sum(1 for _ in roots[0].iter())} elements, {fields} mapped fields")
    gc.freeze()
    next_edi, next_ubl, next_root, next_document = cycle(edi), cycle(ubl_bytes), cycle(roots), cycle(documents)
    texts = cycle([data.decode() for data in edi])
    found = compared(
        {
            "lxml, bare parse": lambda: etree.fromstring(next(next_ubl)),
            "lxml, one find per mapped field": lambda: find(next(next_root)),
            "UBL tree to document": lambda: ubl.read(next(next_root)),
            "UBL bytes to document": lambda: ubl.read(xml.decode(next(next_ubl)).root),
            "UBL document to tree": lambda: ubl.write(next(next_document)),
            "UBL document to bytes": lambda: xml.encode(ubl.write(next(next_document))),
            "pydifact, bare parse": lambda: list(Parser().parse(next(texts))),
            "EDIFACT bytes to document, validated": lambda: read_edifact(eancom, next(next_edi)),
            "EDIFACT document to segments": lambda: eancom.write(next(next_document)),
        },
        rounds,
    )
    for name, values in found.items():
        print(f"{name:38} {median(values):7.0f} us   best {min(values):7.0f} us")
    to_document, finds, parse = "UBL bytes to document", "lxml, one find per mapped field", "lxml, bare parse"
    tree = ratio(found, "UBL tree to document", finds)
    bare = ("lxml's bare parse", median(found[parse]))
    against = ("one find per mapped field", median(found[finds]))
    figure("UBL bytes to document", bare[1] * ratio(found, to_document, parse), "us", at_most=6 * bare[1], peer=bare)
    figure("UBL tree to document", against[1] * tree, "us", at_most=0.7 * against[1], peer=against)
    print(f"UBL bytes to document / bare parse               {ratio(found, to_document, parse):6.2f}   at most 6")
    print(
        f"UBL bytes to document / (bare parse + finds)     {ratio(found, to_document, parse, finds):6.2f}   at most 0.7"
    )
    print(f"UBL tree to document / finds                     {tree:6.2f}   at most 0.7")
    validated = "EDIFACT bytes to document, validated"
    theirs = ("pydifact's bare parse", median(found["pydifact, bare parse"]))
    figure("EDIFACT bytes to validated document", median(found[validated]), "us", peer=theirs)
    figure("EDIFACT document to segments", median(found["EDIFACT document to segments"]), "us", peer=theirs)
    figure("ORDERS read, validated, mapped", 1e6 / median(found[validated]), "a CPU second", at_least=400)
    print(f"EDIFACT validated and mapped / pydifact's parse  {ratio(found, validated, 'pydifact, bare parse'):6.2f}")
    print(f"ORDERS read, validated and mapped per CPU second {1e6 / median(found[validated]):6.0f}   at least 400")


if __name__ == "__main__":
    main()
