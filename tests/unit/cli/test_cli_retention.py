"""journal hold, release, holds, keep; messages list --search."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.root import cli
from gateway.config.settings import read_settings
from gateway.model.faults import OurFault
from gateway.ports.retention import Retention, RetentionRule


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "edi"
    assert call(None, "init", str(made), "--gln", "9521001000000", "--name", "Acme").exit_code == 0
    return made


def call(folder: Path | None, *arguments: str) -> Result:
    given = ["--lang", "en", *(["--instance", str(folder)] if folder else []), *arguments]
    return CliRunner().invoke(cli, given)


def test_a_legal_hold_is_made_listed_and_released_once(folder: Path) -> None:
    made = call(folder, "journal", "hold", "--partner", "acme", "--since", "2026-01-01", "--reason", "court")
    assert made.exit_code == 0, made.output
    hold_id = made.stdout.strip()
    (listed,) = json.loads(call(folder, "journal", "holds", "--json").stdout)
    assert (listed["id"], listed["partner"], listed["reason"], listed["released"]) == (hold_id, "acme", "court", None)
    assert call(folder, "journal", "release", hold_id, "--reason", "settled").exit_code == 0
    again = call(folder, "journal", "release", hold_id, "--reason", "settled")
    assert again.exit_code == 4
    assert "journal.hold-unknown" in again.stderr
    (listed,) = json.loads(call(folder, "journal", "holds", "--json").stdout)
    assert listed["released"] is not None


def test_a_legal_hold_without_a_condition_is_refused(folder: Path) -> None:
    found = call(folder, "journal", "hold", "--reason", "court")
    assert found.exit_code == 3
    assert "journal.hold-empty" in found.stderr


def test_housekeeping_runs_on_demand_and_a_search_takes_its_word(folder: Path) -> None:
    kept = call(folder, "journal", "keep", "--json")
    assert (kept.exit_code, json.loads(kept.stdout)) == (0, [])
    found = call(folder, "messages", "list", "--search", "PO-1", "--json")
    assert (found.exit_code, json.loads(found.stdout)) == (0, [])


def test_retention_is_read_from_the_settings() -> None:
    text = (
        "retention:\n  keep_months: 24\n  archive_months: 0\n  dedupe_months: 14\n  rules:\n"
        "    - {partner: acme, months: 120}\n    - {type: SLSRPT, months: 3}\n"
    )
    assert read_settings(text, Path("/x")).retention == Retention(
        keep_months=24,
        archive_months=0,
        dedupe_months=14,
        rules=(RetentionRule(months=120, partner="acme"), RetentionRule(months=3, type="SLSRPT")),
    )


@pytest.mark.parametrize(
    "text",
    [
        "retention: {keep_months: 0}",
        "retention: {rules: [{months: 3}]}",
        "retention: {rules: [{partner: a, month: 3}]}",
    ],
)
def test_a_wrong_retention_is_an_error(text: str) -> None:
    with pytest.raises(OurFault, match="config"):
        read_settings(text + "\n", Path("/x"))
