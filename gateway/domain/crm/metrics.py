"""The measures of every account, each with what it was made of. No value means: not enough data.

A run looks at all accounts together, because a class is a place among all; what one account adds is computed alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from gateway.domain.crm import health, matrices, receivables
from gateway.domain.crm.lapse import ALARM_FACTOR, silence
from gateway.domain.crm.lifecycle import stage_of, state_of
from gateway.domain.crm.matrices import Scheme
from gateway.domain.crm.pareto import pareto, value_classes
from gateway.domain.crm.rfm import WINDOW_DAYS, Behaviour, standing
from gateway.domain.crm.trade import TradeFacts, response_in_time, trade_measures
from gateway.domain.crm.value import COSTS, customer_value

MARGIN_SHARE = Decimal("0.25")  # of net sales, where the house tells no cost; a setting, labelled as assumed
HORIZON_DAYS = 365
MIN_ORDERS = 3  # for a value to come
CONFIRMED, SHIPPED = ("units_confirmed", "units_ordered"), ("units_shipped", "units_ordered")
_RATES: Mapping[str, tuple[str, str]] = {
    "confirmed-rate": CONFIRMED,
    "shipped-rate": SHIPPED,
    "late-rate": ("shipments_late", "shipments"),
    "return-rate": ("units_taken_back", "units_shipped"),
    "cancel-rate": ("cancellations", "orders"),
    "credit-rate": ("credit_value", "invoice_value"),
    "supplier-fill-rate": ("units_supplier_received", "units_purchased"),
    "supplier-late-rate": ("supplier_shipments_late", "supplier_shipments"),
    "supplier-short-rate": ("units_supplier_short", "units_supplier_shipped"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is known of one account. sums: figures of the last WINDOW_DAYS; order_days: all of them, in order.

    messages, faulty: documents it has sent in the window, and those of them that somebody had to look at.
    """

    account: str
    order_days: Sequence[date] = ()
    orders: int = 0  # all there ever were
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    open_items: Sequence[receivables.OpenItem] = ()
    payments: Sequence[receivables.Settled] = ()
    open_cases: int = 0
    messages: int = 0
    faulty: int = 0
    certificate_days: int | None = None
    satisfaction: Decimal | None = None
    closed: bool = False
    customer: bool = True  # False: a supplier of ours, whose orders are ours
    in_time: Decimal | None = None  # share of the documents that had to come and came in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What models say of the next HORIZON_DAYS, by account: expected orders, and the value of one of them. An account
    is absent where its model could not be fitted."""

    orders: Mapping[str, Decimal] = field(default_factory=dict)
    order_value: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of the value formulas that a house may set. margin: share of net sales; costs: of one event."""

    margin: Decimal = MARGIN_SHARE
    costs: Mapping[str, Decimal] = field(default_factory=lambda: dict(COSTS))


