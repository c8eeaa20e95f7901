"""Overlays: narrower and wider status, repeats, codes and values; errors in them are told."""

import pytest
from edifact_world import ORDER, directory, message

from gateway.model.faults import OurFault
from gateway.schema.directory import Directory
from gateway.schema.overlay import Overlay
from gateway.schema.validate import validate


def guide(**changes: object) -> Overlay:
    return Overlay.of("guide", {"guide": "test", **changes})


def found(
    overlay: Overlay, body: str = ORDER, kind: str = "ORDERS:D:96A:UN"
) -> list[tuple[str, str | None, str | None]]:
    findings = validate(message(body, kind="ORDERS:D:96A:UN"), directory("d96a"), overlay=overlay).findings
    return [(each.code.removeprefix("edifact."), each.where.tag, each.value) for each in findings]


def test_an_overlay_without_changes_changes_nothing():
    assert found(guide()) == []


def test_a_segment_can_be_made_mandatory():
    overlay = guide(structure={"ORDERS": {"SG25/PIA": "M 5"}})
    assert found(overlay) == [("segment-missing", "PIA", None)] * 2
    assert found(overlay, ORDER.replace("EN'QTY", "EN'PIA+1+A:SA'QTY")) == []


def test_a_mandatory_segment_can_be_left_out_when_agreed():
    body = ORDER.replace("DTM+137:20260105:102'", "")
    assert found(guide(), body) == [("segment-missing", "DTM", None)]
    assert found(guide(structure={"ORDERS": {"DTM": "C"}}), body) == []


def test_repeats_can_be_fewer_or_more():
    five = ORDER.replace("DTM+137:20260105:102'", "DTM+137:20260105:102'" * 5)
    assert found(guide(structure={"ORDERS": {"DTM": "M 4"}}), five) == [("segment-repeats", "DTM", None)]
    forty = ORDER.replace("DTM+137:20260105:102'", "DTM+137:20260105:102'" * 40)
    assert found(guide(structure={"ORDERS": {"DTM": "M 40"}}), forty) == []


def test_a_group_can_be_limited():
    overlay = guide(structure={"ORDERS": {"SG25": "C 1"}})
    assert ("group-repeats", "LIN", None) in found(overlay)


def test_a_segment_that_is_agreed_not_to_be_used_is_misplaced():
    body = ORDER.replace("NAD+BY", "FTX+AAI+++x'NAD+BY")
    assert found(guide(), body) == []
    assert found(guide(structure={"ORDERS": {"FTX": "unused"}}), body) == [("segment-misplaced", "FTX", "FTX")]


def test_elements_and_components_can_be_asked_for_or_forbidden():
    assert found(guide(segments={"BGM": {"4343": "M"}})) == [("element-missing", "BGM", None)]
    assert found(guide(segments={"BGM": {"1225": "unused"}})) == [("element-unused", "BGM", "9")]
    assert found(guide(segments={"QTY": {"C186.6411": "M"}})) == [("element-missing", "QTY", None)] * 2
    assert found(guide(segments={"LIN": {"C212.7143": "unused"}})) == [("element-unused", "LIN", "EN")] * 2


def test_codes_can_be_added_and_taken_away():
    body = ORDER.replace("BGM+220", "BGM+Z77")
    assert found(guide(), body) == [("code-unknown", "BGM", "Z77")]
    assert found(guide(codes={"1001": "Z77"}), body) == []
    assert found(guide(only={"1001": "221 224"})) == [("code-not-agreed", "BGM", "220")]
    assert found(guide(codes={"1001": "Z77"}, only={"1001": "220 Z77"}), body) == []


def test_values_can_be_agreed_for_one_place():
    overlay = guide(values={"ORDERS": {"SG2/NAD": {"3035": "BY DP"}, "SG25/QTY": {"C186.6063": "21"}}})
    assert found(overlay) == [("code-not-agreed", "NAD", "SU")]


def test_a_temporary_code_of_the_association_is_a_warning_and_a_known_one_nothing():
    findings = validate(message(ORDER.replace("BGM+220", "BGM+99E")), directory("d96a")).findings
    assert [(each.code, each.severity) for each in findings] == [("edifact.code-temporary", "warning")]
    assert validate(message(ORDER.replace("BGM+220", "BGM+22E")), directory("d96a")).findings == ()


@pytest.mark.parametrize(
    ("release", "element", "codes"),
    [
        ("d96a", "1001", "22E 50E 71E 72E 73E"),
        ("d96a", "4183", "71E 72E 83E"),
        ("d96a", "6063", "31E 35E 38E 145 17 198 210 211 212 217 243 244 257 505 506"),
        ("d96a", "7143", "EN UP SRV GU"),
        ("d96a", "5125", "NTP"),
        ("d96a", "4233", "33E 36E"),
        ("d01b", "1001", "22E 72E 73E"),
        ("d01b", "6063", "38E 454 505 506 508 509"),
        ("d01b", "4183", "136 137 144"),
        ("d01b", "7143", "SRV EN UP"),
    ],
)
def test_eancom_has_the_codes_that_the_un_lists_lack(release, element, codes):
    overlay = directory(release).overlay("EAN008")
    assert overlay is not None
    lacking = [each for each in codes.split() if not directory(release).has_code(element, each)]
    assert [each for each in lacking if not overlay.has_code(element, each)] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"structure": {"ORDERS": {"SG99/XYZ": "M"}}},
        {"segments": {"BGM": {"9999": "M"}}},
    ],
)
def test_a_place_that_is_not_there_is_our_fault(changes):
    with pytest.raises(OurFault) as caught:
        found(guide(**changes))
    assert caught.value.code == "edifact.directory-unreadable"


@pytest.mark.parametrize(
    "table",
    [
        "{}",
        '{"association": "EAN", "colour": "red"}',
        '{"association": "EAN", "codes": []}',
        '{"association": "EAN", "structure": {"ORDERS": {"DTM": "X 5"}}}',
        '{"association": "EAN", "temporary": "("}',
    ],
)
def test_an_overlay_of_another_form_is_refused_by_name(table):
    broken = Directory.from_files("d96a", {"overlays/eancom.json": table.encode()})
    with pytest.raises(OurFault) as caught:
        broken.overlay("EAN008")
    assert caught.value.code == "edifact.directory-unreadable"
    assert caught.value.value == "overlays/eancom.json"
