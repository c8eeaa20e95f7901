"""Sixty days of vendor managed inventory with a retailer whose reports come late, twice, corrected or not at all.

No unit is lost or counted twice on either side, and played again from its documents it gives the same orders.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache

import pytest
from domain_scene import HOUSE, OWN, SELF, SHOP, TEA, WAREHOUSE, context, despatch

from gateway.domain.decision import Decision, Needs
from gateway.domain.replenishment.facts import PlanScope
from gateway.domain.replenishment.position import on_hand
from gateway.domain.table import decide, needs
from gateway.model.despatch_advice import DespatchAdvice, ReceivingAdvice, ReceivingLine, ReceivingRefs
from gateway.model.documents import Document
from gateway.model.json_form import dumps, loads
from gateway.model.order import Order
from gateway.model.partner import Partner
from gateway.model.planning import PlanAgreement, PlanCalendar, PlanningTerms
from gateway.model.replenishment import PlanningRequest
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import Item, Period, Quantity, party
from gateway.ports.journal import Tx
from gateway.store.journal import SqlJournal

STORE = "4099910000022"
FIRST = date(2026, 3, 2)
DAYS = 60
LEAD_DAYS = 2
FILLED = PlanAgreement(
    id="vmi",
    method="vmi",
    partner="shop",
    places=(STORE,),
    report_days=20,
    usual_times=Decimal(1000),
    calendar=PlanCalendar(lead_days=LEAD_DAYS),
)
TERMS = PlanningTerms(agreements=(FILLED,), history_days=56)


@dataclass
class Gateway:
    """The gateway's side: documents through JSON, effects into a journal. heard: everything, to play it again."""

    journal: SqlJournal = field(default_factory=SqlJournal.in_memory)
    heard: list[tuple[str, str, datetime]] = field(default_factory=list)
    sent: list[Document] = field(default_factory=list)

    def take(self, document: Document, who: Partner, at: datetime) -> Decision:
        self.heard.append((dumps(document), who.id, at))

        def work(tx: Tx) -> Decision:
            said = loads(dumps(document))
            about = replace(context(who, tx.serial(), replace(OWN, planning=TERMS)), now=at)
            made = decide(said, about, tx.snapshot(needs(said, about), WAREHOUSE))
            tx.write_effects(f"m{len(self.heard):05d}", made.effects, at, test=False)
            return made

        made = self.journal.write(work)
        self.sent += [each.document for each in made.answers]
        return made

    def facts(self, today: date):  # type: ignore[no-untyped-def]
        scope = PlanScope(
            since=FIRST - timedelta(days=90), today=today, places=(STORE,), pairs=frozenset({(STORE, TEA)})
        )
        return self.journal.read(lambda tx: tx.snapshot(Needs(planning=scope), WAREHOUSE)).planning


@dataclass
class Store:
    """The retailer's side: what is really on its shelf."""

    stock: int
    sold: dict[date, int] = field(default_factory=dict)
    received: int = 0
    coming: list[tuple[date, str, int]] = field(default_factory=list)

    def sell(self, day: date, wanted: int) -> None:
        self.sold[day] = min(wanted, self.stock)
        self.stock -= self.sold[day]


def sales(day: date, number: str, units: int, issued: datetime, function: str = "original") -> SalesReport:
    line = SalesLine(item=Item(gtin=TEA), location=STORE, sold_quantity=Quantity(value=Decimal(units)))
    return SalesReport(
        id=number,
        issued_at=issued,
        reporter=party("4099910000015"),
        receiver=party("4099900000001"),
        period=Period(start=day, end=day),
        lines=(line,),
        function=function,
    )


def count(day: date, units: int) -> InventoryReport:
    line = InventoryLine(item=Item(gtin=TEA), type="onHand", quantity=Quantity(value=Decimal(units)), location=STORE)
    return InventoryReport(id=f"I{day:%m%d}", issued_at=day, at=day, reporter=party("4099910000015"), lines=(line,))


def reports(chance: random.Random, store: Store, day: date, now: datetime) -> list[tuple[int, Document]]:
    """Return (days of delay, document) for one day: most come in the night, some late, some twice, some wrong first."""
    units, number = store.sold[day], f"V{day:%m%d}"
    kind = chance.random()
    if kind < 0.10:
        return []  # lost on its way
    right = sales(day, number, units, now)
    if kind < 0.25:
        return [(chance.randint(1, 4), right)]
    if kind < 0.40:
        return [(0, right), (chance.randint(0, 3), replace(right, function="duplicate"))]
    if kind < 0.55:
        wrong = sales(day, number, units * 3 + 5, now)
        mended = sales(day, number, units, now + timedelta(hours=20), "replace")
        return [(0, wrong), (chance.randint(1, 3), mended)]
    if kind < 0.60:
        other = sales(day, f"{number}X", 500, now + timedelta(hours=1))
        return [(0, right), (0, other), (1, replace(other, function="cancel"))]
    return [(0, right)]


