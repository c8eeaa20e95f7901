"""A real instance with a shop that orders, two suppliers with catalogues, and our own house: all in canonical JSON."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from gateway.app.clock import SystemClock
from gateway.app.instance import Instance, open_instance
from gateway.app.processing import Processing
from gateway.app.workers import Workers
from gateway.cli.root import cli
from gateway.model.despatch_advice import DespatchAdvice, DespatchLine, DespatchRefs, ReceivingAdvice, ReceivingLine
from gateway.model.despatch_advice import ReceivingRefs as Refs
from gateway.model.documents import Document
from gateway.model.invoice import Invoice, InvoiceLine, InvoiceRefs
from gateway.model.json_form import dumps
from gateway.model.order import Order, OrderLine
from gateway.model.payload import MemoryPayload
from gateway.model.price_catalogue import CatalogueItem, CataloguePrice, PriceCatalogue
from gateway.model.remittance_advice import RemittanceAdvice, SettledDocument
from gateway.model.return_notice import ReturnLine, ReturnNotice
from gateway.model.sales_report import InventoryLine, InventoryReport
from gateway.model.values import Amount, DocumentRef, Item, Period, Price, Quantity, party
from gateway.pipeline.accept import accept
from gateway.ports.records import Arrival
from gateway.store.view_rows import MessageFilter

US, SHOP, FARM, MILL, HOUSE = "9521001000000", "9521002000009", "9521004000007", "9521005000006", "9521001000017"
OATS, FLOUR = "09521001100014", "09521001100021"
LANES = ("shop", "farm", "mill", "house", "self")
_numbers = count(1)

PARTNERS = {
    "shop": """\
name: Shop
role: customer
gln: "9521002000009"
channels: {http: {url: "http://127.0.0.1:9/inbox", token: none}}
agreements:
  - {receive: canonical/Order, over: http}
  - {receive: canonical/ReturnNotice, over: http}
  - {receive: canonical/RemittanceAdvice, over: http}
  - {send: canonical/OrderResponse, over: http}
  - {send: canonical/DespatchAdvice, over: http}
  - {send: canonical/Invoice, over: http}
  - {send: canonical/ReturnNotice, over: http}
terms:
  - {valid_from: 2024-01-01, valid_to: 2024-12-31, auto_value: "500", minimum_value: "10"}
  - {valid_from: 2025-01-01, auto_value: "100", price_list: retail}
expects:
  - {document: SalesReport, days: [mon, tue, wed, thu, fri, sat, sun], by: "06:00"}
""",
    "farm": """\
name: Farm
role: supplier
gln: "9521004000007"
channels: {http: {url: "http://127.0.0.1:9/inbox", token: none}}
agreements:
  - {receive: canonical/PriceCatalogue, over: http}
  - {receive: canonical/DespatchAdvice, over: http}
  - {receive: canonical/Invoice, over: http}
  - {send: canonical/Order, over: http}
""",
    "mill": """\
name: Mill
role: supplier
gln: "9521005000006"
channels: {http: {url: "http://127.0.0.1:9/inbox", token: none}}
agreements:
  - {receive: canonical/PriceCatalogue, over: http}
  - {send: canonical/Order, over: http}
""",
    "house": """\
name: House
kind: house
gln: "9521001000017"
channels: {http: {url: "http://127.0.0.1:9/inbox", token: none}}
agreements:
  - {receive: canonical/DespatchAdvice, over: http}
  - {receive: canonical/ReceivingAdvice, over: http}
  - {receive: canonical/InventoryReport, over: http}
  - {receive: canonical/PartyInfo, over: http}
  - {receive: canonical/CalendarInfo, over: http}
  - {receive: canonical/Invoice, over: http}
  - {send: canonical/Order, over: http}
  - {send: canonical/Invoice, over: http}
""",
}
ITEMS = """\
gtin,name,supplier,supplier_item,pack,sales_price,purchase_price,currency,active
9521001100014,Oats,farm,F-1,1,2.00,1.20,EUR,true
9521001100021,Flour,farm,F-2,1,1.00,0.60,EUR,true
"""
SUPPLIERS = """\
partner,lead_time_days,review_days,service_factor,approval_limit,currency
farm,3,1,1.64,250,EUR
mill,3,1,1.64,250,EUR
"""


def make_instance(root: Path) -> Path:
    made = CliRunner().invoke(cli, ["init", str(root), "--gln", US, "--name", "Us"])
    assert made.exit_code == 0, made.output
    for name, text in PARTNERS.items():
        (root / "partners" / name).mkdir()
        (root / "partners" / name / "partner.yaml").write_text(text)
    own = root / "partners" / "self"
    (own / "partner.yaml").write_text(
        (own / "partner.yaml").read_text().replace(f'warehouse: "{US}"', f'warehouse: "{HOUSE}"')
    )
    (own / "tables" / "items.csv").write_text(ITEMS)
    (own / "tables" / "suppliers.csv").write_text(SUPPLIERS)
    open_instance(root, take_folders=True).close()
    return root


@contextmanager
def opened(root: Path) -> Iterator[Instance]:
    instance = open_instance(root)
    try:
        yield instance
    finally:
        instance.close()


def run(root: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["--instance", str(root), *arguments])
    assert done.exit_code == code, done.output
    return done


def told(root: Path, *arguments: str) -> Any:
    """Return what a command says as JSON."""
    return json.loads(run(root, *arguments, "--json").stdout)


def work_off(instance: Instance) -> None:
    """Read and decide what waits, in the lanes of everybody."""

    async def drain() -> None:
        processing = Processing(
            journal=instance.journal,
            book=lambda: instance.book,
            workers=Workers(lambda: instance.book, 0),
            clock=instance.clock,
            owner="test",
            on_parcels=lambda: None,
            wake=lambda lane: None,
        )
        for lane in LANES:
            await processing.drain(lane)
        await processing.release()

    asyncio.run(drain())


def send(root: Path, partner: str, *documents: Document) -> None:
    """Let a partner's documents arrive and be decided; none of them may park."""
    with opened(root) as instance:
        now = instance.clock.now()
        for document in documents:
            data = dumps(document).encode()
            arrival = Arrival(
                id=f"a{next(_numbers):06d}",
                channel="http",
                partner=partner,
                payload=MemoryPayload(data),
                content_type="application/json",
            )
            instance.journal.write(lambda tx, a=arrival: accept(tx, instance.book, a, now))
        work_off(instance)
        stuck = instance.views.messages(MessageFilter(state="attention")).lines
        assert [(each.type, each.fault_code) for each in stuck if each.kind != "parcel"] == []


