"""Facts of trade of all accounts out of the tables: answering, shelves, prices, answers to surveys. Bulk reading."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, Float, cast, func, select

from gateway.domain.crm.metrics import AccountFacts
from gateway.domain.crm.rfm import WINDOW_DAYS
from gateway.domain.crm.service_hours import ServiceHours, served
from gateway.domain.crm.surveys import Heard, Score, heard
from gateway.domain.crm.trade import SELL_THROUGH_DAYS, SPREAD_DAYS, Gap, Spread, TradeFacts
from gateway.store import tables as t
from gateway.store.crm_answers import answers_since, asked_counts
from gateway.store.crm_entries import entries_of
from gateway.store.forms import micros, moment
from gateway.store.tables_crm import crm_day, crm_event
from gateway.store.tables_planning import receipt_fact, stock_fact

WAITS = "problem:order.waits"
GAP_FROM = Decimal("0.5")  # an item that at least so many of an account's shops sell should be in the others too
ON_HAND = "onHand"


@dataclass(slots=True)
class _Found:
    """One account's facts while they are gathered."""

    answered: list[Decimal] = field(default_factory=list)
    by_hand: int = 0
    expected: int = 0
    in_time: int = 0
    sold: Decimal = Decimal(0)
    opening: Decimal | None = None
    received: Decimal = Decimal(0)
    spread: Spread | None = None
    invoiced: Decimal = Decimal(0)
    agreed: Decimal = Decimal(0)
    wrong: int = 0
    lead: list[int] = field(default_factory=list)
    lead_before: list[int] = field(default_factory=list)
    before: dict[str, Decimal] = field(default_factory=dict)


def trade_facts(
    connection: Connection, accounts: Sequence[AccountFacts], now: datetime, hours: ServiceHours
) -> dict[str, TradeFacts]:
    """Return what is known of each account beside its own facts."""
    today = now.date()
    found: dict[str, _Found] = defaultdict(_Found)
    _answering(connection, found, now, hours)
    _in_time(connection, found, now)
    _shelf(connection, found, today)
    _prices(connection, found, today)
    _wrong_invoices(connection, found, now)
    _lead_times(connection, found, today)
    _year_before(connection, found, today)
    for account, spread in spreads(connection, today)[0].items():
        found[account].spread = spread
    told = _heard(connection, now)
    purses = {each.account: Decimal(each.data["yearlyValue"]) for each in entries_of(connection, "potential").values()}
    return {
        each.account: _of(each, found[each.account], told.get(each.account), purses.get(each.account), today)
        for each in accounts
    }


def _of(facts: AccountFacts, found: _Found, told: Heard | None, purse: Decimal | None, today: date) -> TradeFacts:
    sums = facts.sums
    months, ordered = _months(facts.order_days, today)
    net = sums.get("invoice_value", Decimal(0)) - sums.get("credit_value", Decimal(0))
    return TradeFacts(
        customer=facts.customer,
        orders=int(sums.get("orders", Decimal(0))),
        by_hand=found.by_hand,
        answered=found.answered,
        expected=found.expected,
        in_time=found.in_time,
        sold=found.sold,
        opening=found.opening,
        received=found.received,
        spread=found.spread,
        invoiced=found.invoiced,
        agreed=found.agreed,
        invoices=int(sums.get("invoices" if facts.customer else "supplier_invoices", Decimal(0))),
        invoices_wrong=found.wrong,
        lead=found.lead,
        lead_before=found.lead_before,
        sums=sums,
        before=found.before,
        months=months,
        months_ordered=ordered,
        purse=purse,
        money=net if "invoice_value" in sums else sums.get("order_value", Decimal(0)),
        heard=told,
    )


def _months(days: Sequence[date], today: date) -> tuple[int, int]:
    """Return the calendar months since the first order, at most twelve, and those of them with an order."""
    if not days:
        return 0, 0
    this = today.year * 12 + today.month - 1
    first = max(days[0].year * 12 + days[0].month - 1, this - 11)
    ordered = {each.year * 12 + each.month - 1 for each in days}
    return this - first + 1, sum(1 for each in ordered if first <= each <= this)


