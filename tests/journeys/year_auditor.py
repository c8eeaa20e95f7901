"""What a year of files says of the relations with two customers and a supplier: cases, measures and cells of the
matrices, worked out from the raw files in the mailboxes and the answers beside them. Imports nothing of the gateway.

    python -I year_auditor.py MAILBOXES TODAY
"""

import json
import re
import sys
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

WINDOW = 365
MARGIN = Decimal("0.25")
ZERO = Decimal(0)
BERLIN = ZoneInfo("Europe/Berlin")
DESK_OPENS, DESK_CLOSES = time(8), time(17)
ANSWER_WITHIN = timedelta(hours=30)
CUSTOMERS, SUPPLIER, HOUSE = {"nordmarkt": "9521002000009", "stadtkette": "9521003000008"}, "quellhof", "warehouse"
# element -> (measure, its target, its tolerance, whether much of it is good)
ELEMENTS = {
    "customer": {
        "on-time": ("late-rate", "0.02", "0.06", False), "in-full": ("shipped-rate", "0.98", "0.06", True),
        "answer": ("response-hours", "1", "8", False), "invoice": ("invoice-right-rate", "0.99", "0.05", True),
        "return": ("return-rate", "0.01", "0.03", False), "documents": ("first-time-right", "0.99", "0.05", True),
    },
    "supplier": {
        "supplier-fill": ("supplier-fill-rate", "0.98", "0.06", True),
        "supplier-short": ("supplier-short-rate", "0.01", "0.03", False),
        "supplier-on-time": ("supplier-late-rate", "0.02", "0.06", False),
        "supplier-answer": ("response-hours", "8", "16", False),
        "supplier-time": ("documents-in-time", "0.98", "0.06", True),
        "supplier-invoice": ("invoice-right-rate", "0.99", "0.05", True),
        "supplier-documents": ("first-time-right", "0.99", "0.05", True),
    },
}  # fmt: skip


# --- papers -----------------------------------------------------------------------------------------------------------


def texts(folder: Path) -> list[str]:
    """Return the texts in an outbox (those that were taken) or inbox, in their order; a repeat counts once."""
    found: dict[str, None] = {}
    for path in sorted(folder.glob("*.note.json")):
        note = json.loads(path.read_text())
        if note.get("state", "acked") == "acked":
            found.setdefault((folder / note["file"]).read_text())
    return list(found)


def of_kind(papers: list[str], kind: str) -> list[str]:
    mark = re.compile(rf"\+{kind}:D:|<(?:\w+:)?{kind} ")
    return [each for each in papers if mark.search(each)]


def one(pattern: str, text: str, default: str = "") -> str:
    found = re.search(pattern, text, re.S)
    return found[1] if found else default


def number_of(text: str) -> str:
    return one(r"BGM\+\w+\+([^+']+)", text) or one(r"<cbc:ID>([^<]+)", text)


def day_of(text: str) -> date:
    digits = one(r"DTM\+137:(\d{8})", text)
    return date.fromisoformat(digits or one(r"<cbc:IssueDate>([^<]+)", text))


def tag(name: str, text: str) -> str:
    return one(rf"<cbc:{name}[^>]*>([^<]+)", text)


def lines_of(text: str, code: str, element: str = "Quantity") -> list[tuple[str, Decimal]]:
    """Return (GTIN, units) of each line: of a quantity code of EDIFACT, or an element of UBL."""
    if text.lstrip().startswith("<"):
        rows = re.findall(rf"<cbc:{element}[^>]*>([\d.]+)<.*?<cbc:ID schemeID=\"0160\">(\d+)<", text, re.S)
        return [(gtin, Decimal(units)) for units, gtin in rows]
    rows = re.findall(rf"LIN\+\d+\+\d*\+(\d+):\w+'(?:(?!LIN\+).)*?QTY\+{code}:(\d+)", text, re.S)
    return [(gtin, Decimal(units)) for gtin, units in rows]


def units_in(text: str, code: str, element: str = "Quantity") -> Decimal:
    return sum((units for _, units in lines_of(text, code, element)), ZERO)


# --- rhythm, value, portfolio -----------------------------------------------------------------------------------------


