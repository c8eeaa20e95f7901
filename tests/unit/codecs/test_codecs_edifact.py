"""Reading and writing segments: marks, release, positions, character sets, limits."""

import pytest

from gateway.codecs.edifact import Limits, Marks, SegmentReader, from_pydifact, to_pydifact, write_segments
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.tree import Segment

ENVELOPE = b"UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'%sUNZ+1+77'"


def read(data: bytes, size: int | None = None, **settings):
    reader = SegmentReader(**settings)
    segments = []
    for at in range(0, len(data), size or len(data)):
        segments += reader.feed(data[at : at + (size or len(data))])
    segments += reader.close()
    return segments, reader.findings


def codes(findings):
    return [each.code for each in findings]


def test_a_segment_knows_its_tag_elements_and_place():
    segments, findings = read(ENVELOPE % b"UNH+1+ORDERS:D:96A:UN'\r\nBGM+220+PO-1+9'\r\nUNT+3+1'")
    bgm = segments[2]
    assert (bgm.tag, bgm.elements) == ("BGM", (("220",), ("PO-1",), ("9",)))
    assert (bgm.number, bgm.line, bgm.column) == (2, 2, 1)
    assert (ENVELOPE % b"UNH+1+ORDERS:D:96A:UN'\r\nBGM+220+PO-1+9'\r\nUNT+3+1'")[bgm.offset :].startswith(b"BGM")
    assert bgm.raw == b"BGM+220+PO-1+9"
    assert findings == []


