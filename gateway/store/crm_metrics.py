"""Facts of all accounts out of the tables, and their measures into one. Bulk reading: one query per kind of fact."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, insert, select, text

from gateway.domain.crm.matrices import scheme_of, scores_of
from gateway.domain.crm.metrics import HORIZON_DAYS, AccountFacts, Metric, Outlook, all_metrics, terms_of
from gateway.domain.crm.receivables import OpenItem, Settled
from gateway.domain.crm.rfm import WINDOW_DAYS
from gateway.domain.crm.service_hours import ServiceHours
from gateway.store import tables as t
from gateway.store.crm_entries import entries_of
from gateway.store.crm_people import decided_by
from gateway.store.crm_rows import shown
from gateway.store.crm_trade import trade_facts
from gateway.store.crm_turn import take_turn
from gateway.store.forms import dump, micros
from gateway.store.tables_crm import crm_case, crm_day, crm_event, crm_metric

_AT_ONCE = 5_000


def refresh(
    connection: Connection,
    now: datetime,
    certificate_days: Mapping[str, int | None] | None = None,
    suppliers: Collection[str] = (),
    hours: ServiceHours | None = None,
) -> int:
    """Compute every measure of every account as of now and put them in the place of the old. Return how many.

    certificate_days: until each partner's certificate ends, as the key store knows. suppliers: partners we buy from.
    hours: of our desk; None: weekdays, UTC.
    """
    take_turn(connection)  # who comes second reads what the first has left
    today = now.date()
    accounts = facts_of_all(connection, now, certificate_days or {}, suppliers)
    trade = trade_facts(connection, accounts, now, hours or ServiceHours(zone=ZoneInfo("UTC")))
    settings = {name: each.data.get("value", "") for name, each in entries_of(connection, "setting").items()}
    terms = terms_of(scores_of(settings.get("scores", "")))
    found = all_metrics(accounts, today, outlook_of(accounts, today), trade, terms, scheme_of(settings))
    connection.execute(delete(crm_metric))
    rows = [_row(each, today, micros(now)) for each in found]
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(insert(crm_metric), rows[start : start + _AT_ONCE])
    return len(rows)


def facts_of_all(
    connection: Connection, now: datetime, certificate_days: Mapping[str, int | None], suppliers: Collection[str] = ()
) -> list[AccountFacts]:
    """Return the facts of each account that has any, in the order of their ids."""
    since = (now.date() - timedelta(days=WINDOW_DAYS)).isoformat()
    days, counts = _order_days(connection)
    sums = _sums(connection, since)
    part_of = decided_by(connection).now  # an account that has become a part of another counts there
    items, payments = _receivables(connection, part_of)
    cases = _counts(
        connection, select(crm_case.c.account, func.count()).where(crm_case.c.closed_at.is_(None)).group_by("account")
    )
    window = micros(now - timedelta(days=WINDOW_DAYS))
    told = connection.execute(
        select(crm_event.c.account).where(crm_event.c.at >= window, crm_event.c.message.is_not(None)).distinct()
    )
    messages, faulty = _sent(connection, window, part_of)
    names = sorted({*days, *sums, *items, *payments, *cases, *(row.account for row in told)})
    return [
        AccountFacts(
            account=name,
            order_days=days.get(name, ()),
            orders=counts.get(name, 0),
            sums=sums.get(name, {}),
            open_items=items.get(name, ()),
            payments=payments.get(name, ()),
            open_cases=cases.get(name, 0),
            messages=messages.get(name, 0),
            faulty=faulty.get(name, 0),
            certificate_days=certificate_days.get(name),
            customer=name not in suppliers,
        )
        for name in names
    ]


def _sent(connection: Connection, window: int, part_of: Callable[[str], str]) -> tuple[dict[str, int], dict[str, int]]:
    """Return what each account has sent since then, tests aside, and of that what somebody has to look at."""
    columns = t.message.c
    several = select(columns.partner, func.count()).where(columns.received_at >= window).group_by(columns.partner)
    sent: dict[str, int] = defaultdict(int)
    for partner, count in _counts(connection, several).items():
        sent[part_of(partner)] += count
    # Not grouped, so that the index of tests is used: the count above then reads no row, and this one few.
    tests = select(columns.partner).where(columns.received_at >= window, text(f"message.{t.IS_TEST}"))
    for partner in connection.execute(tests).scalars():
        sent[part_of(partner)] -= 1
    faulty: dict[str, int] = defaultdict(int)
    waiting = several.where(columns.state.in_(("parked", "quarantined")), columns.test.is_(False))
    for partner, count in _counts(connection, waiting).items():
        faulty[part_of(partner)] += count
    return sent, faulty


def _counts(connection: Connection, query: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in connection.execute(query)}


def _order_days(connection: Connection) -> tuple[dict[str, list[date]], dict[str, int]]:
    query = (
        select(crm_day.c.account, crm_day.c.day, crm_day.c.value)
        .where(crm_day.c.name == "orders", crm_day.c.value > 0)
        .order_by(crm_day.c.account, crm_day.c.day)
    )
    days: dict[str, list[date]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    parsed: dict[str, date] = {}
    for account, day, value in connection.execute(query):
        days[account].append(parsed.get(day) or parsed.setdefault(day, date.fromisoformat(day)))
        counts[account] += value // 1000
    return days, counts


def _sums(connection: Connection, since: str) -> dict[str, dict[str, Decimal]]:
    query = (
        select(crm_day.c.account, crm_day.c.name, func.sum(crm_day.c.value))
        .where(crm_day.c.day >= since)
        .group_by(crm_day.c.account, crm_day.c.name)
    )
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for account, name, value in connection.execute(query):
        found[account][name] = Decimal(int(value)).scaleb(-3)
    return found


def _receivables(
    connection: Connection, part_of: Callable[[str], str]
) -> tuple[dict[str, list[OpenItem]], dict[str, list[Settled]]]:
    """Read what customers owe us, credit notes with a minus, and what they have paid of what was due."""
    columns = t.invoice.c
    items: dict[str, list[OpenItem]] = defaultdict(list)
    query = select(columns.partner, columns.number, columns.kind, columns.due_on, columns.issued_on, columns.open)
    for row in connection.execute(query.where(columns.side == "sale", columns.status.not_in(("paid", "credited")))):
        amount = Decimal(row.open)
        signed = -amount if row.kind == "credit-note" else amount
        due = date.fromisoformat(row.due_on or row.issued_on)
        items[part_of(row.partner)].append(OpenItem(document=row.number, due_on=due, open_amount=signed))
    paid: dict[str, list[Settled]] = defaultdict(list)
    its = t.settlement.c
    joined = select(its.partner, its.paid, its.paid_on, columns.due_on, columns.issued_on).join(
        t.invoice,
        (columns.side == its.side) & (columns.partner == its.partner) & (columns.number == its.invoice_number),
    )
    for settled in connection.execute(joined.where(its.side == "sale")):
        due = date.fromisoformat(settled.due_on or settled.issued_on)
        paid[part_of(settled.partner)].append(
            Settled(amount=Decimal(settled.paid), due_on=due, paid_on=date.fromisoformat(settled.paid_on))
        )
    return items, paid


def outlook_of(accounts: Sequence[AccountFacts], today: date) -> Outlook:
    """Return the orders of the next year by BG/NBD and the value of one by gamma-gamma; empty what cannot be fitted."""
    return Outlook(orders=orders_to_come(accounts, today), order_value=order_values(accounts))


def order_values(accounts: Sequence[AccountFacts]) -> dict[str, Decimal]:
    """Return the mean value of an order to come by gamma-gamma, empty when the model cannot be fitted."""
    import numpy as np

    from gateway.domain.crm.lifetime import expected_value, fit_spending

    known = [each for each in accounts if each.sums.get("orders", 0) > 0 and each.sums.get("order_value", 0) > 0]
    orders = np.array([float(each.sums["orders"]) for each in known], dtype=np.float64)
    means = np.array([float(each.sums["order_value"] / each.sums["orders"]) for each in known], dtype=np.float64)
    model = fit_spending(orders, means)
    if model is None:
        return {}
    return {
        each.account: Decimal(str(round(float(value), 4)))
        for each, value in zip(known, expected_value(orders, means, model), strict=True)
        if np.isfinite(value) and value > 0
    }


def orders_to_come(accounts: Sequence[AccountFacts], today: date) -> dict[str, Decimal]:
    """Return the orders of the next year by BG/NBD, empty when the model cannot be fitted."""
    import numpy as np  # only here: it is slow to load, and most commands measure nothing

    from gateway.domain.crm.lifetime import History, expected_orders, fit_ordering

    known = [each for each in accounts if each.order_days]
    if not known:
        return {}
    first = np.array([(today - each.order_days[0]).days for each in known], dtype=np.float64)
    last = np.array([(each.order_days[-1] - each.order_days[0]).days for each in known], dtype=np.float64)
    repeats = np.array([len(each.order_days) - 1 for each in known], dtype=np.float64)
    history = History(repeats=repeats, last=last, age=np.maximum(first, 1.0))
    model = fit_ordering(history)
    if model is None:
        return {}
    expected = expected_orders(history, model, float(HORIZON_DAYS))
    return {
        each.account: Decimal(str(round(float(value), 4)))
        for each, value in zip(known, expected, strict=True)
        if np.isfinite(value) and value >= 0
    }


def _text(value: Decimal) -> str:
    """Four decimals at most: money, shares, days."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _row(metric: Metric, today: date, at: int) -> dict[str, Any]:
    value = metric.value
    return {
        "account": metric.account,
        "name": metric.name,
        "value": _text(value) if isinstance(value, Decimal) else value,
        "rows": metric.rows,
        "since": (today - timedelta(days=WINDOW_DAYS)).isoformat(),
        "until": today.isoformat(),
        "parts": dump(shown(metric.parts)),
        "at": at,
    }
