"""What a document says, taken out by pydifact and lxml paths alone: nothing of gateway's codecs, schemas or mappings.

Facts are told by name: `id`, `issued`, `gtins`, `party buyer`, `quantity lines[].quantity`, `price lines[].price.net`.
`of_document` takes the same facts out of a canonical document in JSON form, so that the two can be compared.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree
from pydifact.parser import Parser

Facts = dict[str, list[str]]

GTIN_QUALIFIERS = ("EN", "UP", "SRV", "SRS")
PARTIES = {
    "ORDERS": {"buyer": "BY", "seller": "SU SE", "shipTo": "DP ST", "billTo": "IV"},
    "ORDRSP": {"buyer": "BY", "seller": "SU SE", "shipTo": "DP ST"},
    "DESADV": {"buyer": "BY", "seller": "SU SE", "shipTo": "DP ST", "shipFrom": "SF PW CZ"},
    "RECADV": {"receiver": "BY", "seller": "SU SE", "shipTo": "DP ST"},
    "SLSRPT": {"reporter": "SE BY", "receiver": "SU"},
    "INVRPT": {"reporter": "GY BY WH", "receiver": "SU MF CO"},
    "INVOIC": {"buyer": "BY", "seller": "SU SE", "shipTo": "DP ST", "billTo": "IV"},
    "PRICAT": {"provider": "SU", "receiver": "BY"},
}
QUANTITIES = {
    "ORDERS": {"quantity": "21", "freeQuantity": "192", "unitsPerPack": "59 52"},
    "ORDRSP": {"confirmedQuantity": "113 12", "backorderQuantity": "83"},
    "DESADV": {"despatchedQuantity": "12", "freeQuantity": "192"},
    "RECADV": {"receivedQuantity": "48", "acceptedQuantity": "194"},
    "SLSRPT": {"soldQuantity": "153", "returnedQuantity": "61 210", "stock": "145 17"},
    "INVRPT": {"quantity": ""},  # whatever its kind
    "INVOIC": {"quantity": "47"},
}
PRICES = {
    "ORDERS": {"price.net": "AAA", "price.gross": "AAB"},
    "ORDRSP": {"price.net": "AAA"},
    "INVOIC": {"price.net": "AAA", "price.gross": "AAB"},
}
INSIDE = ("LIN", "CPS", "LOC")  # where the lines of a message begin


def edifact(text: str) -> Iterator[tuple[str, int, Facts]]:
    """Yield (message type, number of its data elements, facts) of every message of an interchange, by pydifact."""
    message: list[Any] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydifact tells of each segment that it ships no table for it
        segments = list(Parser().parse(text))
    for segment in segments:
        if segment.tag == "UNH":
            message = []
        message.append(segment)
        if segment.tag == "UNT":
            kind = _list(message[0].elements[1])
            yield kind[0], size(message), _message(kind[0], message)


def _message(kind: str, segments: Sequence[Any]) -> Facts:
    facts: Facts = {}
    head, marked = True, False
    lines: list[str] = []
    for segment in segments:
        data = [_list(each) for each in segment.elements]
        head = head and segment.tag not in INSIDE
        marked = segment.tag == "PCI" or (marked and segment.tag not in INSIDE)  # of a batch, not of the line
        if segment.tag == "BGM":
            _tell(facts, "id", _at(data, 1, 0))
        elif segment.tag == "DTM" and head and _at(data, 0, 0) == "137":
            _tell(facts, "issued", _at(data, 0, 1)[:8])
        elif segment.tag == "DTM" and head and kind == "ORDERS" and _at(data, 0, 0) == "2":
            _tell(facts, "requested", _at(data, 0, 1)[:8])
        elif segment.tag == "NAD" and head:
            for party, codes in PARTIES.get(kind, {}).items():
                if _at(data, 0, 0) in codes.split() and _at(data, 1, 0):
                    _tell(facts, f"party {party}", _at(data, 1, 0))
        elif segment.tag == "LIN" and _at(data, 2, 1) in GTIN_QUALIFIERS and _at(data, 2, 0).isdigit():
            lines.append(_at(data, 2, 0).rjust(14, "0"))
        elif segment.tag == "QTY" and not head and not marked:
            for field, codes in QUANTITIES.get(kind, {}).items():
                if not codes or _at(data, 0, 0) in codes.split():
                    _tell(facts, f"quantity {field}", number(_at(data, 0, 1)))
        elif segment.tag == "PRI":
            for field, code in PRICES.get(kind, {}).items():
                if _at(data, 0, 0) == code:
                    _tell(facts, f"price {field}", number(_at(data, 0, 1)))
    facts["gtins"] = sorted(set(lines))
    return facts


def size(segments: Sequence[Any]) -> int:
    """Return the number of data elements that are not empty, service segments apart."""
    return sum(
        bool(text)
        for segment in segments
        if not segment.tag.startswith("UN")
        for element in segment.elements
        for text in _list(element)
    )


def _list(element: Any) -> list[str]:
    return [str(each) for each in element] if isinstance(element, list) else [str(element)]


def _at(data: Sequence[Sequence[str]], element: int, component: int) -> str:
    return data[element][component].strip() if element < len(data) and component < len(data[element]) else ""


def number(text: str) -> str:
    """Return the number in one way of writing; what is none stays."""
    try:
        return format(Decimal(text.strip().replace(",", ".")).normalize(), "f")
    except InvalidOperation:
        return text


def _tell(facts: Facts, name: str, value: str) -> None:
    if value:
        facts.setdefault(name, []).append(value)


UBL_LINES = {
    "Order": ("OrderLine/LineItem", {"quantity": "Quantity", "price.net": "Price/PriceAmount"}),
    "OrderChange": ("OrderLine/LineItem", {"quantity": "Quantity", "price.net": "Price/PriceAmount"}),
    "OrderResponse": ("OrderLine/LineItem", {"confirmedQuantity": "Quantity", "price.net": "Price/PriceAmount"}),
    "DespatchAdvice": ("DespatchLine", {"despatchedQuantity": "DeliveredQuantity"}),
    "ReceiptAdvice": ("ReceiptLine", {"receivedQuantity": "ReceivedQuantity"}),
    "Invoice": ("InvoiceLine", {"quantity": "InvoicedQuantity", "price.net": "Price/PriceAmount"}),
    "CreditNote": ("CreditNoteLine", {"quantity": "CreditedQuantity", "price.net": "Price/PriceAmount"}),
    "InventoryReport": ("InventoryReportLine", {"quantity": "Quantity"}),
    "Catalogue": ("CatalogueLine", {}),
    "ProductActivity": ("SupplyChainActivityDataLine/SalesItem", {}),
    "Forecast": ("ForecastLine/SalesItem", {"quantity": "Quantity"}),
}
UBL_PARTIES = {"buyer": "BuyerCustomerParty/Party", "seller": "SellerSupplierParty/Party"}
UBL_OTHER_PARTIES = {
    "InventoryReport": {"reporter": "InventoryReportingParty", "receiver": "SellerSupplierParty/Party"},
    "ProductActivity": {"reporter": "SenderParty", "receiver": "ReceiverParty"},
    "Forecast": {"sender": "SenderParty", "receiver": "ReceiverParty"},
    "Catalogue": {"provider": "ProviderParty", "receiver": "ReceiverParty"},
    "ReceiptAdvice": {"receiver": "DeliveryCustomerParty/Party", "seller": "DespatchSupplierParty/Party"},
    "Invoice": {"billTo": "AccountingCustomerParty/Party", "seller": "AccountingSupplierParty/Party"},
    "CreditNote": {"billTo": "AccountingCustomerParty/Party", "seller": "AccountingSupplierParty/Party"},
}


def ubl(data: bytes) -> tuple[str, Facts]:
    """Return (name of the root, facts) of a UBL document, read by lxml paths."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    kind = etree.QName(root).localname
    facts: Facts = {}
    _tell(facts, "id", _text(root, "ID"))
    _tell(facts, "issued", _text(root, "IssueDate")[:10].replace("-", ""))
    for party, path in UBL_OTHER_PARTIES.get(kind, UBL_PARTIES).items():
        found = _all(root, f"{path}/EndpointID")
        if found and found[0].get("schemeID") == "0088":
            _tell(facts, f"party {party}", (found[0].text or "").strip())
    line, fields = UBL_LINES.get(kind, ("", {}))
    gtins = []
    for each in _all(root, line) if line else ():
        for field, path in fields.items():
            for value in _all(each, path)[:1]:
                name = "price" if field.startswith("price") else "quantity"
                _tell(facts, f"{name} {field}", number(value.text or ""))
        for gtin in _all(each, "Item/StandardItemIdentification/ID")[:1]:
            text = (gtin.text or "").strip()
            if gtin.get("schemeID") in ("0160", "GTIN", None) and text.isdigit() and len(text) in (8, 12, 13, 14):
                gtins.append(text.rjust(14, "0"))
    if line:
        facts["gtins"] = sorted(set(gtins))
    return kind, facts


