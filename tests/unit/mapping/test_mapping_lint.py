"""Each kind of mistake, planted into a mapping that is right, is told with its line and the nearest right name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config.grammars import Grammars
from gateway.config.yaml import load, marks, plain
from gateway.mapping.codes import CodeTable, LookupTable
from gateway.mapping.lint import lint
from gateway.mapping.rules import Layer
from gateway.model.findings import Finding
from gateway.schema.directory import Directory
from gateway.texts.catalogue import cure, text

RIGHT = """mapping: own/ORDERS
document: Order
syntax: {kind: edifact, directory: d96a, message: ORDERS}
fields:
  id: BGM/1004
  issuedAt: {path: DTM/C507.2380, where: {C507.2005: '137'}}
  requestedDelivery: {path: DTM/C507.2380, where: {C507.2005: '2'}}
  buyer.gln: {path: SG2/NAD/C082.3039, where: {SG2/NAD/3035: BY}}
  seller.gln: {path: SG2/NAD/C082.3039, where: {SG2/NAD/3035: SU}}
  lines:
    each: SG25
    fields:
      number: LIN/1082
      item.gtin: {path: LIN/C212.7140, as: gtin}
      quantity: {path: QTY/C186.6060, where: {C186.6063: '21'}}
"""
ITEMS = LookupTable.from_csv("items", "theirs,gtin\nA1,4099990100018\n")

STANDARD = Path(__file__).parents[3] / "mappings" / "standard"


def layer_of(rules: str, path: str) -> Layer:
    node = load(rules, path)
    return Layer(path=path, rules=plain(node), marks=marks(node))


Look = Callable[[str], list[Finding]]


@pytest.fixture
def look(directories: dict[str, Directory], codes: dict[str, CodeTable]) -> Look:
    def run(rules: str) -> list[Finding]:
        layers = [layer_of(rules, "own.yaml")]
        return lint("own/ORDERS", layers, directories=directories, codes=codes, lookups={"items": ITEMS})

    return run


@pytest.mark.parametrize(
    "number", ["\N{SUPERSCRIPT TWO}", "9" * 5_000, "0", "x"], ids=["digit", "long", "none", "word"]
)
def test_a_number_of_a_segment_that_is_none_is_a_finding(look: Look, number: str) -> None:
    found = look(RIGHT.replace("number: LIN/1082", f"number: 'LIN[{number}]/1082'"))
    assert [each.code for each in found if each.severity == "error"] == ["mapping.unknown-path"]


def test_a_right_mapping_has_no_findings(look: Look) -> None:
    assert look(RIGHT) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "nearest"),
    [
        ("requestedDelivery:", "requestedDelivry:", "mapping.unknown-field", 7, "requestedDelivery"),
        ("QTY/C186.6060", "QTY/C186.6061", "mapping.unknown-path", 15, "QTY/C186.606"),
        ("LIN/1082", "LIM/1082", "mapping.unknown-path", 13, "LIN"),
        ("{C507.2005: '2'}", "{C507.2005: '999'}", "mapping.unknown-code-value", 7, ""),
        ("as: gtin", "as: gtim", "mapping.unknown-converter", 14, "gtin"),
        ("C507.2005: '2'}}", "C507.2005: '2'}, as: text}", "mapping.type-clash", 7, "moment"),
        ("      quantity: {", "      freeQuantity: {", "mapping.required-unmapped", 10, ""),
        (
            "  buyer.gln",
            "  deliveryWindow.latest: {path: DTM/C507.2380, where: {C507.2005: '2'}}\n  buyer.gln",
            "mapping.same-place",
            8,
            "",
        ),
        (
            "  buyer.gln",
            "  refs.contract: SG1/RFF/C506.1154\n  buyer.gln",
            "mapping.repeated-unguarded",
            8,
            "",
        ),
        (
            "number: LIN/1082",
            "number: LIN/1082\n      action: {path: LIN/1229, choose: {added: '1', deleted: '1'}}",
            "mapping.code-clash",
            None,
            "",
        ),
        (
            "as: gtin",
            "as: gtin, lookup: items, column: gtin",
            "mapping.one-way",
            14,
            "",
        ),
        (
            "  buyer.gln",
            "  note: {path: SG11/TOD/4055, const: '6'}\n  buyer.gln",
            "mapping.constant-alone",
            8,
            "",
        ),
        ("{C507.2005: '2'}", "{C507.2005: '2', C507.2379: '616'}", "mapping.format-clash", 7, ""),
    ],
)
def test_a_planted_mistake_is_told_with_its_line(
    look: Look, old: str, new: str, code: str, line: int | None, nearest: str
) -> None:
    assert RIGHT.count(old) == 1
    found = [each for each in look(RIGHT.replace(old, new)) if each.code == code]
    assert len(found) == 1
    if line is not None:
        assert found[0].where.line == line
    assert nearest in dict(found[0].params).get("nearest", "")
    assert text(found[0], "en") != text(found[0], "zh-CN")
    assert cure(found[0], "en")


def test_all_mistakes_are_told_at_once_and_errors_come_first(look: Look) -> None:
    rules = RIGHT.replace("QTY/C186.6060", "QTY/C186.6061").replace("requestedDelivery:", "requestedDelivry:")
    found = look(rules.replace("  buyer.gln", "  refs.contract: SG1/RFF/C506.1154\n  buyer.gln"))
    assert [each.code for each in found] == [
        "mapping.unknown-field",
        "mapping.unknown-path",
        "mapping.repeated-unguarded",
    ]


def test_an_unknown_word_ends_the_look_because_nothing_can_be_trusted_then(look: Look) -> None:
    (found,) = look(RIGHT.replace("where: {C186.6063: '21'}", "were: {C186.6063: '21'}"))
    assert (found.code, dict(found.params)["nearest"]) == ("mapping.unknown-word", "where")


def test_the_shipped_mappings_have_no_findings(directories: dict[str, Directory], codes: dict[str, CodeTable]) -> None:
    grammars = Grammars(STANDARD.parents[1] / "schemas")  # with the schemas of UBL where they are installed
    for path in sorted(STANDARD.glob("*/*.yaml")):
        name = f"{path.parent.name}/{path.stem}"
        layers = [layer_of(path.read_text(encoding="utf-8"), f"mappings/standard/{name}.yaml")]
        found = lint(name, layers, directories=directories, codes=codes, lookups={}, grammar_for=grammars.of)
        assert [each for each in found if each.severity != "info"] == []


def test_a_standard_mapping_says_of_every_field_that_it_is_mapped_or_why_not(
    directories: dict[str, Directory], codes: dict[str, CodeTable]
) -> None:
    rules = (STANDARD / "eancom-1997" / "INVRPT.yaml").read_text(encoding="utf-8")
    for old, new, value in (
        ("  kind: EANCOM", "  receiver: EANCOM", "kind"),
        ("      batch:", "      price.x:", "lines[].batch"),
    ):
        layers = [layer_of(rules.replace(old, new), "mappings/standard/x")]
        found = lint("x", layers, directories=directories, codes=codes, lookups={})
        assert [each.value for each in found if each.code == "mapping.field-uncovered"] == [value]


def test_a_reason_for_a_field_that_there_is_not_is_an_error(
    directories: dict[str, Directory], codes: dict[str, CodeTable]
) -> None:
    rules = (STANDARD / "eancom-1997" / "INVRPT.yaml").read_text(encoding="utf-8")
    layers = [layer_of(f"{rules}  lines[].bach: no\n", "mappings/standard/x")]
    found = lint("x", layers, directories=directories, codes=codes, lookups={})
    assert [(each.code, dict(each.params)["nearest"]) for each in found] == [("mapping.unknown-field", "lines[].batch")]
