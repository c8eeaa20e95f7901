"""The language: layers, words, and what is said when a rule is wrong."""

from collections.abc import Callable

import pytest
from mapping_scene import OATS, codes_of, lines_of, order, read

from gateway.mapping.codes import CodeTable, LookupTable, tables_from_csv
from gateway.mapping.compiler import DocumentMapping
from gateway.model.faults import OurFault
from gateway.schema.directory import Directory

Compile = Callable[..., DocumentMapping]
Directories = dict[str, Directory]

BASE = """
document: Order
syntax: {kind: edifact, directory: d96a, message: ORDERS}
fields:
  id: BGM/1004
  issuedAt: {path: DTM/C507.2380, where: {C507.2005: '137'}}
  buyer.gln: {path: SG2/NAD/C082.3039, where: {SG2/NAD/3035: BY}}
  seller.gln: {path: SG2/NAD/C082.3039, where: {SG2/NAD/3035: SU}}
  lines:
    each: SG25
    fields:
      number: LIN/1082
      item.gtin: {path: LIN/C212.7140, where: {C212.7143: EN}, as: gtin}
      quantity: {path: QTY/C186.6060, where: {C186.6063: '21'}}
"""
LINE = (f"LIN+1++{OATS}:EN", "QTY+21:5")


def refused(compiled: Compile, *texts: str) -> OurFault:
    with pytest.raises(OurFault) as caught:
        compiled("test/ORDERS", *texts)
    return caught.value


def test_a_later_layer_replaces_a_rule_by_its_key(compiled: Compile, directories: Directories) -> None:
    mapping = compiled("test/ORDERS", BASE, "fields:\n  lines[].number: LIN/1229")
    reading = read(mapping, directories["d96a"], *order(f"LIN+1+7+{OATS}:EN", "QTY+21:5"))
    assert reading.document.lines[0].number == "7"  # type: ignore[union-attr]


def test_a_later_layer_adds_and_removes(compiled: Compile, directories: Directories) -> None:
    layer = """
remove: ['lines[].item']
fields:
  lines:
    each: SG25
    fields:
      item.sellerId: {path: LIN/C212.7140, where: {C212.7143: EN}}
"""
    item = read(compiled("test/ORDERS", BASE, layer), directories["d96a"], *order(*LINE)).document.lines[0].item  # type: ignore[union-attr]
    assert (item.gtin, item.seller_id) == (None, OATS)


def test_equal_rules_have_equal_digests_wherever_they_stand(compiled: Compile) -> None:
    plain = compiled("test/ORDERS", BASE)
    assert plain.digest == compiled("test/ORDERS", "# a comment\n\n" + BASE).digest
    assert plain.digest != compiled("test/ORDERS", BASE, "fields: {typeCode: BGM/C002.1001}").digest


@pytest.mark.parametrize(
    ("layer", "code", "line", "nearest"),
    [
        ("fields:\n  issuedOn: BGM/1004", "mapping.unknown-field", 2, "issuedAt"),
        ("fields:\n  lines[].qantity: LIN/1082", "mapping.unknown-field", 2, "quantity"),
        ("fields:\n  id: BGM/1005", "mapping.unknown-path", 2, "BGM/1004"),
        ("fields:\n  id: {path: DTM/C507.2830}", "mapping.unknown-path", 2, "DTM/C507.2380"),
        ("fields:\n  currency: SG8/CUX/C504.6345", "mapping.unknown-path", 2, "SG8/"),
        ("fields:\n  id: {pfad: BGM/1004}", "mapping.unknown-word", 2, "path"),
        ("felder: {}", "mapping.unknown-word", 1, "fields"),
        ("fields:\n  id: {path: BGM/1004, as: textt}", "mapping.unknown-converter", 2, "text"),
        (
            "fields:\n  function: {path: BGM/1225, code: functions/edifact}",
            "mapping.unknown-table",
            2,
            "function/edifact",
        ),
        ("fields:\n  id: {path: DTM/C507.2380, where: {C507.2005: '9137'}}", "mapping.unknown-code-value", 2, ""),
        ("fields:\n  buyer: {in: SG2, use: partei}", "mapping.unknown-block", 2, ""),
        ("fields:\n  id: {path: SG2/NAD/3164, where: {SG1/RFF/C506.1153: ON}}", "mapping.condition-elsewhere", 2, ""),
        ("fields:\n  id: {direction: in}", "mapping.no-path", 2, ""),
        ("fields:\n  id: {path: BGM/1004, direction: inn}", "mapping.unknown-word", 2, "in"),
        ("fields:\n  lines: LIN/1082", "mapping.list-needs-each", 2, ""),
        ("fields:\n  id: {each: SG25, fields: {}}", "mapping.not-a-list", 2, ""),
        ("remove: ['lines[].colour']", "mapping.unknown-field", 1, ""),
        ("document: Ordre", "mapping.unknown-document", None, "Order"),
        ("syntax: {kind: edifact, directory: d96a, message: ORDER}", "mapping.unknown-message", None, "ORDERS"),
        ("syntax: {kind: edifact, directory: d99b, message: ORDERS}", "mapping.unknown-directory", None, ""),
        ("syntax: {kind: edifakt}", "mapping.unknown-word", 1, "edifact"),
    ],
)
def test_a_wrong_rule_is_refused_with_place_and_the_nearest_name(
    compiled: Compile, layer: str, code: str, line: int | None, nearest: str
) -> None:
    fault = refused(compiled, BASE, layer)
    assert fault.code == code
    assert fault.where.line == line
    assert nearest in fault.params["nearest"]
    if line:
        assert fault.params["at"] == f"layer1.yaml:{line}"


