"""Measures of how trade with an account goes: answering, selling through, spread, price, and what it says itself.

No value means: not enough data. Each measure carries what it was made of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.domain.crm.matrices import Scheme, loyalty_type
from gateway.domain.crm.surveys import VALUE_PARTS, Heard
from gateway.domain.crm.value import price_value

SELL_THROUGH_DAYS = 28
SPREAD_DAYS = 91
MIN_ANSWERS = 3  # for an account's balance of recommendation
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Where an account's shops sell what. pairs: shop and item that sold; stores, items: of those with any sale."""

    stores: int
    items: int
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An item that most shops of an account sell and some do not. rate: units a shop and day, where it is sold."""

    account: str
    gtin: str
    stores_with: int
    stores_without: tuple[str, ...]
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFacts:
    """What is known beside AccountFacts. answered: hours of service time until each answer that was not at once;
    by_hand: orders that a person had to decide; expected, in_time: documents that had to come; sold, opening, received:
    units of SELL_THROUGH_DAYS; invoiced, agreed: the same units at what was invoiced and at what was agreed; lead,
    lead_before: days from order to despatch, of the window and of the one before; months, months_ordered: since the
    first order, at most twelve; purse: what the account buys of such goods from anybody in a year, as entered."""

    customer: bool = True
    orders: int = 0
    by_hand: int = 0
    answered: Sequence[Decimal] = ()
    expected: int = 0
    in_time: int = 0
    sold: Decimal = ZERO
    opening: Decimal | None = None
    received: Decimal = ZERO
    spread: Spread | None = None
    invoiced: Decimal = ZERO
    agreed: Decimal = ZERO
    invoices: int = 0
    invoices_wrong: int = 0
    lead: Sequence[int] = ()
    lead_before: Sequence[int] = ()
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    before: Mapping[str, Decimal] = field(default_factory=dict)
    months: int = 0
    months_ordered: int = 0
    purse: Decimal | None = None
    money: Decimal = ZERO
    heard: Heard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A measure before it is given to its account."""

    name: str
    value: Decimal | str | None
    rows: int
    parts: Mapping[str, Any] = field(default_factory=dict)


def trade_measures(facts: TradeFacts, scheme: Scheme) -> list[Made]:
    """Return the measures that the facts allow for, with "not enough data" where some facts are there but too few."""
    made = [*_answering(facts), *_shelf(facts), *_prices(facts)]
    if facts.heard is not None:
        made += _asked(facts.heard)
    loyalty = _loyalty(facts)
    if loyalty is not None:
        made.append(loyalty)
        satisfied = facts.heard.satisfaction.score if facts.heard else None
        kind = None
        if satisfied is not None and isinstance(loyalty.value, Decimal):
            kind = loyalty_type(satisfied >= scheme.satisfied, loyalty.value >= scheme.loyal)
        parts = {"satisfaction": satisfied, "loyalty": loyalty.value}
        cuts = {"satisfiedFrom": scheme.satisfied, "loyalFrom": scheme.loyal}
        made.append(Made(name="loyalty-type", value=kind, rows=loyalty.rows, parts={**parts, **cuts}))
    return made


def response_in_time(facts: TradeFacts) -> Decimal | None:
    """Return the share of documents that came when they had to, None when none had to."""
    return Decimal(facts.in_time) / facts.expected if facts.expected else None


def _answering(facts: TradeFacts) -> list[Made]:
    """Touchless orders, the time until an answer (ours to a customer, the supplier's to us), documents in time."""
    made = []
    if facts.customer and facts.orders:
        share = Decimal(max(0, facts.orders - facts.by_hand)) / facts.orders
        parts = {"orders": facts.orders, "byHand": facts.by_hand}
        made.append(Made(name="touchless-rate", value=share, rows=facts.orders, parts=parts))
    answers = facts.orders if facts.customer else len(facts.answered)
    if answers:
        mean = sum(facts.answered, ZERO) / answers
        parts = {"answers": answers, "atOnce": answers - len(facts.answered) if facts.customer else 0}
        made.append(Made(name="response-hours", value=mean, rows=answers, parts=parts))
    punctual = response_in_time(facts)
    if punctual is not None:
        parts = {"expected": facts.expected, "inTime": facts.in_time}
        made.append(Made(name="documents-in-time", value=punctual, rows=facts.expected, parts=parts))
    if facts.invoices:
        right = Decimal(max(0, facts.invoices - facts.invoices_wrong)) / facts.invoices
        parts = {"invoices": facts.invoices, "wrong": facts.invoices_wrong}
        made.append(Made(name="invoice-right-rate", value=right, rows=facts.invoices, parts=parts))
    if facts.lead:
        mean_days = Decimal(sum(facts.lead)) / len(facts.lead)
        made.append(Made(name="lead-days", value=mean_days, rows=len(facts.lead), parts={"longest": max(facts.lead)}))
    return made


