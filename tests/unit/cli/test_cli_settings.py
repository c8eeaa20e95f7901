"""gateway settings: what may stand in the files, without an instance, in the reader's language."""

import json

from click.testing import CliRunner

from gateway.cli.root import cli


def told(*arguments: str) -> str:
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_setting_is_found_by_a_part_of_its_name_with_values_default_and_meaning() -> None:
    text = told("--lang", "en", "settings", "reading_max")
    assert text.splitlines()[:2] == ["# config.yaml", "limits.reading_max_s: 1..90 [60]"]
    assert "worker" in text
    assert "工作进程" in told("--lang", "zh-CN", "settings", "reading_max")


def test_settings_of_one_file_as_json_name_what_is_required_and_where_a_name_is_your_own() -> None:
    rows = json.loads(told("settings", "--file", "partner.yaml", "--json"))
    by_key = {each["key"]: each for each in rows}
    assert {each["file"] for each in rows} == {"partner.yaml"}
    assert by_key["agreements[].over"]["required"]
    assert by_key["channels.as2.cipher"]["default"] == "aes-256-cbc"
    assert by_key["terms[].minimum_value"]["default"] is None
    assert "severities.CODE" in by_key
    assert len(rows) > 90
