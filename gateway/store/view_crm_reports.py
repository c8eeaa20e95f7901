"""Reports over what documents have told: sales of shops, orders, cases, answers, opportunities. Read-only."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from statistics import median

from sqlalchemy import Connection, Engine, func, select

from gateway.domain.crm.campaigns import MOST_DAYS_AFTER, Effect, Sold, effect
from gateway.domain.crm.registers import stalled, weighted_revenue
from gateway.domain.crm.reports import Going, Made, Rows, Wanted, why
from gateway.domain.crm.surveys import Score, heard
from gateway.store import tables as t
from gateway.store.crm_answers import answers_since
from gateway.store.crm_entries import Entry, entries_of
from gateway.store.forms import micros, moment
from gateway.store.tables_crm import crm_case, crm_day, crm_metric

ROWS_MOST = 2_000
AFTER_DELIVERY = ("delivery", "return", "quality")


@dataclass(frozen=True, slots=True)
class _Case:
    rule: str
    account: str
    opened_at: datetime
    closed_at: datetime | None


class ReportViews:
    """Reports on customers, computed for a span of days."""

    _engine: Engine

    def report(self, wanted: Wanted, now: datetime) -> Made:
        """Return a report as it stands at an instant."""
        with self._engine.connect() as connection:
            rows = _MAKERS[wanted.report.name](connection, wanted, now)
        return Made(wanted=wanted, rows=tuple(rows)[:ROWS_MOST])


def _plain(value: Decimal | int | None, places: int = 4) -> str | None:
    if value is None:
        return None
    text = f"{Decimal(value):.{places}f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _units(value: int | None) -> Decimal:
    return Decimal(int(value or 0)).scaleb(-3)


# --- goods ------------------------------------------------------------------------------------------------------------


def _goods(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """What shops sold, against the period of the same length before, with what was ordered of it."""
    before = wanted.since - timedelta(days=wanted.days)
    sales = t.sales.c
    key = {"item": sales.gtin, "account": sales.partner, "month": func.substr(sales.day, 1, 7)}[wanted.group]

    def period(since: date, until: date) -> dict[str, tuple[Decimal, int, int, Decimal]]:
        query = select(
            key,
            func.sum(sales.sold),
            func.count(func.distinct(sales.location)),
            func.count(func.distinct(sales.partner)),
            func.sum(sales.promo),
        ).where(sales.day >= since.isoformat(), sales.day <= until.isoformat(), sales.sold > 0)
        if wanted.account:
            query = query.where(sales.partner == wanted.account)
        if wanted.item:
            query = query.where(sales.gtin == wanted.item)
        return {
            row[0]: (_units(row[1]), int(row[2]), int(row[3]), _units(row[4]))
            for row in connection.execute(query.group_by(key))
        }

    current = period(wanted.since, wanted.until)
    past = period(before, wanted.since - timedelta(days=1)) if wanted.group != "month" else {}
    ordered = _ordered(connection, wanted) if wanted.group != "month" else {}
    found = []
    for name in sorted({*current, *ordered}, key=lambda each: (-current.get(each, _NONE)[0], each)):
        sold, shops, accounts, promo = current.get(name, _NONE)
        old = past.get(name, _NONE)
        units, amount = ordered.get(name, (Decimal(0), Decimal(0)))
        going = Going(sold=sold, before=old[0], shops=shops, shops_before=old[1], promo=promo)
        found.append(
            {
                "key": name,
                "sold": _plain(sold),
                "before": _plain(old[0]) if wanted.group != "month" else None,
                "trend": _plain(sold / old[0] - 1) if old[0] else None,
                "shops": str(shops),
                "accounts": str(accounts),
                "promo": _plain(promo / sold) if sold else None,
                "ordered": _plain(units),
                "amount": _plain(amount, 2),
                "why": " ".join(why(going)) if wanted.group != "month" else None,
            }
        )
    return tuple(found)


_NONE = (Decimal(0), 0, 0, Decimal(0))


def _ordered(connection: Connection, wanted: Wanted) -> dict[str, tuple[Decimal, Decimal]]:
    """Return units and value that customers ordered in the period, by item or account."""
    order, line = t.business_order, t.order_line
    key = line.c.gtin if wanted.group == "item" else line.c.partner
    query = (
        select(key, line.c.price, func.sum(line.c.ordered))
        .join(
            order,
            (order.c.side == line.c.side)
            & (order.c.partner == line.c.partner)
            & (order.c.number == line.c.order_number),
        )
        .where(
            line.c.side == "sale",
            order.c.ordered_on >= wanted.since.isoformat(),
            order.c.ordered_on <= wanted.until.isoformat(),
            order.c.status.not_in(("rejected", "cancelled")),
        )
    )
    if wanted.account:
        query = query.where(line.c.partner == wanted.account)
    if wanted.item:
        query = query.where(line.c.gtin == wanted.item)
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for name, price, ordered in connection.execute(query.group_by(key, line.c.price)):
        units, value = found.get(name, (Decimal(0), Decimal(0)))
        found[name] = units + _units(ordered), value + _units(ordered) * Decimal(price or 0)
    return found


# --- customers --------------------------------------------------------------------------------------------------------


def _measures(connection: Connection, names: Sequence[str], account: str | None) -> dict[str, dict[str, str | None]]:
    query = select(crm_metric.c.account, crm_metric.c.name, crm_metric.c.value).where(crm_metric.c.name.in_(names))
    if account:
        query = query.where(crm_metric.c.account == account)
    found: dict[str, dict[str, str | None]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.account][row.name] = row.value
    return found


def _returned(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """Who ordered again: by account, or by the month of the first order. The history up to the last day counts."""
    columns = crm_day.c
    query = select(columns.account, columns.day, columns.value).where(
        columns.name == "orders", columns.value > 0, columns.day <= wanted.until.isoformat()
    )
    if wanted.account:
        query = query.where(columns.account == wanted.account)
    days: dict[str, list[str]] = defaultdict(list)
    orders: Counter[str] = Counter()
    for account, day, value in connection.execute(query.order_by(columns.account, columns.day)):
        days[account].append(day)
        orders[account] += value // 1000
    states = _measures(connection, ("lifecycle",), wanted.account)
    if wanted.group == "cohort":
        cohorts: dict[str, list[str]] = defaultdict(list)
        for account, its in days.items():
            cohorts[its[0][:7]].append(account)
        recent = wanted.since.isoformat()
        return tuple(
            {
                "key": month,
                "accounts": str(len(members)),
                "repeat": str(sum(orders[each] > 1 for each in members)),
                "active": str(sum(days[each][-1] >= recent for each in members)),
            }
            for month, members in sorted(cohorts.items())
        )
    return tuple(
        {
            "key": account,
            "first": its[0],
            "last": its[-1],
            "orders": str(orders[account]),
            "months": str(len({day[:7] for day in its})),
            "state": states.get(account, {}).get("lifecycle"),
        }
        for account, its in sorted(days.items(), key=lambda each: (-orders[each[0]], each[0]))
    )


def _types(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """How many accounts of which kind there are, and what they bring."""
    found = _measures(connection, (wanted.group, "monetary", "frequency"), wanted.account)
    kinds: dict[str, list[str]] = defaultdict(list)
    for account, its in found.items():
        if wanted.group in its:
            kinds[its[wanted.group] or "unknown"].append(account)

    def total(members: Iterable[str], name: str) -> Decimal:
        return sum((Decimal(found[each].get(name) or 0) for each in members), Decimal(0))

    whole = total(found, "monetary")
    rows = [
        {
            "key": kind,
            "accounts": str(len(members)),
            "orders": _plain(total(members, "frequency")),
            "amount": _plain(total(members, "monetary"), 2),
            "share": _plain(total(members, "monetary") / whole) if whole else None,
        }
        for kind, members in kinds.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-Decimal(row["amount"] or 0), row["key"] or "")))


def _cares(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """What they say is important, what they complain about, what they call for."""
    rows: list[dict[str, str | None]] = []
    scores = [
        Score(form=each.form, account=each.account, question=each.question, score=each.score)
        for each in answers_since(connection, _start(wanted.since), wanted.account)
        if each.score is not None and each.at < _start(wanted.until + timedelta(days=1))
    ]
    for element, parts in heard(scores).elements.items():
        if "importance" in parts:
            mean, n = parts["importance"]
            rows.append({"key": element, "kind": "asked", "count": str(n), "mean": _plain(mean, 2)})
    cases = Counter(each.rule for each in _cases(connection, wanted))
    rows += [{"key": rule, "kind": "case", "count": str(n), "mean": None} for rule, n in cases.most_common()]
    topics = Counter(
        each.data["topic"]
        for each in entries_of(connection, "call").values()
        if "topic" in each.data and _within(each, wanted)
    )
    rows += [{"key": topic, "kind": "call", "count": str(n), "mean": None} for topic, n in topics.most_common()]
    ranks = {"asked": 0, "case": 1, "call": 2}
    rows.sort(key=lambda row: (ranks[row["kind"] or ""], -Decimal(row["mean"] or row["count"] or 0), row["key"] or ""))
    return tuple(rows)


def _within(entry: Entry, wanted: Wanted) -> bool:
    on = entry.data.get("on") or entry.created_at.date().isoformat()
    mine = wanted.account in (None, entry.account)
    return mine and wanted.since.isoformat() <= on <= wanted.until.isoformat()


# --- service ----------------------------------------------------------------------------------------------------------


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _cases(connection: Connection, wanted: Wanted, types: Sequence[str] = ()) -> list[_Case]:
    columns = crm_case.c
    query = select(columns.rule, columns.account, columns.opened_at, columns.closed_at).where(
        columns.opened_at >= micros(_start(wanted.since)),
        columns.opened_at < micros(_start(wanted.until + timedelta(days=1))),
    )
    if types:
        query = query.where(columns.type.in_(types))
    if wanted.account:
        query = query.where(columns.account == wanted.account)
    return [
        _Case(row.rule, row.account, moment(row.opened_at), None if row.closed_at is None else moment(row.closed_at))
        for row in connection.execute(query.order_by(columns.opened_at, columns.id))
    ]


def _after_delivery(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """Cases about deliveries, returns and quality, against the number of deliveries."""
    columns = crm_day.c
    query = select(columns.account, func.sum(columns.value)).where(
        columns.name == "shipments", columns.day >= wanted.since.isoformat(), columns.day <= wanted.until.isoformat()
    )
    if wanted.account:
        query = query.where(columns.account == wanted.account)
    shipments = {name: _units(value) for name, value in connection.execute(query.group_by(columns.account))}
    grouped: dict[str, list[_Case]] = defaultdict(list)
    for each in _cases(connection, wanted, AFTER_DELIVERY):
        key = {"rule": each.rule, "account": each.account, "month": each.opened_at.date().isoformat()[:7]}[wanted.group]
        grouped[key].append(each)
    found = []
    for name, its in sorted(grouped.items(), key=lambda each: (-len(each[1]), each[0])):
        count = shipments.get(name, Decimal(0)) if wanted.group == "account" else sum(shipments.values(), Decimal(0))
        found.append(
            {
                "key": name,
                "opened": str(len(its)),
                "open": str(sum(each.closed_at is None for each in its)),
                "per-hundred": _plain(len(its) * 100 / count, 2) if count and wanted.group != "month" else None,
                "hours": _hours(its),
                "accounts": str(len({each.account for each in its})),
            }
        )
    return tuple(found)


def _hours(cases: Sequence[_Case]) -> str | None:
    """Return the median of the hours until a case was closed, None when none was."""
    spans = [(each.closed_at - each.opened_at).total_seconds() / 3600 for each in cases if each.closed_at is not None]
    return _plain(Decimal(str(round(median(spans), 2)))) if spans else None


def _service(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """By month: cases, how long they took, and what was answered, with the number of answers."""
    months: dict[str, list[_Case]] = defaultdict(list)
    for each in _cases(connection, wanted):
        months[each.opened_at.date().isoformat()[:7]].append(each)
    told: dict[str, list[Score]] = defaultdict(list)
    for answer in answers_since(connection, _start(wanted.since), wanted.account):
        if answer.score is not None and answer.at < _start(wanted.until + timedelta(days=1)):
            score = Score(form=answer.form, account=answer.account, question=answer.question, score=answer.score)
            told[answer.at.date().isoformat()[:7]].append(score)
    found = []
    for month in sorted({*months, *told}):
        its, said = months.get(month, []), heard(told.get(month, []))
        answers = said.satisfaction.answers + said.recommendation.answers
        found.append(
            {
                "key": month,
                "cases": str(len(its)),
                "closed": str(sum(each.closed_at is not None for each in its)),
                "hours": _hours(its),
                "satisfaction": _plain(said.satisfaction.score, 2),
                "recommendation": _plain(said.recommendation.score, 0),
                "answers": str(answers),
            }
        )
    return tuple(found)


# --- market and selling -----------------------------------------------------------------------------------------------


def _promotions(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """What each campaign of the period did, by what shops sold before, during and after it."""
    classes = {name: its.get("value-class") for name, its in _measures(connection, ("value-class",), None).items()}
    found = []
    for each in entries_of(connection, "campaign").values():
        since, until = date.fromisoformat(each.data["since"]), date.fromisoformat(each.data["until"])
        if until < wanted.since or since > wanted.until:
            continue
        gtins = [name.rjust(14, "0") for name in each.data["items"].replace(",", " ").split()]
        its = _effect(connection, since, until, now.date(), gtins, _members(each, classes))
        found.append(
            {
                "key": each.data["title"],
                "since": since.isoformat(),
                "until": until.isoformat(),
                "before": _plain(its.before, 2),
                "during": _plain(its.during, 2),
                "after": _plain(its.after, 2),
                "uplift": _plain(its.uplift),
                "net": _plain(its.net),
                "extra": _plain(its.extra, 0),
            }
        )
    return tuple(sorted(found, key=lambda row: (row["since"] or "", row["key"] or "")))


def _members(campaign: Entry, classes: Mapping[str, str | None]) -> Callable[[str], bool]:
    """Return who is in a campaign: one account, those of a value class, or all."""
    segment = campaign.data.get("segment", "all")
    if campaign.account is not None:
        return lambda name: name == campaign.account
    return lambda name: segment == "all" or classes.get(name) == segment


def _effect(
    connection: Connection, since: date, until: date, today: date, gtins: Sequence[str], member: Callable[[str], bool]
) -> Effect:
    days = (until - since).days + 1
    sold: dict[tuple[bool, str], Decimal] = defaultdict(Decimal)
    spans = {
        "before": (since - timedelta(days=days), since - timedelta(days=1)),
        "during": (since, min(until, today)),
        "after": (until + timedelta(days=1), min(until + timedelta(days=min(days, MOST_DAYS_AFTER)), today)),
    }
    sales = t.sales.c
    for name, (first, last) in spans.items():
        query = (
            select(sales.partner, func.sum(sales.sold))
            .where(sales.gtin.in_(gtins), sales.day >= first.isoformat(), sales.day <= last.isoformat())
            .group_by(sales.partner)
        )
        for partner, units in connection.execute(query):
            sold[member(partner), name] += _units(units)

    def of(mine: bool, name: str) -> Sold:
        first, last = spans[name]
        return Sold(units=sold[mine, name], days=max(0, (last - first).days + 1))

    return effect(of(True, "before"), of(True, "during"), of(True, "after"), of(False, "before"), of(False, "during"))


def _market(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """By item: how many of the reporting shops sell it."""
    sales = t.sales.c
    within = (sales.day >= wanted.since.isoformat(), sales.day <= wanted.until.isoformat(), sales.sold > 0)
    query = select(
        sales.gtin,
        func.count(func.distinct(sales.location)),
        func.count(func.distinct(sales.partner)),
        func.sum(sales.sold),
    ).where(*within)
    every = select(func.count(func.distinct(sales.location))).where(*within)
    if wanted.account:
        query, every = query.where(sales.partner == wanted.account), every.where(sales.partner == wanted.account)
    if wanted.item:
        query = query.where(sales.gtin == wanted.item)
    shops = int(connection.execute(every).scalar() or 0)
    rows = [
        {
            "key": gtin,
            "shops": str(count),
            "of": str(shops),
            "penetration": _plain(Decimal(count) / shops),
            "accounts": str(accounts),
            "sold": _plain(_units(sold)),
        }
        for gtin, count, accounts, sold in connection.execute(query.group_by(sales.gtin))
    ]
    return tuple(sorted(rows, key=lambda row: (-Decimal(row["penetration"] or 0), row["key"] or "")))


def _pipeline(connection: Connection, wanted: Wanted, now: datetime) -> Rows:
    """Opportunities by stage."""
    stages: dict[str, list[Entry]] = defaultdict(list)
    for each in entries_of(connection, "opportunity").values():
        if wanted.account in (None, each.account):
            stages[each.state].append(each)
    found = []
    for stage, its in stages.items():
        worth = [weighted_revenue(stage, each.data) or Decimal(0) for each in its]
        revenue = sum((Decimal(each.data.get("expectedRevenue", "0")) for each in its), Decimal(0))
        late = sum(stalled(stage, each.state_at.date(), now.date()) for each in its)
        found.append(
            {
                "key": stage,
                "count": str(len(its)),
                "amount": _plain(revenue, 2),
                "weighted_value": _plain(sum(worth, Decimal(0)), 2),
                "stalled": str(late),
            }
        )
    order = ("lead", "qualified", "proposed", "negotiation", "won", "lost")
    return tuple(sorted(found, key=lambda row: order.index(row["key"] or "lost")))


_MAKERS: Mapping[str, Callable[[Connection, Wanted, datetime], Rows]] = {
    "goods": _goods,
    "returned": _returned,
    "types": _types,
    "cares": _cares,
    "after-delivery": _after_delivery,
    "promotions": _promotions,
    "market": _market,
    "service": _service,
    "pipeline": _pipeline,
}
