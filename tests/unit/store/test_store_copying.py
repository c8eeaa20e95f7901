"""A journal that was moved to PostgreSQL goes on numbering where it stood, in every table that numbers its rows."""

from pathlib import Path

from sqlalchemy import BigInteger, Table, text

from gateway.store.blobs import FileBlobs
from gateway.store.copying import move_to_postgres
from gateway.store.journal import SqlJournal
from gateway.store.tables import metadata


def row_of(table: Table) -> dict[str, object]:
    """Return a row with the number 77 and something in every column that must hold something."""
    made: dict[type, object] = {int: 1, str: "x", bool: False, bytes: b"x"}
    return {each.name: made[each.type.python_type] for each in table.c if not each.nullable} | {"id": 77}


def test_every_sequence_goes_on_behind_the_last_row_that_was_moved(tmp_path: Path, postgres_url: str) -> None:
    source = SqlJournal.open(tmp_path / "journal.sqlite", FileBlobs(tmp_path / "blobs"))
    numbered = [each for each in metadata.sorted_tables if "id" in each.c and isinstance(each.c.id.type, BigInteger)]
    assert {"event", "audit", "definition_change"} < {each.name for each in numbered}

    # Rows alone, without what they refer to: only their numbers matter.
    with source._database.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN")
        for table in numbered:
            connection.execute(table.insert().values(row_of(table)))
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN")
    for _ in move_to_postgres(source.reader, postgres_url):
        pass
    moved = SqlJournal.connect(postgres_url, FileBlobs(tmp_path / "blobs"))
    for table in numbered:
        number = moved.write(
            lambda tx, name=table.name: tx.connection.execute(text(f"SELECT nextval('{name}_id_seq')")).scalar_one()
        )
        assert number == 78, table.name
    moved.close()
    source.close()