def _answering(connection: Connection, found: Mapping[str, _Found], now: datetime, hours: ServiceHours) -> None:
    """Orders that waited for a person of ours, and our orders that a supplier has answered."""
    since = micros(now - timedelta(days=WINDOW_DAYS))
    columns = crm_event.c
    asked: dict[tuple[str, str], int] = {}
    query = select(columns.account, columns.subject, columns.at).where(
        columns.kind.in_((WAITS, "purchase-ordered")), columns.at >= since
    )
    for account, subject, at in connection.execute(query.order_by(columns.at.desc())):
        asked[account, subject] = at
    for account, _ in _subjects(connection, WAITS, since):
        found[account].by_hand += 1
    if not asked:
        return
    query = select(columns.account, columns.subject, func.min(columns.at)).where(
        columns.kind.in_(("order-answered", "purchase-answered")), columns.at >= min(asked.values())
    )
    for account, subject, at in connection.execute(query.group_by(columns.account, columns.subject)):
        start = asked.get((account, subject))
        if start is not None and at >= start:
            waited = served(hours, moment(start), moment(at))
            found[account].answered.append(Decimal(round(waited.total_seconds())) / 3600)


def _subjects(connection: Connection, kind: str, since: int) -> list[tuple[str, str]]:
    query = select(crm_event.c.account, crm_event.c.subject).where(crm_event.c.kind == kind, crm_event.c.at >= since)
    return [(row.account, row.subject) for row in connection.execute(query.distinct())]


def _in_time(connection: Connection, found: Mapping[str, _Found], now: datetime) -> None:
    columns = t.expectation.c
    query = select(columns.partner, columns.due, columns.met_at).where(
        columns.due <= micros(now), columns.due >= micros(now - timedelta(days=WINDOW_DAYS))
    )
    for partner, due, met in connection.execute(query):
        found[partner].expected += 1
        found[partner].in_time += met is not None and met <= due


def _shelf(connection: Connection, found: Mapping[str, _Found], today: date) -> None:
    """Units sold in the last weeks, in stock when they began, and received since."""
    start = (today - timedelta(days=SELL_THROUGH_DAYS)).isoformat()
    sales = t.sales.c
    query = select(sales.partner, func.sum(sales.sold)).where(sales.day >= start).group_by(sales.partner)
    for partner, sold in connection.execute(query):
        found[partner].sold = Decimal(int(sold)).scaleb(-3)
    stock = stock_fact.c
    last = (
        select(stock.partner, stock.location, stock.gtin, func.max(stock.at).label("at"))
        .where(stock.type == ON_HAND, stock.at < start)
        .group_by(stock.partner, stock.location, stock.gtin)
        .subquery()
    )
    query = (
        select(stock.partner, stock.location, stock.gtin, func.max(stock.quantity))
        .join(
            last,
            (stock.partner == last.c.partner)
            & (stock.location == last.c.location)
            & (stock.gtin == last.c.gtin)
            & (stock.at == last.c.at),
        )
        .where(stock.type == ON_HAND)
        .group_by(stock.partner, stock.location, stock.gtin)
    )
    for opened in connection.execute(query):
        its = found[opened[0]]
        its.opening = (its.opening or Decimal(0)) + Decimal(int(opened[3])).scaleb(-3)
    came = receipt_fact.c
    query = select(came.partner, func.sum(came.units)).where(came.at >= start).group_by(came.partner)
    received = {partner: Decimal(int(units)).scaleb(-3) for partner, units in connection.execute(query)}
    query = (
        select(crm_day.c.account, func.sum(crm_day.c.value))
        .where(crm_day.c.name == "units_shipped", crm_day.c.day >= start)
        .group_by(crm_day.c.account)
    )
    shipped = {account: Decimal(int(units)).scaleb(-3) for account, units in connection.execute(query)}
    for partner in {*received, *shipped}:
        found[partner].received = received.get(partner) or shipped.get(partner, Decimal(0))


def spreads(connection: Connection, today: date) -> tuple[dict[str, Spread], list[Gap]]:
    """Return by account where its shops sell what, and the gaps: items that most of its shops sell and some do not."""
    sales = t.sales.c
    since = (today - timedelta(days=SPREAD_DAYS)).isoformat()
    query = (
        select(sales.partner, sales.gtin, sales.location, func.sum(sales.sold))
        .where(sales.day >= since, sales.sold > 0)
        .group_by(sales.partner, sales.gtin, sales.location)
        .order_by(sales.partner, sales.gtin, sales.location)
    )
    sold: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for partner, gtin, location, units in connection.execute(query):
        sold[partner][gtin][location] = int(units)
    found: dict[str, Spread] = {}
    gaps: list[Gap] = []
    for partner, items in sold.items():
        stores = {store for places in items.values() for store in places}
        pairs = sum(len(places) for places in items.values())
        found[partner] = Spread(stores=len(stores), items=len(items), pairs=pairs)
        for gtin, places in items.items():
            without = tuple(sorted(stores - set(places)))
            if without and Decimal(len(places)) / len(stores) >= GAP_FROM:
                rate = Decimal(sum(places.values())).scaleb(-3) / len(places) / SPREAD_DAYS
                gaps.append(Gap(account=partner, gtin=gtin, stores_with=len(places), stores_without=without, rate=rate))
    return found, gaps


