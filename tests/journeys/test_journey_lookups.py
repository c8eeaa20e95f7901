"""A partner orders by numbers of his own: an unknown one parks the order, a row in his table and a replay answer it,
while the gateway runs."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.root import cli
from gateway.model.findings import Finding, Where
from gateway.texts.catalogue import cure
from tests.journeys import papers
from tests.journeys.stage import NORDMARKT, OURS, WAREHOUSE, Stage, staged
from tests.journeys.test_journeys_flow import DAY, FLOUR, OATS, TODAY, WISH, lines_of

MAPPING = """mapping: nordmarkt/ORDERS
extends: eancom-1997/ORDERS
fields:
  lines[].item.gtin:
    - {path: LIN/C212.7140, where: {C212.7143: IN}, as: gtin, lookup: articles, column: gtin, direction: in}
    - {path: LIN/C212.7140, where: {C212.7143: [EN, UP]}, as: gtin}
"""
TABLE = f"article,gtin\n4711,{OATS}\n"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    extra = {"partners/nordmarkt/mappings/ORDERS.yaml": MAPPING, "partners/nordmarkt/tables/articles.csv": TABLE}
    async with staged(tmp_path / "instance", extra) as found:
        count = papers.stock_count("COUNT-1", WAREHOUSE, [(f"0{OATS}", "40"), (f"0{FLOUR}", "20")], when=str(TODAY))
        await found.send("warehouse", count)
        await found.settle()
        yield found


def order(number: str, lines: list[tuple[str, str]]) -> str:
    text = papers.orders(number, NORDMARKT, OURS, NORDMARKT, lines, when=DAY, wish=WISH)
    return text.replace(":EN'QTY", ":IN'QTY")


async def call(stage: Stage, *words: str) -> Result:
    root = str(stage.places.settings.root)
    return await asyncio.to_thread(CliRunner().invoke, cli, ["--instance", root, "--lang", "en", *words])


async def test_an_unknown_number_parks_and_a_row_and_a_replay_answer_it(stage: Stage) -> None:
    await stage.send("nordmarkt", order("PO-1", [("4711", "6")]))
    await stage.settle()
    (first,) = await stage.receives("nordmarkt", "ORDRSP")
    assert lines_of(first) == [("6", "0", "1")]

    await stage.send("nordmarkt", order("PO-2", [("4711", "2"), ("4712", "3")]))
    await stage.settle()
    ((message_id, fault),) = stage.rows("SELECT id, fault FROM message WHERE state = 'parked'")
    found = json.loads(fault)
    assert (found["code"], found["value"]) == ("mapping.lookup-missing", "4712")
    assert found["where"]["path"] == "lines[1].item.gtin"
    assert found["where"]["tag"] == "LIN"
    params = found["params"] if isinstance(found["params"], dict) else dict(found["params"])
    assert (params["table"], params["nearest"]) == ("articles", "4711")
    told = Finding(code=found["code"], value=found["value"], where=Where(), params=tuple(params.items()))
    assert "gateway lookups add PARTNER articles 4712" in cure(told, "en")

    added = await call(stage, "lookups", "add", "nordmarkt", "articles", "4712", FLOUR)
    assert added.exit_code == 0, added.output
    folder = stage.places.settings.partners / "nordmarkt" / "tables" / "articles.csv"
    assert folder.read_text() == f"{TABLE}4712,{FLOUR}\n"
    await asyncio.sleep(1.5)  # a running node looks for definitions every second
    assert (await call(stage, "messages", "replay", message_id)).exit_code == 0
    answers = await stage.receives("nordmarkt", "ORDRSP", 2)
    assert lines_of(answers[1]) == [("2", "0", "1"), ("3", "0", "2")]
    assert stage.rows("SELECT action, subject FROM audit WHERE action = 'lookup.add'") == [
        ("lookup.add", "nordmarkt/articles:4712")
    ]
