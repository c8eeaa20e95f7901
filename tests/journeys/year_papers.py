"""What our warehouse says in UBL: counts, shipments and goods received. By hand, sharing no code with the gateway."""

from collections.abc import Sequence

from tests.journeys.papers import UBL


def _party(role: str, gln: str) -> str:
    return f'<cac:{role}><cac:Party><cbc:EndpointID schemeID="0088">{gln}</cbc:EndpointID></cac:Party></cac:{role}>'


def _item(gtin: str) -> str:
    number = f'<cbc:ID schemeID="0160">{gtin}</cbc:ID>'
    return f"<cac:Item><cac:StandardItemIdentification>{number}</cac:StandardItemIdentification></cac:Item>"


def _document(root: str, number: str, when: str, content: str) -> str:
    space = f"urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
    head = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{when}</cbc:IssueDate>"
    return f'<?xml version="1.0"?><{root} xmlns="{space}" {UBL}>{head}{content}</{root}>'


def count(number: str, place: str, company: str, counts: Sequence[tuple[str, int]], *, when: str) -> str:
    """counts: (GTIN, units)."""
    content = f"<cac:InventoryPeriod><cbc:StartDate>{when}</cbc:StartDate><cbc:EndDate>{when}</cbc:EndDate>"
    content += "</cac:InventoryPeriod>" + _party("RetailerCustomerParty", place)
    content += f'<cac:InventoryReportingParty><cbc:EndpointID schemeID="0088">{place}</cbc:EndpointID>'
    content += "</cac:InventoryReportingParty>" + _party("SellerSupplierParty", company)
    for n, (gtin, units) in enumerate(counts, 1):
        content += f'<cac:InventoryReportLine><cbc:ID>{n}</cbc:ID><cbc:Quantity unitCode="H87">{units}</cbc:Quantity>'
        content += f"<cbc:AvailabilityStatusCode>ON_HAND</cbc:AvailabilityStatusCode>{_item(gtin)}"
        content += f'<cac:InventoryLocation><cbc:ID schemeID="0088">{place}</cbc:ID></cac:InventoryLocation>'
        content += "</cac:InventoryReportLine>"
    return _document("InventoryReport", number, when, content)


def receipt(number: str, despatch: str, place: str, seller: str, lines: Sequence[tuple[str, int]], *, when: str) -> str:
    """Goods that a supplier has sent. lines: (GTIN, units received)."""
    content = f"<cac:DespatchDocumentReference><cbc:ID>{despatch}</cbc:ID></cac:DespatchDocumentReference>"
    content += _party("DeliveryCustomerParty", place) + _party("DespatchSupplierParty", seller)
    for n, (gtin, units) in enumerate(lines, 1):
        content += (
            f'<cac:ReceiptLine><cbc:ID>{n}</cbc:ID><cbc:ReceivedQuantity unitCode="H87">{units}</cbc:ReceivedQuantity>'
        )
        content += f"{_item(gtin)}</cac:ReceiptLine>"
    return _document("ReceiptAdvice", number, when, content)
