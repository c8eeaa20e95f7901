"""mappings publish, versions and restore, and messages read-with, on the command line."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[1] / "console"))

from editor_scene import NAME, OWN, MappingHouse, order

from gateway.cli.root import cli


@pytest.fixture
def house(tmp_path: Path) -> MappingHouse:
    return MappingHouse(tmp_path / "house")


def call(house: MappingHouse, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--instance", str(house.folder), "--lang", "en", *words])


def test_a_draft_is_published_listed_and_taken_back(house: MappingHouse, tmp_path: Path) -> None:
    (message,) = house.take(order("PO-1", quantity="46"))
    house.close()
    draft = tmp_path / "draft.yaml"
    draft.write_text(OWN + "  lines[].quantity: {path: QTY/C186.6060, where: {C186.6063: ['21', '46']}}\n")
    done = call(house, "mappings", "publish", NAME, "--partner", "acme", "--draft", str(draft), "--reason", "46")
    assert (done.exit_code, done.output) == (0, "version 2\n"), done.output
    taken = call(house, "messages", "read-with", message, "2", "--reason", "only this")
    assert taken.exit_code == 0, taken.output
    back = call(house, "mappings", "restore", NAME, "1", "--partner", "acme", "--json")
    assert json.loads(back.output) == {"version": 3, "changed": True, "written": True}
    listed = json.loads(call(house, "mappings", "versions", NAME, "--partner", "acme", "--json").output)
    assert [(each["version"], each["reason"]) for each in listed] == [(3, "< v1"), (2, "46"), (1, "")]
    wrong = call(house, "mappings", "restore", NAME, "9", "--partner", "acme")
    assert wrong.exit_code == 4
    assert "has no version 9" in wrong.output
