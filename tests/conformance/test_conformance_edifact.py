"""Tricky EDIFACT, one folder a case: edifact/<case>/in.edi, and expected.json with every finding and the CONTRL.

    pytest tests/conformance --update     writes the expected files anew: read the diff before you keep it

A case may have settings.json: {"severities": {...}, "charset": "cp1252"}, as a partner's settings would.
"""

import json
from pathlib import Path

import pytest

from gateway.codecs.edifact import DEFAULT_MARKS, SYNTAX_4_MARKS, write_segments
from gateway.codecs.envelope import InterchangeHeader, OutMessage, read_interchanges, write_interchange
from gateway.model.faults import Fault
from gateway.schema.acknowledge import contrl
from gateway.schema.judge import judge
from gateway.schema.validate import validate

CASES = sorted(each for each in (Path(__file__).parent / "edifact").iterdir() if each.is_dir())
SHOWN = 8  # segments of each message


def report(data: bytes, settings: dict, directories, size: int) -> dict:
    """Return all that the case shows. size: of the chunks in which the bytes are fed."""
    size = max(1, size)
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    try:
        judged = list(judge(chunks, directories, keep_segments=True, **settings))
    except Fault as fault:
        return {"fault": brief(fault.as_finding())}
    return {
        "interchanges": [
            {
                "sender": each.header.sender,
                "receiver": each.header.receiver,
                "reference": each.header.reference,
                "status": each.status,
                "findings": [brief(finding) for finding in each.envelope_findings],
                "messages": [
                    {
                        "type": verdict.message.type,
                        "directory": verdict.message.directory,
                        "reference": verdict.message.reference,
                        "accepted": verdict.accepted,
                        "read": [written(segment) for segment in verdict.message.segments[:SHOWN]],
                        "segments": len(verdict.message.segments),
                        "findings": [brief(finding) for finding in verdict.findings],
                    }
                    for verdict in each.verdicts
                ],
                "contrl": [written(segment) for segment in answer(each)],
            }
            for each in judged
        ]
    }


def written(segment) -> str:
    """The segment in standard marks and UTF-8, whatever it came in."""
    marks = SYNTAX_4_MARKS if segment.repeats else DEFAULT_MARKS
    return write_segments([segment], marks, "UNOY").decode()


def answer(judged):
    return contrl(judged.interchange, judged.findings, judged.verdicts, list_accepted=True)


def brief(finding) -> dict:
    where = finding.where
    shown = {
        "code": finding.code,
        "severity": finding.severity,
        "iso": finding.iso,
        "segment": where.segment,
        "tag": where.tag,
        "element": where.element,
        "component": where.component,
        "offset": where.offset,
        "line": where.line,
        "value": finding.value,
    }
    return {name: value for name, value in shown.items() if value is not None}


def case(folder: Path) -> tuple[bytes, dict]:
    settings = folder / "settings.json"
    return (folder / "in.edi").read_bytes(), json.loads(settings.read_text()) if settings.exists() else {}


@pytest.mark.parametrize("folder", CASES, ids=lambda each: each.name)
def test_each_case_ends_as_expected(folder, directories, request):
    data, settings = case(folder)
    found = report(data, settings, directories, len(data))
    expected = folder / "expected.json"
    if request.config.getoption("--update"):
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", CASES, ids=lambda each: each.name)
def test_each_case_ends_the_same_when_fed_byte_by_byte(folder, directories):
    data, settings = case(folder)
    assert report(data, settings, directories, 1) == report(data, settings, directories, 7)
    assert report(data, settings, directories, 1) == report(data, settings, directories, len(data))


@pytest.mark.parametrize("folder", CASES, ids=lambda each: each.name)
def test_each_acknowledgement_is_right_by_our_own_control_directory(folder, directories):
    data, settings = case(folder)
    try:
        judged = list(judge([data], directories, **settings))
    except Fault:
        return
    for each in judged:
        if body := answer(each):
            newer = each.header.syntax_version == "4"
            version, release = ("4", "1") if newer else ("D", "3")
            message = OutMessage(type="CONTRL", version=version, release=release, reference="1", body=body)
            envelope = InterchangeHeader(
                syntax_id="UNOY",
                syntax_version="4" if newer else "3",
                sender="A",
                receiver="B",
                prepared_at="20260105:0810" if newer else "260105:0810",
                reference="1",
            )
            (read,) = read_interchanges([write_interchange(envelope, [message])])
            assert read.findings == ()
            findings = validate(read.messages[0], directories["control-4" if newer else "control"]).findings
            assert [(found.code, found.value) for found in findings] == []
