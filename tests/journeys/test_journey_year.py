"""A year of two customers that enters only as files over AS2 and HTTP; then a script over the raw files, which knows
nothing of the gateway, says the same cases, measures and cells of the portfolio; and the record made anew is the same."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.app.customer_record import CustomerRecord
from gateway.app.instance import open_instance
from tests.journeys import month_papers as papers
from tests.journeys import year_auditor
from tests.journeys.month_play import OATS, RICE, ROOT, Month
from tests.journeys.papers import orders, stock_count, ubl_order
from tests.journeys.stage import NORDMARKT, OURS, STADTKETTE, WAREHOUSE, Stage, staged

RULES = ("customer-overdue", "receiving.differs", "return-open")


async def play(stage: Stage) -> Month:
    """Nordmarkt orders every two weeks with EDIFACT over AS2 and falls silent in autumn; what it receives is short
    twice, and it sends goods back. Stadtkette orders every four weeks with UBL over HTTP, all year."""
    year = Month(stage)
    year.day(1)
    await year.house(stock_count("COUNT", WAREHOUSE, [(f"0{OATS}", "9000"), (f"0{RICE}", "9000")], when=year.iso))
    for fortnight in range(26):
        year.day(2 + 14 * fortnight)
        sending = []
        if fortnight < 18:
            order = orders(
                f"N-{fortnight}", NORDMARKT, OURS, NORDMARKT, [(OATS, "60")], when=year.digits, wish=year.digits
            )
            sending.append(("nordmarkt", order))
            if fortnight == 5:
                sending.append(("nordmarkt", order))  # sent twice by mistake
        if fortnight % 2 == 0:
            order = ubl_order(f"S-{fortnight}", STADTKETTE, OURS, STADTKETTE, [(RICE, "9")], when=year.iso)
            sending.append(("stadtkette", order))
        for partner, text in sending:
            note = await stage.send(partner, text)
            assert note["state"] == "acked", note
        await stage.settle()
        if fortnight in (3, 8, 12):
            number = f"SH-{fortnight}"
            await year.house(year.shipped(number, NORDMARKT, (f"N-{fortnight}", "1", OATS, 60)))
            received = 60 if fortnight == 8 else 57
            await year.send(
                "nordmarkt",
                papers.recadv(f"WE-{fortnight}", number, NORDMARKT, OURS, [(OATS, received)], when=year.digits),
            )
    year.day(364)
    back = [(OATS, 5, "N-3", "1")]
    await year.send("nordmarkt", papers.retann("RA-1", NORDMARKT, OURS, back, when=year.digits))
    return year


async def ask(stage: Stage, path: str) -> Any:
    headers = {"Authorization": f"Bearer {stage.gateway.api_key}"}
    async with stage.gateway.session.get(stage.gateway.url + path, headers=headers) as response:
        assert response.status == 200, await response.text()
        return await response.json()


def told(stage: Stage) -> dict[str, Any]:
    """Make the record anew from the journal and return what it says, in the auditor's form."""
    instance = open_instance(stage.places.settings.root)
    try:
        record = CustomerRecord(instance=instance)
        while record.hear().messages:
            pass
        record.notice()
        record.measure()
        first = said(instance)
        record.rebuild("test")
        assert said(instance) == first  # the same when it is made anew
        return first
    finally:
        instance.close()


def said(instance: Any) -> dict[str, Any]:
    measures: dict[str, dict[str, str | None]] = {}
    for account in ("nordmarkt", "stadtkette"):
        its = instance.views.account_record(account).measures
        names = ("frequency", "recency", "monetary", "lifecycle", "portfolio")
        measures[account] = {name: its[name].value for name in names}
        measures[account]["limitDays"] = its["silent-days"].parts["limitDays"]
    cases: dict[str, list[str]] = {}
    for each in instance.views.crm_cases(open_only=False, limit=1000):
        if each.rule in RULES:
            subject = each.account if each.rule == "customer-overdue" else each.subject
            cases.setdefault(each.rule, []).append(subject)
    return {"measures": measures, "cases": {rule: sorted(its) for rule, its in cases.items()}}


def audited(stage: Stage, today: str) -> dict[str, Any]:
    items = ROOT / "partners" / "self" / "tables" / "items.csv"
    command = [sys.executable, "-I", year_auditor.__file__, str(stage.places.demo), str(items), today]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def plain(found: dict[str, Any]) -> dict[str, Any]:
    """Return the same with numbers in one form."""

    def number(text: str) -> str:
        try:
            return format(Decimal(text).normalize(), "f")
        except ArithmeticError:
            return text

    measures = {
        name: {key: number(str(value)) for key, value in its.items()} for name, its in found["measures"].items()
    }
    return {"measures": measures, "cases": found["cases"]}


def lose(stage: Stage, partner: str, words: str) -> None:
    """Take one file that a partner has sent out of its mailbox."""
    folder = stage.places.demo / partner / "outbox"
    notes = [
        path
        for path in folder.glob("*.note.json")
        if words in (folder / json.loads(path.read_text())["file"]).read_text()
    ]
    assert notes, words
    for each in notes:
        each.unlink()


@pytest.mark.soak  # a year day by day takes minutes
async def test_a_year_of_files_and_the_record_say_the_same(tmp_path: Path) -> None:
    files = {"config.yaml": (ROOT / "config.yaml").read_text().replace("every_h: 24", "every_h: 0")}
    async with staged(tmp_path / "instance", files, without=("guest",)) as stage:
        year = await play(stage)
        today = year.now.date().isoformat()
        await stage.settle()
        ours = told(stage)
    theirs = audited(stage, today)
    assert plain(ours) == plain(theirs)
    assert ours["measures"]["nordmarkt"]["lifecycle"] == "lapsed"
    assert len(ours["cases"]["receiving.differs"]) == 2
    lose(stage, "nordmarkt", "BGM+632+WE-12+")
    assert plain(audited(stage, today))["cases"] != plain(ours)["cases"]  # the audit sees what is missing
    lose(stage, "stadtkette", "<cbc:ID>S-8<")
    assert plain(audited(stage, today))["measures"] != plain(ours)["measures"]
