"""gateway users, api-keys, audit, doctor, completion; and what holds for every command of the tree."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from gateway.cli.root import cli


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            each = command.get_command(context, name)
            assert each is not None
            yield from walk(each, (*path, name))


TREE = dict(walk(cli))
LEAVES = {path: each for path, each in TREE.items() if not isinstance(each, click.Group)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cli-access") / "instance"
    made = CliRunner().invoke(cli, ["init", str(root), "--gln", "9521001000000", "--name", "Acme"])
    assert made.exit_code == 0, made.output
    return root


def run(folder: Path, *args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--instance", str(folder), *args], input=stdin)


def test_a_user_is_added_listed_disabled_and_all_of_it_is_in_the_audit(folder: Path) -> None:
    assert run(folder, "users", "add", "anna", "--role", "planner", "--field", "prices").exit_code == 0
    assert run(folder, "users", "password", "anna", stdin="wet gravel under pines\n" * 2).exit_code == 0
    (anna,) = [each for each in json.loads(run(folder, "users", "list", "--json").stdout) if each["name"] == "anna"]
    assert (anna["role"], anna["fields"], anna["has_password"]) == ("planner", ["prices"], True)
    assert run(folder, "users", "totp", "anna").stdout.startswith("otpauth://totp/")
    assert run(folder, "users", "totp", "anna", "--off").stdout == ""
    assert run(folder, "users", "disable", "anna", stdin="n\n").exit_code == 1
    assert run(folder, "users", "disable", "anna", "--yes").exit_code == 0
    assert run(folder, "users", "enable", "anna").exit_code == 0
    lines = json.loads(run(folder, "audit", "--subject", "anna", "--json").stdout)
    assert [each["action"] for each in lines] == ["user.enabled", "user.disabled", "user.password-set", "user.added"]
    assert json.loads(run(folder, "audit", "--until", "2020-01-01", "--json").stdout) == []


@pytest.mark.parametrize(
    ("args", "code", "ends"),
    [
        (("users", "add", "bad name", "--role", "admin"), "access.bad-name", 3),
        (("users", "add", "x", "--role", "planner", "--sees", "nobody"), "partner.unknown", 4),
        (("users", "disable", "nobody", "--yes"), "access.user-unknown", 4),
        (("users", "disable", "admin", "--yes"), "access.last-admin", 5),
        (("api-keys", "issue", "k", "--role", "planner", "--scope", "users.write"), "access.scopes-unknown", 2),
        (("api-keys", "issue", "k", "--role", "planner", "--expires", "2020-01-01"), "access.key-ended", 3),
        (("api-keys", "revoke", "0123", "--yes"), "access.key-not-found", 4),
    ],
)
def test_a_refusal_is_a_code_on_stderr_and_tells_by_its_end(
    folder: Path, args: tuple[str, ...], code: str, ends: int
) -> None:
    result = run(folder, *args)
    assert (result.exit_code, result.stdout) == (ends, "")
    assert code in result.stderr


def test_a_key_is_printed_once_and_revoked_by_its_id(folder: Path) -> None:
    key = run(folder, "api-keys", "issue", "export", "--role", "operator", "--scope", "messages.read").stdout.strip()
    assert key.startswith("gw_")
    shown = run(folder, "api-keys", "list", "--json").stdout
    assert key not in shown
    (line,) = json.loads(shown)
    assert line["scopes"] == ["messages.read"]
    assert run(folder, "api-keys", "revoke", line["id"], "--yes").exit_code == 0
    assert json.loads(run(folder, "api-keys", "list", "--json").stdout) == []


def test_the_doctor_finds_a_new_instance_well_and_a_broken_one_ill(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "doctor", "--json")
    found = {each["name"]: each["state"] for each in json.loads(result.stdout)}
    assert result.exit_code == 0, result.stdout
    assert {"configuration", "disk", "fsync", "clock", "database", "schemas", "certificates", "access"} <= found.keys()
    assert "failed" not in found.values()
    (tmp_path / "config.yaml").write_text("version: 1\nnonsense: 1\n", encoding="utf-8")
    broken = run(tmp_path, "doctor", "--json")
    (only,) = json.loads(broken.stdout)
    assert (broken.exit_code, only["state"], only["name"]) == (3, "failed", "configuration")
    assert only["cure"]


def test_the_doctor_says_why_a_port_cannot_be_opened() -> None:
    from gateway.cli import doctor
    from gateway.config.settings import Address

    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        bad = doctor._port("partner port", Address(host="127.0.0.1", port=taken.getsockname()[1]))
    assert (bad.state, bad.finding.code if bad.finding else "") == ("failed", "doctor.port-closed")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell: str) -> None:
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0
    assert "_GATEWAY_COMPLETE" in result.stdout


@pytest.mark.parametrize("path", sorted(TREE), ids=lambda path: " ".join(path) or "gateway")
def test_every_command_explains_itself_and_refuses_what_it_does_not_know(path: tuple[str, ...]) -> None:
    assert CliRunner().invoke(cli, [*path, "--help"]).exit_code == 0
    assert TREE[path].help, "a command says in one line what it does"
    unknown = CliRunner().invoke(cli, [*path, "--no-such-option"])
    assert unknown.exit_code == 2
    assert unknown.stdout == ""


def test_what_lists_or_shows_prints_json_too() -> None:
    for path, command in LEAVES.items():
        if len(path) > 1 and path[-1] in ("list", "show", "status"):
            assert any("--json" in each.opts for each in command.params), " ".join(path)
