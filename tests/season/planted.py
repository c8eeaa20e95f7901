"""Spoils a copy of the mailboxes in ways that an auditor must notice."""

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.season.audit import audit, miscounted
from tests.season.cast import HOUSE, ITEMS, REGULAR, SOLID, WEB
from tests.season.figures import figures


def _first(folder: Path, words: str) -> Path:
    return next(path for path in sorted(folder.glob("*.bin")) if words in path.read_text("utf-8", "replace"))


def _lose_an_order(mailboxes: Path) -> None:
    (_first(mailboxes / REGULAR.id / "outbox", "UNH+1+ORDERS").with_suffix(".note.json")).unlink()


def _double_an_invoice(mailboxes: Path) -> None:
    bill = _first(mailboxes / WEB.id / "inbox", "<cbc:InvoiceTypeCode>")
    note = bill.with_suffix(".note.json")
    shutil.copy(note, note.with_name("999999.note.json"))


def _hide_a_delivery(mailboxes: Path) -> None:
    (_first(mailboxes / SOLID.id / "outbox", "DespatchAdvice").with_suffix(".note.json")).unlink()


def _receive_later(mailboxes: Path) -> None:
    """No unit is another, only a day: key figures alone can tell."""
    receipt = _first(mailboxes / HOUSE.id / "outbox", '"ReceivingAdvice"')
    data = json.loads(receipt.read_text())
    data["receivedAt"] = (date.fromisoformat(data["receivedAt"]) + timedelta(days=7)).isoformat()
    receipt.write_text(json.dumps(data))


class Remembered:
    """The gateway as it answered before: nothing happens any more, and each auditor asks the same."""

    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self._answers: dict[str, Any] = {}

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        if path not in self._answers:
            self._answers[path] = self._instance.ask(path, body)
        return self._answers[path]


def planted(mailboxes: Path, instance: Any, shelf: dict[str, int], days: tuple[date, date]) -> dict[str, list[str]]:
    """Return what the auditor finds in each spoiled world."""
    spoilers: dict[str, Callable[[Path], None]] = {
        "an order got lost": _lose_an_order,
        "an invoice came twice": _double_an_invoice,
        "a delivery was never announced": _hide_a_delivery,
    }
    found = {}
    for name, spoil in spoilers.items():
        copy = mailboxes.with_name(name.replace(" ", "-"))
        shutil.copytree(mailboxes, copy)
        spoil(copy)
        found[name] = audit(copy, instance, shelf)["differences"]
    late = mailboxes.with_name("a-receipt-was-a-week-later")
    shutil.copytree(mailboxes, late)
    _receive_later(late)
    found["a receipt was a week later"] = figures(late, instance, *days, miscounted)
    robbed = {**shelf, ITEMS[0].gtin: shelf[ITEMS[0].gtin] - 1}
    found["the shelf was robbed"] = audit(mailboxes, instance, robbed)["differences"]
    return found