def go_on(root: Path) -> None:
    """Decide what people have said."""
    with opened(root) as instance:
        work_off(instance)


def units(value: object) -> Quantity:
    return Quantity(value=Decimal(str(value)))


def eur(value: object) -> Amount:
    return Amount(value=Decimal(str(value)), currency="EUR")


def today() -> date:
    return SystemClock().now().date()


def order(number: str, *lines: tuple[str, object]) -> Order:
    return Order(
        id=number,
        issued_at=today(),
        buyer=party(SHOP),
        seller=party(US),
        currency="EUR",
        lines=tuple(
            OrderLine(number=str(n), item=Item(gtin=gtin), quantity=units(value))
            for n, (gtin, value) in enumerate(lines, start=1)
        ),
    )


def stock(**counts: object) -> InventoryReport:
    lines = tuple(
        InventoryLine(item=Item(gtin={"oats": OATS, "flour": FLOUR}[name]), type="onHand", quantity=units(value))
        for name, value in counts.items()
    )
    return InventoryReport(id=f"I{next(_numbers)}", issued_at=today(), reporter=party(HOUSE), lines=lines)


def despatch(
    number: str, order_number: str, *lines: tuple[str, str, object], seller: str = US, buyer: str = SHOP
) -> DespatchAdvice:
    return DespatchAdvice(
        id=number,
        issued_at=today(),
        seller=party(seller),
        buyer=party(buyer),
        refs=DespatchRefs(order=DocumentRef(id=order_number)),
        lines=tuple(
            DespatchLine(
                number=line,
                item=Item(gtin=gtin),
                despatched_quantity=units(value),
                order=DocumentRef(id=order_number, line=line),
            )
            for line, gtin, value in lines
        ),
    )


def receipt(number: str, despatch_number: str, order_number: str, *lines: tuple[str, object]) -> ReceivingAdvice:
    return ReceivingAdvice(
        id=number,
        issued_at=today(),
        receiver=party(HOUSE),
        seller=party(FARM),
        refs=Refs(despatch_advice=despatch_number, order=DocumentRef(id=order_number)),
        lines=tuple(
            ReceivingLine(number=str(n), item=Item(gtin=gtin), received_quantity=units(value))
            for n, (gtin, value) in enumerate(lines, start=1)
        ),
    )


def invoice(
    number: str, order_number: str, *lines: tuple[str, object, object], seller: str = US, buyer: str = SHOP
) -> Invoice:
    return Invoice(
        id=number,
        issued_at=today(),
        seller=party(seller),
        buyer=party(buyer),
        currency="EUR",
        refs=InvoiceRefs(order=DocumentRef(id=order_number)),
        lines=tuple(
            InvoiceLine(
                number=str(n),
                item=Item(gtin=gtin),
                quantity=units(value),
                price=Price(net=eur(price)),
                order=DocumentRef(id=order_number, line=str(n)),
            )
            for n, (gtin, value, price) in enumerate(lines, start=1)
        ),
    )


def remittance(number: str, *paid: tuple[str, object]) -> RemittanceAdvice:
    lines = tuple(SettledDocument(document_ref=DocumentRef(id=name), paid=eur(value)) for name, value in paid)
    return RemittanceAdvice(
        id=number, issued_at=today(), payer=party(SHOP), payee=party(US), lines=lines, currency="EUR"
    )


def announcement(number: str, order_number: str, *lines: tuple[str, object]) -> ReturnNotice:
    return ReturnNotice(
        id=number,
        kind="announcement",
        issued_at=today(),
        buyer=party(SHOP),
        seller=party(US),
        lines=tuple(
            ReturnLine(number=str(n), item=Item(gtin=gtin), quantity=units(value), order=DocumentRef(id=order_number))
            for n, (gtin, value) in enumerate(lines, start=1)
        ),
    )


def catalogue(
    provider: str, number: str, *lines: tuple[str, str], begins: date | None = None, **more: Any
) -> PriceCatalogue:
    first = begins or today()
    return PriceCatalogue(
        id=number,
        issued_at=today(),
        provider=party(provider),
        receiver=party(US),
        currency="EUR",
        validity=Period(start=first, end=date(2099, 12, 31)),
        lines=tuple(
            replace(
                CatalogueItem(
                    item=Item(gtin=gtin, description="Oats, rolled", seller_id="S-1"),
                    prices=(CataloguePrice(kind="net", amount=eur(price)),),
                ),
                **more,
            )
            for gtin, price in lines
        ),
    )
