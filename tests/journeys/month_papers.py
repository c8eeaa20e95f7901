"""Documents of a month of trade, as partners and our own house write them: by hand, sharing no code with the gateway."""

import json
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.journeys.papers import UBL, interchange

TAX = Decimal("0.07")
CENT = Decimal("0.01")
Billed = tuple[str, str, str, int, str]  # order, its line, GTIN of 14 digits, units, price


def _message(sender: str, receiver: str, kind: str, version: str, body: str) -> str:
    return interchange(sender, receiver, kind, body).replace(f"{kind}:D:96A:UN:EAN008", f"{kind}:{version}")


def ordchg(
    number: str, order: str, buyer: str, seller: str, lines: Sequence[tuple[str, str, str, str]], *, when: str
) -> str:
    """lines: (line, action of 1229, GTIN, quantity)."""
    body = f"BGM+230+{number}+4'DTM+137:{when}:102'RFF+ON:{order}'NAD+BY+{buyer}::9'NAD+SU+{seller}::9'"
    body += "".join(f"LIN+{line}+{action}+{gtin}:EN'QTY+21:{units}'" for line, action, gtin, units in lines)
    return _message(buyer, seller, "ORDCHG", "D:96A:UN:EAN008", body + "UNS+S'")


def priced_orders(number: str, buyer: str, seller: str, lines: Sequence[tuple[str, str, str]], *, when: str) -> str:
    """lines: (GTIN, quantity, net price)."""
    body = f"BGM+220+{number}+9'DTM+137:{when}:102'NAD+BY+{buyer}::9'NAD+SU+{seller}::9'CUX+2:EUR:9'"
    for n, (gtin, units, price) in enumerate(lines, 1):
        body += f"LIN+{n}++{gtin}:EN'QTY+21:{units}'PRI+AAA:{price}'"
    return _message(buyer, seller, "ORDERS", "D:96A:UN:EAN008", body + f"UNS+S'CNT+2:{len(lines)}'")


def ordrsp(
    number: str, order: str, buyer: str, seller: str, lines: Sequence[tuple[str, str, int]], *, when: str
) -> str:
    """lines: (order line, GTIN, confirmed)."""
    body = f"BGM+231+{number}+29'DTM+137:{when}:102'RFF+ON:{order}'NAD+BY+{buyer}::9'NAD+SU+{seller}::9'"
    for n, (line, gtin, units) in enumerate(lines, 1):
        body += f"LIN+{n}+5+{gtin}:EN'QTY+113:{units}'RFF+LI:{line}'"
    return _message(seller, buyer, "ORDRSP", "D:96A:UN:EAN009", body + "UNS+S'")


def recadv(number: str, despatch: str, buyer: str, seller: str, lines: Sequence[tuple[str, int]], *, when: str) -> str:
    body = f"BGM+632+{number}+9'DTM+137:{when}:102'DTM+50:{when}:102'RFF+AAK:{despatch}'"
    body += f"NAD+BY+{buyer}::9'NAD+SU+{seller}::9'CPS+1'"
    body += "".join(f"LIN+{n}++{gtin}:EN'QTY+48:{u}'QTY+194:{u}'" for n, (gtin, u) in enumerate(lines, 1))
    return _message(buyer, seller, "RECADV", "D:96A:UN:EAN002", body + f"CNT+2:{len(lines)}'")


def retann(number: str, buyer: str, seller: str, lines: Sequence[tuple[str, int, str, str]], *, when: str) -> str:
    """lines: (GTIN, units, order, its line)."""
    body = f"BGM+70E+{number}+9'DTM+137:{when}:102'NAD+BY+{buyer}::9'NAD+SU+{seller}::9'"
    for n, (gtin, units, order, line) in enumerate(lines, 1):
        body += f"LIN+{n}++{gtin}:SRV'QTY+61:{units}'RFF+ON:{order}:{line}'"
    return _message(buyer, seller, "RETANN", "D:01B:UN:EAN003", body + f"UNS+S'CNT+2:{len(lines)}'")


def remadv(number: str, payer: str, payee: str, lines: Sequence[tuple[str, str, Decimal]], *, when: str) -> str:
    """lines: (document type of 1001, document, paid)."""
    body = f"BGM+481+{number}+9'DTM+137:{when}:102'DTM+138:{when}:102'NAD+PR+{payer}::9'NAD+PE+{payee}::9'CUX+2:EUR:11'"
    body += "".join(f"DOC+{kind}+{document}'MOA+12:{paid}'" for kind, document, paid in lines)
    total = sum((-paid if kind == "381" else paid for kind, _, paid in lines), Decimal(0))
    return _message(payer, payee, "REMADV", "D:96A:UN:EAN003", body + f"UNS+S'MOA+12:{total}'")