def _all(node: Any, path: str) -> list[Any]:
    return list(node.xpath("/".join(f"*[local-name()='{step}']" for step in path.split("/"))))


def _text(node: Any, path: str) -> str:
    found = _all(node, path)
    return (found[0].text or "").strip() if found else ""


def of_document(plain: Mapping[str, Any], names: Sequence[str]) -> Facts:
    """Return the facts of those names as a canonical document in JSON form tells them."""
    facts: Facts = {}
    for name in names:
        kind, _, field = name.partition(" ")
        if kind == "id":
            found = [plain["id"]]
        elif kind in ("issued", "requested"):
            found = [str(plain.get("issuedAt" if kind == "issued" else "requestedDelivery", ""))[:10].replace("-", "")]
        elif kind == "gtins":
            found = sorted(set(_values(plain, "lines[].item.gtin")))
        elif kind == "party":
            found = [each["value"] for each in plain.get(field, {}).get("ids", ())]
        else:
            found = [number(each) for each in _values(plain, f"lines[].{field}.value")]
        facts[name] = found
    return facts


def _values(plain: Any, path: str) -> list[str]:
    here, _, rest = path.partition(".")
    name = here.removesuffix("[]")
    value = plain.get(name) if isinstance(plain, Mapping) else None
    if value is None:
        return []
    found = value if here.endswith("[]") else [value]
    return [str(each) for each in found] if not rest else [leaf for each in found for leaf in _values(each, rest)]


def differences(extracted: Facts, plain: Mapping[str, Any]) -> list[str]:
    """Return what the extraction and the canonical document do not agree in."""
    ours = of_document(plain, list(extracted))
    found = []
    for name, theirs in extracted.items():
        mine = ours[name]
        same = set(theirs) <= set(mine) if name.startswith("party") else sorted(theirs) == sorted(mine)
        if name in ("id", "issued", "requested"):
            same = theirs[0] == mine[0]
        if not same:
            found.append(f"{name}: {theirs[:6]} but the document says {mine[:6]}")
    return found
