"""Two nodes on one PostgreSQL database: killed, stopped and cut off from it, they lose and double nothing."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest
from nodes_stage import Nodes

from tests.servers.postgres import PostgresServer, new_server

ORDERS = 120
KILLS = 10


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    found = new_server()
    found.start()
    yield found
    found.remove()


@pytest.fixture
def nodes(server: PostgresServer, tmp_path: Path) -> Iterator[Nodes]:
    found = Nodes(folder=tmp_path, url=server.fresh_database())
    found.start("one", (1, ORDERS // 2))
    found.start("two", (ORDERS // 2 + 1, ORDERS))
    for name in ("one", "two"):
        found.await_started(name)
    yield found
    found.stop()


def test_two_nodes_that_are_killed_and_started_again_answer_everything_once(nodes: Nodes) -> None:
    chance = random.Random(7)
    for _ in range(KILLS):
        sleep(chance.uniform(0.1, 0.8))
        name = chance.choice(("one", "two"))
        nodes.kill(name)
        nodes.restart(name)
        nodes.await_started(name)
    nodes.await_responses(ORDERS, 120)
    nodes.audit()
    ((allocated,),) = nodes.query("SELECT sum(allocated + backordered) FROM stock")
    assert allocated == ORDERS * 1000


def test_one_node_on_sqlite_that_is_killed_ten_times_answers_everything_once(tmp_path: Path) -> None:
    nodes = Nodes(folder=tmp_path, url=None)
    try:
        killed_and_started(nodes, KILLS)
        nodes.await_responses(ORDERS, 120)
        nodes.audit()
    finally:
        nodes.stop()


def killed_and_started(nodes: Nodes, kills: int, orders: int = ORDERS) -> None:
    """Kill the only node at random moments while orders come in."""
    chance = random.Random(11)
    nodes.start("one", (1, orders))
    nodes.await_started("one")
    for _ in range(kills):
        sleep(chance.uniform(0.1, 0.8))
        nodes.kill("one")
        nodes.restart("one")
        nodes.await_started("one")


@pytest.mark.soak  # waits for leases to end
def test_the_work_of_a_stopped_node_goes_on_and_its_late_writes_change_nothing(nodes: Nodes) -> None:
    sleep(1.0)
    nodes.send("one", signal.SIGSTOP)  # longer than the others wait for its beat
    nodes.await_responses(ORDERS // 2, 150)  # stopped inside a transaction, it loses its locks after a minute
    sleep(17)
    nodes.send("one", signal.SIGCONT)
    nodes.await_responses(ORDERS, 120)
    nodes.audit()


@pytest.mark.soak  # waits for the database to be away
def test_a_database_that_goes_away_and_comes_back_loses_nothing(nodes: Nodes, server: PostgresServer) -> None:
    sleep(1.0)
    server.kill()
    sleep(3)
    server.start()
    nodes.await_responses(ORDERS, 120)
    nodes.audit()
