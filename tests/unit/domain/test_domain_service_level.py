"""Half a year of daily trade through the deciders: does the policy keep what its service factor promises?"""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from domain_scene import HOUSE, NOW, OWN, SELF, TEA, Records, context, despatch, level, only, order, units

from gateway.domain.decision import Decision
from gateway.domain.replenishment.formulas import position
from gateway.domain.table import decide
from gateway.model.despatch_advice import ReceivingAdvice, ReceivingLine, ReceivingRefs
from gateway.model.documents import Document
from gateway.model.effects import SalesRecorded
from gateway.model.order import Order
from gateway.model.partner import Partner
from gateway.model.replenishment import PlanningRequest
from gateway.model.sales_report import SalesLine, SalesReport
from gateway.model.values import DocumentRef, Item, Period, party

FARM_LEAD_DAYS = OWN.suppliers["farm"].lead_time_days
UNLIMITED = replace(OWN, suppliers={"farm": replace(OWN.suppliers["farm"], approval_limit=Decimal(10**9))})


class Season:
    """One shop, one item, one supplier who always delivers in time; demand is normal around 40 a day."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.records = Records()
        self.records.stock = {TEA: level(400)}
        self.arriving: dict[date, list[Order]] = defaultdict(list)
        self.day = NOW.date()
        self.ordered = self.confirmed = Decimal(0)
        self.stock_levels: list[Decimal] = []

    def take(self, document: Document, who: Partner) -> Decision:
        self.records.serial += 1
        about = replace(
            context(who, self.records.serial, UNLIMITED),
            now=NOW.replace(year=self.day.year, month=self.day.month, day=self.day.day),
        )
        made = decide(document, about, self.records.snapshot())
        self.records.remember(made.effects)
        for each in only(SalesRecorded, made):
            self.records.daily_sales[each.gtin][each.day] = each.sold - each.returned
        for answer in made.answers:
            if answer.to == "warehouse" and isinstance(answer.document, Order):
                self.ship(answer.document)
            elif answer.to == "farm" and isinstance(answer.document, Order):
                self.arriving[self.day + timedelta(days=FARM_LEAD_DAYS)].append(answer.document)
                line = answer.document.lines[0]
                advice = despatch(
                    (line.number, TEA, line.quantity.value), to=answer.document.id, number=f"S-{answer.document.id}"
                )
                self.take(advice, about.partners["farm"])
        return made

    def ship(self, wanted: Order) -> None:
        lines = [(line.number, TEA, line.quantity.value) for line in wanted.lines]
        self.take(despatch(*lines, to=wanted.id, number=f"D-{wanted.id}"), HOUSE)

    def receive(self, bought: Order) -> None:
        line = ReceivingLine(number="1", item=Item(gtin=TEA), received_quantity=bought.lines[0].quantity)
        refs = ReceivingRefs(despatch_advice=f"S-{bought.id}", order=DocumentRef(id=bought.id))
        seller = party("4099930000019")
        advice = ReceivingAdvice(
            id=f"R-{bought.id}", issued_at=NOW, receiver=party("1"), seller=seller, refs=refs, lines=(line,)
        )
        self.take(advice, HOUSE)

    def live_one_day(self, measured: bool) -> None:
        for bought in self.arriving.pop(self.day, []):
            self.receive(bought)
        wanted = max(0, round(self.random.gauss(40, 12)))
        made = self.take(order(("1", TEA, wanted), number=f"A{self.day:%y%j}", issued_at=self.day), context().partner)
        if measured:
            self.ordered += wanted
            self.confirmed += made.answers[0].document.lines[0].confirmed_quantity.value  # type: ignore[union-attr]
            self.stock_levels.append(self.records.stock[TEA].on_hand)
        line = SalesLine(item=Item(gtin=TEA), sold_quantity=units(wanted))
        report = SalesReport(
            id=f"V{self.day:%y%j}",
            issued_at=self.day,
            reporter=party("4099910000015"),
            receiver=party("2"),
            period=Period(start=self.day, end=self.day),
            lines=(line,),
        )
        self.take(report, context().partner)
        self.day += timedelta(days=1)
        self.take(PlanningRequest(id=f"P{self.day:%y%j}", issued_at=NOW), SELF)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_replenishment_keeps_the_customer_served_without_hoarding(seed: int) -> None:
    season = Season(seed)
    for n in range(180):
        season.live_one_day(measured=n >= 30)
    assert season.confirmed / season.ordered > Decimal("0.97")
    average = sum(season.stock_levels, Decimal(0)) / len(season.stock_levels)
    assert average < 40 * 5, "less than five days of demand on hand on average"
    stock = season.records.stock[TEA]
    assert stock.backordered < 40
    assert position(stock) > 0
