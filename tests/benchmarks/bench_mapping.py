"""What mapping costs, against lxml's bare parse and one lxml find per mapped field in the same run. CPU time.

    python tests/benchmarks/bench_mapping.py

Input: one generated order of 20 and of 2,000 lines, as EANCOM D.96A and as UBL 2.1.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

from lxml import etree

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import _directories, _standard  # the test suite's way to the shipped mappings

from gateway.codecs import envelope, xml
from gateway.schema.validate import validate

BUYER, SELLER, OATS = "4099990000011", "4099990000028", "4099990100018"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
LINE_FIELDS = ("ID", "Quantity", "LineExtensionAmount")


def edifact(lines: int) -> bytes:
    head = f"BGM+220+P1+9'DTM+137:20260302:102'DTM+2:20260305:102'NAD+BY+{BUYER}::9'NAD+SU+{SELLER}::9'CUX+2:EUR:9'"
    line = "LIN+{n}++" + OATS + ":EN'PIA+1+A{n}:SA'IMD+F++:::Oats {n}'QTY+21:{n}'DTM+2:20260306:102'PRI+AAA:1.25'"
    body = head + "".join(line.format(n=n) for n in range(1, lines + 1)) + f"UNS+S'CNT+2:{lines}'"
    count = body.count("'") + 2
    unb = f"UNB+UNOC:3+{BUYER}:14+{SELLER}:14+260302:0900+1'UNH+1+ORDERS:D:96A:UN:EAN008'"
    return f"{unb}{body}UNT+{count}+1'UNZ+1+1'".encode()


def best_ms(action: Callable[[], Any], rounds: int) -> float:
    found = []
    for _ in range(rounds):
        start = process_time()
        action()
        found.append(process_time() - start)
    return min(found) * 1000


def finds(root: Any) -> None:
    """One find per field, the usual way."""
    for line in root.findall(f"{CAC}OrderLine"):
        item = line.find(f"{CAC}LineItem")
        for name in LINE_FIELDS:
            item.findtext(f"{CBC}{name}")
        item.findtext(f"{CAC}Price/{CBC}PriceAmount")
        item.findtext(f"{CAC}Delivery/{CAC}RequestedDeliveryPeriod/{CBC}StartDate")
        for name in ("BuyersItemIdentification", "SellersItemIdentification", "StandardItemIdentification"):
            item.findtext(f"{CAC}Item/{CAC}{name}/{CBC}ID")
        item.findtext(f"{CAC}Item/{CBC}Name")


def main() -> None:
    directory = _directories()["d96a"]
    eancom, ubl = _standard("eancom-1997/ORDERS"), _standard("ubl-2.1/Order")
    for lines, rounds in ((20, 300), (2000, 3)):
        (interchange,) = envelope.read_interchanges([edifact(lines)])
        tree = validate(interchange.messages[0], directory).tree
        document = eancom.read(tree).document
        assert document is not None
        data = xml.encode(ubl.write(document))
        root = xml.decode(data).root
        assert ubl.read(root).document == document
        rows = {
            "EDIFACT read": best_ms(lambda tree=tree: eancom.read(tree), rounds),
            "EDIFACT write": best_ms(lambda document=document: eancom.write(document), rounds),
            "XML bare parse": best_ms(lambda data=data: etree.fromstring(data), rounds),
            "XML parse, limited": best_ms(lambda data=data: xml.decode(data), rounds),
            "XML one find per field": best_ms(lambda root=root: finds(root), rounds),
            "XML read": best_ms(lambda root=root: ubl.read(root), rounds),
            "XML write": best_ms(lambda document=document: ubl.write(document), rounds),
        }
        for name, value in rows.items():
            print(f"{lines:5} lines  {name:24} {value:9.3f} ms")


if __name__ == "__main__":
    main()
