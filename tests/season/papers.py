"""What only the season's players write, beside the plain papers of the journeys: CONTRL, D.01B, odd habits, UBL of suppliers."""

import re
from collections.abc import Sequence

from tests.journeys.papers import UBL, interchange

GUIDES = {"ORDERS": "EAN010", "SLSRPT": "EAN006", "RECADV": "EAN007", "ORDCHG": "EAN010"}
Lines = Sequence[tuple[str, int]]


def modern(sender: str, receiver: str, kind: str, body: str) -> str:
    """Wrap the body of one D.01B message; items are named, and sales reports end, the way of that directory."""
    body += "UNS+S'" if kind == "SLSRPT" else ""
    text = interchange(sender, receiver, kind, body.replace(":EN'", ":SRV'"))
    return text.replace(f"{kind}:D:96A:UN:EAN008", f"{kind}:D:01B:UN:{GUIDES[kind]}")


def order_body(number: str, buyer: str, seller: str, ship_to: str, lines: Lines, *, when: str, wish: str) -> str:
    """wish: the segment DTM+2."""
    body = f"BGM+220+{number}+9'DTM+137:{when}:102'{wish}NAD+BY+{buyer}::9'NAD+SU+{seller}::9'NAD+DP+{ship_to}::9'"
    body += "".join(f"LIN+{n}++{gtin}:EN'QTY+21:{units}'" for n, (gtin, units) in enumerate(lines, 1))
    return body + f"UNS+S'CNT+2:{len(lines)}'"


def sales_body(number: str, reporter: str, receiver: str, shop: str, lines: Lines, *, day: str) -> str:
    body = f"BGM+73E+{number}+9'DTM+137:{day}:102'DTM+90:{day}:102'DTM+91:{day}:102'NAD+SE+{reporter}::9'"
    body += f"NAD+SU+{receiver}::9'LOC+162+{shop}::9'DTM+356:{day}:102'"
    return body + "".join(f"LIN+{n}++{gtin}:EN'QTY+153:{units}'" for n, (gtin, units) in enumerate(lines, 1))


def receipt_body(
    number: str, despatch: str, buyer: str, seller: str, lines: Sequence[tuple[str, int, int, str]], *, when: str
) -> str:
    """lines: (GTIN, despatched, accepted, order and its line as RFF+ON has them)."""
    body = f"BGM+632+{number}+9'DTM+137:{when}:102'DTM+50:{when}:102'RFF+AAK:{despatch}'"
    body += f"NAD+BY+{buyer}::9'NAD+SU+{seller}::9'CPS+1'"
    for n, (gtin, sent, accepted, order) in enumerate(lines, 1):
        body += f"LIN+{n}++{gtin}:EN'QTY+12:{sent}'QTY+194:{accepted}'"
        body += f"QVR+{sent - accepted}:194+CP'" if sent != accepted else ""
        body += f"RFF+ON:{order}'"
    return body + f"CNT+2:{len(lines)}'"


def contrl(text: str) -> str | None:
    """Acknowledge an interchange whole (UCI 7); None for what wants no answer."""
    found = re.search(r"UNB\+[^+]+\+([^+]+)\+([^+]+)\+[^+]+\+([^+']+)", text)
    if found is None or "'UNH+1+CONTRL:" in text:
        return None
    sender, receiver, reference = found.groups()
    plain = (each.partition(":")[0] for each in (receiver, sender))
    body = f"UCI+{reference}+{sender}+{receiver}+7'"
    return interchange(*plain, "CONTRL", body).replace("CONTRL:D:96A:UN:EAN008", "CONTRL:D:3:UN:EAN002")


# --- the odd one ------------------------------------------------------------------------------------------------------


def miscounted(text: str) -> str:
    """UNT counts one segment too many."""
    return re.sub(r"UNT\+(\d+)\+", lambda found: f"UNT+{int(found[1]) + 1}+", text)


def with_windows_name(text: str, gln: str) -> bytes:
    """A buyer's name in windows-1252 with a typographic apostrophe, although UNB says UNOC."""
    return text.replace(f"NAD+BY+{gln}::9'", f"NAD+BY+{gln}::9++Kauzberg\u2019s Söhne'").encode("windows-1252")


# --- UBL of suppliers -------------------------------------------------------------------------------------------------


def _party(role: str, gln: str) -> str:
    return f'<cac:{role}><cac:Party><cbc:EndpointID schemeID="0088">{gln}</cbc:EndpointID></cac:Party></cac:{role}>'


def _item(gtin: str) -> str:
    number = f'<cbc:ID schemeID="0160">{gtin}</cbc:ID>'
    return f"<cac:Item><cac:StandardItemIdentification>{number}</cac:StandardItemIdentification></cac:Item>"


def ubl_response(
    number: str, order: str, buyer: str, seller: str, lines: Sequence[tuple[str, str, int]], *, when: str
) -> str:
    """lines: (order line, GTIN, confirmed)."""
    content = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{when}</cbc:IssueDate>"
    content += "<cbc:OrderResponseCode>AP</cbc:OrderResponseCode>"
    content += f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>"
    content += _party("SellerSupplierParty", seller) + _party("BuyerCustomerParty", buyer)
    for line, gtin, units in lines:
        content += f"<cac:OrderLine><cac:LineItem><cbc:ID>{line}</cbc:ID><cbc:LineStatusCode>5</cbc:LineStatusCode>"
        content += f'<cbc:Quantity unitCode="H87">{units}</cbc:Quantity>{_item(gtin)}</cac:LineItem>'
        content += f"<cac:OrderLineReference><cbc:LineID>{line}</cbc:LineID></cac:OrderLineReference></cac:OrderLine>"
    return _ubl("OrderResponse", content)


def ubl_despatch(
    number: str, order: str, seller: str, buyer: str, lines: Sequence[tuple[str, str, int]], *, when: str
) -> str:
    """lines: (order line, GTIN, units)."""
    content = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{when}</cbc:IssueDate>"
    content += f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>"
    content += _party("DespatchSupplierParty", seller) + _party("DeliveryCustomerParty", buyer)
    content += _party("BuyerCustomerParty", buyer) + _party("SellerSupplierParty", seller)
    for n, (line, gtin, units) in enumerate(lines, 1):
        content += f'<cac:DespatchLine><cbc:ID>{n}</cbc:ID><cbc:DeliveredQuantity unitCode="H87">{units}</cbc:DeliveredQuantity>'
        content += (
            f"<cac:OrderLineReference><cbc:LineID>{line}</cbc:LineID><cac:OrderReference><cbc:ID>{order}</cbc:ID>"
        )
        content += f"</cac:OrderReference></cac:OrderLineReference>{_item(gtin)}</cac:DespatchLine>"
    return _ubl("DespatchAdvice", content)


def _ubl(root: str, content: str) -> str:
    space = f"urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
    return f'<?xml version="1.0"?><{root} xmlns="{space}" {UBL}>{content}</{root}>'
