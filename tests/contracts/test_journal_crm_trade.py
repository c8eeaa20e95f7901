"""Measures of trade out of the tables of every journal, and opportunities that gaps on shelves open by themselves."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from gateway.domain.crm.standard_rules import STANDARD
from gateway.model.effects import (
    ActivityAdded,
    CaseOpened,
    DocumentExpected,
    Effect,
    ExpectationMet,
    InvoiceLineState,
    InvoiceSaved,
)
from gateway.store import tables as t
from gateway.store.crm_answers import add_answers, invite
from gateway.store.crm_entries import keep_entry, read_entry
from gateway.store.crm_gaps import follow_gaps
from gateway.store.crm_metrics import refresh
from gateway.store.crm_projection import CrmProjection
from gateway.store.journal import SqlJournal
from gateway.store.tables_planning import receipt_fact, stock_fact
from gateway.store.view_archive import JournalViews

NOW = datetime(2026, 6, 17, 12, tzinfo=UTC)  # a Wednesday
OATS, RICE = "09521001100014", "09521001100038"
SHOPS = ("9521002000016", "9521002000023", "9521002000030")


def did(kind: str, number: str, account: str = "nord", **figures: int) -> ActivityAdded:
    told = {name: Decimal(value) for name, value in figures.items()}
    return ActivityAdded(key=f"{kind}{number}", account=account, kind=kind, reference=number, figures=told)


def caused(journal: SqlJournal, message: str, at: datetime, *effects: Effect) -> None:
    journal.write(lambda tx: tx.write_effects(message, effects, at, test=False))


def sold(journal: SqlJournal, shop: str, gtin: str, units: int, day: date) -> None:
    row = {
        "partner": "nord",
        "location": shop,
        "gtin": gtin,
        "day": day.isoformat(),
        "sold": units * 1000,
        "report": "R",
    }
    journal.write(lambda tx: tx.connection.execute(insert(t.sales), [row]))


def measured(journal: SqlJournal, account: str):
    def work(tx):
        projection = CrmProjection(tx.connection, STANDARD, {"nord": "customer", "mill": "supplier"})
        while projection.hear().messages:
            pass
        refresh(tx.connection, NOW, suppliers=("mill",))

    journal.write(work)
    found = JournalViews(journal.reader, None, None).account_record(account)
    assert found is not None
    return found.measures


def test_an_order_that_waited_was_not_touchless_and_its_answer_took_service_time(journal: SqlJournal):
    friday = datetime(2026, 6, 12, 16, tzinfo=UTC)
    for number in ("1", "2", "3"):
        both = (did("order-received", number, orders=1), did("order-answered", number, responses=1))
        caused(journal, f"m{number}", NOW - timedelta(days=9), *both)
    caused(journal, "m4", friday, CaseOpened(key="w", account="nord", code="order.waits", subject="4"))
    monday = friday + timedelta(days=2, hours=18)  # ten on Monday: an hour on Friday and two on Monday
    caused(journal, "d4", monday, did("order-received", "4", orders=1), did("order-answered", "4", responses=1))
    found = measured(journal, "nord")
    assert found["touchless-rate"].value == "0.75"
    assert found["response-hours"].value == "0.75"
    assert found["response-hours"].parts["atOnce"] == 3


def test_a_suppliers_answer_is_timed_and_documents_that_had_to_come_are_counted(journal: SqlJournal):
    asked = datetime(2026, 6, 16, 9, tzinfo=UTC)
    caused(journal, "m1", asked, did("purchase-ordered", "P1", "mill", purchase_orders=1))
    answered = asked + timedelta(hours=5)
    caused(journal, "m2", answered, did("purchase-answered", "P1", "mill", purchase_responses=1))
    for number, due, came in (("P1", 8, True), ("P2", 8, False)):
        expected = DocumentExpected(
            key=number, partner="mill", document_type="OrderResponse", subject=number, due=asked + timedelta(hours=due)
        )
        caused(journal, f"e{number}", asked, expected)
        if came:
            met = ExpectationMet(key=number, partner="mill", document_type="OrderResponse", subject=number)
            caused(journal, f"f{number}", answered, met)
    found = measured(journal, "mill")
    assert found["response-hours"].value == "5"
    assert found["documents-in-time"].value == "0.5"


def test_sell_through_and_penetration_come_from_what_shops_report(journal: SqlJournal):
    caused(journal, "m1", NOW - timedelta(days=40), did("order-received", "1", orders=1))
    day = NOW.date() - timedelta(days=3)
    sold(journal, SHOPS[0], OATS, 30, day)
    sold(journal, SHOPS[1], OATS, 50, day)
    sold(journal, SHOPS[2], RICE, 10, day)
    same = {"partner": "nord", "location": SHOPS[0], "gtin": OATS, "message": "m"}
    stock = {**same, "type": "onHand", "report": "S", "issued_at": "2026-05-01"}
    rows = [
        {**stock, "at": at, "quantity": units * 1000}
        for at, units in (("2026-05-01", 5), ("2026-05-18", 100), ("2026-06-15", 9))
    ]
    came = {**same, "number": "R1", "units": 20_000, "at": "2026-06-01"}
    journal.write(
        lambda tx: (
            tx.connection.execute(insert(stock_fact), rows),
            tx.connection.execute(insert(receipt_fact), [came]),
        )
    )
    found = measured(journal, "nord")
    assert found["sell-through"].value == "0.75"  # 90 of 100 + 20
    assert found["penetration"].value == "0.5"  # three of three shops and two items


def test_the_price_index_is_of_invoiced_lines(journal: SqlJournal):
    caused(
        journal,
        "m1",
        NOW - timedelta(days=20),
        did("order-received", "1", orders=1),
        did("invoiced", "I1", invoices=1, invoice_value=18),
    )
    line = InvoiceLineState(number="1", gtin=OATS, quantity=Decimal(10), price=Decimal("1.8"), amount=Decimal(18))
    saved = InvoiceSaved(
        key="i", side="sale", partner="nord", number="I1", kind="invoice", status="open", issued_on=date(2026, 6, 1),
        currency="EUR", net=Decimal(18), tax=Decimal(0), gross=Decimal(18), open=Decimal(18), lines=(line,),
    )  # fmt: skip
    caused(journal, "m2", NOW - timedelta(days=16), saved)
    item = {
        "gtin": OATS, "name": "Oats", "unit": "EA", "pack": "1", "sales_price": "2", "currency": "EUR", "active": True,
        "updated_at": 0,
    }  # fmt: skip
    journal.write(lambda tx: tx.connection.execute(insert(t.item), [item]))
    found = measured(journal, "nord")
    assert found["price-index"].value == "0.9"
    assert found["invoice-right-rate"].value == "1"


def test_answers_are_measured_with_who_was_asked(journal: SqlJournal):
    caused(journal, "m1", NOW - timedelta(days=20), did("order-received", "1", orders=1))

    def work(tx):
        _, survey = keep_entry(
            tx.connection, "survey", "s", "running", {"title": "S", "form": "csat"}, actor="a", now=NOW
        )
        for number in range(4):
            invite(tx.connection, f"t{number}", "s", "nord", "", None, NOW, NOW + timedelta(days=1))
        for score in (5, 4):
            add_answers(tx.connection, survey, "nord", {"csat": score}, "", by="link", now=NOW)

    journal.write(work)
    found = measured(journal, "nord")["satisfaction"]
    assert (found.value, found.rows, found.parts) == ("4.5", 2, {"answers": 2, "responseRate": "0.5"})


def test_what_a_house_has_set_counts(journal: SqlJournal):
    for number in range(3):
        caused(
            journal,
            f"m{number}",
            NOW - timedelta(days=9 - number),
            did("order-received", str(number), orders=1, order_value=100),
        )
    data = {"value": "margin=0.5 order=10"}
    journal.write(lambda tx: keep_entry(tx.connection, "setting", "scores", "active", data, actor="a", now=NOW))
    assert measured(journal, "nord")["customer-value"].value == "120"  # 300 x 0.5 - 3 x 10


def test_a_gap_on_the_shelves_opens_an_opportunity_that_the_first_sale_there_wins(journal: SqlJournal):
    for shop in SHOPS[:2]:
        sold(journal, shop, OATS, 91, NOW.date() - timedelta(days=2))
    for shop in SHOPS:
        sold(journal, shop, RICE, 1, NOW.date() - timedelta(days=2))
    name = f"gap:nord:{OATS}"

    def follow(at: datetime) -> int:
        return journal.write(lambda tx: follow_gaps(tx, at))

    def entry():
        return journal.read(lambda tx: read_entry(tx.connection, "opportunity", name))

    assert follow(NOW) == 1
    assert follow(NOW) == 0  # found once
    assert (entry().state, entry().account, entry().data["place"], entry().origin) == (
        "lead",
        "nord",
        SHOPS[2],
        "gateway",
    )
    sold(journal, SHOPS[2], OATS, 1, NOW.date() - timedelta(days=1))
    assert follow(NOW) == 1
    assert entry().state == "won"


def test_an_opportunity_that_a_person_gave_up_is_not_opened_again(journal: SqlJournal):
    for shop in SHOPS[:2]:
        sold(journal, shop, OATS, 91, NOW.date() - timedelta(days=2))
    sold(journal, SHOPS[2], RICE, 1, NOW.date() - timedelta(days=2))
    name, data = f"gap:nord:{OATS}", {"title": "t", "account": "nord", "reason": "no room"}
    journal.write(lambda tx: keep_entry(tx.connection, "opportunity", name, "lost", data, actor="mei", now=NOW))
    assert journal.write(lambda tx: follow_gaps(tx, NOW)) == 0
    assert journal.read(lambda tx: read_entry(tx.connection, "opportunity", name)).state == "lost"


@pytest.mark.parametrize("late_days", [15])
def test_shops_that_report_no_more_win_nothing(journal: SqlJournal, late_days: int):
    for shop in SHOPS[:2]:
        sold(journal, shop, OATS, 91, NOW.date() - timedelta(days=2))
    sold(journal, SHOPS[2], RICE, 1, NOW.date() - timedelta(days=2))
    journal.write(lambda tx: follow_gaps(tx, NOW))
    later = NOW + timedelta(days=late_days + 90)  # all sales have left the window: no gap is seen, nothing is concluded
    assert journal.write(lambda tx: follow_gaps(tx, later)) == 0
