"""Accounts, persons, plans and decisions carried out on the journal: checked, one transaction each, told in the audit.

The audit holds ids and the names of fields of a person, never what they said: a person who is erased is gone there too.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import singledispatchmethod
from hashlib import sha256
from typing import Any, TypeVar, cast

from gateway.app.customer_record import CustomerRecord
from gateway.app.ids import uuid7
from gateway.domain.crm.cases import TYPES, URGENCIES
from gateway.domain.crm.contacts import TEXT, Contact, Profile, checked_contact, checked_profile, line, wrong
from gateway.domain.crm.decisions import AccountMerge, CaseRequest, Change, PartyDecision, TaskDone, Undo
from gateway.domain.crm.interactions import Interaction, Word, checked_fields, checked_interaction, checked_word
from gateway.domain.crm.standard_rules import request_rule
from gateway.domain.crm.tasks import Task, checked_task
from gateway.model.faults import OurFault
from gateway.store import crm_people_records as records
from gateway.store.crm_acts import add_act
from gateway.store.crm_people import PeopleProjection, decided_by, party_of
from gateway.store.crm_rows import case_id
from gateway.store.forms import dump
from gateway.store.tx_records import RecordsTx

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class PeopleDesk:
    """Each call is one transaction. Raises OurFault crm.*."""

    record: CustomerRecord

    @property
    def now(self) -> datetime:
        return self.record.instance.clock.now()

    def change(self, given: Change, user: str) -> str:
        """Carry a change out; return the id of what it was about."""
        return str(self._change(given, user))

    @singledispatchmethod
    def _change(self, given: Any, user: str) -> str:
        raise TypeError(type(given).__name__)

    def _write(self, work: Callable[[RecordsTx], R]) -> R:
        return self.record.instance.journal.write(lambda tx: work(cast("RecordsTx", tx)))

    # --- accounts ---

    @_change.register
    def _(self, given: Profile, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            words = records.words_in(tx.connection)
            checked = checked_profile(given, {name: frozenset(codes) for name, codes in words.items()})
            checked = replace(checked, fields=checked_fields(checked.fields, words["field"]))
            account = checked.account or f"a-{uuid7(self.now)[-12:]}"
            before = records.profile(tx.connection, account)
            self._known_account(tx, checked.parent)
            kept = replace(checked, account=account)
            records.save_profile(tx.connection, kept, user, self.now)
            changed = _changed(before, kept)
            tx.audit(user, "account.profile", account, dump(changed[0]), dump(changed[1]), self.now)
            return account

        return self._write(work)

    def _known_account(self, tx: RecordsTx, account: str | None) -> None:
        if account is None or account in self.record.instance.book.partners:
            return
        if records.profile(tx.connection, account) is None:
            raise OurFault("crm.account-unknown", value=account[:100])

    @_change.register
    def _(self, given: PartyDecision, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            told = party_of(tx.connection, given.party)
            if told is None:
                raise OurFault("crm.party-unknown", value=given.party[:40])
            account = given.account
            if given.what == "accept" and account is None:
                account = f"a-{sha256(given.party.encode()).hexdigest()[:12]}"
                name = line("name", given.name or told.name, needed=True)
                profile = Profile(account=account, name=name, kind=given.kind, relation=given.kind, source="document")
                records.save_profile(tx.connection, profile, user, self.now)
            elif given.what == "accept":
                self._known_account(tx, account)
            keys = told.strong() if given.what == "accept" else []
            reason = line("reason", given.reason, most=TEXT)
            records.decide(
                tx.connection,
                given.what,
                user,
                self.now,
                party=given.party,
                account=account if given.what == "accept" else None,
                keys=keys,
                reason=reason,
            )
            self._resolve(tx, given.party, keys)
            tx.audit(user, f"party.{given.what}", given.party, None, dump({"account": account, "keys": keys}), self.now)
            return account or given.party

        return self._write(work)

    @_change.register
    def _(self, given: AccountMerge, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            decided = decided_by(tx.connection)
            if decided.now(given.gone) == decided.now(given.kept):
                raise wrong("kept", given.kept)
            for account in (given.gone, given.kept):
                self._known_account(tx, account)
            if given.gone in decided.merged:
                raise wrong("gone", given.gone)
            number = records.decide(
                tx.connection,
                "merge",
                user,
                self.now,
                account=given.kept,
                gone=given.gone,
                reason=line("reason", given.reason, most=TEXT),
            )
            self._regroup(tx, given.gone, given.kept)
            tx.audit(user, "account.merge", given.gone, None, dump({"into": given.kept, "decision": number}), self.now)
            return str(number)

        return self._write(work)

    @_change.register
    def _(self, given: Undo, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            row = records.undo(tx.connection, given.decision, user, self.now)
            if row is None:
                raise OurFault("crm.decision-unknown", value=str(given.decision))
            if row.kind == "merge":
                self._regroup(tx, row.gone, row.account)
            else:
                self._resolve(tx, row.party, records.keys_of(row))
            subject = row.gone or row.party
            tx.audit(user, "crm.undo", subject, dump({"kind": row.kind, "account": row.account}), None, self.now)
            return str(subject)

        return self._write(work)

    def _resolve(self, tx: RecordsTx, party: str | None, keys: list[str]) -> None:
        projection = PeopleProjection(tx.connection, self.record.names())
        projection.resolve(records.touched(tx.connection, party, keys))

    def _regroup(self, tx: RecordsTx, gone: str, kept: str) -> None:
        PeopleProjection(tx.connection, self.record.names()).resolve()
        self.record.projection(tx).regroup({gone, kept, decided_by(tx.connection).now(kept)}, self.now)
        self.record.refresh(tx, self.now)

    # --- persons ---

    @_change.register
    def _(self, given: Contact, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            before = records.contact(tx.connection, given.id) if given.id else None
            if given.id and before is None:
                raise OurFault("crm.contact-unknown", value=given.id[:40])
            self._known_account(tx, given.account)
            checked = checked_contact(given)
            kept = replace(checked, id=given.id or uuid7(self.now)[-16:], origin="person")
            records.save_contact(tx.connection, kept, user, self.now)
            names = sorted({*_changed(before, kept)[0], *_changed(before, kept)[1]} - {"id", "origin"})
            tx.audit(user, "contact.save", kept.id, None, dump({"account": kept.account, "fields": names}), self.now)
            return kept.id

        return self._write(work)

    @_change.register
    def _(self, given: Interaction, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            self._known_account(tx, given.account)
            checked = checked_interaction(given, records.words_in(tx.connection))
            kept = replace(checked, id=uuid7(self.now), actor=user)
            records.add_interaction(tx.connection, kept)
            tx.audit(user, "interaction.add", kept.id, None, dump({"account": kept.account}), self.now)
            return kept.id

        return self._write(work)

    @_change.register
    def _(self, given: Task, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            self._known_account(tx, given.account)
            kinds = records.words_in(tx.connection)["task"]
            checked = checked_task(replace(given, actor=user, owner=given.owner or user), kinds, self.now)
            kept = replace(checked, id=given.id or uuid7(self.now))
            records.save_task(tx.connection, kept, self.now)
            after = {"owner": kept.owner, "due": kept.due_at.isoformat(), "account": kept.account}
            tx.audit(user, "task.save", kept.id, None, dump(after), self.now)
            return kept.id

        return self._write(work)

    @_change.register
    def _(self, given: TaskDone, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            found = records.task(tx.connection, given.id)
            if found is None:
                raise OurFault("crm.task-unknown", value=given.id[:40])
            done = replace(found, done_at=self.now, result=line("result", given.result, most=TEXT) or None)
            records.save_task(tx.connection, done, self.now)
            tx.audit(user, "task.done", given.id, None, None, self.now)
            return given.id

        return self._write(work)

    @_change.register
    def _(self, given: Word, user: str) -> str:
        def work(tx: RecordsTx) -> str:
            checked = checked_word(given)
            before = records.words_in(tx.connection)[checked.list].get(checked.code)
            records.save_word(tx.connection, checked, user, self.now)
            after = f"{checked.en} / {checked.zh} / {checked.active}"
            was = f"{before.en} / {before.zh} / {before.active}" if before else None
            tx.audit(user, "crm.word", f"{checked.list}/{checked.code}", was, after, self.now)
            return checked.code

        return self._write(work)

    # --- cases ---

    @_change.register
    def _(self, given: CaseRequest, user: str) -> str:
        if given.type not in TYPES:
            raise wrong("type", given.type)
        if given.urgency not in URGENCIES:
            raise wrong("urgency", given.urgency)

        def work(tx: RecordsTx) -> str:
            self._known_account(tx, given.account)
            request, subject = uuid7(self.now), line("subject", given.subject, needed=True, most=300)
            direction = self.record.directions().get(given.account, "customer")
            row = {
                "id": request,
                "account": given.account,
                "direction": direction,
                "type": given.type,
                "subject": subject,
                "text": line("text", given.text, most=TEXT),
                "message": given.message or None,
                "place": line("place", given.place or "") or None,
                "contact": given.contact or None,
                "actor": user,
            }
            records.add_request(tx.connection, row, self.now)
            self.record.projection(tx).ask(request)
            account = decided_by(tx.connection).now(given.account)
            case = records.case_of(tx.connection, f"request:{request}") or case_id(
                f"{request_rule(given.type)}:{account}:{subject}", f"request:{request}"
            )
            if given.urgency != "normal":
                add_act(tx.connection, case, "urgency", user, {"urgency": given.urgency}, self.now)
            if given.text.strip():
                add_act(tx.connection, case, "noted", user, {"note": row["text"] or ""}, self.now)
            if given.owner:
                add_act(tx.connection, case, "assigned", user, {"owner": line("owner", given.owner)}, self.now)
            tx.audit(user, "case.open", case, None, dump({"account": given.account, "type": given.type}), self.now)
            return case

        return self._write(work)


def _changed(before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields that differ, as they were and as they are."""
    names = [each for each in type(after).__dataclass_fields__ if getattr(before, each, None) != getattr(after, each)]
    return {each: getattr(before, each) for each in names if before is not None}, {
        each: getattr(after, each) for each in names
    }


class AsyncPeople:
    """The same for handlers in the event loop: gateway.api.crm_people_actions.PeopleActions."""

    record: CustomerRecord

    async def change_people(self, given: Change, user: str) -> str:
        return await asyncio.to_thread(PeopleDesk(record=self.record).change, given, user)
