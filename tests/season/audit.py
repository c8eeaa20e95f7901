"""Compares what everybody sent and received with what the gateway says. Knows the mailboxes and the API, nothing else."""

import re
import time
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.journeys.month_auditor import (
    Ledger,
    all_of,
    answers,
    gtin14,
    inside,
    kind_of,
    local,
    number,
    papers_of,
    plain,
    read,
    said,
    segments,
    value,
)
from tests.season.cast import CUSTOMERS, EVERYBODY, HOUSE, MUTE, SUPPLIERS, Player
from tests.season.figures import figures

RECORD_WITHIN_S = 60.0
PARTS = ("sales", "purchases", "stock", "receivables")


def audit(
    mailboxes: Path, instance: Any, shelf: dict[str, int], days: tuple[date, date] | None = None
) -> dict[str, Any]:
    """Return {differences, cases, counts}; differences is empty when everything is explained.

    shelf: what really lies in the warehouse, by GTIN. days: the first and the last; without them no key figure is judged.
    """
    files = from_files(mailboxes)
    told = from_gateway(instance, files["numbers"])
    differences = [f"files: {each}" for each in files["disagreements"]]
    for part in PARTS:
        for key in sorted(files[part].keys() | told[part].keys()):
            theirs, ours = files[part].get(key, "0"), told[part].get(key, "0")
            if theirs != ours:
                differences.append(f"{part} {key}: files {theirs}, gateway {ours}")
    differences += counted(shelf, told["stock"])
    differences += [each for player in (*CUSTOMERS, *SUPPLIERS) for each in acknowledged(mailboxes, player)]
    differences += [each for player in CUSTOMERS for each in answered(mailboxes, player)]
    differences += arrivals(mailboxes, instance)
    if days is not None:
        differences += figures(mailboxes, instance, *days, miscounted)
    counts = {each.id: Counter(box.parent.name for box in mailboxes.glob(f"{each.id}/*/*.bin")) for each in EVERYBODY}
    return {
        "differences": differences,
        "cases": told["cases"],
        "record": told["record"],
        "counts": {name: dict(found) for name, found in counts.items()},
    }


# --- the ledger of the files ------------------------------------------------------------------------------------------


def from_files(mailboxes: Path) -> dict[str, Any]:
    """Return open units, stock and receivables as the papers of all sides have them."""
    customers, suppliers = ([each.id for each in side] for side in (CUSTOMERS, SUPPLIERS))
    ledger = read(mailboxes, HOUSE.id, customers, suppliers)
    for supplier in (each for each in SUPPLIERS if each.syntax == "ubl"):
        _ubl_supplier(ledger, mailboxes, supplier)
    _unannounced(ledger, mailboxes)
    found = answers(ledger, customers)
    promised, ordered = ({key[1] for key in each} for each in (ledger.promised, ledger.ordered))
    bills = {name: set(ledger.owed[name]) for name in customers}
    found["numbers"] = {"sale": promised, "purchase": ordered, **bills}
    for part in ("sales", "purchases"):
        found[part] = {key: units for key, units in found[part].items() if units != "0"}
    found["stock"] = {key: figures for key, figures in found["stock"].items() if set(figures.values()) != {"0"}}
    return found


def _ubl_supplier(ledger: Ledger, mailboxes: Path, supplier: Player) -> None:
    for paper in sorted(papers_of(mailboxes, supplier.id), key=lambda each: each.at):
        root = ElementTree.fromstring(paper.text)
        kind = local(root)
        if kind == "Order":
            for line in all_of(root, "OrderLine"):
                item = inside(line, "LineItem")
                key = (supplier.id, said(root, "ID"), said(item, "ID"))
                ledger.ordered[key] = number(said(item, "Quantity"))
                ledger.item[key] = gtin14(said(item, "Item/StandardItemIdentification/ID"))
        elif kind == "OrderResponse":
            order = said(root, "OrderReference/ID")
            for line in all_of(root, "OrderLine"):
                ledger.ordered[supplier.id, order, said(line, "OrderLineReference/LineID")] = number(
                    said(line, "LineItem/Quantity")
                )
        elif kind == "DespatchAdvice":
            load = ledger.on_the_road.setdefault(said(root, "ID"), {})
            for line in all_of(root, "DespatchLine"):
                units, where = number(said(line, "DeliveredQuantity")), "OrderLineReference/"
                order = said(line, f"{where}OrderReference/ID")
                ledger.supplied[supplier.id, order, said(line, f"{where}LineID")] += units
                gtin = gtin14(said(line, "Item/StandardItemIdentification/ID"))
                load[gtin] = load.get(gtin, Decimal(0)) + units


