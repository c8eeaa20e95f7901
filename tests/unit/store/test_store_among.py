"""Rows by keys of several columns are found by the index, however many keys there are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from gateway.store.among import among
from gateway.store.database import open_database
from gateway.store.migrate import upgrade
from gateway.store.tables import stock


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = open_database(tmp_path / "journal.sqlite")
    upgrade(database.writer)
    with database.writer.connect() as opened:
        yield opened
    database.dispose()


def test_every_key_is_found_over_many_conditions(connection: Connection) -> None:
    keys = [(f"{n:014d}", "4012345000009") for n in range(1, 251)]
    rows = [{"gtin": g, "location": place, "updated_at": 0} for g, place in [*keys, ("9" * 14, "4012345000009")]]
    connection.execute(insert(stock), rows)
    conditions = list(among((stock.c.gtin, stock.c.location), keys))
    assert len(conditions) == 3
    found = {row.gtin for each in conditions for row in connection.execute(select(stock).where(each))}
    assert found == {gtin for gtin, _ in keys}
    assert list(among((stock.c.gtin, stock.c.location), [])) == []


def test_sqlite_does_not_scan_the_table(connection: Connection) -> None:
    (condition,) = among((stock.c.gtin, stock.c.location), [("1", "2"), ("3", "4")])
    chosen = select(stock.c.on_hand).where(condition)
    sql = str(chosen.compile(connection.engine, compile_kwargs={"literal_binds": True}))
    plan = " ".join(row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
    assert "SEARCH stock USING INDEX" in plan
    assert "SCAN stock" not in plan
