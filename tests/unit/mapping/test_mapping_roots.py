"""UBL has two roots for what the model calls Invoice: the type code says which is written."""

from collections.abc import Callable

import pytest
from lxml import etree

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import by_type_code, write_file
from gateway.model import json_form

CREDIT = {"381": "CreditNote", "380": "Invoice", "383": "Invoice", "389": "Invoice"}


@pytest.mark.parametrize("type_code", sorted(CREDIT))
@pytest.mark.parametrize("reverse", [False, True])
def test_the_type_code_chooses_the_root(
    type_code: str, reverse: bool, standard: Callable[[str], DocumentMapping]
) -> None:
    names = sorted(["ubl-2.1/CreditNote", "ubl-2.1/Invoice"], reverse=reverse)
    chosen = by_type_code([standard(name) for name in names], type_code)
    assert chosen.name == f"ubl-2.1/{CREDIT[type_code]}"
    document = json_form.from_plain(
        {
            "document": "Invoice", "id": "R-1", "issuedAt": "2026-03-09", "typeCode": type_code, "currency": "EUR",
            "seller": {"ids": [{"scheme": "0088", "value": "4099990000028"}]},
            "buyer": {"ids": [{"scheme": "0088", "value": "4099990000011"}]},
            "lines": [{"number": "1", "item": {"gtin": "04099990100018"}, "quantity": {"value": "3", "unit": "H87"}}],
        }
    )  # fmt: skip
    written = write_file(chosen, document)
    assert f"<cbc:{CREDIT[type_code]}TypeCode>{type_code}</cbc:".encode() in written
    back = chosen.read(etree.fromstring(written)).document
    assert back is not None
    assert back.type_code == type_code  # type: ignore[union-attr]


def test_without_a_type_code_an_invoice_is_an_invoice(standard: Callable[[str], DocumentMapping]) -> None:
    both = [standard("ubl-2.1/CreditNote"), standard("ubl-2.1/Invoice")]
    assert by_type_code(both, None).name == "ubl-2.1/Invoice"