def invoic(number: str, seller: str, buyer: str, lines: Sequence[Billed], *, when: str) -> str:
    net, tax, gross = sums(lines)
    body = f"BGM+380+{number}+9'DTM+137:{when}:102'NAD+SU+{seller}::9'NAD+BY+{buyer}::9'CUX+2:EUR:4'"
    for n, (order, line, gtin, units, price) in enumerate(lines, 1):
        body += f"LIN+{n}++{gtin[1:]}:EN'QTY+47:{units}'MOA+203:{units * Decimal(price)}'PRI+AAA:{price}'RFF+ON:{order}:{line}'"
    body += f"UNS+S'CNT+2:{len(lines)}'MOA+79:{net}'MOA+125:{net}'MOA+124:{tax}'MOA+9:{gross}'"
    body += f"TAX+7+VAT+++:::7+S'MOA+125:{net}'MOA+124:{tax}'"
    return _message(seller, buyer, "INVOIC", "D:96A:UN:EAN008", body)


def sums(lines: Sequence[Billed]) -> tuple[Decimal, Decimal, Decimal]:
    """Return net, tax and gross."""
    net = sum((units * Decimal(price) for _, _, _, units, price in lines), Decimal(0)).quantize(CENT)
    tax = (net * TAX).quantize(CENT, ROUND_HALF_UP)
    return net, tax, net + tax


# --- UBL --------------------------------------------------------------------------------------------------------------


def _root(name: str, content: str) -> str:
    space = f"urn:oasis:names:specification:ubl:schema:xsd:{name}-2"
    return f'<?xml version="1.0"?><{name} xmlns="{space}" {UBL}>{content}</{name}>'


def _head(number: str, when: str, currency: bool = True) -> str:
    head = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{when}</cbc:IssueDate>"
    return head + ("<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>" if currency else "")


def _party(role: str, gln: str) -> str:
    return f'<cac:{role}><cac:Party><cbc:EndpointID schemeID="0088">{gln}</cbc:EndpointID></cac:Party></cac:{role}>'


def ubl_change(
    number: str, order: str, buyer: str, seller: str, lines: Sequence[tuple[str, str, str, str]], *, when: str
) -> str:
    """lines: (line, status code, GTIN, quantity)."""
    content = _head(number, when, False) + "<cbc:SequenceNumberID>1</cbc:SequenceNumberID>"
    content += "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    content += f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>"
    content += _party("BuyerCustomerParty", buyer) + _party("SellerSupplierParty", seller)
    for line, action, gtin, units in lines:
        content += (
            f"<cac:OrderLine><cac:LineItem><cbc:ID>{line}</cbc:ID><cbc:LineStatusCode>{action}</cbc:LineStatusCode>"
            f'<cbc:Quantity unitCode="H87">{units}</cbc:Quantity><cac:Item><cac:StandardItemIdentification>'
            f'<cbc:ID schemeID="0160">{gtin}</cbc:ID></cac:StandardItemIdentification></cac:Item></cac:LineItem></cac:OrderLine>'
        )
    return _root("OrderChange", content)


def ubl_cancellation(number: str, order: str, buyer: str, seller: str, *, when: str) -> str:
    content = _head(number, when, False) + "<cbc:CancellationNote>not needed</cbc:CancellationNote>"
    content += f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>"
    return _root(
        "OrderCancellation", content + _party("BuyerCustomerParty", buyer) + _party("SellerSupplierParty", seller)
    )


def ubl_invoice(number: str, seller: str, buyer: str, lines: Sequence[Billed], *, when: str) -> str:
    net, tax, gross = sums(lines)
    content = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{when}</cbc:IssueDate>"
    content += "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    content += f"<cac:OrderReference><cbc:ID>{lines[0][0]}</cbc:ID></cac:OrderReference>"
    content += _party("AccountingSupplierParty", seller) + _party("AccountingCustomerParty", buyer)
    content += (
        f'<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal>'
    )
    for name, amount in (("LineExtension", net), ("TaxExclusive", net), ("TaxInclusive", gross), ("Payable", gross)):
        content += f'<cbc:{name}Amount currencyID="EUR">{amount}</cbc:{name}Amount>'
    content += "</cac:LegalMonetaryTotal>"
    for n, (order, line, gtin, units, price) in enumerate(lines, 1):
        content += (
            f'<cac:InvoiceLine><cbc:ID>{n}</cbc:ID><cbc:InvoicedQuantity unitCode="H87">{units}</cbc:InvoicedQuantity>'
            f'<cbc:LineExtensionAmount currencyID="EUR">{units * Decimal(price)}</cbc:LineExtensionAmount>'
            f"<cac:OrderLineReference><cbc:LineID>{line}</cbc:LineID><cac:OrderReference><cbc:ID>{order}</cbc:ID>"
            "</cac:OrderReference></cac:OrderLineReference><cac:Item><cac:StandardItemIdentification>"
            f'<cbc:ID schemeID="0160">{gtin}</cbc:ID></cac:StandardItemIdentification></cac:Item>'
            f'<cac:Price><cbc:PriceAmount currencyID="EUR">{price}</cbc:PriceAmount></cac:Price></cac:InvoiceLine>'
        )
    return _root("Invoice", content)


