"""Who is who, persons, plans and privacy from the command line, on an instance that has taken an order in."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.app.instance import open_instance
from gateway.cli.root import cli
from tests.unit.pipeline import pipeline_scene as scene

OURS, SHOP, SITE = "9521001000000", "9521002000009", "9521002000177"
PARTNER = """\
name: Shop
role: customer
gln: "9521002000009"
channels: {http: {}}
agreements:
  - {receive: eancom-1997/ORDERS, over: http}
"""
ORDER = (
    f"BGM+220+PO1+9'DTM+137:20261101:102'NAD+BY+{SHOP}::9'NAD+SU+{OURS}::9'NAD+DP+{SITE}::9++Shop Harbour'"
    "CTA+OC+:Anna Brandt'COM+a.brandt@shop.example:EM'LIN+1++9521001100014:EN'QTY+21:5'UNS+S'CNT+2:1'"
)


def run(root: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["--instance", str(root), *arguments])
    assert done.exit_code == code, done.output
    return done


def told(root: Path, *arguments: str):
    return json.loads(run(root, *arguments, "--json").stdout)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "edi"
    CliRunner().invoke(cli, ["init", str(root), "--name", "Us", "--gln", OURS])
    (root / "partners/shop").mkdir()
    (root / "partners/shop/partner.yaml").write_text(PARTNER)
    items = root / "partners/self/tables/items.csv"
    items.write_text(items.read_text().splitlines()[0] + "\n9521001100014,Oats,,H87,,,1,1.89,1.21,EUR,true\n")
    run(root, "apply")
    instance = open_instance(root)
    scene.Line(instance.journal, instance.book).take(scene.envelope(scene.message("ORDERS", ORDER)), "shop")
    instance.close()
    run(root, "crm", "measure")
    return root


def test_candidates_accounts_and_merges_are_decided_and_undone(root: Path) -> None:
    [found] = told(root, "crm", "candidates")
    assert found["party"]["name"] == "Shop Harbour"
    account = run(root, "crm", "decide", found["party"]["id"], "--new", "Harbour Ltd").stdout.strip()
    assert told(root, "crm", "candidates") == []
    assert "Shop Harbour" in run(root, "crm", "sheet", account).stdout
    number = run(root, "crm", "merge", account, "shop", "--reason", "one company").stdout.strip()
    assert told(root, "crm", "sheet", account)["merged_into"] == "shop"
    run(root, "crm", "undo", number)
    assert told(root, "crm", "sheet", account)["merged_into"] is None
    assert [each["kind"] for each in told(root, "crm", "decisions")] == ["merge", "accept"]
    assert "Harbour" in run(root, "crm", "profile", "new", "--name", "Harbour Limited").stdout or told(
        root, "crm", "twins"
    )


def test_persons_talks_plans_and_cases(root: Path) -> None:
    [found] = told(root, "crm", "contacts")
    assert found["contact"]["mail"] == "a.brandt@shop.example"
    run(root, "crm", "contact", "shop", "Anna Brandt", "--id", found["contact"]["id"], "--group", "Buyers")
    assert [each["contact"]["groups"] for each in told(root, "crm", "contacts", "--group", "Buyers")] == [["Buyers"]]
    run(root, "crm", "talk", "shop", "Prices", "--kind", "call", "--topic", "price")
    day = datetime.now(UTC).date().isoformat()
    task = run(root, "crm", "plan", "Send the list", "--due", day, "--account", "shop", "--owner", "mei").stdout.strip()
    assert [each["id"] for each in told(root, "crm", "tasks", "--owner", "mei")] == [task]
    run(root, "crm", "done", task, "--result", "sent")
    assert told(root, "crm", "tasks") == []
    case = run(root, "crm", "open-case", "shop", "complaint", "Wet cartons", "--urgency", "high").stdout.strip()
    assert told(root, "crm", "case", case)["course"]["urgency"] == "high"
    assert told(root, "crm", "case-figures")["open"] >= 1
    assert [each["subject"] for each in told(root, "crm", "number", "shop", "orders")] == ["PO1"]
    run(root, "crm", "open", "shop")


def test_a_person_is_exported_and_erased(root: Path) -> None:
    [found] = told(root, "crm", "contacts")
    contact = found["contact"]["id"]
    assert [each["number"] for each in json.loads(run(root, "privacy", "export", contact).stdout)["documents"]]
    instance = open_instance(root)
    instance.journal.write(lambda tx: tx.connection.exec_driver_sql("UPDATE parcel SET state = 'accepted'"))
    instance.close()
    run(root, "privacy", "erase", contact, "--reason", "asked by letter")
    assert told(root, "crm", "contacts") == []
    run(root, "privacy", "term", "Order", "24")
    run(root, "privacy", "processor", "crm", "--name", "CRM host", "--purpose", "sales", "--agreement", "DPA 1")
    state = told(root, "privacy", "state")
    assert [each["months"] for each in state["terms"]] == [24]
    assert state["erasures"][0]["held"] == 0
    run(root, "privacy", "apply")
    run(root, "privacy", "export", contact, code=4)
