"""Structure, elements and codes against the directory; recovery; places."""

import pytest
from edifact_world import ORDER, directory, message

from gateway.model.tree import Group, Segment
from gateway.schema.validate import validate


def findings(body: str, **settings):
    return validate(message(body, **settings), directory("d96a")).findings


def brief(found):
    return [(each.code.removeprefix("edifact."), each.iso, each.where.segment, each.where.tag) for each in found]


def shape(tree: Group):
    return [each.tag if isinstance(each, Segment) else (each.name, shape(each)) for each in tree.children]


def test_a_good_order_has_no_findings_and_stands_in_its_groups():
    result = validate(message(ORDER), directory("d96a"))
    assert result.findings == ()
    assert result.tree.name == "ORDERS"
    assert shape(result.tree) == [
        "UNH",
        "BGM",
        "DTM",
        ("SG2", ["NAD"]),
        ("SG2", ["NAD"]),
        ("SG25", ["LIN", "QTY"]),
        ("SG25", ["LIN", "QTY"]),
        "UNS",
        "CNT",
        "UNT",
    ]


def test_nested_groups_open_in_their_parents():
    body = ORDER.replace("QTY+21:12'", "QTY+21:12'PRI+AAA:9.90'RFF+CT:1'DTM+171:20260101:102'LOC+7+4000001000005::9'")
    tree = validate(message(body), directory("d96a")).tree
    assert shape(tree)[5] == ("SG25", ["LIN", "QTY", ("SG28", ["PRI"]), ("SG29", ["RFF", "DTM"]), ("SG33", ["LOC"])])


def test_an_unknown_segment_is_named_and_the_rest_still_read():
    body = ORDER.replace("DTM+137", "XYZ+1'DTM+137")
    result = validate(message(body), directory("d96a"))
    assert brief(result.findings) == [("segment-unknown", "15", 3, "XYZ")]
    assert "XYZ" not in [each.tag for each in result.tree.segments()]
    assert sum(each.tag == "LIN" for each in result.tree.segments()) == 2


def test_a_segment_at_the_wrong_place_does_not_drag_the_rest_along():
    body = ORDER.replace("LIN+1", "CNT+1:5'LIN+1")
    assert brief(findings(body)) == [("segment-misplaced", "15", 6, "CNT")]


def test_a_missing_mandatory_segment_is_placed_after_the_one_before():
    assert brief(findings(ORDER.replace("BGM+220+PO-1+9'", ""))) == [("segment-missing", "13", 1, "BGM")]


def test_a_missing_section_separator_is_found():
    assert brief(findings(ORDER.replace("UNS+S'", ""))) == [("segment-missing", "13", 9, "UNS")]


def test_too_many_segments_are_found_at_the_first_one_too_many():
    body = ORDER.replace("DTM+137:20260105:102'", "DTM+137:20260105:102'" * 36)
    assert brief(findings(body)) == [("segment-repeats", "35", 38, "DTM")]


def test_too_many_groups_are_found():
    body = ORDER.replace("NAD+BY", "RFF+CT:1'" * 11 + "NAD+BY")
    found = findings(body)
    assert brief(found) == [("group-repeats", "36", 14, "RFF")]
    assert dict(found[0].params) == {"group": "SG1", "limit": "10"}


def test_two_hundred_thousand_lines_are_within_the_directory():
    assert directory("d96a").structure("ORDERS").find("SG25").repeats == 200_000


