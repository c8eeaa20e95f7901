"""What the law asks of whoever keeps persons' data: a copy for the person, erasure, terms, and who else gets it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from gateway.app.customer_record import CustomerRecord
from gateway.app.ids import uuid7
from gateway.domain.crm.contacts import TEXT, line, wrong
from gateway.domain.crm.parties import Person
from gateway.domain.crm.privacy import (
    ContactErasure,
    Erased,
    PersonTerm,
    PrivacyChange,
    Processor,
    contacts_in,
    due_before,
    usable,
)
from gateway.model.faults import OurFault
from gateway.model.payload import read_all
from gateway.ports.journal import Tx
from gateway.ports.retention import LegalHold
from gateway.store import crm_people_records as records
from gateway.store.archive_erasure import ArchivesCovered, cover_archives
from gateway.store.crm_people import decided_by
from gateway.store.crm_privacy import Scope, cover, documents_naming, forget_person, forms_of
from gateway.store.crm_privacy_records import (
    PastDocument,
    add_erasure,
    documents_past,
    partners_of,
    person_terms,
    save_processor,
    save_term,
)
from gateway.store.forms import dump
from gateway.store.tx_records import RecordsTx
from gateway.store.view_people import PeopleViews

LEDGER = "erasures.jsonl"  # in var: to be kept apart from backups
LARGEST = 200_000_000  # bytes of one payload that are looked through
AT_ONCE = 200  # documents of one round of terms
EVERY = 1_000_000  # rows of a kind in a person's copy, which must be complete


@dataclass(frozen=True, kw_only=True)
class PrivacyDesk:
    """Each call is one transaction. Raises OurFault crm.contact-unknown, crm.value-wrong."""

    record: CustomerRecord

    def change(self, given: PrivacyChange, user: str) -> dict[str, Any]:
        """Carry a change out; return what it came to."""
        if isinstance(given, ContactErasure):
            return asdict(self.erase(given.contact, user, given.reason))
        if isinstance(given, Processor):
            return self._processor(given, user)
        return self._term(given, user)

    def erase(self, contact: str, user: str, reason: str) -> Erased:
        """Take a person out of the register and cover what documents say of it, in rows and in kept bytes.

        What is under a legal hold or still on its way stays, and is counted: then the person stays in the register, so
        that the erasure can be done again. Archive files come first: whoever is still in the register can be erased
        again after a crash.
        """
        now, instance = self.record.instance.clock.now(), self.record.instance
        why = line("reason", reason, needed=True, most=TEXT)
        erasure = uuid7(now)
        older = self._in_archives(contact, erasure, now)

        def work(given: Tx) -> tuple[Erased, list[str]]:
            tx = cast("RecordsTx", given)
            connection = tx.connection
            found = records.contact(connection, contact)
            if found is None:
                raise OurFault("crm.contact-unknown", value=contact[:40])
            person = Person(name=found.name, phone=found.phone, mail=found.mail)
            partners = self._partners(tx, found.account, contact)
            forms = usable({*forms_of(connection, person, partners), *older.forms})
            scope = Scope(partners=partners, forms=forms, erasure=erasure, now=now, read=self._blob)
            cover(connection, scope, given.legal_holds())
            rows, held = scope.rows + older.rows, len(scope.held) + older.held
            if not held:
                rows += forget_person(connection, person, contact, partners)
            payloads = scope.payloads + older.payloads
            made = Erased(erasure=erasure, payloads=payloads, rows=rows, held=held, forms=len(forms))
            add_erasure(connection, made, contact, found.account, why, user, now)
            after = {"payloads": made.payloads, "rows": made.rows, "held": made.held}
            tx.audit(user, "person.erase", contact, None, dump(after), now)
            return made, scope.blobs

        made, blobs = instance.journal.write(work)
        for digest in {*blobs, *older.blobs}:
            instance.blobs.remove(digest)
        self._note(made, contact, why, now)
        return made

    def again(self, ledger: Path, user: str) -> int:
        """Erase once more whom a list of erasures names, after a backup from before them was restored; return how many
        persons there were. Raises OurFault crm.value-wrong: no such list."""
        try:
            told = [json.loads(each) for each in ledger.read_text("utf-8").splitlines() if each.strip()]
            erased = {str(each["contact"]): str(each["reason"]) for each in told}
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise wrong("ledger", ledger.name) from fault
        count = 0
        for contact, reason in erased.items():
            try:
                self.erase(contact, user, reason)
                count += 1
            except OurFault as fault:
                if fault.code != "crm.contact-unknown":
                    raise
        return count

    def _in_archives(self, contact: str, erasure: str, now: datetime) -> ArchivesCovered:
        """Cover a person in the archive files of finished months. Raises OurFault crm.contact-unknown."""

        def read(given: Tx) -> tuple[Person, tuple[str, ...], list[str], Sequence[LegalHold]]:
            tx = cast("RecordsTx", given)
            found = records.contact(tx.connection, contact)
            if found is None:
                raise OurFault("crm.contact-unknown", value=contact[:40])
            person = Person(name=found.name, phone=found.phone, mail=found.mail)
            partners = self._partners(tx, found.account, contact)
            return person, partners, forms_of(tx.connection, person, partners), given.legal_holds()

        person, partners, forms, holds = self.record.instance.journal.write(read)
        settings = self.record.instance.settings
        folder = None if settings.database else settings.var / "archive"
        return cover_archives(folder, person, partners, forms, erasure, now, holds, self._blob)

    def _note(self, made: Erased, contact: str, reason: str, now: datetime) -> None:
        """Add an erasure to the list that outlives backups: numbers, no word of the person."""
        told = {"erasure": made.erasure, "contact": contact, "reason": reason, "at": now.isoformat()}
        path = self.record.instance.settings.var / LEDGER
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(dump(told) + "\n")

    def export(self, contact: str, user: str) -> dict[str, Any]:
        """Return all that is kept of a person as plain JSON; that it was given out is told in the audit."""
        now = self.record.instance.clock.now()

        def work(given: Tx) -> dict[str, Any]:
            tx = cast("RecordsTx", given)
            connection = tx.connection
            found = records.contact(connection, contact)
            if found is None:
                raise OurFault("crm.contact-unknown", value=contact[:40])
            person = Person(name=found.name, phone=found.phone, mail=found.mail)
            partners = self._partners(tx, found.account, contact)
            forms = forms_of(connection, person, partners)
            tx.audit(user, "person.export", contact, None, None, now)
            return {
                "contact": asdict(found),
                "spellings": forms,
                "documents": documents_naming(connection, forms, partners, EVERY),
            }

        told = self.record.instance.journal.write(work)
        views = cast(PeopleViews, self.record.instance.views)
        talks = [asdict(each) for each in views.crm_interactions(contact=contact, limit=EVERY)]
        account = str(told["contact"]["account"])
        tasks = views.crm_tasks(account=account, done=True, limit=EVERY)
        plans = [asdict(each) for each in tasks if each.contact == contact]
        return {**told, "exportedAt": now.isoformat(), "interactions": talks, "tasks": plans}

    def apply_terms(self, user: str = "gateway") -> int:
        """Cover every person in documents that are past their term; return how many documents there were."""
        now = self.record.instance.clock.now()
        total, last = 0, None
        while True:
            past, covered = self._one_round(last, now)
            total += covered
            if len(past) < AT_ONCE:
                break
            last = past[-1]
        if total:
            self.record.instance.journal.write(
                lambda tx: cast("RecordsTx", tx).audit(user, "person.terms", "documents", None, str(total), now)
            )
        return total

    def _one_round(self, after: PastDocument | None, now: datetime) -> tuple[list[PastDocument], int]:
        """Cover the next documents past their term; return them, and how many could be: what is held stays."""

        def work(given: Tx) -> tuple[list[PastDocument], int, list[str]]:
            tx = cast("RecordsTx", given)
            terms = person_terms(tx.connection)
            past = documents_past(tx.connection, lambda kind: due_before(terms, kind, now), AT_ONCE, after)
            gone: list[str] = []
            covered = 0
            for each in past:
                forms = sorted(contacts_in(json.loads(each.document)))
                scope = Scope(
                    partners=(each.partner,), forms=forms, erasure=uuid7(now), now=now, read=self._blob,
                    only=each.message,
                )  # fmt: skip
                cover(tx.connection, scope, given.legal_holds())
                covered += bool(scope.rows or scope.payloads)
                gone += scope.blobs
            return past, covered, gone

        past, covered, gone = self.record.instance.journal.write(work)
        for digest in gone:
            self.record.instance.blobs.remove(digest)
        return past, covered

    def _partners(self, tx: RecordsTx, account: str, contact: str) -> tuple[str, ...]:
        """Return whose records may name a person of an account: it, what has become a part of it, who told of it, and
        the systems of our house."""
        decided = decided_by(tx.connection)
        kept = decided.now(account)
        members = {account, kept, *(each for each in decided.merged if decided.now(each) == kept)}
        return tuple(sorted(members | partners_of(tx.connection, members, contact) | self.record.names().houses))

    def _blob(self, digest: str) -> bytes:
        return read_all(self.record.instance.blobs.get(digest), LARGEST)

    def _processor(self, given: Processor, user: str) -> dict[str, Any]:
        for name in ("signed_on", "ends_on"):
            self._day(name, getattr(given, name))
        kept = Processor(
            id=line("id", given.id, needed=True, most=100),
            name=line("name", given.name, needed=True),
            purpose=line("purpose", given.purpose, needed=True, most=TEXT),
            fields=tuple(line("fields", each, most=60) for each in given.fields if each.strip()),
            country=(given.country or "").strip().upper()[:2] or None,
            agreement=line("agreement", given.agreement),
            signed_on=given.signed_on or None,
            ends_on=given.ends_on or None,
        )
        now = self.record.instance.clock.now()

        def work(given: Tx) -> None:
            tx = cast("RecordsTx", given)
            before = save_processor(tx.connection, kept, user, now)
            was = None if before is None else dump(asdict(before))
            tx.audit(user, "privacy.processor", kept.id, was, dump(asdict(kept)), now)

        self.record.instance.journal.write(work)
        return asdict(kept)

    @staticmethod
    def _day(name: str, value: str | None) -> None:
        try:
            date.fromisoformat(value or "2000-01-01")
        except ValueError as fault:
            raise wrong(name, value) from fault

    def _term(self, given: PersonTerm, user: str) -> dict[str, Any]:
        kind = line("type", given.type, needed=True, most=60)
        if not 0 <= given.months <= 600:
            raise wrong("months", given.months)
        now = self.record.instance.clock.now()

        def work(open_tx: Tx) -> None:
            tx = cast("RecordsTx", open_tx)
            before = save_term(tx.connection, PersonTerm(type=kind, months=given.months), user, now)
            tx.audit(user, "privacy.term", kind, None if before is None else str(before), str(given.months), now)

        self.record.instance.journal.write(work)
        return {"type": kind, "months": given.months}


class AsyncPrivacy:
    """The same for handlers in the event loop: gateway.api.crm_people_actions.PrivacyActions."""

    record: CustomerRecord

    async def change_privacy(self, given: PrivacyChange, user: str) -> dict[str, Any]:
        return await asyncio.to_thread(PrivacyDesk(record=self.record).change, given, user)

    async def export_person(self, contact: str, user: str) -> dict[str, Any]:
        return await asyncio.to_thread(PrivacyDesk(record=self.record).export, contact, user)

    async def apply_person_terms(self, user: str) -> int:
        return await asyncio.to_thread(PrivacyDesk(record=self.record).apply_terms, user)
