"""Values on the command line: what nobody can reckon with is a mistake of who typed it, said as such."""

import pytest
from click.testing import CliRunner

from gateway.cli.root import cli


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
