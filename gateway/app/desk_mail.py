"""Mail of the service desk, each once, whichever node sends it: a plan's owner is reminded, and a person of the account
is asked how it went when a case is over."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from zoneinfo import ZoneInfo

from gateway.app.alerts import SendMail, send_mail
from gateway.app.instance import Instance
from gateway.app.selling import Selling
from gateway.domain.crm.desk import mailboxes_of
from gateway.domain.crm.surveys import REST_DAYS
from gateway.domain.crm.tasks import Task
from gateway.model.faults import Fault
from gateway.store.crm_entries import Entry
from gateway.store.view_cases import CaseOver
from gateway.texts.labels import label

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
OVER_WITHIN = timedelta(days=2)  # a case that was over long before a survey was switched on asks nobody
LATE_MOST = timedelta(days=7)  # of a reminder: what was missed for longer is on the page


@dataclass(kw_only=True)
class DeskMail:
    """mail: how a mail leaves; tests give their own."""

    instance: Instance
    mail: SendMail = send_mail

    async def run(self) -> None:
        """Look until cancelled."""
        await self.instance.rounds.keep("desk-mail", LOOK_EVERY_S, partial(asyncio.to_thread, self.look))

    def look(self) -> int:
        """Send what is due; return how many mails have left. Without a mail server nothing is done, nor marked as
        done."""
        if not self.instance.settings.alerts.smtp_host:
            return 0
        now = self.instance.clock.now()
        return self._remind(now) + self._ask(now)

    def _remind(self, now: datetime) -> int:
        addresses = mailboxes_of(self.instance.views.settings_of().get("mailboxes", ""))
        return sum(
            self._once(f"remind:{each.id}", each.remind_at, partial(self._reminder, each, addresses[each.owner]))
            for each in self.instance.views.crm_reminders(now - LATE_MOST, now)
            if each.owner in addresses and each.remind_at is not None
        )

    def _reminder(self, task: Task, address: str) -> EmailMessage:
        lang = self.instance.settings.language
        zone = ZoneInfo(self.instance.settings.zone)
        lines = [
            label("deskmail.due", lang).format(when=f"{task.due_at.astimezone(zone):%Y-%m-%d %H:%M}"),
            *filter(None, (task.account, task.text)),
        ]
        if self.instance.settings.alerts.console_url:
            lines.append(f"{self.instance.settings.alerts.console_url.rstrip('/')}/my-day")
        return self._mail(address, label("deskmail.reminder", lang).format(title=task.title), lines)

    def _ask(self, now: datetime) -> int:
        """Ask about the cases that are over by now, by the survey that is to be sent after a case."""
        views = self.instance.views
        survey = next(
            (each for each in views.entries("survey", state="running") if each.data.get("afterCase") == "yes"), None
        )
        if survey is None or not survey.data.get("address"):
            return 0
        sent = 0
        for case in views.crm_cases_over(now - OVER_WITHIN):
            last = views.asked_last(survey.id, case.account)
            if last is None or now - last >= timedelta(days=REST_DAYS):
                sent += self._once(f"csat:{case.id}", case.over_at, partial(self._question, survey, case))
        return sent

    def _question(self, survey: Entry, case: CaseOver) -> EmailMessage | None:
        """Return the mail with a link for one answer, None when the account has nobody who may be written to."""
        found = self.instance.views.crm_contacts(account=case.account)
        person = next((each.contact for each in found if each.contact.mail and not each.contact.silent), None)
        if person is None or person.mail is None:
            return None
        token = Selling(instance=self.instance).ask(survey.id, case.account, person.mail, "gateway", case.id)
        lang = self.instance.settings.language
        lines = [
            label("deskmail.over", lang).format(subject=case.subject),
            f"{survey.data['address'].rstrip('/')}/survey/{token}",
        ]
        company = self.instance.book.own.partner.name
        return self._mail(person.mail, label("deskmail.question", lang).format(company=company), lines)

    def _mail(self, address: str, subject: str, lines: list[str]) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self.instance.settings.alerts.sender, address
        mail["Subject"] = " ".join(subject.split())
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n\n".join(lines) + "\n")
        return mail

    def _once(self, job: str, planned: datetime, make: Callable[[], EmailMessage | None]) -> bool:
        """Make and send a mail unless that was tried before. What fails is written down and not tried again."""
        instance = self.instance
        if not instance.journal.write(lambda tx: tx.tick(job[:80], planned)):
            return False
        settings = instance.settings.alerts
        try:
            mail = make()
            if mail is None:
                return False
            password = instance.keys.secret(settings.password) if settings.password else None
            self.mail(settings, password, mail)
        except Fault as fault:
            log.warning("%s: %s", job, fault)
            what = fault.code
        else:
            what = str(mail["To"])
        now = instance.clock.now()
        instance.journal.write(lambda tx: tx.audit("gateway", "desk.mail", job, None, what, now))
        return "@" in what
