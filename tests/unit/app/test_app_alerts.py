"""Alerts: what rules find, told once, not at night, tried again, and in the form that each target takes."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.app.alert_rules import Picture, conditions
from gateway.app.alerts import Alerts
from gateway.app.certificates import Expiry
from gateway.channels.outbound import Answer
from gateway.config.settings import AlertSettings, read_settings
from gateway.model.faults import NetworkFault, OurFault
from gateway.store import alerts
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.view_alert_rows import AlertRule, AlertTarget, QuietHours
from gateway.store.view_alerts import Rate
from gateway.store.view_problem_rows import ProblemLine, QueueLine
from gateway.store.views import Views

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PROBLEM = ProblemLine(
    id="a" * 32,
    kind="message",
    code="item.unknown",
    partner="shop",
    place="lines[].item.gtin",
    count=5,
    first_at=NOW - timedelta(hours=1),
    last_at=NOW,
)
TEAM = AlertTarget(kind="email", address="ops@example.org")


def rule(kind: str, **more: Any) -> AlertRule:
    return AlertRule(id=f"rule-{kind}", name=kind, kind=kind, targets=(TEAM,), **more)  # type: ignore[arg-type]


def subjects(rule: AlertRule, **seen: Any) -> list[str]:
    return [each.subject for each in conditions(rule, Picture(now=NOW, **seen))]


# --- what rules find --------------------------------------------------------------------------------------------------


def test_a_problem_is_told_as_one_thing_while_nobody_has_it_in_hand() -> None:
    assert subjects(rule("problem"), problems=(PROBLEM,)) == [PROBLEM.id]
    for state in ("acknowledged", "snoozed", "resolved"):
        assert subjects(rule("problem"), problems=(replace(PROBLEM, state=state),)) == []
    assert subjects(rule("problem", params={"count": Decimal(6)}), problems=(PROBLEM,)) == []
    assert subjects(rule("problem", partner="mill"), problems=(PROBLEM,)) == []


def test_what_is_absent_or_was_never_confirmed_is_overdue() -> None:
    absent = replace(PROBLEM, id="b", kind="absent", code="document.overdue", place="SalesReport")
    unconfirmed = replace(PROBLEM, id="c", kind="parcel", code="ack.contrl-missing")
    assert subjects(rule("overdue-acknowledgement"), problems=(PROBLEM, absent, unconfirmed)) == ["b", "c"]


def test_a_partner_is_silent_only_when_it_has_spoken_before() -> None:
    last = {"shop": NOW - timedelta(hours=30), "mill": NOW - timedelta(hours=2)}
    assert subjects(rule("silent-partner"), partners=("shop", "mill", "new"), last=last) == ["shop"]
    assert subjects(rule("silent-partner", params={"hours": Decimal(31)}), partners=("shop",), last=last) == []


def test_a_failure_rate_counts_only_with_enough_messages() -> None:
    rates = {"shop": Rate(total=20, failed=3), "mill": Rate(total=4, failed=4)}
    assert subjects(rule("failure-rate"), rates=lambda window: rates) == ["shop"]
    assert subjects(rule("failure-rate", params={"percent": Decimal(16)}), rates=lambda window: rates) == []


def test_a_certificate_is_told_of_at_each_of_the_last_days_that_count() -> None:
    def reached(days: int) -> list[str]:
        expiry = Expiry(partner="shop", name="k", on=NOW + timedelta(days=days), days=days, threshold=60)
        return [each.rpartition(" ")[2] for each in subjects(rule("certificate"), certificates=(expiry,))]

    assert [reached(days) for days in (61, 60, 31, 30, 14, 8, 7, 2, 1, -3)] == [
        [],
        ["60"],
        ["60"],
        ["30"],
        ["14"],
        ["14"],
        ["7"],
        ["7"],
        ["1"],
        ["1"],
    ]


def test_a_queue_is_old_by_its_oldest_and_stock_by_its_newest_report() -> None:
    old = QueueLine(partner="shop", channel="as2", direction="out", waiting=3, oldest_at=NOW - timedelta(minutes=31))
    young = replace(old, partner="mill", oldest_at=NOW - timedelta(minutes=29))
    assert subjects(rule("queue-age"), queues=(old, young)) == ["shop as2 out"]
    stock = {"shop": NOW - timedelta(hours=49), "mill": NOW - timedelta(hours=47)}
    assert subjects(rule("stale-stock"), stock_at=stock) == ["shop"]


# --- quiet hours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-20T14:30", "2026-11-20T14:30"),  # 22:30 in Shanghai
        ("2026-11-20T15:30", "2026-11-20T23:00"),  # 23:30: until seven
        ("2026-11-20T22:59", "2026-11-20T23:00"),  # 06:59 of the next day
        ("2026-11-20T23:00", "2026-11-20T23:00"),
    ],
)
def test_quiet_hours_go_over_midnight_in_their_own_zone(now: str, told: str) -> None:
    quiet = QuietHours(start="23:00", end="07:00", zone="Asia/Shanghai")
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert alerts.after_quiet(quiet, at) == datetime.fromisoformat(told).replace(tzinfo=UTC)


# --- told once, and in the right form ---------------------------------------------------------------------------------


@dataclass
class World:
    """A journal with alerts at work, a mail server and a web server that note what they get."""

    journal: SqlJournal
    now: datetime = NOW
    mails: list[EmailMessage] = field(default_factory=list)
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    broken: bool = False
    status: int = 200

    def __post_init__(self) -> None:
        settings = AlertSettings(console_url="https://edi.example.org/", smtp_host="mail", sender="edi@example.org")
        clock = SimpleNamespace(now=lambda: self.now)
        partner = SimpleNamespace(id="shop", kind="partner", name="Corner shop", name_zh="街角商店")
        instance = SimpleNamespace(
            journal=self.journal,
            views=Views(self.journal.reader),
            clock=clock,
            wall=clock,
            settings=SimpleNamespace(alerts=settings, language="en"),
            book=SimpleNamespace(partners={"shop": partner}),
        )
        keys = SimpleNamespace(secret=lambda name: f"secret of {name}")
        self.views = instance.views
        self.alerts = Alerts(instance=instance, outbound=self, keys=keys, mail=self._mail)  # type: ignore[arg-type]

    def _mail(self, settings: AlertSettings, password: str | None, mail: EmailMessage) -> None:
        if self.broken:
            raise NetworkFault("alert.mail-failed", value="mail", detail="down")
        self.mails.append(mail)

    async def post(self, url: str, headers: Any, content: Any) -> Answer:
        self.posts.append((url, dict(headers), b"".join(content.chunks())))
        return Answer(status=self.status, headers=(), body=b"")

    def save(self, kept: AlertRule) -> AlertRule:
        self.journal.write(lambda tx: alerts.save_rule(tx, kept, "ana", self.now))  # type: ignore[arg-type]
        return kept

    def find(self, kept: AlertRule, *found: alerts.Condition) -> int:
        ids = iter(range(1000))

        def new_id() -> str:
            return f"{self.now:%d%H%M%S}-{next(ids)}-{kept.id[-12:]}"

        return self.journal.write(lambda tx: alerts.fire(tx, kept, found, new_id, self.now))  # type: ignore[arg-type]

    def tell(self) -> int:
        return asyncio.run(self.alerts.deliver())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    journal = SqlJournal.open(tmp_path / "journal.db", MemoryBlobs())
    yield World(journal)
    journal.close()


def thing(since: datetime = NOW, subject: str = "x") -> alerts.Condition:
    params = {"partner": "shop", "problem": "item.unknown", "count": "5", "place": "lines[].item.gtin"}
    return alerts.Condition(subject=subject, since=since, code="alert.problem", link="/problems/1", params=params)


def test_a_firing_is_told_once_however_often_it_is_found_and_by_whom(world: World) -> None:
    kept = world.save(rule("problem"))
    assert [world.find(kept, thing()) for _ in range(3)] == [1, 0, 0]
    assert world.tell() == 1
    assert world.tell() == 0
    (mail,) = world.mails
    assert mail["To"] == "ops@example.org"
    assert "Corner shop: 5 waiting" in mail["Subject"]
    assert "https://edi.example.org/problems/1" in mail.get_content()
    (line,) = world.views.firings()
    assert (line.cleared_at, line.deliveries[0].state) == (None, "sent")


def test_what_is_over_is_cleared_and_told_again_only_when_it_begins_anew(world: World) -> None:
    kept = world.save(rule("problem"))
    world.find(kept, thing())
    world.now += timedelta(minutes=5)
    assert world.find(kept) == 0
    assert world.views.firings()[0].cleared_at == world.now
    assert world.find(kept, thing()) == 0  # the same firing, seen again
    assert world.find(kept, thing(since=world.now)) == 0  # comes and goes: not twice within an hour
    world.now += timedelta(hours=2)
    assert world.find(kept, thing(since=world.now)) == 1


def test_what_came_back_within_the_hour_and_stays_is_told_when_the_hour_is_over(world: World) -> None:
    kept = world.save(rule("problem"))
    world.find(kept, thing())
    world.now += timedelta(minutes=5)
    world.find(kept)
    back = thing(since=world.now)
    assert world.find(kept, back) == 0
    world.now += timedelta(minutes=54)
    assert world.find(kept, back) == 0
    world.now += timedelta(minutes=2)
    assert [world.find(kept, back) for _ in range(2)] == [1, 0]


def test_in_quiet_hours_nobody_is_told_and_what_is_over_by_then_never(world: World) -> None:
    kept = world.save(rule("problem", quiet=QuietHours(start="14:00", end="16:00", zone="UTC")))
    world.find(kept, thing(subject="stays"), thing(subject="goes"))
    assert world.tell() == 0
    world.find(kept, thing(subject="stays"))
    world.now = NOW.replace(hour=16, minute=0)
    world.tell()
    assert len(world.mails) == 1
    states = {each.subject: each.deliveries[0].state for each in world.views.firings()}
    assert states == {"stays": "sent", "goes": "dropped"}


def test_a_mail_that_cannot_leave_is_tried_again_later_each_time_and_given_up(world: World) -> None:
    kept, world.broken = world.save(rule("problem")), True
    world.find(kept, thing())
    waits = []
    for _ in range(alerts.ATTEMPTS):
        assert world.tell() == 1
        (line,) = world.views.firings()[0].deliveries
        waits.append((line.next_at - world.now).total_seconds() / 60)
        world.now = max(world.now, line.next_at)
    assert waits[:5] == [1, 2, 4, 8, 16]
    (line,) = world.views.firings()[0].deliveries
    assert (line.state, line.attempts) == ("failed", alerts.ATTEMPTS)
    assert "down" in (line.error or "")
    assert world.tell() == 0


def test_webhooks_are_signed_and_chats_get_plain_text(world: World) -> None:
    kinds = ("webhook", "wecom", "dingtalk", "feishu")
    targets = tuple(
        AlertTarget(kind=kind, address=f"https://{kind}.example/x", secret="hook" if kind == "webhook" else None)  # type: ignore[arg-type]
        for kind in kinds
    )
    kept = world.save(replace(rule("problem"), targets=targets))
    world.find(kept, thing())
    assert world.tell() == 4
    bodies = {url.partition("//")[2].partition(".")[0]: json.loads(body) for url, _, body in world.posts}
    assert bodies["webhook"]["data"]["params"]["partner"] == "shop"
    assert bodies["webhook"]["type"] == "alert.fired"
    assert bodies["wecom"]["msgtype"] == bodies["dingtalk"]["msgtype"] == "text"
    assert "Corner shop" in bodies["feishu"]["content"]["text"]
    signed = {url: "webhook-signature" in headers for url, headers, _ in world.posts}
    assert [signed[f"https://{kind}.example/x"] for kind in kinds] == [True, False, False, False]


def test_a_target_that_refuses_is_noted(world: World) -> None:
    kept = world.save(replace(rule("problem"), targets=(AlertTarget(kind="webhook", address="https://x.example/"),)))
    world.find(kept, thing())
    world.status = 404
    world.tell()
    (line,) = world.views.firings()[0].deliveries
    assert (line.state, (line.error or "").split()[0]) == ("queued", "http.refused")


def test_a_test_reaches_every_target_in_quiet_hours_too(world: World) -> None:
    kept = world.save(rule("problem", quiet=QuietHours(start="00:00", end="23:59", zone="UTC")))
    ids = iter(("f", "d"))
    world.journal.write(lambda tx: alerts.tell_test(tx, kept.id, "ana", lambda: next(ids), world.now))  # type: ignore[arg-type]
    assert world.tell() == 1
    assert world.mails[0]["Subject"].startswith("[TEST]")


def test_no_value_of_a_partner_can_add_a_header(world: World) -> None:
    kept = world.save(rule("problem"))
    evil = thing()
    params = {**evil.params, "place": "x\r\nBcc: all@example.org"}
    world.find(kept, replace(evil, params=params))
    world.tell()
    assert world.mails[0]["Bcc"] is None
    assert "\n" not in world.mails[0]["Subject"]


def test_a_rule_that_is_removed_tells_nobody_any_more(world: World) -> None:
    kept = world.save(rule("problem"))
    world.find(kept, thing())
    world.journal.write(lambda tx: alerts.remove_rule(tx, kept.id, "ana", world.now))  # type: ignore[arg-type]
    world.tell()
    assert world.mails == []
    with pytest.raises(OurFault) as caught:
        world.journal.write(lambda tx: alerts.remove_rule(tx, kept.id, "ana", world.now))  # type: ignore[arg-type]
    assert caught.value.code == "alert.not-found"


def test_a_look_finds_nothing_in_an_empty_journal_and_asks_only_for_what_rules_need(world: World) -> None:
    world.save(rule("queue-age"))
    world.save(rule("silent-partner"))
    world.save(rule("stale-stock"))
    world.save(rule("failure-rate"))
    world.save(rule("problem"))
    assert world.alerts.look() == 0


# --- settings ---------------------------------------------------------------------------------------------------------


def test_the_mail_server_is_set_in_the_settings_and_the_password_by_name(tmp_path: Path) -> None:
    text = (
        "alerts:\n  console_url: https://edi.example.org\n"
        "  smtp: {host: mail.example.org, port: 465, security: tls, user: edi, password: smtp, from: edi@example.org}\n"
    )
    found = read_settings(text, tmp_path).alerts
    assert (found.smtp_host, found.smtp_port, found.security, found.password) == (
        "mail.example.org",
        465,
        "tls",
        "smtp",
    )
    for wrong in ("console_url: ftp://x", "smtp: {security: maybe}", "smtp: {prot: 25}"):
        with pytest.raises(OurFault):
            read_settings(f"alerts:\n  {wrong}\n", tmp_path)
