"""Data of each earlier schema come through the migrations whole, on both databases."""

# ruff: noqa: E501 - rows of tables

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, text

from gateway.model.faults import OurFault
from gateway.store import migrate, migration_steps
from gateway.store.audit_journal import check
from gateway.store.blobs import FileBlobs
from gateway.store.database import Database, open_database, open_postgres
from tests.servers.postgres import PostgresServer

EARLIER = migration_steps.revisions()[1:]
ARRIVAL, MESSAGE, PARCEL = (f"019c0000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
DIGEST = "a" * 64
# What every revision has had from the first on.
ROWS = {
    "payload": f"INSERT INTO payload (sha256, size_bytes, data) VALUES ('{DIGEST}', 3, :bytes)",
    "arrival": "INSERT INTO arrival (id, seq, lane, partner, channel, state, received_at, attempts, sha256, size_bytes,"
    " content_type, filename, transport_id, test, evidence) VALUES"
    f" ('{ARRIVAL}', 1, 'p', 'p', 'as2', 'parsed', 1769990400000000, 1, '{DIGEST}', 3, '', 'ord.edi', '<1@p>', :no, '{{}}')",
    "dedupe": f"INSERT INTO dedupe (key, kind, sha256, arrival, at) VALUES ('k', 'arrival', '{DIGEST}', '{ARRIVAL}', 1)",
    "interchange": "INSERT INTO interchange (arrival, position, syntax, sender, receiver, reference, test, status, findings)"
    f" VALUES ('{ARRIVAL}', 0, 'edifact', 'S', 'R', '77', :no, 'accepted', '[]')",
    "message": "INSERT INTO message (id, seq, arrival, position, interchange, lane, partner, channel, state, type,"
    " document_type, document, business_number, findings, sources, start, \"end\", test, attempts, received_at, updated_at)"
    f" VALUES ('{MESSAGE}', 1, '{ARRIVAL}', 0, 1, 'p', 'p', 'as2', 'done', 'ORDERS', 'Order', '{{}}', 'PO-1', '[]', '{{}}',"
    " 0, 0, :no, 0, 1769990400000000, 1769990400000000)",
    "parcel": "INSERT INTO parcel (id, seq, partner, channel, mapping, document_type, sha256, content_type, filename, cause,"
    f" test, state, attempts, next_at, epoch, transport_id, created_at, updated_at) VALUES ('{PARCEL}', 1, 'p', 'as2',"
    f" 'e/ORDRSP', 'OrderResponse', '{DIGEST}', '', 'a.edi', '{MESSAGE}', :no, 'acked', 1, 0, 1, '<1@us>', 1, 1)",
    "effect": "INSERT INTO effect (message, kind, \"key\", data, test, at) VALUES"
    f" ('{MESSAGE}', 'StockMoved', '1', '{{}}', :no, 1)",
    "event": f"INSERT INTO event (at, subject, what, data) VALUES (1, '{ARRIVAL}', 'received', '{{}}')",
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        opened = open_database(tmp_path / "journal.sqlite")
        yield opened
        opened.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.fresh_database()
    opened = open_postgres(url)
    yield opened
    opened.dispose()
    server.drop(url)


def to(engine: Engine, revision: str) -> None:
    """Bring an empty database to an earlier revision."""
    with engine.begin() as connection:
        migration_steps.take(connection, revision)


def contents(connection: Connection) -> dict[str, list[dict[str, object]]]:
    return {name: [dict(r) for r in connection.execute(text(f"SELECT * FROM {name}")).mappings()] for name in ROWS}


@pytest.mark.parametrize("revision", EARLIER)
def test_rows_of_an_earlier_schema_come_through_whole(database: Database, revision: str, tmp_path: Path) -> None:
    to(database.writer, revision)
    with database.writer.begin() as connection:
        for statement in ROWS.values():
            names = {name: value for name, value in (("bytes", b"abc"), ("no", False)) if f":{name}" in statement}
            connection.execute(text(statement), names)
        before = contents(connection)
    migrate.upgrade(database.writer)
    with database.writer.begin() as connection:
        after = contents(connection)
        for table, rows in before.items():
            assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows, table
        found = {tuple(row) for row in connection.execute(text("SELECT subject, kind, value FROM search_key"))}
    if revision < "0007":
        wanted = {(MESSAGE, "number", "PO-1"), (ARRIVAL, "file", "ORD.EDI"), (ARRIVAL, "transport", "<1@P>")}
        assert wanted <= found
    assert check(database.reader, FileBlobs(tmp_path / "blobs")) == []


def test_a_list_that_was_handed_over_before_partners_had_theirs_is_ours(database: Database) -> None:
    to(database.writer, "0021")
    with database.writer.begin() as connection:
        row = 'INSERT INTO staged_list (id, kind, file, header, "user", at, size_bytes, data) VALUES'
        connection.execute(text(f"{row} ('1', 'items', 'a.csv', '[]', 'anna', 1, 3, :bytes)"), {"bytes": b"abc"})
    migrate.upgrade(database.writer)
    with database.writer.begin() as connection:
        found = connection.execute(text('SELECT id, partner, "user" FROM staged_list')).all()
    assert [tuple(row) for row in found] == [("1", "", "anna")]


def test_a_migration_that_breaks_off_leaves_the_journal_as_it_was_and_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    to(database.writer, EARLIER[0])
    real = command.upgrade

    def breaks(settings: object, revision: str) -> None:
        real(settings, revision)  # type: ignore[arg-type]
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(command, "upgrade", breaks)
    with pytest.raises(OurFault) as caught:
        migrate.upgrade(database.writer)
    assert caught.value.code == "journal.migration-failed"
    assert dict(caught.value.params)["revision"] == EARLIER[0]
    with database.writer.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == EARLIER[0]
    monkeypatch.undo()
    migrate.upgrade(database.writer)
