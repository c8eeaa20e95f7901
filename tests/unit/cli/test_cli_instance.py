"""The command line over a journal: a new instance from init to a replenishment request."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.cli.root import cli

Call = Callable[..., Result]
OATS = "9521001100014"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instance") / "hub"
    result = CliRunner().invoke(cli, ["--lang", "en", "init", str(folder), "--gln", "9521001000000", "--name", "Acme"])
    assert result.exit_code == 0, result.stderr
    return folder


@pytest.fixture
def call(root: Path) -> Call:
    def run(*words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["--instance", str(root), *words], input=stdin)

    return run


def test_init_makes_the_own_key_and_the_first_admin(root: Path, call: Call) -> None:
    assert json.loads(call("check", "--json").stdout)["findings"] == []
    assert {"kind": "own key", "name": "self"} in json.loads(call("keys", "list", "--json").stdout)
    assert call("keys", "show-certificate").stdout.startswith("-----BEGIN CERTIFICATE-----")
    link = json.loads(call("login-link", "--json").stdout)
    assert link["user"] == "admin"
    assert link["link"].startswith("http://127.0.0.1:8081/login?token=")


def test_init_again_changes_nothing_and_says_so(root: Path) -> None:
    before = sorted(path for path in root.rglob("*") if path.is_file())
    result = CliRunner().invoke(cli, ["init", str(root), "--gln", "9521001000000", "--name", "Other"])
    assert result.exit_code == 6
    assert "config.not-empty" in result.stderr
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before


def test_a_login_link_for_nobody_is_refused(call: Call) -> None:
    result = call("login-link", "--user", "nobody")
    assert result.exit_code == 4
    assert "access.user-unknown" in result.stderr


def test_a_plan_request_is_open_work_and_stands_among_our_own_documents(call: Call) -> None:
    before = json.loads(call("open-work", "--json").stdout)["open"]
    arrival = json.loads(call("plan", "run", "--json").stdout)["arrival"]
    assert json.loads(call("open-work", "--json").stdout)["open"] == before + 1
    assert arrival in [each["id"] for each in json.loads(call("messages", "list", "--own", "yes", "--json").stdout)]
    assert call("messages", "list", "--json").stdout.strip() == "[]"


def test_an_arrival_that_is_not_read_yet_can_be_shown(call: Call) -> None:
    arrival = json.loads(call("plan", "run", "--json").stdout)["arrival"]
    shown = dict(line.split("  ", 1) for line in call("messages", "show", arrival).stdout.splitlines())
    assert (shown["arrival"].strip(), shown["state"].strip()) == (arrival, "received")
    assert json.loads(call("messages", "show", arrival, "--json").stdout)["partner"] == "self"


def test_a_plan_for_an_unknown_supplier_is_refused(call: Call) -> None:
    result = call("plan", "run", "--supplier", "nobody")
    assert result.exit_code == 4
    assert "partner.unknown" in result.stderr


def test_an_added_item_is_in_force_at_once_and_a_second_time_refused(root: Path, call: Call) -> None:
    assert "1 items in force" in call("items", "add", OATS, "--name", "Oats", "--sales-price", "1.20").stdout
    again = call("items", "add", OATS, "--name", "Oats")
    assert again.exit_code == 6
    assert "config.repeated-row" in again.stderr


def test_apply_takes_the_folders_in_and_refuses_broken_ones(root: Path, call: Call) -> None:
    partner = root / "partners" / "acme" / "partner.yaml"
    partner.parent.mkdir()
    partner.write_text("name: Acme\n")
    first = json.loads(call("apply", "--json").stdout)
    assert first["partners"] == 2
    partner.write_text("nam: Acme\n")
    refused = call("apply")
    assert refused.exit_code == 6
    assert "partners/acme/partner.yaml:1:1" in refused.stderr
    partner.write_text("name: Acme\n")
    assert json.loads(call("apply", "--json").stdout) == first


def test_keys_and_secrets_are_listed_by_name_and_never_shown(call: Call) -> None:
    assert call("keys", "add-secret", "acme-outbound", stdin="s3cret-value\n").exit_code == 0
    certificate = call("keys", "create", "acme-test", "--common-name", "Acme").stdout
    assert call("keys", "add-certificate", "acme", "-", stdin=certificate).exit_code == 0
    assert call("keys", "add-certificate", "acme-text", "-", stdin="no certificate").exit_code == 3
    listed = call("keys", "list").stdout
    assert {"acme-outbound", "acme-test", "acme"} <= set(listed.split())
    assert "s3cret-value" not in listed


def test_a_certificate_that_has_ended_is_refused_with_its_day(call: Call) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=Acme")
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, datetime(2020, 1, 1), datetime(2021, 1, 1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    refused = call("keys", "add-certificate", "acme-2020", "-", stdin=pem)
    assert refused.exit_code == 3
    assert "keys.expired" in refused.stderr
    assert "2021-01-01" in refused.stderr
    assert "acme-2020" not in call("keys", "list").stdout


def test_an_api_key_is_printed_once_and_a_partners_key_needs_the_partner(call: Call) -> None:
    issued = json.loads(call("api-keys", "issue", "reporting", "--role", "auditor", "--json").stdout)
    assert (issued["role"], len(issued["key"]) > 30) == ("auditor", True)
    assert "partner.unknown" in call("api-keys", "issue", "x", "--partner", "nobody").stderr
    assert call("api-keys", "issue", "y", "--role", "emperor").exit_code == 2


def test_a_script_may_issue_the_key_of_a_partner_that_is_written_and_not_yet_applied(call: Call, root: Path) -> None:
    folder = root / "partners" / "corner-shop"
    folder.mkdir()
    (folder / "partner.yaml").write_text("name: Corner shop\n")
    issued = call("api-keys", "issue", "corner-shop-1", "--partner", "corner-shop")
    assert issued.exit_code == 0
    assert len(issued.stdout.strip()) > 30
    assert "gateway apply" in issued.stderr
    for name in ("../corner-shop", "self/..", "nobody"):
        refused = call("api-keys", "issue", "z", "--partner", name)
        assert (refused.exit_code, refused.stdout) == (4, "")


def test_the_old_word_still_issues_a_key_and_says_the_new_one(call: Call) -> None:
    issued = call("keys", "issue", "old", "--role", "auditor")
    assert (issued.exit_code, len(issued.stdout.strip()) > 30) == (0, True)
    assert "gateway api-keys issue" in issued.stderr
    assert "issue" not in call("keys", "--help").stdout


def test_a_key_of_nobody_is_asked_whose_it_is(call: Call) -> None:
    refused = call("api-keys", "issue", "k")
    assert refused.exit_code == 2
    assert "--partner" in refused.stderr


def test_a_key_may_be_made_on_an_elliptic_curve(call: Call) -> None:
    assert call("keys", "create", "curve", "--kind", "ec-p256").stdout.startswith("-----BEGIN CERTIFICATE-----")
    assert call("keys", "create", "odd", "--kind", "dsa").exit_code == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("messages", "show", "none"), "cli.not-found"),
        (("messages", "replay", "none"), "journal.not-found"),
        (("parcels", "resend", "none"), "journal.not-found"),
        (("proposals", "approve", "none"), "cli.not-found"),
        (("proposals", "reject", "none"), "cli.not-found"),
    ],
)
def test_an_unknown_id_is_a_coded_line_and_exit_4(call: Call, words: tuple[str, ...], code: str) -> None:
    result = call(*words)
    assert (result.exit_code, result.stdout) == (4, "")
    assert f"error {code}: " in result.stderr


def test_empty_lists_are_empty_json_lists(call: Call) -> None:
    assert json.loads(call("proposals", "list", "--json").stdout) == []
    assert json.loads(call("parcels", "list", "--json").stdout) == []


def test_a_directory_that_is_no_zip_is_refused(tmp_path: Path, call: Call) -> None:
    (tmp_path / "d96a.zip").write_bytes(b"not a zip")
    result = call("schemas", "import", str(tmp_path / "d96a.zip"))
    assert result.exit_code == 3
    assert "edifact.import-failed" in result.stderr
