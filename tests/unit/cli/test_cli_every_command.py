"""What holds for every command: help, JSON that is JSON in each form, exit codes; walked along click's own tree."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from gateway.cli import exits
from gateway.cli.output import print_json
from gateway.cli.root import cli
from gateway.model.faults import NetworkFault, OurFault, PartnerFault

PARTNER = 'name: Shop\nrole: customer\ngln: "9521002000009"\nchannels: {http: {}}\nagreements: []\n'


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


def needed(command: click.Command) -> list[click.Parameter]:
    return [each for each in command.params if each.required]


EVERY = dict(leaves(cli))
WITH_JSON = {path: each for path, each in EVERY.items() if any(p.name == "as_json" for p in each.params)}
# Commands that can be asked with nothing more, and only read. Not: what changes, or says what else it needs, or works
# through every mapping there is.
NOT_ASKED = {("import",), ("login-link",), ("messages", "replay-all"), ("catalogue", "basket", "order"),
             ("mappings", "lint"), ("mappings", "test"), ("plan", "backtest")}  # fmt: skip
ASKED = sorted(path for path, each in WITH_JSON.items() if not needed(each) and path not in NOT_ASKED)
words = " ".join


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("every") / "instance"
    made = CliRunner().invoke(cli, ["init", str(folder), "--gln", "9521001000000", "--name", "Acme"])
    assert made.exit_code == exits.FINE, made.output
    (folder / "partners" / "shop").mkdir()
    (folder / "partners" / "shop" / "partner.yaml").write_text(PARTNER)
    assert run(folder, "apply").exit_code == exits.FINE
    return folder


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--instance", str(root), *arguments])


@pytest.mark.parametrize("path", sorted(EVERY), ids=words)
def test_every_command_says_what_it_does_and_refuses_what_it_does_not_know(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(cli, [*path, "--help"])
    assert told.exit_code == exits.FINE
    about = told.output.partition("Options:")[0].split("\n", 1)[1].strip()
    assert len(about) > 15, "no sentence on what it does"
    assert CliRunner().invoke(cli, [*path, "--no-such-option"]).exit_code == exits.USAGE


@pytest.mark.parametrize("path", ASKED, ids=words)
def test_json_is_json(root: Path, path: tuple[str, ...]) -> None:
    done = run(root, *path, "--json")
    assert done.exit_code in (exits.FINE, exits.FINDINGS), done.output
    json.loads(done.stdout)


@pytest.mark.parametrize("path", [("partners", "list"), ("holds", "list"), ("doctor",)], ids=words)
def test_lines_and_csv_hold_as_many_rows_as_the_list(root: Path, path: tuple[str, ...]) -> None:
    found = json.loads(run(root, *path, "--json").stdout)
    rows = found if isinstance(found, list) else [found]
    lines = run(root, *path, "--output", "ndjson").stdout.splitlines()
    assert len([json.loads(each) for each in lines]) == len(rows)
    table = io.StringIO(run(root, *path, "--output", "csv").stdout)
    assert len(list(csv.DictReader(table))) == len(rows)


def test_the_walk_reaches_the_lists_of_every_area() -> None:
    asked = {path[0] for path in ASKED}
    assert {
        "partners",
        "messages",
        "parcels",
        "holds",
        "alerts",
        "nodes",
        "orders",
        "users",
        "audit",
        "doctor",
    } <= asked
    assert len(EVERY) > 100


# --- forms ------------------------------------------------------------------------------------------------------------


def printed(value: object, form: str) -> str:
    @click.command()
    @click.pass_context
    def show(context: click.Context) -> None:
        context.meta["gateway.output"] = form
        print_json(value)

    return CliRunner().invoke(show).stdout


def test_csv_keeps_what_is_nested_and_makes_no_formula_of_what_a_partner_wrote() -> None:
    rows = [{"a": "=1+1", "b": [1, {"c": "x,y"}], "n": "-1.5", "ok": True}, {"a": "名", "d": None}]
    found = list(csv.DictReader(io.StringIO(printed(rows, "csv"))))
    assert found[0] == {"a": "'=1+1", "b": '[1, {"c": "x,y"}]', "n": "-1.5", "ok": "true", "d": ""}
    assert found[1]["a"] == "名"


# --- exit codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (PartnerFault("item.unknown"), exits.FINDINGS),
        (OurFault("order.already-decided"), exits.FINDINGS),
        (OurFault("partner.unknown"), exits.NOT_FOUND),
        (OurFault("journal.not-found"), exits.NOT_FOUND),
        (OurFault("mapping.no-such-version"), exits.NOT_FOUND),
        (OurFault("access.forbidden"), exits.NOT_ALLOWED),
        (OurFault("access.role-unknown"), exits.USAGE),
        (OurFault("config.unknown-key"), exits.CONFIG),
        (OurFault("journal.unreachable"), exits.OTHER_SIDE),
        (NetworkFault("http.refused"), exits.OTHER_SIDE),
    ],
    ids=lambda each: each.code if hasattr(each, "code") else str(each),
)
def test_a_fault_ends_the_command_as_its_kind_asks(fault: Exception, code: int) -> None:
    assert exits.exit_of(fault) == code  # type: ignore[arg-type]


def test_what_is_not_there_and_what_is_wrong_end_differently(root: Path, tmp_path: Path) -> None:
    assert run(root, "partners", "show", "nobody").exit_code == exits.NOT_FOUND
    assert run(root, "messages", "show", "nothing").exit_code == exits.NOT_FOUND
    assert run(tmp_path / "nowhere", "messages", "list").exit_code == exits.CONFIG
    broken = tmp_path / "broken"
    CliRunner().invoke(cli, ["init", str(broken), "--gln", "9521001000000", "--name", "Acme"])
    with (broken / "config.yaml").open("a") as config:
        config.write("colour: green\n")
    assert run(broken, "messages", "list").exit_code == exits.CONFIG


def test_ctrl_c_ends_a_command_as_a_shell_expects(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gateway.store.view_alerts.AlertViews.alert_rules", interrupt)
    assert run(root, "alerts", "list").exit_code == exits.INTERRUPTED


def test_quiet_leaves_out_remarks_but_never_what_went_wrong(root: Path) -> None:
    asked = ["--instance", str(root), "alerts", "list"]
    assert CliRunner().invoke(cli, asked).stderr == "nothing found\n"
    assert CliRunner().invoke(cli, ["-q", *asked]).stderr == ""
    wrong = CliRunner().invoke(cli, ["-q", "--instance", str(root), "partners", "show", "nobody"])
    assert "partner.unknown" in wrong.stderr


def test_nothing_is_coloured_and_progress_is_not_written_to_a_file(root: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("gtin,name,unit\n9521001100014,Oats,EA\n")
    environment = {**os.environ, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "gateway", "--instance", str(root), "import", "items", str(items), "--dry-run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode in (exits.FINE, exits.FINDINGS), done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stderr
    assert "reading:" not in done.stderr


# --- alerts -----------------------------------------------------------------------------------------------------------


def test_an_alert_rule_is_added_tried_and_taken_away(root: Path) -> None:
    wrong = run(root, "alerts", "add", "Quiet", "silent-partner", "--to", "pigeon=home")
    assert wrong.exit_code == exits.USAGE
    added = run(
        root, "alerts", "add", "Quiet shop", "silent-partner", "--partner", "shop", "--param", "hours=12",
        "--to", "webhook=https://example.com/hook", "--quiet-hours", "22:00-06:00",
    )  # fmt: skip
    assert added.exit_code == exits.FINE, added.output
    rule = added.stdout.strip()
    (line,) = json.loads(run(root, "alerts", "list", "--json").stdout)
    assert (line["rule"]["id"], line["rule"]["params"], line["rule"]["partner"]) == (rule, {"hours": "12"}, "shop")
    assert line["rule"]["quiet"]["start"] == "22:00"
    tried = run(root, "alerts", "test", rule, "--json")
    assert len(json.loads(tried.stdout)["deliveries"]) == 1
    (fired,) = json.loads(run(root, "alerts", "history", rule, "--json").stdout)
    assert fired["test"] is True
    assert run(root, "alerts", "remove", rule, "--yes").exit_code == exits.FINE
    assert json.loads(run(root, "alerts", "list", "--json").stdout) == []
    assert run(root, "alerts", "test", rule).exit_code == exits.NOT_FOUND
    assert run(root, "alerts", "history", rule).exit_code == exits.NOT_FOUND