def terms_of(settings: Mapping[str, Decimal]) -> Terms:
    """Return the terms from what a house has set: `margin`, and costs by the name of the event."""
    costs = {name: settings.get(name, cost) for name, cost in COSTS.items()}
    return Terms(margin=settings.get("margin", MARGIN_SHARE), costs=costs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """value None: not enough data. rows: so many facts it rests on. parts: what it was made of, for the explanation."""

    account: str
    name: str
    value: Decimal | str | None
    rows: int
    parts: Mapping[str, Any] = field(default_factory=dict)


def all_metrics(
    accounts: Sequence[AccountFacts],
    today: date,
    outlook: Outlook,
    trade: Mapping[str, TradeFacts] | None = None,
    terms: Terms | None = None,
    scheme: Scheme | None = None,
) -> list[Metric]:
    """Return every measure of every account on the day. For accounts without an outlook the own rate counts while they
    are not silent. trade: facts beside, by account; terms, scheme: of the house, None for the preset."""
    found: list[Metric] = []
    facts = trade or {}
    for each in accounts:
        its = facts.get(each.account)
        known = replace(each, in_time=response_in_time(its), satisfaction=_satisfaction(its)) if its else each
        found += _alone(known, today)
        if its is not None:
            found += [
                _metric(each, made.name, made.value, made.rows, **made.parts)
                for made in trade_measures(its, scheme or Scheme())
            ]
    customers = [each for each in accounts if each.order_days]
    found += _placed(customers, today)
    found += _worth(customers, today, outlook, terms or Terms())
    return found


def _satisfaction(trade: TradeFacts) -> Decimal | None:
    return trade.heard.satisfaction.score if trade.heard else None


def _money(facts: AccountFacts) -> Decimal:
    """Net invoiced in the window, or what was ordered where nothing was invoiced."""
    invoiced = facts.sums.get("invoice_value", Decimal(0)) - facts.sums.get("credit_value", Decimal(0))
    return invoiced if "invoice_value" in facts.sums else facts.sums.get("order_value", Decimal(0))


def _alone(facts: AccountFacts, today: date) -> list[Metric]:
    """Return what an account's own facts tell."""
    orders = len(facts.order_days)
    made: list[Metric] = []
    if facts.customer or orders:
        made.append(_metric(facts, "lifecycle", state_of(facts.order_days, today, closed=facts.closed), orders))
        made.append(_metric(facts, "stage", stage_of(facts.order_days, today, facts.satisfaction), orders))
    quiet = silence(facts.order_days, today)
    if quiet is not None:
        limit = Decimal(str(round(quiet.rhythm.limit_days, 1)))
        parts = {
            "limitDays": limit,
            "caseDays": limit * Decimal(str(ALARM_FACTOR)),
            "gaps": quiet.rhythm.gaps,
            "way": "own-rhythm" if quiet.rhythm.own else "fixed-days",
            "noticeOn": quiet.notice_on,
            "caseOn": quiet.case_on,
            "level": quiet.level,
        }
        made.append(_metric(facts, "silent-days", Decimal(quiet.days), orders, **parts))
    for name, (part, whole) in _RATES.items():
        total = facts.sums.get(whole, Decimal(0))
        if total > 0:
            share = facts.sums.get(part, Decimal(0)) / total
            made.append(
                _metric(facts, name, share, int(total), **{part: facts.sums.get(part, Decimal(0)), whole: total})
            )
    made += _owed(facts, today)
    made += _healthy(facts)
    return made


def _owed(facts: AccountFacts, today: date) -> list[Metric]:
    items, paid = facts.open_items, facts.payments
    owed = sum((each.open_amount for each in items), Decimal(0))
    invoiced = facts.sums.get("invoice_value", Decimal(0))
    if not items and not paid and not invoiced:
        return []
    ages = receivables.ageing(items, today)
    outstanding = receivables.days_outstanding(owed, invoiced, WINDOW_DAYS)
    return [
        _metric(facts, "receivable", owed, len(items), **ages),
        _metric(facts, "days-outstanding", outstanding, len(items), open=owed, invoiced=invoiced, days=WINDOW_DAYS),
        _metric(facts, "paid-in-time", receivables.on_time_share(paid), len(paid)),
        _metric(facts, "days-late", receivables.mean_days_late(paid), len(paid)),
    ]


def _healthy(facts: AccountFacts) -> list[Metric]:
    """Return first-time-right and the index of health."""
    right = Decimal(facts.messages - min(facts.faulty, facts.messages)) / facts.messages if facts.messages else None
    side = "" if facts.customer else "supplier_"
    shipped = facts.sums.get(f"{side}shipments", Decimal(0))
    late = facts.sums.get(f"{side}shipments_late", Decimal(0))
    punctual = max(Decimal(0), 1 - late / shipped) if shipped > 0 else None
    found = health.health(
        {
            "first-time-right": right,
            "response-in-time": facts.in_time,
            "otif": punctual,
            "no-open-cases": health.open_cases_share(facts.open_cases),
            "certificate": health.certificate_share(facts.certificate_days),
            "fresh-data": Decimal(1) if facts.messages else None,
            "satisfaction": None if facts.satisfaction is None else (facts.satisfaction - 1) / 4,
        }
    )
    parts = {
        name: {"share": share, "points": given, "most": most} for name, (share, given, most) in found.parts.items()
    }
    made = [_metric(facts, "health", found.index, facts.messages, missing=list(found.missing), **parts)]
    if right is not None:
        counted = {"messages": facts.messages, "faulty": facts.faulty}
        made.append(_metric(facts, "first-time-right", right, facts.messages, **counted))
    return made


def _placed(customers: Sequence[AccountFacts], today: date) -> Iterable[Metric]:
    """Yield the classes of R, F and M and the share in the whole."""
    since = today - timedelta(days=WINDOW_DAYS)
    behaviours = {
        each.account: Behaviour(
            last_order_on=each.order_days[-1],
            orders=int(each.sums.get("orders", Decimal(0))),
            money=_money(each),
        )
        for each in customers
    }
    found = standing(behaviours, today)
    values = {each.account: _money(each) for each in customers}
    classes = value_classes(values)
    spread = pareto(values)
    shares = {} if spread is None else spread.shares
    for each in customers:
        its, place = behaviours[each.account], found.places.get(each.account)
        rows = its.orders
        yield _metric(each, "recency", Decimal((today - its.last_order_on).days), rows, last=its.last_order_on)
        yield _metric(each, "frequency", Decimal(its.orders), rows, since=since)
        yield _metric(each, "monetary", its.money, rows, since=since)
        parts = {} if place is None else {"R": place.recency, "F": place.frequency, "M": place.monetary}
        parts["accounts"] = len(found.places)
        yield _metric(each, "segment", None if place is None else place.segment, rows, **parts)
        place_of_value = classes[each.account] if spread else None
        yield _metric(each, "value-class", place_of_value, rows, share=shares.get(each.account))


def _worth(customers: Sequence[AccountFacts], today: date, outlook: Outlook, terms: Terms) -> Iterable[Metric]:
    """Yield customer value, value to come and the cell of the portfolio."""
    histories: dict[str, Decimal] = {}
    potentials: dict[str, Decimal] = {}
    made: list[Metric] = []
    for each in customers:
        margin = _money(each) * terms.margin
        events = {
            "order": int(each.sums.get("orders", 0)),
            "delivery": int(each.sums.get("shipments", 0)),
            "late-delivery": int(each.sums.get("shipments_late", 0)),
            "return": int(each.sums.get("returns", 0)),
        }
        value = customer_value(margin, events, terms.costs)
        assert value is not None  # there is a margin
        made.append(_metric(each, "customer-value", value.value, len(events), margin=margin, **dict(value.costs)))
        histories[each.account] = _money(each)
        to_come, parts = _to_come(each, today, outlook, terms)
        if to_come is not None:
            potentials[each.account] = to_come
        made.append(_metric(each, "lifetime-value", to_come, each.orders, **parts))
    yield from made
    spread = pareto(histories)
    cuts = matrices.portfolio_cuts(histories, potentials, spread.most_cut) if spread else None
    for each in customers:
        potential = potentials.get(each.account)
        if cuts is None or potential is None:
            yield _metric(each, "portfolio", None, each.orders)
            continue
        cell = matrices.portfolio(histories[each.account], potential, cuts)
        parts = {"history": histories[each.account], "potential": potential}
        parts |= {"historyCut": cuts.history, "potentialCut": cuts.potential}
        yield _metric(each, "portfolio", cell, each.orders, **parts)


def _to_come(
    facts: AccountFacts, today: date, outlook: Outlook, terms: Terms
) -> tuple[Decimal | None, dict[str, Decimal | str]]:
    """Return the margin expected of the next year, and how: by the models, else by the account's own rate and mean."""
    if facts.orders < MIN_ORDERS:
        return None, {}
    recent = facts.sums.get("orders", Decimal(0))
    if recent <= 0:
        return Decimal(0), {"orders": Decimal(0)}
    margin = _money(facts) * terms.margin / recent
    quiet = silence(facts.order_days, today)
    steady = quiet is not None and quiet.rhythm.own
    if facts.account in outlook.orders and not steady:
        orders, way = outlook.orders[facts.account], "model"
        if facts.account in outlook.order_value:
            margin = outlook.order_value[facts.account] * terms.margin
    else:
        span = Decimal(min(WINDOW_DAYS, max(1, (today - facts.order_days[0]).days)))
        orders, way = recent * HORIZON_DAYS / span, "own-rate"
        if quiet is not None and quiet.level == "case":
            orders = Decimal(0)
    value = (orders * margin).quantize(Decimal("0.01"))
    return value, {"orders": orders.quantize(Decimal("0.01")), "marginPerOrder": margin, "way": way}


def _metric(facts: AccountFacts, name: str, value: Decimal | str | None, rows: int, **parts: Any) -> Metric:
    return Metric(account=facts.account, name=name, value=value, rows=rows, parts=parts)
