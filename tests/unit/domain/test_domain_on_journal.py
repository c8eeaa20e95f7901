"""The same trade on the real journal: what deciders ask for is enough, and what they say survives the tables."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    OTHER,
    OTHER_GLN,
    RICE,
    SELF,
    SHOP,
    SUPPLIER_GLN,
    TEA,
    TODAY,
    WAREHOUSE,
    answered,
    codes,
    context,
    despatch,
    level,
    order,
    units,
)

from gateway.domain.decision import Decision, Needs, Snapshot
from gateway.domain.table import decide, needs
from gateway.model.despatch_advice import ReceivingAdvice, ReceivingLine, ReceivingRefs
from gateway.model.documents import Document
from gateway.model.json_form import dumps, loads
from gateway.model.partner import Partner
from gateway.model.replenishment import PlanningRequest, ProposalDecision
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import DocumentRef, Item, Period, party
from gateway.ports.journal import Tx
from gateway.store.journal import SqlJournal


class Gateway:
    """Decides as the pipeline does: document through JSON, only the records asked for, effects into the journal."""

    def __init__(self, journal: SqlJournal) -> None:
        self.journal = journal
        self.count = 0

    def take(self, document: Document, who: Partner = SHOP) -> Decision:
        self.count += 1

        def work(tx: Tx) -> Decision:
            said = loads(dumps(document))
            about = context(who, tx.serial(), unknown_item="refuse")
            made = decide(said, about, tx.snapshot(needs(said, about), WAREHOUSE))
            tx.write_effects(f"m{self.count}", made.effects, NOW, test=False)
            for answer in made.answers:
                assert loads(dumps(answer.document)) == answer.document
            return made

        return self.journal.write(work)

    def see(self, **wanted: object) -> Snapshot:
        return self.journal.read(lambda tx: tx.snapshot(Needs(**wanted), WAREHOUSE))  # type: ignore[arg-type]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    journal = SqlJournal.in_memory()
    yield Gateway(journal)
    journal.close()


def count(**stock: object) -> InventoryReport:
    lines = tuple(
        InventoryLine(item=Item(gtin={"tea": TEA, "rice": RICE}[name]), type="onHand", quantity=units(value))
        for name, value in stock.items()
    )
    return InventoryReport(id="I1", issued_at=NOW, reporter=party(WAREHOUSE), lines=lines)


def test_an_order_goes_from_stock_to_the_customer(gateway: Gateway) -> None:
    gateway.take(count(tea=100, rice="5.5"), HOUSE)
    asked = order(("1", TEA, 30), ("1", RICE, 8))
    gateway.take(asked)
    assert gateway.see(all_stock=True).stock == {
        TEA: level(100, 30),
        RICE: level("5.5", "5.5", backordered="2.5"),
    }
    again = gateway.take(asked)
    assert codes(again) == ["order.repeat"], "the digest survives the tables"
    ours = gateway.see(orders_by_number=frozenset({"A1"})).orders["sale", "shop", "A1"]
    advice = despatch(*((line.number, line.gtin, line.confirmed) for line in ours.lines))
    made = gateway.take(advice, HOUSE)
    assert [each.order.line for each in answered(made, "shop")[0].lines] == ["1", "1"]
    assert gateway.see(all_stock=True).stock == {TEA: level(70), RICE: level(0, backordered="2.5")}
    assert codes(gateway.take(advice, HOUSE)) == ["despatch.repeat"]


def test_goods_are_bought_received_and_given_to_who_waits(gateway: Gateway) -> None:
    gateway.take(order(("1", TEA, 30), issued_at=TODAY - timedelta(days=1), number="OLD"))
    gateway.take(replace(order(("1", TEA, 10)), buyer=party(OTHER_GLN)), OTHER)
    week = Period(start=TODAY - timedelta(days=28), end=TODAY - timedelta(days=1))
    line = SalesLine(item=Item(gtin=TEA), sold_quantity=units(280))
    report = SalesReport(
        id="V1",
        issued_at=NOW,
        reporter=party("4099910000015"),
        receiver=party("4099900000001"),
        period=week,
        lines=(line,),
    )
    gateway.take(report)
    made = gateway.take(PlanningRequest(id="P1", issued_at=NOW), SELF)
    bought = answered(made, "farm")[0]
    assert bought.lines[0].quantity.value == 96, "50 up to, 40 owed, whole packs of 12"
    assert gateway.take(PlanningRequest(id="P2", issued_at=NOW), SELF).effects == ()
    gateway.take(despatch(("1", TEA, 96), to=bought.id, number="S1"), FARM)
    assert gateway.see(all_stock=True).stock[TEA] == level(in_transit=96, backordered=40)
    receipt = ReceivingAdvice(
        id="R1",
        issued_at=NOW,
        receiver=party(WAREHOUSE),
        seller=party(SUPPLIER_GLN),
        refs=ReceivingRefs(despatch_advice="S1", order=DocumentRef(id=bought.id)),
        lines=(ReceivingLine(number="1", item=Item(gtin=TEA), received_quantity=units(96)),),
    )
    made = gateway.take(receipt, HOUSE)
    assert [each.lines[0].quantity.value for each in answered(made, "warehouse")] == [30, 10]
    assert gateway.see(all_stock=True).stock[TEA] == level(96, 40)
    first = answered(made, "warehouse")[0]
    gateway.take(despatch(("1", TEA, 30), to=first.id, number="D1"), HOUSE)
    seen = gateway.see(orders_by_number=frozenset({"OLD"}), orders=frozenset({("purchase", "farm", bought.id)})).orders
    assert [each.status for each in seen.values()] == ["received", "shipped"]


def test_a_proposal_waits_in_the_journal_for_its_approval(gateway: Gateway) -> None:
    line = SalesLine(item=Item(gtin=TEA), sold_quantity=units(30_000))
    period = Period(start=TODAY - timedelta(days=3), end=TODAY - timedelta(days=1))
    gateway.take(
        SalesReport(
            id="V1",
            issued_at=NOW,
            reporter=party("1"),
            receiver=party("2"),
            period=period,
            lines=(replace(line, location="4099910000114"),),
        )
    )
    made = gateway.take(PlanningRequest(id="P1", issued_at=NOW), SELF)
    assert made.answers == ()
    (proposal,) = gateway.see(open_proposals=True).proposals.values()
    assert proposal.lines[0].reason is not None
    assert proposal.lines[0].reason.daily_demand == 10_000
    decided = ProposalDecision(id="W", issued_at=NOW, proposal=proposal.id, decision="approve", user="ann")
    made = gateway.take(decided, SELF)
    assert answered(made, "farm")[0].lines[0].quantity == proposal.lines[0].quantity
    assert gateway.see(open_proposals=True).proposals == {}
    assert gateway.see(all_stock=True).stock[TEA].on_order == proposal.lines[0].quantity.value


def test_two_thousand_lines_survive_the_tables(gateway: Gateway) -> None:
    gateway.take(count(tea=1500), HOUSE)
    made = gateway.take(order(*((str(n), TEA, 1) for n in range(1, 2001))))
    response = answered(made, "shop")[0]
    assert len(response.lines) == 2000
    assert sum((each.confirmed_quantity.value for each in response.lines), Decimal(0)) == 1500
    saved = gateway.see(orders=frozenset({("sale", "shop", "A1")})).orders["sale", "shop", "A1"]
    assert [line.number for line in saved.lines] == [str(n) for n in range(1, 2001)]
    assert gateway.see(all_stock=True).stock[TEA] == level(1500, 1500, backordered=500)
