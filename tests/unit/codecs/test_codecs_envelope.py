"""Interchanges and messages: header fields, promises of the envelope, each message on its own."""

import pytest

from gateway.codecs.edifact import Limits, Marks
from gateway.codecs.envelope import (
    InterchangeHeader,
    Opened,
    OutMessage,
    RawMessage,
    read_interchanges,
    read_parts,
    write_interchange,
)
from gateway.model.faults import PartnerFault
from gateway.model.tree import Segment

UNB = b"UNB+UNOC:3+4000001000005:14:INT+4000002000004:14+260105:0810+77+PW+ORDERS++1+AGR+1'"
GOOD = b"UNH+%d+ORDERS:D:96A:UN:EAN008'BGM+220+PO-%d+9'UNT+3+%d'"


def good(number: int) -> bytes:
    return GOOD % (number, number, number)


def only(data: bytes):
    (found,) = read_interchanges([data])
    return found


def codes(findings):
    return [each.code.removeprefix("edifact.") for each in findings]


def test_the_header_is_read_by_name():
    header = only(UNB + good(1) + b"UNZ+1+77'").header
    assert (header.sender, header.sender_qualifier, header.sender_internal) == ("4000001000005", "14", "INT")
    assert (header.receiver, header.reference, header.prepared_at) == ("4000002000004", "77", "260105:0810")
    assert (header.password, header.application, header.ack_request, header.agreement, header.test) == (
        "PW",
        "ORDERS",
        True,
        "AGR",
        True,
    )


def test_a_message_knows_its_type_and_its_bytes():
    data = UNB + b"\r\n" + good(1) + b"\r\n" + good(2) + b"UNZ+2+77'"
    found = only(data)
    first, second = found.messages
    assert (first.type, first.version, first.release, first.agency, first.association) == (
        "ORDERS",
        "D",
        "96A",
        "UN",
        "EAN008",
    )
    assert first.directory == "d96a"
    assert data[first.start : first.end] == good(1)
    assert data[second.start : second.end] == good(2)
    assert data[found.start : found.end] == data
    assert found.findings == first.findings == second.findings == ()


def test_several_interchanges_of_several_senders_stay_apart():
    other = UNB.replace(b"4000001000005", b"4000003000003").replace(b"+77+", b"+78+")
    found = list(read_interchanges([UNB + good(1) + b"UNZ+1+77'" + other + good(1) + b"UNZ+1+78'"]))
    assert [(each.header.sender, len(each.messages)) for each in found] == [("4000001000005", 1), ("4000003000003", 1)]
    assert codes(found[0].findings + found[1].findings) == []


@pytest.mark.parametrize(
    ("trailer", "code", "value", "iso"),
    [
        (b"UNZ+2+77'", "count-mismatch", "2", "29"),
        (b"UNZ+one+77'", "count-mismatch", "one", "29"),
        (b"UNZ+1+78'", "reference-mismatch", "78", "28"),
        (b"", "trailer-missing", None, "13"),
    ],
)
def test_a_wrong_interchange_trailer_is_a_finding_of_the_interchange(trailer, code, value, iso):
    found = only(UNB + good(1) + trailer)
    assert [(each.code, each.value, each.iso) for each in found.findings] == [(f"edifact.{code}", value, iso)]
    assert found.messages[0].findings == ()


@pytest.mark.parametrize(
    ("trailer", "code"),
    [(b"UNT+4+2'", "count-mismatch"), (b"UNT+3+9'", "reference-mismatch"), (b"", "trailer-missing")],
)
def test_a_wrong_message_trailer_touches_only_that_message(trailer, code):
    broken = good(2).replace(b"UNT+3+2'", trailer)
    found = only(UNB + good(1) + broken + good(3) + b"UNZ+3+77'")
    assert [codes(each.findings) for each in found.messages] == [[], [code], []]
    assert found.findings == ()


def test_a_repeated_message_reference_is_found_at_the_repetition():
    found = only(UNB + good(1) + good(2) + good(1) + b"UNZ+3+77'")
    assert [codes(each.findings) for each in found.messages] == [[], [], ["reference-repeated"]]
    assert found.messages[2].findings[0].iso == "26"


def test_segments_between_messages_are_reported_with_their_place():
    found = only(UNB + good(1) + b"DTM+137:20260105:102'" + good(2) + b"UNZ+2+77'")
    (finding,) = found.findings
    assert (finding.code, finding.iso, finding.where.tag, finding.where.segment) == (
        "edifact.segment-outside",
        "33",
        "DTM",
        None,
    )


