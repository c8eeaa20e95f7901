"""Documents as partners write them: plain text by hand, sharing no code with the gateway."""

from collections.abc import Sequence
from itertools import count

_references = count(1)


def interchange(sender: str, receiver: str, kind: str, body: str, *, test: bool = False, reference: str = "") -> str:
    """Wrap the body of one D.96A message. body: segments with terminators, without UNH and UNT."""
    reference = reference or f"T{next(_references):06d}"
    segments = body.count("'") + 2
    flag = "++++++1" if test else ""
    return (
        f"UNB+UNOC:3+{sender}:14+{receiver}:14+261101:1200+{reference}{flag}'UNH+1+{kind}:D:96A:UN:EAN008'"
        f"{body}UNT+{segments}+1'UNZ+1+{reference}'"
    )


def orders(
    number: str, buyer: str, seller: str, ship_to: str, lines: Sequence[tuple[str, str]], *, when: str, wish: str,
    test: bool = False,
) -> str:  # fmt: skip
    """lines: (GTIN, quantity)."""
    body = f"BGM+220+{number}+9'DTM+137:{when}:102'DTM+2:{wish}:102'NAD+BY+{buyer}::9'NAD+SU+{seller}::9'"
    body += f"NAD+DP+{ship_to}::9'"
    body += "".join(f"LIN+{n}++{gtin}:EN'QTY+21:{quantity}'" for n, (gtin, quantity) in enumerate(lines, 1))
    return interchange(buyer, seller, "ORDERS", body + f"UNS+S'CNT+2:{len(lines)}'", test=test)


def desadv(
    number: str, order: str, seller: str, buyer: str, ship_to: str, lines: Sequence[tuple[str, str]], *, when: str
) -> str:
    body = f"BGM+351+{number}+9'DTM+137:{when}:102'DTM+11:{when}:102'RFF+ON:{order}'NAD+BY+{buyer}::9'"
    body += f"NAD+SU+{seller}::9'NAD+DP+{ship_to}::9'CPS+1'"
    for n, (gtin, quantity) in enumerate(lines, 1):
        body += f"LIN+{n}++{gtin}:EN'QTY+12:{quantity}'RFF+ON:{order}:{n}'"
    return interchange(seller, buyer, "DESADV", body + f"CNT+2:{len(lines)}'")


def slsrpt(number: str, reporter: str, receiver: str, shop: str, lines: Sequence[tuple[str, str]], *, day: str) -> str:
    body = f"BGM+73E+{number}+9'DTM+137:{day}:102'DTM+90:{day}:102'DTM+91:{day}:102'NAD+SE+{reporter}::9'"
    body += f"NAD+SU+{receiver}::9'LOC+162+{shop}::9'DTM+356:{day}:102'"
    body += "".join(f"LIN+{n}++{gtin}:EN'QTY+153:{quantity}'" for n, (gtin, quantity) in enumerate(lines, 1))
    return interchange(reporter, receiver, "SLSRPT", body)


UBL = (
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)


def _party(role: str, gln: str) -> str:
    endpoint = f'<cbc:EndpointID schemeID="0088">{gln}</cbc:EndpointID>'
    return f"<cac:{role}><cac:Party>{endpoint}</cac:Party></cac:{role}>"


def _item(name: str, gtin: str) -> str:
    number = f'<cbc:ID schemeID="0160">{gtin}</cbc:ID>'
    return (
        f"<cac:Item><cbc:Name>{name}</cbc:Name>"
        f"<cac:StandardItemIdentification>{number}</cac:StandardItemIdentification></cac:Item>"
    )


def _ubl(root: str, content: str) -> str:
    return f'<?xml version="1.0"?><{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" {UBL}>{content}</{root}>'


