"""The customer record from the command line, on an instance whose journal tells of a short year."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.app.instance import open_instance
from gateway.cli.root import cli
from gateway.model.effects import ActivityAdded, CaseOpened

PARTNER = """\
name: Shop
role: customer
gln: "9521002000009"
channels: {http: {}}
agreements: []
"""
RULE = {
    "opensOn": ["order-received"],
    "conditions": [{"fact": "order_value", "operator": "above", "value": "150"}],
    "caseType": "order",
    "urgency": "low",
}


def run(root: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["--instance", str(root), *arguments])
    assert done.exit_code == code, done.output
    return done


def told(root: Path, *arguments: str):
    return json.loads(run(root, "crm", *arguments, "--json").stdout)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    done = CliRunner().invoke(cli, ["init", str(tmp_path / "edi"), "--name", "Us", "--gln", "9521001000000"])
    assert done.exit_code == 0, done.output
    root = tmp_path / "edi"
    (root / "partners/shop").mkdir()
    (root / "partners/shop/partner.yaml").write_text(PARTNER)
    run(root, "apply")
    instance = open_instance(root)
    start = datetime.now(UTC) - timedelta(days=70)
    for week in range(8):
        at = start + timedelta(days=7 * week)
        figures = {"orders": Decimal(1), "order_value": Decimal(100 + 10 * week)}
        order = ActivityAdded(key="o", account="shop", kind="order-received", reference=f"PO{week}", figures=figures)
        short = CaseOpened(key="c", account="shop", code="receiving.differs", subject="PO0", params={"missing": "3"})
        effects = [order, short] if week in (0, 1) else [order]
        instance.journal.write(lambda tx, w=week, e=effects, a=at: tx.write_effects(f"m{w}", e, a, test=False))
    instance.close()
    run(root, "crm", "measure")
    return root


def test_an_account_shows_its_measures_and_what_they_were_made_of(root: Path):
    [found] = told(root, "accounts")
    assert found["id"] == "shop"
    assert found["measures"]["lifecycle"]["value"] == "lapsed"  # weekly orders, three weeks of silence
    record = told(root, "account", "shop")
    assert record["measures"]["monetary"]["value"] == "1080"
    assert record["measures"]["segment"]["value"] is None  # one account is no crowd
    assert record["measures"]["silent-days"]["parts"]["limitDays"] == "10.5"
    assert {each["message"] for each in record["events"] if each["message"]} == {f"m{week}" for week in range(8)}
    assert "lapsed" in run(root, "crm", "accounts").stdout
    assert "insufficient" not in run(root, "crm", "account", "shop").stdout


def test_a_case_is_worked_on_and_its_course_is_told(root: Path):
    found = {each["rule"]: each for each in told(root, "cases")}
    assert set(found) == {"receiving.differs", "customer-overdue", "customer-late"}
    short = found["receiving.differs"]
    assert short["times"] == 2
    run(root, "crm", "act", short["id"], "assigned", "--owner", "li")
    run(root, "crm", "act", short["id"], "solved", "--cause", "short pick", "--measure", "second check")
    record = told(root, "case", short["id"])
    assert (record["course"]["owner"], record["course"]["cause"]) == ("li", "short pick")
    assert record["course"]["state"] == "solved"
    assert [each["what"] if isinstance(each, dict) else each[0] for each in record["events"]] == ["open", "again"]
    assert short["id"] not in {each["id"] for each in told(root, "cases")}
    assert short["id"] in {each["id"] for each in told(root, "cases", "--all")}
    run(root, "crm", "act", short["id"], "reopened")
    assert short["id"] in {each["id"] for each in told(root, "cases")}


def test_what_people_did_stays_when_the_record_is_made_anew(root: Path):
    case = next(each for each in told(root, "cases") if each["rule"] == "receiving.differs")
    run(root, "crm", "act", case["id"], "noted", "--note", "called them")
    assert told(root, "rebuild")["accounts"] == 1
    assert told(root, "case", case["id"])["acts"][0]["values"] == {"note": "called them"}


def test_a_rule_is_tried_before_it_counts_and_then_judges_the_past(root: Path, tmp_path: Path):
    file = tmp_path / "large.json"
    file.write_text(json.dumps(RULE))
    tried = told(root, "try", "large-order", str(file))
    assert (tried["opened"], tried["stillOpen"]) == (2, 2)  # 160 and 170
    assert "large-order" not in {each["rule"] for each in told(root, "cases")}
    run(root, "crm", "rule", "large-order", str(file))
    assert sum(each["rule"] == "large-order" for each in told(root, "cases")) == 2
    run(root, "crm", "rule", "large-order", str(file), "--off")
    assert "large-order" not in {each["rule"] for each in told(root, "cases")}
    assert {each["id"]: each["version"] for each in told(root, "rules")}["large-order"] == 2


def test_what_is_not_there_is_said_with_a_code(root: Path, tmp_path: Path):
    assert "crm.case-unknown" in run(root, "crm", "case", "nothing", code=4).output
    assert "crm.account-unknown" in run(root, "crm", "account", "nobody", code=4).output
    assert "crm.rule-unknown" in run(root, "crm", "try", "nothing", code=4).output
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({**RULE, "opensOn": ["full-moon"]}))
    assert "full-moon" in run(root, "crm", "rule", "moon", str(wrong), code=3).output
    wrong.write_text("[1, 2")
    assert "crm.rule-wrong" in run(root, "crm", "rule", "moon", str(wrong), code=3).output
    case = told(root, "cases")[0]["id"]
    assert "crm.act-empty" in run(root, "crm", "act", case, "solved", code=3).output


def test_a_message_that_cannot_be_heard_is_set_aside_and_told_and_the_others_are_heard(root: Path):
    instance = open_instance(root)
    order = ActivityAdded(
        key="o", account="shop", kind="order-received", reference="NEW", figures={"orders": Decimal(1)}
    )
    for message in ("bad", "good"):
        instance.journal.write(lambda tx, m=message: tx.write_effects(m, [order], datetime.now(UTC), test=False))
    instance.journal.write(
        lambda tx: tx.connection.exec_driver_sql("UPDATE effect SET data = '{}' WHERE message = 'bad'")
    )
    instance.close()
    run(root, "crm", "measure")
    heard = {each["message"] for each in told(root, "account", "shop")["events"]}
    assert "good" in heard
    assert "bad" not in heard
    assert "crm.set-aside" in run(root, "audit").output
