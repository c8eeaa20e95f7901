"""gateway labels on an instance whose journal holds a despatch."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.app.instance import open_instance
from gateway.cli.root import cli
from gateway.model.despatch_advice import DespatchAdvice, LogisticUnit
from gateway.model.effects import ShipmentSaved
from gateway.model.values import party

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SSCCS = ("340999000000000019", "340999000000000026")


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--instance", str(root), "--lang", "en", *arguments])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "instance"
    made = CliRunner().invoke(cli, ["init", str(folder), "--gln", "9521001000000", "--name", "Acme"])
    assert made.exit_code == 0, made.output
    us = party("9521001000000")
    units = tuple(LogisticUnit(id=str(n), sscc=each) for n, each in enumerate(SSCCS, 2))
    instance = open_instance(folder, take_folders=True)
    for number, placed in (("D1", units), ("D2", ())):
        advice = DespatchAdvice(id=number, issued_at=NOW, seller=us, buyer=us, lines=(), units=placed)
        saved = ShipmentSaved(
            key="s", side="sale", partner="shop", number=number, order=None, status="despatched", document=advice
        )
        instance.journal.write(lambda tx, each=saved: tx.write_effects(each.number, [each], NOW, test=False))
    instance.close()
    return folder


def test_labels_are_one_pdf_or_an_svg_for_each_unit(root: Path, tmp_path: Path) -> None:
    done = run(root, "labels", "D1", "--partner", "shop", "--out", str(tmp_path / "out"), "--json")
    (name,) = json.loads(done.stdout)["files"]
    assert Path(name).read_bytes().count(b"/Type /Page ") == 2
    done = run(root, "labels", "D1", "--partner", "shop", "--out", str(tmp_path / "out"), "--format", "svg")
    assert done.exit_code == 0, done.output
    assert sorted(each.name for each in (tmp_path / "out").glob("*.svg")) == [f"SSCC-{each}.svg" for each in SSCCS]


@pytest.mark.parametrize(
    ("number", "code", "ends"), [("D9", "labels.despatch-unknown", 4), ("D2", "labels.no-sscc", 3)]
)
def test_without_a_numbered_unit_the_reason_is_told(root: Path, number: str, code: str, ends: int) -> None:
    done = run(root, "labels", number, "--partner", "shop")
    assert (done.exit_code, code in done.stderr) == (ends, True)
