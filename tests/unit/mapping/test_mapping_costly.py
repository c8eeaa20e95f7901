"""Documents that cost more than they should: work and memory grow with what came, not with its square."""

from collections.abc import Callable
from time import process_time

import pytest

from gateway.codecs import xml
from gateway.codecs.csv_rows import CsvForm, decode, encode
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.converters import XML
from gateway.mapping.recognition import xml_parts
from gateway.mapping.rules import Syntax
from gateway.mapping.stores import VALUES_LIMIT, memory_of
from gateway.model.faults import PartnerFault

EACH = Syntax(kind="xml", root="orders", each="order")
UBL = (
    '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"'
    ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
)


def test_each_part_of_a_message_stands_where_it_stood_between_what_is_around_it() -> None:
    root = xml.decode(b"<orders><a/>\n<order>1</order>\n<b/>\n<order>2</order><order>3</order>\n<c/></orders>").root

    parts = list(xml_parts(EACH, root))

    assert [[each.text or each.tag for each in part] for part in parts] == [
        ["a", "1", "b", "c"], ["a", "b", "2", "c"], ["a", "b", "3", "c"],
    ]  # fmt: skip
    assert [part.find("order").sourceline for part in parts] == [2, 4, 4]
    assert len(root.findall("order")) == 3


def test_a_message_of_many_documents_is_taken_apart_in_the_time_of_its_size() -> None:
    root = xml.decode(b"<orders>" + b"<order><id>1</id><line/></order>" * 3_000 + b"</orders>").root
    start = process_time()

    assert sum(1 for _ in xml_parts(EACH, root)) == 3_000

    assert process_time() - start < 1.5


def test_what_would_be_too_much_around_each_document_is_refused() -> None:
    root = xml.decode(b"<orders>" + b"<x/>" * 2_000 + b"<order/>" * 1_000 + b"</orders>").root

    with pytest.raises(PartnerFault) as caught:
        list(xml_parts(EACH, root))

    assert caught.value.code == "xml.too-many-elements"


@pytest.mark.parametrize("count", [VALUES_LIMIT, 30_000])
def test_notes_without_end_are_refused_at_once(count: int, standard: Callable[[str], DocumentMapping]) -> None:
    notes = "".join(f"<cbc:Note>{number}</cbc:Note>" for number in range(count))
    root = xml.decode(f"{UBL}<cbc:ID>1</cbc:ID>{notes}</Order>".encode()).root
    start = process_time()

    reading = standard("ubl-2.1/Order").read(root)

    assert process_time() - start < 2
    told = [each for each in reading.findings if each.code == "mapping.too-many-values"]
    assert len(told) == (count > VALUES_LIMIT)


def test_a_memory_of_values_keeps_no_long_unit(standard: Callable[[str], DocumentMapping]) -> None:
    line = '<cac:OrderLine><cac:LineItem><cbc:Quantity unitCode="{}">7</cbc:Quantity></cac:LineItem></cac:OrderLine>'
    units = ("H87", "X" * 1_000)

    for unit in units:
        standard("ubl-2.1/Order").read(xml.decode(f"{UBL}{line.format(unit)}</Order>".encode()).root)

    kept = memory_of(XML["quantity"].read)
    assert [("7", (unit,)) in kept for unit in units] == [True, False]


def test_a_text_that_is_nearly_a_number_is_guarded_in_the_time_of_its_size() -> None:
    form = CsvForm(titles={"a": "a"})
    text = "+" + "1" * 32_000 + "x"
    start = process_time()

    (document,) = decode(f"a\n{text}\n".encode(), form)
    written = encode([document.root], form)

    assert process_time() - start < 1
    assert f"'{text}".encode() in written


@pytest.mark.parametrize("number", ["+49 30 1234", "-1,5", "+1.000,00", "-.5", "+1 2."])
def test_a_number_stays_a_number_in_csv(number: str) -> None:
    form = CsvForm(titles={"a": "a"}, delimiter=";")
    (document,) = decode(f"a\n{number}\n".encode(), form)

    assert encode([document.root], form) == f"a\r\n{number}\r\n".encode()