def test_a_default_stands_for_what_is_absent_but_not_for_what_is_wrong(
    compiled: Compile, directories: Directories
) -> None:
    mapping = compiled(
        "test/ORDERS", BASE, "fields: {function: {path: BGM/1225, code: function/edifact, default: copy}}"
    )
    absent = ("BGM+220+1", *order(*LINE)[1:])
    assert read(mapping, directories["d96a"], *absent).document.function == "copy"  # type: ignore[union-attr]
    wrong = ("BGM+220+1+46", *order(*LINE)[1:])
    assert codes_of(read(mapping, directories["d96a"], *wrong)) == ["mapping.unknown-code"]


def test_a_lookup_translates_and_says_when_a_row_is_missing(compiled: Compile, directories: Directories) -> None:
    layer = """
fields:
  lines[].item.gtin: {path: PIA/C212.7140, where: {C212.7143: SA}, lookup: items, column: gtin, as: gtin, direction: in}
"""
    items = LookupTable.from_csv("items", f"theirs,gtin\nA-1,{OATS}\n")
    mapping = compiled("test/ORDERS", BASE, layer, lookups={"items": items})
    lines = ("LIN+1", "PIA+1+A-1:SA", "QTY+21:5", "LIN+2", "PIA+1+A-2:SA", "QTY+21:5")
    reading = read(mapping, directories["d96a"], *order(*lines))
    (finding, *_) = [each for each in reading.findings if each.code == "mapping.lookup-missing"]
    assert (finding.value, dict(finding.params)["table"]) == ("A-2", "items")


def test_a_condition_is_a_test_on_reading_and_a_constant_on_writing(
    compiled: Compile, directories: Directories
) -> None:
    layer = "fields: {refs.promotion: {path: SG1/RFF/C506.1154, where: {SG1/RFF/C506.1153: [PD, CT]}}}"
    mapping = compiled("test/ORDERS", BASE, layer)
    reading = read(mapping, directories["d96a"], *order(*LINE)[:2], "RFF+CT:S26", *order(*LINE)[2:])
    assert reading.document is not None
    assert reading.document.refs.promotion == "S26"  # type: ignore[union-attr]
    assert "RFF+PD:S26" in lines_of(mapping.write(reading.document))


def test_a_code_with_two_meanings_is_refused_unless_one_is_only_written() -> None:
    with pytest.raises(OurFault) as caught:
        CodeTable.from_pairs("t", [("a", "1"), ("b", "1")])
    assert caught.value.code == "mapping.code-clash"
    table = CodeTable.from_pairs("t", [("a", "1"), ("b", ">1")])
    assert (table.to_canonical["1"], table.to_wire["b"]) == ("a", "1")


def test_a_code_file_gives_one_table_per_syntax() -> None:
    tables = tables_from_csv("units", "canonical,edifact,ubl,label_en\nH87,PCE H87,H87,piece\n")
    assert set(tables) == {"units/edifact", "units/ubl"}
    assert tables["units/edifact"].to_canonical == {"PCE": "H87", "H87": "H87"}
    assert tables["units/edifact"].to_wire == {"H87": "PCE"}
