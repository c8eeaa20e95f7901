"""The shop chain's own UBL 2.1: plain text with values put in, written without the gateway's XML codec.

Source: OASIS UBL 2.1, Order-2 and ProductActivity-2; elements in the order of the schema.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape

from gateway.demo.edifact_texts import Line, Parties, Sold

_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd"


def _document(root: str, body: str) -> bytes:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="{_NAMESPACE}:{root}-2" xmlns:cac="{_NAMESPACE}:CommonAggregateComponents-2" '
        f'xmlns:cbc="{_NAMESPACE}:CommonBasicComponents-2">\n{body}</{root}>\n'
    )
    return text.encode()


def _party(gln: str, name: str = "") -> str:
    called = f"<cac:PartyName><cbc:Name>{escape(name)}</cbc:Name></cac:PartyName>" if name else ""
    return f'<cbc:EndpointID schemeID="0088">{gln}</cbc:EndpointID>{called}'


def _item(line: Line) -> str:
    name = f"<cbc:Name>{escape(line.name)}</cbc:Name>" if line.name else ""
    number = f'<cbc:ID schemeID="0160">{line.gtin}</cbc:ID>'
    return f"<cac:Item>{name}<cac:StandardItemIdentification>{number}</cac:StandardItemIdentification></cac:Item>"


def _order_line(line: Line) -> str:
    price = (
        f'<cac:Price><cbc:PriceAmount currencyID="EUR">{line.price}</cbc:PriceAmount></cac:Price>' if line.price else ""
    )
    return (
        f"<cac:OrderLine><cac:LineItem><cbc:ID>{escape(line.number)}</cbc:ID>"
        f'<cbc:Quantity unitCode="H87">{line.quantity}</cbc:Quantity>{price}{_item(line)}'
        "</cac:LineItem></cac:OrderLine>\n"
    )


def order(
    number: str, at: datetime, deliver_on: date, parties: Parties, buyer_name: str, lines: Sequence[Line]
) -> bytes:
    """Return a UBL Order."""
    body = (
        "<cbc:UBLVersionID>2.1</cbc:UBLVersionID>\n"
        f"<cbc:ID>{escape(number)}</cbc:ID>\n"
        f"<cbc:IssueDate>{at:%Y-%m-%d}</cbc:IssueDate>\n<cbc:IssueTime>{at:%H:%M:%S}Z</cbc:IssueTime>\n"
        "<cbc:OrderTypeCode>220</cbc:OrderTypeCode>\n<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>\n"
        f"<cac:BuyerCustomerParty><cac:Party>{_party(parties.buyer, buyer_name)}</cac:Party></cac:BuyerCustomerParty>\n"
        f"<cac:SellerSupplierParty><cac:Party>{_party(parties.seller)}</cac:Party></cac:SellerSupplierParty>\n"
        f'<cac:Delivery><cac:DeliveryLocation><cbc:ID schemeID="0088">{parties.deliver_to}</cbc:ID>'
        "</cac:DeliveryLocation><cac:RequestedDeliveryPeriod>"
        f"<cbc:StartDate>{deliver_on:%Y-%m-%d}</cbc:StartDate></cac:RequestedDeliveryPeriod></cac:Delivery>\n"
    )
    return _document("Order", body + "".join(_order_line(line) for line in lines))


def _sales_item(sold: Sold) -> str:
    item, units, _ = sold
    return (
        f'<cac:SalesItem><cbc:Quantity unitCode="H87">{units}</cbc:Quantity>'
        f"{_item(Line(number='', gtin=item.wire_gtin, quantity=units, name=item.name))}</cac:SalesItem>\n"
    )


def product_activity(
    number: str, at: datetime, day: date, parties: Parties, shops: Mapping[str, Sequence[Sold]]
) -> bytes:
    """Return a UBL ProductActivity with one day's sales. shops: GLN of the shop -> what it sold."""
    period = f"<cbc:StartDate>{day:%Y-%m-%d}</cbc:StartDate><cbc:EndDate>{day:%Y-%m-%d}</cbc:EndDate>"
    body = (
        "<cbc:UBLVersionID>2.1</cbc:UBLVersionID>\n"
        f"<cbc:ID>{escape(number)}</cbc:ID>\n"
        f"<cbc:IssueDate>{at:%Y-%m-%d}</cbc:IssueDate>\n<cbc:IssueTime>{at:%H:%M:%S}Z</cbc:IssueTime>\n"
        "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>\n"
        f"<cac:ActivityPeriod>{period}</cac:ActivityPeriod>\n"
        f"<cac:SenderParty>{_party(parties.buyer)}</cac:SenderParty>\n"
        f"<cac:ReceiverParty>{_party(parties.seller)}</cac:ReceiverParty>\n"
    )
    for shop, rows in shops.items():
        body += (
            "<cac:SupplyChainActivityDataLine><cbc:ID>" + shop + "</cbc:ID>"
            "<cbc:SupplyChainActivityTypeCode>SALES</cbc:SupplyChainActivityTypeCode>"
            f"<cac:ActivityPeriod>{period}</cac:ActivityPeriod>"
            f'<cac:ActivityOriginLocation><cbc:ID schemeID="0088">{shop}</cbc:ID></cac:ActivityOriginLocation>\n'
            + "".join(_sales_item(row) for row in rows if row[1])
            + "</cac:SupplyChainActivityDataLine>\n"
        )
    return _document("ProductActivity", body)


def kind_and_number(data: bytes) -> tuple[str, str]:
    """Return the root's name and the document number of an XML file, as far as a plain look can tell."""
    text = data.decode("utf-8", "replace")
    root = re.search(r"<(?:\w+:)?([A-Z]\w*)", text)
    number = re.search(r"<(?:\w+:)?ID\b[^>]*>([^<]*)<", text)
    return (root.group(1) if root else "xml"), (number.group(1).strip() if number else "")
