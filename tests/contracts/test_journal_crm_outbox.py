"""The outbox of connectors on every journal: changes in their order, each until taken or refused."""

from datetime import UTC, datetime, timedelta

from gateway.store import crm_outbox
from gateway.store.crm_outbox import Change
from gateway.store.journal import SqlJournal
from gateway.store.view_archive import JournalViews

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def record(key: str, **values: str):
    return {("account", key): {"id": key, **values}}


def line_up(journal: SqlJournal, *records, at: datetime = NOW) -> int:
    current = {key: value for each in records for key, value in each.items()}
    return journal.write(lambda tx: crm_outbox.line_up(tx.connection, "crm", current, at))


def claim(journal: SqlJournal, at: datetime = NOW) -> list[Change]:
    return journal.write(lambda tx: crm_outbox.claim(tx.connection, "crm", at, 10))


def take(journal: SqlJournal, change: Change, external: str | None = None) -> None:
    journal.write(lambda tx: crm_outbox.taken(tx.connection, change, "204", external, NOW))


def test_only_what_has_changed_is_put_in_line(journal: SqlJournal):
    assert line_up(journal, record("a", name="A"), record("b", name="B")) == 2
    assert line_up(journal, record("a", name="A"), record("b", name="B")) == 0
    assert line_up(journal, record("a", name="A2"), record("b", name="B")) == 1
    assert line_up(journal, record("a", name="A")) == 2  # back to what it was is a change too; b is gone
    changes = [(each.key, each.change) for each in JournalViews(journal.reader, None, None).outbox("crm")]
    assert changes == [("b", "gone"), ("a", "changed"), ("a", "changed"), ("b", "created"), ("a", "created")]
    assert line_up(journal, record("a", name="A"), record("b", name="B")) == 1  # b is there again


def test_the_changes_of_a_record_go_one_after_the_other_and_no_other_record_waits(journal: SqlJournal):
    line_up(journal, record("a", name="1"), record("b", name="1"))
    line_up(journal, record("a", name="2"), record("b", name="1"))
    first = claim(journal)
    assert [(each.key, each.payload["name"]) for each in first] == [("a", "1"), ("b", "1")]
    assert claim(journal) == []  # leased
    take(journal, first[0])
    (second,) = claim(journal)
    assert (second.key, second.payload["name"]) == ("a", "2")
    assert second.event != first[0].event


def test_a_lease_that_was_left_is_taken_up_with_the_same_event(journal: SqlJournal):
    line_up(journal, record("a", name="1"))
    (first,) = claim(journal)
    (again,) = claim(journal, NOW + crm_outbox.LEASE)
    assert (again.event, again.attempts) == (first.event, 2)


def test_waiting_grows_and_a_refusal_lets_later_changes_go_on(journal: SqlJournal):
    line_up(journal, record("a", name="1"))
    (change,) = claim(journal)
    until = journal.write(lambda tx: crm_outbox.put_off(tx.connection, change, "503", NOW))
    assert until == NOW + crm_outbox.FIRST_WAIT
    assert claim(journal, until - timedelta(seconds=1)) == []
    (change,) = claim(journal, until)
    later = journal.write(lambda tx: crm_outbox.put_off(tx.connection, change, "503", until))
    assert later == until + 2 * crm_outbox.FIRST_WAIT
    (change,) = claim(journal, later)
    journal.write(lambda tx: crm_outbox.refused(tx.connection, change, "422 no name", later))
    line_up(journal, record("a", name="2"))
    (second,) = claim(journal, later)
    take(journal, second)
    views = JournalViews(journal.reader, None, None)
    assert [(each.state, each.result) for each in views.outbox("crm")] == [("told", "204"), ("refused", "422 no name")]
    assert journal.write(lambda tx: crm_outbox.send_again(tx.connection, "crm", change.id, later))
    assert not journal.write(lambda tx: crm_outbox.send_again(tx.connection, "crm", second.id, later))  # was taken
    assert not journal.write(lambda tx: crm_outbox.send_again(tx.connection, "other", change.id, later))
    assert [each.id for each in claim(journal, later)] == [change.id]


def test_differences_are_told_by_field(journal: SqlJournal):
    line_up(journal, record("a", name="1", gln="9"), record("b", name="B"))
    for change in claim(journal):
        take(journal, change, external="17")
    current = {("account", "a"): {"id": "a", "name": "2", "measures": {"health": "70"}}}
    found = journal.read(lambda tx: crm_outbox.differences(tx.connection, "crm", current))
    told = [(each.key, each.field, each.ours, each.theirs, each.external) for each in found]
    assert told == [
        ("a", "gln", None, "9", "17"),
        ("a", "measures.health", "70", None, "17"),
        ("a", "name", "2", "1", "17"),
        ("b", "id", None, "b", "17"),
        ("b", "name", None, "B", "17"),
    ]
