"""A newer gateway takes the place of an older one, node by node, while partners send."""

from pathlib import Path

import pytest
from hosts_stage import Hosts

from tests.servers.postgres import PostgresServer

SHARES = ((1, 40), (41, 80), (81, 120), (121, 160))
ALL = 160


@pytest.mark.soak  # some forty seconds of CPU
def test_nodes_are_replaced_one_after_the_other_and_partners_see_nothing_but_202_and_503(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.fresh_database()
    hosts = Hosts(folder=tmp_path, url=url)
    try:
        for name in ("one", "two"):
            hosts.start(name, build="1")
        senders = hosts.feeding(SHARES, pause_s=0.1)
        for name in ("one", "two"):
            hosts.await_answers(20 if name == "one" else 60, 60)
            assert hosts.stop_gently(name) == 0, hosts.log(name)
            hosts.start(name, build="2")
        for each in senders:
            each.join(120)
        hosts.await_answers(ALL, 60)
        hosts.audit(SHARES)
        assert set(hosts.statuses) <= {"202", "503"}, hosts.statuses
        assert hosts.query("SELECT build, count(*) FROM node WHERE stopped_at IS NULL GROUP BY 1") == [("2", 2)]
        assert hosts.query("SELECT build, count(*) FROM node WHERE stopped_at IS NOT NULL GROUP BY 1") == [("1", 2)]
        assert '"build": "2"' in hosts.command("one", "nodes", "--json")
    finally:
        hosts.close()
        postgres.drop(url)
