"""What is true between the families: both EANCOM years say the same, and a document survives the way through UBL."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import read_file, write_file
from gateway.model.documents import Document
from gateway.schema.directory import Directory

STANDARD = Path(__file__).parents[2] / "mappings" / "standard"
OLD = sorted(path.parent for path in (STANDARD / "eancom-1997").glob("*.cases/*/in.edi"))
UBL = {
    "ORDERS": "Order",
    "ORDRSP": "OrderResponse",
    "DESADV": "DespatchAdvice",
    "RECADV": "ReceiptAdvice",
    "SLSRPT": "ProductActivity",
    "INVRPT": "InventoryReport",
}
Standard = Callable[[str], DocumentMapping]


def document_of(mapping: DocumentMapping, data: bytes, directories: dict[str, Directory]) -> Document:
    (found,) = read_file(data, lambda _: mapping, directories)
    assert found.reading.document is not None
    return found.reading.document


@pytest.mark.parametrize("case", OLD, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_document_of_1997_is_the_same_after_the_way_through_2002(
    case: Path, standard: Standard, directories: dict[str, Directory]
) -> None:
    message = case.parent.name.removesuffix(".cases")
    old, new = standard(f"eancom-1997/{message}"), standard(f"eancom-2002/{message}")
    document = document_of(old, (case / "in.edi").read_bytes(), directories)
    assert document_of(new, write_file(new, document), directories) == document


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in OLD
        if case.parent.name.removesuffix(".cases") in UBL and case.name not in ("everything", "least")
    ],
    ids=lambda case: f"{case.parent.name}/{case.name}",
)
def test_what_both_formats_carry_survives_the_way_through_ubl_and_back(
    case: Path, standard: Standard, directories: dict[str, Directory]
) -> None:
    message = case.parent.name.removesuffix(".cases")
    edifact, ubl = standard(f"eancom-1997/{message}"), standard(f"ubl-2.1/{UBL[message]}")
    document = document_of(edifact, (case / "in.edi").read_bytes(), directories)
    carried = document_of(ubl, write_file(ubl, document), directories)
    back = document_of(edifact, write_file(edifact, carried), directories)
    assert back == carried
    assert carried.id == document.id
    assert len(carried.lines) >= len(document.lines)  # type: ignore[union-attr]  # a row may become one for each kind
