"""Effects once, and the snapshot that deciders see, on every journal."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from journal_rows import NOW, rows

from gateway.domain.decision import Needs, StockLevel
from gateway.model.effects import (
    ActivityAdded,
    CaseClosed,
    CaseOpened,
    Effect,
    OrderLineState,
    OrderSaved,
    ProposalSaved,
    SalesRecorded,
    ShipmentSaved,
    StockMoved,
    StockReported,
)
from gateway.model.faults import OurFault
from gateway.model.order import Order, OrderLine
from gateway.model.replenishment import ProposalLine, ReplenishmentProposal
from gateway.model.values import Amount, Item, Quantity, party
from gateway.store.journal import SqlJournal
from gateway.store.prepared import Driver

HERE = "4012345000009"
GTIN, OTHER = "04012345678901", "04012345678918"


def write(journal: SqlJournal, *effects: Effect, message: str = "m-1", test: bool = False) -> None:
    journal.write(lambda tx: tx.write_effects(message, effects, NOW, test=test))


def moved(delta: str, key: str = "1", measure: Any = "on_hand", gtin: str = GTIN, location: str = HERE) -> StockMoved:
    return StockMoved(
        key=key, gtin=gtin, location=location, measure=measure, delta=Decimal(delta), reason="counted", reference="R"
    )


def an_order(number: str = "PO-1", *lines: OrderLineState, **changes: Any) -> OrderSaved:
    document = Order(
        id=number,
        issued_at=date(2026, 3, 1),
        buyer=party("4098765000003"),
        seller=party(HERE),
        lines=(OrderLine(number="1", item=Item(gtin=GTIN), quantity=Quantity(value=Decimal("12.5"), unit="KGM")),),
    )
    fields: dict[str, Any] = {
        "key": f"order {number}",
        "side": "sale",
        "partner": "retailer",
        "number": number,
        "status": "open",
        "ordered_on": date(2026, 3, 1),
        "lines": lines or (a_line("1", backordered="2.5"), a_line("2")),
        "ship_to": "4098765000010",
        "currency": "EUR",
        "digest": "d" * 64,
        "document": document,
    }
    return OrderSaved(**(fields | changes))


def a_line(number: str, backordered: str = "0", gtin: str = GTIN) -> OrderLineState:
    return OrderLineState(
        number=number,
        gtin=gtin,
        ordered=Decimal("12.5"),
        confirmed=Decimal(10),
        backordered=Decimal(backordered),
        price=Decimal("1.2345"),
        promised="2026-03-05",
    )


def a_proposal(status: str = "proposed", number: str = "RP-1") -> ReplenishmentProposal:
    return ReplenishmentProposal(
        id=number,
        issued_at=date(2026, 3, 1),
        supplier="supplier",
        ship_to=HERE,
        status=status,
        lines=(ProposalLine(number="1", item=Item(gtin=GTIN), quantity=Quantity(value=Decimal(48))),),
        value=Amount(value=Decimal("1234.50"), currency="EUR"),
    )


def stock_of(journal: SqlJournal) -> dict[str, StockLevel]:
    return dict(journal.read(lambda tx: tx.snapshot(Needs(all_stock=True), HERE)).stock)


def test_effects_of_one_message_are_written_once(journal: SqlJournal) -> None:
    for _ in range(3):
        write(journal, moved("5"), moved("1.250", "2"))
    assert stock_of(journal) == {GTIN: StockLevel(on_hand=Decimal("6.25"))}
    write(journal, moved("5"), message="m-2")
    assert stock_of(journal) == {GTIN: StockLevel(on_hand=Decimal("11.25"))}


def test_effects_that_are_new_are_written_beside_known_ones(journal: SqlJournal) -> None:
    write(journal, moved("5", "1"))
    write(journal, moved("5", "1"), moved("2", "2", "allocated"))
    assert stock_of(journal) == {GTIN: StockLevel(on_hand=Decimal(5), allocated=Decimal(2))}


def test_every_measure_is_summed_on_its_own_and_may_go_below_zero(journal: SqlJournal) -> None:
    write(
        journal,
        moved("-3", "1"),
        moved("2", "2", "backordered"),
        moved("7", "3", "on_order"),
        moved("4", "4", "in_transit"),
        moved("9", "5", location="4012345000016"),
    )
    assert stock_of(journal) == {
        GTIN: StockLevel(on_hand=Decimal(-3), backordered=Decimal(2), on_order=Decimal(7), in_transit=Decimal(4))
    }


def test_test_traffic_is_recorded_and_changes_nothing(journal: SqlJournal) -> None:
    write(
        journal,
        moved("5"),
        an_order(),
        ActivityAdded(key="a", account="retailer", kind="order-received", reference="PO-1"),
        CaseOpened(key="c", account="retailer", code="x.y", subject="s"),
        test=True,
    )
    assert stock_of(journal) == {}
    for table in ("business_order", "order_line", "account", "activity", "case"):
        assert rows(journal, table) == []
    assert [row["test"] for row in rows(journal, "effect")] == [True] * 4


def test_two_different_effects_under_one_key_are_refused_not_lost(journal: SqlJournal) -> None:
    with pytest.raises(OurFault) as caught:
        write(journal, moved("5"), moved("6"))
    assert caught.value.code == "journal.effect-key-twice"
    write(journal, moved("5"), moved("5"))
    assert stock_of(journal) == {GTIN: StockLevel(on_hand=Decimal(5))}


@pytest.mark.parametrize("bad", ["0.0001", "1e15", "1e400", "NaN", "-Infinity"])
def test_a_quantity_that_cannot_be_kept_exactly_is_refused_with_everything(journal: SqlJournal, bad: str) -> None:
    with pytest.raises(OurFault) as caught:
        write(journal, moved("5", "1"), moved(bad, "2"))
    assert caught.value.code == "journal.quantity-not-storable"
    assert rows(journal, "effect") == []
    write(journal, moved("5", "1"))
    assert stock_of(journal) == {GTIN: StockLevel(on_hand=Decimal(5))}


def test_an_order_comes_back_exactly_as_it_was_saved(journal: SqlJournal) -> None:
    order = an_order()
    bare = an_order("PO-2", ship_to=None, currency=None, digest=None, document=None, side="purchase")
    write(journal, order, bare)
    keys = frozenset({("sale", "retailer", "PO-1"), ("purchase", "retailer", "PO-2"), ("sale", "retailer", "none")})
    found = journal.read(lambda tx: tx.snapshot(Needs(orders=keys), HERE)).orders  # type: ignore[arg-type]
    assert found == {("sale", "retailer", "PO-1"): order, ("purchase", "retailer", "PO-2"): bare}


def test_a_saved_order_replaces_the_one_before_with_all_its_lines(journal: SqlJournal) -> None:
    write(journal, an_order(), an_order("PO-2", key="x"))
    later = an_order("PO-1", a_line("7"), status="shipped")
    write(journal, later, message="m-2")
    found = journal.read(lambda tx: tx.snapshot(Needs(orders_by_number=frozenset({"PO-1"})), HERE)).orders
    assert found == {("sale", "retailer", "PO-1"): later}
    assert len(rows(journal, "order_line")) == 3


def test_orders_are_found_by_number_over_all_partners_and_by_open_backorders(journal: SqlJournal) -> None:
    write(
        journal,
        an_order("PO-1", a_line("1", "5"), a_line("2", gtin=OTHER)),
        an_order("PO-1", partner="shop", key="shop's"),
        an_order("PO-3", a_line("1", gtin=OTHER)),
        an_order("PO-4", a_line("1", "1"), side="purchase"),
    )
    by_number = journal.read(lambda tx: tx.snapshot(Needs(orders_by_number=frozenset({"PO-1"})), HERE)).orders
    assert set(by_number) == {("sale", "retailer", "PO-1"), ("sale", "shop", "PO-1")}
    waiting = journal.read(lambda tx: tx.snapshot(Needs(open_backorders=frozenset({GTIN})), HERE)).orders
    assert set(waiting) == {("sale", "retailer", "PO-1"), ("sale", "shop", "PO-1")}
    assert len(waiting["sale", "retailer", "PO-1"].lines) == 2
    assert journal.read(lambda tx: tx.snapshot(Needs(open_backorders=frozenset({OTHER})), HERE)).orders == {}


def test_shipments_and_proposals_come_back_exactly(journal: SqlJournal) -> None:
    sent = ShipmentSaved(
        key="s",
        side="sale",
        partner="retailer",
        number="DN-1",
        order="PO-1",
        status="despatched",
        despatched_at="2026-03-02T08:00:00",
        lines=(("1", GTIN, Decimal("12.5")), ("2", OTHER, Decimal(3))),
    )
    proposed, old = a_proposal(), a_proposal("approved", "RP-0")
    write(journal, sent, ProposalSaved(key="p", proposal=proposed), ProposalSaved(key="q", proposal=old))
    key = ("sale", "retailer", "DN-1")
    needs = Needs(shipments=frozenset({key}), open_proposals=True)  # type: ignore[arg-type]
    found = journal.read(lambda tx: tx.snapshot(needs, HERE))
    assert found.shipments == {key: sent}
    assert found.proposals == {"RP-1": proposed}
    both = Needs(proposals=frozenset({"RP-0", "RP-9"}), open_proposals=True)
    assert set(journal.read(lambda tx: tx.snapshot(both, HERE)).proposals) == {"RP-0", "RP-1"}
    later = (ProposalSaved(key="p", proposal=a_proposal("approved")),)
    journal.write(lambda tx: tx.write_effects("m-2", later, NOW + timedelta(days=1), test=False))
    (kept,) = rows(journal, "proposal", id="RP-1")
    assert (kept["status"], kept["updated_at"] - kept["created_at"]) == ("approved", 86_400_000_000)
    assert journal.read(lambda tx: tx.snapshot(Needs(open_proposals=True), HERE)).proposals == {}


def sold(day: int, units: str, *, returned: str = "0", partner: str = "retailer", gtin: str = GTIN) -> SalesRecorded:
    return SalesRecorded(
        key=f"{partner} {gtin} {day}",
        partner=partner,
        location="4098765000010",
        gtin=gtin,
        day=date(2026, 3, day),
        sold=Decimal(units),
        returned=Decimal(returned),
    )


def test_daily_sales_are_summed_over_partners_and_a_later_report_replaces_its_day(journal: SqlJournal) -> None:
    write(journal, sold(1, "5"), sold(2, "6.5", returned="0.5"), sold(2, "4", partner="shop"), sold(2, "1", gtin=OTHER))
    write(journal, sold(1, "9"), message="m-2")
    found = journal.read(lambda tx: tx.snapshot(Needs(sales_since=date(2026, 3, 1)), HERE)).daily_sales
    assert found == {
        GTIN: {date(2026, 3, 1): Decimal(9), date(2026, 3, 2): Decimal(10)},
        OTHER: {date(2026, 3, 2): Decimal(1)},
    }
    later = journal.read(lambda tx: tx.snapshot(Needs(sales_since=date(2026, 3, 2)), HERE)).daily_sales
    assert set(later[GTIN]) == {date(2026, 3, 2)}


def reported(quantity: str, day: int) -> StockReported:
    return StockReported(
        key="s",
        partner="retailer",
        location="4098765000010",
        gtin=GTIN,
        type="onHand",
        quantity=Decimal(quantity),
        at=date(2026, 3, day),
    )


def test_an_older_stock_report_that_comes_late_changes_nothing(journal: SqlJournal) -> None:
    write(journal, reported("7", 5))
    write(journal, reported("3", 4), message="m-2")
    assert rows(journal, "reported_stock")[0]["quantity"] == 7000
    write(journal, reported("8", 6), message="m-3")
    assert rows(journal, "reported_stock")[0]["quantity"] == 8000


def test_activities_add_to_the_account_exactly(journal: SqlJournal) -> None:
    def activity(key: str, value: str) -> ActivityAdded:
        figures = {"order_value": Decimal(value), "orders": Decimal(1)}
        return ActivityAdded(key=key, account="retailer", kind="order-received", reference="PO", figures=figures)

    write(journal, activity("1", "0.1"), activity("2", "0.2"))
    write(journal, activity("1", "1000.70"), message="m-2")
    (account,) = rows(journal, "account")
    assert json.loads(account["figures"]) == {"order_value": "1001.00", "orders": "3"}
    assert account["last_activity"] == "order-received"
    assert len(rows(journal, "activity")) == 3


def test_one_open_case_per_subject_counts_and_can_be_closed_and_opened_anew(journal: SqlJournal) -> None:
    def opened(key: str) -> CaseOpened:
        return CaseOpened(key=key, account="retailer", code="item.unknown", subject="4711", params={"line": key})

    write(journal, opened("1"), opened("2"))
    journal.write(lambda tx: tx.add_case("retailer", "item.unknown", "4711", {"line": "3"}, NOW))
    (case,) = rows(journal, "case")
    assert (case["times"], json.loads(case["params"])) == (3, {"line": "3"})
    write(journal, CaseClosed(key="1", account="retailer", code="item.unknown", subject="4711"), message="m-2")
    write(journal, opened("1"), message="m-3")
    assert [(row["times"], row["closed_at"] is None) for row in rows(journal, "case")] == [(3, False), (1, True)]


def test_stock_is_given_for_the_items_asked_for_at_our_warehouse(journal: SqlJournal) -> None:
    write(journal, moved("5"), moved("6", "2", gtin=OTHER), moved("7", "3", location="4012345000016"))
    found = journal.read(lambda tx: tx.snapshot(Needs(stock=frozenset({GTIN, "absent"})), HERE)).stock
    assert found == {GTIN: StockLevel(on_hand=Decimal(5))}
    assert journal.read(lambda tx: tx.snapshot(Needs(), HERE)).stock == {}


def test_effect_rows_tell_what_happened_in_canonical_form(journal: SqlJournal) -> None:
    write(journal, moved("1.500"), an_order())
    told = {row["kind"]: json.loads(row["data"]) for row in rows(journal, "effect")}
    assert told["StockMoved"] == {
        "gtin": GTIN,
        "location": HERE,
        "measure": "on_hand",
        "delta": "1.500",
        "reason": "counted",
        "reference": "R",
    }
    assert told["OrderSaved"]["orderedOn"] == "2026-03-01"
    assert told["OrderSaved"]["lines"] == 2


def test_two_thousand_lines_are_written_with_few_statements(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = tuple(a_line(str(n)) for n in range(2000))
    effects: list[Effect] = [an_order("PO-big", *lines)]
    effects += [moved("1", str(n), "allocated", gtin=f"{n:014d}") for n in range(2000)]
    counted: list[str] = []
    for name in ("run", "all", "many"):
        plain = getattr(Driver, name)
        monkeypatch.setattr(Driver, name, lambda *a, plain=plain, **b: counted.append("x") or plain(*a, **b))
    write(journal, *effects)
    monkeypatch.undo()
    assert 0 < len(counted) <= 15
    assert len(stock_of(journal)) == 2000