def test_only_segments_between_unh_and_unt_have_a_number():
    segments, _ = read(ENVELOPE % b"UNH+1+ORDERS:D:96A:UN'BGM+220'UNT+3+1'UNH+2+ORDERS:D:96A:UN'UNT+2+2'")
    assert [(each.tag, each.number) for each in segments] == [
        ("UNB", 0),
        ("UNH", 1),
        ("BGM", 2),
        ("UNT", 3),
        ("UNH", 1),
        ("UNT", 2),
        ("UNZ", 0),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_the_result_does_not_depend_on_how_the_bytes_are_cut(size):
    data = b"\xef\xbb\xbfUNA:+.? '\r\n" + ENVELOPE % b"UNH+1+ORDERS:D:96A:UN'\r\nFTX+AAI+++it?'s ?? 5 ?+ 5'UNT+3+1'"
    assert read(data, size) == read(data)


def test_the_release_character_makes_every_mark_data():
    segments, _ = read(ENVELOPE % b"FTX+AAI+++a?+b?:c?'d??:e?'?''")
    assert segments[1].elements[3] == ("a+b:c'd?", "e''")


def test_two_release_characters_before_a_terminator_are_one_question_mark():
    segments, _ = read(ENVELOPE % b"FTX+AAI+++really????'BGM+220'")
    assert [each.tag for each in segments[1:3]] == ["FTX", "BGM"]
    assert segments[1].get(4) == "really??"


def test_a_released_quote_followed_by_una_is_text():
    segments, _ = read(ENVELOPE % b"FTX+AAI+++it?'UNA:*.? ~ end'BGM+220'")
    assert segments[1].get(4, 1) == "it'UNA"
    assert segments[2].get(1) == "220"


def test_una_may_name_any_marks_even_a_line_end_as_terminator():
    segments, findings = read(
        b"UNA|;,!  \nUNB;UNOC|3;A;B;260105|0810;1\nFTX;AAI;;;1!;2|3\nUNZ;0;1\n".replace(b"  \n", b" \n")
    )
    assert segments[1].elements[3] == ("1;2", "3")
    assert [each.line for each in segments] == [2, 3, 4]
    assert findings == []


def test_each_interchange_of_a_file_has_its_own_marks():
    second = b"UNA*$.# ~UNB$UNOC*3$C$D$260105*0810$2~FTX$AAI$$$x'+y~UNZ$0$2~"
    third = ENVELOPE % b"FTX+AAI+++plain'"
    segments, _ = read(ENVELOPE % b"FTX+AAI+++first'" + b"\r\n" + second + third)
    assert [each.get(4) for each in segments if each.tag == "FTX"] == ["first", "x'+y", "plain"]


def test_an_interchange_without_trailer_ends_where_the_next_una_begins():
    first = (ENVELOPE % b"FTX+AAI+++first'").partition(b"UNZ")[0]
    segments, _ = read(first + b"UNA*$.# 'UNB$UNOC*3$C$D$260105*0810$2'FTX$AAI$$$a*b'UNZ$0$2'")
    assert [each.elements[3] for each in segments if each.tag == "FTX"] == [("first",), ("a", "b")]


def test_impossible_una_is_reported_and_the_standard_marks_used():
    segments, findings = read(b"UNA:+.:: '" + ENVELOPE % b"")
    assert codes(findings)[0] in ("edifact.una-invalid", "edifact.text-outside")
    assert segments[0].get(2) == "4000001000005"


def test_level_b_separators_are_known_without_una():
    segments, _ = read(
        b"UNB\x1dUNOB\x1f1\x1dA\x1dB\x1d260105\x1f0810\x1d1\x1cFTX\x1dAAI\x1d\x1d\x1d5 + 5: 10?\x1cUNZ\x1d0\x1d1\x1c"
    )
    assert segments[1].get(4) == "5 + 5: 10?"


def test_syntax_4_repeats_an_element_at_the_repetition_mark():
    segments, _ = read(b"UNB+UNOC:4+A+B+20260105:0810+1'FTX+AAI+a:b*c:d?*e+x'UNZ+0+1'")
    assert segments[1].elements == (("AAI",), ("a", "b"), ("x",))
    assert segments[1].repeats == ((1, ("c", "d*e")),)


def test_an_asterisk_is_data_before_syntax_4():
    segments, _ = read(b"UNA:+.?*'UNB+UNOC:3+A+B+260105:0810+1'FTX+AAI+a*b'UNZ+0+1'")
    assert segments[1].get(2) == "a*b"
    assert segments[1].repeats == ()


@pytest.mark.parametrize(
    ("syntax", "text", "codec"),
    [
        ("UNOC", "Müller & Söhne", "iso8859-1"),
        ("UNOD", "Łódź", "iso8859-2"),
        ("UNOE", "Москва", "iso8859-5"),
        ("UNOF", "Αθήνα", "iso8859-7"),
        ("UNOK", "Şişli", "iso8859-9"),
        ("UNOY", "東京 Łódź", "utf-8"),
    ],
)
def test_text_is_decoded_as_unb_declares(syntax, text, codec):
    data = (f"UNB+{syntax}:3+A+B+260105:0810+1'FTX+AAI+++{text}'UNZ+0+1'").encode(codec)
    segments, findings = read(data)
    assert segments[1].get(4) == text
    assert findings == []


@pytest.mark.parametrize(
    ("syntax", "codec", "actual"),
    [("UNOA", "utf-8", "UTF-8"), ("UNOC", "utf-8", "UTF-8"), ("UNOC", "cp1252", "windows-1252")],
)
def test_everyday_lies_about_the_character_set_are_read_and_named(syntax, codec, actual):
    data = f"UNB+{syntax}:3+A+B+260105:0810+1'FTX+AAI+++MÜLLER – 5 €'UNZ+0+1'".encode(codec)
    segments, findings = read(data)
    assert segments[1].get(4) == "MÜLLER – 5 €"
    found = next(each for each in findings if each.code == "edifact.charset-mismatch")
    assert dict(found.params) == {"declared": syntax, "actual": actual}
    assert found.where.tag == "FTX"


def test_a_partner_setting_overrules_the_declared_character_set():
    data = "UNB+UNOC:3+A+B+260105:0810+1'FTX+AAI+++Żółw'UNZ+0+1'".encode("cp1250")
    segments, _ = read(data, charset="cp1250")
    assert segments[1].get(4) == "Żółw"


def test_lower_case_in_unoa_is_a_warning_told_once():
    _, findings = read(b"UNB+UNOA:2+A+B+260105:0810+1'FTX+AAI+++one'FTX+AAI+++two'UNZ+0+1'")
    assert codes(findings) == ["edifact.lower-case"]
    assert findings[0].severity == "warning"


def test_text_before_and_after_the_interchange_is_reported_not_fatal():
    segments, findings = read(b"HELLO\r\n" + ENVELOPE % b"" + b"\r\nBYE\x1a")
    assert len(segments) == 2
    assert [(each.code, each.value) for each in findings] == [
        ("edifact.text-outside", "HELLO"),
        ("edifact.text-outside", "BYE"),
    ]


def test_line_breaks_inside_a_segment_are_taken_out():
    segments, findings = read(ENVELOPE % b"FTX+AAI+++one\r\n two'")
    assert segments[1].get(4) == "one two"
    assert codes(findings) == ["edifact.line-break-inside"]


def test_a_file_that_ends_inside_a_segment_says_where():
    data = (ENVELOPE % b"BGM+220'").partition(b"UNZ")[0] + b"DTM+137:2026"
    segments, findings = read(data)
    assert [each.tag for each in segments] == ["UNB", "BGM"]
    assert (findings[0].code, findings[0].value, findings[0].where.offset) == (
        "edifact.truncated",
        "DTM+137:2026",
        data.index(b"DTM"),
    )


def test_an_endless_segment_is_refused_before_it_fills_the_memory():
    reader = SegmentReader(Limits(segment_bytes=1000))
    reader.feed(b"UNB+UNOC:3+A+B+260105:0810+1'FTX+AAI+++")
    reader.feed(b"x" * 900)
    with pytest.raises(PartnerFault) as fault:
        reader.feed(b"x" * 100)
    assert fault.value.code == "edifact.segment-too-long"


def test_endless_released_terminators_are_refused_too():
    reader = SegmentReader(Limits(segment_bytes=1000))
    with pytest.raises(PartnerFault):
        reader.feed(b"UNB+UNOC:3+A+B+260105:0810+1'FTX+AAI+++" + b"?'" * 2000)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"UIB+UNOA:4+++A+B'", "edifact.interactive-refused"),
        (ENVELOPE % b"UNO+1+X+Y+3'", "edifact.package-refused"),
        (b"x" * 200_000, "edifact.not-edifact"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data, code):
    with pytest.raises(PartnerFault) as fault:
        read(data)
    assert fault.value.code == code


