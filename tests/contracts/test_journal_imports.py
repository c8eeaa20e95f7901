"""Imported lists and their undoing, on every journal."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from journal_rows import NOW, rows

from gateway.domain.imports import KINDS, convert
from gateway.ports.records import ImportRun
from gateway.store.journal import SqlJournal

OATS, FLOUR = "9521001100014", "9521001100021"
GLNS = ("9521001000017", "9521001000000")

LISTS: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str]], Sequence[Sequence[str]]]] = {
    "items": (("gtin", "name"), ((OATS, "Oats"),), ((OATS, "Oat flakes"), (FLOUR, "Flour"))),
    "packs": (("gtin", "inner", "contents"), ((FLOUR, OATS, "6"),), ((FLOUR, OATS, "12"), (OATS, FLOUR, "2"))),
    "prices": (
        ("price_list", "gtin", "price", "minimum"),
        (("A", OATS, "1.80", "0"), ("B", OATS, "1.70", "0")),
        (("A", OATS, "1.85", "0"), ("A", OATS, "1.60", "100"), ("B", FLOUR, "0.90", "0"), ("B", OATS, "1.70", "0")),
    ),
    "places": (("gln", "name"), ((GLNS[0], "Depot"),), ((GLNS[0], "Depot North"), (GLNS[1], "Office"))),
    "stock": (
        ("gtin", "location", "on_hand"),
        ((OATS, GLNS[0], "40"), (FLOUR, GLNS[1], "3.5")),
        ((OATS, GLNS[0], "38"), (OATS, GLNS[1], "1"), (FLOUR, GLNS[0], "0"), (FLOUR, GLNS[1], "3.5")),
    ),
    "calendars": (
        ("owner", "kind", "weekdays", "closed", "cut_off", "valid_from"),
        (("shop", "delivery", "mon wed", "", "", "2026-01-01"),),
        (
            ("shop", "delivery", "1-5", "2026-12-25 2026-12-26", "", "2026-01-01"),
            ("shop", "delivery", "mon", "", "", "2027-01-01"),
            ("self", "ordering", "mon-fri", "", "14:30", "2026-01-01"),
        ),
    ),
    "customers": (
        ("account", "valid_from", "credit_limit", "substitutes", "delivery_days"),
        (("shop", "2026-01-01", "500", "", "tue"),),
        (("shop", "2026-01-01", "800", "yes", "tue"), ("shop", "2026-07-01", "900", "no", "")),
    ),
}


def imported(journal: SqlJournal, run_id: str, kind: str, names: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """Import rows as the command does; return how many were changed."""
    run = ImportRun(id=run_id, kind=kind, file="x.csv", sha256="0" * 64, user="ana", at=NOW, updated_at=NOW)
    places = {name: place for place, name in enumerate(names)}
    converted = [convert(KINDS[kind], places, line, each) for line, each in enumerate(cells, 2)]
    assert not [each.problems for each in converted if each.problems]
    values = [each.values for each in converted]
    journal.write(lambda tx: tx.start_import(run))
    return journal.write(lambda tx: tx.import_rows(run, values, [], NOW))


def undone(journal: SqlJournal, run_id: str, limit: int) -> int:
    """Undo in portions of limit; return how many rows were left as they are."""
    left = 0
    while True:
        looked, kept = journal.write(lambda tx: tx.undo_rows(run_id, limit, NOW))
        left += kept
        if not looked:
            return left


def content(journal: SqlJournal, kind: str) -> list[dict[str, Any]]:
    found = rows(journal, KINDS[kind].table)
    return sorted(({k: v for k, v in each.items() if k != "updated_at"} for each in found), key=str)


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_a_second_list_changes_what_differs_and_its_undoing_brings_back_the_first(
    journal: SqlJournal, kind: str
) -> None:
    names, first, second = LISTS[kind]
    assert imported(journal, "one", kind, names, first) == len(first)
    before = content(journal, kind)
    assert imported(journal, "again", kind, names, first) == 0
    same = [each for each in second if each in first]
    assert imported(journal, "two", kind, names, second) == len(second) - len(same)
    assert len(content(journal, kind)) > len(before)
    assert undone(journal, "two", limit=1) == 0
    assert content(journal, kind) == before
    assert undone(journal, "one", limit=1000) == 0
    assert content(journal, kind) == []
