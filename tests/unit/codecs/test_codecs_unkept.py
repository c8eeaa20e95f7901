"""What a partner can say that no text, number or database of ours can hold."""

import json
from typing import Any

import pytest

from gateway.codecs import canonical
from gateway.codecs.edifact import Marks, SegmentReader
from gateway.mapping.canonical import CanonicalReader
from gateway.model.faults import PartnerFault

LINE = {"number": "1", "item": {"gtin": "04099990000004"}, "quantity": {"value": "5"}}
ORDER: dict[str, Any] = {
    "document": "Order", "id": "A1", "issuedAt": "2026-03-02", "buyer": {}, "seller": {}, "lines": [LINE],
}  # fmt: skip


@pytest.mark.parametrize(
    "number", ['"1E+9999999"', "1e9999999", '"1E-9999999"', '"0E+9999999"', '"' + "9" * 500 + '"', "9" * 500]
)
def test_a_number_that_fills_the_memory_when_it_is_written_out_is_no_number(number: str) -> None:
    data = json.dumps(ORDER).replace('"5"', number).encode()

    reading = CanonicalReader("Order").read(canonical.decode(data))

    assert reading.document is None
    assert {each.code for each in reading.findings} == {"json.bad-value"}
    assert reading.findings[0].where.path == "lines[0].quantity.value"


@pytest.mark.parametrize("number", ['"1E+3"', "1e3", "1000", '"1000.000"', '"3.142857142857142857142857143"'])
def test_a_number_in_an_unusual_form_is_still_one(number: str) -> None:
    reading = CanonicalReader("Order").read(canonical.decode(json.dumps(ORDER).replace('"5"', number).encode()))

    assert reading.document is not None, reading.findings


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b'{"id": "A\\u0000"}', "id"),
        (b'{"lines": [{"number": "\\uD800"}]}', "lines[0].number"),
        (b'{"id": "\xed\xa0\x80"}', "id"),
        ('{"id": "\\ud800"}'.encode("utf-16"), "id"),
        (b'{"a\\u0000": 1}', ""),
        (b'"\\udfff"', ""),
    ],
)
def test_a_text_that_cannot_be_kept_is_a_fault_of_the_partner(data: bytes, path: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        canonical.decode(data)

    assert (caught.value.code, caught.value.where.path) == ("json.bad-value", path)
    assert str(caught.value.value).isascii()


def test_a_pair_of_surrogates_and_a_written_escape_are_text() -> None:
    assert canonical.decode(b'{"id": "\\ud83d\\ude00 \\\\u0000"}') == {"id": "\U0001f600 \\u0000"}


def test_a_nul_in_an_edifact_text_is_told_and_becomes_a_space() -> None:
    reader = SegmentReader()

    unb, *rest = reader.feed(b"UNB+UNOC:3+A+B+260302:0900+1'FTX+AAI+++left\0right'")

    assert unb.tag == "UNB"
    assert [each.get(4) for each in rest] == ["left right"]
    assert [each.code for each in reader.findings] == ["edifact.character-foreign"]


def test_nul_is_no_service_character_but_may_fill_the_reserved_place() -> None:
    assert Marks.from_una(b":+.?\0'").repetition == " "
    with pytest.raises(ValueError, match="NUL"):
        Marks.from_una(b":\0.? '")
