"""gateway plan backtest: the same figures as on the page, kept as there; what it cannot play it says."""

import json
from pathlib import Path

from click.testing import CliRunner

from gateway.app.instance import open_instance
from gateway.cli.root import cli
from tests.unit.app.backtest_scene import ITEMS, KIOSK, sold_out_of


def test_the_command_plays_what_is_planned_and_the_page_has_it_too(tmp_path: Path) -> None:
    root = tmp_path / "i"
    sold_out_of(root).close()
    windows = ["--fill", "0.95", "--tuning", "56", "--test", "56"]
    about = ["--place", KIOSK, "--item", ITEMS[0]]
    asked = ["--instance", str(root), "--lang", "en", "plan", "backtest", *about, *windows]
    found = CliRunner().invoke(cli, [*asked, "--json"], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)
    assert said["state"] == "done"
    assert said["played"]["series"] == 1
    ways = {each["way"]: each for each in said["ways"]}
    assert ways["oracle"]["stock_days"] < ways["ours"]["stock_days"]
    opened = open_instance(root)
    kept = opened.views.backtests()
    opened.close()
    assert [each.id for each in kept] == [said["id"]]
    short = CliRunner().invoke(cli, [*asked[:6], "--test", "400"])
    assert short.exit_code != 0
    assert "576" in short.output, "days that such windows need"
