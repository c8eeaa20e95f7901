"""Mail of the service desk: a plan's owner is reminded once, a case that is over asks once how it went."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from gateway.app.customer_record import CustomerRecord
from gateway.app.desk_mail import DeskMail
from gateway.app.instance import Instance, open_instance
from gateway.app.selling import Selling
from gateway.cli.root import cli
from gateway.model.effects import CaseClosed, CaseOpened
from gateway.model.faults import NetworkFault, OurFault
from gateway.store.forms import micros
from gateway.store.tables_people import crm_contact, crm_task

NOW = datetime(2026, 6, 15, 7, tzinfo=UTC)
DAY = timedelta(days=1)


class Standing:
    at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    done = CliRunner().invoke(cli, ["init", str(tmp_path / "edi"), "--name", "Us", "--gln", "9521001000000"])
    assert done.exit_code == 0, done.output
    opened = open_instance(tmp_path / "edi", take_folders=True)
    opened.clock = Standing()
    object.__setattr__(opened.settings.alerts, "smtp_host", "mail.example")
    yield opened
    opened.close()


def desk(instance: Instance) -> tuple[DeskMail, list[EmailMessage]]:
    sent: list[EmailMessage] = []
    return DeskMail(instance=instance, mail=lambda settings, password, mail: sent.append(mail)), sent


def put(instance: Instance, table, **row: object) -> None:
    instance.journal.write(lambda tx: tx.connection.execute(insert(table), [row]))


def person(instance: Instance, name: str, mail: str | None, data: str = "{}") -> None:
    told = {"account": "nord", "origin": "person", "name": name, "mail": mail, "data": data, "actor": "mei"}
    put(instance, crm_contact, id=name, first_at=0, last_at=0, **told)


def plan(instance: Instance, name: str, remind_at: datetime, owner: str = "mei") -> None:
    put(
        instance, crm_task, id=name, account="nord", kind="call", title=f"Call {name}", text="about oats", owner=owner,
        due_at=micros(NOW + DAY), remind_at=micros(remind_at), actor="mei", created_at=0,
    )  # fmt: skip


def problem(
    instance: Instance, number: str, at: datetime, code: str = "receiving.differs", *, over: bool = True
) -> None:
    told = {"account": "nord", "code": code, "subject": number}
    effects = [CaseOpened(key="c", **told)]
    instance.journal.write(lambda tx: tx.write_effects(f"{number}o", effects, at, test=False))
    if over:
        ends = [CaseClosed(key="c", **told)]
        instance.journal.write(lambda tx: tx.write_effects(f"{number}c", ends, at + timedelta(hours=1), test=False))
    record = CustomerRecord(instance=instance)
    while record.hear().messages:
        pass


def survey(instance: Instance, **more: str) -> None:
    fields = {"title": "After a case", "form": "csat", "afterCase": "yes", "address": "https://edi.example/", **more}
    Selling(instance=instance).save_entry("survey", "after", fields, "running", "mei")


def test_a_plans_owner_is_reminded_once_at_its_address(instance: Instance) -> None:
    Selling(instance=instance).save_entry("setting", "mailboxes", {"value": "mei=mei@example.com"}, None, "mei")
    plan(instance, "now", NOW - timedelta(minutes=5))
    plan(instance, "later", NOW + timedelta(hours=5))
    plan(instance, "others", NOW - timedelta(minutes=5), owner="omar")  # nobody knows where omar reads mail
    plan(instance, "forgotten", NOW - 9 * DAY)
    mail, sent = desk(instance)
    assert (mail.look(), mail.look()) == (1, 0)
    [one] = sent
    assert (one["To"], one["Subject"]) == ("mei@example.com", "Plan: Call now")
    assert "about oats" in one.get_content()
    with pytest.raises(OurFault, match="setting-wrong"):
        Selling(instance=instance).save_entry("setting", "mailboxes", {"value": "mei"}, None, "mei")


def test_plans_long_overdue_hold_no_reminder_back(instance: Instance) -> None:
    rows = [
        {"id": f"old{number}", "account": "nord", "kind": "call", "title": "x", "text": "", "owner": "mei",
         "due_at": 1, "remind_at": None, "actor": "mei", "created_at": 0} for number in range(500)
    ]  # fmt: skip
    instance.journal.write(lambda tx: tx.connection.execute(insert(crm_task), rows))
    Selling(instance=instance).save_entry("setting", "mailboxes", {"value": "mei=mei@example.com"}, None, "mei")
    plan(instance, "today", NOW)
    assert desk(instance)[0].look() == 1


def test_a_case_that_is_over_asks_once_how_it_went_and_the_link_takes_the_answer(instance: Instance) -> None:
    person(instance, "Anna", "anna@nord.example")
    survey(instance)
    problem(instance, "SH1", NOW - timedelta(hours=3))
    problem(instance, "SH2", NOW - timedelta(hours=2))  # asked a moment ago
    mail, sent = desk(instance)
    assert (mail.look(), mail.look()) == (1, 0)
    [one] = sent
    assert one["To"] == "anna@nord.example"
    token = one.get_content().split("https://edi.example/survey/")[1].split()[0]
    Selling(instance=instance).answer(token, {"csat": "2"}, "late again")
    told = instance.views.answers(survey="after")
    assert {(each.account, each.question, each.score) for each in told} == {
        ("nord", "csat", 2),
        ("nord", "words", None),
    }
    Standing.at = NOW + 91 * DAY
    try:
        problem(instance, "SH3", Standing.at - timedelta(hours=2))
        assert mail.look() == 1  # a quarter later one may ask again
    finally:
        Standing.at = NOW


@pytest.mark.parametrize("reason", ["open", "type", "old", "nobody", "silent", "draft", "no mail server"])
def test_nobody_is_asked_without_a_reason(instance: Instance, reason: str) -> None:
    person(
        instance,
        "Anna",
        None if reason == "nobody" else "a@n.example",
        '{"silent": true}' if reason == "silent" else "{}",
    )
    survey(instance)
    if reason == "draft":
        Selling(instance=instance).save_entry(
            "survey", "after", {"title": "T", "form": "csat", "afterCase": "yes"}, "draft", "m"
        )
    if reason == "no mail server":
        object.__setattr__(instance.settings.alerts, "smtp_host", "")
    at = NOW - (9 * DAY if reason == "old" else timedelta(hours=2))
    problem(
        instance, "X", at, "plan.approval-needed" if reason == "type" else "receiving.differs", over=reason != "open"
    )
    mail, sent = desk(instance)
    assert (mail.look(), sent) == (0, [])


def test_a_mail_server_that_is_away_is_written_down(instance: Instance) -> None:
    person(instance, "Anna", "anna@nord.example")
    survey(instance)
    problem(instance, "SH1", NOW - timedelta(hours=3))

    def fails(settings: object, password: object, mail: object) -> None:
        raise NetworkFault("alert.mail-failed", value="mail.example")

    assert DeskMail(instance=instance, mail=fails).look() == 0
    assert desk(instance)[0].look() == 0
