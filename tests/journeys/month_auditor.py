"""Recomputes from the raw files of all sides what is open, in stock and owed. Imports nothing of the gateway.

    python month_auditor.py MAILBOXES HOUSE CUSTOMER,CUSTOMER SUPPLIER,SUPPLIER

MAILBOXES: a folder per partner with inbox/ and outbox/, each file with a note beside it. Prints JSON: open units per
order line, stock per item, receivables per customer, and where two sides hold different papers about one thing.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

ZERO = Decimal(0)
Segment = list[list[str]]  # elements of components; the first is the tag
Key = tuple[str, str, str]  # partner, order, line


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One file of one mailbox. box: inbox or outbox, as its owner sees it."""

    owner: str
    box: str
    at: str
    text: str

    @property
    def syntax(self) -> str:
        return {"<": "xml", "{": "json"}.get(self.text.lstrip()[:1], "edifact")


def papers_of(folder: Path, owner: str) -> Iterator[Paper]:
    """Yield what the gateway was told it has (acked) and what it sent."""
    for box in ("inbox", "outbox"):
        for path in sorted((folder / owner / box).glob("*.note.json")):
            note = json.loads(path.read_text())
            if box == "inbox" or note["state"] == "acked":
                text = (path.parent / note["file"]).read_bytes().decode("utf-8", "replace")
                yield Paper(owner=owner, box=box, at=note.get("received_at") or note["queued_at"], text=text)


# --- EDIFACT and UBL, as little of them as is needed --------------------------------------------------------------------


def split(text: str, mark: str) -> list[str]:
    """Split at mark where no question mark releases it."""
    if "?" not in text:
        return text.split(mark)
    parts, part, index = [], "", 0
    while index < len(text):
        if text[index] == "?":
            part, index = part + text[index : index + 2], index + 2
            continue
        if text[index] == mark:
            parts.append(part)
            part = ""
        else:
            part += text[index]
        index += 1
    return [*parts, part]


def segments(text: str) -> list[Segment]:
    body = text[9:] if text.startswith("UNA") else text
    raw = (each.strip() for each in split(body, "'"))
    return [[split(element, ":") for element in split(each, "+")] for each in raw if each]


def kind_of(found: Sequence[Segment]) -> str:
    return next(each[2][0] for each in found if each[0][0] == "UNH")


def value(found: Sequence[Segment], tag: str, qualifier: str = "", place: int = 1) -> str:
    """Return the component after the qualifier of the first such segment, "" when there is none."""
    for each in found:
        if each[0][0] == tag and (not qualifier or each[1][0] == qualifier):
            return each[1][place] if len(each[1]) > place else ""
    return ""


def groups(found: Sequence[Segment], tag: str) -> tuple[list[Segment], list[list[Segment]]]:
    """Return the head, and each part that begins with tag; the summary (UNS) belongs to neither."""
    head: list[Segment] = []
    parts: list[list[Segment]] = []
    for each in found:
        if each[0][0] == "UNS":
            break
        if each[0][0] == tag:
            parts.append([])
        (parts[-1] if parts else head).append(each)
    return head, parts


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def inside(element: ElementTree.Element | None, path: str) -> ElementTree.Element | None:
    """Return the first element on a path of local names."""
    for name in path.split("/"):
        element = None if element is None else next((each for each in element if local(each) == name), None)
    return element


def said(element: ElementTree.Element | None, path: str) -> str:
    found = inside(element, path)
    return (found.text or "").strip() if found is not None else ""