def _prices(connection: Connection, found: Mapping[str, _Found], today: date) -> None:
    """What was invoiced of a year, and the same units at the price of their order, else of our price list."""
    line, head, order, item = t.invoice_line, t.invoice, t.order_line, t.item
    agreed = func.coalesce(order.c.price, item.c.sales_price)
    query = (
        select(
            line.c.partner,
            func.sum(cast(line.c.amount, Float)),
            func.sum(cast(line.c.quantity, Float) / 1000 * cast(agreed, Float)),
        )
        .join(
            head,
            (head.c.side == line.c.side)
            & (head.c.partner == line.c.partner)
            & (head.c.number == line.c.invoice_number),
        )
        .outerjoin(
            order,
            (order.c.side == line.c.side)
            & (order.c.partner == line.c.partner)
            & (order.c.order_number == line.c.order_number)
            & (order.c.number == line.c.order_line),
        )
        .outerjoin(item, item.c.gtin == line.c.gtin)
        .where(
            line.c.side == "sale",
            head.c.kind == "invoice",
            head.c.issued_on >= (today - timedelta(days=WINDOW_DAYS)).isoformat(),
            agreed.is_not(None),
        )
        .group_by(line.c.partner)
    )
    for partner, invoiced, at_agreed in connection.execute(query):
        found[partner].invoiced = Decimal(str(round(invoiced, 2)))
        found[partner].agreed = Decimal(str(round(at_agreed, 2)))


def _wrong_invoices(connection: Connection, found: Mapping[str, _Found], now: datetime) -> None:
    """Invoices that were disputed, ours by a payment that fell short of them, a supplier's by our check."""
    since = micros(now - timedelta(days=WINDOW_DAYS))
    for kind in ("invoice-disputed", "payment-short"):
        for account, _ in _subjects(connection, kind, since):
            found[account].wrong += 1


def _lead_times(connection: Connection, found: Mapping[str, _Found], today: date) -> None:
    """Days from an order to its despatch, of the last year and of the one before."""
    order, ship = t.business_order, t.shipment
    start, middle = ((today - timedelta(days=days)).isoformat() for days in (2 * WINDOW_DAYS, WINDOW_DAYS))
    query = (
        select(ship.c.partner, order.c.ordered_on, ship.c.despatched_at)
        .join(
            order,
            (order.c.side == ship.c.side)
            & (order.c.partner == ship.c.partner)
            & (order.c.number == ship.c.order_number),
        )
        .where(ship.c.despatched_at >= start)
    )
    for partner, ordered, despatched in connection.execute(query):
        days = (date.fromisoformat(despatched[:10]) - date.fromisoformat(ordered[:10])).days
        its = found[partner]
        (its.lead if despatched >= middle else its.lead_before).append(max(0, days))


def _year_before(connection: Connection, found: Mapping[str, _Found], today: date) -> None:
    start, end = ((today - timedelta(days=days)).isoformat() for days in (2 * WINDOW_DAYS, WINDOW_DAYS))
    columns = crm_day.c
    query = (
        select(columns.account, columns.name, func.sum(columns.value))
        .where(columns.day >= start, columns.day < end)
        .group_by(columns.account, columns.name)
    )
    for account, name, value in connection.execute(query):
        found[account].before[name] = Decimal(int(value)).scaleb(-3)


def _heard(connection: Connection, now: datetime) -> dict[str, Heard]:
    """Return what each account has answered in the last year, with how many of it were asked."""
    since = now - timedelta(days=WINDOW_DAYS)
    forms = {name: each.data["form"] for name, each in entries_of(connection, "survey").items()}
    asked: dict[str, dict[str, int]] = defaultdict(dict)
    for (survey, account), (count, _) in asked_counts(connection, since).items():
        form = forms.get(survey)
        if form is not None:
            asked[account][form] = asked[account].get(form, 0) + count
    scores: dict[str, list[Score]] = defaultdict(list)
    for each in answers_since(connection, since):
        if each.score is not None:
            scores[each.account].append(
                Score(form=each.form, account=each.account, question=each.question, score=each.score)
            )
    return {account: heard(told, asked.get(account)) for account, told in scores.items()}