@pytest.mark.parametrize(
    ("old", "new", "code", "iso", "element", "component", "value"),
    [
        ("BGM+220", "BGM+9999", "value-too-long", "39", 1, 1, "9999"),
        ("BGM+220", "BGM+22Q", "code-unknown", "12", 1, 1, "22Q"),
        ("PO-1+9", "PO-1+9+NA+5", "element-surplus", "16", 5, None, "5"),
        ("DTM+137:20260105:102", "DTM+137:20260105:102:4", "component-surplus", "16", 1, 4, "4"),
        ("DTM+137:20260105:102", "DTM+:20260105:102", "element-missing", "13", 1, 1, None),
        ("QTY+21:12", "QTY+21:1O", "value-not-numeric", "37", 1, 2, "1O"),
        ("QTY+21:12", "QTY+21:.5", "decimal-notation", "38", 1, 2, ".5"),
        ("QTY+21:12", "QTY+21:5.", "decimal-notation", "19", 1, 2, "5."),
        ("QTY+21:12", "QTY+21:1234567890123456", "value-too-long", "39", 1, 2, "1234567890123456"),
        ("LIN+1++", "LIN+1234567++", "value-too-long", "39", 1, None, "1234567"),
        ("NAD+BY", "NAD+QQQ", "code-unknown", "12", 1, None, "QQQ"),
        ("NAD+BY+", "NAD++", "element-missing", "13", 1, None, None),
    ],
)
def test_a_wrong_value_is_found_at_its_place(old, new, code, iso, element, component, value):
    (found,) = findings(ORDER.replace(old, new, 1))
    assert (found.code, found.iso, found.value) == (f"edifact.{code}", iso, value)
    assert (found.where.element, found.where.component) == (element, component)


@pytest.mark.parametrize("number", ["12", "-12", "12.5", "12,5", "123456789012345", "-12345678901234.5"])
def test_numbers_may_have_a_sign_and_a_decimal_mark_that_do_not_count(number):
    assert findings(ORDER.replace("QTY+21:12", f"QTY+21:{number}")) == ()


def test_codes_of_another_list_are_not_checked():
    assert findings(ORDER.replace("BGM+220", "BGM+ZZ9:1:91")) == ()
    assert brief(findings(ORDER.replace("BGM+220", "BGM+ZZ9::6"))) == [("code-unknown", "12", 2, "BGM")]


def test_eancom_codes_are_known_only_in_eancom_messages():
    body = ORDER.replace("DTM+137:20260105:102'", "DTM+137:20260105:102'ALI+++83E'")
    assert findings(body) == ()
    assert brief(findings(body, kind="ORDERS:D:96A:UN")) == [("code-unknown", "12", 4, "ALI")]


def test_all_faults_are_found_not_only_the_first():
    body = ORDER.replace("BGM+220", "BGM+22Q").replace("DTM+137", "XYZ'DTM+13Q").replace("QTY+21:12", "QTY+21:x")
    assert [each[0] for each in brief(findings(body))] == [
        "code-unknown",
        "segment-unknown",
        "code-unknown",
        "value-not-numeric",
    ]


def test_a_wrong_line_count_is_a_warning():
    (found,) = findings(ORDER.replace("CNT+2:2", "CNT+2:3"))
    assert (found.code, found.severity, found.value, dict(found.params)["found"]) == (
        "edifact.total-mismatch",
        "warning",
        "3",
        "2",
    )


def test_a_place_has_offset_line_and_group_path():
    (found,) = findings(ORDER.replace("QTY+21:12", "XYZ+1'\nQTY+21:12"))
    assert found.where.path == "SG25/XYZ"
    assert found.where.line == 1
    (found,) = findings(ORDER.replace("QTY+21:12", "\nQTY+21:x"))
    assert (found.where.line, found.where.column) == (2, 1)


def test_a_partner_setting_changes_or_drops_a_finding():
    bad = message(ORDER.replace("BGM+220", "BGM+22Q"))
    d96a = directory("d96a")
    assert validate(bad, d96a, severities={"edifact.code-unknown": "warning"}).findings[0].severity == "warning"
    assert validate(bad, d96a, severities={"edifact.code-unknown": "off"}).findings == ()


def test_without_a_directory_the_message_is_flat_and_one_warning_says_so():
    result = validate(message(ORDER), None)
    assert [(each.code, each.severity) for each in result.findings] == [("edifact.directory-missing", "warning")]
    assert len(result.tree.children) == 12


def test_a_message_cut_off_before_its_trailer_is_still_read():
    whole = message(ORDER)
    from dataclasses import replace

    result = validate(replace(whole, segments=whole.segments[:6]), directory("d96a"))
    assert [each.tag for each in result.tree.segments()] == ["UNH", "BGM", "DTM", "NAD", "NAD", "LIN"]


def test_syntax_4_repetitions_are_checked_too():
    body = ORDER.replace("NAD+BY+", "NAD+BY*QQQ+")
    assert brief(findings(body, syntax="UNOC:4")) == [
        ("code-unknown", "12", 4, "NAD"),
        ("element-repeats", "35", 4, "NAD"),
    ]
