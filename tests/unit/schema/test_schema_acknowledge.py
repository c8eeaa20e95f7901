"""CONTRL and APERAK, both ways. What we write must itself be valid."""

from datetime import UTC, date, datetime

import pytest
from edifact_world import ORDER, directory, interchange, message

from gateway.codecs.edifact import write_segments
from gateway.codecs.envelope import InterchangeHeader, OutMessage, read_interchanges, write_interchange
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where, has_errors
from gateway.schema.acknowledge import MessageVerdict, aperak, contrl, read_aperak, read_contrl
from gateway.schema.validate import validate


def answer(found, **settings):
    verdicts = []
    for each in found.messages:
        checked = validate(each, directory("d96a")).findings
        verdicts.append(MessageVerdict(message=each, accepted=not has_errors(checked), findings=checked))
    return contrl(found, found.findings, verdicts, **settings)


def text(body):
    return write_segments(body).decode()


def sent(body, kind="CONTRL", version="D", release="3"):
    out = OutMessage(type=kind, version=version, release=release, reference="1", body=body)
    header = InterchangeHeader(sender="A", receiver="B", prepared_at="260105:0810", reference="9")
    (found,) = read_interchanges([write_interchange(header, [out])])
    return found.messages[0]


UCI = "UCI+77+4000001000005:14+4000002000004:14"


def test_a_good_interchange_is_accepted_in_one_segment():
    assert text(answer(interchange(ORDER, ORDER))) == f"{UCI}+7'"


def test_only_the_bad_message_of_three_is_rejected():
    bad = ORDER.replace("BGM+220", "BGM+22Q").replace("QTY+21:12", "QTY+21:x")
    assert text(answer(interchange(ORDER, bad, ORDER))) == (
        f"{UCI}+7'UCM+2+ORDERS:D:96A:UN:EAN008+4'UCS+2'UCD+12+2:1'UCS+7'UCD+37+2:2'"
    )


def test_accepted_messages_are_named_where_agreed():
    body = text(answer(interchange(ORDER, ORDER), list_accepted=True))
    assert body == f"{UCI}+7'UCM+1+ORDERS:D:96A:UN:EAN008+7'UCM+2+ORDERS:D:96A:UN:EAN008+7'"


def test_an_error_of_a_whole_segment_stands_in_ucs():
    body = text(answer(interchange(ORDER.replace("DTM+137", "XYZ'DTM+137"))))
    assert body == f"{UCI}+7'UCM+1+ORDERS:D:96A:UN:EAN008+4'UCS+3+15'"


def test_a_simple_element_has_no_component_in_ucd():
    body = text(answer(interchange(ORDER.replace("NAD+BY", "NAD+QQQ"))))
    assert body.endswith("UCS+4'UCD+12+2'")


def test_an_error_of_the_message_envelope_stands_in_ucm():
    data = interchange(ORDER)
    broken = write_interchange(
        data.header, [OutMessage(type="ORDERS", version="D", release="96A", reference="1", body=[])]
    ).replace(b"UNT+2+1", b"UNT+9+1")
    (found,) = read_interchanges([broken])
    body = text(answer(found))
    assert "UCM+1+ORDERS:D:96A:UN+4+29+UNT+2:1'" in body


def test_an_interchange_error_rejects_everything_in_uci():
    found = interchange(ORDER)
    wrong = Finding(code="edifact.count-mismatch", iso="29", where=Where(tag="UNZ", element=1, component=1))
    assert text(contrl(found, [wrong], [])) == f"{UCI}+4+29+UNZ+2:1'"


def test_messages_of_a_group_come_under_its_ucf():
    unb = "UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'"
    data = f"{unb}UNH+1+ORDERS:D:96A:UN'XYZ'UNT+3+1'UNE+1+G1'UNZ+1+77'".encode()
    (found,) = read_interchanges([data])
    body = text(answer(found))
    assert body.startswith(f"{UCI}+7'UCF+G1+A+B+7'UCM+1+ORDERS:D:96A:UN+4'")


