"""Spoils a copy of the mailboxes in ways that an auditor must notice."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.season.audit import audit
from tests.season.cast import ITEMS, REGULAR, SOLID, WEB


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


def planted(mailboxes: Path, instance: Any, shelf: dict[str, int]) -> dict[str, list[str]]:
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
    robbed = {**shelf, ITEMS[0].gtin: shelf[ITEMS[0].gtin] - 1}
    found["the shelf was robbed"] = audit(mailboxes, instance, robbed)["differences"]
    return found
