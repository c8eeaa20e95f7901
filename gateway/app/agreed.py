"""Stock agreements and joint plans, set in motion by people and, once a day, by what has sold since."""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.app.collaboration import AsyncCollaboration, CollaborationActions
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.app.rounds import Daily
from gateway.domain.parties import own_party, partner_party
from gateway.domain.replenishment.crp import ACTIVE
from gateway.domain.replenishment.lower_levels import breached, lower
from gateway.model.faults import Fault, OurFault
from gateway.model.forecast import Forecast, ForecastLine
from gateway.model.joint import AgreementAct, JointPlan, LevelChange, StockAgreement
from gateway.model.values import Item, Period, Quantity
from gateway.ports.journal import Tx
from gateway.store.view_agreed import StockAgreementRow

log = logging.getLogger(__name__)
SYSTEM = "system"
BACKTEST_DAYS = 56
LOOK_EVERY_S = 60.0
JOB = "stock-agreements"
AT = timedelta(hours=3)  # UTC


class AgreedActions(CollaborationActions):
    """Synchronous; each is one document of our own and one line of the audit."""

    def offer_stock(self, said: StockAgreement, user: str) -> None:
        """Offer an agreement, or other terms of one. Raises OurFault crp.*."""
        self._say(replace(said, user=user), "stock.offer", said.id, user)

    def offer_plan(self, said: JointPlan, user: str) -> None:
        """Offer a joint plan, or another version of one. Raises OurFault cpfr.*."""
        self._say(replace(said, user=user), "joint.offer", said.id, user)

    def answer(
        self,
        kind: str,
        agreement: str,
        act: str,
        user: str,
        *,
        proposal: str | None = None,
        lines: Sequence[LevelChange] = (),
        reason: str = "",
        about: str | None = None,
        quantity: Decimal | None = None,
    ) -> None:
        """Say our word on an agreement. kind: stock or joint. Raises OurFault crp.*, cpfr.*."""
        now = self.instance.clock.now()
        forecast = self.forecast(agreement, now) if kind == "joint" and act in ("share", "freeze") else None
        said = AgreementAct(
            id=uuid7(now),
            issued_at=now,
            kind=kind,
            agreement=agreement,
            act=act,
            user=user,
            proposal=proposal,
            lines=tuple(lines),
            reason=reason[:2000],
            about=about,
            quantity=quantity,
            forecast=forecast,
        )
        self._say(said, f"{kind}.{act}", agreement, user)

    def _say(self, document: StockAgreement | JointPlan | AgreementAct, action: str, subject: str, user: str) -> None:
        now = self.instance.clock.now()

        def work(tx: Tx) -> None:
            self._take(tx, replace(document, issued_at=now), action, subject, user, now)

        self.instance.journal.write(work)
        self.wake("self")

    def forecast(self, plan_id: str, now: datetime) -> Forecast:
        """Return our forecast of a joint plan's items and places in weeks. Raises OurFault cpfr.unknown."""
        book = self.instance.book
        plan = self.instance.views.joint_plan(plan_id)
        if plan is None or plan.partner not in book.partners:
            raise OurFault("cpfr.unknown", value=plan_id[:80])
        first = now.date()
        lines = []
        for each in self.instance.views.joint_compared(plan_id, first):
            if each.ours is None:
                continue
            lines.append(
                ForecastLine(
                    item=Item(gtin=each.gtin),
                    quantity=Quantity(value=each.ours, per="gtin"),
                    location=each.place,
                    period=Period(start=each.first, end=each.last),
                )
            )
        return Forecast(
            id=f"FC{now:%y%m%d%H%M%S}",
            issued_at=now,
            sender=own_party(book.own),
            receiver=partner_party(book.partners[plan.partner]),
            lines=tuple(lines),
            period=Period(start=first, end=first + timedelta(days=plan.plan.horizon_days - 1)),
        )

    def look(self) -> int:
        """Restore what was lowered and ran empty since, and propose the next lower levels where a period is over.

        Return how many words were said. A second time the same day says nothing new.
        """
        said = 0
        for found in self.instance.views.stock_agreements():
            if found.state != ACTIVE or found.since is None:
                continue
            try:
                said += self._restore(found) or self._lower(found)
            except Fault as fault:
                log.warning("stock agreement %s: %s", found.id, fault)
        return said

    def _restore(self, found: StockAgreementRow) -> int:
        today = self.instance.clock.now().date()
        since = found.since or today
        if since >= today:
            return 0
        levels = {(each.place, each.gtin): each.level for each in found.levels}
        former = {(each.place, each.gtin): each.former for each in found.levels if each.former is not None}
        out = self.instance.views.stockouts(found.partner, since, today - timedelta(days=1), today)
        empty = [((each.place, each.gtin), each.day) for each in out.days]
        lines = [
            LevelChange(place=pair[0], gtin=pair[1], level=levels[pair], proposed=former[pair])
            for pair in breached(levels, former, found.since, empty)
        ]
        if not lines:
            return 0
        self.answer("stock", found.id, "restore", SYSTEM, lines=lines, reason="empty since the last lowering")
        return 1

    def _lower(self, found: StockAgreementRow) -> int:
        today = self.instance.clock.now().date()
        since = found.since or today
        if found.proposal is not None or (today - since).days < found.period_days:
            return 0
        lines = self.next_levels(found)
        if not lines:
            return 0
        self.answer("stock", found.id, "propose", SYSTEM, lines=lines, reason="next lower level")
        return 1

    def next_levels(self, found: StockAgreementRow) -> list[LevelChange]:
        """Return the next lower levels of an agreement with their backtests over the last weeks."""
        today = self.instance.clock.now().date()
        own = self.instance.book.own.planning
        terms = StockAgreement(
            id=found.id,
            issued_at=today,
            partner=found.partner,
            name=found.name,
            lines=(),
            delivery_days=found.delivery_days,
            period_days=found.period_days,
            step=found.step,
            fill=found.fill,
        )
        lines = []
        for place in sorted({each.place for each in found.levels}):
            planned = own.of_place(place) if own is not None else None
            lead = planned.calendar.lead_days if planned is not None else 1
            demand = self.instance.views.shelf_demand(
                place, today - timedelta(days=BACKTEST_DAYS), today - timedelta(days=1)
            )
            for each in found.levels:
                if each.place == place:
                    made = lower(place, each.gtin, each.level, terms, demand.get(each.gtin, {}), lead)
                    lines += [made] if made is not None else []
        return lines


