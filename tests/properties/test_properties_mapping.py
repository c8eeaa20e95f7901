"""The law of every standard mapping: read(write(document)) == document, for all that the format can carry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.codecs import envelope, xml
from gateway.codecs.edifact_write import write_segments
from gateway.mapping.compiler import DocumentMapping
from gateway.model.despatch_advice import (
    DespatchAdvice,
    DespatchLine,
    DespatchRefs,
    LogisticUnit,
    ReceivingAdvice,
    ReceivingLine,
    ReceivingRefs,
)
from gateway.model.order import (
    DeliveryWindow,
    Order,
    OrderLine,
    OrderRefs,
    OrderResponse,
    OrderResponseLine,
    OrderTotals,
    Split,
)
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import (
    Address,
    Amount,
    Contact,
    DocumentRef,
    Item,
    Party,
    PartyIdentifier,
    Period,
    Price,
    Quantity,
    check_digit,
)
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

Standard = Callable[[str], DocumentMapping]
LAWS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def digits(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=size, max_size=size).map(lambda body: body + check_digit(body))


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


# the service characters ' + : ? are in: what is released must come back
WORD = st.text("abcXYZ0189äß'+:?.,-&<>", min_size=1, max_size=9)
TEXT = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
GLN, SSCC = digits(12), digits(17)
GTIN = digits(12).map(lambda code: code.rjust(14, "0"))
DAY = st.dates(date(2000, 1, 1), date(2099, 12, 31))
MINUTE = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)).map(lambda at: at.replace(microsecond=0))
MOMENT = DAY | MINUTE
NUMBER = st.decimals(0, 99999, places=2, allow_nan=False, allow_infinity=False)
UNIT = st.sampled_from(["H87", "KGM", "XCT", "XPX", "LTR"])
QUANTITY = st.builds(Quantity, value=NUMBER, unit=UNIT) | st.builds(Quantity, value=NUMBER, per=st.just("gtin"))
AMOUNT = st.builds(Amount, value=NUMBER)
PERIOD = st.lists(DAY, min_size=2, max_size=2).map(lambda days: Period(start=min(days), end=max(days)))
ITEM = st.builds(
    Item,
    gtin=GTIN,
    buyer_id=optional(WORD),
    seller_id=optional(WORD),
    variant=optional(WORD),
    description=optional(TEXT),
)
FOREIGN = st.builds(Amount, value=NUMBER, currency=st.just("SEK"))
PRICE = st.builds(Price, net=AMOUNT | FOREIGN, base=optional(QUANTITY), type=optional(st.sampled_from(["CA", "CT"])))


def identifiers(gln: str, vat: str | None) -> tuple[PartyIdentifier, ...]:
    found = (PartyIdentifier(scheme="0088", value=gln),)
    return (*found, PartyIdentifier(scheme="vat", value=vat)) if vat else found


SHORT = st.builds(Party, ids=GLN.map(lambda gln: identifiers(gln, None)))
PLAIN = st.builds(
    Party,
    ids=GLN.map(lambda gln: identifiers(gln, None)),
    name=optional(TEXT),
    address=optional(st.builds(Address, street=TEXT, city=WORD, postal_code=optional(WORD), country=st.just("DE"))),
    contact=optional(st.builds(Contact, name=TEXT, phone=optional(WORD), email=optional(WORD))),
)
PARTY = st.builds(lambda party, gln, vat: replace(party, ids=identifiers(gln, vat)), PLAIN, GLN, optional(WORD))
REF = st.builds(DocumentRef, id=WORD, issued_at=optional(DAY))
LINE_REF = st.builds(DocumentRef, id=WORD, line=st.integers(1, 999).map(str), issued_at=optional(DAY))


def numbered(lines: list[Any]) -> tuple[Any, ...]:
    return tuple(replace(line, number=str(number)) for number, line in enumerate(lines, 1))


def several(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=1, max_size=4).map(numbered)


ORDER_LINE = st.builds(
    OrderLine,
    number=st.just("1"),
    item=ITEM,
    quantity=QUANTITY,
    amount=optional(AMOUNT),
    price=optional(PRICE),
    requested_delivery=optional(DAY),
    notes=st.lists(TEXT, max_size=2, unique=True).map(tuple),
    splits=st.lists(st.builds(Split, location=GLN, quantity=optional(QUANTITY), date=optional(DAY)), max_size=2).map(
        tuple
    ),
)
ORDER = st.builds(
    Order,
    id=WORD,
    issued_at=MOMENT,
    buyer=PARTY,
    seller=SHORT,
    lines=several(ORDER_LINE),
    type_code=st.sampled_from(["220", "224"]),
    function=st.sampled_from(["original", "copy"]),
    currency=st.just("EUR"),
    ship_from=optional(SHORT),
    bill_to=optional(SHORT),
    requested_delivery=optional(MOMENT),
    delivery_window=optional(st.builds(DeliveryWindow, latest=DAY)),
    refs=optional(
        st.builds(
            OrderRefs, contract=WORD, price_list=optional(WORD), promotion=optional(WORD), quotation=optional(WORD)
        )
    ),
    notes=st.lists(TEXT, max_size=2, unique=True).map(tuple),
    totals=optional(st.builds(OrderTotals, amount=AMOUNT)),
)
STATUS_LINES = st.sampled_from(
    [("accepted", 5, 0, 0), ("quantity-changed", 3, 0, 0), ("backordered-part", 3, 2, 0), ("backordered", 0, 5, 0),
     ("rejected", 0, 0, 0), ("added", 5, 0, 0), ("substituted", 5, 0, 1)]
)  # fmt: skip


def answer(status: tuple[str, int, int, int], item: Item, other: Item, price: Price | None, day: date | None) -> Any:
    name, confirmed, waiting, substituted = status
    return OrderResponseLine(
        number="1",
        order_line="7",
        status=name,
        item=item,
        confirmed_quantity=Quantity(value=Decimal(confirmed), unit="H87"),
        backorder_quantity=Quantity(value=Decimal(waiting), unit="H87") if waiting else None,
        substitute=Item(gtin=other.gtin) if substituted else None,
        price=price,
        promised_delivery=day,
        reason="no longer sold" if name == "rejected" else None,
    )


RESPONSE = st.builds(
    OrderResponse,
    id=WORD,
    issued_at=MOMENT,
    status=st.sampled_from(["accepted", "amended", "rejected", "received"]),
    order=REF,
    buyer=PARTY,
    seller=PLAIN,
    lines=several(st.builds(answer, STATUS_LINES, ITEM, ITEM, optional(PRICE), optional(DAY))),
    currency=st.just("EUR"),
    ship_to=optional(SHORT),
    sales_order=optional(WORD),
    promised_delivery=optional(MOMENT),
    notes=st.lists(TEXT, max_size=2, unique=True).map(tuple),
)
UNITS = st.sampled_from([(), ("2",), ("2", "3"), ("1", "2")])


def despatch(head: DespatchAdvice, names: tuple[str, ...], codes: list[str], lines: list[Any]) -> DespatchAdvice:
    units = tuple(
        LogisticUnit(id=name, sscc=codes[n], package_type="201", quantity=1, parent=None if n == 0 else names[0])
        for n, name in enumerate(names)
    )
    held = [replace(line, unit=names[n % len(names)] if names else None) for n, line in enumerate(lines)]
    held.sort(key=lambda line: str(line.unit))  # EDIFACT writes unit by unit
    return replace(head, units=units, lines=numbered(held))


DESPATCH_LINE = st.builds(
    DespatchLine,
    number=st.just("1"),
    item=ITEM,
    despatched_quantity=QUANTITY,
    order=LINE_REF,
    batch=optional(WORD),
    best_before=optional(DAY),
)
DESPATCH = st.builds(
    despatch,
    st.builds(
        DespatchAdvice,
        id=WORD,
        issued_at=MOMENT,
        seller=PLAIN,
        buyer=SHORT,
        ship_from=SHORT,
        ship_to=SHORT,
        carrier=optional(SHORT),
        lines=st.just(()),
        despatch_at=optional(MOMENT),
        estimated_delivery=optional(MOMENT),
        refs=optional(st.builds(DespatchRefs, order=REF, delivery_note=optional(WORD), transport=optional(WORD))),
    ),
    UNITS,
    st.lists(SSCC, min_size=2, max_size=2),
    st.lists(DESPATCH_LINE, min_size=1, max_size=4),
)
RECEIPT = st.builds(
    ReceivingAdvice,
    id=WORD,
    issued_at=MOMENT,
    receiver=SHORT,
    seller=SHORT,
    received_at=optional(MOMENT),
    ship_to=optional(SHORT),
    refs=optional(st.builds(ReceivingRefs, despatch_advice=WORD, order=optional(REF), delivery_note=optional(WORD))),
    lines=several(st.builds(ReceivingLine, number=st.just("1"), item=ITEM, received_quantity=QUANTITY, order=LINE_REF)),
)
COUNT = st.integers(0, 999).map(lambda number: Quantity(value=Decimal(number), unit="H87"))
SALES = st.builds(
    SalesReport,
    id=WORD,
    issued_at=MOMENT,
    reporter=PLAIN,
    receiver=SHORT,
    period=PERIOD,
    currency=st.just("EUR"),
    lines=st.lists(
        st.builds(SalesLine, item=ITEM, location=GLN, period=PERIOD, sold_quantity=COUNT, price=optional(AMOUNT)),
        min_size=1,
        max_size=5,
    ).map(tuple),
)
STOCK = st.builds(
    InventoryReport,
    id=WORD,
    issued_at=MOMENT,
    reporter=PLAIN,
    receiver=optional(SHORT),
    period=optional(PERIOD),
    lines=st.lists(
        st.builds(
            InventoryLine,
            item=ITEM,
            quantity=COUNT,
            type=st.sampled_from(["onHand", "available", "damaged", "inTransit"]),
            location=GLN,
            at=optional(DAY),
        ),
        min_size=1,
        max_size=5,
    ).map(tuple),
)

BY_NAME = {
    "eancom-1997/ORDERS": ORDER,
    "eancom-1997/ORDRSP": RESPONSE,
    "eancom-1997/DESADV": DESPATCH,
    "eancom-1997/RECADV": RECEIPT,
    "eancom-1997/SLSRPT": SALES,
    "eancom-1997/INVRPT": STOCK,
    "ubl-2.1/Order": ORDER,
    "ubl-2.1/OrderResponse": RESPONSE,
    "ubl-2.1/DespatchAdvice": DESPATCH,
    "ubl-2.1/ReceiptAdvice": RECEIPT,
    "ubl-2.1/ProductActivity": SALES,
    "ubl-2.1/InventoryReport": STOCK,
}


def edifact_tree(mapping: DocumentMapping, body: bytes, directory: Directory) -> Any:
    kind = f"{mapping.syntax.message}:D:96A:UN:{mapping.syntax.association}"
    count = body.count(b"\n") + 2
    data = b"UNB+UNOC:3+A+B+260302:0900+1'UNH+1+" + kind.encode() + b"'" + body + f"UNT+{count}+1'UNZ+1+1'".encode()
    (interchange,) = envelope.read_interchanges([data])
    (message,) = interchange.messages
    validated = validate(message, directory)
    assert [each for each in validated.findings if each.severity == "error"] == []
    return validated.tree


def there_and_back(mapping: DocumentMapping, document: Any, directories: dict[str, Directory]) -> Any:
    written = mapping.write(document)
    if mapping.syntax.kind == "xml":
        tree = xml.decode(xml.encode(written)).root
    else:
        tree = edifact_tree(mapping, write_segments(written, line_end="\n"), directories["d96a"])
    reading = mapping.read(tree)
    assert [each.code for each in reading.findings if each.severity == "error"] == []
    return reading.document


@pytest.mark.parametrize("name", sorted(BY_NAME))
@LAWS
@given(data=st.data())
def test_what_is_written_is_read_back(
    name: str, data: st.DataObject, standard: Standard, directories: dict[str, Directory]
) -> None:
    document = data.draw(BY_NAME[name])
    assert there_and_back(standard(name), document, directories) == document


@LAWS
@given(order=ORDER)
def test_an_order_crosses_from_edifact_to_ubl_and_back(
    order: Order, standard: Standard, directories: dict[str, Directory]
) -> None:
    over = there_and_back(standard("ubl-2.1/Order"), order, directories)
    assert there_and_back(standard("eancom-1997/ORDERS"), over, directories) == order
