"""A clock that was ahead and is set back: what was written meanwhile does not wait for a day that is not there yet."""

from datetime import timedelta

from journal_rows import LEASE, NOW, Steps, a_parcel, an_arrival, rows

from gateway.model.findings import Finding
from gateway.store.journal import SqlJournal

AHEAD = NOW + timedelta(days=1)
LATEST = NOW + timedelta(hours=1)
FAULT = Finding(code="http.timeout")


def test_what_waits_for_a_moment_is_left_alone(journal: SqlJournal, steps: Steps) -> None:
    steps.accept(an_arrival())
    steps.claim(owner="node-1")
    journal.write(lambda tx: tx.add_parcels([a_parcel()], NOW))
    (parcel,) = journal.write(lambda tx: tx.claim_parcels("node-1", NOW, LEASE, 10))
    journal.write(lambda tx: tx.settle(parcel, "retry", NOW, fault=FAULT, retry_at=NOW + timedelta(minutes=9)))
    assert not journal.read(lambda tx: tx.waits_beyond(LATEST))
    assert journal.write(lambda tx: tx.call_back(LATEST, NOW)) == 0


def test_a_parcel_a_lease_and_a_breaker_of_tomorrow_are_due_now(journal: SqlJournal, steps: Steps) -> None:
    steps.accept(an_arrival())
    steps.claim(owner="node-1", now=AHEAD)
    for _ in range(6):
        journal.write(lambda tx: tx.add_parcels([a_parcel()], AHEAD))
        for each in journal.write(lambda tx: tx.claim_parcels("node-1", AHEAD, LEASE, 10)):
            journal.write(lambda tx, p=each: tx.settle(p, "retry", AHEAD, fault=FAULT, retry_at=AHEAD + LEASE))
    assert journal.read(lambda tx: tx.waits_beyond(LATEST))
    assert not journal.read(lambda tx: tx.parcels_due(NOW))
    assert journal.write(lambda tx: tx.claim_lane("retailer", "node-2", NOW, LEASE)) is None
    assert journal.write(lambda tx: tx.call_back(LATEST, NOW)) >= 7
    assert not journal.read(lambda tx: tx.waits_beyond(LATEST))
    assert journal.write(lambda tx: tx.claim_parcels("node-1", NOW, LEASE, 10))
    assert journal.write(lambda tx: tx.claim_lane("retailer", "node-2", NOW, LEASE)) is not None


def test_what_is_finished_and_what_is_answered_late_stays(journal: SqlJournal, steps: Steps) -> None:
    journal.write(lambda tx: tx.add_parcels([a_parcel(expects="contrl", due=AHEAD)], NOW))
    (parcel,) = journal.write(lambda tx: tx.claim_parcels("node-1", NOW, LEASE, 10))
    journal.write(lambda tx: tx.settle(parcel, "acked", NOW))
    assert (before := rows(journal, "timer"))
    journal.write(lambda tx: tx.call_back(LATEST, NOW))
    assert rows(journal, "timer") == before
