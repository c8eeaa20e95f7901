"""The command line over folders: check, partners, items, errors and exit codes. No journal is opened."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.commands import COMMANDS
from gateway.cli.root import cli
from gateway.config.scaffold import scaffold
from gateway.store.keys import FileKeys

Call = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    scaffold(tmp_path / "hub", name="We", gln="9521001000000")
    return tmp_path / "hub"


@pytest.fixture
def call(root: Path) -> Call:
    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, ["--instance", str(root), *words])

    return run


def write_partner(root: Path, text: str) -> None:
    (root / "partners" / "acme").mkdir(exist_ok=True)
    (root / "partners" / "acme" / "partner.yaml").write_text(text, encoding="utf-8")


def test_a_new_instance_passes_the_check_which_makes_nothing(root: Path, call: Call) -> None:
    result = call("check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 findings" in result.stderr
    assert list((root / "var").iterdir()) == []


def test_check_warns_of_keys_that_the_key_store_does_not_have(root: Path, call: Call) -> None:
    (root / "var" / "keys").mkdir()
    result = call("check")
    assert result.exit_code == 0
    assert result.stdout.startswith("warning partner.key-missing: partners/self/partner.yaml: channels.as2.key")


def test_check_looks_for_each_of_several_keys_by_its_own_name(root: Path, call: Call) -> None:
    keys = FileKeys(root / "var" / "keys")
    keys.create_own("ours", "ours", datetime(2026, 1, 1, tzinfo=UTC))
    made = keys.create_own("acme", "acme", datetime(2026, 1, 1, tzinfo=UTC))
    for name in ("old", "new"):
        keys.add_certificate(name, made.certificate_pem)
    keys.add_secret("first", "s" * 40)
    write_partner(
        root,
        "name: Acme\nchannels:\n"
        "  as2: {id: ACME, url: 'https://a.example/', certificate: 'old until 2027-01-01, new from 2026-12-01'}\n"
        "  http: {url: 'https://a.example/', webhook_secret: 'first, second', client_certificate: mine}\n",
    )
    lines = [line for line in call("check").stdout.splitlines() if "acme" in line]
    assert [line.split(": ")[2].split()[0] for line in lines] == [
        "channels.http.client_certificate", "channels.http.webhook_secret"
    ]  # fmt: skip
    assert ["second" in line for line in lines] == [False, True]


def test_check_prints_every_problem_with_its_place_and_ends_with_3(root: Path, call: Call) -> None:
    write_partner(root, "name: Acme\nrole: client\nchanels: {}\n")
    result = call("check")
    assert result.exit_code == 3
    assert "error config.bad-value: partners/acme/partner.yaml:2:7:" in result.stdout
    assert "error config.unknown-key: partners/acme/partner.yaml:3:1: chanels" in result.stdout
    assert "channels" in result.stdout  # the nearest


def test_check_names_a_mapping_that_does_not_exist_at_its_agreement(root: Path, call: Call) -> None:
    write_partner(
        root,
        "name: Acme\nchannels: {http: {url: 'https://a.example/'}}\nagreements:\n"
        "  - {receive: nowhere/Ordr, over: http}\n",
    )
    result = call("check")
    assert result.exit_code == 3
    assert "partner.no-mapping" in result.stdout
    assert "partners/acme/partner.yaml:4:5" in result.stdout


def test_check_as_json_is_one_object_with_codes_and_places(root: Path, call: Call) -> None:
    write_partner(root, "nam: Acme\n")
    result = call("check", "--json")
    data = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [(each["code"], each["where"]["line"]) for each in data["findings"] if each["severity"] == "error"] == [
        ("config.missing", 1),
        ("config.unknown-key", 1),
    ]
    assert len(data["digest"]) == 64


def test_findings_speak_the_language_asked_for(root: Path, call: Call) -> None:
    write_partner(root, "nam: Acme\n")
    assert "缺少 name" in call("--lang", "zh-CN", "check").stdout
    assert "name is missing" in call("--lang", "en", "check").stdout


def test_the_language_of_the_instance_counts_when_none_is_asked_for(root: Path, call: Call) -> None:
    config = root / "config.yaml"
    config.write_text(config.read_text().replace("language: en", "language: zh-CN"))
    write_partner(root, "nam: Acme\n")
    assert "缺少 name" in call("check").stdout


def test_partners_are_listed_and_shown(root: Path, call: Call) -> None:
    write_partner(root, "name: 雅客\nrole: customer\nids: {other: [ACME]}\n")
    rows = json.loads(call("partners", "list", "--json").stdout)
    assert [(each["id"], each["role"]) for each in rows] == [("acme", "customer"), ("self", "self")]
    table = call("partners", "list").stdout.splitlines()
    assert table[0].split()[:3] == ["id", "name", "role"]
    assert table[1].split()[:3] == ["acme", "雅客", "customer"]
    assert "other:ACME" in call("partners", "show", "acme").stdout


def test_columns_line_up_under_wide_characters(root: Path, call: Call) -> None:
    write_partner(root, "name: 雅客\nrole: customer\n")
    header, acme, own = call("partners", "list").stdout.splitlines()
    assert acme.index("customer") == header.index("role") - 2  # two characters of double width
    assert own.index("self", 4) == header.index("role")


def test_an_unknown_partner_is_a_coded_line_on_stderr_and_exit_4(call: Call) -> None:
    result = call("partners", "show", "nobody")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith("error partner.unknown: ")
    assert "gateway apply" in result.stderr


def test_a_wrong_config_shows_all_its_problems(root: Path, call: Call) -> None:
    (root / "config.yaml").write_text("workers: many\nportz: 1\n")
    result = call("partners", "list")
    assert result.exit_code == 6
    assert "config.yaml:1:10" in result.stderr
    assert "config.yaml:2:1" in result.stderr


def test_usage_errors_end_with_2() -> None:
    assert CliRunner().invoke(cli, ["messages", "show"]).exit_code == 2
    assert CliRunner().invoke(cli, ["no-such-command"]).exit_code == 2


def test_outside_an_instance_the_cure_names_init(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["--instance", str(tmp_path), "--lang", "en", "check"])
    assert result.exit_code == 6
    assert "gateway init" in result.stderr


@pytest.mark.parametrize("words", [[], *[[name] for name in sorted(COMMANDS)]])
def test_every_command_has_help(words: list[str]) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


def test_what_a_partner_wrote_cannot_steer_the_terminal(root: Path, call: Call) -> None:
    write_partner(root, 'name: "Acme \\e[2J\\r evil"\n')
    assert "\x1b" not in call("partners", "list").stdout
    assert "\x1b" not in call("partners", "show", "acme").stdout


def test_help_does_not_wait_for_what_only_a_server_needs() -> None:
    slow = {"aiohttp", "sqlalchemy", "lxml", "cryptography", "apscheduler"}
    program = "import sys, gateway.cli.root; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "click" in loaded
    assert slow.isdisjoint(loaded)
