"""What a transaction asks once and writes at its end is what asking and writing each time gives, on every journal."""

import json
from datetime import date
from decimal import Decimal

import pytest
from journal_rows import NOW, rows

from gateway.domain.decision import Needs
from gateway.model.account_terms import AccountTerms
from gateway.model.calendar import Calendar
from gateway.model.effects import ActivityAdded, CalendarSaved, CustomerSaved, ItemSaved
from gateway.model.partner import ItemRecord
from gateway.ports.journal import Tx
from gateway.store.journal import SqlJournal

DAY = date(2026, 3, 1)
ITEM = ItemRecord(gtin="04012345678901", name="Oats")


def ordered(message: str, units: int) -> ActivityAdded:
    figures = {"units_ordered": Decimal(units)}
    return ActivityAdded(key="a", account="retailer", kind=f"kind-{units}", reference=message, figures=figures)


def test_counters_go_on_within_a_transaction_and_from_one_to_the_next(journal: SqlJournal) -> None:
    def three(tx: Tx) -> list[str]:
        return [f"{tx.serial()} {tx.control_reference('shop')} {tx.message_reference('shop')}" for _ in range(3)]

    assert journal.write(three) == ["1 1 1", "2 2 2", "3 3 3"]
    assert journal.write(three) == ["4 4 4", "5 5 5", "6 6 6"]


def test_control_references_begin_again_behind_their_last_within_a_transaction(journal: SqlJournal) -> None:
    def taken(tx: Tx) -> list[str]:
        return [tx.control_reference("shop", 7, 9) for _ in range(4)]

    assert journal.write(taken) == ["7", "8", "9", "7"]
    assert journal.write(taken) == ["8", "9", "7", "8"]
    assert journal.write(lambda tx: tx.control_reference("shop", 100, 200)) == "100"


def test_what_was_counted_further_is_taken_back_with_its_transaction(journal: SqlJournal) -> None:
    def broken(tx: Tx) -> None:
        for _ in range(3):
            tx.serial()
        tx.write_effects("m-1", [ordered("PO-1", 5)], NOW, test=False)
        raise LookupError("planned")

    journal.write(lambda tx: tx.serial())
    with pytest.raises(LookupError):
        journal.write(broken)
    assert journal.write(lambda tx: tx.serial()) == 2
    assert rows(journal, "account") == []


def test_the_figures_of_an_account_add_up_within_a_transaction_and_over_several(journal: SqlJournal) -> None:
    def two(tx: Tx) -> None:
        tx.write_effects("m-1", [ordered("PO-1", 5)], NOW, test=False)
        tx.write_effects("m-2", [ordered("PO-2", 7)], NOW, test=False)

    journal.write(two)
    journal.write(lambda tx: tx.write_effects("m-3", [ordered("PO-3", 1)], NOW, test=False))
    (kept,) = rows(journal, "account")
    assert (json.loads(kept["figures"]), kept["last_activity"]) == ({"units_ordered": "13"}, "kind-1")
    assert len(rows(journal, "activity")) == len(rows(journal, "effect")) == 3


def test_effects_written_twice_within_a_transaction_count_once(journal: SqlJournal) -> None:
    def twice(tx: Tx) -> None:
        for _ in range(2):
            tx.write_effects("m-1", [ordered("PO-1", 5)], NOW, test=False)

    journal.write(twice)
    (kept,) = rows(journal, "account")
    assert json.loads(kept["figures"]) == {"units_ordered": "5"}


def test_what_the_house_tells_counts_for_the_next_message_of_the_same_transaction(journal: SqlJournal) -> None:
    terms = CustomerSaved(key="c", account="shop", valid_from=DAY, name="Shop", terms=AccountTerms(substitutes=True))
    calendar = CalendarSaved(key="k", calendar=Calendar(owner="shop", kind="delivery", valid_from=DAY))

    def seen(tx: Tx) -> tuple[bool, int, int]:
        calendars = tx.snapshot(Needs(calendars=frozenset({"shop"})), "4012345000009").calendars
        return tx.keeps_items(), len(tx.account_terms("shop")), len(calendars)

    def told(tx: Tx) -> list[tuple[bool, int, int]]:
        before = seen(tx)
        tx.write_effects("m-1", [ItemSaved(key="i", item=ITEM), terms, calendar], NOW, test=False)
        return [before, seen(tx)]

    assert journal.write(told) == [(False, 0, 0), (True, 1, 1)]
