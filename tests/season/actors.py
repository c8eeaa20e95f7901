"""What the players do when post comes, and what each of them does on its own."""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from tests.journeys import month_papers, papers
from tests.journeys.month_auditor import all_of, groups, inside, kind_of, said, segments, value
from tests.season import papers as odd
from tests.season.cast import ITEM, ITEMS, ODD, OURS, WAREHOUSE, Player
from tests.season.post import Post

Wanted = list[tuple[str, str, int]]  # order line, GTIN, units


@dataclass
class Truck:
    """Goods on their way to us. units: what is really loaded, by GTIN."""

    due: date
    supplier: Player
    order: str
    advice: str
    units: dict[str, int]


def digits(day: date) -> str:
    return f"{day:%Y%m%d}"


class Customer:
    """Buys, reports sales, confirms receipts, pays."""

    def __init__(self, player: Player, post: Post, chance: random.Random) -> None:
        self.player, self.post = player, post
        self._chance = chance
        self._count = 0
        self.received: list[tuple[str, list[tuple[str, int, str]]]] = []  # despatch, (GTIN, units, order:line)
        self.kept: list[tuple[str, int, str]] = []  # what came, as above, all of it
        self.bills: dict[str, Decimal] = {}
        self.credits: dict[str, Decimal] = {}
        self.answers = 0  # responses to orders

    def number(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self.player.id[:2].upper()}-{self._count:03d}"

    def choose(self, lines: int, most: int) -> list[tuple[str, int]]:
        return [(each.gtin, self._chance.randint(1, most)) for each in self._chance.sample(ITEMS, lines)]

    def send(self, kind: str, text: str | bytes, key: str) -> str:
        return self.post.send(text, kind, key=key)

    def order(self, day: date, lines: list[tuple[str, int]], *, wish: str = "") -> tuple[str, str]:
        """Return number and text of an order."""
        number, who = self.number(""), self.player
        wanted = wish or f"DTM+2:{digits(day + timedelta(days=4))}:102'"
        if who.syntax == "ubl":
            rows = [(gtin, str(units)) for gtin, units in lines]
            return number, papers.ubl_order(number, who.gln, OURS, who.shop, rows, when=day.isoformat())
        body = odd.order_body(number, who.gln, OURS, who.shop, lines, when=digits(day), wish=wanted)
        return number, self._wrap("ORDERS", body)

    def _wrap(self, kind: str, body: str) -> str:
        if self.player.syntax == "d01b":
            return odd.modern(self.player.gln, OURS, kind, body)
        return papers.interchange(self.player.gln, OURS, kind, body)

    def sales(self, day: date, lines: list[tuple[str, int]]) -> tuple[str, str]:
        number, who = self.number("S"), self.player
        if who.syntax == "ubl":
            rows = [(gtin, str(units)) for gtin, units in lines]
            return number, papers.ubl_sales(number, who.gln, OURS, who.shop, rows, day=day.isoformat())
        body = odd.sales_body(number, who.gln, OURS, who.shop, lines, day=digits(day))
        return number, self._wrap("SLSRPT", body)

    def read_post(self) -> None:
        """Acknowledge and remember all that has come."""
        while self.post.arrived:
            text = self.post.arrived.popleft().decode("utf-8", "replace")
            if text.lstrip().startswith("<"):
                self._read_ubl(ElementTree.fromstring(text))
                continue
            answer = odd.contrl(text)
            if answer is not None:
                self.send("CONTRL", answer, f"contrl-{self.number('C')}")
            self._read_edifact(text)

    def _read_edifact(self, text: str) -> None:
        found = segments(text)
        kind = kind_of(found)
        document = next((each for each in found if each[0][0] == "BGM"), None)
        if kind == "DESADV" and document is not None:
            lines = [
                (
                    line[0][3][0],
                    int(Decimal(value(line, "QTY", "12"))),
                    f"{value(line, 'RFF', 'ON')}:{value(line, 'RFF', 'ON', 2)}",
                )
                for line in groups(found, "LIN")[1]
            ]
            self.received.append((document[2][0], lines))
        elif kind == "INVOIC" and document is not None:
            amount = Decimal(value(found, "MOA", "9"))
            (self.credits if document[1][0] == "381" else self.bills)[document[2][0]] = amount
        self.answers += kind == "ORDRSP"

    def _read_ubl(self, root: ElementTree.Element) -> None:
        kind = root.tag.rpartition("}")[2]
        self.answers += kind == "OrderResponse"
        if kind in ("Invoice", "CreditNote"):
            amount = Decimal(said(root, "LegalMonetaryTotal/PayableAmount"))
            (self.credits if kind == "CreditNote" else self.bills)[said(root, "ID")] = amount

    def confirm_receipts(self, day: date, *, missing: int = 0) -> None:
        """Say what came of each shipment; missing: units that the first line lacks."""
        if self.player.syntax == "ubl" or self.player is ODD:
            self.received.clear()
            return
        for despatch, lines in self.received:
            told = [
                (gtin, units, units - (missing if n == 0 else 0), where) for n, (gtin, units, where) in enumerate(lines)
            ]
            body = odd.receipt_body(self.number("W"), despatch, self.player.gln, OURS, told, when=digits(day))
            self.send("RECADV", self._wrap("RECADV", body), f"recadv-{despatch}")
            self.kept += lines
        self.received.clear()


