"""Alert rules, firings and deliveries written through the journal's one writer."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, text, update

from gateway.model.faults import OurFault
from gateway.store import tables_operations as ops
from gateway.store.database import insert_for
from gateway.store.forms import dump, micros, moment
from gateway.store.tx_records import RecordsTx
from gateway.store.view_alert_rows import AlertRule, AlertTarget, QuietHours

NOT_AGAIN_FOR = timedelta(hours=1)  # what comes and goes is told once
ATTEMPTS = 6
LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that a rule has found. subject: the same as long as it is the same thing; since: when it began."""

    subject: str
    since: datetime
    code: str
    link: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery that was claimed: what to tell to whom."""

    id: str
    kind: str
    target: str
    secret: str | None
    attempts: int
    firing: str
    rule: str
    name: str
    code: str
    params: Mapping[str, str]
    link: str
    since: datetime
    fired_at: datetime
    test: bool


def rule_values(rule: AlertRule) -> dict[str, Any]:
    """Return a rule as its row holds it."""
    quiet = rule.quiet
    return {
        "name": rule.name,
        "kind": rule.kind,
        "partner": rule.partner,
        "params": dump({name: format(value, "f") for name, value in rule.params.items()}),
        "targets": dump([[each.kind, each.address, each.secret] for each in rule.targets]),
        "quiet": None if quiet is None else dump([quiet.start, quiet.end, quiet.zone]),
        "enabled": rule.enabled,
    }


def rule_of(row: Any) -> AlertRule:
    """Return a rule as its row says it."""
    quiet = json.loads(row.quiet) if row.quiet else None
    return AlertRule(
        id=row.id,
        name=row.name,
        kind=row.kind,
        partner=row.partner,
        params={name: Decimal(value) for name, value in json.loads(row.params).items()},
        targets=tuple(AlertTarget(kind=k, address=a, secret=s) for k, a, s in json.loads(row.targets)),
        quiet=QuietHours(start=quiet[0], end=quiet[1], zone=quiet[2]) if quiet else None,
        enabled=bool(row.enabled),
    )


def with_id(rule: AlertRule, rule_id: str) -> AlertRule:
    return replace(rule, id=rule_id)


def save_rule(tx: RecordsTx, rule: AlertRule, user: str, now: datetime) -> None:
    """Keep a new rule or a changed one."""
    old = tx.connection.execute(select(ops.alert_rule).where(ops.alert_rule.c.id == rule.id)).first()
    values = rule_values(rule)
    at = micros(now)
    row = insert_for(tx.connection.dialect.name, ops.alert_rule).values(
        id=rule.id, **values, user=user, created_at=at, updated_at=at
    )
    changed = {name: row.excluded[name] for name in (*values, "user", "updated_at")}
    tx.connection.execute(row.on_conflict_do_update(index_elements=[ops.alert_rule.c.id], set_=changed))
    before = None if old is None else dump(rule_values(rule_of(old)))
    tx.audit(user, "alert.save", rule.id, before, dump(values), now)


def remove_rule(tx: RecordsTx, rule_id: str, user: str, now: datetime) -> None:
    """Take a rule away; its history stays. Raises OurFault alert.not-found."""
    old = tx.connection.execute(select(ops.alert_rule).where(ops.alert_rule.c.id == rule_id)).first()
    if old is None:
        raise OurFault("alert.not-found", value=rule_id)
    tx.connection.execute(delete(ops.alert_rule).where(ops.alert_rule.c.id == rule_id))
    firing = ops.alert_firing.c
    still = (firing.rule == rule_id, text(ops.FIRING_OPEN))
    tx.connection.execute(update(ops.alert_firing).where(*still).values(cleared_at=micros(now)))
    tx.audit(user, "alert.remove", rule_id, dump(rule_values(rule_of(old))), None, now)


def rules(tx: RecordsTx) -> list[AlertRule]:
    return [rule_of(row) for row in tx.connection.execute(select(ops.alert_rule).order_by(ops.alert_rule.c.id))]


def fire(tx: RecordsTx, rule: AlertRule, found: Iterable[Condition], new_id: Any, now: datetime) -> int:
    """Write what a rule has found: new things are told once, things that are over are cleared. Return how many are new.

    The same thing found by two nodes, or again after it was cleared, is told once (a tick of rule, subject and since);
    one that comes and goes is told at most once an hour.
    """
    firing = ops.alert_firing.c
    known = tx.connection.execute(
        select(firing.id, firing.subject).where(firing.rule == rule.id, text(ops.FIRING_OPEN))
    ).all()
    over = {row.subject: row.id for row in known}
    new = 0
    for each in found:
        subject = each.subject[:200]
        if over.pop(subject, None) is not None or any(row.subject == subject for row in known):
            continue
        new += _fire(tx, rule, subject, each, new_id, now)
    if over:
        ended = update(ops.alert_firing).where(firing.id.in_(sorted(over.values())))
        tx.connection.execute(ended.values(cleared_at=micros(now)))
    return new


def _fire(tx: RecordsTx, rule: AlertRule, subject: str, found: Condition, new_id: Any, now: datetime) -> int:
    firing = ops.alert_firing.c
    lately = tx.connection.execute(
        select(firing.id)
        .where(firing.rule == rule.id, firing.subject == subject, firing.fired_at > micros(now - NOT_AGAIN_FOR))
        .limit(1)
    ).first()
    job = f"alert:{sha256(f'{rule.id} {subject}'.encode()).hexdigest()[:40]}"
    if lately is not None or not tx.tick(job, found.since):  # no tick while it waits: it is told when the hour is over
        return 0
    firing_id = new_id()
    tx.connection.execute(ops.alert_firing.insert().values(_firing(firing_id, rule, subject, found, now, test=False)))
    _deliver_to(tx, rule, firing_id, new_id, after_quiet(rule.quiet, now), now)
    return 1


def _firing(
    firing_id: str, rule: AlertRule, subject: str, found: Condition, now: datetime, *, test: bool
) -> dict[str, Any]:
    return {
        "id": firing_id,
        "rule": rule.id,
        "subject": subject,
        "since": micros(found.since),
        "fired_at": micros(now),
        "cleared_at": micros(now) if test else None,
        "code": found.code,
        "params": dump(dict(found.params)),
        "link": found.link[:300],
        "test": test,
    }


def _deliver_to(tx: RecordsTx, rule: AlertRule, firing_id: str, new_id: Any, at: datetime, now: datetime) -> list[str]:
    ids = [new_id() for _ in rule.targets]
    for delivery, target in zip(ids, rule.targets, strict=True):
        tx.connection.execute(
            ops.alert_delivery.insert().values(
                id=delivery,
                firing=firing_id,
                kind=target.kind,
                target=target.address,
                state="queued",
                attempts=0,
                next_at=micros(at),
                updated_at=micros(now),
            )
        )
    return ids


def tell_test(tx: RecordsTx, rule_id: str, user: str, new_id: Any, now: datetime) -> list[str]:
    """Tell every target of a rule that this is a test, at any hour. Raises OurFault alert.not-found."""
    row = tx.connection.execute(select(ops.alert_rule).where(ops.alert_rule.c.id == rule_id)).first()
    if row is None:
        raise OurFault("alert.not-found", value=rule_id)
    rule = rule_of(row)
    found = Condition(
        subject="test",
        since=now,
        code="alert.test",
        link=f"/alerts/{rule_id}",
        params={"name": rule.name, "user": user},
    )
    firing_id = new_id()
    tx.connection.execute(ops.alert_firing.insert().values(_firing(firing_id, rule, "test", found, now, test=True)))
    tx.audit(user, "alert.test", rule_id, None, str(len(rule.targets)), now)
    return _deliver_to(tx, rule, firing_id, new_id, now, now)


def after_quiet(quiet: QuietHours | None, now: datetime) -> datetime:
    """Return now, or the end of the quiet hours that now lies in."""
    if quiet is None:
        return now
    zone = ZoneInfo(quiet.zone)
    local = now.astimezone(zone)
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    clock = local.time()
    inside = start <= clock < end if start <= end else clock >= start or clock < end
    if not inside:
        return now
    day = local.date() + timedelta(days=1 if start > end and clock >= start else 0)
    return datetime.combine(day, end, tzinfo=zone).astimezone(now.tzinfo)


def claim(tx: RecordsTx, now: datetime, limit: int) -> list[Due]:
    """Take deliveries that are due; whoever dies with one leaves it to the next after two minutes. What has ended in
    the meantime is not told any more."""
    columns, firing, at = ops.alert_delivery.c, ops.alert_firing.c, micros(now)
    chosen = (
        select(columns.id)
        .where(text(f"alert_delivery.{ops.DELIVERY_OPEN}"), columns.next_at <= at)
        .order_by(columns.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(tx.connection.execute(chosen).scalars())
    if not ids:
        return []
    rows = tx.connection.execute(
        select(ops.alert_delivery, ops.alert_firing, ops.alert_rule.c.name, ops.alert_rule.c.targets)
        .join_from(ops.alert_delivery, ops.alert_firing, firing.id == columns.firing)
        .join(ops.alert_rule, ops.alert_rule.c.id == firing.rule, isouter=True)
        .where(columns.id.in_(ids))
    ).all()
    found = []
    for row in rows:
        gone = row.name is None or (row.cleared_at is not None and not row.test)
        state = {"state": "dropped"} if gone else {"state": "sending", "next_at": micros(now + LEASE)}
        counted = {"attempts": row.attempts if gone else row.attempts + 1, "updated_at": at}
        tx.connection.execute(update(ops.alert_delivery).where(columns.id == row.id).values(**state, **counted))
        if not gone:
            found.append(_due(row))
    return found


def _due(row: Any) -> Due:
    secrets = {(kind, address): secret for kind, address, secret in json.loads(row.targets)}
    return Due(
        id=row.id,
        kind=row.kind,
        target=row.target,
        secret=secrets.get((row.kind, row.target)),
        attempts=row.attempts + 1,
        firing=row.firing,
        rule=row.rule,
        name=row.name,
        code=row.code,
        params=json.loads(row.params),
        link=row.link,
        since=moment(row.since),
        fired_at=moment(row.fired_at),
        test=bool(row.test),
    )


def settle(tx: RecordsTx, delivery: str, error: str | None, attempts: int, now: datetime) -> None:
    """End an attempt: told, to be tried again (each time twice as late), or given up."""
    values: dict[str, Any] = {"updated_at": micros(now), "error": error}
    if error is None:
        values["state"] = "sent"
    elif attempts >= ATTEMPTS:
        values["state"] = "failed"
    else:
        values |= {"state": "queued", "next_at": micros(now + timedelta(minutes=2 ** (attempts - 1)))}
    tx.connection.execute(update(ops.alert_delivery).where(ops.alert_delivery.c.id == delivery).values(**values))
