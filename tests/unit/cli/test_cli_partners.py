"""gateway partners: a sample becomes a partner, which travels to another instance; what is open ends with 3."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

sys.path.append(str(Path(__file__).parents[1] / "config"))

import strangers

from gateway.cli.root import cli
from gateway.config.scaffold import scaffold


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    scaffold(tmp_path / "hub", name="Lindwerder", gln="9521001000000")
    return tmp_path / "hub"


def gateway(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--instance", str(folder), *words])


def test_a_sample_becomes_a_partner_that_travels_in_a_bundle(hub: Path, tmp_path: Path) -> None:
    sample = tmp_path / "order.xml"
    sample.write_bytes(strangers.OPENTRANS)
    told = gateway(hub, "partners", "add", "--sample", str(sample), "--id", "tannhof", "--json")
    assert told.exit_code == 0, told.output
    shown = json.loads(told.stdout)
    assert (shown["partner"], shown["good"]) == ("tannhof", True)
    assert (hub / "partners/tannhof/mappings/ORDER.yaml").is_file()
    again = gateway(hub, "partners", "add", "--sample", str(sample), "--id", "tannhof")
    assert again.exit_code == 3
    assert "partner.exists" in again.output
    assert gateway(hub, "partners", "checklist", "tannhof").exit_code == 3
    bundle = tmp_path / "tannhof.json"
    assert gateway(hub, "partners", "export", "tannhof", "--output", str(bundle)).exit_code == 0
    scaffold(tmp_path / "other", name="Lindwerder", gln="9521001000000")
    looked = gateway(tmp_path / "other", "partners", "import", str(bundle), "--dry-run", "--json")
    assert json.loads(looked.stdout)["is_new"] is True
    assert gateway(tmp_path / "other", "partners", "import", str(bundle), "--yes").exit_code == 0
    text = (tmp_path / "other/partners/tannhof/partner.yaml").read_text(encoding="utf-8")
    assert text == (hub / "partners/tannhof/partner.yaml").read_text(encoding="utf-8")
