"""Alert rules with their history, and the figures that rules look at."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, case, func, select, text

from gateway.store import tables as t
from gateway.store import tables_operations as ops
from gateway.store.alerts import rule_of
from gateway.store.forms import micros, moment
from gateway.store.view_alert_rows import DeliveryLine, FiringLine, RuleLine
from gateway.store.view_reading import as_mapping, optional_moment

FAILED = ("parked", "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Messages of one partner in a time, and how many of them wait for a person."""

    total: int
    failed: int


class AlertViews:
    """Alert rules, what they have found, and whom it was told."""

    _engine: Engine

    def alert_rules(self) -> tuple[RuleLine, ...]:
        """Return the rules by name, with how many firings are open and when each last found something."""
        firing = ops.alert_firing.c
        counts = (
            select(
                firing.rule,
                func.sum(case((firing.cleared_at.is_(None), 1), else_=0)).label("open"),
                func.max(case((firing.test.is_(False), firing.fired_at))).label("last"),
            )
            .group_by(firing.rule)
            .subquery()
        )
        query = (
            select(ops.alert_rule, counts.c.open, counts.c.last)
            .join_from(ops.alert_rule, counts, counts.c.rule == ops.alert_rule.c.id, isouter=True)
            .order_by(ops.alert_rule.c.name, ops.alert_rule.c.id)
        )
        with self._engine.connect() as connection:
            return tuple(
                RuleLine(
                    rule=rule_of(row),
                    user=row.user,
                    updated_at=moment(row.updated_at),
                    open=int(row.open or 0),
                    last_fired_at=optional_moment(row.last),
                )
                for row in connection.execute(query)
            )

    def firings(self, rule: str | None = None, limit: int = 50) -> tuple[FiringLine, ...]:
        """Return what rules have found, the newest first, with who was told."""
        firing = ops.alert_firing.c
        query = (
            select(ops.alert_firing, ops.alert_rule.c.name)
            .join_from(ops.alert_firing, ops.alert_rule, ops.alert_rule.c.id == firing.rule, isouter=True)
            .order_by(firing.fired_at.desc(), firing.id.desc())
            .limit(limit)
        )
        if rule is not None:
            query = query.where(firing.rule == rule)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            told = _deliveries(connection, [row.id for row in rows])
        return tuple(
            FiringLine(
                id=row.id,
                rule=row.rule,
                rule_name=row.name or row.rule,
                subject=row.subject,
                since=moment(row.since),
                fired_at=moment(row.fired_at),
                cleared_at=optional_moment(row.cleared_at),
                code=row.code,
                params={name: str(value) for name, value in as_mapping(row.params).items()},
                link=row.link,
                test=bool(row.test),
                deliveries=tuple(told[row.id]),
            )
            for row in rows
        )

    def deliveries_due(self, now: datetime) -> bool:
        """Tell whether anybody is to be told something now."""
        columns = ops.alert_delivery.c
        due = select(columns.id).where(text(f"alert_delivery.{ops.DELIVERY_OPEN}"), columns.next_at <= micros(now))
        with self._engine.connect() as connection:
            return connection.execute(due.limit(1)).first() is not None

    # --- what rules look at ---

    def last_messages(self, partners: Iterable[str]) -> Mapping[str, datetime]:
        """Return when each partner's newest message came; partners that have never sent any are left out."""
        columns = t.message.c
        found = {}
        with self._engine.connect() as connection:
            for each in partners:
                query = select(func.max(columns.received_at)).where(columns.partner == each)
                newest = connection.execute(query).scalar()
                if newest is not None:
                    found[each] = moment(newest)
        return found

    def failure_rates(self, since: datetime) -> Mapping[str, Rate]:
        """Return how many messages of each partner came since an instant, and how many of them failed."""
        columns = t.message.c
        query = (
            select(
                columns.partner,
                func.count().label("total"),
                func.sum(case((columns.state.in_(FAILED), 1), else_=0)).label("failed"),
            )
            .where(columns.received_at >= micros(since))
            .group_by(columns.partner)
        )
        with self._engine.connect() as connection:
            return {
                row.partner: Rate(total=int(row.total), failed=int(row.failed)) for row in connection.execute(query)
            }

    def reported_stock_at(self) -> Mapping[str, datetime]:
        """Return of which time each partner's newest report of stock is."""
        columns = t.reported_stock.c
        query = select(columns.partner, func.max(columns.at)).group_by(columns.partner)
        found = {}
        with self._engine.connect() as connection:
            for partner, at in connection.execute(query):
                told = datetime.fromisoformat(at)
                found[partner] = told if told.tzinfo else told.replace(tzinfo=UTC)
        return found


def _deliveries(connection: Connection, firings: list[str]) -> dict[str, list[DeliveryLine]]:
    columns = ops.alert_delivery.c
    found: dict[str, list[DeliveryLine]] = defaultdict(list)
    query = select(ops.alert_delivery).where(columns.firing.in_(firings)).order_by(columns.id)
    for row in connection.execute(query):
        found[row.firing].append(
            DeliveryLine(
                id=row.id,
                kind=row.kind,
                target=row.target,
                state=row.state,
                attempts=row.attempts,
                next_at=moment(row.next_at),
                error=row.error,
            )
        )
    return found