def test_writing_releases_marks_and_leaves_trailing_empties_out():
    segment = Segment("FTX", (("AAI", ""), ("",), ("a+b", "it's", ""), ("",), ("", "")))
    assert write_segments([segment]) == b"FTX+AAI++a?+b:it?'s'"


def test_a_character_outside_the_level_is_refused_or_transliterated():
    segment = Segment("FTX", (("Łódź",),))
    with pytest.raises(OurFault) as fault:
        write_segments([segment], syntax_id="UNOC")
    assert (fault.value.code, fault.value.value) == ("edifact.character-unwritable", "Łódź")
    assert write_segments([segment], syntax_id="UNOC", transliterate=True) == b"FTX+L\xf3dz'"
    assert write_segments([segment], syntax_id="UNOA", transliterate=True) == b"FTX+LODZ'"


def test_a_line_end_in_a_value_is_written_as_a_space():
    assert write_segments([Segment("FTX", (("one\r\ntwo",),))]) == b"FTX+one two'"


def test_other_marks_are_released_when_they_are_data():
    marks = Marks(component="|", element=";", release="!", terminator="~")
    assert write_segments([Segment("FTX", (("a;b|c~!+:'",),))], marks) == b"FTX;a!;b!|c!~!!+:'~"


def test_segments_go_to_pydifact_and_back():
    segment = Segment("DTM", (("137", "20260105", "102"), ("x",)))
    assert to_pydifact(segment).elements == [["137", "20260105", "102"], "x"]
    assert from_pydifact(to_pydifact(segment)) == segment


def test_explicit_nesting_is_read_over_and_named():
    segments, findings = read(ENVELOPE % b"LIN:1:2+5'")
    assert (segments[1].tag, segments[1].elements) == ("LIN", (("5",),))
    assert [(each.code, each.iso) for each in findings] == [("edifact.nesting-indicator", "34")]


def test_plain_and_careful_reading_agree_segment_by_segment():
    body = b"\r\nLIN+1++4000862141404:EN'\r\n\r\nQTY+21:12'PRI+AAA:1.99\r\n'UNS+S'\nFTX+AAI+++a?+b??'"
    plain, _ = read(ENVELOPE % body)
    careful, _ = read(ENVELOPE % (body + "FTX+AAI+++é'".encode("latin-1")))
    assert careful[1:6] == plain[1:6]
