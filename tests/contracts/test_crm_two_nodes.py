"""Two nodes on one database compute the customer record at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier

from gateway.domain.crm.standard_rules import STANDARD
from gateway.model.effects import ActivityAdded
from gateway.store import crm_outbox
from gateway.store.blobs import MemoryBlobs
from gateway.store.crm_metrics import refresh
from gateway.store.crm_projection import CrmProjection
from gateway.store.journal import SqlJournal

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def test_neither_node_stumbles_over_the_other(postgres_url: str) -> None:
    nodes = [SqlJournal.connect(postgres_url, MemoryBlobs()) for _ in range(2)]
    told = ActivityAdded(
        key="a", account="nord", kind="order-received", reference="PO-1", figures={"orders": Decimal(1)}
    )

    def hear(tx):
        while CrmProjection(tx.connection, STANDARD, {"nord": "customer"}).hear().messages:
            pass

    nodes[0].write(lambda tx: tx.write_effects("m1", (told,), NOW, test=False))
    nodes[0].write(hear)
    together = Barrier(2)

    def compute(node: SqlJournal) -> list[int]:
        found = []
        for _ in range(8):
            together.wait(30)
            found.append(node.write(lambda tx: refresh(tx.connection, NOW)))
        return found

    try:
        with ThreadPoolExecutor(2) as both:
            counts = list(both.map(compute, nodes))
        assert len({count for each in counts for count in each}) == 1
        assert counts[0][0] > 5
    finally:
        for node in nodes:
            node.close()


def test_a_change_is_told_by_one_node(postgres_url: str) -> None:
    nodes = [SqlJournal.connect(postgres_url, MemoryBlobs()) for _ in range(2)]
    together = Barrier(2)
    current = {("account", f"a{number}"): {"id": f"a{number}"} for number in range(300)}

    def claim(node: SqlJournal) -> list[int]:
        found = []
        for _ in range(10):
            together.wait(30)
            changes = node.write(lambda tx: crm_outbox.claim(tx.connection, "crm", NOW, 20))
            found += [each.id for each in changes]
        return found

    try:
        nodes[0].write(lambda tx: crm_outbox.line_up(tx.connection, "crm", current, NOW))
        with ThreadPoolExecutor(2) as both:
            one, other = both.map(claim, nodes)
        assert len({*one, *other}) == len(one) + len(other) > 200
    finally:
        for node in nodes:
            node.close()