def quantile(values: list[int], share: float) -> float:
    """The usual one, between the neighbours by proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def rhythm(days: list[date]) -> float:
    """Return after how many days without an order somebody should be told."""
    gaps = [(after - before).days for before, after in pairwise(days)][-25:]
    if len(gaps) < 5:
        return 90.0
    middle = median(gaps)
    spread = median(abs(each - middle) for each in gaps)
    return max(1.5 * quantile(gaps, 0.95), middle + 4 * 1.4826 * spread)


def portfolio(money: dict[str, Decimal], ahead: dict[str, Decimal]) -> dict[str, str]:
    """ahead: of those about whom enough is known."""
    values = sorted(money.values(), reverse=True)
    total, running, cut = sum(values), ZERO, values[-1]
    for value in values:
        running += value
        if running >= total * Decimal("0.8"):
            cut = value
            break
    middle = median(ahead.values())
    cells = {(True, True): "invest", (True, False): "restructure", (False, True): "nurture", (False, False): "automate"}
    return {name: cells[money[name] >= cut, ahead[name] >= middle] for name in ahead}


# --- customers --------------------------------------------------------------------------------------------------------


class Customer:
    """One customer over the files of both sides."""

    def __init__(self, mailboxes: Path, name: str, today: date, cases: "Cases") -> None:
        self.name, self.today, self.cases = name, today, cases
        own = texts(mailboxes / name / "outbox")
        house = [each for each in texts(mailboxes / HOUSE / "outbox") if CUSTOMERS[name] in each]
        answers = texts(mailboxes / name / "inbox")
        self.orders = {number_of(each): each for each in (*of_kind(own, "ORDERS"), *of_kind(own, "Order"))}
        self.shipments = of_kind(house, "DespatchAdvice")
        self.invoices = {number_of(each): each for each in of_kind(house, "Invoice")}
        self.receipts, self.returns = of_kind(own, "RECADV"), of_kind(own, "RETANN")
        self.payments = [*of_kind(own, "REMADV"), *of_kind(own, "RemittanceAdvice")]
        said = (*of_kind(answers, "ORDRSP"), *of_kind(answers, "OrderResponse"))
        self.promised = {order: day for each in said for order, day in [promise(each)]}
        self.days = sorted({day_of(each) for each in self.orders.values()})

    def measures(self) -> dict[str, Decimal | str]:
        ordered = sum((units_in(each, "21") for each in self.orders.values()), ZERO)
        shipped = sum((units_in(each, "", "DeliveredQuantity") for each in self.shipments), ZERO)
        net = sum((Decimal(tag("TaxExclusiveAmount", each)) for each in self.invoices.values()), ZERO)
        deducted = [each for each in self.payments if "AJT+" in each]
        quiet, limit = (self.today - self.days[-1]).days, rhythm(self.days)
        now, first = (12 * day.year + day.month for day in (self.today, self.days[0]))
        months = {month for day in self.days if (month := 12 * day.year + day.month) > now - 12}
        late = self._late()
        return {
            "frequency": Decimal(len(self.orders)), "recency": Decimal(quiet), "monetary": net,
            "limitDays": Decimal(str(round(limit, 1))), "lifecycle": self._state(quiet, limit),
            "late-rate": Decimal(len(late)) / len(self.shipments), "shipped-rate": shipped / ordered,
            "return-rate": ZERO, "response-hours": ZERO, "touchless-rate": Decimal(1), "first-time-right": Decimal(1),
            "invoice-right-rate": 1 - Decimal(len(deducted)) / len(self.invoices), "receivable": self._owed(),
            "loyalty": Decimal(len(months)) / min(12, now - first + 1),
        }  # fmt: skip

    def _state(self, quiet: int, limit: float) -> str:
        for name, days in (("lapsed", 1.5 * limit), ("at-risk", limit)):
            if quiet >= int(days) + 1:
                return name
        return "new" if len(self.days) < 3 and (self.today - self.days[0]).days < 90 else "active"

    def ahead(self, net: Decimal) -> Decimal:
        """Return the margin of the next year by its own rate, nothing of who has gone."""
        if self._state((self.today - self.days[-1]).days, rhythm(self.days)) == "lapsed":
            return ZERO
        span = min(WINDOW, max(1, (self.today - self.days[0]).days))
        return Decimal(len(self.orders)) * 365 / span * (net * MARGIN / len(self.orders))

    def _late(self) -> list[str]:
        return [
            each
            for each in self.shipments
            if day_of(each) > self.promised[one(r"<cac:OrderReference><cbc:ID>([^<]+)", each)]
        ]

    def _paid(self, invoice: str, until: date) -> Decimal:
        """Return what was paid or agreed to be left of an invoice by the end of a day."""
        found = ZERO
        for each in self.payments:
            if day_of(each) <= until:
                found += sum((Decimal(a) for a in re.findall(rf"DOC\+380\+{invoice}'MOA\+12:([\d.]+)", each)), ZERO)
                found += sum(
                    (
                        Decimal(a)
                        for a in re.findall(rf"DOC\+380\+{invoice}'MOA\+12:[\d.]+'AJT\+\w+'MOA\+165:([\d.]+)", each)
                    ),
                    ZERO,
                )
                rows = re.findall(r"<cbc:DebitLineAmount[^>]*>([\d.]+)<.*?<cbc:ID>([^<]+)<", each, re.S)
                found += sum((Decimal(amount) for amount, number in rows if number == invoice), ZERO)
        return found

    def _owed(self) -> Decimal:
        return sum(
            (
                Decimal(tag("PayableAmount", each)) - self._paid(number, self.today)
                for number, each in self.invoices.items()
            ),
            ZERO,
        )

    def problems(self) -> None:
        """Tell the cases that the files of this customer show."""
        limit, quiet = rhythm(self.days), (self.today - self.days[-1]).days
        for rule, days in (("customer-late", limit), ("customer-overdue", 1.5 * limit)):
            ends = [*((after - before).days for before, after in pairwise(self.days[6:])), quiet]
            assert all(each <= int(days) for each in ends[:-1])  # no silence before the last order
            if quiet >= int(days) + 1:
                self.cases.add(rule, self.name, "", closed=False)
        self.cases.monthly("delivery-late", self.name, [(day_of(each), number_of(each)) for each in self._late()])
        sent = {number_of(each): units_in(each, "", "DeliveredQuantity") for each in self.shipments}
        for each in self.receipts:
            despatch = one(r"RFF\+AAK:([^']+)", each)
            if units_in(each, "48") != sent[despatch]:
                self.cases.add("receiving.differs", self.name, despatch, closed=False)
        for each in self.returns:
            for rule in ("return-open", "return.waits"):  # nobody of ours has answered
                self.cases.add(rule, self.name, number_of(each), closed=False)
        for number, text in self.invoices.items():
            self._bill(number, text)

    def _bill(self, number: str, text: str) -> None:
        gross, due = Decimal(tag("PayableAmount", text)), date.fromisoformat(tag("DueDate", text))
        settled = self._paid(number, self.today) >= gross
        if due < self.today and self._paid(number, due) < gross:
            self.cases.add("invoice-overdue", self.name, number, closed=settled)
        for each in self.payments:
            if number not in each:
                continue
            if self._paid(number, day_of(each)) < gross:
                self.cases.add("payment.short", self.name, number, closed=settled)
            if re.search(rf"DOC\+380\+{number}'MOA\+12:[\d.]+'AJT", each):
                self.cases.add("payment.adjusted", self.name, number, closed=False)


def promise(text: str) -> tuple[str, date]:
    """Return the order that a response answers, and the day that it promises."""
    if text.lstrip().startswith("<"):
        day = one(r"<(?:\w+:)?PromisedDeliveryPeriod>.*?<(?:\w+:)?StartDate>([^<]+)", text)
        day = day or one(r"<(?:\w+:)?PromisedDeliveryPeriod>.*?<(?:\w+:)?EndDate>([^<]+)", text)
        return one(r"<(?:\w+:)?OrderReference>\s*<(?:\w+:)?ID>([^<]+)", text), date.fromisoformat(day)
    return one(r"RFF\+ON:([^':]+)", text), date.fromisoformat(one(r"DTM\+(?:69|67|2):(\d{8})", text))


# --- the supplier -----------------------------------------------------------------------------------------------------


class Supplier:
    def __init__(self, mailboxes: Path, cases: "Cases") -> None:
        self.cases = cases
        own, house = texts(mailboxes / SUPPLIER / "outbox"), texts(mailboxes / HOUSE / "outbox")
        self.orders = {number_of(each): each for each in of_kind(texts(mailboxes / SUPPLIER / "inbox"), "ORDERS")}
        self.answers = {one(r"RFF\+ON:([^':]+)", each): each for each in of_kind(own, "ORDRSP")}
        self.shipments = {number_of(each): each for each in of_kind(own, "DESADV")}
        self.receipts = of_kind(house, "ReceiptAdvice")
        self.invoices = of_kind(own, "INVOIC")

    def measures(self) -> dict[str, Decimal]:
        ordered = sum((units_in(each, "21") for each in self.orders.values()), ZERO)
        shipped = sum((units_in(each, "12") for each in self.shipments.values()), ZERO)
        received = sum((units_in(each, "", "ReceivedQuantity") for each in self.receipts), ZERO)
        hours = [desk_hours(morning(self.orders[number]), morning(each)) for number, each in self.answers.items()]
        return {
            "supplier-fill-rate": received / ordered, "supplier-short-rate": (shipped - received) / shipped,
            "supplier-late-rate": Decimal(len(self._late())) / len(self.shipments),
            "response-hours": sum(hours, ZERO) / len(hours),
            "documents-in-time": Decimal(len([each for each in self.orders if self._answered(each)])) / len(self.orders),
            "invoice-right-rate": 1 - Decimal(len(self._dear())) / len(self.invoices), "first-time-right": Decimal(1),
        }  # fmt: skip

    def _late(self) -> list[str]:
        def due(text: str) -> str:
            return one(r"DTM\+2:(\d{8})", self.orders[one(r"RFF\+ON:([^':]+)", text)])

        return [each for each in self.shipments.values() if one(r"DTM\+11:(\d{8})", each) > due(each)]

    def _answered(self, order: str) -> bool:
        told = self.answers.get(order)
        return told is not None and morning(told) <= morning(self.orders[order]) + ANSWER_WITHIN

    def _dear(self) -> list[str]:
        def agreed(text: str) -> str:
            return one(r"PRI\+AAA:([\d.]+)", self.orders[one(r"RFF\+ON:([^':]+)", text)])

        return [each for each in self.invoices if Decimal(one(r"PRI\+AAA:([\d.]+)", each)) != Decimal(agreed(each))]

    def problems(self) -> None:
        for number, order in self.orders.items():
            told = self.answers.get(number)
            if told is None or not self._answered(number):
                self.cases.add("document-overdue", SUPPLIER, f"OrderResponse:{number}", closed=told is not None)
            if told is not None and units_in(told, "113") < units_in(order, "21"):
                self.cases.add("order.supplier-short", SUPPLIER, number, closed=False)
        short = []
        for each in self.receipts:
            despatch = one(r"<cac:DespatchDocumentReference><cbc:ID>([^<]+)", each)
            if units_in(each, "", "ReceivedQuantity") < units_in(self.shipments[despatch], "12"):
                self.cases.add("receiving.differs", SUPPLIER, despatch, closed=False)
                short.append((day_of(each), number_of(each)))
        self.cases.monthly("supplier-short", SUPPLIER, short)
        self.cases.monthly("supplier-late", SUPPLIER, [(day_of(each), number_of(each)) for each in self._late()])
        for each in self._dear():
            for rule in ("invoice.price-differs", "invoice-disputed"):
                self.cases.add(rule, SUPPLIER, number_of(each), closed=False)


def morning(text: str) -> datetime:
    """Everything is sent at eight."""
    return datetime.combine(day_of(text), time(8), UTC)


def desk_hours(start: datetime, end: datetime) -> Decimal:
    """Return the hours between two instants in which our desk is open."""
    total, day = timedelta(), start.astimezone(BERLIN).date()
    while day <= end.astimezone(BERLIN).date():
        if day.weekday() < 5:
            opens, closes = (datetime.combine(day, at, BERLIN).astimezone(UTC) for at in (DESK_OPENS, DESK_CLOSES))
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += timedelta(days=1)
    return Decimal(round(total.total_seconds())) / 3600


# --- cases and matrices -----------------------------------------------------------------------------------------------


class Cases:
    def __init__(self) -> None:
        self.found: set[tuple[str, str, str, str]] = set()

    def add(self, rule: str, account: str, subject: str, *, closed: bool) -> None:
        self.found.add((rule, account, subject, "closed" if closed else "open"))

    def monthly(self, rule: str, account: str, seen: list[tuple[date, str]]) -> None:
        """One case a calendar month, named after what was seen first."""
        first: dict[tuple[int, int], str] = {}
        for day, subject in sorted(seen):
            first.setdefault((day.year, day.month), subject)
        for subject in first.values():
            self.add(rule, account, subject, closed=False)


def score(value: Decimal, target: str, tolerance: str, high: bool) -> Decimal:
    """At the target 7, at one tolerance off it 4, at two or more 1."""
    off = Decimal(target) - value if high else value - Decimal(target)
    return max(Decimal(1), 7 - 3 * max(ZERO, off) / Decimal(tolerance))


def mean(values: list[Decimal]) -> Decimal | None:
    return sum(values, ZERO) / len(values) if values else None


def cells(importance: Decimal | None, performance: Decimal | None) -> tuple[str, str]:
    if importance is None or performance is None:
        return "", ""
    field = {
        (True, True): "advantage",
        (True, False): "improve",
        (False, True): "maintain",
        (False, False): "opportunity",
    }
    table = (
        "keep",
        "reduce-or-keep",
        "shift-resources",
        "improve",
        "keep",
        "reduce-or-keep",
        "must-improve",
        "improve",
        "keep-or-improve",
    )
    row, column = (0 if each < 3 else 1 if each < 5 else 2 for each in (importance, performance))
    return field[importance >= 4, performance >= 4], table[3 * row + column]


def position(importance: Decimal | None, own: Decimal | None, theirs: Decimal | None) -> str:
    if importance is None or own is None or theirs is None:
        return ""
    apart = own - theirs
    if abs(apart) < Decimal("0.8"):
        return "parity"
    return f"{'major' if importance >= 5 else 'minor'}-{'strength' if apart > 0 else 'weakness'}"


def matrices(side: str, asked: dict[str, dict[str, int]], measures: dict[str, dict]) -> dict[str, list[str]]:
    """Return for each element: importance, asked, measured, fields and advice by both, position."""
    found = {}
    for element, (measure, target, tolerance, high) in ELEMENTS[side].items():

        def told(part: str, element: str = element) -> Decimal | None:
            return mean([Decimal(its[f"{part}:{element}"]) for its in asked.values() if f"{part}:{element}" in its])

        importance, performance, theirs = told("importance"), told("performance"), told("competitor")
        measured = mean([score(its[measure], target, tolerance, high) for its in measures.values()])
        by_word, by_file = cells(importance, performance), cells(importance, measured)
        texts_of = ["" if each is None else f"{each:.2f}" for each in (importance, performance, measured)]
        found[element] = [
            *texts_of,
            by_word[0],
            by_file[0],
            by_word[1],
            by_file[1],
            position(importance, performance, theirs),
        ]
    return found


def main(mailboxes: Path, today: date) -> dict:
    cases = Cases()
    customers = {name: Customer(mailboxes, name, today, cases) for name in CUSTOMERS}
    supplier = Supplier(mailboxes, cases)
    measures: dict[str, dict] = {name: each.measures() for name, each in customers.items()}
    money = {name: its["monetary"] for name, its in measures.items()}
    ahead = {name: each.ahead(money[name]) for name, each in customers.items() if len(each.days) >= 3}
    placed = portfolio(money, ahead)
    for each in (*customers.values(), supplier):
        each.problems()
    answers = json.loads((mailboxes / "answers.json").read_text())
    drawn = {"customer": matrices("customer", answers["customer"], measures)}
    bought = {SUPPLIER: supplier.measures()}
    drawn["supplier"] = matrices("supplier", answers["supplier"], bought)
    for side in ("customer", "supplier"):
        for name, its in answers[side].items():
            if any(part.startswith("performance:") and told <= 2 for part, told in its.items()):
                cases.add("answer-low", name, f"audit-{side}", closed=False)
    loyal = {}
    for name, satisfied in answers["csat"].items():
        high, faithful = satisfied >= 4, measures[name]["loyalty"] >= Decimal("0.5")
        loyal[name] = ("apostle" if high else "hostage") if faithful else ("mercenary" if high else "defector")
        if satisfied <= 2:
            cases.add("answer-low", name, "csat", closed=False)
    figures: dict[str, dict[str, str]] = defaultdict(dict)
    for name, its in {**measures, **bought}.items():
        figures[name] = {key: value if isinstance(value, str) else f"{value:.4f}" for key, value in its.items()}
    for name, cell in placed.items():
        figures[name]["portfolio"] = cell
    return {"measures": figures, "cases": sorted(map(list, cases.found)), "matrices": drawn, "loyalty": loyal}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))))
