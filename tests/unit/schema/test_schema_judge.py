"""Whole files: verdicts message by message, in flat memory, with the service segments of their syntax."""

import pytest
from edifact_world import ORDER, directory

from gateway.model.faults import PartnerFault
from gateway.schema.judge import judge

DIRECTORIES = {name: directory(name) for name in ("d96a", "d01b", "control", "control-4")}


def file(*bodies: str, syntax: str = "UNOC:3", date: str = "260105", unh_tail: str = "") -> bytes:
    text = f"UNB+{syntax}+4000001000005:14+4000002000004:14+{date}:0810+77'"
    for number, body in enumerate(bodies, 1):
        text += f"UNH+{number}+ORDERS:D:96A:UN{unh_tail}'{body}UNT+{body.count(chr(39)) + 2}+{number}'"
    return (text + f"UNZ+{len(bodies)}+77'").encode()


def test_good_messages_are_taken_and_the_bad_one_is_not():
    bad = ORDER.replace("QTY+21:12", "QTY+21:x")
    (judged,) = judge([file(ORDER, bad, ORDER)], DIRECTORIES)
    assert judged.status == "partly"
    assert [each.accepted for each in judged.verdicts] == [True, False, True]


def test_segments_are_kept_only_when_asked_for():
    (lean,) = judge([file(ORDER)], DIRECTORIES)
    (whole,) = judge([file(ORDER)], DIRECTORIES, keep_segments=True)
    assert (len(lean.verdicts[0].message.segments), len(whole.verdicts[0].message.segments)) == (0, 12)


def test_a_broken_envelope_rejects_all_that_is_in_it():
    (judged,) = judge([file(ORDER).replace(b"UNZ+1", b"UNZ+2")], DIRECTORIES)
    assert judged.status == "rejected"
    assert not judged.verdicts[0].accepted


def test_severities_of_a_partner_decide_at_both_levels():
    loose = {"edifact.count-mismatch": "warning"}
    (judged,) = judge([file(ORDER).replace(b"UNZ+1", b"UNZ+2")], DIRECTORIES, severities=loose)
    assert judged.status == "accepted"
    assert [each.severity for each in judged.findings] == ["warning"]


def test_service_segments_are_those_of_the_syntax_version():
    newer = file(ORDER, syntax="UNOC:4", date="20260105", unh_tail="+CAR+1:F+SUB:1:1:UN")
    older = file(ORDER, unh_tail="+CAR+1:F+SUB:1:1:UN")
    (accepted,) = judge([newer], DIRECTORIES)
    (rejected,) = judge([older], DIRECTORIES)
    assert accepted.verdicts[0].findings == ()
    assert [each.code for each in rejected.verdicts[0].findings] == ["edifact.element-surplus"]


def test_values_in_unb_are_held_against_iso_9735():
    (judged,) = judge([file(ORDER).replace(b"260105:0810", b"260105:08h0")], DIRECTORIES)
    (finding,) = judged.findings
    assert (finding.code, finding.iso, finding.where.tag, finding.where.element, finding.where.component) == (
        "edifact.value-not-numeric",
        "37",
        "UNB",
        4,
        2,
    )


def test_what_is_no_edifact_raises():
    with pytest.raises(PartnerFault, match="not-edifact"):
        list(judge([b"hello"], DIRECTORIES))


def test_a_date_with_its_century_in_syntax_3_is_a_warning():
    (judged,) = judge([file(ORDER, date="20260105")], DIRECTORIES)
    assert [(each.code, each.severity) for each in judged.findings] == [("edifact.value-too-long", "warning")]
    assert judged.status == "accepted"


def test_a_finding_stays_small_however_long_the_tag_is():
    (judged,) = judge([file(ORDER).replace(b"UNH+1", b"X" * 5000 + b"'UNH+1")], DIRECTORIES)
    (finding,) = judged.findings
    assert finding.code == "edifact.segment-outside"
    assert len(finding.where.tag or "") == 20
    assert max(len(each) for _, each in finding.params) <= 200