def all_of(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [each for each in element if local(each) == name]


def number(text: str) -> Decimal:
    return Decimal(text) if text else ZERO


# --- what the papers say ------------------------------------------------------------------------------------------------


@dataclass
class Ledger:
    """What has been read so far. promised: units that we owe per order line, before what has left."""

    promised: dict[Key, Decimal] = field(default_factory=dict)
    lines: dict[tuple[str, str], set[Key]] = field(default_factory=lambda: defaultdict(set))
    item: dict[Key, str] = field(default_factory=dict)
    cancelled: set[tuple[str, str]] = field(default_factory=set)
    delivered: dict[Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    shipped: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    held: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    on_hand: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    ordered: dict[Key, Decimal] = field(default_factory=dict)
    supplied: dict[Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    on_the_road: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    arrived: set[str] = field(default_factory=set)
    owed: dict[str, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    paid: dict[str, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Decimal)))
    billed: dict[str, Decimal] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def gtin14(text: str) -> str:
    return text.zfill(14)


def answer(ledger: Ledger, customer: str, order: str, status: str, lines: Sequence[tuple[str, str, Decimal]]) -> None:
    """Our word on an order. lines: (line, item, confirmed and backordered). A word without lines takes a cancellation."""
    if not lines:
        if status in ("29", "AP") and (customer, order) in ledger.cancelled:
            for key in ledger.lines[customer, order]:
                ledger.promised[key] = ledger.delivered[key]
        return
    for key in ledger.lines[customer, order]:
        ledger.promised[key] = ledger.delivered[key]
    for line, gtin, units in lines:
        ledger.lines[customer, order].add((customer, order, line))
        ledger.promised[customer, order, line] = units
        ledger.item[customer, order, line] = gtin


def owe(ledger: Ledger, customer: str, document: str, sign: int, net: Decimal, tax: Decimal, payable: Decimal) -> None:
    if net + tax != payable:
        ledger.problems.append(f"{customer} {document}: {net} + {tax} is not {payable}")
    if document in ledger.owed[customer]:
        ledger.problems.append(f"{customer} {document}: came twice")
        document += " again"
    ledger.owed[customer][document] = sign * payable


def customer_edifact(ledger: Ledger, paper: Paper) -> None:
    found = segments(paper.text)
    kind, customer = kind_of(found), paper.owner
    if kind == "CONTRL":
        return
    head, lines = groups(found, "LIN")
    document = next(each for each in found if each[0][0] == "BGM")
    if paper.box == "inbox" and kind == "ORDRSP":
        answered = [
            (
                value(line, "RFF", "LI"),
                gtin14(next((s[2][0] for s in line if s[0][0] == "PIA" and s[1][0] == "3"), line[0][3][0])),
                number(value(line, "QTY", "113")) + number(value(line, "QTY", "83")),
            )
            for line in lines
        ]
        answer(ledger, customer, value(head, "RFF", "ON"), document[3][0], answered)
    elif paper.box == "inbox" and kind == "DESADV":
        for line in lines:
            key = (customer, value(line, "RFF", "ON"), value(line, "RFF", "ON", 2))
            ledger.delivered[key] += number(value(line, "QTY", "12"))
    elif paper.box == "inbox" and kind == "INVOIC":
        net = sum((number(value(line, "MOA", "203")) for line in lines), ZERO)
        summary = found[next(n for n, each in enumerate(found) if each[0][0] == "UNS") :]
        sign = -1 if document[1][0] == "381" else 1
        amounts = number(value(summary, "MOA", "124")), number(value(summary, "MOA", "9"))
        owe(ledger, customer, document[2][0], sign, net, *amounts)
    elif paper.box == "outbox" and kind == "REMADV":
        for paid in groups(found, "DOC")[1]:
            ledger.paid[customer][paid[0][2][0]] += number(value(paid, "MOA", "12"))


def customer_ubl(ledger: Ledger, paper: Paper) -> None:
    root, customer = ElementTree.fromstring(paper.text), paper.owner
    kind = local(root)
    if paper.box == "inbox" and kind == "OrderResponse":
        answered = []
        for line in all_of(root, "OrderLine"):
            ours = inside(line, "LineItem")
            instead = inside(line, "SubstituteLineItem") or inside(line, "SellerSubstitutedLineItem")
            gtin = said(instead if instead is not None else ours, "Item/StandardItemIdentification/ID")
            units = number(said(ours, "Quantity")) + number(said(ours, "MaximumBackorderQuantity"))
            answered.append((said(line, "OrderLineReference/LineID") or said(ours, "ID"), gtin14(gtin), units))
        answer(ledger, customer, said(root, "OrderReference/ID"), said(root, "OrderResponseCode"), answered)
    elif paper.box == "inbox" and kind == "DespatchAdvice":
        for line in all_of(root, "DespatchLine"):
            reference = inside(line, "OrderLineReference")
            key = (customer, said(reference, "OrderReference/ID"), said(reference, "LineID"))
            ledger.delivered[key] += number(said(line, "DeliveredQuantity"))
    elif paper.box == "inbox" and kind in ("Invoice", "CreditNote"):
        lines = all_of(root, "InvoiceLine" if kind == "Invoice" else "CreditNoteLine")
        net = sum((number(said(line, "LineExtensionAmount")) for line in lines), ZERO)
        payable = number(said(root, "LegalMonetaryTotal/PayableAmount"))
        sign = 1 if kind == "Invoice" else -1
        owe(ledger, customer, said(root, "ID"), sign, net, number(said(root, "TaxTotal/TaxAmount")), payable)
    elif paper.box == "outbox" and kind == "OrderCancellation":
        ledger.cancelled.add((customer, said(root, "OrderReference/ID")))
    elif paper.box == "outbox" and kind == "RemittanceAdvice":
        for line in all_of(root, "RemittanceAdviceLine"):
            document = said(line, "BillingReference/InvoiceDocumentReference/ID")
            ledger.paid[customer][document] += number(said(line, "DebitLineAmount"))


def supplier_edifact(ledger: Ledger, paper: Paper) -> None:
    found = segments(paper.text)
    kind, supplier = kind_of(found), paper.owner
    if kind == "CONTRL":
        return
    head, lines = groups(found, "LIN")
    document = next(each for each in found if each[0][0] == "BGM")[2][0]
    if paper.box == "inbox" and kind == "ORDERS":
        for line in lines:
            key = (supplier, document, line[0][1][0])
            ledger.ordered[key], ledger.item[key] = number(value(line, "QTY", "21")), gtin14(line[0][3][0])
    elif paper.box == "outbox" and kind == "ORDRSP":
        for line in lines:
            ledger.ordered[supplier, value(head, "RFF", "ON"), value(line, "RFF", "LI")] = number(
                value(line, "QTY", "113")
            )
    elif paper.box == "outbox" and kind == "DESADV":
        load: dict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            units = number(value(line, "QTY", "12"))
            ledger.supplied[supplier, value(line, "RFF", "ON"), value(line, "RFF", "ON", 2)] += units
            load[gtin14(line[0][3][0])] += units
        ledger.on_the_road[document] = load


def house_json(ledger: Ledger, paper: Paper) -> None:
    data: dict[str, Any] = json.loads(paper.text)
    kind, lines = data["document"], data.get("lines", [])
    if paper.box == "inbox" and kind == "Order":
        order = data.get("refs", {}).get("customer", data["id"])
        if data.get("function") in ("replace", "cancel"):
            for key in [each for each in ledger.held if each[0].partition(" ")[0] == order]:
                ledger.held[key] = ZERO
        if data.get("function") != "cancel":
            for line in lines:
                ledger.held[f"{order} {line['number']}", line["item"]["gtin"]] += Decimal(line["quantity"]["value"])
    elif paper.box == "outbox" and kind == "InventoryReport":
        for line in lines:
            ledger.on_hand[line["item"]["gtin"]] = Decimal(line["quantity"]["value"])
    elif paper.box == "outbox" and kind == "DespatchAdvice":
        for line in lines:
            units, gtin = Decimal(line["despatchedQuantity"]["value"]), line["item"]["gtin"]
            order = line["order"]["id"].partition("-B0")[0]
            ledger.held[f"{order} {line['order']['line']}", gtin] -= units
            ledger.shipped[order, line["order"]["line"]] += units
            ledger.on_hand[gtin] -= units
    elif paper.box == "outbox" and kind == "ReceivingAdvice":
        ledger.arrived.add(data["refs"].get("despatchAdvice", ""))
        for line in lines:
            ledger.on_hand[line["item"]["gtin"]] += Decimal(line["acceptedQuantity"]["value"])
    elif paper.box == "outbox" and kind == "Invoice":
        sign = -1 if data.get("typeCode") == "381" else 1
        ledger.billed[data["id"]] = sign * Decimal(data["totals"]["payable"]["value"])


# --- the answer ---------------------------------------------------------------------------------------------------------


def read(folder: Path, house: str, customers: Sequence[str], suppliers: Sequence[str]) -> Ledger:
    ledger = Ledger()
    everything = [paper for owner in (house, *customers, *suppliers) for paper in papers_of(folder, owner)]
    for paper in sorted(everything, key=lambda each: each.at):
        if paper.owner == house:
            house_json(ledger, paper)
        elif paper.owner in suppliers:
            if paper.syntax == "edifact":  # a supplier's bill in UBL says nothing of quantities
                supplier_edifact(ledger, paper)
        elif paper.syntax == "xml":
            customer_ubl(ledger, paper)
        else:
            customer_edifact(ledger, paper)
    return ledger


def compare_sides(ledger: Ledger) -> list[str]:
    """Return where what our house did is not what the customers hold."""
    found = list(ledger.problems)
    delivered: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (_, order, line), units in ledger.delivered.items():
        delivered[order, line] += units
    for each in sorted(delivered.keys() | ledger.shipped.keys()):
        if delivered[each] != ledger.shipped[each]:
            found.append(f"{' '.join(each)}: shipped {ledger.shipped[each]}, told {delivered[each]}")
    told = {document: amount for each in ledger.owed.values() for document, amount in each.items()}
    for document in sorted(told.keys() | ledger.billed.keys()):
        if told.get(document) != ledger.billed.get(document):
            found.append(f"{document}: billed {ledger.billed.get(document)}, told {told.get(document)}")
    return found


def stock(ledger: Ledger, open_sales: dict[Key, Decimal]) -> dict[str, dict[str, str]]:
    measures: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for gtin, units in ledger.on_hand.items():
        measures[gtin]["on_hand"] = units
    for (_, gtin), units in ledger.held.items():
        measures[gtin]["allocated"] += units
        measures[gtin]["backordered"] -= units  # what is promised and not yet with the warehouse
    for key, units in open_sales.items():
        measures[ledger.item[key]]["backordered"] += units
    for key, units in ledger.ordered.items():
        measures[ledger.item[key]]["on_order"] += units - ledger.supplied[key]
    for document, load in ledger.on_the_road.items():
        for gtin, units in load.items():
            measures[gtin]["in_transit"] += units if document not in ledger.arrived else ZERO
    names = ("on_hand", "allocated", "backordered", "on_order", "in_transit")
    return {gtin: {name: plain(found[name]) for name in names} for gtin, found in sorted(measures.items())}


def plain(amount: Decimal) -> str:
    """Return 40, 0.5: one form for each value."""
    return format(amount.normalize() + 0, "f")


def judge(folder: Path, house: str, customers: Sequence[str], suppliers: Sequence[str]) -> dict[str, Any]:
    """Return open quantities, stock, receivables and disagreements."""
    return answers(read(folder, house, customers, suppliers), customers)


def answers(ledger: Ledger, customers: Sequence[str]) -> dict[str, Any]:
    """Return what follows from the ledger."""
    sales = {key: units - ledger.delivered[key] for key, units in ledger.promised.items()}
    purchases = {key: units - ledger.supplied[key] for key, units in ledger.ordered.items()}
    receivables = {}
    for customer in customers:
        owed = sum(ledger.owed[customer].values(), ZERO)
        for document, paid in ledger.paid[customer].items():
            owed -= paid if ledger.owed[customer].get(document, ZERO) >= 0 else -paid
        receivables[customer] = plain(owed)
    return {
        "sales": {" ".join(key): plain(units) for key, units in sorted(sales.items())},
        "purchases": {" ".join(key): plain(units) for key, units in sorted(purchases.items())},
        "stock": stock(ledger, sales),
        "receivables": receivables,
        "disagreements": compare_sides(ledger),
    }


if __name__ == "__main__":
    print(json.dumps(judge(Path(sys.argv[1]), sys.argv[2], sys.argv[3].split(","), sys.argv[4].split(",")), indent=1))
