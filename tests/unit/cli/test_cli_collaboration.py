"""gateway promotions, stock-agreements and joint-plans, on an instance of its own."""

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
from gateway.domain.decision import Context, Snapshot
from gateway.domain.table import decide
from gateway.model.joint import Criterion, JointPlan, StockAgreement, StockLevel
from gateway.model.retail_event import RetailEvent
from gateway.model.values import Item

SHOP, STORE, TEA = "9521002000009", "9521002000016", "09521001100014"
PARTNER = f'name: Shop\nrole: customer\ngln: ["{SHOP}", "{STORE}"]\nchannels:\n  out: {{kind: folder, folder: shop}}\n'
PLANNING = f'agreements:\n  - {{id: shops, method: vmi, partner: shop, places: ["{STORE}"]}}\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "i"
    scaffold(folder, name="Own", gln="9521001000000")
    (folder / "partners" / "self" / "planning.yaml").write_text(PLANNING)
    (folder / "partners" / "shop").mkdir()
    (folder / "partners" / "shop" / "partner.yaml").write_text(PARTNER)
    opened = open_instance(folder)
    now, book = opened.clock.now(), opened.book
    context = Context(partner=book.partner("self"), own=book.own, partners=book.partners, now=now, serial=1)
    event = RetailEvent(
        id="E1",
        issued_at=now,
        kind="promotion",
        name="Tea week",
        first_day=now.date() - timedelta(days=1),
        last_day=now.date(),
        items=(Item(gtin=TEA),),
    )
    level = StockLevel(place=STORE, gtin=TEA, level=Decimal(9))
    stock = StockAgreement(id="CR1", issued_at=now, partner="shop", name="Tea", lines=(level,))
    rule = Criterion(metric="in-stock", limit=Decimal("0.95"))
    plan = JointPlan(id="JP1", issued_at=now, partner="shop", name="Tea", criteria=(rule,))
    effects = [each for said in (event, stock, plan) for each in decide(said, context, Snapshot()).effects]
    records = [each for each in effects if type(each).__name__ == "RecordSaved"]
    opened.journal.write(lambda tx: tx.write_effects("m-1", records, now, test=False))
    opened.close()
    return folder


def gateway(root: Path, *words: str, code: int = 0) -> Any:
    found = CliRunner().invoke(cli, ["--instance", str(root), "--lang", "en", *words])
    assert found.exit_code == code, found.output
    return found.output


def test_events_are_listed_loaded_and_taken_back(root: Path, tmp_path: Path) -> None:
    assert "Tea week" in gateway(root, "promotions", "list")
    assert json.loads(gateway(root, "promotions", "show", "E1", "--json"))["outcomes"] == []
    file = tmp_path / "events.csv"
    file.write_text(f"id,name,first_day,last_day,gtin\nE2,Next,2027-01-04,2027-01-10,{TEA}\n")
    assert "1 events" in gateway(root, "promotions", "load", str(file))
    assert "E1 cancelled" in gateway(root, "promotions", "cancel", "E1")
    gateway(root, "promotions", "show", "E9", code=3)


def test_agreements_are_shown_and_answered(root: Path) -> None:
    (found,) = json.loads(gateway(root, "stock-agreements", "list", "--json"))
    assert (found["state"], found["waits_for"]) == ("offered", ["them"])
    assert gateway(root, "stock-agreements", "next", "CR1", "--json").strip() == "[]"
    assert "0 words" in gateway(root, "stock-agreements", "look")
    assert "CR1: end" in gateway(root, "stock-agreements", "say", "CR1", "end")
    gateway(root, "stock-agreements", "say", "CR9", "end", code=3)


def test_joint_plans_are_shown_and_answered(root: Path) -> None:
    assert "JP1" in gateway(root, "joint-plans", "list")
    assert json.loads(gateway(root, "joint-plans", "exceptions", "JP1", "--json")) == []
    assert "JP1: share" in gateway(root, "joint-plans", "say", "JP1", "share")
    gateway(root, "joint-plans", "exceptions", "JP9", code=3)
