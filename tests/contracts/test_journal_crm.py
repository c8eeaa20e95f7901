"""The customer record on every journal: kept up message by message, and rebuilt to the same to the last row."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from gateway.domain.crm.rules import Condition, Rule
from gateway.domain.crm.standard_rules import STANDARD
from gateway.model.effects import (
    ActivityAdded,
    CaseClosed,
    CaseOpened,
    DocumentExpected,
    Effect,
    ExpectationMet,
    InvoiceSaved,
    ReturnSaved,
)
from gateway.store.crm_projection import PROJECTIONS, CrmProjection, Heard, waiting
from gateway.store.journal import SqlJournal
from gateway.store.tables_crm import crm_case, crm_case_event, crm_day, crm_event

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
PARTNERS = {"nord": "customer", "shop": "customer", "mill": "supplier"}


def caused(journal: SqlJournal, message: str, at: datetime, *effects: Effect, test: bool = False) -> None:
    journal.write(lambda tx: tx.write_effects(message, effects, at, test=test))


def record(journal: SqlJournal, rules: Sequence[Rule] = STANDARD):
    """Return a function that does one work of the projection in a transaction of its own."""

    def work(what: str, *args: object) -> Heard:
        return journal.write(lambda tx: getattr(CrmProjection(tx.connection, rules, PARTNERS), what)(*args))

    return work


def order(number: int, account: str = "nord", value: str = "100") -> ActivityAdded:
    figures = {"orders": Decimal(1), "order_value": Decimal(value), "units_ordered": Decimal(10)}
    return ActivityAdded(
        key=f"a{number}", account=account, kind="order-received", reference=f"PO{number}", figures=figures
    )


def an_invoice(number: str, owed: str, due: date, status: str = "open") -> InvoiceSaved:
    gross = Decimal(100)
    return InvoiceSaved(
        key=f"i{number}{status}{owed}", side="sale", partner="nord", number=number, kind="invoice", status=status,
        issued_on=due - timedelta(days=30), currency="EUR", net=gross, tax=Decimal(0), gross=gross, open=Decimal(owed),
        due_on=due,
    )  # fmt: skip


def everything(journal: SqlJournal) -> dict[str, list[tuple]]:
    with journal.reader.connect() as connection:
        return {table.name: sorted(tuple(row) for row in connection.execute(select(table))) for table in PROJECTIONS}


def rows_of(journal: SqlJournal, table) -> list:
    with journal.reader.connect() as connection:
        return list(connection.execute(select(table)))


def test_what_a_document_caused_is_heard_once_and_summed(journal: SqlJournal):
    work = record(journal)
    caused(journal, "m1", START, order(1), order(2, value="50.5"))
    caused(journal, "m1", START, order(1), order(2, value="50.5"))  # a replay writes nothing new
    assert work("hear").events == 2
    assert work("hear") == Heard()
    sums = {(row.account, row.day, row.name): row.value for row in rows_of(journal, crm_day)}
    assert sums["nord", "2026-01-05", "orders"] == 2000
    assert sums["nord", "2026-01-05", "order_value"] == 150_500
    assert {row.message for row in rows_of(journal, crm_event)} == {"m1"}


@pytest.mark.parametrize(("told", "kept"), [("1.23456", 1_235), ("9e30", None), ("999999999999.9999", 10**15)])
def test_no_figure_of_a_partner_stops_the_record(journal: SqlJournal, told: str, kept: int | None):
    work = record(journal)
    caused(journal, "m1", START, order(1, value=told), order(2, account="shop"))
    assert work("hear").events == 2
    sums = {(row.account, row.name): row.value for row in rows_of(journal, crm_day)}
    assert sums.get(("nord", "order_value")) == kept
    assert sums["nord", "orders"] == 1000


def test_test_traffic_changes_nothing(journal: SqlJournal):
    caused(journal, "m1", START, order(1), test=True)
    assert record(journal)("hear") == Heard()
    assert rows_of(journal, crm_event) == []


def test_a_problem_is_one_case_that_the_next_document_closes(journal: SqlJournal):
    work = record(journal)
    differs = {"account": "nord", "code": "receiving.differs", "subject": "PO1"}
    caused(journal, "m1", START, CaseOpened(key="1", params={"missing": "2"}, **differs))
    work("hear")
    caused(journal, "m2", START + timedelta(hours=1), CaseOpened(key="1", params={"missing": "1"}, **differs))
    caused(journal, "m3", START + timedelta(hours=2), CaseClosed(key="1", **differs))
    work("hear")
    [found] = rows_of(journal, crm_case)
    assert (found.rule, found.type, found.times, found.owner) == ("receiving.differs", "delivery", 2, "account-manager")
    assert found.closed_at > found.last_at - 1
    assert found.closed_by.startswith("m3:")
    assert [row.what for row in sorted(rows_of(journal, crm_case_event), key=lambda row: row.event)] == [
        "open", "again", "close",
    ]  # fmt: skip


def test_silence_opens_a_case_and_the_next_order_closes_it(journal: SqlJournal):
    work = record(journal)
    for week in range(8):
        caused(journal, f"m{week}", START + timedelta(days=7 * week), order(week))
    work("hear")
    last = START + timedelta(days=49)
    assert work("notice", last + timedelta(days=9)).events == 0
    assert work("notice", last + timedelta(days=12)).events == 1
    assert work("notice", last + timedelta(days=20)).events == 1
    assert work("notice", last + timedelta(days=20)).events == 0
    assert {row.rule for row in rows_of(journal, crm_case)} == {"customer-late", "customer-overdue"}
    caused(journal, "m99", last + timedelta(days=21), order(99))
    work("hear")
    assert all(row.closed_by.startswith("m99") for row in rows_of(journal, crm_case))


def test_an_invoice_that_is_open_after_its_day_is_a_case_until_it_is_paid(journal: SqlJournal):
    work = record(journal)
    due = date(2026, 2, 10)
    caused(journal, "m1", START, an_invoice("I1", "100", due))
    work("hear")
    assert work("notice", datetime(2026, 2, 10, 23, tzinfo=UTC)).events == 0
    assert work("notice", datetime(2026, 2, 11, 1, tzinfo=UTC)).events == 1
    caused(journal, "m2", datetime(2026, 2, 15, 9, tzinfo=UTC), an_invoice("I1", "0", due, "paid"))
    work("hear")
    work("notice", datetime(2026, 2, 15, 10, tzinfo=UTC))
    [found] = rows_of(journal, crm_case)
    assert (found.rule, found.subject, found.closed_at is not None) == ("invoice-overdue", "I1", True)


def test_a_document_that_does_not_come_is_a_case_until_it_comes(journal: SqlJournal):
    work = record(journal)
    told = {"partner": "mill", "document_type": "OrderResponse", "subject": "PO7"}
    caused(journal, "m1", START, DocumentExpected(key="e", due=START + timedelta(hours=4), **told))
    assert work("notice", START + timedelta(hours=3)).events == 0
    assert work("notice", START + timedelta(hours=5)).events == 1
    [found] = rows_of(journal, crm_case)
    assert (found.rule, found.account, found.direction, found.owner) == (
        "document-overdue", "mill", "supplier", "operator",
    )  # fmt: skip
    caused(journal, "m2", START + timedelta(hours=6), ExpectationMet(key="e", **told))
    work("notice", START + timedelta(hours=7))
    [found] = rows_of(journal, crm_case)
    assert found.closed_at is not None


def test_a_rule_that_sleeps_opens_nothing(journal: SqlJournal):
    rule = Rule(
        id="big",
        opens_on=frozenset({"order-received"}),
        conditions=(Condition(fact="order_value", operator="above", value="1000"),),
        active=False,
    )
    caused(journal, "m1", START, order(1, value="5000"))
    record(journal, [rule])("hear")
    assert rows_of(journal, crm_case) == []


def months_of_trade(seed: int) -> list[tuple[str, datetime, list[Effect]]]:
    draw = random.Random(seed)
    told: list[tuple[str, datetime, list[Effect]]] = []
    at = START
    for number in range(120):
        at += timedelta(hours=draw.choice((3, 20, 30, 90, 400)))
        account = draw.choice(("nord", "shop"))
        subject = f"PO{draw.randrange(12)}"
        effects: list[Effect] = [order(number, account)]
        match draw.randrange(6):
            case 0:
                effects = [CaseOpened(key="c", account=account, code="receiving.differs", subject=subject)]
            case 1:
                effects = [CaseClosed(key="c", account=account, code="receiving.differs", subject=subject)]
            case 2:
                state = draw.choice((("100", "open"), ("40", "open"), ("0", "paid")))
                effects = [an_invoice(f"I{draw.randrange(9)}", state[0], at.date() + timedelta(days=14), state[1])]
            case 3:
                status = draw.choice(("announced", "received", "credited"))
                effects = [ReturnSaved(key=f"r{status}", side="sale", partner=account, number=subject, status=status)]
        told.append((f"m{number:03d}", at, effects))
    return told


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rebuilt_from_the_journal_every_table_is_equal(journal: SqlJournal, seed: int):
    """Heard in small rounds, some late and out of order, with silences noticed on the way."""
    work = record(journal)
    draw = random.Random(seed)
    pending = months_of_trade(seed)
    end = pending[-1][1] + timedelta(days=60)
    while pending:
        some = [pending.pop(0) for _ in range(min(len(pending), draw.randrange(1, 9)))]
        draw.shuffle(some)  # another node was faster
        for message, at, effects in some:
            caused(journal, message, at, *effects)
        while work("hear", 3).messages:
            pass
        if draw.random() < 0.5:
            work("notice", max(at for _, at, _ in some))
    work("notice", end)
    kept = everything(journal)
    assert len(kept["crm_case"]) > 10
    assert any(row.closed_at is None for row in rows_of(journal, crm_case))
    work("rebuild")
    work("notice", end)
    assert everything(journal) == kept
    with journal.reader.connect() as connection:
        assert waiting(connection) == 0
