"""Records beside the flow: counters, audit, cases, ticks, definitions, and the snapshot for deciders."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, func, insert, or_, select, text, update
from sqlalchemy import case as case_when

from gateway.domain.decision import Needs, Snapshot, StockLevel
from gateway.domain.replenishment.facts import PlanFacts
from gateway.model import json_form
from gateway.model.account_terms import AccountTerms
from gateway.model.calendar import Calendar
from gateway.model.edifact_terms import MAX_REFERENCE
from gateway.model.effects import OrderLineState, OrderSaved, ShipmentSaved, Side
from gateway.model.partner import ItemRecord
from gateway.model.replenishment import ReplenishmentProposal
from gateway.store import agreements, house_records, plan_records, planning_records, planning_snapshot
from gateway.store.among import among, portions
from gateway.store.definition_log import log_changes
from gateway.store.forms import AnyRow, clip, dump, micros, moment, units
from gateway.store.prepared import Inserter, Prepared, given, listed
from gateway.store.tables import (
    CASE_OPEN,
    LINE_BACKORDERED,
    audit,
    business_order,
    case,
    counter,
    definition,
    link,
    order_line,
    proposal,
    sales,
    shipment,
    stock,
    tick,
)
from gateway.store.tx_open import OpenTx

Key = tuple[Side, str, str]
_ORDER_OF_LINE = (("side", "side"), ("partner", "partner"), ("number", "order_number"))


_COUNT = Prepared(
    lambda insert: (
        insert(counter)
        .values(value=1)
        .on_conflict_do_update(index_elements=[counter.c.name], set_={"value": counter.c.value + 1})
        .returning(counter.c.value)
    ),
    ("name",),
)


_COUNT_IN_RANGE = Prepared(
    lambda insert: (
        insert(counter)
        .values(name=given("name"), value=given("first"))
        .on_conflict_do_update(
            index_elements=[counter.c.name],
            set_={
                "value": case_when(
                    (or_(counter.c.value < given("first"), counter.c.value >= given("last")), given("first")),
                    else_=counter.c.value + 1,
                )
            },
        )
        .returning(counter.c.value)
    ),
)


_ORDER = Prepared(
    lambda _: select(business_order).where(
        business_order.c.side == given("side"),
        business_order.c.partner == given("partner"),
        business_order.c.number == given("number"),
    )
)
_LINES = Prepared(
    lambda _: (
        select(order_line)
        .where(
            order_line.c.side == given("side"),
            order_line.c.partner == given("partner"),
            order_line.c.order_number == given("number"),
        )
        .order_by(order_line.c.position)
    )
)
_STOCK = Prepared(
    lambda _: select(stock).where(stock.c.location == given("location"), stock.c.gtin.op("IN")(listed("gtins")))
)
_CLOSE_CASES = Prepared(
    lambda _: (
        update(case)
        .where(text(CASE_OPEN), case.c.account == given("account"), case.c.subject.op("IN")(listed("subjects")))
        .values(closed_at=given("now"), updated_at=given("now"))
    )
)


def _open_a_case(insert_into: Inserter) -> Any:
    row = insert_into(case)
    return row.on_conflict_do_update(
        index_elements=[case.c.account, case.c.code, case.c.subject],
        index_where=text(CASE_OPEN),
        set_={"times": case.c.times + 1, "updated_at": row.excluded.updated_at, "params": row.excluded.params},
    )


_OPEN_CASE = Prepared(
    _open_a_case, ("account", "code", "subject", "params", "times", "opened_at", "updated_at", "message")
)


_TICK = Prepared(lambda insert: insert(tick).on_conflict_do_nothing(), ("job", "planned"))


class RecordsTx(OpenTx):
    """What every part of the transaction stands on: rows, events, cases, the audit, snapshots for decisions."""

    def serial(self) -> int:
        return self._count("serial")

    def control_reference(self, partner: str, first: int = 1, last: int = MAX_REFERENCE) -> str:
        """See ports.journal."""
        name = f"control:{partner}"
        held = self._in_hand.counters.get(name)
        if held is None:
            held = self._in_hand.counters[name] = self._driver.first(
                _COUNT_IN_RANGE, name=name, first=first, last=last
            ).value
        else:
            held = self._in_hand.count_on(name, held + 1 if first <= held < last else first)
        return str(held)

    def _count(self, name: str) -> int:
        held = self._in_hand.counters.get(name)
        if held is not None:
            return self._in_hand.count_on(name, held + 1)
        held = self._in_hand.counters[name] = int(self._driver.first(_COUNT, name=name).value)
        return held

    def audit(self, user: str, action: str, subject: str, before: str | None, after: str | None, now: datetime) -> None:
        row = {
            "at": micros(now), "user": clip(user, audit.c.user), "action": action,
            "subject": clip(subject, audit.c.subject), "before": before, "after": after,
        }  # fmt: skip
        self.connection.execute(insert(audit), row)

    def add_case(self, account: str, code: str, subject: str, params: Mapping[str, str], now: datetime) -> None:
        """Open a case, or count once more the one that is open."""
        self._open_case(account, code, subject, params, None, now)

    def _open_case(
        self, account: str, code: str, subject: str, params: Mapping[str, str], message_id: str | None, now: datetime
    ) -> None:
        at = micros(now)
        self._driver.run(
            _OPEN_CASE,
            account=account,
            code=code,
            subject=clip(subject, case.c.subject),
            params=dump(dict(params)),
            times=1,
            opened_at=at,
            updated_at=at,
            message=message_id,
        )

    def close_cases(self, account: str, subjects: Sequence[str], now: datetime) -> None:
        """Close what is open about these subjects: they have been made good."""
        wanted = [clip(each, case.c.subject) for each in subjects]
        self._driver.run(_CLOSE_CASES, account=account, subjects=dump(wanted), now=micros(now))

    def _close_case(self, account: str, code: str, subject: str, now: datetime) -> None:
        at = micros(now)
        self.connection.execute(
            update(case)
            .where(text(CASE_OPEN), case.c.account == account, case.c.code == code)
            .where(case.c.subject == clip(subject, case.c.subject))
            .values(closed_at=at, updated_at=at)
        )

    def tick(self, job: str, planned: datetime) -> bool:
        return bool(self._driver.run(_TICK, job=job, planned=micros(planned)))

    def ticked_before(self, job: str, planned: datetime) -> datetime | None:
        """See ports.journal."""
        chosen = select(func.max(tick.c.planned)).where(tick.c.job == job, tick.c.planned < micros(planned))
        found = self.connection.execute(chosen).scalar()
        return None if found is None else moment(found)

    def save_definitions(
        self,
        digest: str,
        files: Mapping[str, str],
        now: datetime,
        *,
        user: str = "folder",
        action: str = "definitions.apply",
        reason: str = "",
    ) -> None:
        """See ports.journal. A version that comes back is made active again, its text is not written twice."""
        before = self.active_definitions()
        if before is not None:  # the first version changes nothing
            log_changes(
                self.connection, before[1], files, digest=digest, user=user, action=action, reason=reason, now=now
            )
        self.connection.execute(update(definition).where(definition.c.sha256 != digest).values(active=False))
        row = self._insert(definition).values(sha256=digest, files=dump(dict(files)), at=micros(now), active=True)
        self.connection.execute(
            row.on_conflict_do_update(index_elements=[definition.c.sha256], set_={"active": True, "at": micros(now)})
        )

    def active_digest(self) -> str | None:
        """See ports.journal."""
        kept = select(definition.c.sha256).where(definition.c.active.is_(True))
        found: str | None = self.connection.execute(kept).scalar()
        return found

    def active_definitions(self) -> tuple[str, Mapping[str, str]] | None:
        """See ports.journal."""
        kept = select(definition.c.sha256, definition.c.files).where(definition.c.active.is_(True))
        row = self.connection.execute(kept).first()
        return None if row is None else (row.sha256, json.loads(row.files))

    def keeps_items(self) -> bool:
        return self._once("keeps-items", lambda: house_records.keeps_items(self.connection))

    def items(
        self, gtins: Collection[str], numbers: Collection[str] = (), *, all_of_them: bool = False
    ) -> Mapping[str, ItemRecord]:
        return house_records.items(self.connection, gtins, numbers, all_of_them=all_of_them)

    def account_terms(self, account: str | None) -> Mapping[str, Sequence[tuple[date, date | None, AccountTerms]]]:
        """See ports.journal."""
        return self._once(("terms", account), lambda: agreements.account_terms(self.connection, account))

    # --- the snapshot -------------------------------------------------------------------------------------------------

    def snapshot(self, needs: Needs, warehouse: str) -> Snapshot:
        """See domain.decision. warehouse: GLN of the place whose stock is meant."""
        returns = house_records.returns(self.connection, needs)
        of_returns = {(each.side, each.partner, each.order) for each in returns.values() if each.order}
        if of_returns:
            needs = replace(needs, orders=needs.orders | of_returns)
        orders = self._orders(needs)
        places = {each.ship_to for each in orders.values() if each.ship_to} if needs.calendars else set()
        return Snapshot(
            orders=orders,
            shipments=self._shipments(needs.shipments, needs.shipments_of_orders),
            stock=self._stock(needs, warehouse),
            proposals=self._proposals(needs),
            daily_sales=self._daily_sales(needs.sales_since) if needs.sales_since else {},
            invoices=house_records.invoices(self.connection, needs),
            returns=returns,
            receivables=house_records.receivables(self.connection, needs.receivables),
            prices=house_records.prices(self.connection, needs.prices),
            offers=house_records.offers(self.connection, needs.offers),
            packs=house_records.packs(self.connection, needs.packs),
            places=house_records.places(self.connection, needs.places),
            calendars=self._calendars(frozenset(needs.calendars | places)),
            supply=house_records.supply(self.connection, needs.supply),
            ranges=house_records.ranges(self.connection, needs.ranges),
            units=house_records.logistic_units(self.connection, needs.units),
            planning=(
                planning_snapshot.planning(self.connection, needs.planning, warehouse)
                if needs.planning is not None
                else PlanFacts()
            ),
            received=planning_records.received(self.connection, needs.received_since),
            plans=planning_records.plans(self.connection, needs.plan_why),
            plan_words=planning_records.words(self.connection, needs.plan_words),
            plan_overrides=planning_records.overrides(self.connection, needs.plan_overrides),
            plan_parameters=planning_records.parameters(self.connection, needs.plan_parameters),
            plan_records=plan_records.records(self.connection, needs.plan_records),
        )

    def _calendars(self, owners: frozenset[str]) -> tuple[Calendar, ...]:
        return self._once(("calendars", owners), lambda: agreements.calendars(self.connection, owners))

    def _orders(self, needs: Needs) -> dict[Key, OrderSaved]:
        columns, lines = business_order.c, order_line.c
        rows = [row for key in sorted(needs.orders) for row in self._driver.all(_ORDER, **_place(key))]
        for numbers in portions(needs.orders_by_number):
            rows += self.connection.execute(
                select(business_order).where(columns.side == "sale", columns.number.in_(numbers))
            )
        for gtins in portions(needs.open_backorders):
            waiting = (
                select(lines.side, lines.partner, lines.order_number)
                .where(text(f"order_line.{LINE_BACKORDERED}"), lines.gtin.in_(gtins), lines.side == "sale")
                .distinct()
                .subquery()
            )
            same = [columns[name] == waiting.c[theirs] for name, theirs in _ORDER_OF_LINE]
            rows += self.connection.execute(select(business_order).join(waiting, and_(*same)))
        wanted = {(row.side, row.partner, row.number): row for row in rows}
        return {
            key: _order(row, tuple(_line(line) for line in self._driver.all(_LINES, **_place(key))))
            for key, row in wanted.items()
        }

    def _by_key(self, table: Table, keys: Collection[Key]) -> Iterator[AnyRow]:
        for condition in among((table.c.side, table.c.partner, table.c.number), keys):
            yield from self.connection.execute(select(table).where(condition))

    def _shipments(self, keys: Collection[Key], orders: Collection[Key]) -> dict[Key, ShipmentSaved]:
        rows = list(self._by_key(shipment, keys))
        for condition in among((shipment.c.side, shipment.c.partner, shipment.c.order_number), orders):
            rows += self.connection.execute(select(shipment).where(condition))
        for condition in among((link.c.side, link.c.partner, link.c.source), orders):  # one despatch, several orders
            same = and_(
                shipment.c.side == link.c.side, shipment.c.partner == link.c.partner, shipment.c.number == link.c.to
            )
            types = and_(link.c.source_type == "Order", link.c.to_type == "DespatchAdvice")
            rows += self.connection.execute(select(shipment).join(link, same).where(types, condition))
        return {(row.side, row.partner, row.number): _shipment(row) for row in rows}

    def _stock(self, needs: Needs, warehouse: str) -> dict[str, StockLevel]:
        if needs.all_stock:
            here = select(stock).where(stock.c.location == warehouse)
            return {row.gtin: _level(row) for row in self.connection.execute(here)}
        if not needs.stock:
            return {}
        found = self._driver.all(_STOCK, location=warehouse, gtins=dump(sorted(needs.stock)))
        return {row.gtin: _level(row) for row in found}

    def _proposals(self, needs: Needs) -> dict[str, ReplenishmentProposal]:
        conditions: list[ColumnElement[bool]] = [proposal.c.id.in_(each) for each in portions(needs.proposals)]
        if needs.open_proposals:
            conditions.append(cast("ColumnElement[bool]", text("status = 'proposed'")))
        found = {}
        for condition in conditions:
            for row in self.connection.execute(select(proposal.c.id, proposal.c.document).where(condition)):
                found[row.id] = cast("ReplenishmentProposal", json_form.loads(row.document))
        return found

    def _daily_sales(self, since: date) -> dict[str, dict[date, Decimal]]:
        """Net units of every item per day, over all partners and places."""
        net = func.sum(sales.c.sold - sales.c.returned)
        found: dict[str, dict[date, Decimal]] = defaultdict(dict)
        totals = (
            select(sales.c.gtin, sales.c.day, net.label("net"))
            .where(sales.c.day >= since.isoformat())
            .group_by(sales.c.gtin, sales.c.day)
            .order_by(sales.c.gtin, sales.c.day)
        )
        for row in self.connection.execute(totals):
            found[row.gtin][date.fromisoformat(row.day)] = units(int(row.net))
        return dict(found)


def _place(key: Key) -> dict[str, str]:
    side, partner, number = key
    return {"side": side, "partner": partner, "number": number}


def _level(row: AnyRow) -> StockLevel:
    return StockLevel(
        on_hand=units(row.on_hand),
        allocated=units(row.allocated),
        backordered=units(row.backordered),
        on_order=units(row.on_order),
        in_transit=units(row.in_transit),
    )


def _line(row: AnyRow) -> OrderLineState:
    return OrderLineState(
        number=row.number,
        gtin=row.gtin,
        ordered=units(row.ordered),
        confirmed=units(row.confirmed),
        backordered=units(row.backordered),
        despatched=units(row.despatched),
        received=units(row.received),
        status=row.status,
        price=None if row.price is None else Decimal(row.price),
        promised=row.promised,
        invoiced=units(row.invoiced),
        returned=units(row.returned),
        requested=row.requested,
        reason=row.reason,
    )


def _order(row: AnyRow, lines: tuple[OrderLineState, ...]) -> OrderSaved:
    return OrderSaved(
        key=row.effect_key,
        side=row.side,
        partner=row.partner,
        number=row.number,
        status=row.status,
        ordered_on=date.fromisoformat(row.ordered_on),
        lines=lines,
        ship_to=row.ship_to,
        currency=row.currency,
        digest=row.digest,
        document=None if row.document is None else json_form.loads(row.document),
        pending=None if row.pending is None else json_form.loads(row.pending),
    )


def _shipment(row: AnyRow) -> ShipmentSaved:
    return ShipmentSaved(
        key=row.effect_key,
        side=row.side,
        partner=row.partner,
        number=row.number,
        order=row.order_number,
        status=row.status,
        despatched_at=row.despatched_at,
        lines=tuple((number, gtin, Decimal(quantity)) for number, gtin, quantity in json.loads(row.lines)),
        document=None if row.document is None else json_form.loads(row.document),
    )
