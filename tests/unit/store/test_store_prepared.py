"""Prepared statements fill every place, and give booleans and names back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, insert, select, update

from gateway.store.database import open_memory
from gateway.store.prepared import Driver, Prepared, given
from gateway.store.tables import metadata, user

ADD = Prepared(lambda insert: insert(user).values(role="admin"), ("name", "language", "created_at"))
ALL = Prepared(lambda _: select(user.c.name, user.c.language, (user.c.id > given("above")).label("new")))


@pytest.fixture
def connection() -> Iterator[Connection]:
    database = open_memory()
    with database.writer.begin() as opened:
        metadata.create_all(opened)
        yield opened
    database.dispose()


def test_rows_come_back_by_name_with_true_booleans(connection: Connection) -> None:
    driver = Driver(connection)
    driver.many(
        ADD, [{"name": "ana", "language": None, "created_at": 1}, {"name": "bo", "language": "zh", "created_at": 2}]
    )
    first, second = driver.all(ALL, above=1)
    assert (first.name, first.language, first.new) == ("ana", None, False)
    assert (second.name, second.language, second.new) == ("bo", "zh", True)
    assert first.new is False
    assert driver.first(ALL, above=0).name == "ana"


def test_a_value_that_the_caller_forgot_is_an_error_not_null(connection: Connection) -> None:
    with pytest.raises(KeyError, match="language"):
        Driver(connection).run(ADD, name="ana", created_at=1)
    assert Driver(connection).first(ALL, above=0) is None


def test_no_rows_are_no_statement(connection: Connection) -> None:
    Driver(connection).many(ADD, [])
    assert Driver(connection).all(ALL, above=0) == []


def test_an_update_tells_how_many_rows_it_hit(connection: Connection) -> None:
    connection.execute(insert(user), [{"name": n, "role": "admin", "created_at": 1} for n in ("a", "b", "c")])
    statement = Prepared(lambda _: update(user).where(user.c.name > given("name")).values(role=given("role")))
    assert Driver(connection).run(statement, name="a", role="planner") == 2
    assert Driver(connection).run(statement, name="z", role="planner") == 0


def test_a_list_of_values_is_refused_when_the_statement_is_made(connection: Connection) -> None:
    with pytest.raises(NotImplementedError):
        Driver(connection).all(Prepared(lambda _: select(user.c.id).where(user.c.name.in_(["a", "b"]))))


def test_a_value_of_the_statement_and_one_of_the_caller_may_have_one_name(connection: Connection) -> None:
    connection.execute(insert(user), {"name": "a", "role": "admin", "created_at": 1})
    statement = Prepared(lambda _: update(user).where(user.c.role == given("role")).values(role="planner"))
    assert Driver(connection).run(statement, role="operator") == 0
    assert Driver(connection).run(statement, role="admin") == 1
    assert Driver(connection).run(statement, role="planner") == 1
