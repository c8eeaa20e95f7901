"""Values on the command line: what nobody can reckon with is a mistake of who typed it, said as such."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.exits import CONFIG
from gateway.cli.root import cli
from gateway.config.scaffold import scaffold


@pytest.mark.parametrize(
    "line",
    [
        "audit --until 9999-12-31",
        "api-keys issue k --role operator --expires 9999-12-31",
        "messages replay-all --since 0001-01-01 --preview",
        "plan override 9521001100014 9521001000017 NaN --from 2026-03-01 --until 2026-03-02 --reason x",
        "plan approve P1 --line 1=1E+999999",
        "orders decide 45 --partner nordmarkt --accept --line 1:quantity=Infinity",
        "catalogue basket add lieferant 9521001100014 sNaN",
    ],
)
def test_a_value_beyond_all_trade_is_refused_before_anything_is_done(line: str) -> None:
    result = CliRunner().invoke(cli, ["--instance", "/nowhere", *line.split()])
    assert (result.exit_code, result.exception.__class__) == (2, SystemExit), result.output
    assert "Traceback" not in result.output
    assert "9999" in result.output or "0001" in result.output or "no number" in result.output


@pytest.mark.parametrize("line", ["promotions load FILE", "plan parameters FILE"])
def test_a_list_that_is_no_text_is_refused_in_words(line: str, tmp_path: Path) -> None:
    scaffold(tmp_path / "hub", name="We", gln="9521001000000")
    (tmp_path / "list.csv").write_bytes("gtin,名称\n".encode("gb18030"))
    words = line.replace("FILE", str(tmp_path / "list.csv")).split()
    result = CliRunner().invoke(cli, ["--instance", str(tmp_path / "hub"), *words])
    assert result.exit_code == CONFIG
    assert "config.unreadable" in result.stderr
    assert "byte 5 is not UTF-8" in result.stderr