def _shelf(facts: TradeFacts) -> list[Made]:
    """Sell-through = sold / (stock at the start + received); penetration = shop-item pairs that sell / all pairs."""
    made = []
    if facts.sold > 0:
        had = None if facts.opening is None else facts.opening + facts.received
        value = None if not had or had <= 0 else facts.sold / had
        parts = {"sold": facts.sold, "opening": facts.opening, "received": facts.received, "days": SELL_THROUGH_DAYS}
        made.append(Made(name="sell-through", value=value, rows=int(facts.sold), parts=parts))
    if facts.spread is not None:
        its = facts.spread
        share = Decimal(its.pairs) / (its.stores * its.items) if its.stores * its.items else None
        parts = {"stores": its.stores, "items": its.items, "pairs": its.pairs, "days": SPREAD_DAYS}
        made.append(Made(name="penetration", value=share, rows=its.pairs, parts=parts))
    return made


def _prices(facts: TradeFacts) -> list[Made]:
    made = []
    if facts.agreed > 0:
        parts = {"invoicedValue": facts.invoiced, "agreedValue": facts.agreed}
        made.append(Made(name="price-index", value=facts.invoiced / facts.agreed, rows=facts.invoices, parts=parts))
    terms = _terms(facts.sums, facts.lead)
    base = _terms(facts.before, facts.lead_before)
    if any(term is not None for term in terms.values()):
        ratios = {name: _ratio(term, base[name]) for name, term in terms.items()}
        value = price_value(ratios["quality"], ratios["service"], ratios["cost"], ratios["time"])
        rows = int(facts.sums.get("orders", ZERO))
        made.append(Made(name="price-value", value=value, rows=rows, parts=ratios))
    return made


def _terms(sums: Mapping[str, Decimal], lead: Sequence[int]) -> dict[str, Decimal | None]:
    """Quality: goods kept. Service: shipped of ordered, in time. Cost: a unit's price. Time: days until despatch."""

    def share(part: str, whole: str) -> Decimal | None:
        total = sums.get(whole, ZERO)
        return sums.get(part, ZERO) / total if total > 0 else None

    back, shipped, late = share("units_taken_back", "units_shipped"), share("units_shipped", "units_ordered"), None
    late = share("shipments_late", "shipments")
    return {
        "quality": None if back is None else 1 - back,
        "service": None if shipped is None or late is None else shipped * (1 - late),
        "cost": share("order_value", "units_ordered"),
        "time": Decimal(sum(lead)) / len(lead) if lead else None,
    }


def _ratio(now: Decimal | None, base: Decimal | None) -> Decimal | None:
    return now / base if now is not None and base else None


def _asked(heard: Heard) -> list[Made]:
    made = []
    told = heard.satisfaction
    if told.answers:
        parts = {"answers": told.answers, "responseRate": told.response_rate}
        made.append(Made(name="satisfaction", value=told.score, rows=told.answers, parts=parts))
    told = heard.recommendation
    if told.answers:
        parts = {"answers": told.answers, "responseRate": told.response_rate}
        value = told.score if told.answers >= MIN_ANSWERS else None
        made.append(Made(name="recommendation", value=value, rows=told.answers, parts=parts))
    if heard.parts:
        parts = {name: heard.parts[name][0] for name in VALUE_PARTS if name in heard.parts}
        made.append(
            Made(
                name="perceived-value", value=heard.perceived, rows=max(n for _, n in heard.parts.values()), parts=parts
            )
        )
    return made


def _loyalty(facts: TradeFacts) -> Made | None:
    """Our share of the purse where it was entered, else the share of its months in which the account has ordered."""
    if facts.purse:
        parts = {"way": "purse", "value": facts.money, "purse": facts.purse}
        return Made(name="loyalty", value=min(Decimal(1), facts.money / facts.purse), rows=1, parts=parts)
    if not facts.months:
        return None
    parts = {"way": "months", "months": facts.months, "monthsOrdered": facts.months_ordered}
    value = Decimal(facts.months_ordered) / facts.months if facts.months > 1 else None
    return Made(name="loyalty", value=value, rows=facts.months, parts=parts)
