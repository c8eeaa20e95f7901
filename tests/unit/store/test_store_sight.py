"""A narrowed engine shows rows of the partners seen, in every table, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Engine, Integer, LargeBinary, Table, event, select, text

from gateway.store import tables as t
from gateway.store.database import open_database, open_postgres
from gateway.store.migrate import upgrade
from gateway.store.sight import _OF_THE_HOUSE, _RULES, Sight, _heads, narrowed, narrowed_statement
from tests.servers.postgres import PostgresServer

NAMES = ("partner", "supplier", "account")
# Of our house, of access, of setting up: seen by nobody who does not see all partners.
HOUSE_ONLY = {
    "item",
    "basket_line",
    "user",
    "api_key",
    "alert_rule",
    "definition_change",
    "connection_test",
    "go_live",
    "staged_list",  # read past the sight, by the one who has handed it over
}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        opened = open_database(tmp_path / "journal.sqlite")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        opened = open_postgres(server.fresh_database())
    upgrade(opened.writer)
    yield opened.writer
    opened.dispose()


def row_of(table: Table, partner: str, number: int) -> dict[str, Any]:
    """Return a row of partner with something in every column; ids of the log are the partner's."""
    row: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type
        if isinstance(kind, LargeBinary):
            row[column.name] = b"x"
        elif isinstance(kind, Boolean):
            row[column.name] = False
        elif isinstance(kind, (Integer, BigInteger)) or hasattr(kind, "scale"):
            row[column.name] = number
        elif column.name in NAMES or (table.name == "account" and column.name == "id"):
            row[column.name] = partner
        elif column.name in ("subject", "message", "arrival") or (
            column.name == "id" and table.name in ("arrival", "message", "parcel")
        ):
            row[column.name] = f"id-{partner}"
        elif table.name == "hold":
            row[column.name] = {"kind": "partner", "key": partner}.get(column.name, "x")
        else:
            row[column.name] = f"{partner}{number}"[: getattr(kind, "length", None) or 100]
    return row


@pytest.fixture
def filled(engine: Engine) -> Engine:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for table in t.metadata.sorted_tables:
            for number, partner in ((1, "a"), (2, "b")):
                connection.execute(table.insert().values(row_of(table, partner, number)))
        connection.commit()
    return engine


def test_no_table_shows_a_row_of_another_partner(filled: Engine) -> None:
    seen = narrowed(filled, Sight(partners=frozenset({"a"})))
    with seen.connect() as connection:
        for name, table in t.metadata.tables.items():
            rows = connection.execute(select(table)).mappings().all()
            if name in _RULES or name in _OF_THE_HOUSE:
                open_to_all = {**_RULES, **_OF_THE_HOUSE}[name] == "1 = 1"
                assert len(rows) == 2 if open_to_all else 1, name
                assert open_to_all or not [row for row in rows if "b" in row.values() or "id-b" in row.values()], name
            else:
                assert rows == [], name
    with filled.connect() as connection:
        assert len(connection.execute(select(t.message)).all()) == 2


def test_joins_unions_and_subqueries_are_narrowed_too(filled: Engine) -> None:
    seen = narrowed(filled, Sight(partners=frozenset({"a"})))
    queries = (
        select(t.message.c.id).join_from(t.arrival, t.message, t.message.c.arrival == t.arrival.c.id),
        select(t.message.c.id).union_all(select(t.message.c.id).where(t.message.c.partner == "b")),
        select(t.message.c.id).where(t.message.c.partner.in_(select(t.parcel.c.partner))),
        select(select(t.message).subquery().c.id),
        text("SELECT m.id FROM message AS m WHERE EXISTS (SELECT 1 FROM arrival a WHERE a.id = m.arrival)"),
        text("WITH mine AS (SELECT id FROM message) SELECT id FROM mine"),
    )
    with seen.connect() as connection:
        for query in queries:
            assert [row[0] for row in connection.execute(query)] == ["id-a"], str(query)


def test_a_partners_own_person_sees_nothing_of_what_our_house_makes_of_documents(filled: Engine) -> None:
    seen = narrowed(filled, Sight(partners=frozenset({"a"}), outside=True))
    with seen.connect() as connection:
        for name in _OF_THE_HOUSE:
            assert connection.execute(select(t.metadata.tables[name])).all() == [], name
        assert len(connection.execute(select(t.message)).all()) == 1


def test_who_sees_no_partner_sees_no_row(filled: Engine) -> None:
    with narrowed(filled, Sight(partners=frozenset())).connect() as connection:
        for name, table in t.metadata.tables.items():
            if {**_RULES, **_OF_THE_HOUSE}.get(name) != "1 = 1":
                assert connection.execute(select(table)).all() == [], name


def test_every_table_that_names_a_partner_has_a_rule() -> None:
    for name, table in t.metadata.tables.items():
        if any(column.name in NAMES for column in table.columns) and name not in HOUSE_ONLY:
            assert name in _RULES or name in _OF_THE_HOUSE, f"say in store.sight who sees {name}"


@pytest.mark.parametrize(
    "statement", ["DELETE FROM message", "UPDATE message SET id = 1", "WITH RECURSIVE x AS (SELECT 1) SELECT 1"]
)
def test_a_narrowed_connection_takes_queries_only(statement: str) -> None:
    with pytest.raises(ValueError):
        narrowed_statement(statement, _heads(frozenset({"a"}), False, "sqlite"))


@pytest.mark.parametrize("name", ["a' OR '1'='1", "A", "", "a b", "a%s"])
def test_what_is_no_partner_id_never_reaches_the_database(name: str) -> None:
    with pytest.raises(ValueError):
        _heads(frozenset({name}), False, "sqlite")


def test_the_engine_itself_is_not_changed(filled: Engine) -> None:
    before = narrowed(filled, Sight(partners=frozenset({"a"})))
    narrowed(filled, Sight(partners=frozenset({"b"})))
    with before.connect() as connection:
        assert connection.execute(select(t.account.c.id)).scalars().all() == ["a"]
    assert len(list(filled.dispatch.before_cursor_execute)) == 1
    assert event.contains(
        filled, "before_cursor_execute", __import__("gateway.store.sight", fromlist=["_narrow"])._narrow
    )
