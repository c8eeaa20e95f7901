"""A year of two customers and a supplier that enters only as EDIFACT and UBL over AS2 and HTTP; then a script over the raw
files, which knows nothing of the gateway, says the same cases, measures and cells of every matrix; and the record made anew
is the same. In short form here, the whole year in the soak."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.api.crm_matrices import MatricesAnswer, PlaceAnswer, read_audit, shown_audit, sides_of
from gateway.app.customer_record import CustomerRecord
from gateway.app.instance import Instance, open_instance
from tests.journeys import year_auditor, year_play
from tests.journeys.stage import Stage, staged

OURS_ALONE = ("plan.approval-needed",)  # no file of a partner shows them
TRADED = ("nordmarkt", "stadtkette", "quellhof")


def told(root: Path) -> dict[str, Any]:
    """Make the record anew from the journal and return what it says, in the auditor's form."""
    instance = open_instance(root)
    try:
        record = CustomerRecord(instance=instance)
        while record.hear().messages:
            pass
        record.notice()
        record.measure()
        first = said(instance)
        assert unproven(instance) == []
        record.rebuild("test")
        assert said(instance) == first  # the same when it is made anew
        return first
    finally:
        instance.close()


def said(instance: Instance) -> dict[str, Any]:
    measures = {}
    for account in TRADED:
        record = instance.views.account_record(account)
        assert record is not None
        measures[account] = {name: each.value for name, each in record.measures.items()}
        if "silent-days" in record.measures:
            measures[account]["limitDays"] = record.measures["silent-days"].parts["limitDays"]
    cases = [
        [each.rule, each.account, "" if each.rule.startswith("customer-") else each.subject, closed(each.closed_at)]
        for each in instance.views.crm_cases(open_only=False, limit=1000)
        if each.rule not in OURS_ALONE
    ]
    sides = sides_of(instance.book.partners)
    drawn = {
        side: shown_audit(read_audit(instance.views, sides, side, None, None)) for side in ("customer", "supplier")
    }
    return {
        "measures": measures,
        "cases": sorted(cases),
        "matrices": {side: {each.id: cells(each) for each in answer.places} for side, answer in drawn.items()},
        "loyalty": loyalty(drawn["customer"]),
    }


def unproven(instance: Instance) -> list[tuple[str, str]]:
    """Return the numbers of the account pages behind which no document (of what was asked: no answer) stands."""
    found = []
    for account in TRADED:
        record, line = instance.views.account_record(account), instance.views.account(account)
        assert record is not None
        assert line is not None
        kept = [name for name, each in record.measures.items() if each.rows]
        for name in (*kept, *(name for name, value in line.figures.items() if value)):
            behind = instance.views.account_number(account, name)
            if behind is None or not behind.documents:
                found.append((account, name))
    return found


def closed(at: object) -> str:
    return "open" if at is None else "closed"


def cells(place: PlaceAnswer) -> list[str]:
    figures = [each or "" for each in (place.importance, place.asked, place.measured)]
    both = [
        told.get(by, "") for told in (place.importance_performance, place.evaluation) for by in ("asked", "measured")
    ]
    return [*figures, *both, place.position or ""]


def loyalty(answer: MatricesAnswer) -> dict[str, str]:
    return {each.account: each.type for each in answer.loyalty if each.type}


def audited(mailboxes: Path, today: str) -> dict[str, Any]:
    command = [sys.executable, "-I", year_auditor.__file__, str(mailboxes), today]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Return everything that is not the same; of the measures, those that the auditor can know."""
    found = [f"case {each} only ours" for each in ours["cases"] if each not in theirs["cases"]]
    found += [f"case {each} only in the files" for each in theirs["cases"] if each not in ours["cases"]]
    for account, its in theirs["measures"].items():
        for name, value in its.items():
            mine = ours["measures"][account].get(name)
            if not same(mine, value):
                found.append(f"{account} {name}: ours {mine}, files {value}")
    for part in ("matrices", "loyalty"):
        for key, value in theirs[part].items():
            if ours[part].get(key) != value:
                found.append(f"{part} {key}: ours {ours[part].get(key)}, files {value}")
    return found


def same(ours: str | None, theirs: str) -> bool:
    """Numbers to a hundredth: messages of one morning are seconds apart."""
    try:
        return abs(Decimal(ours or "") - Decimal(theirs)) < Decimal("0.01")
    except ArithmeticError:
        return ours == theirs


def lose(mailboxes: Path, partner: str, words: str) -> None:
    """Take one file that a partner has sent out of its mailbox."""
    folder = mailboxes / partner / "outbox"
    notes = [
        path
        for path in folder.glob("*.note.json")
        if words in (folder / json.loads(path.read_text())["file"]).read_text()
    ]
    assert notes, words
    for each in notes:
        each.unlink()


async def played(stage: Stage, fortnights: int) -> tuple[dict[str, Any], str]:
    year = await year_play.play(stage, fortnights)
    return told(stage.places.settings.root), year.now.date().isoformat()


async def test_two_months_of_files_and_the_record_say_the_same(tmp_path: Path) -> None:
    async with staged(tmp_path / "instance", year_play.definitions(), without=("guest",)) as stage:
        ours, today = await played(stage, 4)
        mailboxes = stage.places.demo
    assert differences(ours, audited(mailboxes, today)) == []
    rules = {each[0] for each in ours["cases"]}
    assert {"delivery-late", "receiving.differs", "order.supplier-short", "supplier-short", "answer-low"} <= rules
    lose(mailboxes, "quellhof", "BGM+231+QC-3+")
    found = differences(ours, audited(mailboxes, today))
    assert any("document-overdue" in each for each in found)  # the audit sees what is missing


@pytest.mark.soak  # a year day by day takes minutes
async def test_a_year_of_files_and_the_record_say_the_same(tmp_path: Path) -> None:
    async with staged(tmp_path / "instance", year_play.definitions(), without=("guest",)) as stage:
        ours, today = await played(stage, 26)
        mailboxes = stage.places.demo
    assert differences(ours, audited(mailboxes, today)) == []
    assert ours["measures"]["nordmarkt"]["lifecycle"] == "lapsed"
    expected = {
        "customer-late", "customer-overdue", "delivery-late", "receiving.differs", "return-open", "return.waits", "invoice-overdue",
        "payment.short", "payment.adjusted", "order.supplier-short", "supplier-short", "supplier-late", "answer-low",
        "document-overdue", "invoice.price-differs", "invoice-disputed",
    }  # fmt: skip
    assert {each[0] for each in ours["cases"]} == expected
    for partner, words, part in (
        ("nordmarkt", "BGM+632+WE-12+", "receiving.differs"),
        ("stadtkette", "<cbc:ID>S-8<", "stadtkette frequency"),
        ("nordmarkt", "DOC+380+IN-4'", "receivable"),
    ):
        lose(mailboxes, partner, words)
        assert any(part in each for each in differences(ours, audited(mailboxes, today))), part
