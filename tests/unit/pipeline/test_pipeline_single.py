"""Files of one document, and of several: XML by its schema and header, CSV, canonical JSON with places."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pipeline_scene import FLOUR, NORDMARKT, OATS, OURS, STADTKETTE, Line, arrival_row, book, read

from gateway.mapping.compiler import DocumentMapping
from gateway.model.findings import Finding
from gateway.model.partner import Agreement
from gateway.pipeline.book import Book
from gateway.pipeline.prepare import prepare
from gateway.schema.xsd import XmlSchemas
from gateway.texts.catalogue import cure, text
from tests.journeys import papers

Standard = Callable[[str], DocumentMapping]
SBD = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
SALES = """report;report date;reporter GLN;receiver GLN;location GLN;from;to;GTIN;sold;returned
"""


def ubl_order(number: str = "SO-1") -> str:
    return papers.ubl_order(number, STADTKETTE, OURS, STADTKETTE, [(FLOUR, "2"), (OATS, "3")], when="2026-11-01")


def agreed(standard: Standard, partner: str, *names: str, **changes: Any) -> Book:
    """Return the book with more agreements to receive."""
    found = book()
    agreements = (
        *found.partners[partner].agreements,
        *(Agreement(direction="receive", mapping=n, over="x") for n in names),
    )
    partners = {**found.partners, partner: replace(found.partners[partner], agreements=agreements, **changes)}
    mappings = {**found.mappings, **{(partner, name): standard(name) for name in names}}
    return replace(found, partners=partners, mappings=mappings)


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(each.code, each.severity) for each in findings]


# --- schema -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_schemas() -> Book:
    if "ubl-2.1" not in book().schemas.sets:
        pytest.fail("no UBL schemas: run `make schemas`")
    return book()


def test_a_ubl_order_that_breaks_the_schema_is_parked_at_line_and_path(with_schemas: Book) -> None:
    broken = ubl_order().replace("<cbc:IssueDate>2026-11-01<", "\n<cbc:IssueDate>1.11.2026<")
    (one,) = read(broken, "stadtkette", with_schemas).messages
    assert (one.state, one.owner) == ("parked", "partner")
    assert one.fault is not None
    assert (one.fault.code, one.fault.where.path, one.fault.value) == (
        "xml.schema-value",
        "/Order/IssueDate",
        "1.11.2026",
    )
    assert (one.fault.where.line or 0) > 1
    assert "1.11.2026" in text(one.fault)
    assert cure(one.fault)
    assert not any(each.code == "mapping.bad-date" for each in one.findings)  # it would say the same again


def test_the_partner_may_be_warned_only_or_spared(with_schemas: Book) -> None:
    broken = ubl_order().replace("</cbc:ID>", "</cbc:ID><cbc:Extra>1</cbc:Extra>", 1)
    strict = read(broken, "stadtkette", with_schemas).messages[0]
    assert strict.state == "parked"
    for severity, expected in (("warning", [("xml.schema-unexpected", "warning")]), ("off", [])):
        partner = replace(with_schemas.partners["stadtkette"], severities={"xml.schema": severity})
        lenient = replace(with_schemas, partners={**with_schemas.partners, "stadtkette": partner})
        (one,) = read(broken, "stadtkette", lenient).messages
        assert one.state == "parsed"
        assert [each for each in codes(one.findings) if each[0].startswith("xml.")] == expected


def test_without_schemas_a_ubl_order_is_read_and_warned_of() -> None:
    (one,) = read(ubl_order(), "stadtkette", replace(book(), schemas=XmlSchemas())).messages
    assert one.state == "parsed"
    assert codes(one.findings)[0] == ("xml.schema-absent", "warning")
    assert "schemas import" in cure(one.findings[0])


# --- header -----------------------------------------------------------------------------------------------------------


def in_header(body: str, sender: str, instance: str = "i-1", receiver: str = f"0088:{OURS}") -> str:
    inner = body.partition("?>")[2] if body.startswith("<?xml") else body
    return (
        f'<StandardBusinessDocument xmlns="{SBD}"><StandardBusinessDocumentHeader>'
        f"<Sender><Identifier>{sender}</Identifier></Sender><Receiver><Identifier>{receiver}</Identifier></Receiver>"
        f"<DocumentIdentification><InstanceIdentifier>{instance}</InstanceIdentifier></DocumentIdentification>"
        f"</StandardBusinessDocumentHeader>{inner}</StandardBusinessDocument>"
    )


def test_an_order_in_a_header_is_the_order() -> None:
    plain = read(ubl_order(), "stadtkette").messages[0]
    found = read(in_header(ubl_order(), f"0088:{STADTKETTE}"), "stadtkette")
    (one,) = found.messages
    assert (one.state, one.document) == ("parsed", plain.document)
    (interchange,) = found.interchanges
    assert (interchange.sender, interchange.receiver, interchange.reference) == (STADTKETTE, OURS, "i-1")
    assert interchange.dedupe_key is not None


def test_a_header_may_not_speak_for_another_than_the_proved_partner() -> None:
    (one,) = read(in_header(ubl_order(), f"0088:{NORDMARKT}"), "stadtkette").messages
    assert one.fault is not None
    assert (one.state, one.fault.code) == ("parked", "interchange.sender-not-allowed")


def test_a_header_for_another_receiver_is_warned_of() -> None:
    (one,) = read(in_header(ubl_order(), f"0088:{STADTKETTE}", receiver="0088:9521005000006"), "stadtkette").messages
    assert (one.state, codes(one.findings)[0]) == ("parsed", ("interchange.receiver-not-us", "warning"))


def test_a_header_for_another_partner_of_ours_parks_the_document() -> None:
    (one,) = read(in_header(ubl_order(), f"0088:{STADTKETTE}", receiver=f"0088:{NORDMARKT}"), "stadtkette").messages
    assert one.fault is not None
    assert (one.state, one.fault.code) == ("parked", "interchange.receiver-not-us")


def test_an_empty_header_leaves_it_to_the_connection_and_the_parties() -> None:
    found = read(in_header(ubl_order(), "", "", ""), "stadtkette")
    (interchange,) = found.interchanges
    assert found.messages[0].state == "parsed"
    assert (interchange.sender, interchange.receiver, interchange.dedupe_key) == (STADTKETTE, OURS, None)


def test_the_same_instance_twice_is_one_order_and_other_content_under_it_is_kept_apart(line: Line) -> None:
    first, other = in_header(ubl_order("SO-1"), STADTKETTE), in_header(ubl_order("SO-2"), STADTKETTE)
    line.take(first, "stadtkette")
    line.take(first + "\n", "stadtkette")
    line.take(other, "stadtkette")
    states = [each["state"] for each in sorted(line.rows("message"), key=lambda row: str(row["id"]))]
    assert states[1:] == ["done", "quarantined"]


def test_several_orders_in_one_message_are_messages_of_their_own(standard: Standard) -> None:
    one = (
        "<order><creationDateTime>2026-11-01</creationDateTime><orderIdentification><entityIdentification>G-{n}"
        f"</entityIdentification></orderIdentification><buyer><gln>{NORDMARKT}</gln></buyer><seller><gln>{OURS}</gln>"
        "</seller><orderLineItem><lineItemNumber>1</lineItemNumber><requestedQuantity>{n}</requestedQuantity>"
        f"<transactionalTradeItem><gtin>0{OATS}</gtin></transactionalTradeItem></orderLineItem></order>"
    )
    body = "".join(one.replace("{n}", str(n)) for n in (1, 2, 3))
    data = f'<o:orderMessage xmlns:o="urn:gs1:ecom:order:xsd:3">{body}</o:orderMessage>'
    found = read(data, "nordmarkt", agreed(standard, "nordmarkt", "gs1-xml-3/Order"))
    assert [(each.business_number, each.position, each.state) for each in found.messages] == [
        ("G-1", 0, "parsed"), ("G-2", 1, "parsed"), ("G-3", 2, "parsed"),
    ]  # fmt: skip


def test_an_unknown_root_names_the_nearest_agreed_one() -> None:
    (one,) = read("<Ordr xmlns='urn:x'/>", "stadtkette").messages
    assert one.fault is not None
    assert (one.fault.code, one.fault.value, dict(one.fault.params)["nearest"]) == ("xml.unknown-root", "Ordr", "Order")


# --- CSV --------------------------------------------------------------------------------------------------------------


def sales(*reports: tuple[str, str, str]) -> str:
    head = f"2026-11-01;{NORDMARKT};{OURS};{NORDMARKT};2026-10-31;2026-10-31"
    return SALES + "".join(f"{number};{head};{gtin};{sold};\n" for number, gtin, sold in reports)


def test_a_csv_file_is_one_message_for_each_document_in_it(standard: Standard) -> None:
    use = agreed(standard, "nordmarkt", "csv/Order", "csv/SalesReport")
    data = sales(("R1", OATS, "4"), ("R1", FLOUR, "x"), ("R2", OATS, "5"))
    found = read(data, "nordmarkt", use, content_type="text/csv", filename="sales.csv")
    assert [(each.business_number, each.state, each.mapping) for each in found.messages] == [
        ("R1", "parked", "csv/SalesReport"), ("R2", "parsed", "csv/SalesReport"),
    ]  # fmt: skip
    fault = found.messages[0].fault
    assert fault is not None
    assert (fault.code, fault.where.line, fault.where.column) == ("mapping.bad-number", 3, 9)
    assert found.interchanges[0].status == "partly"
    ranges = [(each.start, each.end) for each in found.messages]
    assert data.encode()[ranges[1][0] : ranges[1][1]].startswith(b"R2;")


@pytest.mark.parametrize("known", [{"content_type": "text/csv"}, {"filename": "x.CSV"}, {}], ids=["type", "name", ""])
def test_csv_is_known_by_type_by_name_or_by_looking_like_nothing_else(
    standard: Standard, known: dict[str, str]
) -> None:
    use = agreed(standard, "nordmarkt", "csv/SalesReport")
    assert read(sales(("R1", OATS, "4")), "nordmarkt", use, **known).messages[0].state == "parsed"


def test_edifact_with_a_wrong_name_is_still_edifact_where_no_csv_is_agreed() -> None:
    found = prepare(book(), arrival_row(b"UNB+UNOC:3+1+2+260101:0000+1'UNZ+0+1'", filename="orders.csv"))
    assert found.interchanges[0].syntax == "edifact"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (gzip.compress(b"a;b\n1;2\n", mtime=0), "message.other-format gzip"),
        (b"PK\x03\x04....", "message.other-format ZIP"),
        (b"ISA*00*          *", "message.other-format ANSI X12"),
        (b" \r\n\x1a", "message.blank"),
        (b"\0" * 600, "message.blank"),
        ("\ufeffUNB+UNOC:3'".encode("utf-16-le"), "edifact.other-format UTF-16"),
    ],
)
def test_what_is_no_document_is_told_by_its_name_also_where_csv_is_agreed(
    standard: Standard, data: bytes, told: str
) -> None:
    for use in (agreed(standard, "nordmarkt", "csv/SalesReport"), book()):
        (one,) = prepare(use, arrival_row(data)).messages
        assert one.fault is not None
        name = dict(one.fault.params).get("format", one.fault.value or "")
        assert f"{one.fault.code} {name}".strip() == told


def test_a_table_in_utf_16_is_still_a_table(standard: Standard) -> None:
    use = agreed(standard, "nordmarkt", "csv/SalesReport")
    (one,) = prepare(use, arrival_row(sales(("R1", OATS, "4")).encode("utf-16"))).messages
    assert one.fault is not None
    assert (one.fault.code, one.fault.value) == ("csv.encoding", "utf-8")  # the mapping that takes it was asked


def test_csv_that_fits_nothing_agreed_is_parked(standard: Standard) -> None:
    use = agreed(standard, "nordmarkt", "csv/SalesReport", "csv/Order")
    (one,) = read("a;b;c\n1;2;3\n", "nordmarkt", use, filename="x.csv").messages
    assert one.fault is not None
    assert (one.state, one.fault.code) == ("parked", "agreement.missing")


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_every_error_of_canonical_json_has_pointer_line_and_column() -> None:
    data = '{"document": "InventoryReport", "id": "1", "issuedAt": "2026-13-01", "reporter": {},\n "lines": [\n'
    data += '  {"item": {"gtin": 5}, "quantity": {"value": "x"}, "type": "onHand", "colour": "red"}]}'
    (one,) = read(data, "warehouse").messages
    found = [(each.code, each.where.line, dict(each.params)["pointer"]) for each in one.findings]
    assert found == [
        ("json.bad-value", 1, "/issuedAt"),
        ("json.bad-value", 3, "/lines/0/item/gtin"),
        ("json.bad-value", 3, "/lines/0/quantity/value"),
        ("json.unknown-key", 3, "/lines/0/colour"),
    ]
    assert one.findings[1].where.column == data.splitlines()[2].index("5}") + 1
