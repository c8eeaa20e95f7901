"""Two nodes on one database let people in and answer programs at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import select

from gateway.model.faults import OurFault
from gateway.store.access import Access
from gateway.store.access_calls import GIVEN_UP_AFTER
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.tables_access import sign_in_guard

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def nodes(postgres_url: str) -> Iterator[list[Access]]:
    journals = [SqlJournal.connect(postgres_url, MemoryBlobs()) for _ in range(2)]
    yield [Access(each.reader, each) for each in journals]
    for each in journals:
        each.close()


def together(nodes: list[Access], act: Callable[[Access], object]) -> list[object]:
    gate = Barrier(len(nodes))

    def each(node: Access) -> object:
        gate.wait(30)
        return act(node)

    with ThreadPoolExecutor(len(nodes)) as pool:
        return list(pool.map(each, nodes))


def test_no_guess_is_lost_between_two_nodes(nodes: list[Access]) -> None:
    for _ in range(20):
        together(nodes, lambda node: node._journal.write(lambda tx: node.count_failure(tx, "ana", "10.0.0.1", NOW)))
    with nodes[0]._engine.connect() as connection:
        assert set(connection.execute(select(sign_in_guard.c.failures)).scalars()) == {40}


def test_a_call_whose_process_died_is_taken_over_once(nodes: list[Access]) -> None:
    def begin(node: Access) -> str:
        try:
            return str(node.begin_call("ana", key, "request", NOW + GIVEN_UP_AFTER))
        except OurFault as fault:
            return fault.code

    for number in range(10):
        key = f"k{number}"
        nodes[0].begin_call("ana", key, "request", NOW)
        assert sorted(together(nodes, begin), key=str) == ["None", "api.call-running"]
