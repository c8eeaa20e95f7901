"""PostgreSQL finds open work and search keys by their indexes, in every partition."""

import pytest

from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.tables import ARRIVAL_OPEN, MESSAGE_OPEN, PARCEL_OPEN


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT id FROM arrival WHERE arrival.{ARRIVAL_OPEN} AND lane = 'a' ORDER BY seq LIMIT 9",
        f"SELECT id FROM message WHERE message.{MESSAGE_OPEN} AND lane = 'a' ORDER BY seq LIMIT 9",
        f"SELECT id FROM parcel WHERE parcel.{PARCEL_OPEN} AND next_at <= 5 ORDER BY next_at, seq LIMIT 9",
        "SELECT subject FROM search_key WHERE value >= 'PO-1' AND value < 'PO-2' LIMIT 9",
    ],
    ids=["arrivals", "messages", "parcels", "search"],
)
def test_open_work_and_search_keys_are_found_by_indexes(postgres_url: str, query: str) -> None:
    journal = SqlJournal.connect(postgres_url, MemoryBlobs())
    with journal.reader.connect() as connection:
        for kind in ("seqscan", "bitmapscan"):  # the tables are empty here: which index fits is the question
            connection.exec_driver_sql(f"SET LOCAL enable_{kind} = off")
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {query}").scalars())
    journal.close()
    assert "Index" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert "Index Cond" in plan, plan
    assert "state" not in plan, plan  # the index holds nothing but what is open