def test_functional_groups_are_counted_and_kept_with_the_message():
    group = b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'" + good(1) + good(2) + b"UNE+2+G1'"
    found = only(UNB + group + b"UNZ+1+77'")
    assert [each.group for each in found.messages] == ["G1", "G1"]
    assert found.findings == ()


@pytest.mark.parametrize(
    ("inside", "codes_"),
    [
        (b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'" + good(1) + b"UNE+2+G1'", ["count-mismatch"]),
        (b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'" + good(1) + b"UNE+1+G2'", ["reference-mismatch"]),
        (b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'UNE+0+G1'" + b"", ["level-empty"]),
        (b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'" + good(1), ["trailer-missing"]),
        (
            b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'" + good(1) + good(2).replace(b"ORDERS", b"ORDRSP") + b"UNE+2+G1'",
            ["group-types-mixed"],
        ),
    ],
)
def test_wrong_groups_are_reported(inside, codes_):
    found = only(UNB + inside + b"UNZ+1+77'")
    assert codes(found.groups[0].findings) == codes_
    assert found.findings == ()


def test_a_wrong_group_says_nothing_of_the_other_groups():
    wrong = b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'" + good(1) + b"UNE+7+G1'"
    right = b"UNG+ORDERS+A+B+260105:0810+G2+UN+D:96A'" + good(2) + b"UNE+1+G2'"
    found = only(UNB + wrong + right + b"UNZ+2+77'")
    assert [codes(each.findings) for each in found.groups] == [["count-mismatch"], []]
    assert [(each.group, each.group_place) for each in found.messages] == [("G1", 0), ("G2", 1)]
    assert found.findings == ()


def test_a_group_reference_used_twice_is_reported_at_the_second():
    group = b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'%sUNE+1+G1'"
    found = only(UNB + group % good(1) + group % good(2) + b"UNZ+2+77'")
    assert [codes(each.findings) for each in found.groups] == [[], ["reference-repeated"]]
    assert found.groups[1].findings[0].iso == "26"
    assert found.groups[1].findings[0].where.element == 5


def test_messages_beside_a_group_are_a_fault_of_the_interchange():
    group = b"UNG+ORDERS+A+B+260105:0810+G1+UN+D:96A'" + good(1) + b"UNE+1+G1'"
    assert codes(only(UNB + group + good(2) + b"UNZ+1+77'").findings) == ["groups-and-messages"]


def test_messages_without_an_envelope_are_read_and_the_missing_unb_is_named():
    found = only(good(1))
    assert found.unb is None
    assert codes(found.findings) == ["header-missing"]
    assert [each.reference for each in found.messages] == ["1"]


def test_an_empty_interchange_is_reported():
    found = only(UNB + b"UNZ+0+77'")
    assert [(each.code, each.iso) for each in found.findings] == [("edifact.level-empty", "32")]


def test_mandatory_service_elements_are_asked_for():
    found = only(b"UNB+UNOC:3+A++260105:0810+77'UNH++ORDERS:D'UNT+2+'UNZ+1+77'")
    assert [dict(each.params)["what"] for each in found.findings] == ["0010"]
    assert [dict(each.params)["what"] for each in found.messages[0].findings] == ["0062", "0054", "0051"]


def test_text_after_the_last_interchange_is_not_lost():
    assert codes(only(UNB + good(1) + b"UNZ+1+77'\r\nSIGNATURE").findings) == ["text-outside"]


def test_what_stops_the_reading_ends_the_interchange_and_keeps_the_messages_before():
    found = only(UNB + good(1) + good(2).partition(b"UNT")[0] + b"UNO+1+X'" + b"UNZ+2+77'")
    assert [each.reference for each in found.messages] == ["1", "2"]
    assert "package-refused" in codes(found.findings)


def test_nothing_that_looks_like_edifact_is_refused():
    with pytest.raises(PartnerFault) as fault:
        list(read_interchanges([b"Dear partner, please find our order enclosed."]))
    assert fault.value.code == "edifact.not-edifact"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"ISA*00*          *00*", "ANSI X12"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"\r\n {}", "JSON"),
        ("\ufeffUNB+UNOC:3+A'".encode("utf-16-le"), "UTF-16"),
        ("UNB+UNOC:3+A'".encode("utf-16-le"), "UTF-16"),
        ("UNB+UNOC:3+A'".encode("utf-16-be"), "UTF-16"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04", "ZIP"),
        (b"VU5CK1VOT0M6Mys0MDAwMDAx", "Base64"),
        ("UNB+UNOC:3+A'".encode("cp500"), "EBCDIC"),
        (b"-----BEGIN PKCS7-----", "PEM"),
        (b"\x30\x82\x01\x00", "PKCS #7 (S/MIME)"),
        (b"ISA" + b"*00" * 50_000, "ANSI X12"),
    ],
)
def test_another_format_is_called_by_its_name(data, name):
    with pytest.raises(PartnerFault) as fault:
        list(read_interchanges([data[at : at + 7] for at in range(0, len(data), 7)]))
    assert (fault.value.code, fault.value.params["format"]) == ("edifact.other-format", name)


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\n" * 10])
def test_an_empty_file_is_called_empty(data):
    with pytest.raises(PartnerFault, match=r"edifact\.empty"):
        list(read_interchanges([data]))


@pytest.mark.parametrize("una", [b"UNA:+.?'", b"UNA:+.? ", b"UNA:+. '"])
def test_a_una_with_a_character_too_few_does_not_swallow_unb(una):
    found = only(una + UNB + good(1) + b"UNZ+1+77'")
    assert codes(found.findings) == ["una-invalid"]
    assert (found.header.sender, found.header.reference, len(found.messages)) == ("4000001000005", "77", 1)


def test_a_file_without_any_terminator_says_so():
    with pytest.raises(PartnerFault) as fault:
        list(read_interchanges([b"UNB+UNOC:3+A+B+260105:0810+1\nUNH+1+ORDERS:D:96A:UN\n"]))
    assert (fault.value.code, fault.value.where.offset) == ("edifact.terminator-missing", 0)


def test_parts_come_one_by_one_without_the_rest_of_the_file():
    def endless():
        yield UNB
        number = 0
        while True:
            number += 1
            yield good(number)

    parts = read_parts(endless())
    assert isinstance(next(parts), Opened)
    assert [next(parts).reference for _ in range(3)] == ["1", "2", "3"]  # type: ignore[union-attr]


def test_an_endless_message_is_refused():
    found = list(
        read_interchanges([UNB + b"UNH+1+ORDERS:D:96A:UN'" + b"LIN+1'" * 100], limits=Limits(message_segments=50))
    )
    assert codes(found[0].findings)[0] == "message-too-long"


def test_a_hundred_thousand_stray_segments_give_a_bounded_list_of_findings():
    found = only(UNB + b"LIN+1'" * 100_000 + b"UNZ+0+77'")
    assert codes(found.findings)[999:] == ["segment-outside", "findings-cut", "segment-outside", "level-empty"]


HEADER = InterchangeHeader(
    sender="4000001000005",
    sender_qualifier="14",
    receiver="4000002000004",
    receiver_qualifier="14",
    prepared_at="260105:0810",
    reference="77",
)


def test_writing_counts_and_repeats_references():
    body = [Segment("BGM", (("220",), ("PO-1",), ("9",)))]
    message = OutMessage(type="ORDERS", version="D", release="96A", association="EAN008", reference="1", body=body)
    assert write_interchange(HEADER, [message]) == (
        b"UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'"
        b"UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+PO-1+9'UNT+3+1'UNZ+1+77'"
    )


def test_una_is_written_only_for_other_marks():
    marks = Marks(component="|", element=";", release="!", terminator="~")
    written = write_interchange(HEADER, [], marks=marks, line_end="\r\n")
    assert written.startswith(b"UNA|;.! ~\r\nUNB;UNOC|3;")
    (found,) = read_interchanges([written])
    assert found.header == HEADER


def test_what_is_written_is_read_back_the_same():
    body = (Segment("FTX", (("AAI",), ("",), ("",), ("Grüße?", "a+b'c:d"))),)
    message = OutMessage(type="ORDERS", version="D", release="96A", reference="1", body=body)
    header = InterchangeHeader(**{**{f: getattr(HEADER, f) for f in ("sender", "receiver", "reference")}, "test": True})
    (found,) = read_interchanges([write_interchange(header, [message], line_end="\n")])
    assert found.header.test
    assert isinstance(found.messages[0], RawMessage)
    assert [(each.tag, each.elements) for each in found.messages[0].segments[1:-1]] == [
        (each.tag, each.elements) for each in body
    ]