def _unannounced(ledger: Ledger, mailboxes: Path) -> None:
    """What came of a supplier that announces nothing was supplied when it was received."""
    for paper in papers_of(mailboxes, HOUSE.id):
        if paper.box != "outbox" or '"ReceivingAdvice"' not in paper.text or MUTE.gln not in paper.text:
            continue
        order = re.search(r'"order": ?\{"id": ?"([^"]+)"', paper.text)
        assert order, paper.text
        for gtin, units in re.findall(r'"gtin": ?"(\d+)".*?"acceptedQuantity": ?\{"value": ?"(\d+)"', paper.text):
            for key in [each for each in ledger.ordered if each[:2] == (MUTE.id, order[1])]:
                if ledger.item[key] == gtin:
                    ledger.supplied[key] += Decimal(units)


# --- what the gateway says --------------------------------------------------------------------------------------------


def from_gateway(instance: Any, numbers: dict[str, set[str]]) -> dict[str, Any]:
    """numbers: of the orders that the files know, by side, and of the bills, by customer; what the gateway lists is asked
    for too."""
    found: dict[str, Any] = {"sales": {}, "purchases": {}, "stock": {}, "receivables": {}}
    for side, name in (("sale", "sales"), ("purchase", "purchases")):
        listed = {each["number"] for each in instance.ask(f"/api/v1/orders?side={side}")}
        for order in sorted(listed | numbers[side]):
            # several partners may have used the number, and both sides
            for shown in instance.ask(f"/api/v1/orders/{order}"):
                for line in shown["lines"] if shown["side"] == side else ():
                    units = Decimal(line["confirmed"]) + Decimal(line["backordered"]) - Decimal(line["despatched"])
                    if units:
                        found[name][f"{shown['partner']} {order} {line['number']}"] = plain(units)
    members = {
        "on_hand": "onHand",
        "allocated": "allocated",
        "backordered": "backordered",
        "on_order": "onOrder",
        "in_transit": "inTransit",
    }
    for line in instance.ask("/api/v1/stock"):
        figures = {name: plain(Decimal(line[member])) for name, member in members.items()}
        if set(figures.values()) != {"0"}:
            found["stock"][line["gtin"]] = figures
    for customer in CUSTOMERS:
        invoices = invoices_of(instance, customer, numbers[customer.id])
        signs = {"invoice": 1, "credit-note": -1}
        owed = sum((signs[each["kind"]] * Decimal(each["open"]) for each in invoices), Decimal(0))
        found["receivables"][customer.id] = plain(owed)
    cases = instance.ask("/api/v1/cases?limit=1000")
    states = Counter(
        f"{each['code']} {each.get('account', '')} {'closed' if 'closedAt' in each else 'open'}" for each in cases
    )
    found["cases"] = dict(sorted(states.items()))
    found["record"] = dict(
        sorted(
            Counter(
                f"{each['rule']} {each['account']} {'done' if each['done'] else 'open'}"
                for each in instance.ask("/api/v1/crm/cases?all=yes")
            ).items()
        )
    )
    return found


def await_record(instance: Any) -> None:
    """Wait until the customer record has as many overdue documents as there are cases of them: it goes through all accounts
    now and then only. The comparison says so when it never does."""
    wanted = sum(each["code"] == "document.overdue" for each in instance.ask("/api/v1/cases?limit=1000"))
    end = time.monotonic() + RECORD_WITHIN_S
    while time.monotonic() < end:
        listed = instance.ask("/api/v1/crm/cases?all=yes")
        if sum(each["rule"] == "document-overdue" for each in listed) >= wanted:
            return
        time.sleep(1)


def invoices_of(instance: Any, customer: Player, numbers: set[str]) -> list[dict[str, Any]]:
    """Return all invoices and credit notes of a customer: those of the list, and those that only the files name."""
    listed = instance.ask(f"/api/v1/invoices?side=sale&partner={customer.id}&limit=1000")
    found = {each["number"]: each for each in listed}
    for number_ in sorted(numbers - found.keys()) if len(found) == 1000 else ():
        (found[number_],) = instance.ask(f"/api/v1/invoices/{number_}?side=sale&partner={customer.id}")
    return list(found.values())


