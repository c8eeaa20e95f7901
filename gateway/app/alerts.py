"""Alerts at work: look at the rules once a minute, tell people by e-mail or webhook, and try again when that fails."""

import asyncio
import json
import logging
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from typing import cast

from gateway.app.alert_rules import Picture, conditions
from gateway.app.certificates import Expiry, expiring
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.channels.http import webhook_headers
from gateway.channels.outbound import Outbound, check_status
from gateway.config.settings import AlertSettings
from gateway.model.faults import Fault, NetworkFault, OurFault
from gateway.model.findings import Finding
from gateway.model.payload import MemoryPayload
from gateway.ports.shell import Keys
from gateway.store import alerts
from gateway.store.alerts import Due
from gateway.store.tx_records import RecordsTx
from gateway.texts import catalogue
from gateway.texts.catalogue import Lang
from gateway.texts.labels import label

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
DELIVER_EVERY_S = 5.0
AT_ONCE = 20
SMTP_TIMEOUT_S = 20.0
PROBLEMS_LOOKED_AT = 5000
SendMail = Callable[[AlertSettings, str | None, EmailMessage], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told, in the words of one language."""

    title: str
    text: str
    cure: str
    address: str | None  # of the page that shows it; None when the console's own address is not set


def told(due: Due, settings: AlertSettings, lang: Lang, names: Callable[[str], str]) -> Told:
    """Return the words for one firing. names: partner id -> name."""
    params = {**due.params}
    if "partner" in params:
        params["partner"] = names(params["partner"])
    if "problem" in params:
        known = params["problem"]
        params["problem"] = label("problems.absent-short", lang) if known == "document.overdue" else known
    finding = Finding(code=due.code, params=tuple(sorted(params.items())))
    text = _plain(catalogue.text(finding, lang))
    return Told(
        title=f"[{'TEST' if due.test else 'EDI'}] {_plain(due.name)}: {text}"[:180],
        text=text,
        cure=_plain(catalogue.cure(finding, lang)),
        address=f"{settings.console_url.rstrip('/')}{due.link}" if settings.console_url else None,
    )


def _plain(text: str) -> str:
    """Without line ends and other signs that a partner's value might bring into a header."""
    return "".join(each if each.isprintable() else " " for each in text)


def mail_of(due: Due, said: Told, settings: AlertSettings) -> EmailMessage:
    """Return a told alert as a mail: plain text, with one Message-ID over all its attempts."""
    mail = EmailMessage()
    mail["From"] = settings.sender
    mail["To"] = due.target
    mail["Subject"] = said.title
    mail["Message-ID"] = f"<{due.id}@{settings.sender.rpartition('@')[2]}>"  # the same at each attempt
    mail["Auto-Submitted"] = "auto-generated"
    lines = [
        said.text,
        "",
        said.cure,
        *(["", said.address] if said.address else []),
        "",
        f"{due.since:%Y-%m-%d %H:%MZ}",
    ]
    mail.set_content("\n".join(lines))
    return mail


def hook_of(due: Due, said: Told) -> bytes:
    """Return the body of a webhook: ours as JSON, or the plain text that a chat's robot takes."""
    text = "\n".join(each for each in (said.title, said.cure, said.address) if each)
    match due.kind:
        case "wecom" | "dingtalk":
            body: dict[str, object] = {"msgtype": "text", "text": {"content": text}}
        case "feishu":
            body = {"msg_type": "text", "content": {"text": text}}
        case _:
            body = {
                "type": "alert.test" if due.test else "alert.fired",
                "timestamp": due.fired_at.isoformat(),
                "data": {
                    "rule": due.rule,
                    "name": due.name,
                    "firing": due.firing,
                    "code": due.code,
                    "since": due.since.isoformat(),
                    "params": dict(due.params),
                    "text": said.text,
                    "cure": said.cure,
                    "url": said.address,
                    "test": due.test,
                },
            }
    return json.dumps(body, ensure_ascii=False).encode()


def send_mail(settings: AlertSettings, password: str | None, mail: EmailMessage) -> None:
    """Give a mail to the server. Blocks. Raises NetworkFault alert.mail-failed."""
    context = ssl.create_default_context()
    try:
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, timeout=SMTP_TIMEOUT_S, context=context
            )
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SMTP_TIMEOUT_S)
        with server:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.user and password is not None:
                server.login(settings.user, password)
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise NetworkFault("alert.mail-failed", value=settings.smtp_host, detail=str(error)[:200]) from error


