"""gateway measures: the scorecard and the documents behind a figure, as words and as JSON."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.app.instance import open_instance
from gateway.cli.root import cli
from gateway.config.scaffold import scaffold
from gateway.model.effects import OrderLineState, OrderSaved


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "i"
    scaffold(folder, name="Own", gln="9521001000000")
    opened = open_instance(folder)
    now = opened.clock.now()
    day = now.date() - timedelta(days=9)
    line = OrderLineState(number="1", gtin="09521001100014", ordered=Decimal(4), requested=str(day))
    saved = OrderSaved(
        key="o", side="sale", partner="shop", number="PO-9", status="open", ordered_on=day, lines=(line,)
    )
    opened.journal.write(lambda tx: tx.write_effects("m-1", (saved,), now, test=False))
    opened.close()
    return folder


def gateway(root: Path, *words: str) -> Any:
    found = CliRunner().invoke(cli, ["--instance", str(root), "--lang", "en", *words])
    assert found.exit_code == 0, found.output
    return found.output


def test_the_scorecard_is_words_or_json(root: Path) -> None:
    assert "fill-rate" in gateway(root, "measures", "show")
    found = json.loads(gateway(root, "measures", "show", "--partner", "shop", "--json"))
    figures = {each["name"]: each for each in found["figures"]}
    assert (figures["fill-rate"]["value"], figures["otif-requested"]["bottom"]) == ("0", "1")
    items = json.loads(gateway(root, "measures", "show", "--name", "fill-rate", "--by", "item", "--json"))
    assert [each["key"] for each in items] == ["09521001100014"]


def test_behind_a_figure_stand_documents(root: Path) -> None:
    assert "PO-9" in gateway(root, "measures", "behind", "otif-requested")
    found = json.loads(gateway(root, "measures", "behind", "otif-requested", "--json"))
    assert [each["document"] for each in found] == ["PO-9"]
