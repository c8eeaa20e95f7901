"""What people look at of our house says the same on every journal."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from journal_rows import NOW

from gateway.model.account_terms import AccountTerms
from gateway.model.calendar import Calendar
from gateway.model.effects import (
    CalendarSaved,
    CustomerSaved,
    DocumentExpected,
    DocumentLinked,
    InvoiceLineState,
    InvoiceSaved,
    ItemSaved,
    OfferSaved,
    OrderLineState,
    OrderSaved,
    PaymentSettled,
    PriceSaved,
    ReturnSaved,
    ShipmentSaved,
)
from gateway.model.partner import ItemRecord
from gateway.ports.records import ImportRun
from gateway.store import baskets
from gateway.store.journal import SqlJournal
from gateway.store.view_house_rows import ListPrice
from gateway.store.views import Views

OATS, RICE = "04012345678901", "04012345678918"
DAY = date(2026, 3, 1)
LATER = DAY + timedelta(days=10)


def bill(number: str, kind: str, amount: str, status: str, credits_number: str | None = None) -> InvoiceSaved:
    line = InvoiceLineState(
        number="1", gtin=OATS, quantity=Decimal(12), amount=Decimal(amount), order="PO-1", order_line="1"
    )
    return InvoiceSaved(
        key=f"invoice:{number}",
        side="sale",
        partner="shop",
        number=number,
        kind=kind,
        status=status,
        issued_on=DAY,
        currency="EUR",
        net=Decimal(amount),
        tax=Decimal(0),
        gross=Decimal(amount),
        open=Decimal(amount),
        order="PO-1",
        credits=credits_number,
        lines=(line,),
    )


def offer(supplier: str, price: str, begins: date, gtin: str = OATS, name: str = "Oats 100 %") -> OfferSaved:
    return OfferSaved(
        key=f"offer:{supplier}:{gtin}:{begins}",
        supplier=supplier,
        gtin=gtin,
        kind="net",
        price=Decimal(price),
        currency="EUR",
        valid_from=begins,
        name=name,
    )


def link(source: tuple[str, str], to: tuple[str, str]) -> DocumentLinked:
    return DocumentLinked(
        key=f"{source}-{to}",
        side="sale",
        partner="shop",
        source_type=source[0],
        source=source[1],
        to_type=to[0],
        to=to[1],
    )


def list_price(price: str, begins: date, ends: date | None = None, minimum: int = 0) -> PriceSaved:
    return PriceSaved(
        key=f"{price}:{begins}:{minimum}",
        price_list="A",
        gtin=OATS,
        price=Decimal(price),
        currency="EUR",
        valid_from=begins,
        valid_to=ends,
        minimum=Decimal(minimum),
    )


def seeded(journal: SqlJournal) -> Views:
    line = OrderLineState(number="1", gtin=OATS, ordered=Decimal(12), confirmed=Decimal(12), despatched=Decimal(12))
    effects = (
        OrderSaved(
            key="o", side="sale", partner="shop", number="PO-1", status="shipped", ordered_on=DAY, lines=(line,)
        ),
        ShipmentSaved(
            key="s",
            side="sale",
            partner="shop",
            number="D-1",
            order="PO-1",
            status="despatched",
            lines=(("1", OATS, Decimal(12)),),
        ),
        bill("R-1", "invoice", "24.00", "open"),
        bill("G-1", "credit-note", "4.00", "open", "R-1"),
        PaymentSettled(
            key="p",
            side="sale",
            partner="shop",
            remittance="Z-1",
            invoice="R-1",
            paid=Decimal(20),
            currency="EUR",
            paid_on=LATER,
        ),
        ReturnSaved(
            key="r",
            side="sale",
            partner="shop",
            number="RA-1",
            status="announced",
            order="PO-1",
            lines=(("1", OATS, Decimal(2), None, Decimal(0)),),
        ),
        link(("Order", "PO-1"), ("DespatchAdvice", "D-1")),
        link(("DespatchAdvice", "D-1"), ("Invoice", "R-1")),
        link(("Invoice", "R-1"), ("Invoice", "G-1")),
        link(("Order", "PO-1"), ("ReturnNotice", "RA-1")),
        ItemSaved(key="i", item=ItemRecord(gtin=OATS, name="Our oats", supplier="mill")),
        offer("mill", "1.20", DAY),
        offer("mill", "1.30", LATER),
        offer("farm", "1.25", DAY),
        offer("farm", "0.80", DAY, RICE, "Rice_white"),
        list_price("1.80", DAY),
        list_price("1.90", LATER),
        list_price("1.60", DAY, minimum=100),
        DocumentExpected(key="e", partner="shop", document_type="SalesReport", subject="2026-03-01", due=NOW),
        CalendarSaved(key="c", calendar=Calendar(owner="shop", kind="delivery", weekdays=(1, 3))),
        CustomerSaved(key="k", account="shop", valid_from=DAY, name="Shop", terms=AccountTerms(substitutes=True)),
    )
    journal.write(lambda tx: tx.write_effects("m-1", effects, NOW, test=False))
    run = ImportRun(id="run-1", kind="items", file="i.csv", sha256="0" * 64, user="ana", at=NOW, updated_at=NOW)
    journal.write(lambda tx: tx.start_import(run))
    journal.write(lambda tx: tx.import_rows(run, [], ['{"code":"import.date","line":2}'], NOW))
    journal.write(lambda tx: baskets.put_line(tx, "ana", "mill", OATS, Decimal("2.5"), NOW))  # type: ignore[arg-type]
    return Views(journal.reader)


def test_invoices_payments_returns_and_what_is_expected(journal: SqlJournal) -> None:
    views = seeded(journal)
    assert {each.number for each in views.invoices(partner="shop", order="PO-1")} == {"R-1", "G-1"}
    assert views.invoices(side="purchase") == ()
    (shown,) = views.invoice("R-1")
    assert (shown.open, [(line.gtin, line.quantity) for line in shown.lines]) == (Decimal("24.00"), [(OATS, 12)])
    assert [(each.remittance, each.paid) for each in views.payments(remittance="Z-1")] == [("Z-1", Decimal(20))]
    assert [(each.number, each.status) for each in views.returns(status="announced")] == [("RA-1", "announced")]
    assert [each.subject for each in views.expected(("waiting",), "shop")] == ["2026-03-01"]
    assert views.expected(("met",)) == ()


def test_the_chain_from_any_of_its_documents(journal: SqlJournal) -> None:
    views = seeded(journal)
    whole = {"Order:PO-1", "DespatchAdvice:D-1", "Invoice:R-1", "Invoice:G-1", "ReturnNotice:RA-1"}
    for kind, number in (("Order", "PO-1"), ("Invoice", "G-1"), ("ReturnNotice", "RA-1")):
        found = views.chain("sale", "shop", kind, number)
        assert found is not None
        assert {each.key for each in found.nodes} == whole
    assert len(found.links) == 4
    assert views.chain("sale", "shop", "Order", "PO-9") is None


def test_catalogues_side_by_side_and_how_prices_changed(journal: SqlJournal) -> None:
    views = seeded(journal)
    (oats,) = views.catalogue(DAY, text="100 %", supplier="mill")
    assert oats.gtin == OATS
    assert [each.gtin for each in views.catalogue(DAY, text="e_w")] == [RICE], (
        "an underscore is a letter like any other"
    )
    assert [each.gtin for each in views.catalogue(DAY, text="4012345678")] == [OATS, RICE]
    assert [each.gtin for each in views.catalogue(DAY, after=OATS)] == [RICE]
    (change, *_) = views.price_changes(supplier="mill", since=LATER)
    assert (change.before, change.after, change.valid_from) == (Decimal("1.20"), Decimal("1.30"), LATER.isoformat())
    assert len(views.offers([OATS])[OATS]) == 3
    assert [(each.supplier, each.quantity) for each in views.basket("ana")] == [("mill", Decimal("2.5"))]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9])
def test_no_page_of_a_price_list_cuts_an_item(journal: SqlJournal, limit: int) -> None:
    views = seeded(journal)
    more = [replace(list_price(price, DAY, minimum=least), gtin=gtin, key=f"{gtin}{least}")
            for gtin in (RICE, "09521001100999") for price, least in (("2.00", 0), ("1.90", 10))]  # fmt: skip
    journal.write(lambda tx: tx.write_effects("m-2", more, NOW, test=False))
    whole = views.prices("A", LATER.isoformat())
    paged: list[ListPrice] = []
    while page := views.prices("A", LATER.isoformat(), limit=limit, after=paged[-1].gtin if paged else ""):
        paged += page
    assert (tuple(paged), len(whole)) == (whole, 7)


def test_price_lists_imports_calendars_and_customers(journal: SqlJournal) -> None:
    views = seeded(journal)
    assert [(each.price_list, each.prices, each.items) for each in views.price_lists()] == [("A", 3, 1)]
    shown = views.prices("A", LATER.isoformat())
    assert [(each.minimum, each.price, each.in_force) for each in shown] == [
        (0, Decimal("1.80"), False),
        (0, Decimal("1.90"), True),
        (100, Decimal("1.60"), True),
    ]
    (run,) = views.imports()
    found = views.import_run(run.id)
    assert found is not None
    assert (found.rejected, [each["code"] for each in found.problems]) == (1, ["import.date"])
    assert views.import_run("nobody") is None
    assert [each.weekdays for each in views.calendars("shop")] == [(1, 3)]
    assert views.calendars("mill") == ()
    assert [(each.name, each.terms.substitutes, each.terms.partial) for each in views.customers()] == [
        ("Shop", True, None)
    ]
    assert views.told_terms("shop") == ((DAY, None, AccountTerms(substitutes=True)),)
