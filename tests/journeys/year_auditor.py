"""What a year of files says of the relations with two customers and a supplier: cases, measures and cells of the
portfolio, worked out from the raw files in the mailboxes. Imports nothing of the gateway.

    python year_auditor.py MAILBOXES ITEMS.CSV TODAY
"""

import csv
import json
import re
import sys
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median

WINDOW = 365
MARGIN = Decimal("0.25")


def sent(mailboxes: Path, partner: str) -> list[str]:
    """Return the texts that a partner has sent, in their order; one that was not taken does not count."""
    folder, found = mailboxes / partner / "outbox", []
    for path in sorted(folder.glob("*.note.json")):
        note = json.loads(path.read_text())
        if note.get("state") == "acked":
            found.append((folder / note["file"]).read_text())
    return found


def day_of(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def edifact_lines(text: str, quantity: str) -> list[tuple[str, Decimal]]:
    return [
        (gtin, Decimal(units))
        for gtin, units in re.findall(rf"LIN\+\d+\+\d*\+(\d+):\w+'(?:IMD[^']*')*QTY\+{quantity}:(\d+)", text)
    ]


def orders_of(texts: list[str]) -> dict[str, tuple[date, list[tuple[str, Decimal]]]]:
    """Return by number the day and lines of each order, EDIFACT or UBL; a repeat counts once."""
    found: dict[str, tuple[date, list[tuple[str, Decimal]]]] = {}
    for text in texts:
        if "+ORDERS:" in text:
            number = re.search(r"BGM\+220\+([^+]+)", text)[1]
            found.setdefault(number, (day_of(re.search(r"DTM\+137:(\d{8})", text)[1]), edifact_lines(text, "21")))
        elif "<Order " in text:
            number = re.search(r"<cbc:ID>([^<]+)", text)[1]
            lines = re.findall(r'<cbc:Quantity unitCode="H87">(\d+)<.*?schemeID="0160">(\d+)<', text, re.S)
            day = date.fromisoformat(re.search(r"<cbc:IssueDate>([^<]+)", text)[1])
            found.setdefault(number, (day, [(gtin, Decimal(units)) for units, gtin in lines]))
    return found


def quantile(values: list[int], share: float) -> float:
    """The usual one, between the neighbours by proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def rhythm(days: list[date]) -> float:
    """Return after how many days without an order somebody should be told."""
    gaps = [(after - before).days for before, after in pairwise(days)][-26:]
    if len(gaps) < 5:
        return 90.0
    middle = median(gaps)
    spread = median(abs(each - middle) for each in gaps)
    return max(1.5 * quantile(gaps, 0.95), middle + 4 * 1.4826 * spread)


def customer(orders: dict[str, tuple[date, list[tuple[str, Decimal]]]], prices: dict[str, Decimal], today: date):
    since = today - timedelta(days=WINDOW)
    recent = {number: each for number, each in orders.items() if each[0] >= since}
    money = sum(
        (units * prices[gtin.rjust(14, "0")] for _, lines in recent.values() for gtin, units in lines), Decimal(0)
    )
    days = sorted({day for day, _ in orders.values()})
    limit, quiet = rhythm(days), (today - days[-1]).days
    alarm = quiet > 1.5 * limit or quiet == int(1.5 * limit) + 1
    span = min(WINDOW, max(1, (today - days[0]).days))
    ahead = Decimal(0) if alarm else (Decimal(len(recent)) * 365 / span * (money * MARGIN / len(recent)))
    months = {(day.year, day.month) for day in days}
    return {
        "frequency": len(recent), "recency": quiet, "monetary": money, "limit": round(limit, 1),
        "state": "lapsed" if alarm else "active", "silent": alarm, "ahead": ahead, "months": len(months),
    }  # fmt: skip


def portfolio(found: dict[str, dict]) -> dict[str, str]:
    values = sorted((each["monetary"] for each in found.values()), reverse=True)
    total, running, cut = sum(values), Decimal(0), values[-1]
    for value in values:
        running += value
        if running >= total * Decimal("0.8"):
            cut = value
            break
    middle = median(each["ahead"] for each in found.values())
    cells = {(True, True): "invest", (True, False): "restructure", (False, True): "nurture", (False, False): "automate"}
    return {name: cells[each["monetary"] >= cut, each["ahead"] >= middle] for name, each in found.items()}


def short_receipts(mailboxes: Path, buyer: str) -> tuple[list[str], Decimal, Decimal]:
    """Return despatch numbers of which less was received than our warehouse has sent, units sent and units missing."""
    despatched: dict[str, Decimal] = {}
    for text in sent(mailboxes, "warehouse"):
        told = json.loads(text)
        if told["document"] == "DespatchAdvice":
            despatched[told["id"]] = sum(Decimal(line["despatchedQuantity"]["value"]) for line in told["lines"])
    short, units, missing = [], Decimal(0), Decimal(0)
    for text in sent(mailboxes, buyer):
        if "+RECADV:" in text:
            number = re.search(r"RFF\+AAK:([^']+)", text)[1]
            received = sum(units for _, units in edifact_lines(text, "48"))
            units, missing = units + despatched[number], missing + despatched[number] - received
            if received < despatched[number]:
                short.append(number)
    return short, units, missing


def returns_of(texts: list[str]) -> list[str]:
    return [re.search(r"BGM\+70E\+([^+]+)", text)[1] for text in texts if "+RETANN:" in text]


def main(mailboxes: Path, items: Path, today: date) -> dict:
    with items.open() as file:
        prices = {row["gtin"].rjust(14, "0"): Decimal(row["sales_price"]) for row in csv.DictReader(file)}
    customers = {
        name: customer(orders_of(sent(mailboxes, name)), prices, today) for name in ("nordmarkt", "stadtkette")
    }
    cells = portfolio(customers)
    cases: dict[str, list[str]] = defaultdict(list)
    for name, each in customers.items():
        if each["silent"]:
            cases["customer-overdue"].append(name)
    short, _, _ = short_receipts(mailboxes, "nordmarkt")
    cases["receiving.differs"] = short
    cases["return-open"] = returns_of(sent(mailboxes, "nordmarkt"))
    measures = {
        name: {
            "frequency": str(each["frequency"]), "recency": str(each["recency"]), "monetary": str(each["monetary"]),
            "lifecycle": each["state"], "limitDays": str(each["limit"]), "portfolio": cells[name],
        }
        for name, each in customers.items()
    }  # fmt: skip
    return {"measures": measures, "cases": {rule: sorted(its) for rule, its in cases.items() if its}}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))))
