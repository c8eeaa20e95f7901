"""What people do with registers and surveys, on the journal: each is one transaction and one line of the audit."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import cast
from zoneinfo import ZoneInfo

from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.channels.survey_door import Asking
from gateway.domain.crm.audit import elements_in_force
from gateway.domain.crm.desk import SETTINGS as DESK_SETTINGS
from gateway.domain.crm.desk import desk_of
from gateway.domain.crm.matrices import checked_setting
from gateway.domain.crm.registers import checked, next_state, register_of
from gateway.domain.crm.surveys import ANSWER_DAYS, REST_DAYS, SCALES, WORDS_LONGEST, checked_scores, questions
from gateway.model.faults import OurFault, PartnerFault
from gateway.ports.journal import Tx
from gateway.store.crm_answers import Invitation, add_answers, answered_once, invitation_of, invite
from gateway.store.crm_entries import Entry, drop_entry, entries_of, keep_entry, read_entry
from gateway.store.tx_records import RecordsTx
from gateway.texts.catalogue import Lang

ID_LONGEST = 80
_ID_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.:")


@dataclass(kw_only=True)
class Selling:
    """Synchronous, for the command line and the shell."""

    instance: Instance

    def save_entry(
        self,
        register: str,
        entry: str | None,
        data: Mapping[str, object],
        state: str | None,
        user: str,
        version: int | None = None,
    ) -> Entry:
        """Keep an entry as data says, all of it. entry None: a new one with an id of its own. state None: as it is.
        version: the one that the person has seen; None: whichever there is.

        Raises OurFault crm.register-unknown, crm.entry-wrong, crm.entry-changed, matrix.setting-wrong.
        """
        book = register_of(register)
        kept, now = checked(book, data), self.instance.clock.now()
        name = entry or uuid7(now)
        if len(name) > ID_LONGEST or not set(name) <= _ID_SIGNS:
            raise OurFault("crm.entry-wrong", value=name[:60], field="id")
        if register == "setting":
            if name in DESK_SETTINGS:
                desk_of({name: kept["value"]}, ZoneInfo(self.instance.settings.zone))
            else:
                checked_setting(name, kept["value"])

        def work(given: Tx) -> Entry:
            tx = cast("RecordsTx", given)
            had = read_entry(tx.connection, register, name)
            if version is not None and (had.version if had else 0) != version:
                raise OurFault("crm.entry-changed", value=name)
            wanted = next_state(book, state or (had.state if had else book.states[0]), kept)
            before, after = keep_entry(tx.connection, register, name, wanted, kept, actor=user, now=now)
            tx.audit(user, f"{register}.saved", f"{register}/{name}", told(before), told(after), now)
            return after

        return self.instance.journal.write(work)

    def drop_entry(self, register: str, entry: str, user: str) -> None:
        """Take an entry away; the audit keeps what it was. Raises OurFault crm.register-unknown, crm.entry-unknown."""
        register_of(register)
        now = self.instance.clock.now()

        def work(given: Tx) -> None:
            tx = cast("RecordsTx", given)
            before = drop_entry(tx.connection, register, entry)
            if before is None:
                raise OurFault("crm.entry-unknown", value=entry[:ID_LONGEST], register=register)
            tx.audit(user, f"{register}.dropped", f"{register}/{entry}", told(before), None, now)

        self.instance.journal.write(work)

    def ask(self, survey: str, account: str, person: str, user: str, case: str | None = None) -> str:
        """Make a link for one answer and return its token, which is kept nowhere. Raises OurFault as ask_all."""
        return self.ask_all(survey, (account,), person, user, case)[account]

    def ask_all(
        self, survey: str, accounts: Sequence[str], person: str, user: str, case: str | None = None
    ) -> dict[str, str]:
        """Make a link for one answer of each account, or none at all; return the tokens, which are kept nowhere.

        Raises OurFault crm.entry-unknown, survey.not-running, survey.asked-lately.
        """
        now, tokens = self.instance.clock.now(), {account: token_urlsafe(24) for account in accounts}
        for account in tokens if not person else ():
            last = self.instance.views.asked_last(survey, account)
            if last is not None and now - last < timedelta(days=REST_DAYS):
                raise OurFault("survey.asked-lately", value=account[:100], days=str(REST_DAYS))

        def work(given: Tx) -> None:
            tx = cast("RecordsTx", given)
            found = read_entry(tx.connection, "survey", survey)
            if found is None:
                raise OurFault("crm.entry-unknown", value=survey[:ID_LONGEST], register="survey")
            if found.state != "running":
                raise OurFault("survey.not-running", value=survey)
            days = int(found.data.get("days", ANSWER_DAYS))
            until = now + timedelta(days=days)
            for account, token in tokens.items():
                invite(tx.connection, token, survey, account[:100], person.strip()[:200], case, now, until)
                tx.audit(user, "survey.asked", f"survey/{survey}", None, account[:100], now)

        self.instance.journal.write(work)
        return tokens

    def answer(self, token: str, scores: Mapping[str, object], words: str) -> None:
        """Take the answer of a link; the second one is refused.

        Raises PartnerFault survey.link-unknown, survey.link-used; OurFault survey.answer-wrong.
        """
        now = self.instance.clock.now()

        def work(given: Tx) -> None:
            tx = cast("RecordsTx", given)
            found = invitation_of(tx.connection, token)
            if found is None or found.survey is None:
                raise PartnerFault("survey.link-unknown")
            kept = checked_scores(found.survey.data["form"], scores, elements_asked(tx, found.survey))
            if open_until(found) < now or not answered_once(tx.connection, found.id, now):
                raise PartnerFault("survey.link-used")
            text = words.strip()[:WORDS_LONGEST]
            add_answers(tx.connection, found.survey, found.account, kept, text, by="link", now=now, invitation=found.id)

        self.instance.journal.write(work)

    def asking(self, token: str) -> Asking:
        """Return what a link asks. Raises PartnerFault survey.link-unknown, survey.link-used."""
        views, now = self.instance.views, self.instance.clock.now()
        found = views.invitation(token)
        if found is None or found.survey is None:
            raise PartnerFault("survey.link-unknown")
        if found.answered_at is not None or open_until(found) < now:
            raise PartnerFault("survey.link-used")
        survey, form = found.survey, found.survey.data["form"]
        side = survey.data.get("direction", "customer")
        elements = {each.id: each for each in views.audit_elements() if each.direction == side}
        rows: list[tuple[str, str, Mapping[Lang, str] | None]] = []
        for name in questions(form, tuple(elements)):
            part, _, element = name.partition(":")
            its = elements.get(element)
            rows.append((name, f"question.{part}", {"en": its.title, "zh-CN": its.title_zh} if its else None))
        low, high = SCALES[form]
        company = self.instance.book.own.partner.name
        return Asking(company=company, title=survey.data["title"], questions=rows, low=low, high=high)

    def note_answers(self, survey: str, account: str, scores: Mapping[str, object], words: str, user: str) -> None:
        """Write down what an account, or our own people about a supplier, said in an interview.

        Raises OurFault crm.entry-unknown, survey.answer-wrong.
        """
        now = self.instance.clock.now()

        def work(given: Tx) -> None:
            tx = cast("RecordsTx", given)
            found = read_entry(tx.connection, "survey", survey)
            if found is None:
                raise OurFault("crm.entry-unknown", value=survey[:ID_LONGEST], register="survey")
            kept = checked_scores(found.data["form"], scores, elements_asked(tx, found))
            add_answers(tx.connection, found, account[:100], kept, words.strip()[:WORDS_LONGEST], by=user, now=now)
            tx.audit(user, "survey.answered", f"survey/{survey}", None, account[:100], now)

        self.instance.journal.write(work)


def open_until(found: Invitation) -> datetime:
    """Return until when an invitation can be answered: not at all when its survey does not run any more."""
    return (
        found.until
        if found.survey is not None and found.survey.state == "running"
        else datetime.min.replace(tzinfo=UTC)
    )


def elements_asked(tx: RecordsTx, survey: Entry) -> tuple[str, ...]:
    """Return the elements that a survey asks about: those of its direction."""
    entries = {name: (each.state, each.data) for name, each in entries_of(tx.connection, "element").items()}
    side = survey.data.get("direction", "customer")
    return tuple(each.id for each in elements_in_force(entries) if each.direction == side)


def told(entry: Entry | None) -> str | None:
    """Return an entry as the audit keeps it."""
    if entry is None:
        return None
    return json.dumps({"state": entry.state, **entry.data}, ensure_ascii=False, sort_keys=True)[:4_000]


class AsyncSelling:
    """The same for handlers in the event loop: gateway.api.selling_actions.SellingActions."""

    selling: Selling

    async def save_entry(
        self,
        register: str,
        entry: str | None,
        data: Mapping[str, object],
        state: str | None,
        user: str,
        version: int | None = None,
    ) -> Entry:
        return await asyncio.to_thread(self.selling.save_entry, register, entry, data, state, user, version)

    async def drop_entry(self, register: str, entry: str, user: str) -> None:
        await asyncio.to_thread(self.selling.drop_entry, register, entry, user)

    async def ask_survey(self, survey: str, accounts: Sequence[str], person: str, user: str) -> Mapping[str, str]:
        return await asyncio.to_thread(self.selling.ask_all, survey, accounts, person, user)

    async def note_answers(
        self, survey: str, account: str, scores: Mapping[str, object], words: str, user: str
    ) -> None:
        await asyncio.to_thread(self.selling.note_answers, survey, account, scores, words, user)