@dataclass(kw_only=True)
class Alerts:
    """outbound: the guarded client of the gateway. mail: how a mail leaves; tests give their own."""

    instance: Instance
    outbound: Outbound
    keys: Keys
    mail: SendMail = send_mail

    async def run(self) -> None:
        """Look and tell until cancelled."""
        rounds = self.instance.rounds
        looking = rounds.keep("alert-rules", LOOK_EVERY_S, partial(asyncio.to_thread, self.look))
        await asyncio.gather(looking, rounds.keep("alerts", DELIVER_EVERY_S, self.deliver))

    def look(self) -> int:
        """Look at every rule once; return how many new things were found. Any node may do it, and several at once."""
        instance = self.instance
        rules = [each.rule for each in instance.views.alert_rules() if each.rule.enabled]
        if not rules:
            return 0
        now = instance.clock.now()
        picture = self._picture(now, {each.kind for each in rules})
        found = [(rule, conditions(rule, picture)) for rule in rules]
        new = 0
        for rule, each in found:
            new += instance.journal.write(
                lambda tx, rule=rule, each=each: alerts.fire(  # type: ignore[misc]
                    cast("RecordsTx", tx), rule, each, lambda: uuid7(now), now
                )
            )
        return new

    def _picture(self, now: datetime, kinds: set[str]) -> Picture:
        instance, views = self.instance, self.instance.views
        partners = [each.id for each in instance.book.partners.values() if each.kind == "partner"]
        problems = kinds & {"problem", "overdue-acknowledgement"}
        return Picture(
            now=now,
            partners=partners,
            problems=views.problems(now, limit=PROBLEMS_LOOKED_AT, samples=False).lines if problems else (),
            queues=views.queues(now) if "queue-age" in kinds else (),
            last=views.last_messages(partners) if "silent-partner" in kinds else {},
            stock_at=views.reported_stock_at() if "stale-stock" in kinds else {},
            certificates=tuple(self._certificates()) if "certificate" in kinds else (),
            rates=lambda window: views.failure_rates(now - window),
        )

    def _certificates(self) -> list[Expiry]:
        instance = self.instance
        wall = instance.wall.now()
        return expiring(instance.book, instance.keys, wall, instance.settings.partners_port.tls)

    async def deliver(self) -> int:
        """Tell what is due; return how many deliveries were tried."""
        now = self.instance.clock.now()
        if not await asyncio.to_thread(self._anything, now):
            return 0
        chosen = await asyncio.wrap_future(
            self.instance.journal.submit(lambda tx: alerts.claim(cast("RecordsTx", tx), now, AT_ONCE))
        )
        await asyncio.gather(*(self._tell(each) for each in chosen))
        return len(chosen)

    def _anything(self, now: datetime) -> bool:
        return self.instance.views.deliveries_due(now)

    async def _tell(self, due: Due) -> None:
        settings = self.instance.settings.alerts
        error: str | None = None
        try:
            said = told(due, settings, self.instance.settings.language, self._name)
            if due.kind == "email":
                await self._mail(due, said, settings)
            else:
                await self._post(due, said)
        except Fault as fault:
            error = f"{fault.code} {fault.value or ''} {dict(fault.params).get('detail', '')}".strip()[:300]
            log.warning("alert %s was not told: %s", due.name, error)
        now = self.instance.clock.now()
        await asyncio.wrap_future(
            self.instance.journal.submit(
                lambda tx: alerts.settle(cast("RecordsTx", tx), due.id, error, due.attempts, now)
            )
        )

    async def _mail(self, due: Due, said: Told, settings: AlertSettings) -> None:
        if not settings.smtp_host:
            raise OurFault("alert.no-mail-server")
        password = self.keys.secret(settings.password) if settings.password else None
        await asyncio.to_thread(self.mail, settings, password, mail_of(due, said, settings))

    async def _post(self, due: Due, said: Told) -> None:
        body = hook_of(due, said)
        headers = [("Content-Type", "application/json; charset=utf-8")]
        if due.secret:
            headers += webhook_headers([self.keys.secret(due.secret)], due.id, self.instance.wall.now(), body)
        check_status(await self.outbound.post(due.target, headers, MemoryPayload(body)))

    def _name(self, partner: str) -> str:
        found = self.instance.book.partners.get(partner)
        if found is None:
            return partner
        return (found.name_zh if self.instance.settings.language == "zh-CN" else None) or found.name
