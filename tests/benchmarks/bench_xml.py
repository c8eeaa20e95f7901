"""What reading XML costs beside mapping: limits, schema and recognition, against lxml's bare parse in the same run.

    python tests/benchmarks/bench_xml.py

Input: the generated UBL 2.1 order of bench_mapping, of 20 and 2,000 lines, and a CSV order of as many. CPU time, the
median of many rounds. Needs `make schemas`.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from lxml import etree

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.codecs import csv_rows, envelope, sbdh, xml
from gateway.config.xml_schemas import load_xml_schemas
from gateway.mapping.csv_tables import form_of
from gateway.mapping.files import write_body
from gateway.schema.validate import validate
from gateway.schema.xml_check import check_document
from tests.benchmarks.bench_mapping import edifact
from tests.benchmarks.figures import figure
from tests.conftest import _directories, _standard

ROOT = Path(__file__).parents[2]


def median_ms(action: Callable[[], Any], rounds: int) -> float:
    found = []
    for _ in range(rounds):
        start = process_time()
        action()
        found.append(process_time() - start)
    return median(found) * 1000


def main() -> None:
    start = process_time()
    schemas = load_xml_schemas(ROOT / "schemas")
    loaded = process_time()
    ubl, flat, eancom = _standard("ubl-2.1/Order"), _standard("csv/Order"), _standard("eancom-1997/ORDERS")
    for lines, rounds in ((20, 300), (2000, 7)):
        (interchange,) = envelope.read_interchanges([edifact(1, lines)])
        document = eancom.read(validate(interchange.messages[0], _directories()["d96a"]).tree).document
        assert document is not None
        data, table = write_body(ubl, document), write_body(flat, document)
        opened, _, _ = sbdh.opened(xml.decode(data))
        if lines == 20:
            first = process_time()
            assert check_document(opened, schemas, "", {}) == ()
            print(
                f"schemas: index {(loaded - start) * 1000:.1f} ms, first order {(process_time() - first) * 1000:.0f} ms"
            )
        form = form_of(flat.syntax)
        rows = {
            "bare parse": median_ms(lambda data=data: etree.fromstring(data), rounds),
            "parse with limits": median_ms(lambda data=data: sbdh.opened(xml.decode(data)), rounds),
            "XSD": median_ms(lambda opened=opened: check_document(opened, schemas, "", {}), rounds),
            "mapping": median_ms(lambda opened=opened: ubl.read(opened.root), rounds),
            "CSV decode": median_ms(lambda table=table, form=form: csv_rows.decode(table, form), rounds),
            "CSV mapping": median_ms(
                lambda table=table, form=form: flat.read(csv_rows.decode(table, form)[0].root), rounds
            ),
        }
        for name, value in rows.items():
            if name != "bare parse":
                figure(f"{name}, {lines} lines", value, "ms", peer=("lxml's bare parse", rows["bare parse"]))
            print(f"{lines:5} lines  {name:20} {value:9.3f} ms  {value / rows['bare parse']:6.2f} x bare parse")


if __name__ == "__main__":
    main()
