"""mappings and translate on the command line, with and without an instance."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.root import cli
from gateway.config.scaffold import scaffold

Call = Callable[..., Result]
STANDARD = Path(__file__).parents[3] / "mappings" / "standard"
ORDER = STANDARD / "eancom-1997" / "ORDERS.cases" / "simple" / "in.edi"
SALES = STANDARD / "ubl-2.1" / "ProductActivity.cases" / "one-sale" / "in.xml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An instance with one partner that names the number of our item differently."""
    scaffold(tmp_path / "hub", name="We", gln="9521001000000")
    folder = tmp_path / "hub" / "partners" / "acme"
    (folder / "mappings").mkdir(parents=True)
    (folder / "partner.yaml").write_text(
        "name: Acme\nrole: customer\nids: [{scheme: gln, value: '4099990000011'}]\n"
        "channels: {box: {kind: folder, inbox: in, outbox: out}}\n"
        "agreements:\n  - {receive: eancom-1997/ORDERS, over: box}\n",
        encoding="utf-8",
    )
    (folder / "mappings" / "ORDERS.yaml").write_text(
        "mapping: acme/ORDERS\nextends: eancom-1997/ORDERS\nfields:\n"
        "  notes: {each: FTX, path: C108.4440, where: {4451: PUR}, join: ' '}\n",
        encoding="utf-8",
    )
    return tmp_path / "hub"


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command line where there is no instance."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATEWAY_INSTANCE", raising=False)
    return lambda *words: CliRunner().invoke(cli, list(words))


@pytest.fixture
def call(root: Path) -> Call:
    return lambda *words: CliRunner().invoke(cli, ["--instance", str(root), *words])


def test_translate_prints_the_canonical_document(alone: Call) -> None:
    result = alone("translate", str(ORDER))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["document"] == "Order"


def test_translate_writes_another_format_and_back(alone: Call, tmp_path: Path) -> None:
    first = json.loads(alone("translate", str(ORDER)).stdout)
    ubl = tmp_path / "order.xml"
    ubl.write_text(alone("translate", str(ORDER), "--to", "ubl-2.1").stdout, encoding="utf-8")
    assert "Order-2" in ubl.read_text(encoding="utf-8")
    edifact = tmp_path / "order.edi"
    edifact.write_text(alone("translate", str(ubl), "--to", "eancom-1997").stdout, encoding="utf-8")
    assert json.loads(alone("translate", str(edifact)).stdout) == first


def test_translate_says_where_each_value_came_from(alone: Call) -> None:
    (found,) = json.loads(alone("translate", str(SALES), "--json").stdout)
    source = found["sources"]["lines[0].soldQuantity"]
    assert source["where"]["path"].endswith("/SalesItem/Quantity")
    assert source["rule"].startswith("mappings/standard/ubl-2.1/ProductActivity.yaml:")
    assert (found["mapping"], found["findings"]) == ("ubl-2.1/ProductActivity", [])


def test_a_family_without_such_a_mapping_is_told(alone: Call) -> None:
    result = alone("translate", str(ORDER), "--to", "ubl-9")
    assert result.exit_code == 3
    assert "mapping.no-target" in result.output
    assert "ubl-2.1" in result.output


def test_show_names_file_and_line_of_each_rule(call: Call) -> None:
    lines = call("mappings", "show", "eancom-1997/ORDERS", "--partner", "acme").stdout.splitlines()
    assert any(line.startswith("notes: ") and line.endswith("# partners/acme/mappings/ORDERS.yaml:4") for line in lines)
    standard = [line for line in lines if "# mappings/standard/eancom-1997/ORDERS.yaml:" in line]
    text = (STANDARD / "eancom-1997" / "ORDERS.yaml").read_text(encoding="utf-8").splitlines()
    (found,) = [line for line in standard if line.startswith("issuedAt: ")]
    assert text[int(found.rpartition(":")[2]) - 1].startswith("  issuedAt: ")


def test_diff_shows_what_a_partner_has_otherwise(call: Call) -> None:
    lines = call("mappings", "diff", "eancom-1997/ORDERS", "--partner", "acme").stdout.splitlines()
    changed = [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    assert [line[:8] for line in changed] == ["-notes: ", "+notes: "]


def test_lint_names_a_partners_mistake_and_ends_with_3(call: Call, root: Path) -> None:
    assert call("mappings", "lint", "--partner", "acme").exit_code == 0
    path = root / "partners" / "acme" / "mappings" / "ORDERS.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "  curency: SG7/CUX/C504.6345\n", encoding="utf-8")
    result = call("mappings", "lint", "--partner", "acme")
    assert result.exit_code == 3
    assert "mapping.unknown-field" in result.stdout
    assert "partners/acme/mappings/ORDERS.yaml:5" in result.stdout
    assert "currency" in result.stdout


def test_check_lints_the_mappings_of_the_agreements(call: Call, root: Path) -> None:
    path = root / "partners" / "acme" / "mappings" / "ORDERS.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "  currency: {path: BGM/1225, as: gtin, code: x}\n")
    assert call("check").exit_code == 3
    path.write_text(
        "mapping: acme/ORDERS\nextends: eancom-1997/ORDERS\nfields:\n  issuedAt: {path: BGM/1004, as: gln}\n"
    )
    result = call("check")
    assert (result.exit_code, "mapping.type-clash" in result.stdout) == (3, True)


def test_the_shipped_cases_hold(alone: Call) -> None:
    result = alone("mappings", "test", "eancom-1997/ORDERS", "ubl-2.1/Order")
    assert result.exit_code == 0, result.output
    assert re.search(r"\d+ cases of 2 mappings, 0 findings", result.stderr)


def test_a_case_that_differs_is_an_error_until_it_is_updated(call: Call, root: Path) -> None:
    cases = root / "partners" / "acme" / "mappings" / "ORDERS.cases" / "one"
    shutil.copytree(ORDER.parent, cases)
    (cases / "expected.json").write_text("{}\n", encoding="utf-8")
    result = call("mappings", "test", "--partner", "acme")
    assert result.exit_code == 3
    assert "expected.json" in result.stdout
    assert call("mappings", "test", "--partner", "acme", "--update").exit_code == 0
    assert call("mappings", "test", "--partner", "acme").exit_code == 0
    assert json.loads((cases / "expected.json").read_text(encoding="utf-8"))["document"] == "Order"


def test_list_and_diff_speak_json(call: Call) -> None:
    listed = json.loads(call("mappings", "list", "--partner", "acme", "--json").stdout)
    assert listed == {"partner": "acme", "mappings": ["eancom-1997/ORDERS"]}
    found = json.loads(call("mappings", "diff", "eancom-1997/ORDERS", "--partner", "acme", "--json").stdout)
    assert (found["from"], found["to"]) == ("eancom-1997/ORDERS", "eancom-1997/ORDERS of acme")
    assert [each[:7] for each in (*found["removed"], *found["added"])] == ["notes: ", "notes: "]
    assert found["removed"] != found["added"]
