"""Every ISO 9735 error code (0085) that a receiver can detect is told in the CONTRL: 35 of the 38.

The other three are 41 and 42 (a network's) and 48 (dependency notes, which no shipped directory has).
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from edifact_world import directory

from gateway.codecs.envelope import RawMessage
from gateway.model.findings import has_errors
from gateway.schema.acknowledge import MessageVerdict, contrl
from gateway.schema.envelope_rules import EnvelopeRules, check_agreed, check_header
from gateway.schema.judge import judge
from gateway.schema.overlay import Overlay
from gateway.schema.validate import validate

NOW = datetime(2026, 1, 6, tzinfo=UTC)
DIRECTORIES = {name: directory(name) for name in ("d96a", "d01b", "control", "control-4")}
STRICT = dict.fromkeys(
    (
        "edifact.character-foreign",
        "edifact.lower-case",
        "edifact.nesting-indicator",
        "edifact.separator-trailing",
        "edifact.syntax-unknown",
        "edifact.text-outside",
    ),
    "error",
)
BODY = (
    "BGM+220+PO-1+9'DTM+137:20260105:102'NAD+BY+4000001000005::9'NAD+SU+4000002000004::9'"
    "LIN+1++4000862141404:EN'QTY+21:12'UNS+S'CNT+2:1'"
)
UNB = "UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'"


def file(body: str = BODY, *, unb: str = UNB, unh: str = "UNH+1+ORDERS:D:96A:UN'", end: str = "UNZ+1+77'") -> str:
    count = body.replace("?'", "").count("'") + 2
    return f"{unb}{unh}{body}UNT+{count}+1'{end}"


def changed(old: str, new: str) -> str:
    assert old in BODY
    return file(BODY.replace(old, new))


ONE = file().removeprefix(UNB).removesuffix("UNZ+1+77'")
GROUP = "UNG+ORDERS+A+B+260105:0810+5+UN+D:96A'"

BY_BYTES = {
    "2": file(unb=UNB.replace("UNOC:3", "UNOC:7")),
    "12": changed("BGM+220", "BGM+XYZ"),
    "13": changed("DTM+137:20260105:102'", ""),
    "15": changed("UNS+S'", "XYZ+1'UNS+S'"),
    "16": changed("QTY+21:12'", "QTY+21:12:PCE:1'"),
    "19": changed("QTY+21:12'", "QTY+21:12.'"),
    "20": "UNA:+.?*+" + file(),
    "21": changed("PO-1", "PO\x01"),
    "22": changed("BGM+220", "BGM*220"),
    "26": UNB + ONE + ONE + "UNZ+2+77'",
    "27": changed("UNS+S'", "USH+1'UNS+S'"),
    "28": file(end="UNZ+1+78'"),
    "29": file(end="UNZ+2+77'"),
    "30": UNB + GROUP + ONE + "UNE+1+5'" + ONE.replace("UNH+1", "UNH+2").replace("+1'", "+2'") + "UNZ+1+77'",
    "31": UNB
    + GROUP
    + ONE
    + ONE.replace("UNH+1+ORDERS", "UNH+2+ORDCHG").replace("UNT+10+1", "UNT+10+2")
    + "UNE+2+5'UNZ+1+77'",
    "32": UNB + "UNZ+0+77'",
    "33": UNB + "BGM+220'" + ONE + "UNZ+1+77'",
    "34": changed("NAD+BY", "NAD:1+BY"),
    "35": changed("DTM+137:20260105:102'", "DTM+137:20260105:102'" * 36),
    "36": changed("NAD+BY+4000001000005::9'NAD+SU+4000002000004::9'", "".join(f"RFF+CT:{n}'" for n in range(11))),
    "37": changed("QTY+21:12", "QTY+21:12x"),
    "38": changed("QTY+21:12", "QTY+21:.5"),
    "39": changed("PO-1", "P" * 36),
    "45": changed("UNS+S'", "UNS+S++'"),
    "46": file(unb=UNB.replace("UNOC", "UNOX")),
    "47": UNB + "UNO+1+1+1+1+4'abcdUNP+4+1'UNZ+1+77'",
}


def told(text: str) -> set[str]:
    """Return the codes in the CONTRL that answers text."""
    found: set[str] = set()
    for judged in judge([text.encode("latin-1")], DIRECTORIES, severities=STRICT):
        found |= codes(contrl(judged.interchange, judged.findings, judged.verdicts))
    return found


def codes(body) -> set[str]:
    place = {"UCI": 5, "UCF": 5, "UCM": 4, "UCS": 2, "UCD": 1}
    return {each.get(place[each.tag]) for each in body} - {""}


@pytest.mark.parametrize("iso", BY_BYTES, ids=lambda iso: f"iso-{iso}")
def test_what_the_bytes_show_is_told(iso):
    assert told(file()) == set()
    assert iso in told(BY_BYTES[iso])


def test_a_value_that_is_too_short_is_told_as_40():
    fixed = directory("d96a")
    tables = dict(fixed._tables)
    tables["elements.json"] = {**tables["elements.json"], "1004": "an10"}
    narrow = type(fixed)("d96a", tables, directory("control"))
    found = judge([file().encode()], {**DIRECTORIES, "d96a": narrow})
    (judged,) = found
    assert "40" in codes(contrl(judged.interchange, judged.findings, judged.verdicts))


def test_a_fault_without_a_code_of_its_own_is_told_as_18():
    from gateway.codecs.edifact_read import Limits

    (judged,) = judge([changed("PO-1", "P" * 3000).encode()], DIRECTORIES, limits=Limits(segment_bytes=1000))
    assert codes(contrl(judged.interchange, judged.findings, judged.verdicts)) == {"18"}


def test_a_code_that_is_not_agreed_here_is_told_as_14():
    guide = Overlay.of("guide", {"guide": "x", "values": {"ORDERS": {"SG2/NAD": {"3035": "BY DP"}}}})
    (judged,) = judge([file().encode()], DIRECTORIES, keep_segments=True)
    message = judged.verdicts[0].message
    findings = validate(message, DIRECTORIES["d96a"], overlay=guide).findings
    verdict = MessageVerdict(message=message, accepted=not has_errors(findings), findings=findings)
    body = contrl(judged.interchange, (), [verdict])
    assert [each.elements for each in body][-2:] == [(("5",), ("",)), (("14",), ("2", "1"))]


RULES = EnvelopeRules(
    senders=frozenset({"4000001000005"}),
    receivers=frozenset({"4000002000004"}),
    others=frozenset({"4000009000007"}),
    test=False,
    max_age=timedelta(days=30),
    messages=frozenset({("ORDERS", "d96a")}),
)
BY_RULE = {
    "7": UNB.replace("4000002000004", "4000009000007"),
    "23": UNB.replace("4000001000005", "4000001000099"),
    "24": UNB.replace("260105", "251105"),
    "25": UNB.replace("+77'", "+77++++++1'"),
    "43": UNB.replace("4000002000004", "4000002000099"),
}


@pytest.mark.parametrize("iso", BY_RULE, ids=lambda iso: f"iso-{iso}")
def test_what_the_agreed_rules_forbid_is_told(iso):
    (good,) = judge([file().encode()], DIRECTORIES)
    assert check_header(good.header, good.interchange.unb, RULES, NOW) == []
    (judged,) = judge([file(unb=BY_RULE[iso]).encode()], DIRECTORIES)
    findings = check_header(judged.header, judged.interchange.unb, RULES, NOW)
    assert codes(contrl(judged.interchange, findings, judged.verdicts)) == {iso}


def test_a_message_that_nobody_agreed_on_is_told_as_17():
    (judged,) = judge([file(unh="UNH+1+ORDCHG:D:96A:UN'").encode()], DIRECTORIES, keep_segments=True)
    message: RawMessage = judged.verdicts[0].message
    verdict = replace(judged.verdicts[0], accepted=False, findings=tuple(check_agreed(message, RULES)))
    assert codes(contrl(judged.interchange, (), [verdict])) == {"17"}


def test_a_password_is_compared_and_never_repeated():
    (judged,) = judge([file(unb=UNB.replace("+77'", "+77+wrong'")).encode()], DIRECTORIES)
    rules = EnvelopeRules(password="right")
    (finding,) = check_header(judged.header, judged.interchange.unb, rules, NOW)
    assert (finding.code, finding.value) == ("edifact.password-wrong", None)


def test_thirty_five_codes_are_covered():
    assert len(BY_BYTES) + len(BY_RULE) + len({"40", "18", "14", "17"}) == 35
