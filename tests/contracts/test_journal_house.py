"""Our house's records and the chain, as deciders see them again, on every journal."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from journal_rows import NOW, rows

from gateway.domain.decision import Needs, Snapshot
from gateway.model.effects import (
    DocumentExpected,
    DocumentLinked,
    Effect,
    ExpectationMet,
    InvoiceLineState,
    InvoiceSaved,
    ItemSaved,
    OfferSaved,
    PackSaved,
    PaymentSettled,
    PlaceSaved,
    PriceSaved,
    ReturnSaved,
)
from gateway.model.partner import ItemRecord
from gateway.store.journal import SqlJournal

GTIN, CASE = "04012345678901", "14012345678908"
DAY = date(2026, 3, 1)
ITEM = ItemRecord(
    gtin=GTIN,
    name="Oats",
    name_zh="燕麦",
    supplier="mill",
    supplier_item="M-1",
    pack=Decimal(12),
    sales_price=Decimal("1.89"),
    purchase_price=Decimal("1.21"),
    category="cereals",
    substitute="04012345678918",
)


def write(journal: SqlJournal, *effects: Effect, message: str = "m-1", test: bool = False) -> None:
    journal.write(lambda tx: tx.write_effects(message, effects, NOW, test=test))


def seen(journal: SqlJournal, **needs: Any) -> Snapshot:
    return journal.read(lambda tx: tx.snapshot(Needs(**needs), "4012345000009"))


def an_invoice(number: str = "INV-1", **changes: Any) -> InvoiceSaved:
    line = InvoiceLineState(
        number="1", gtin=GTIN, quantity=Decimal("12"), amount=Decimal("22.68"), price=Decimal("1.89"), order="PO-1"
    )
    fields: dict[str, Any] = {
        "key": f"invoice:{number}",
        "side": "sale",
        "partner": "retailer",
        "number": number,
        "kind": "invoice",
        "status": "open",
        "issued_on": DAY,
        "due_on": DAY + timedelta(days=30),
        "currency": "EUR",
        "net": Decimal("22.68"),
        "tax": Decimal("1.59"),
        "gross": Decimal("24.27"),
        "open": Decimal("24.27"),
        "order": "PO-1",
        "lines": (line,),
    }
    return InvoiceSaved(**(fields | changes))


def test_an_item_is_found_by_its_gtin_and_by_its_makers_number(journal: SqlJournal) -> None:
    assert not journal.read(lambda tx: tx.keeps_items())
    write(journal, ItemSaved(key="item", item=ITEM))
    assert journal.read(lambda tx: tx.keeps_items())
    assert journal.read(lambda tx: tx.items([GTIN])) == {GTIN: ITEM}
    assert journal.read(lambda tx: tx.items([], ["M-1"])) == {GTIN: ITEM}
    assert journal.read(lambda tx: tx.items(["04012345678918"], ["M-2"])) == {}
    assert journal.read(lambda tx: tx.items([], all_of_them=True)) == {GTIN: ITEM}


def test_a_later_word_on_an_item_replaces_the_earlier_one(journal: SqlJournal) -> None:
    write(journal, ItemSaved(key="item", item=ITEM))
    changed = replace(ITEM, active=False, sales_price=None)
    write(journal, ItemSaved(key="item", item=changed), message="m-2")
    assert journal.read(lambda tx: tx.items([GTIN])) == {GTIN: changed}


def test_packs_prices_places_and_offers_come_back_as_they_were_written(journal: SqlJournal) -> None:
    pack = PackSaved(key=f"pack:{CASE}", gtin=CASE, inner=GTIN, contents=Decimal(12), level="case")
    price = PriceSaved(
        key=f"price:retail:{GTIN}:10000:2026-03-01",
        price_list="retail",
        gtin=GTIN,
        price=Decimal("1.7900"),
        currency="EUR",
        valid_from=DAY,
        valid_to=DAY + timedelta(days=6),
        minimum=Decimal(10),
    )
    place = PlaceSaved(
        key="place:4098765000010", gln="4098765000010", name="Shop 1", kind="store", partner="retailer", data={"a": "b"}
    )
    offer = OfferSaved(
        key=f"offer:mill:{GTIN}:net:0:2026-03-01",
        supplier="mill",
        gtin=GTIN,
        kind="net",
        price=Decimal("1.21"),
        currency="EUR",
        valid_from=DAY,
        name="Oats",
        increment=Decimal(12),
        lead_time_days=3,
    )
    write(journal, pack, price, place, offer)
    found = seen(
        journal,
        packs=frozenset({GTIN}),
        prices=frozenset({("retail", GTIN)}),
        places=frozenset({"4098765000010"}),
        offers=frozenset({GTIN}),
    )
    assert found.packs == (pack,)
    assert found.prices == {("retail", GTIN): (price,)}
    assert found.places == {"4098765000010": place}
    assert found.offers == {GTIN: (offer,)}


def test_an_invoice_is_found_by_number_and_by_order_with_its_lines(journal: SqlJournal) -> None:
    write(journal, an_invoice())
    by_number = seen(journal, invoices=frozenset({("sale", "retailer", "INV-1")}))
    by_order = seen(journal, invoices_of_orders=frozenset({("sale", "retailer", "PO-1")}))
    assert by_number.invoices == by_order.invoices == {("sale", "retailer", "INV-1"): an_invoice()}


def test_receivables_are_open_invoices_less_open_credit_notes(journal: SqlJournal) -> None:
    credit = an_invoice("CN-1", kind="credit-note", open=Decimal("4.27"))
    paid = an_invoice("INV-2", status="paid", open=Decimal(0))
    bought = an_invoice("INV-3", side="purchase")
    write(journal, an_invoice(), credit, paid, bought)
    assert seen(journal, receivables=frozenset({"retailer", "nobody"})).receivables == {
        "retailer": Decimal("20.00"),
        "nobody": Decimal(0),
    }


def test_an_invoice_that_is_paid_keeps_one_row_and_its_lines(journal: SqlJournal) -> None:
    write(journal, an_invoice())
    settled = PaymentSettled(
        key="settled:INV-1",
        side="sale",
        partner="retailer",
        remittance="RA-1",
        invoice="INV-1",
        paid=Decimal("24.27"),
        currency="EUR",
        paid_on=DAY,
    )
    write(journal, an_invoice(status="paid", open=Decimal(0)), settled, message="m-2")
    assert [row["status"] for row in rows(journal, "invoice")] == ["paid"]
    assert len(rows(journal, "invoice_line")) == 1
    assert [(row["remittance"], row["paid"]) for row in rows(journal, "settlement")] == [("RA-1", "24.27")]


def test_a_return_comes_back_as_it_was_written(journal: SqlJournal) -> None:
    notice = ReturnSaved(
        key="return",
        side="sale",
        partner="retailer",
        number="RET-1",
        status="announced",
        order="PO-1",
        lines=(("1", GTIN, Decimal(3), None, Decimal(0)), ("2", CASE, Decimal("1.5"), "destroy", Decimal(1))),
    )
    write(journal, notice)
    assert seen(journal, returns=frozenset({("sale", "retailer", "RET-1")})).returns == {
        ("sale", "retailer", "RET-1"): notice
    }


def test_a_link_that_is_known_is_not_written_twice(journal: SqlJournal) -> None:
    link = DocumentLinked(
        key="link", side="sale", partner="retailer", source_type="Order", source="PO-1", to_type="Invoice", to="INV-1"
    )
    write(journal, link)
    write(journal, link, message="m-2")
    assert [row["message"] for row in rows(journal, "link")] == ["m-1"]


def test_an_expected_document_is_met_in_time_or_late(journal: SqlJournal) -> None:
    for subject in ("PO-1", "PO-2"):
        write(
            journal,
            DocumentExpected(key=subject, partner="mill", document_type="OrderResponse", subject=subject, due=NOW),
            message=f"expects {subject}",
        )
    met = ExpectationMet(key="met", partner="mill", document_type="OrderResponse", subject="PO-1")
    write(journal, met, message="m-2")
    write(journal, replace(met, subject="PO-9"), message="m-3")
    assert {row["subject"]: (row["state"], row["met_by"]) for row in rows(journal, "expectation")} == {
        "PO-1": ("met", "m-2"),
        "PO-2": ("waiting", None),
    }


def test_test_traffic_leaves_the_house_as_it_is(journal: SqlJournal) -> None:
    write(journal, ItemSaved(key="item", item=ITEM), an_invoice(), test=True)
    assert rows(journal, "item") == rows(journal, "invoice") == []


def test_what_does_not_come_in_time_is_a_problem_until_it_comes(journal: SqlJournal) -> None:
    late = NOW + timedelta(hours=1)
    owed = DocumentExpected(key="k", partner="mill", document_type="SalesReport", subject="2026-03-01", due=NOW)
    journal.write(lambda tx: tx.expect([owed, replace(owed, subject="2026-03-02", due=late)]))
    assert not journal.read(lambda tx: tx.expectations_due(NOW))
    assert journal.read(lambda tx: tx.expectations_due(NOW + timedelta(seconds=1)))
    assert journal.write(lambda tx: tx.overdue(NOW + timedelta(seconds=1), 100)) == 1
    assert journal.write(lambda tx: tx.overdue(NOW + timedelta(seconds=2), 100)) == 0
    (case,) = rows(journal, "case")
    assert (case["account"], case["code"], case["subject"]) == ("mill", "document.overdue", "SalesReport 2026-03-01")
    assert case["closed_at"] is None
    met = ExpectationMet(key="met", partner="mill", document_type="SalesReport", subject="2026-03-01")
    write(journal, met, message="m-9")
    assert [row["closed_at"] is not None for row in rows(journal, "case")] == [True]
    assert {row["subject"]: row["state"] for row in rows(journal, "expectation")} == {
        "2026-03-01": "late",
        "2026-03-02": "waiting",
    }


def test_what_is_expected_already_stays_as_it_is(journal: SqlJournal) -> None:
    owed = DocumentExpected(key="k", partner="mill", document_type="SalesReport", subject="2026-03-01", due=NOW)
    journal.write(lambda tx: tx.expect([owed]))
    journal.write(lambda tx: tx.expect([replace(owed, due=NOW + timedelta(days=9))]))
    assert not journal.read(lambda tx: tx.expectations_due(NOW))
    assert journal.read(lambda tx: tx.expectations_due(NOW + timedelta(days=1)))
