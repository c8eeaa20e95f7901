"""What the raw files of one partner say of each order line, each despatch and each reported day. No gateway, no API."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.journeys.month_auditor import (
    ZERO,
    Paper,
    Segment,
    all_of,
    groups,
    gtin14,
    inside,
    kind_of,
    local,
    number,
    papers_of,
    said,
    segments,
    value,
)
from tests.season.cast import HOUSE, Player


@dataclass
class Line:
    """A line of an order. deliveries: (day, units)."""

    order: str
    place: str
    gtin: str
    ordered_on: date
    ordered: Decimal
    requested: date | None = None
    promised: date | None = None
    confirmed: Decimal | None = None
    despatched: Decimal = ZERO
    deliveries: list[tuple[date, Decimal]] = field(default_factory=list)


@dataclass
class Shipment:
    """A despatch advice. lines: (order, line, GTIN, units); came: GTIN to units as its receipt has them."""

    number: str
    on: date
    known_on: date
    lines: list[tuple[str, str, str, Decimal]] = field(default_factory=list)
    received_on: date | None = None
    came: dict[str, Decimal] = field(default_factory=dict)

    @property
    def sent(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = defaultdict(Decimal)
        for _, _, gtin, units in self.lines:
            found[gtin] += units
        return found


@dataclass
class Books:
    """Everything between us and one partner.

    sold: units by place, item, day; reports: first arrival of a day's report, by place and day; bills: net amounts;
    unadvised: (order, GTIN, units, day) of receipts without a despatch advice; sent: files of the partner.
    """

    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    shipments: dict[str, Shipment] = field(default_factory=dict)
    unadvised: list[tuple[str, str, Decimal, date]] = field(default_factory=list)
    sold: dict[tuple[str, str], dict[date, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    reports: dict[tuple[str, date], datetime] = field(default_factory=dict)
    bills: list[Decimal] = field(default_factory=list)
    credits: list[Decimal] = field(default_factory=list)
    back: Decimal = ZERO
    responses: int = 0
    sent: int = 0
    refused: int = 0
    strange: list[str] = field(default_factory=list)

    def line(self, order: str, number: str) -> Line:
        """Return a line of an order; one that nobody keeps when no order has it."""
        known = self.lines.get((order, number))
        if known is None:
            self.strange.append(f"order {order} line {number}: answered or delivered, never ordered")
            return Line(order=order, place="", gtin="", ordered_on=date.min, ordered=ZERO)
        return known

    def shipment(self, number: str) -> Shipment:
        known = self.shipments.get(number)
        if known is None:
            self.strange.append(f"despatch {number}: received, never announced")
            return Shipment(number, date.min, date.min)
        return known

    def deliver(self) -> None:
        """Share what has come out over the order lines: as received, where nobody has confirmed it as despatched."""
        for each in self.shipments.values():
            left = dict(each.came)
            for order, line, gtin, sent in each.lines:
                units = sent
                if each.received_on is not None:
                    units = min(sent, left.get(gtin, ZERO))
                    left[gtin] = left.get(gtin, ZERO) - units
                known = self.line(order, line)
                known.despatched += sent
                if units:
                    known.deliveries.append((each.received_on or each.on, units))
        for order, gtin, units, on in self.unadvised:
            number = next((n for (o, n), each in self.lines.items() if (o, each.gtin) == (order, gtin)), "")
            known = self.line(order, number)
            known.despatched += units
            known.deliveries.append((on, units))


def day(text: str) -> date:
    """Read 20270308 or 2027-03-08, and what begins so."""
    return datetime.strptime(text.replace("-", "")[:8], "%Y%m%d").date()


def books_of(mailboxes: Path, player: Player, miscounted: Any) -> Books:
    """miscounted: tells of the text of an interchange whether it counts wrongly."""
    books = Books()
    # an answer may be noted before the order is, whose receipt comes on the same moment
    for paper in sorted(papers_of(mailboxes, player.id), key=lambda each: (not _is_order(each), each.at)):
        books.sent += paper.box == "outbox"
        if paper.syntax == "xml":
            _ubl(books, paper, ElementTree.fromstring(paper.text))
        elif paper.box == "outbox" and miscounted(paper.text):
            books.refused += 1
        else:
            _edifact(books, paper, segments(paper.text))
    for data in _receipts(mailboxes, player):
        _receipt(books, data)
    books.deliver()
    return books


def _is_order(paper: Paper) -> bool:
    return "'UNH+1+ORDERS:" in paper.text or "xsd:Order-2" in paper.text


# --- EDIFACT ----------------------------------------------------------------------------------------------------------


def _edifact(books: Books, paper: Paper, found: list[Segment]) -> None:
    kind = kind_of(found)
    head, parts = groups(found, "LIN")
    document = next((each for each in found if each[0][0] == "BGM"), None)
    if document is None:
        return
    if kind == "ORDERS":
        _edifact_order(books, document[2][0], found, parts)
    elif kind == "ORDRSP":
        books.responses += 1
        for line in parts:
            known = books.line(value(head, "RFF", "ON"), value(line, "RFF", "LI"))
            known.confirmed = number(value(line, "QTY", "113"))
            known.promised = day(value(line, "DTM", "69")) if value(line, "DTM", "69") else known.promised
    elif kind == "DESADV":
        shipment = Shipment(document[2][0], day(value(head, "DTM", "11")), day(paper.at))
        shipment.lines = [
            (value(line, "RFF", "ON"), value(line, "RFF", "ON", 2), gtin14(line[0][3][0]), number(value(line, "QTY", "12")))
            for line in parts
        ]  # fmt: skip
        books.shipments[shipment.number] = shipment
    elif kind == "RECADV":
        shipment = books.shipment(value(head, "RFF", "AAK"))
        shipment.received_on = day(value(head, "DTM", "50"))
        shipment.came = {gtin14(line[0][3][0]): number(value(line, "QTY", "194")) for line in parts}
    elif kind == "SLSRPT":
        rows = [(gtin14(line[0][3][0]), number(value(line, "QTY", "153"))) for line in parts]
        _reported(books, paper, value(found, "LOC", "162"), day(value(found, "DTM", "356")), rows)
    elif kind == "INVOIC":
        net = sum((number(value(line, "MOA", "203")) for line in parts), ZERO)
        (books.credits if document[1][0] == "381" else books.bills).append(net)


def _edifact_order(books: Books, order: str, found: list[Segment], parts: list[list[Segment]]) -> None:
    wished = value(found, "DTM", "2")
    for line in parts:
        books.lines.setdefault(
            (order, line[0][1][0]),
            Line(
                order=order,
                place=value(found, "NAD", "DP"),
                gtin=gtin14(line[0][3][0]),
                ordered_on=day(value(found, "DTM", "137")),
                ordered=number(value(line, "QTY", "21")),
                requested=day(wished) if wished else None,
            ),
        )


def _reported(books: Books, paper: Paper, place: str, about: date, rows: list[tuple[str, Decimal]]) -> None:
    books.reports.setdefault((place, about), datetime.fromisoformat(paper.at.partition(" ")[0]))
    for gtin, units in rows:
        books.sold[place, gtin][about] = units


# --- UBL --------------------------------------------------------------------------------------------------------------

GTIN = "Item/StandardItemIdentification/ID"


def _ubl(books: Books, paper: Paper, root: ElementTree.Element) -> None:
    kind = local(root)
    if kind == "Order":
        _ubl_order(books, root)
    elif kind == "OrderResponse":
        books.responses += 1
        promised = said(root, "Delivery/PromisedDeliveryPeriod/StartDate")
        for line in all_of(root, "OrderLine"):
            where = said(line, "OrderLineReference/LineID")
            known = books.line(said(root, "OrderReference/ID"), where)
            known.confirmed = number(said(line, "LineItem/Quantity"))
            known.promised = day(promised) if promised else known.promised
    elif kind == "DespatchAdvice":
        shipment = Shipment(said(root, "ID"), day(said(root, "IssueDate")), day(paper.at))
        for line in all_of(root, "DespatchLine"):
            about = inside(line, "OrderLineReference")
            key = said(about, "OrderReference/ID"), said(about, "LineID")
            shipment.lines.append((*key, gtin14(said(line, GTIN)), number(said(line, "DeliveredQuantity"))))
        books.shipments[shipment.number] = shipment
    elif kind == "ProductActivity":
        for line in all_of(root, "SupplyChainActivityDataLine"):
            rows = [(gtin14(said(item, GTIN)), number(said(item, "Quantity"))) for item in all_of(line, "SalesItem")]
            about = day(said(line, "ActivityPeriod/StartDate"))
            _reported(books, paper, said(line, "ActivityOriginLocation/ID"), about, rows)
    elif kind in ("Invoice", "CreditNote"):
        net = sum((number(said(line, "LineExtensionAmount")) for line in all_of(root, f"{kind}Line")), ZERO)
        (books.bills if kind == "Invoice" else books.credits).append(net)


def _ubl_order(books: Books, root: ElementTree.Element) -> None:
    wished = said(root, "Delivery/RequestedDeliveryPeriod/StartDate")
    for line in all_of(root, "OrderLine"):
        item = inside(line, "LineItem")
        books.lines[said(root, "ID"), said(item, "ID")] = Line(
            order=said(root, "ID"),
            place=said(root, "Delivery/DeliveryLocation/ID"),
            gtin=gtin14(said(item, GTIN)),
            ordered_on=day(said(root, "IssueDate")),
            ordered=number(said(item, "Quantity")),
            requested=day(wished) if wished else None,
        )


# --- our warehouse ----------------------------------------------------------------------------------------------------


def _receipts(mailboxes: Path, player: Player) -> Iterator[dict[str, Any]]:
    """Yield what our warehouse has received of the partner."""
    for paper in papers_of(mailboxes, HOUSE.id):
        data = json.loads(paper.text) if paper.box == "outbox" else {}
        if data.get("document") == "ReceivingAdvice" and data["seller"]["ids"][0]["value"] == player.gln:
            yield data


def _receipt(books: Books, data: dict[str, Any]) -> None:
    refs, on = data["refs"], day(data["receivedAt"])
    came = {line["item"]["gtin"]: Decimal(line["acceptedQuantity"]["value"]) for line in data["lines"]}
    if "deliveryNote" in refs:  # goods that were sent back to us
        books.back += sum(came.values(), ZERO)
    elif "despatchAdvice" in refs:
        shipment = books.shipment(refs["despatchAdvice"])
        shipment.received_on, shipment.came = on, came
    else:
        books.unadvised += [(refs["order"]["id"], gtin, units, on) for gtin, units in came.items()]
