"""What is true between the families: both EANCOM years say the same, and a document survives the way through UBL in
every field that both formats carry. What one of them does not carry stands in its `cannot`, with the reason."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import read_file, write_file
from gateway.mapping.rules import ListHead
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.schema.directory import Directory

STANDARD = Path(__file__).parents[2] / "mappings" / "standard"
OLD = sorted(path.parent for path in (STANDARD / "eancom-1997").glob("*.cases/*/in.edi"))
UBL = {
    "ORDERS": "Order",
    "ORDCHG": "OrderChange",
    "ORDRSP": "OrderResponse",
    "DESADV": "DespatchAdvice",
    "RECADV": "ReceiptAdvice",
    "SLSRPT": "ProductActivity",
    "INVRPT": "InventoryReport",
    "SLSFCT": "Forecast",
    "INVOIC": "Invoice",
    "REMADV": "RemittanceAdvice",
    "PRICAT": "Catalogue",
}
BOTH_WAYS = [
    case for family in ("eancom-1997", "eancom-2002") for case in sorted((STANDARD / family).glob("*.cases/*"))
]
ONE_REJECTION_ONLY = "two-reasons-on-one-line"  # UBL has no room for the second: refused, see test_mapping_traps
BOTH_WAYS = [
    case for case in BOTH_WAYS if case.parent.name.removesuffix(".cases") in UBL and case.name != ONE_REJECTION_ONLY
]
DERIVED = {  # not told by a code of its own: said by other fields, or by the head for the lines
    "Order": {"requestedDelivery", "lines[].requestedDelivery"},
    "OrderChange": {"sequence", "requestedDelivery", "lines[].requestedDelivery"},
    "OrderResponse": {"lines[].status"},
    "DespatchAdvice": {"shipFrom", "shipTo", "lines[].order"},
    "ReceivingAdvice": {"lines[].order"},
    "InventoryReport": {"period"},
    "Invoice": {"billTo", "lines[].order"},
    "PriceCatalogue": {"lines[].number"},
}
Standard = Callable[[str], DocumentMapping]


def document_of(mapping: DocumentMapping, data: bytes, directories: dict[str, Directory]) -> Document:
    (found,) = read_file(data, lambda _: mapping, directories)
    assert found.reading.document is not None, found.all_findings
    return found.reading.document


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (path with numbers, field without, text) of every value in a canonical document in JSON form."""
    if isinstance(value, dict) and set(value) <= {"value", "unit", "per", "currency", "scheme"}:
        yield path, plain(path), str(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, f"{path}[{number}]")
    else:
        yield path, plain(path), str(value)


def plain(path: str) -> str:
    return "[]".join(part.partition("]")[2] if number else part for number, part in enumerate(path.split("[")))


def one_way(mapping: DocumentMapping) -> set[str]:
    """The fields that a mapping does not carry in both directions."""
    assert mapping.effective is not None
    entries = mapping.effective.entries
    sided = {
        plain(key)
        for key, entry in entries.items()
        if (isinstance(entry, ListHead) and entry.direction != "both")
        or (isinstance(entry, tuple) and {rule.direction for rule in entry} in ({"in"}, {"out"}))
    }
    return {*mapping.effective.cannot, *sided}


def within(field: str, fields: set[str]) -> bool:
    return any(field == each or field.startswith((f"{each}.", f"{each}[")) for each in fields)


def lost(one: Document, other: Document, excused: set[str]) -> list[str]:
    """The values of one that other does not have, or has otherwise."""
    theirs = {path: text for path, _, text in leaves(json_form.document_plain(other))}
    mine = leaves(json_form.document_plain(one))
    return [
        f"{path}: {text} became {theirs.get(path)}"
        for path, field, text in mine
        if theirs.get(path) != text and not within(field, excused)
    ]


@pytest.mark.parametrize("case", OLD, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_document_of_1997_is_the_same_after_the_way_through_2002(
    case: Path, standard: Standard, directories: dict[str, Directory]
) -> None:
    message = case.parent.name.removesuffix(".cases")
    old, new = standard(f"eancom-1997/{message}"), standard(f"eancom-2002/{message}")
    document = document_of(old, (case / "in.edi").read_bytes(), directories)
    assert document_of(new, write_file(new, document), directories) == document


@pytest.mark.parametrize("case", BOTH_WAYS, ids=lambda case: f"{case.parents[1].name}/{case.parent.name}/{case.name}")
def test_what_both_formats_carry_survives_the_way_through_ubl_and_back(
    case: Path, standard: Standard, directories: dict[str, Directory]
) -> None:
    message = case.parent.name.removesuffix(".cases")
    edifact = standard(f"{case.parents[1].name}/{message}")
    document = document_of(edifact, (case / "in.edi").read_bytes(), directories)
    credit = getattr(document, "type_code", None) == "381"
    ubl = standard("ubl-2.1/CreditNote" if credit else f"ubl-2.1/{UBL[message]}")
    carried = document_of(ubl, write_file(ubl, document), directories)
    back = document_of(edifact, write_file(edifact, carried), directories)
    derived = DERIVED.get(type(document).__name__, set())
    excused = one_way(ubl) | one_way(edifact) | derived
    assert lost(document, carried, excused) == []
    assert lost(carried, document, excused) == []
    assert lost(carried, back, one_way(edifact) | derived) == []
    assert lost(back, carried, excused) == []