def ubl_order(
    number: str, buyer: str, seller: str, ship_to: str, lines: Sequence[tuple[str, str]], *, when: str
) -> str:
    content = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{when}</cbc:IssueDate>"
    content += "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    content += _party("BuyerCustomerParty", buyer) + _party("SellerSupplierParty", seller)
    content += f'<cac:Delivery><cac:DeliveryLocation><cbc:ID schemeID="0088">{ship_to}</cbc:ID></cac:DeliveryLocation></cac:Delivery>'
    for n, (gtin, quantity) in enumerate(lines, 1):
        content += (
            f'<cac:OrderLine><cac:LineItem><cbc:ID>{n}</cbc:ID><cbc:Quantity unitCode="H87">{quantity}</cbc:Quantity>'
            f"{_item(f'Item {n}', gtin)}</cac:LineItem></cac:OrderLine>"
        )
    return _ubl("Order", content)


def ubl_despatch(
    number: str, order: str, seller: str, buyer: str, lines: Sequence[tuple[str, str]], *, when: str
) -> str:
    content = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{when}</cbc:IssueDate>"
    content += f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>"
    content += _party("DespatchSupplierParty", seller) + _party("DeliveryCustomerParty", buyer)
    content += _party("BuyerCustomerParty", buyer) + _party("SellerSupplierParty", seller)
    for n, (gtin, quantity) in enumerate(lines, 1):
        content += (
            f'<cac:DespatchLine><cbc:ID>{n}</cbc:ID><cbc:DeliveredQuantity unitCode="H87">{quantity}</cbc:DeliveredQuantity>'
            f"<cac:OrderLineReference><cbc:LineID>{n}</cbc:LineID><cac:OrderReference><cbc:ID>{order}</cbc:ID>"
            f"</cac:OrderReference></cac:OrderLineReference>{_item(f'Item {n}', gtin)}</cac:DespatchLine>"
        )
    return _ubl("DespatchAdvice", content)


def ubl_sales(
    number: str, reporter: str, receiver: str, shop: str, lines: Sequence[tuple[str, str]], *, day: str
) -> str:
    period = (
        f"<cac:ActivityPeriod><cbc:StartDate>{day}</cbc:StartDate><cbc:EndDate>{day}</cbc:EndDate></cac:ActivityPeriod>"
    )
    content = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate>"
    content += f"<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{period}"
    for role, gln in (("SenderParty", reporter), ("ReceiverParty", receiver)):
        content += f'<cac:{role}><cbc:EndpointID schemeID="0088">{gln}</cbc:EndpointID></cac:{role}>'
    sold = "".join(
        f'<cac:SalesItem><cbc:Quantity unitCode="H87">{quantity}</cbc:Quantity>{_item(f"Item {n}", gtin)}</cac:SalesItem>'
        for n, (gtin, quantity) in enumerate(lines, 1)
    )
    content += (
        f"<cac:SupplyChainActivityDataLine><cbc:ID>1</cbc:ID>"
        f"<cbc:SupplyChainActivityTypeCode>SALES</cbc:SupplyChainActivityTypeCode>{period}"
        f'<cac:ActivityOriginLocation><cbc:ID schemeID="0088">{shop}</cbc:ID></cac:ActivityOriginLocation>{sold}'
        "</cac:SupplyChainActivityDataLine>"
    )
    return _ubl("ProductActivity", content)


def stock_count(number: str, place: str, counts: Sequence[tuple[str, str]], *, when: str) -> str:
    """The house's own JSON. counts: (GTIN of 14 digits, quantity)."""
    lines = ",".join(
        f'{{"item":{{"gtin":"{gtin}"}},"quantity":{{"value":"{quantity}","per":"gtin"}},"type":"onHand","location":"{place}"}}'
        for gtin, quantity in counts
    )
    reporter = f'{{"ids":[{{"scheme":"0088","value":"{place}"}}]}}'
    return (
        f'{{"document":"InventoryReport","id":"{number}","issuedAt":"{when}","reporter":{reporter},"lines":[{lines}]}}'
    )
