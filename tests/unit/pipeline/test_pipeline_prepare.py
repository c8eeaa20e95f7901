"""Prepare: what each kind of bytes becomes, whatever they are."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline_scene import (
    FLOUR,
    NOBODYS,
    NORDMARKT,
    OATS,
    OURS,
    STADTKETTE,
    book,
    envelope,
    message,
    order_body,
    orders,
    read,
    wire,
    with_agreements,
    with_partner,
)

from gateway.codecs.first_bytes import syntax_of
from gateway.texts.errors import ERRORS
from tests.journeys import papers


@pytest.mark.parametrize(
    ("head", "syntax"),
    [
        (b"UNB+UNOC:3", "edifact"),
        (b"UNA:+.? '", "edifact"),
        (b"\r\n  UNA:+.? '", "edifact"),
        (b"\xef\xbb\xbfUNB+UNOC:3", "edifact"),
        (b"To: someone\r\n\r\nUNB+UNOC:3", "edifact"),
        (b"UNH+1+ORDERS", "edifact"),
        (b"UIB+UNOA:4", "edifact"),
        (b'<?xml version="1.0"?>', "xml"),
        (b"\n<Order/>", "xml"),
        (b"\xef\xbb\xbf<Order/>", "xml"),
        (b"\xff\xfe<\x00O\x00", "xml"),
        (b"\xfe\xff\x00<", "xml"),
        (b'{"document"', "json"),
        (b" [1]", "json"),
        (b"", ""),
        (b"   ", ""),
        (b"ISA*00*", ""),
        (b"PK\x03\x04", ""),
        (b"\x00" * 600, ""),
        (b"\x00<\x00?\x00x\x00m\x00l", "xml"),
        ("\ufeff{".encode("utf-16-le"), "json"),
        ("\ufeffUNB+UNOC".encode("utf-16-be"), "edifact"),  # whose reader says that it is UTF-16
        ("\ufeffGTIN;Qty".encode("utf-16-le"), ""),
        (b"UNAaZ.?!", "edifact"),
        (b"Ort;Artikel\nUNBEKANNT;1\n", ""),
        (b"x" * 600 + b"UNB+", ""),
    ],
)
def test_the_first_bytes_tell_the_syntax(head: bytes, syntax: str) -> None:
    assert syntax_of(head) == syntax


def test_an_order_becomes_one_parsed_message_with_the_place_of_every_value() -> None:
    data = envelope(orders("PO-1", (OATS, "5")))
    (found,) = read(data).messages
    assert (found.state, found.type, found.business_number, found.reference) == ("parsed", "ORDERS", "PO-1", "1")
    assert (found.mapping, found.mapping_hash) == (
        "eancom-1997/ORDERS",
        book().mappings["nordmarkt", "eancom-1997/ORDERS"].digest,
    )
    place = found.sources["lines[0].item.gtin"]
    assert place.offset is not None
    assert data[place.offset :].startswith(b"LIN+1++9521001100014")
    assert (place.tag, place.element, place.component) == ("LIN", 3, 1)
    assert data[found.start : found.end].startswith(b"UNH+1+ORDERS")
    assert data[found.start : found.end].endswith(b"UNT+12+1'")


def test_an_accepted_interchange_is_answered_by_its_uci_alone() -> None:
    found = read(envelope(orders("PO-1")))
    assert found.interchanges[0].status == "accepted"
    assert wire(found) == [f"UCI+R1+{NORDMARKT}:14+9521001000000:14+7"]
    assert (found.answers[0].partner, found.answers[0].over) == ("nordmarkt", "as2")


def test_of_three_messages_the_bad_one_is_parked_and_named_in_the_contrl() -> None:
    data = envelope(
        orders("PO-1", reference="1"),
        orders("PO-2", reference="2", when="20261399"),
        orders("PO-3", reference="3"),
    )
    found = read(data)
    assert [each.state for each in found.messages] == ["parsed", "parked", "parsed"]
    assert [each.position for each in found.messages] == [0, 1, 2]
    assert found.interchanges[0].status == "partly"
    told = wire(found)
    assert told[0].endswith("+7")
    assert told[1:] == ["UCM+2+ORDERS:D:96A:UN:EAN008+4", "UCS+3", "UCD+12+2:2"]
    fault = found.messages[1].fault
    assert fault is not None
    assert fault.where.offset == data.index(b"DTM+137:20261399")
    assert (fault.where.segment, fault.where.element, fault.where.component) == (3, 1, 2)
    assert found.messages[1].owner == "partner"


def test_all_messages_bad_is_an_interchange_rejected_message_by_message() -> None:
    found = read(envelope(orders("PO-1", when="20269901")))
    assert found.interchanges[0].status == "rejected"
    assert wire(found)[0].endswith("+7")
    assert wire(found)[1].startswith("UCM+1+ORDERS")


def test_who_speaks_for_another_is_refused_whole_with_code_23() -> None:
    found = read(envelope(orders("PO-1"), sender="9521003000008"))
    (one,) = found.messages
    assert (one.state, one.fault and one.fault.code) == ("parked", "interchange.sender-not-allowed")
    assert found.interchanges[0].status == "rejected"
    (uci,) = wire(found)
    assert uci.split("+")[4:] == ["4", "23", "UNB", "3:1"]


def test_any_of_a_partners_numbers_may_stand_in_unb() -> None:
    assert read(envelope(orders("PO-1"), sender="9521002000016")).messages[0].state == "parsed"


def test_an_interchange_for_somebody_else_is_taken_with_a_warning() -> None:
    found = read(envelope(orders("PO-1"), receiver="9521005000006"))
    assert found.messages[0].state == "parsed"
    assert [(each.code, each.severity) for each in found.interchanges[0].findings] == [
        ("interchange.receiver-not-us", "warning")
    ]


def test_an_interchange_for_another_partner_of_ours_is_refused_whole_with_code_7() -> None:
    found = read(envelope(orders("PO-1"), receiver="9521003000008"))
    (one,) = found.messages
    assert (one.state, one.fault and one.fault.code) == ("parked", "interchange.receiver-not-us")
    (uci,) = wire(found)
    assert uci.split("+")[4:] == ["4", "7", "UNB", "4:1"]


def test_a_partners_severities_weigh_its_findings() -> None:
    stranger = envelope(orders("PO-1"), sender="9521003000008")
    lenient = with_partner("nordmarkt", severities={"interchange.sender-not-allowed": "off"})
    assert read(stranger, use=lenient).messages[0].state == "parsed"
    assert read(stranger, use=lenient).interchanges[0].findings == ()
    strict = with_partner("nordmarkt", severities={"interchange.receiver-not-us": "error"})
    assert read(envelope(orders("PO-1"), receiver="9521005000006"), use=strict).messages[0].state == "parked"


def test_a_message_that_nothing_is_agreed_about_is_ours_to_mend_and_not_refused() -> None:
    found = read(papers.desadv("D-1", "PO-1", NORDMARKT, OURS, OURS, [(OATS, "1")], when="20261101"))
    (one,) = found.messages
    assert (one.state, one.owner, one.fault and one.fault.code) == ("parked", "us", "agreement.missing")
    assert not any(each.startswith("UCM") for each in wire(found))


def test_no_contrl_is_owed_when_the_agreements_say_so() -> None:
    assert read(envelope(orders("PO-1")), use=with_agreements("nordmarkt", contrl=False)).answers == ()


def test_who_has_no_edifact_agreement_gets_no_contrl_for_what_it_sends_by_mistake() -> None:
    found = read(envelope(orders("PO-1"), sender=STADTKETTE), "stadtkette")
    assert found.messages[0].state == "parked"
    assert found.answers == ()


def test_a_contrl_is_never_answered() -> None:
    control = message("CONTRL", f"UCI+77+{book().own.partner.gln}:14+{NORDMARKT}:14+7'", kind_of="D:3:UN")
    found = read(envelope(control))
    assert found.answers == ()
    assert (found.messages[0].document_type, found.messages[0].state) == ("Acknowledgement", "parsed")


def test_an_unreadable_contrl_is_parked() -> None:
    found = read(envelope(message("CONTRL", "", kind_of="D:3:UN")))
    assert found.messages[0].state == "parked"
    assert found.answers == ()


def test_an_empty_interchange_is_shown() -> None:
    (one,) = read(envelope()).messages
    assert one.state == "parked"
    assert one.fault is not None


def test_two_interchanges_in_one_file_stand_for_themselves() -> None:
    data = envelope(orders("PO-1"), reference="R1") + envelope(orders("PO-2", when="20269901"), reference="R2")
    found = read(data)
    assert [each.status for each in found.interchanges] == ["accepted", "rejected"]
    assert [(each.position, each.interchange) for each in found.messages] == [(0, 0), (1, 1)]
    assert [each.interchange for each in found.answers] == [0, 1]
    assert len({each.digest for each in found.interchanges}) == 2


def test_a_test_flag_marks_the_interchange_and_its_messages() -> None:
    found = read(envelope(orders("PO-1"), test=True))
    assert found.messages[0].test
    assert found.interchanges[0].test
    assert found.interchanges[0].dedupe_key != read(envelope(orders("PO-1"))).interchanges[0].dedupe_key


@pytest.mark.parametrize(
    "use",
    [with_partner("nordmarkt", mode="test"), with_agreements("nordmarkt", test=True)],
    ids=["partner in test mode", "agreement in test"],
)
def test_the_settings_can_make_everything_test_traffic(use: object) -> None:
    assert read(envelope(orders("PO-1")), use=use).messages[0].test  # type: ignore[arg-type]


def test_a_ubl_order_is_read_by_its_root_element() -> None:
    text = papers.ubl_order(
        "SO-1", "9521003000008", "9521001000000", "9521003000015", [(FLOUR, "2")], when="2026-11-01"
    )
    found = read(text, "stadtkette")
    (one,) = found.messages
    assert (one.state, one.type, one.business_number, one.mapping) == ("parsed", "Order", "SO-1", "ubl-2.1/Order")
    assert found.interchanges[0].syntax == "xml"
    assert found.answers == ()


def test_xml_that_nothing_is_agreed_about_is_ours_to_mend() -> None:
    (one,) = read("<Catalogue xmlns='urn:x'><ID>1</ID></Catalogue>", "stadtkette").messages
    assert (one.state, one.owner, one.type) == ("parked", "us", "Catalogue")
    assert one.fault is not None
    assert one.fault.code == "xml.unknown-root"


def test_an_order_of_another_namespace_is_not_the_agreed_one() -> None:
    (one,) = read("<Order xmlns='urn:other'><ID>1</ID></Order>", "stadtkette").messages
    assert one.fault is not None
    assert (one.fault.code, one.fault.value) == ("xml.unknown-root", "{urn:other}Order")
    assert dict(one.fault.params)["nearest"] == "{urn:oasis:names:specification:ubl:schema:xsd:Order-2}Order"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "message.blank"),
        (b"hello", "message.syntax-unknown"),
        (b"<Order><ID>", "xml."),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "xml."),
        (b"{not json", "json."),
        (b"UNB+UNOC:3", "edifact."),
    ],
)
def test_bytes_that_cannot_be_read_are_one_parked_message_of_the_partner(data: bytes, code: str) -> None:
    found = read(data)
    (one,) = found.messages
    assert found.state == "parsed"
    assert (one.state, one.owner, one.document) == ("parked", "partner", None)
    assert one.fault is not None
    assert one.fault.code.startswith(code)
    assert one.fault.code in ERRORS
    assert one.findings


def test_an_arrival_of_a_partner_that_is_gone_is_parked() -> None:
    (one,) = read(envelope(orders("PO-1")), "closed-down").messages
    assert one.fault is not None
    assert one.fault.code == "partner.unknown"


def test_an_item_that_nobody_knows_is_no_matter_of_reading() -> None:
    assert read(envelope(orders("PO-1", (NOBODYS, "1")))).messages[0].state == "parsed"


def test_a_missing_group_or_count_is_refused_at_its_place() -> None:
    body = order_body("PO-1", [(OATS, "5")]).replace("CNT+2:1'", "CNT+2:3'")
    (one,) = read(envelope(message("ORDERS", body))).messages
    assert [each.where.tag for each in one.findings if "cnt" in each.code or "count" in each.code]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_the_bytes_prepare_gives_messages_and_raises_nothing(data: st.DataObject) -> None:
    good = envelope(orders("PO-1", (OATS, "5"), (FLOUR, "2")), orders("PO-2", reference="2"))
    raw = bytearray(
        data.draw(st.sampled_from([good, papers.ubl_order("S", "1", "2", "3", [(OATS, "1")], when="x").encode(), b""]))
    )
    for _ in range(data.draw(st.integers(0, 6))):
        if raw:
            at = data.draw(st.integers(0, len(raw) - 1))
            raw[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    partner = data.draw(st.sampled_from(["nordmarkt", "stadtkette", "warehouse", "nobody"]))
    found = read(bytes(raw), partner)
    assert found.messages
    assert all(each.state in ("parsed", "parked") for each in found.messages)
    assert all((each.fault is not None) == (each.state == "parked") for each in found.messages)
    assert all(each.document is not None for each in found.messages if each.state == "parsed")
