"""The customer record kept up while the gateway runs: what documents caused is heard within a second or two, silences
are noticed by the clock, measures are computed anew when something has changed."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from gateway.app.certificates import ALARM_DAYS, expiring
from gateway.app.instance import Instance
from gateway.domain.crm.cases import URGENCIES, EventKind
from gateway.domain.crm.events import kinds
from gateway.domain.crm.parties import Names, names_of
from gateway.domain.crm.rules import Direction, Rule, faults
from gateway.domain.crm.standard_rules import PROBLEMS
from gateway.model.faults import OurFault
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.store.crm_acts import add_act
from gateway.store.crm_entries import read_desk
from gateway.store.crm_gaps import follow_gaps
from gateway.store.crm_metrics import refresh
from gateway.store.crm_projection import CrmProjection, Heard, waiting
from gateway.store.crm_rules import keep_rule, rules_in_force
from gateway.store.tx_records import RecordsTx

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
UNHEARD = (ArithmeticError, LookupError, TypeError, ValueError)  # of one message; a database that is away is none
RULE_NAME = 60  # characters, at most
REST_S = 20.0  # real time at least between two rounds over all accounts
NOTICE_EVERY = timedelta(hours=1)
MEASURE_EVERY = timedelta(hours=1)
ACTS: frozenset[EventKind] = frozenset(
    ("assigned", "answered", "waiting", "resumed", "urgency", "solved", "reopened", "closed", "noted")
)


@dataclass(kw_only=True)
class CustomerRecord:
    """What the shell, the command line, console and API do with the record. Each call is one transaction."""

    instance: Instance
    _noticed: datetime | None = None
    _measured: datetime | None = None
    _changed: bool = True
    _names: tuple[Book, Names] | None = None
    _resolved: Book | None = None  # the book by which parties were told apart last

    def directions(self) -> dict[str, Direction]:
        """Return what each partner is to us."""
        partners = self.instance.book.partners
        return {name: "supplier" if each.role == "supplier" else "customer" for name, each in partners.items()}

    def names(self) -> Names:
        """Return the partners of the book by what identifies them, built once for each book."""
        book = self.instance.book
        if self._names is None or self._names[0] is not book:
            self._names = (book, names_of(book.partners, book.own.warehouse))
        return self._names[1]

    def projection(self, tx: RecordsTx) -> CrmProjection:
        """Return the projection over an open transaction."""
        return CrmProjection(tx.connection, rules_in_force(tx.connection), self.directions(), self.names())

    def hear(self) -> Heard:
        """Take in what the next messages caused. One that cannot be heard is set aside, with a line in the audit and
        the log, so that all others are heard."""
        try:
            found = self._projected(lambda projection: projection.hear())
        except UNHEARD:
            log.exception("customer record: one by one")
            found = self._first_alone()
        self._changed = self._changed or bool(found.events)
        return found

    def _first_alone(self) -> Heard:
        try:
            return self._projected(lambda projection: projection.hear(1))
        except UNHEARD as fault:
            now, reason = self.instance.clock.now(), f"{type(fault).__name__}: {fault}"[:200]
            log.exception("customer record: a message is set aside")

            def work(given: Tx) -> None:
                tx = cast("RecordsTx", given)
                message = CrmProjection(tx.connection, (), {}).set_aside()
                tx.audit("gateway", "crm.set-aside", message or "none", None, reason, now)

            self.instance.journal.write(work)
            return Heard(messages=1)

    def notice(self) -> Heard:
        """Add the silences there are by now, and say again whose parties are when the book has changed."""
        now, book = self.instance.clock.now(), self.instance.book

        def work(projection: CrmProjection) -> Heard:
            if self._resolved is not book:
                projection.resolve()
            return projection.notice(now)

        found = self._projected(work)
        self._resolved = book
        self._changed = self._changed or bool(found.events)
        return found

    def rebuild(self, user: str) -> Heard:
        """Drop the projections and make them anew from the journal; what people did stays."""
        now = self.instance.clock.now()

        def work(given: Tx) -> Heard:
            tx = cast("RecordsTx", given)
            projection = self.projection(tx)
            found = projection.rebuild()
            noticed = projection.notice(now)
            self.refresh(tx, now)
            tx.audit(user, "crm.rebuild", "all", None, str(found.events), now)
            return Heard(events=found.events + noticed.events, accounts=found.accounts | noticed.accounts)

        return self.instance.journal.write(work)

    def measure(self) -> int:
        """Compute every measure anew; return how many there are."""
        now = self.instance.clock.now()
        found = self.instance.journal.write(lambda tx: self.refresh(cast("RecordsTx", tx), now))
        self._changed = False
        return found

    def refresh(self, tx: RecordsTx, now: datetime) -> int:
        """Compute every measure in an open transaction; return how many there are."""
        suppliers = [name for name, each in self.directions().items() if each == "supplier"]
        hours = read_desk(tx.connection, ZoneInfo(self.instance.settings.zone)).hours
        found = refresh(tx.connection, now, self._certificate_days(now), suppliers, hours)
        follow_gaps(tx, now)
        return found

    def _certificate_days(self, now: datetime) -> dict[str, int]:
        """Return how many days each partner's certificates last, at most the first alarm; without any: absent."""
        book = self.instance.book
        found: dict[str, int] = {
            partner.id: max(ALARM_DAYS)
            for partner in book.partners.values()
            if any(channel.settings.get("certificate") for channel in partner.channels.values())
        }
        for each in expiring(book, self.instance.keys, now):
            found[each.partner] = min(each.days, found.get(each.partner, each.days))
        return found

    def act(self, case: str, kind: EventKind, user: str, values: Mapping[str, str] | None = None) -> None:
        """Write down what a person did with a case.

        Raises OurFault crm.case-unknown, crm.act-unknown, crm.act-empty.
        """
        told = {name: value.strip()[:2_000] for name, value in (values or {}).items() if value.strip()}
        if kind not in ACTS:
            raise OurFault("crm.act-unknown", value=kind[:40])
        if kind == "urgency" and told.get("urgency") not in URGENCIES:
            raise OurFault("crm.act-empty", value="urgency")
        if kind in ("solved", "noted") and not told:
            raise OurFault("crm.act-empty", value="cause" if kind == "solved" else "note")
        if kind == "assigned" and "owner" not in told:
            told["owner"] = user
        now = self.instance.clock.now()

        def work(given: Tx) -> None:
            tx = cast("RecordsTx", given)
            if not add_act(tx.connection, case, kind, user, told, now):
                raise OurFault("crm.case-unknown", value=case[:200])
            tx.audit(user, f"case.{kind}", case[:200], None, " ".join(told.values())[:500], now)

        self.instance.journal.write(work)

    def save_rule(self, rule: Rule, user: str) -> int:
        """Bring a version of a rule into force and make the cases anew by it; return the version.

        Raises OurFault crm.rule-wrong: an event, type or operator that there is not.
        """
        known = kinds() | {f"{what}:{code}" for code in PROBLEMS for what in ("problem", "over")}
        wrong = faults(rule, known) if 0 < len(rule.id) <= RULE_NAME else [("id", rule.id)]
        if wrong:
            field, value = wrong[0]
            raise OurFault("crm.rule-wrong", value=value[:100], field=field)
        now = self.instance.clock.now()

        def work(given: Tx) -> int:
            tx = cast("RecordsTx", given)
            version = keep_rule(tx.connection, rule, user, now)
            tx.audit(user, "crm.rule", rule.id, None, f"version {version}", now)
            projection = self.projection(tx)
            projection.judge_again()
            return version

        return self.instance.journal.write(work)

    def _projected(self, work: Callable[[CrmProjection], Heard]) -> Heard:
        def run(tx: Tx) -> Heard:
            return work(self.projection(cast("RecordsTx", tx)))

        return self.instance.journal.write(run)

    async def run(self) -> None:
        """Keep the record up until cancelled."""
        rested = 0.0
        loop = asyncio.get_running_loop()

        async def turn() -> None:
            nonlocal rested
            while await asyncio.to_thread(self._waiting):
                await asyncio.to_thread(self.hear)
            if loop.time() - rested >= REST_S and await asyncio.to_thread(self._round):
                rested = loop.time()

        await self.instance.rounds.keep("customer-record", LOOK_EVERY_S, turn)

    def _waiting(self) -> int:
        with self.instance.journal.reader.connect() as connection:
            return waiting(connection)

    def _round(self) -> bool:
        """Notice silences and measure when it is time for it; tell whether anything was done."""
        now = self.instance.clock.now()
        notice = self._noticed is None or abs(now - self._noticed) >= NOTICE_EVERY
        measure = self._measured is None or abs(now - self._measured) >= MEASURE_EVERY
        if notice:
            self.notice()
            self._noticed = now
        if measure and self._changed:
            self.measure()
            self._measured = now
        return notice or measure


class AsyncCustomerRecord:
    """The same for handlers in the event loop: gateway.api.crm_actions.CrmActions."""

    record: CustomerRecord

    async def case_act(self, case: str, kind: str, user: str, values: Mapping[str, str]) -> None:
        await asyncio.to_thread(self.record.act, case, cast("EventKind", kind), user, values)

    async def save_crm_rule(self, rule: Rule, user: str) -> int:
        return await asyncio.to_thread(self.record.save_rule, rule, user)

    async def measure_accounts(self, user: str) -> int:
        return await asyncio.to_thread(self.record.measure)