def test_a_contrl_is_never_answered_with_a_contrl():
    found = interchange("UCI+1+A+B+7'", kind="CONTRL:D:3:UN")
    assert contrl(found, (), [MessageVerdict(message=found.messages[0], accepted=True)]) == []


def test_nobody_can_be_answered_without_unb():
    (found,) = read_interchanges([b"UNH+1+ORDERS:D:96A:UN'UNT+2+1'"])
    assert contrl(found, found.findings, []) == []


def test_what_we_write_is_a_valid_contrl():
    bad = ORDER.replace("BGM+220", "BGM+22Q").replace("DTM+137", "XYZ'DTM+137").replace("NAD+BY", "NAD+QQQ")
    body = answer(interchange(ORDER, bad))
    assert validate(sent(body), directory("control")).findings == ()
    assert validate(sent(body, version="4", release="1"), directory("control-4")).findings == ()


def test_a_contrl_is_read_as_an_acknowledgement_of_the_interchange():
    read = read_contrl(sent(answer(interchange(ORDER))))
    assert (read.kind, read.outcome, read.control_reference, read.message_reference) == (
        "contrl",
        "accepted",
        "77",
        None,
    )
    assert read.sender.gln == "4000002000004"


def test_a_rejected_message_makes_the_acknowledgement_a_rejection_with_places():
    bad = ORDER.replace("BGM+220", "BGM+22Q").replace("DTM+137", "XYZ'DTM+137")
    read = read_contrl(sent(answer(interchange(ORDER, bad))))
    assert (read.outcome, read.message_reference) == ("rejected", "2")
    assert [(each.code, each.where) for each in read.errors] == [
        ("12", "UNH 2, segment 2, element 2, component 1"),
        ("15", "UNH 2, segment 3"),
    ]


@pytest.mark.parametrize(("action", "outcome"), [("4", "rejected"), ("7", "accepted"), ("8", "received")])
def test_the_action_of_uci_decides(action, outcome):
    assert read_contrl(message(f"UCI+5+A+B+{action}'", kind="CONTRL:D:3:UN")).outcome == outcome


def test_a_contrl_without_uci_is_refused():
    with pytest.raises(PartnerFault) as fault:
        read_contrl(message("UCM+1'", kind="CONTRL:D:3:UN"))
    assert fault.value.code == "edifact.acknowledgement-unreadable"


def refusal(words="The item 04000862141404 is not known."):
    return aperak(
        number="A-1",
        now=datetime(2026, 1, 5, 8, 10, tzinfo=UTC),
        document="PO-1",
        document_message="1",
        sender="4000002000004",
        receiver="4000001000005",
        errors=[(Finding(code="orders.item-unknown"), words)],
    )


def test_an_aperak_is_valid_and_reads_back():
    written = sent(refusal(), "APERAK", "D", "96A")
    assert validate(written, directory("d96a")).findings == ()
    read = read_aperak(written)
    assert (read.kind, read.outcome, read.id, read.document, read.message_reference) == (
        "aperak",
        "rejected",
        "A-1",
        "PO-1",
        "1",
    )
    assert read.issued_at == datetime(2026, 1, 5, 8, 10)
    assert [(each.code, each.text) for each in read.errors] == [("18", "The item 04000862141404 is not known.")]


def test_a_long_text_is_cut_into_lines_of_seventy_characters():
    written = sent(refusal("x" * 400), "APERAK", "D", "96A")
    assert validate(written, directory("d96a")).findings == ()
    assert read_aperak(written).errors[0].text == "x" * 350


def test_an_aperak_without_errors_accepts():
    body = "BGM+313+A-2'DTM+137:20260105:102'RFF+ON:PO-1'NAD+MR+4000001000005::9'"
    read = read_aperak(message(body, kind="APERAK:D:96A:UN"))
    assert (read.outcome, read.issued_at, read.document) == ("accepted", date(2026, 1, 5), "PO-1")


def test_an_aperak_that_names_no_document_is_refused():
    with pytest.raises(PartnerFault):
        read_aperak(message("BGM+313+A-2'", kind="APERAK:D:96A:UN"))
