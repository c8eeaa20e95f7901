"""Reports that go out on their days: into a folder of the instance, or by mail. Each once, whichever node does it."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from functools import partial
from typing import cast

from gateway.api.report_files import FORMATS, file_name, file_of
from gateway.app.alerts import SendMail, send_mail
from gateway.app.instance import Instance
from gateway.domain.crm.reports import Made, wanted
from gateway.model.faults import Fault, OurFault
from gateway.ports.journal import Tx
from gateway.store.crm_entries import Entry
from gateway.store.tx_records import RecordsTx
from gateway.texts.catalogue import Lang
from gateway.texts.labels import label

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
AT = time(6)  # of the day, in UTC
SPANS = {"daily": 1, "weekly": 7, "monthly": 31}


def due_on(entry: Entry, now: datetime) -> date | None:
    """Return the day of the latest sending that is due by now: every day, Mondays, or the first of a month. None when
    the entry was not there yet, or does not run."""
    if entry.state != "active":
        return None
    day = now.date() if now.time() >= AT else now.date() - timedelta(days=1)
    match entry.data.get("cadence"):
        case "weekly":
            day -= timedelta(days=day.weekday())
        case "monthly":
            day = day.replace(day=1)
        case "daily":
            pass
        case _:
            return None
    return day if datetime.combine(day, AT, UTC) >= entry.created_at else None


@dataclass(kw_only=True)
class PlannedReports:
    """mail: how a mail leaves; tests give their own."""

    instance: Instance
    mail: SendMail = send_mail

    async def run(self) -> None:
        """Look at the plan until cancelled."""
        await self.instance.rounds.keep("reports", LOOK_EVERY_S, partial(asyncio.to_thread, self.look))

    def look(self) -> int:
        """Send what is due and return how many there were. What fails is written into the audit; the next day is its
        next chance."""
        instance, now = self.instance, self.instance.clock.now()
        done = 0
        for entry in instance.views.entries("report", state="active"):
            day = due_on(entry, now)
            if day is None:
                continue
            planned = datetime.combine(day, AT, UTC)
            if not instance.journal.write(lambda tx, e=entry, p=planned: tx.tick(f"report:{e.id}"[:80], p)):  # type: ignore[misc]
                continue
            try:
                what = self.send(entry, day)
                done += 1
            except Fault as fault:
                what = fault.code
                log.warning("report %s: %s", entry.id, fault)
            self._audit(entry, what, now)
        return done

    def send(self, entry: Entry, day: date) -> str:
        """Make a planned report as of the day before and hand it over; return where to.

        Raises OurFault report.unknown, report.mail-missing; NetworkFault alert.mail-failed.
        """
        data = entry.data
        days = int(data.get("days", SPANS[data.get("cadence", "monthly")]))
        last = day - timedelta(days=1)
        asked = wanted(
            data["report"], last, until=last.isoformat(), account=data.get("account"), item=data.get("item"), days=days
        )
        made = self.instance.views.report(asked, self.instance.clock.now())
        form, lang = data.get("format", "csv"), cast("Lang", data.get("language", self.instance.settings.language))
        content = file_of(made, form, self.instance.book, lang)
        if data.get("to") == "mail":
            return self._mailed(entry, made, form, lang, content)
        folder = self.instance.settings.var / "reports"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{entry.id[:40]}-{file_name(made, form)}"
        path.write_bytes(content)
        return str(path.name)

    def _mailed(self, entry: Entry, made: Made, form: str, lang: Lang, content: bytes) -> str:
        settings, address = self.instance.settings.alerts, entry.data.get("address", "")
        if not settings.smtp_host or "@" not in address:
            raise OurFault("report.mail-missing", value=entry.data["title"])
        mail = EmailMessage()
        mail["From"], mail["To"] = settings.sender, address
        mail["Subject"] = " ".join(entry.data["title"].split())
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(
            f"{label(f'report.{made.wanted.report.name}', lang)}\n{made.wanted.since} - {made.wanted.until}\n"
        )
        kind, _, subtype = FORMATS[form].partition("/")
        mail.add_attachment(content, maintype=kind, subtype=subtype, filename=file_name(made, form))
        password = self.instance.keys.secret(settings.password) if settings.password else None
        self.mail(settings, password, mail)
        return address

    def _audit(self, entry: Entry, what: str, now: datetime) -> None:
        def work(tx: Tx) -> None:
            cast("RecordsTx", tx).audit("gateway", "report.sent", f"report/{entry.id}", None, what[:200], now)

        self.instance.journal.write(work)
