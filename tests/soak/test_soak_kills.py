"""The kills of the journeys, many more of them. GATEWAY_SOAK_KILLS: how many, where a shorter run is wanted."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))

from demo_stage import make_instance
from nodes_stage import Nodes
from test_journey_demo_kills import survive

from tests.servers.postgres import PostgresServer, new_server

pytestmark = pytest.mark.soak

KILLS = int(os.environ.get("GATEWAY_SOAK_KILLS", "200"))
ORDERS_PER_KILL = 20  # of both nodes together: more than they answer between two kills


def test_orders_are_answered_once_after_two_hundred_kills(tmp_path: Path) -> None:
    survive(make_instance(tmp_path), kills=KILLS)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    found = new_server()
    found.start()
    yield found
    found.remove()


def test_two_nodes_on_postgresql_answer_everything_once_after_two_hundred_kills(
    tmp_path: Path, server: PostgresServer
) -> None:
    nodes = Nodes(folder=tmp_path, url=server.fresh_database())
    orders = KILLS * ORDERS_PER_KILL
    nodes.start("one", (1, orders // 2))
    nodes.start("two", (orders // 2 + 1, orders))
    try:
        for name in ("one", "two"):
            nodes.await_started(name)
        chance = random.Random(23)
        under_load = 0
        for _ in range(KILLS):
            sleep(chance.uniform(0.05, 0.8))
            under_load += len(nodes.mail.answered()) < orders
            for name in chance.choice((("one",), ("two",), ("one", "two"))):  # now and then both at once
                nodes.kill(name)
                nodes.restart(name)
            for name in ("one", "two"):
                if not nodes.running[name][0].is_alive():
                    raise AssertionError((nodes.folder / f"{name}.log").read_text()[-2000:])
        nodes.await_responses(orders, 60 + orders * 0.2)
        nodes.audit()
        ((allocated,),) = nodes.query("SELECT sum(allocated + backordered) FROM stock")
        assert allocated == orders * 1000
        print(f"{KILLS} rounds of kills, {under_load} while orders were still taken in; {orders} orders answered once")
    finally:
        nodes.stop()