class Supplier:
    """Answers orders and sends trucks. habit: what it does with quantities and papers."""

    def __init__(self, player: Player, post: Post, trucks: list[Truck], *, short: bool, tells: bool) -> None:
        self.player, self.post, self._trucks = player, post, trucks
        self._short, self._tells = short, tells
        self.orders = 0
        self.bills: list[tuple[date, str]] = []

    def read_post(self, day: date) -> None:
        while self.post.arrived:
            text = self.post.arrived.popleft().decode("utf-8", "replace")
            if text.lstrip().startswith("<"):
                root = ElementTree.fromstring(text)
                if root.tag.endswith("}Order"):
                    self._serve(day, said(root, "ID"), [_ubl_line(each) for each in all_of(root, "OrderLine")])
                continue
            answer = odd.contrl(text)
            if answer is not None:
                self.post.send(answer, "CONTRL", key=f"contrl-{self.orders}")
            found = segments(text)
            if kind_of(found) == "ORDERS":
                number = next(each for each in found if each[0][0] == "BGM")[2][0]
                lines = [
                    (line[0][1][0], line[0][3][0], int(Decimal(value(line, "QTY", "21"))))
                    for line in groups(found, "LIN")[1]
                ]
                self._serve(day, number, lines)

    def _serve(self, day: date, order: str, lines: Wanted) -> None:
        self.orders += 1
        who, tag = self.player, f"{self.player.id[:2].upper()}{self.orders}"
        given = [(line, gtin, units - units // 10 - 1 if self._short else units) for line, gtin, units in lines]
        loaded = {gtin: units for _, gtin, units in given}
        if who.syntax == "ubl":
            text = odd.ubl_response(f"R{tag}", order, OURS, who.gln, given, when=day.isoformat())
        else:
            text = month_papers.ordrsp(f"R{tag}", order, OURS, who.gln, given, when=digits(day))
        self.post.send(text, "OrderResponse", key=f"response-{tag}")
        advice = f"D{tag}" if self._tells else ""
        if advice and who.syntax == "ubl":
            text = odd.ubl_despatch(advice, order, who.gln, OURS, given, when=day.isoformat())
            self.post.send(text, "DespatchAdvice", key=f"despatch-{tag}")
        elif advice:
            rows = [(gtin, str(units)) for _, gtin, units in given]
            text = papers.desadv(advice, order, who.gln, OURS, WAREHOUSE, rows, when=digits(day))
            self.post.send(text, "DespatchAdvice", key=f"despatch-{tag}")
        if self._short and self.orders % 2 == 0:  # and now and then a piece falls off the pallet
            loaded[given[0][1]] -= 1
        self._trucks.append(Truck(day + timedelta(days=2), who, order, advice, loaded))
        bill = [(order, line, gtin.zfill(14), loaded[gtin], ITEM[gtin].cost) for line, gtin, _ in given]
        when = day + timedelta(days=3)
        if who.syntax == "ubl":
            text = month_papers.ubl_invoice(f"I{tag}", who.gln, OURS, bill, when=when.isoformat())
        else:
            text = month_papers.invoic(f"I{tag}", who.gln, OURS, bill, when=digits(when))
        self.bills.append((when, text))

    def bill(self, day: date) -> None:
        """Send the invoices that are due."""
        for when, text in [each for each in self.bills if each[0] <= day]:
            self.post.send(text, "Invoice", key=f"invoice-{hash(text)}")
            self.bills.remove((when, text))


def _ubl_line(line: ElementTree.Element) -> tuple[str, str, int]:
    found = inside(line, "LineItem")
    gtin = said(found, "Item/StandardItemIdentification/ID")
    return said(found, "ID"), gtin[-13:], int(Decimal(said(found, "Quantity")))


@dataclass
class Open:
    """What the house was told to ship."""

    gtin: str
    units: int
    price: str


@dataclass
class House:
    """Our ERP and warehouse: ships what it is told to when it lies on the shelf, receives, counts, bills."""

    post: Post
    shelf: dict[str, int] = field(default_factory=lambda: {each.gtin: each.stock for each in ITEMS})
    open: dict[tuple[str, str, str], Open] = field(default_factory=dict)  # buyer, order, line
    unbilled: dict[tuple[str, str], list[month_papers.Billed]] = field(default_factory=lambda: defaultdict(list))
    billed: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)  # -> invoice, price
    announced: set[str] = field(default_factory=set)  # returns that customers wish to make
    _count: int = 0

    def say(self, kind: str, make: Callable[[str], str]) -> str:
        self._count += 1
        number = f"{kind}-{self._count:03d}"
        state = self.post.send(make(number), kind, key=number)
        assert state == "acked", (kind, number, state)
        return number

    def count(self, gtins: list[str], day: date) -> None:
        counts = [(gtin.zfill(14), str(self.shelf[gtin])) for gtin in gtins]
        self.say("ST", lambda number: papers.stock_count(number, WAREHOUSE, counts, when=day.isoformat()))

    def read_post(self) -> None:
        while self.post.arrived:
            data = json.loads(self.post.arrived.popleft())
            if data["document"] == "Order":
                self._order(data)
            elif data["document"] == "ReturnNotice":
                self.announced.add(data["id"])

    def _order(self, data: dict[str, Any]) -> None:
        number, buyer = data["id"], data["buyer"]["ids"][0]["value"]
        if data.get("function") in ("replace", "cancel"):
            base = data.get("refs", {}).get("customer", number)
            for key in [each for each in self.open if each[0] == buyer and each[1].partition("-B0")[0] == base]:
                del self.open[key]
        if data.get("function") != "cancel":
            for line in data["lines"]:
                price = line.get("price", {}).get("net", {}).get("value", "")
                gtin = line["item"]["gtin"][-13:]
                units = int(Decimal(line["quantity"]["value"]))
                self.open[buyer, number, line["number"]] = Open(gtin, units, price)

    def ship(self, day: date) -> None:
        """Ship every open line as far as the shelf allows; one despatch for each order."""
        for buyer, number in dict.fromkeys((buyer, number) for buyer, number, _ in self.open):
            rows = []
            for key in [each for each in self.open if each[:2] == (buyer, number)]:
                wanted, line = self.open[key], key[2]
                units = min(wanted.units, self.shelf[wanted.gtin])
                if units <= 0:
                    continue
                self.shelf[wanted.gtin] -= units
                wanted.units -= units
                rows.append((number, line, wanted.gtin.zfill(14), units))
                price = wanted.price or ITEM[wanted.gtin].sales
                base = number.partition("-B0")[0]
                self.unbilled[buyer, base].append((base, line, wanted.gtin.zfill(14), units, price))
                if wanted.units == 0:
                    del self.open[key]
            if rows:
                self._despatch(buyer, rows, day)

    def _despatch(self, buyer: str, rows: list[tuple[str, str, str, int]], day: date) -> None:
        self.say("SH", lambda number: month_papers.shipment(number, buyer, OURS, rows, when=day.isoformat()))

    def bill(self, day: date) -> None:
        """Bill what has been shipped."""
        for (buyer, _), lines in sorted(self.unbilled.items()):
            invoice = self._bill(buyer, lines, day, "")
            self.billed |= {(buyer, order, line): (invoice, price) for order, line, _, _, price in lines}
        self.unbilled.clear()

    def _bill(self, buyer: str, lines: list[month_papers.Billed], day: date, credited: str) -> str:
        return self.say(
            "CN" if credited else "IN",
            lambda number: month_papers.bill(number, OURS, buyer, lines, when=day.isoformat(), credits_number=credited),
        )

    def instruct(self, announcement: str, buyer: str, gtin: str, units: int, day: date) -> None:
        """Tell a customer to send announced goods back."""
        line = {
            "number": "1",
            "item": {"gtin": gtin.zfill(14)},
            "quantity": month_papers.pieces(units),
            "instruction": "return",
        }
        about: dict[str, Any] = {"kind": "instruction", "announcement": {"id": announcement}, "lines": [line]}
        about |= {"buyer": month_papers.party(buyer), "seller": month_papers.party(OURS)}
        self.say("RI", lambda number: month_papers.house("ReturnNotice", number, day.isoformat(), **about))

    def take_back(self, announcement: str, buyer: str, gtin: str, units: int, where: str, day: date) -> None:
        """Receive goods that came back, and credit them. where: order:line."""
        self.shelf[gtin] += units
        lines, refs = [(gtin.zfill(14), units)], {"deliveryNote": announcement}
        self.say("RC", lambda n: month_papers.receipt(n, WAREHOUSE, buyer, lines, refs, when=day.isoformat()))
        order, line = where.split(":")
        invoice, price = self.billed[buyer, order, line]
        self._bill(buyer, [(order, line, gtin.zfill(14), units, price)], day, invoice)

    def receive(self, truck: Truck, day: date) -> None:
        """Count what is really on the truck, shelve it, and say so."""
        lines = [(gtin.zfill(14), units) for gtin, units in truck.units.items()]
        refs: dict[str, Any] = {"order": {"id": truck.order}}
        if truck.advice:
            refs["despatchAdvice"] = truck.advice
        for gtin, units in truck.units.items():
            self.shelf[gtin] += units
        self.say(
            "RC", lambda n: month_papers.receipt(n, WAREHOUSE, truck.supplier.gln, lines, refs, when=day.isoformat())
        )