def ubl_remittance(number: str, payer: str, payee: str, lines: Sequence[tuple[str, Decimal]], *, when: str) -> str:
    content = _head(number, when)
    content += f'<cbc:TotalPaymentAmount currencyID="EUR">{sum(paid for _, paid in lines)}</cbc:TotalPaymentAmount>'
    content += _party("AccountingCustomerParty", payer) + _party("AccountingSupplierParty", payee)
    content += f"<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cbc:PaymentDueDate>{when}</cbc:PaymentDueDate></cac:PaymentMeans>"
    for n, (document, paid) in enumerate(lines, 1):
        content += (
            f'<cac:RemittanceAdviceLine><cbc:ID>{n}</cbc:ID><cbc:DebitLineAmount currencyID="EUR">{paid}</cbc:DebitLineAmount>'
            f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{document}</cbc:ID></cac:InvoiceDocumentReference>"
            "</cac:BillingReference></cac:RemittanceAdviceLine>"
        )
    return _root("RemittanceAdvice", content)


# --- our house --------------------------------------------------------------------------------------------------------


def party(gln: str) -> dict[str, Any]:
    return {"ids": [{"scheme": "0088", "value": gln}]}


def pieces(units: int) -> dict[str, str]:
    return {"value": str(units), "unit": "H87"}


def house(document: str, number: str, when: str, **body: Any) -> str:
    return json.dumps({"document": document, "id": number, "issuedAt": when, **body})


def shipment(number: str, buyer: str, seller: str, lines: Sequence[tuple[str, str, str, int]], *, when: str) -> str:
    """lines: (order, its line, GTIN, units)."""
    rows = [
        {
            "number": str(n),
            "item": {"gtin": gtin},
            "despatchedQuantity": pieces(units),
            "order": {"id": order, "line": line},
        }
        for n, (order, line, gtin, units) in enumerate(lines, 1)
    ]
    return house("DespatchAdvice", number, when, seller=party(seller), buyer=party(buyer), despatchAt=when, lines=rows)


def receipt(
    number: str, place: str, seller: str, lines: Sequence[tuple[str, int]], refs: dict[str, Any], *, when: str
) -> str:
    """lines: (GTIN, accepted)."""
    rows = [
        {"number": str(n), "item": {"gtin": gtin}, "receivedQuantity": pieces(units), "acceptedQuantity": pieces(units)}
        for n, (gtin, units) in enumerate(lines, 1)
    ]
    return house(
        "ReceivingAdvice",
        number,
        when,
        receiver=party(place),
        seller=party(seller),
        receivedAt=when,
        refs=refs,
        lines=rows,
    )


def bill(number: str, seller: str, buyer: str, lines: Sequence[Billed], *, when: str, credits_number: str = "") -> str:
    """An invoice of ours, or the credit note for one."""

    def euro(value: Decimal) -> dict[str, str]:
        return {"value": str(value), "currency": "EUR"}

    net, tax, gross = sums(lines)
    rows = [
        {
            "number": str(n),
            "item": {"gtin": gtin},
            "quantity": pieces(units),
            "price": {"net": euro(Decimal(price))},
            "amount": euro((units * Decimal(price)).quantize(CENT)),
            "order": {"id": order, "line": line},
        }
        for n, (order, line, gtin, units, price) in enumerate(lines, 1)
    ]
    refs = {"order": {"id": lines[0][0]}, **({"invoice": {"id": credits_number}} if credits_number else {})}
    totals = {"lines": euro(net), "taxable": euro(net), "tax": euro(tax), "gross": euro(gross), "payable": euro(gross)}
    taxes = [{"type": "VAT", "category": "S", "percent": "7", "amount": euro(tax), "base": euro(net)}]
    return house(
        "Invoice",
        number,
        when,
        typeCode="381" if credits_number else "380",
        currency="EUR",
        seller=party(seller),
        buyer=party(buyer),
        refs=refs,
        lines=rows,
        taxes=taxes,
        totals=totals,
    )