def counted(shelf: dict[str, int], stock: dict[str, dict[str, str]]) -> list[str]:
    """Compare what physically lies there with what the gateway believes."""
    return [
        f"shelf {gtin}: {units} lie there, gateway {stock.get(gtin.zfill(14), {}).get('on_hand', '0')}"
        for gtin, units in shelf.items()
        if stock.get(gtin.zfill(14), {}).get("on_hand", "0") != str(units)
    ]


# --- every message explained ------------------------------------------------------------------------------------------


def _reference(text: str) -> str:
    found = re.search(r"UNB\+[^+]+\+[^+]+\+[^+]+\+[^+]+\+([^+']+)", text)
    return found[1] if found else ""


def acknowledged(mailboxes: Path, player: Player) -> list[str]:
    """Each EDIFACT interchange that the gateway took got one CONTRL, and only the miscounted were rejected."""
    sent: Counter[str] = Counter()
    verdicts: dict[str, list[str]] = {}
    wrong: set[str] = set()
    for paper in papers_of(mailboxes, player.id):
        if paper.syntax != "edifact":
            continue
        found = segments(paper.text)
        if paper.box == "outbox" and kind_of(found) != "CONTRL":
            sent[_reference(paper.text)] += 1
            if miscounted(paper.text):
                wrong.add(_reference(paper.text))
        elif paper.box == "inbox" and kind_of(found) == "CONTRL":
            interchange = next(each for each in found if each[0][0] == "UCI")
            messages = [each[3][0] for each in found if each[0][0] == "UCM"]
            verdict = "4" if "4" in (interchange[4][0], *messages) else "7"
            verdicts.setdefault(interchange[1][0], []).append(verdict)
    differences = []
    for reference, times in sent.items():
        expected = "4" if reference in wrong else "7"
        got = verdicts.pop(reference, [])
        if not got or set(got) != {expected} or len(got) > times:
            differences.append(f"{player.id} interchange {reference}: sent {times} times, CONTRL {got}, due {expected}")
    return differences + [f"{player.id}: CONTRL for {each}, which was never sent" for each in verdicts]


def answered(mailboxes: Path, player: Player) -> list[str]:
    """Each good order got one response, and no response came unasked."""
    orders: set[str] = set()
    responses: Counter[str] = Counter()
    for paper in papers_of(mailboxes, player.id):
        if paper.syntax == "xml":
            root = ElementTree.fromstring(paper.text)
            if paper.box == "outbox" and local(root) == "Order":
                orders.add(said(root, "ID"))
            elif paper.box == "inbox" and local(root) == "OrderResponse":
                responses[said(root, "OrderReference/ID")] += 1
            continue
        found = segments(paper.text)
        if paper.box == "outbox" and kind_of(found) == "ORDERS" and not miscounted(paper.text):
            orders.add(next(each for each in found if each[0][0] == "BGM")[2][0])
        elif paper.box == "inbox" and kind_of(found) == "ORDRSP":
            responses[value(found, "RFF", "ON")] += 1
    strange = [f"{player.id} order {each}: no response" for each in orders - responses.keys()]
    strange += [f"{player.id} order {each}: response without order" for each in responses.keys() - orders]
    return strange


def miscounted(text: str) -> bool:
    """Tell whether UNT of an interchange with one message counts wrongly."""
    tags = [each[0][0] for each in segments(text)]
    count = next(int(each[1][0]) for each in segments(text) if each[0][0] == "UNT")
    return count != tags.index("UNT") - tags.index("UNH") + 1


def arrivals(mailboxes: Path, instance: Any) -> list[str]:
    """The gateway has a message for each file that was sent, repeats too, and parked the miscounted and nothing else."""
    differences = []
    for player in EVERYBODY:
        sent = [paper for paper in papers_of(mailboxes, player.id) if paper.box == "outbox"]
        wrong = sum(1 for paper in sent if paper.syntax == "edifact" and miscounted(paper.text))
        lines: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = instance.ask(f"/api/v1/messages?partner={player.id}&direction=in&limit=200{cursor}")
            lines += page["lines"]
            if not page.get("next"):
                break
            cursor = f"&cursor={page['next']}"
        if len(lines) != len(sent):
            differences.append(f"{player.id}: {len(sent)} files sent, {len(lines)} messages kept")
        states = Counter(each["state"] for each in lines)
        if states != Counter({"done": len(lines) - wrong, "parked": wrong}) - Counter():
            differences.append(f"{player.id}: {dict(states)}, of which {wrong} may be parked")
    return differences