class AsyncAgreed(AsyncCollaboration):
    """The same for handlers in the event loop: gateway.api.collaboration_actions.CollaborationActions."""

    @property
    @abstractmethod
    def collaboration(self) -> AgreedActions: ...

    async def offer_stock(self, said: StockAgreement, user: str) -> None:
        await asyncio.to_thread(self.collaboration.offer_stock, said, user)

    async def offer_plan(self, said: JointPlan, user: str) -> None:
        await asyncio.to_thread(self.collaboration.offer_plan, said, user)

    async def answer(
        self,
        kind: str,
        agreement: str,
        act: str,
        user: str,
        *,
        proposal: str | None = None,
        lines: Sequence[LevelChange] = (),
        reason: str = "",
        about: str | None = None,
        quantity: Decimal | None = None,
    ) -> None:
        await asyncio.to_thread(
            self.collaboration.answer,
            kind,
            agreement,
            act,
            user,
            proposal=proposal,
            lines=lines,
            reason=reason,
            about=about,
            quantity=quantity,
        )

    async def next_levels(self, found: StockAgreementRow) -> list[LevelChange]:
        return await asyncio.to_thread(self.collaboration.next_levels, found)


async def look_daily(instance: Instance, wake: Callable[[str], None]) -> None:
    """Look at all agreements when a day's firing is due and no other node has taken it. Runs until cancelled."""
    actions = AgreedActions(instance=instance, wake=wake)

    async def work() -> None:
        log.info("stock agreements: %s", await asyncio.to_thread(actions.look))

    daily = Daily(job=JOB, at=AT, journal=instance.journal, clock=instance.clock, work=work)
    await instance.rounds.keep(JOB, LOOK_EVERY_S, daily)
