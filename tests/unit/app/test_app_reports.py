"""Planned reports: each on its day, once, into the folder or by mail; and the same by hand from the command line."""

import json
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.app.instance import Instance, open_instance
from gateway.app.reports import PlannedReports, due_on
from gateway.app.selling import Selling
from gateway.cli.root import cli
from gateway.store.crm_entries import Entry


class Standing:
    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


MONDAY = datetime(2026, 6, 15, 7, tzinfo=UTC)


@pytest.fixture
def instance(tmp_path: Path):
    done = CliRunner().invoke(cli, ["init", str(tmp_path / "edi"), "--name", "Us", "--gln", "9521001000000"])
    assert done.exit_code == 0, done.output
    opened = open_instance(tmp_path / "edi", take_folders=True)
    opened.clock = Standing(MONDAY)
    yield opened
    opened.close()


def plan(instance: Instance, **data: str) -> Entry:
    fields = {"title": "Pipe line", "report": "pipeline", "cadence": "weekly", **data}
    return Selling(instance=instance).save_entry("report", "weekly", fields, "active", "mei")


def entry(cadence: str, state: str = "active") -> Entry:
    made = datetime(2026, 6, 1, 0, tzinfo=UTC)
    return Entry(
        register="report", id="r", account=None, state=state, state_at=made, data={"cadence": cadence}, origin="person",
        version=1, actor="a", created_at=made, updated_at=made,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cadence", "now", "day"),
    [
        ("daily", datetime(2026, 6, 17, 6, tzinfo=UTC), date(2026, 6, 17)),
        ("daily", datetime(2026, 6, 17, 5, 59, tzinfo=UTC), date(2026, 6, 16)),
        ("weekly", datetime(2026, 6, 17, 7, tzinfo=UTC), date(2026, 6, 15)),
        ("monthly", datetime(2026, 6, 17, 7, tzinfo=UTC), date(2026, 6, 1)),
        ("monthly", datetime(2026, 6, 1, 5, tzinfo=UTC), None),  # before it was planned
    ],
)
def test_a_report_is_due_on_its_days(cadence: str, now: datetime, day: date | None) -> None:
    assert due_on(entry(cadence), now) == day
    assert due_on(entry(cadence, "ended"), now) is None


def test_a_report_goes_into_the_folder_once_a_week(instance: Instance) -> None:
    instance.clock.at = datetime(2026, 6, 14, 7, tzinfo=UTC)  # type: ignore[attr-defined]
    plan(instance, format="xlsx")
    reports, folder = PlannedReports(instance=instance), instance.settings.var / "reports"
    assert reports.look() == 0
    instance.clock.at = MONDAY  # type: ignore[attr-defined]
    assert reports.look() == 1
    assert reports.look() == 0
    assert [path.name for path in folder.iterdir()] == ["weekly-pipeline-2026-06-14.xlsx"]
    instance.clock.at = datetime(2026, 6, 22, 7, tzinfo=UTC)  # type: ignore[attr-defined]
    assert reports.look() == 1
    assert len(list(folder.iterdir())) == 2


def test_a_report_goes_by_mail_with_its_file_or_says_why_not(instance: Instance) -> None:
    sent: list[EmailMessage] = []
    instance.clock.at = datetime(2026, 6, 14, 7, tzinfo=UTC)  # type: ignore[attr-defined]
    planned = plan(instance, to="mail", address="mei@example.com", title="Pipe\r\nBcc: x")
    reports = PlannedReports(instance=instance, mail=lambda settings, password, mail: sent.append(mail))
    instance.clock.at = MONDAY  # type: ignore[attr-defined]
    assert reports.look() == 0  # no server is set: the audit says so
    object.__setattr__(instance.settings.alerts, "smtp_host", "mail.example")
    assert reports.send(planned, MONDAY.date()) == "mei@example.com"
    (mail,) = sent
    assert mail["Subject"] == "Pipe Bcc: x"
    (file,) = mail.iter_attachments()
    assert file.get_filename() == "pipeline-2026-06-14.csv"


def test_the_same_from_the_command_line(instance: Instance, tmp_path: Path) -> None:
    root = str(tmp_path / "edi")

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["--instance", root, "crm", *arguments])
        assert done.exit_code == code, done.output
        return done.output

    assert "promotions" in run("reports")
    assert "opportunity" in run("registers")
    made = json.loads(run("set", "opportunity", "title==1+1", "account=shop", "expectedRevenue=10", "--json"))
    run("set", "opportunity", "probability=0.5", "--id", made["id"], "--state", "proposed")
    assert "proposed" in run("entries", "opportunity")
    assert '"weighted_value": "5"' in run("report", "pipeline", "--json")
    run("report", "pipeline", "--out", str(tmp_path / "p.csv"))
    assert (tmp_path / "p.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    run("report", "pipeline", "--out", str(tmp_path / "p.pdf"), code=2)
    run("report", "weather", code=4)
    run("set", "opportunity", "title=x", code=3)
    run("drop", "opportunity", made["id"])
    run("drop", "opportunity", made["id"], code=4)
    assert "on-time" in run("matrices")
    run("set", "survey", "title=S", "form=csat", "--id", "s", "--state", "running")
    assert run("ask", "s", "shop").startswith("/survey/")
