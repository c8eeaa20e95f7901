"""What the audit log holds of names that are longer than its columns, which PostgreSQL refuses."""

from datetime import UTC, datetime

from sqlalchemy import select

from gateway.store.journal import SqlJournal
from gateway.store.tables import audit


def test_long_names_are_cut_to_what_a_row_can_hold() -> None:
    journal = SqlJournal.in_memory()
    journal.write(lambda tx: tx.audit("u" * 300, "x.y", "s" * 900, None, "v" * 900, datetime(2026, 1, 1, tzinfo=UTC)))
    with journal.reader.connect() as connection:
        (row,) = connection.execute(select(audit)).all()
    journal.close()
    assert (len(row.user), len(row.subject), len(row.after)) == (100, 200, 900)
