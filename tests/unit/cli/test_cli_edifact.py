"""validate, acknowledge and show, without any instance."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.root import cli
from gateway.codecs.envelope import read_interchanges

GOOD = (
    "UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'"
    "UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+PO-1+9'DTM+137:20260105:102'NAD+BY+4000001000005::9'"
    "NAD+SU+4000002000004::9'LIN+1++4000862141404:EN'QTY+21:12'UNS+S'CNT+2:1'UNT+10+1'UNZ+1+77'"
)
BAD = GOOD.replace("QTY+21:12'", "QTY+21:12x'")


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """The current folder is no instance."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.edi").write_text(GOOD)
    (tmp_path / "bad.edi").write_text(BAD)


def call(*words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--lang", "en", *words], input=text)


def test_a_good_file_ends_with_zero():
    result = call("validate", "good.edi")
    assert result.exit_code == 0
    assert "accepted" in result.stdout


def test_findings_end_with_three_and_say_what_and_where():
    result = call("validate", "good.edi", "bad.edi")
    assert result.exit_code == 3
    assert "edifact.value-not-numeric" in result.stdout
    assert "segment 7 QTY, element 1, component 2" in result.stdout


def test_json_has_one_entry_for_each_file_in_the_agreed_shape():
    result = call("validate", "bad.edi", "good.edi", "--json")
    bad, good = json.loads(result.stdout)
    assert result.exit_code == 3
    assert (bad["file"], bad["syntax"], good["file"]) == ("bad.edi", "edifact", "good.edi")
    (interchange,) = bad["interchanges"]
    assert {key: interchange[key] for key in ("sender", "receiver", "reference", "status", "findings")} == {
        "sender": "4000001000005",
        "receiver": "4000002000004",
        "reference": "77",
        "status": "rejected",
        "findings": [],
    }
    (message,) = interchange["messages"]
    assert (message["type"], message["directory"], message["reference"], message["status"]) == (
        "ORDERS",
        "d96a",
        "1",
        "rejected",
    )
    (finding,) = message["findings"]
    assert list(finding) == ["code", "iso", "severity", "where", "value", "text", "cure"]
    assert (finding["code"], finding["iso"], finding["value"]) == ("edifact.value-not-numeric", "37", "12x")
    assert finding["where"] == {
        "segment": 7,
        "tag": "QTY",
        "element": 1,
        "component": 2,
        "offset": BAD.index("QTY"),
        "line": 1,
        "column": BAD.index("QTY") + 1,
    }
    assert good["interchanges"][0]["messages"][0]["status"] == "accepted"


def test_what_is_no_edifact_is_a_rejected_file():
    (report,) = json.loads(call("validate", "--json", "-", text="<xml/>").stdout)
    assert report["interchanges"][0]["status"] == "rejected"
    assert report["interchanges"][0]["findings"][0]["code"] == "edifact.other-format"


def test_the_acknowledgement_is_an_interchange_that_reads_back():
    result = call("acknowledge", "bad.edi", "--reference", "A1")
    (answer,) = read_interchanges([result.stdout.encode()])
    assert result.exit_code == 3
    assert (answer.header.sender, answer.header.receiver, answer.header.reference) == (
        "4000002000004",
        "4000001000005",
        "A1",
    )
    (message,) = answer.messages
    assert (message.type, message.version, message.release) == ("CONTRL", "D", "3")
    assert [each.raw.decode() for each in message.segments[1:-1]] == [
        "UCI+77+4000001000005:14+4000002000004:14+7",
        "UCM+1+ORDERS:D:96A:UN:EAN008+4",
        "UCS+7",
        "UCD+37+2:2",
    ]


def test_a_control_message_is_not_acknowledged():
    contrl = call("acknowledge", "good.edi").stdout
    result = call("acknowledge", "-", text=contrl)
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_tree_shows_groups_and_segments_with_their_numbers():
    result = call("show", "good.edi")
    assert result.exit_code == 0
    assert "    6       LIN+1++4000862141404:EN" in result.stdout
    assert result.stdout.index("SG25") < result.stdout.index("LIN+1")


def test_nothing_from_the_file_steers_the_terminal():
    evil = GOOD.replace("PO-1", "PO\x1b[2J")
    for command in ("show", "validate"):
        assert "\x1b" not in call(command, "-", text=evil).stdout


def test_what_was_read_before_the_reading_stopped_is_reported_too():
    (report,) = json.loads(call("validate", "--json", "-", text=GOOD + "UIB+UNOA:4+x'").stdout)
    assert [each["status"] for each in report["interchanges"]] == ["accepted", "rejected"]
    assert report["interchanges"][1]["findings"][0]["code"] == "edifact.interactive-refused"


def test_a_fault_that_stops_everything_has_its_iso_code():
    (report,) = json.loads(call("validate", "--json", "-", text="UNB+UNOC:3+A+B+260105:0810+1").stdout)
    (finding,) = report["interchanges"][0]["findings"]
    assert (finding["code"], finding["iso"]) == ("edifact.terminator-missing", "13")


@pytest.mark.parametrize("level", ["UNOX", "XXXX", "UNOA", "UNOC"])
def test_a_contrl_can_be_read_by_whoever_gets_it(level):
    sent = f"UNB+{level}:3+ЗАКАЗ+B+260105:0810+1'UNH+1+ORDERS:D:96A:UN'BGM'UNT+3+1'UNZ+1+1'"
    answer = call("acknowledge", "-", text=sent)
    assert answer.exit_code == 3
    assert answer.stdout_bytes.decode().startswith("UNB+UNOY:3+B+ЗАКАЗ+")


def test_xml_and_json_beside_edifact_are_held_against_their_mapping(tmp_path):
    order = (Path(__file__).parents[3] / "mappings/standard/ubl-2.1/Order.cases/full/in.xml").read_text("utf-8")
    (tmp_path / "good.xml").write_text(order)
    (tmp_path / "bad.xml").write_text(order.replace("<cbc:ID>", "<cbc:ID", 1))
    (tmp_path / "strange.xml").write_text("<strange/>")
    result = call("validate", "good.xml", "bad.xml", "strange.xml", "good.edi", "--json")
    good, bad, strange, edifact = json.loads(result.stdout)
    assert result.exit_code == 3
    assert (good["syntax"], edifact["syntax"]) == ("xml", "edifact")
    assert [(each["mapping"], each["status"]) for each in good["documents"]] == [("ubl-2.1/Order", "accepted")]
    told = [file["documents"][0]["findings"][0]["code"] for file in (bad, strange)]
    assert told == ["xml.syntax", "mapping.none-fits"]
    assert "accepted: Order (ubl-2.1/Order)" in call("validate", "good.xml").stdout
