"""A month of trade; then an auditor that knows only the partners' files says the same as the gateway."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.journeys import month_auditor
from tests.journeys.month_auditor import plain
from tests.journeys.month_play import CUSTOMERS, HOUSE, OATS, PASSATA, SUPPLIERS, definitions, play
from tests.journeys.stage import Stage, staged

Answers = dict[str, Any]


async def ask(stage: Stage, path: str) -> Any:
    headers = {"Authorization": f"Bearer {stage.gateway.api_key}"}
    async with stage.gateway.session.get(stage.gateway.url + path, headers=headers) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def gateway_says(stage: Stage) -> Answers:
    """Return what the gateway's API answers, in the auditor's form."""
    found: Answers = {"sales": {}, "purchases": {}, "stock": {}, "receivables": {}, "disagreements": []}
    for side, name in (("sale", "sales"), ("purchase", "purchases")):
        for order in await ask(stage, f"/api/v1/orders?side={side}"):
            (shown,) = await ask(stage, f"/api/v1/orders/{order['number']}")
            for line in shown["lines"]:
                wanted = Decimal(line["confirmed"]) + Decimal(line["backordered"])
                units = plain(wanted - Decimal(line["despatched"]))
                found[name][f"{order['partner']} {order['number']} {line['number']}"] = units
    for line in await ask(stage, "/api/v1/stock"):
        names = ("on_hand", "allocated", "backordered", "on_order", "in_transit")
        figures = {name: plain(Decimal(line[_camel(name)])) for name in names}
        if any(value != "0" for value in figures.values()):
            found["stock"][line["gtin"]] = figures
    for customer in CUSTOMERS:
        invoices = await ask(stage, f"/api/v1/invoices?side=sale&partner={customer}&limit=1000")
        signs = {"invoice": 1, "credit-note": -1}
        owed = sum((signs[each["kind"]] * Decimal(each["open"]) for each in invoices), Decimal(0))
        found["receivables"][customer] = plain(owed)
    return found


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(each.title() for each in rest)


def audited(mailboxes: Path) -> Answers:
    """Run the auditor as an outsider would: its own process, in which the gateway's package cannot be imported."""
    command = [
        sys.executable,
        "-I",
        month_auditor.__file__,
        str(mailboxes),
        HOUSE,
        *map(",".join, (CUSTOMERS, SUPPLIERS)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: Answers = json.loads(done.stdout)
    for name in ("sales", "purchases"):
        found[name] = {key: units for key, units in found[name].items() if units != "0"}
    return found


def differences(one: Answers, other: Answers) -> list[str]:
    """Return every figure that differs, and what the auditor finds strange."""
    found = [f"files: {each}" for each in other["disagreements"]]
    for part in ("sales", "purchases", "stock", "receivables"):
        for key in sorted(one[part].keys() | other[part].keys()):
            ours, theirs = one[part].get(key), other[part].get(key)
            if ours != theirs:
                found.append(f"{part} {key}: gateway {ours}, files {theirs}")
    return found


def drop_a_movement(mailboxes: Path) -> None:
    """The warehouse's word on one shipment is lost."""
    (note,) = (mailboxes / "warehouse" / "outbox").glob("*SH-3*.note.json")
    note.unlink()


def double_an_invoice(mailboxes: Path) -> None:
    """One invoice lies in the customer's mailbox a second time."""
    inbox = mailboxes / "nordmarkt" / "inbox"
    (note,) = inbox.glob("*INVOIC-INV-3*.note.json")
    shutil.copy(note, inbox / f"999999-{note.name}")


def lose_a_credit(mailboxes: Path) -> None:
    """A credit note never reached its customer."""
    (note,) = (mailboxes / "stadtkette" / "inbox").glob("*CreditNote-CN-2*.note.json")
    note.unlink()


PLANTED: tuple[tuple[Callable[[Path], None], str], ...] = (
    (drop_a_movement, "stock 09521001100014"),
    (double_an_invoice, "receivables nordmarkt"),
    (lose_a_credit, "receivables stadtkette"),
)


async def test_after_a_month_of_trade_the_raw_files_of_all_sides_and_the_gateway_say_the_same(tmp_path: Path) -> None:
    async with staged(tmp_path / "instance", definitions(), without=("guest",)) as stage:
        await play(stage)
        said = await gateway_says(stage)
        said["sales"] = {key: units for key, units in said["sales"].items() if units != "0"}
        said["purchases"] = {key: units for key, units in said["purchases"].items() if units != "0"}
        prices = stage.rows(
            "SELECT order_number, price FROM order_line WHERE gtin = ? AND partner = 'nordmarkt'", f"0{OATS}"
        )
        bills = {each["number"]: each["status"] for each in await ask(stage, "/api/v1/invoices?side=purchase")}
        instead = stage.rows(
            "SELECT status, gtin, confirmed, despatched FROM order_line WHERE order_number = 'S-3' AND number = '1'"
        )
        (refusal,) = await stage.receives("quellhof", "APERAK")
        problems = stage.rows('SELECT code, closed_at IS NULL FROM "case"')
        parked = stage.rows("SELECT business_number, fault_code FROM message WHERE state NOT IN ('done', 'applied')")
    mailboxes = stage.places.demo
    found = audited(mailboxes)
    assert differences(said, found) == []
    assert parked == [("N-1", "order.number-clash")]
    assert {code for code, is_open in problems if is_open} == {
        "order.number-clash",
        "order.supplier-short",
        "receiving.differs",
        "return.differs",
        "payment.short",
    }
    assert {code for code, is_open in problems if not is_open} == {
        "plan.approval-needed",
        "order.waits",
        "invoice.price-differs",
        "return.waits",
    }
    assert instead == [("shipped", f"0{PASSATA}", 7000, 7000)], "spaghetti were substituted without a person"
    assert "RFF+ON:QI-2" in refusal
    assert bills == {"QI-1": "paid", "QI-2": "refused"}
    assert sorted(prices) == [("N-1", "1.80"), ("N-2", "2.00")]
    assert said["receivables"] == {"nordmarkt": "88.81", "stadtkette": "13.41"}
    assert len(said["stock"]) == 5
    for spoil, place in PLANTED:
        spoiled = tmp_path / spoil.__name__
        shutil.copytree(mailboxes, spoiled)
        spoil(spoiled)
        wrong = differences(said, audited(spoiled))
        assert any(each.startswith(place) for each in wrong), (spoil.__name__, wrong)
        assert any(each.startswith("files: ") for each in wrong), (spoil.__name__, wrong)
