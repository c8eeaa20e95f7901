"""What our records cannot hold is the partner's fault, named by its place, on either database."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import (
    FARM,
    HOUSE,
    NOW,
    OWN,
    SHOP,
    SHOP_GLN,
    SUPPLIER_GLN,
    TEA,
    TODAY,
    WAREHOUSE,
    context,
    despatch,
    order,
    units,
)

from gateway.domain.invoice_state import line_amount, unit_price
from gateway.domain.sizes import check_sizes, per_unit
from gateway.domain.table import DECIDERS, decide, needs
from gateway.model.delivery_schedule import DeliverySchedule, ScheduledDelivery, ScheduleLine
from gateway.model.documents import Document
from gateway.model.faults import PartnerFault
from gateway.model.invoice import Invoice, InvoiceLine, InvoiceRefs
from gateway.model.partner import Partner
from gateway.model.party_info import PartyInfo, PartyRecord
from gateway.model.price_catalogue import CatalogueItem, CataloguePrice, PriceCatalogue
from gateway.model.remittance_advice import RemittanceAdvice, SettledDocument
from gateway.model.return_notice import ReturnLine, ReturnNotice
from gateway.model.sales_report import InventoryLine, InventoryReport
from gateway.model.values import Amount, DocumentRef, Item, Price, party
from gateway.ports.journal import Tx
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal

US = party("4099900000001")
ONE = Decimal(1)


def eur(value: str, currency: str = "EUR") -> Amount:
    return Amount(value=Decimal(value), currency=currency)


def invoice(price: Price | None = None, **more: Any) -> Invoice:
    line = InvoiceLine(
        number=more.pop("number", "1"),
        item=Item(gtin=TEA),
        quantity=units(2),
        price=price or Price(net=eur("2.50")),
        order=DocumentRef(id="A1", line="1"),
    )
    facts = {"currency": "EUR", "refs": InvoiceRefs(order=DocumentRef(id="A1"))} | more
    return Invoice(id="I1", issued_at=TODAY, buyer=party(SHOP_GLN), seller=US, lines=(line,), **facts)


def catalogue(price: CataloguePrice | None = None, gtin: str = TEA, **more: Any) -> PriceCatalogue:
    lead = more.pop("lead_time_days", None)
    line = CatalogueItem(
        item=Item(gtin=gtin), prices=(price or CataloguePrice(kind="net", amount=eur("2")),), lead_time_days=lead
    )
    return PriceCatalogue(id="K1", issued_at=TODAY, provider=party(SUPPLIER_GLN), receiver=US, lines=(line,), **more)


def schedule(place: str) -> DeliverySchedule:
    wanted = (ScheduledDelivery(quantity=units(3), status="firm", on=TODAY),)
    lines = (ScheduleLine(item=Item(gtin=TEA), location=place, deliveries=wanted),)
    return DeliverySchedule(id="L1", issued_at=TODAY, buyer=party(SHOP_GLN), seller=US, lines=lines)


def remitted(paid: Amount, invoice_number: str = "I1") -> RemittanceAdvice:
    line = SettledDocument(document_ref=DocumentRef(id=invoice_number), paid=paid)
    return RemittanceAdvice(id="R1", issued_at=TODAY, payer=party(SHOP_GLN), payee=US, currency="EUR", lines=(line,))


def returned(**more: Any) -> ReturnNotice:
    line = ReturnLine(number="1", item=Item(gtin=TEA), quantity=units(1), order=more.pop("order", None))
    return ReturnNotice(
        id="N1", issued_at=TODAY, kind="announcement", buyer=party(SHOP_GLN), seller=US, lines=(line,), **more
    )


LONG = DocumentRef(id="Y" * 201)
CASES: dict[str, tuple[Document, Partner, str, str]] = {
    "amount": (invoice(Price(net=eur("1E+30"))), HOUSE, "document.amount-unusable", "lines[0].price.net"),
    "many decimals": (invoice(Price(net=eur("1E-21"))), HOUSE, "document.amount-unusable", "lines[0].price.net"),
    "no number": (remitted(eur("NaN")), SHOP, "document.amount-unusable", "lines[0].paid"),
    "for so many": (invoice(Price(net=eur("1"), base=units("1E-30"))), HOUSE, "document.amount-unusable", "lines"),
    "currency": (invoice(currency="EURO"), HOUSE, "document.currency-unusable", "currency"),
    "amount's currency": (
        catalogue(CataloguePrice(kind="net", amount=eur("2", "GULDEN"))),
        FARM,
        "document.currency-unusable",
        "lines[0].prices[0].amount.currency",
    ),
    "line number": (invoice(number="X" * 41), HOUSE, "document.text-too-long", "lines[0].number"),
    "credited": (invoice(refs=InvoiceRefs(invoice=LONG)), HOUSE, "document.text-too-long", "refs.invoice.id"),
    "price kind": (
        catalogue(CataloguePrice(kind="recommended", amount=eur("2"))),
        FARM,
        "document.text-too-long",
        "lines[0].prices[0].kind",
    ),
    "article": (catalogue(gtin="1" * 15), FARM, "document.text-too-long", "lines[0].item.gtin"),
    "lead time": (
        catalogue(lead_time_days=Decimal("1E+30")),
        FARM,
        "document.amount-unusable",
        "lines[0].leadTimeDays",
    ),
    "price list": (catalogue(price_list="L" * 81), HOUSE, "document.text-too-long", "priceList"),
    "place": (schedule("1" * 21), SHOP, "document.text-too-long", "lines[0].location"),
    "despatch": (returned(despatch_advice=LONG), SHOP, "document.text-too-long", "despatchAdvice.id"),
    "order": (returned(order=LONG), SHOP, "document.text-too-long", "lines[0].order.id"),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest) -> Iterator[SqlJournal]:
    if request.param == "sqlite":
        opened = SqlJournal.in_memory()
    else:
        opened = SqlJournal.connect(request.getfixturevalue("postgres_url"), MemoryBlobs())
    yield opened
    opened.close()


def taken(journal: SqlJournal, number: int, document: Document, who: Partner) -> None:
    def work(tx: Tx) -> None:
        about = context(who, number, OWN)
        made = decide(document, about, tx.snapshot(needs(document, about), WAREHOUSE))
        tx.write_effects(f"m{number}", made.effects, NOW, test=False)

    journal.write(work)


def test_each_is_a_fault_of_its_sender_and_the_rest_goes_on(journal: SqlJournal) -> None:
    counted = (InventoryLine(item=Item(gtin=TEA), type="onHand", quantity=units(100)),)
    taken(journal, 1, InventoryReport(id="S", issued_at=NOW, reporter=party(WAREHOUSE), lines=counted), HOUSE)
    taken(journal, 2, order(("1", TEA, 4)), SHOP)
    taken(journal, 3, despatch(("1", TEA, 4)), HOUSE)
    for number, (name, (document, who, code, path)) in enumerate(CASES.items(), start=10):
        with pytest.raises(PartnerFault) as found:
            taken(journal, number, document, who)
        where = found.value.where
        assert (name, found.value.code, where and where.path) == (name, code, path)
    third = Price(net=eur("10"), base=units(3))
    taken(journal, 90, invoice(third), HOUSE)
    taken(journal, 91, remitted(eur("6.67")), SHOP)
    taken(journal, 92, catalogue(CataloguePrice(kind="net", amount=eur("0.00000001"), base=units(3))), FARM)
    record = PartyRecord(role="shipTo", party=party("1" * 21, "Shop"))
    taken(journal, 93, PartyInfo(id="P", issued_at=TODAY, parties=(record,)), SHOP)


def test_a_price_for_three_is_kept_to_twenty_decimals() -> None:
    assert per_unit(Decimal(10), units(3), "x") == Decimal("3.33333333333333333333")
    assert per_unit(Decimal("2.50"), None, "x") == per_unit(Decimal("2.50"), units(0), "x") == Decimal("2.50")
    line = invoice(Price(net=eur("10"), base=units(3))).lines[0]
    assert (unit_price(line), line_amount(line)) == (Decimal("3.33333333333333333333"), Decimal("6.67"))
    dear = replace(line, price=Price(net=eur("999999999999999")), quantity=units("999999999999"))
    with pytest.raises(PartnerFault, match=r"document\.amount-unusable"):
        line_amount(dear)


@pytest.mark.parametrize("kind", DECIDERS, ids=lambda kind: kind.__name__)
def test_every_document_can_be_looked_through(kind: type[Document]) -> None:
    bare = object.__new__(kind)
    for name in kind.__dataclass_fields__:
        object.__setattr__(bare, name, None)
    check_sizes(bare)
