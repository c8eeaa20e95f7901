"""A code that no table knows refuses a whole document only where we would act wrongly by it."""

from collections.abc import Callable
from typing import Any

import pytest
from mapping_scene import BUYER, OATS, PLACE, SELLER, codes_of, lines_of, read

from gateway.mapping.compiler import DocumentMapping
from gateway.model.faults import OurFault
from gateway.schema.directory import Directory

Compile = Callable[..., DocumentMapping]
REPORT = """
mapping: own/INVRPT
document: InventoryReport
syntax: {{kind: edifact, directory: d96a, message: INVRPT}}
fields:
  id: BGM/1004
  issuedAt: {{path: DTM/C507.2380, where: {{C507.2005: '137'}}}}
  reporter.gln: {{path: SG2/NAD/C082.3039, where: {{SG2/NAD/3035: BY}}}}
  lines:
    each: SG9/SG11
    fields:
      item.gtin: {{path: ../LIN/C212.7140, as: gtin}}
      type: {{path: QTY/C186.6063, choose: {{onHand: '17', available: '145'}}{unknown}}}
      quantity: QTY/C186.6060
      movement.direction: {{path: INV/4501, choose: {{out: '1', in: '2'}}{direction}}}
"""


def mapping_of(compiled: Compile, unknown: str, direction: str = "") -> DocumentMapping:
    words = {"unknown": f", unknown: {unknown}" if unknown else "", "direction": direction}
    return compiled("own/INVRPT", REPORT.format(**words))


def reported(mapping: DocumentMapping, directory: Directory, *segments: str) -> Any:
    head = ("BGM+35+S1+9", "DTM+137:20260302:102", f"NAD+BY+{BUYER}::9", f"NAD+SU+{SELLER}::9")
    return read(mapping, directory, *head, f"LIN+1++{OATS}:EN", *segments, f"LOC+14+{PLACE}::9")


@pytest.mark.parametrize(
    ("unknown", "value", "code"),
    [("keep", "other:190", "mapping.code-kept"), ("available", "available", "mapping.code-taken")],
)
def test_a_rule_says_what_an_unknown_code_becomes(
    compiled: Compile, directories: dict[str, Directory], unknown: str, value: str, code: str
) -> None:
    reading = reported(mapping_of(compiled, unknown), directories["d96a"], "QTY+190:5")
    assert reading.document is not None
    assert [each.type for each in reading.document.lines] == [value]
    assert [(each.code, each.severity, each.where.tag) for each in reading.findings] == [(code, "warning", "QTY")]
    assert reading.sources["lines[0].type"].tag == "QTY"


def test_what_was_kept_is_written_as_it_came(compiled: Compile, directories: dict[str, Directory]) -> None:
    mapping = mapping_of(compiled, "keep")
    document = reported(mapping, directories["d96a"], "QTY+190:5").document
    assert "QTY+190:5" in lines_of(mapping.write(document))


def test_a_dropped_code_leaves_the_field_empty(compiled: Compile, directories: dict[str, Directory]) -> None:
    mapping = mapping_of(compiled, "keep", ", unknown: drop")
    reading = reported(mapping, directories["d96a"], "QTY+17:5", "INV+9")
    assert reading.document is not None
    assert reading.document.lines[0].movement is None
    assert "mapping.code-dropped" in codes_of(reading)


def test_without_the_word_it_is_an_error(compiled: Compile, directories: dict[str, Directory]) -> None:
    reading = reported(mapping_of(compiled, ""), directories["d96a"], "QTY+190:5")
    assert reading.document is None
    assert "mapping.unknown-code" in codes_of(reading)


def test_a_text_too_long_for_a_code_is_not_kept(compiled: Compile, directories: dict[str, Directory]) -> None:
    reading = reported(mapping_of(compiled, "keep"), directories["d96a"], f"QTY+{'9' * 30}:5")
    assert reading.document is None
    assert "mapping.unknown-code" in codes_of(reading)


@pytest.mark.parametrize("value", ["nowhere", "other:1"])
def test_a_value_outside_the_table_is_not_compiled(compiled: Compile, value: str) -> None:
    with pytest.raises(OurFault) as caught:
        mapping_of(compiled, f"'{value}'")
    assert caught.value.code == "mapping.unknown-code-value"


def test_the_word_belongs_to_a_table(compiled: Compile) -> None:
    with pytest.raises(OurFault) as caught:
        compiled("own/INVRPT", REPORT.format(unknown="", direction="").replace("id: BGM/1004", "id: {path: BGM/1004, unknown: keep}"))  # noqa: E501  # fmt: skip
    assert caught.value.code == "mapping.bad-shape"
