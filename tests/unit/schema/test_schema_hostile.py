"""Files with very many faults: verdicts stay right, lists stay short, and work grows with the file, not its square."""

import pytest
from edifact_world import directory

from gateway.codecs.edifact_marks import DEFAULT_MARKS
from gateway.codecs.envelope import read_interchanges
from gateway.model.findings import has_errors
from gateway.model.tree import Segment
from gateway.schema import judge as judging
from gateway.schema import totals
from gateway.schema.elements import checker_of
from gateway.schema.judge import judge
from gateway.schema.validate import validate

UNB = b"UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'"
UNH = b"UNH+1+ORDERS:D:96A:UN:EAN008'"


def test_of_a_file_with_too_many_findings_each_message_keeps_its_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MAX_TOLD", 20)
    unknown = b"UNH+%d+NOTYPE:D:96A:UN'UNT+2+%d'"
    bad = b"UNH+%d+ORDERS:D:96A:UN'XXX+1'UNT+9+%d'"
    messages = b"".join((bad if at % 2 else unknown) % (at, at) for at in range(1, 31))
    (judged,) = judge([UNB + messages + b"UNZ+30+77'"], {"d96a": directory("d96a")})
    assert [each.accepted for each in judged.verdicts] == [False, True] * 15
    last = judged.verdicts[28]
    assert [each.code for each in last.findings] == ["edifact.segment-unknown", "edifact.findings-more"]
    assert sum(len(each.findings) for each in judged.verdicts) < 20 + 4 + 2 * 30


def test_control_totals_beyond_the_first_few_do_not_go_through_the_message_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = []
    monkeypatch.setattr(totals, "_control", lambda segment, message, findings: looked.append(segment))
    (found,) = read_interchanges([UNB + UNH + b"BGM+220'" + b"LIN+1'UNS+S'" + b"CNT+2:1'" * 500])
    validate(found.messages[0], directory("d96a"))
    assert 0 < len(looked) <= 16


@pytest.mark.parametrize("level", [b"UNOC", b"UNOY"])
def test_a_segment_with_letters_beyond_ascii_that_is_right_needs_no_closer_look(level: bytes) -> None:
    d96a = directory("d96a")
    name = "Bäckerei Müller, Öhringen".encode("utf-8" if level == b"UNOY" else "latin-1")
    unb = UNB.replace(b"UNOC", level)
    checker = checker_of(d96a, None, DEFAULT_MARKS)

    def odd(segment: bytes) -> list[Segment]:
        (found,) = read_interchanges([unb + UNH + segment + b"'UNT+3+1'UNZ+1+77'"])
        return list(checker.odd([found.messages[0].segments[1]]))

    assert odd(b"NAD+DP+4000001000012::9++" + name) == []
    assert odd(b"NAD+DP+4000001000012::9++" + name * 2)  # 50 characters, 35 allowed
    assert odd("NAD+Ä+4000001000012::9".encode("latin-1"))  # no code


def test_thousands_of_warnings_do_not_reject_a_message() -> None:
    lines = b"".join(b"LIN+%d'DTM+2:20260230:102'" % at for at in range(1, 1500))
    body = b"BGM+220+1+9'DTM+137:20260105:102'NAD+BY+4000001000005::9'" + lines + b"UNS+S'"
    count = body.count(b"'") + 2
    (found,) = read_interchanges([UNB + UNH + body + b"UNT+%d+1'UNZ+1+77'" % count])
    findings = validate(found.messages[0], directory("d96a")).findings
    assert len(findings) == 1002
    assert not has_errors(findings)
