"""Cases over time on every journal: what people did stays with its problem, faults and answers are cases too."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete, select, update

from gateway.domain.crm.standard_rules import STANDARD
from gateway.model.effects import ActivityAdded, CaseClosed, CaseOpened, Effect
from gateway.store import tables as t
from gateway.store.crm_acts import add_act
from gateway.store.crm_answers import add_answers
from gateway.store.crm_entries import keep_entry
from gateway.store.crm_projection import PROJECTIONS, CrmProjection, Heard
from gateway.store.journal import SqlJournal
from gateway.store.tables_crm import crm_act, crm_case
from gateway.store.views import Views

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DIFFERS = {"account": "nord", "code": "receiving.differs", "subject": "SH1"}


def caused(journal: SqlJournal, message: str, at: datetime, *effects: Effect) -> None:
    journal.write(lambda tx: tx.write_effects(message, effects, at, test=False))


def work(journal: SqlJournal, what: str, *args: object) -> Heard:
    directions = {"nord": "customer", "shop": "customer", "mill": "supplier"}
    return journal.write(lambda tx: getattr(CrmProjection(tx.connection, STANDARD, directions), what)(*args))


def cases(journal: SqlJournal) -> list:
    with journal.reader.connect() as connection:
        return list(connection.execute(select(crm_case).order_by(crm_case.c.opened_at, crm_case.c.id)))


def acts(journal: SqlJournal) -> list[tuple[str, str]]:
    with journal.reader.connect() as connection:
        return [(row.case, row.kind) for row in connection.execute(select(crm_act).order_by(crm_act.c.id))]


def everything(journal: SqlJournal) -> dict[str, list[tuple]]:
    with journal.reader.connect() as connection:
        return {table.name: sorted(tuple(row) for row in connection.execute(select(table))) for table in PROJECTIONS}


def act(journal: SqlJournal, case: str) -> None:
    assert journal.write(lambda tx: add_act(tx.connection, case, "noted", "mei", {"note": "called"}, START + 4 * HOUR))


def test_an_earlier_message_that_comes_late_does_not_orphan_what_people_did(journal: SqlJournal):
    caused(journal, "m2", START + 2 * HOUR, CaseOpened(key="c", **DIFFERS))
    work(journal, "hear")
    act(journal, cases(journal)[0].id)
    caused(journal, "m1", START + HOUR, CaseOpened(key="c", **DIFFERS))  # another node was slower
    work(journal, "hear")
    [case] = cases(journal)
    assert (case.opened_by, case.times) == ("m1:CaseOpened:c", 2)
    assert acts(journal) == [(case.id, "noted")]
    work(journal, "rebuild")
    assert acts(journal) == [(cases(journal)[0].id, "noted")]


def test_a_rebuild_keeps_what_documents_told_that_have_left_the_journal(journal: SqlJournal):
    """After months they lie in archive files, or are gone by their term: the record still counts them."""
    for number in range(9):
        figures = {"orders": Decimal(1), "order_value": Decimal(100)}
        order = ActivityAdded(key="o", account="nord", kind="order-received", reference=f"PO{number}", figures=figures)
        problem = CaseOpened(key="c", account="nord", code="receiving.differs", subject=f"SH{number % 4}")
        caused(journal, f"m{number}", START + 24 * 7 * number * HOUR, order, problem)
    work(journal, "hear")
    work(journal, "notice", START + 24 * 90 * HOUR)
    kept = everything(journal)
    gone = t.effect.c.message.in_(["m0", "m1", "m2", "m4", "m5"])
    journal.write(lambda tx: tx.connection.execute(delete(t.effect).where(gone)))
    work(journal, "rebuild")
    work(journal, "notice", START + 24 * 90 * HOUR)
    assert everything(journal) == kept


def test_what_people_did_stays_where_its_problem_is_when_there_are_two(journal: SqlJournal):
    """The late message opens and closes the problem before; the acts belong to the second time."""
    caused(journal, "m5", START + 5 * HOUR, CaseOpened(key="c", **DIFFERS))
    work(journal, "hear")
    act(journal, cases(journal)[0].id)
    caused(journal, "m1", START + HOUR, CaseOpened(key="c", **DIFFERS))
    caused(journal, "m2", START + 2 * HOUR, CaseClosed(key="c", **DIFFERS))
    work(journal, "hear")
    first, second = cases(journal)
    assert (first.closed_by, second.opened_by) == ("m2:CaseClosed:c", "m5:CaseOpened:c")
    assert acts(journal) == [(second.id, "noted")]


def test_five_hundred_same_faults_are_one_case_until_the_last_is_mended(journal: SqlJournal):
    def break_things(tx):
        for number in range(500):
            tx.add_case("nord", "edifact.code-unknown", f"PO{number}", {"message": f"m{number}"}, START)
        tx.add_case("nord", "document.overdue", "Order:PO1", {}, START)  # is an event of its own
        tx.add_case("nobody", "edifact.code-unknown", "x", {}, START)

    journal.write(break_things)
    work(journal, "notice", START + HOUR)
    [case] = cases(journal)
    assert (case.rule, case.account, case.subject, case.times, case.owner) == (
        "partner-health", "nord", "edifact.code-unknown", 500, "operator",
    )  # fmt: skip
    journal.write(lambda tx: tx.close_cases("nord", [f"PO{number}" for number in range(499)], START + 2 * HOUR))
    work(journal, "notice", START + 3 * HOUR)
    assert cases(journal)[0].closed_at is None
    journal.write(lambda tx: tx.close_cases("nord", ["PO499"], START + 4 * HOUR))
    work(journal, "notice", START + 5 * HOUR)
    assert cases(journal)[0].closed_at is not None
    kept = everything(journal)
    work(journal, "rebuild")
    work(journal, "notice", START + 5 * HOUR)
    assert everything(journal) == kept


def test_the_most_urgent_and_oldest_case_is_listed_however_many_are_newer(journal: SqlJournal):
    for number in range(4):
        caused(
            journal,
            f"m{number}",
            START + number * HOUR,
            CaseOpened(key=f"c{number}", **{**DIFFERS, "subject": f"SH{number}"}),
        )
    work(journal, "hear")
    views = Views(journal.reader)
    assert [each.opened_at for each in views.crm_cases(limit=2)] == [START, START + HOUR]
    urgent = cases(journal)[3].id
    journal.write(
        lambda tx: tx.connection.execute(update(crm_case).where(crm_case.c.id == urgent).values(urgency="critical"))
    )
    assert [each.opened_at for each in views.crm_cases(limit=2)] == [START + 3 * HOUR, START]
    assert [each.opened_at for each in views.crm_cases(limit=1, open_only=False)] == [START + 3 * HOUR]


def test_a_dissatisfied_answer_is_a_complaint(journal: SqlJournal):
    def answer(tx):
        data = {"title": "After a case", "form": "csat"}
        _, survey = keep_entry(tx.connection, "survey", "s", "running", data, actor="mei", now=START)
        add_answers(tx.connection, survey, "nord", {"csat": 1}, "late again", by="link", now=START + HOUR)
        add_answers(tx.connection, survey, "shop", {"csat": 5}, "", by="link", now=START + HOUR)

    journal.write(answer)
    work(journal, "notice", START + 2 * HOUR)
    [case] = cases(journal)
    assert (case.rule, case.type, case.account, case.subject) == ("answer-low", "complaint", "nord", "s")


def test_a_fault_that_has_not_happened_by_then_is_not_noticed(journal: SqlJournal):
    journal.write(lambda tx: tx.add_case("nord", "edifact.code-unknown", "PO1", {}, START + 9 * HOUR))
    assert work(journal, "notice", START + HOUR).events == 0
    journal.write(lambda tx: tx.connection.execute(update(t.case).values(opened_at=0)))
    assert work(journal, "notice", START + HOUR).events == 1
