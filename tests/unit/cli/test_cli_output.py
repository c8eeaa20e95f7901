"""Findings, tables and JSON as the command line prints them."""

import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.cli.output import as_plain, print_fields, print_finding, print_json, print_rows
from gateway.config.scaffold import scaffold
from gateway.model.findings import Finding, Where


def printed(finding: Finding) -> list[str]:
    stream = io.StringIO()
    print_finding(finding, "en", stream)
    return stream.getvalue().splitlines()


def test_a_finding_in_a_message_says_where() -> None:
    where = Where(segment=5, tag="DTM", element=1, component=2, line=9, column=3, path="SG1")
    first, cure = printed(Finding(code="json.missing", where=where, params=(("key", "id"),)))
    assert first == (
        "error json.missing: The key id is missing. [segment 5 DTM, element 1, component 2, line 9, column 3, at SG1]"
    )
    assert cure.startswith("  Add the key")


def test_a_finding_in_a_definition_file_does_not_say_its_place_twice() -> None:
    where, params = Where(line=2, column=1), (("at", "config.yaml:2:1"), ("key", "name"))
    assert printed(Finding(code="config.missing", where=where, params=params))[0] == (
        "error config.missing: config.yaml:2:1: name is missing."
    )


def test_json_has_times_decimals_and_rows_in_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "on": date(2026, 1, 2), "n": Decimal("1E+2"), "名": None})
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-01-02T03:04:00+00:00",
        "on": "2026-01-02",
        "n": "100",
        "名": None,
    }
    assert as_plain(Where(line=1))["line"] == 1


def test_an_empty_result_says_so_aside_and_is_an_empty_json_list(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], as_json=False)
    out, err = capsys.readouterr()
    assert (out, err) == ("", "nothing found\n")
    print_rows([], as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_long_cells_are_cut_and_control_characters_shown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"name": "x" * 100, "odd": "a\x1b[2Jb\nc"}], as_json=False)
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "odd"]
    assert row.split() == ["x" * 47 + "…", "a\ufffd[2Jb\ufffdc"]


def test_empty_fields_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_fields({"id": "a", "file": None, "effects": 0})
    assert capsys.readouterr().out.splitlines() == ["id       a", "effects  0"]


@pytest.mark.parametrize(("words", "said"), [((), False), (("-v",), True), (("-v", "-q"), False)])
def test_what_is_done_is_told_beside_the_result_when_asked(tmp_path: Path, words: tuple[str, ...], said: bool) -> None:
    scaffold(tmp_path / "instance", name="Acme", gln="9521001000000")
    command = (sys.executable, "-m", "gateway", *words, "--instance", str(tmp_path / "instance"), "check")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (f"gateway.cli: instance {tmp_path / 'instance'}" in done.stderr) == said
    assert "gateway.cli" not in done.stdout