def house(gateway: Gateway, at: datetime, store: Store) -> None:
    """Ship at once what our house is told, and let the store know when it comes."""
    asked = [each for each in gateway.sent if isinstance(each, Order) and each.type_code is None]
    gateway.sent = [each for each in gateway.sent if each not in asked]
    for order in asked:
        lines = [(line.number, TEA, line.quantity.value) for line in order.lines]
        made = gateway.take(despatch(*lines, to=order.id, number=f"D-{order.id}"), HOUSE, at)
        advice = next(each.document for each in made.answers if isinstance(each.document, DespatchAdvice))
        units = sum(int(line.despatched_quantity.value) for line in advice.lines)
        store.coming.append((at.date() + timedelta(days=LEAD_DAYS), advice.id, units))


def receive(gateway: Gateway, at: datetime, store: Store) -> None:
    for due in [each for each in store.coming if each[0] <= at.date()]:
        store.coming.remove(due)
        _, number, units = due
        store.stock += units
        store.received += units
        line = ReceivingLine(number="1", item=Item(gtin=TEA), received_quantity=Quantity(value=Decimal(units)))
        advice = ReceivingAdvice(
            id=f"R-{number}",
            issued_at=at,
            received_at=at,
            receiver=party(STORE),
            seller=party("4099900000001"),
            ship_to=party(STORE),
            refs=ReceivingRefs(despatch_advice=number),
            lines=(line,),
        )
        gateway.take(advice, SHOP, at)


def stock_of_our_house() -> InventoryReport:
    line = InventoryLine(item=Item(gtin=TEA), type="onHand", quantity=Quantity(value=Decimal(100_000)))
    return InventoryReport(id="H", issued_at=FIRST, reporter=party(WAREHOUSE), lines=(line,))


@cache
def play(seed: int) -> tuple[Gateway, Store, list[tuple[date, Decimal, int]]]:
    """Return both sides at the end, and on each day on which everything was told: day, on hand as known, as it is."""
    chance, gateway, store = random.Random(seed), Gateway(), Store(stock=80)
    gateway.take(stock_of_our_house(), HOUSE, datetime.combine(FIRST, time(5), tzinfo=UTC))
    waiting: list[tuple[date, Document]] = []
    compared = []
    for n in range(DAYS):
        day = FIRST + timedelta(days=n)
        morning, night = (datetime.combine(day, time(hour), tzinfo=UTC) for hour in (6, 22))
        receive(gateway, morning, store)
        store.sell(day, chance.randint(2, 22))
        waiting += [(day + timedelta(days=late), each) for late, each in reports(chance, store, day, night)]
        for due in [each for each in waiting if each[0] <= day]:
            waiting.remove(due)
            gateway.take(due[1], SHOP, night)
        if n % 10 == 9:
            gateway.take(count(day, store.stock), SHOP, night)
        gateway.take(PlanningRequest(id=f"P{n}", issued_at=night), SELF, night)
        house(gateway, night, store)
        facts = gateway.facts(day)
        held = on_hand(facts.pairs[STORE, TEA], facts.reported.get(STORE, frozenset()), day)
        wrong = any(isinstance(each, SalesReport) and each.function != "original" for _, each in waiting)
        if held.through == day and not wrong:
            compared.append((day, held.units, store.stock))
    for _, document in waiting:  # what was still on its way comes at last
        gateway.take(document, SHOP, night)
    return gateway, store, compared


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_unit_is_lost_or_counted_twice(seed: int) -> None:
    gateway, store, compared = play(seed)
    raised = [each for each in gateway.sent if isinstance(each, Order) and each.type_code == "22E"]
    ordered = sum(int(line.quantity.value) for each in raised for line in each.lines)
    on_the_way = sum(units for _, _, units in store.coming)
    assert ordered == store.received + on_the_way, "what was ordered was shipped once"
    assert store.stock == 80 + store.received - sum(store.sold.values())
    assert ordered > 300
    assert len(compared) > 8
    assert [(day, known) for day, known, _ in compared] == [(day, real) for day, _, real in compared]
    told = {
        day: each.sold
        for day, each in gateway.facts(FIRST + timedelta(days=DAYS)).pairs[STORE, TEA].sales[STORE].items()
    }
    assert {day: units for day, units in told.items() if units != store.sold[day]} == {}


def test_played_again_from_its_documents_it_orders_the_same() -> None:
    gateway, _, _ = play(1)
    again = Gateway()
    partners = {each.id: each for each in (SELF, HOUSE, SHOP)}
    for text, who, at in gateway.heard:
        again.take(loads(text), partners[who], at)

    def orders(of: Gateway) -> list[str]:
        return [dumps(each) for each in of.sent if isinstance(each, Order) and each.type_code == "22E"]

    assert orders(again) == orders(gateway)
    assert len(orders(gateway)) > 10
    again.journal.close()
