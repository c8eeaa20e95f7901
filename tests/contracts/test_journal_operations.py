"""Order, holds, breakers, bulk replay, edits and nodes, on every journal."""

from datetime import timedelta

import pytest
from journal_rows import (
    LEASE,
    NOW,
    Steps,
    a_message,
    a_parcel,
    an_arrival,
    rows,
    state_of,
    timeline,
)

from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.ports.records import NewMessage, NodeRow, Proof, ReplayFilter
from gateway.store.journal import SqlJournal
from gateway.store.tx_breaker import FAILURES, PROBE_AFTER

LATE = Finding(code="http.unreachable")
WRONG = Finding(code="item.unknown")
LATER = NOW + timedelta(minutes=1)


def ids_to_apply(journal: SqlJournal, steps: Steps) -> list[str]:
    claim = steps.claim()
    return [row.id for row in journal.write(lambda tx: tx.messages_to_apply(claim, NOW, 10))]


def strict(steps: Steps, *states: str) -> list[NewMessage]:
    found = [a_message(position=n, state=state, strict=True) for n, state in enumerate(states)]
    steps.prepared(*found)
    return found


# --- order ------------------------------------------------------------------------------------------------------------


def test_a_strict_lane_waits_behind_its_parked_message(journal: SqlJournal, steps: Steps) -> None:
    first, _bad, third = strict(steps, "parsed", "parked", "parsed")
    assert ids_to_apply(journal, steps) == [first.id]
    claim = steps.claim()
    journal.write(lambda tx: tx.finish_message(claim, first.id, "done", NOW))
    assert ids_to_apply(journal, steps) == []
    claim = steps.claim()
    with pytest.raises(OurFault) as caught:
        journal.write(lambda tx: tx.finish_message(claim, third.id, "done", NOW))
    assert caught.value.code == "journal.lane-blocked"
    assert state_of(journal, "message", third.id) == "parsed"


def test_a_mended_message_of_a_strict_lane_comes_first_then_the_others(journal: SqlJournal, steps: Steps) -> None:
    bad, second = strict(steps, "parked", "parsed")
    journal.write(lambda tx: tx.replay(bad.id, "ana", NOW))
    assert ids_to_apply(journal, steps) == []  # not yet read again
    claim = steps.claim()
    journal.write(lambda tx: tx.store_replayed(claim, a_message(id=bad.id, document="{}"), NOW))
    assert ids_to_apply(journal, steps) == [bad.id, second.id]
    claim = steps.claim()
    journal.write(lambda tx: tx.finish_message(claim, bad.id, "done", NOW))
    journal.write(lambda tx: tx.finish_message(claim, second.id, "done", NOW))


def test_in_a_strict_batch_nothing_overtakes_a_message_that_fails(journal: SqlJournal, steps: Steps) -> None:
    first, second = strict(steps, "parsed", "parsed")
    claim = steps.claim()
    works = [
        journal.submit(lambda tx: tx.finish_message(claim, first.id, "parked", NOW, fault=WRONG)),
        journal.submit(lambda tx: tx.finish_message(claim, second.id, "done", NOW)),
    ]
    works[0].result(10)
    with pytest.raises(OurFault, match="lane-blocked"):
        works[1].result(10)


def test_a_skipped_message_stays_parked_and_holds_nothing_back(journal: SqlJournal, steps: Steps) -> None:
    bad, second = strict(steps, "parked", "parsed")
    assert journal.write(lambda tx: tx.skip(bad.id, "ana", "sent by fax", NOW)) == "retailer"
    assert ids_to_apply(journal, steps) == [second.id]
    assert state_of(journal, "message", bad.id) == "parked"
    (entry,) = rows(journal, "audit")
    assert (entry["action"], entry["after"]) == ("message.skip", "sent by fax")
    with pytest.raises(OurFault, match="not-blocking"):
        journal.write(lambda tx: tx.skip(bad.id, "ana", "again", NOW))


def test_a_loose_lane_lets_a_failed_message_step_aside(journal: SqlJournal, steps: Steps) -> None:
    bad, good = a_message(position=0, state="parked"), a_message(position=1)
    steps.prepared(bad, good)
    assert ids_to_apply(journal, steps) == [good.id]


def test_messages_may_wait_in_a_lane_of_their_own(journal: SqlJournal, steps: Steps) -> None:
    order, report = a_message(position=0), a_message(position=1, lane="retailer/SLSRPT", type="SLSRPT")
    steps.prepared(order, report)
    assert ids_to_apply(journal, steps) == [order.id]
    assert journal.read(lambda tx: tx.lanes_with_work(NOW)) == ["retailer", "retailer/SLSRPT"]


# --- holds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "key"), [("partner", "retailer"), ("channel", "as2"), ("type", "ORDERS")])
def test_what_is_paused_is_held_and_comes_back_with_resume(
    journal: SqlJournal, steps: Steps, kind: str, key: str
) -> None:
    before, after = a_message(), a_message()
    steps.prepared(before)
    journal.write(lambda tx: tx.pause(kind, key, "stocktaking", "ana", NOW))
    steps.prepared(after)
    assert [state_of(journal, "message", each.id) for each in (before, after)] == ["held", "held"]
    assert journal.read(lambda tx: (tx.lanes_with_work(NOW), tx.open_work())) == ([], 0)
    (hold,) = journal.read(lambda tx: tx.holds())
    assert (hold.kind, hold.key, hold.reason, hold.user) == (kind, key, "stocktaking", "ana")
    assert journal.write(lambda tx: tx.resume(kind, key, "bo", LATER)) == ["retailer"]
    assert ids_to_apply(journal, steps) == [before.id, after.id]
    assert [row["action"] for row in rows(journal, "audit")] == ["hold.pause", "hold.resume"]
    with pytest.raises(OurFault, match="not-paused"):
        journal.write(lambda tx: tx.resume(kind, key, "bo", LATER))


def test_what_two_holds_match_waits_for_both(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    steps.prepared(message)
    journal.write(lambda tx: tx.pause("partner", "retailer", "a", "ana", NOW))
    journal.write(lambda tx: tx.pause("type", "ORDERS", "b", "ana", NOW))
    assert journal.write(lambda tx: tx.resume("partner", "retailer", "ana", NOW)) == []
    assert state_of(journal, "message", message.id) == "held"
    assert journal.write(lambda tx: tx.resume("type", "ORDERS", "ana", NOW)) == ["retailer"]


@pytest.mark.parametrize(("kind", "key"), [("partner", "retailer"), ("channel", "as2"), ("type", "OrderResponse")])
def test_parcels_that_are_paused_are_not_claimed(journal: SqlJournal, steps: Steps, kind: str, key: str) -> None:
    held, other = a_parcel(), a_parcel(partner="other", channel="http", document_type="DespatchAdvice")
    journal.write(lambda tx: tx.add_parcels([held], NOW))
    journal.write(lambda tx: tx.pause(kind, key, "their server moves", "ana", NOW))
    assert not journal.read(lambda tx: tx.parcels_due(NOW))
    journal.write(lambda tx: tx.add_parcels([other], NOW))
    assert [row.id for row in journal.write(lambda tx: tx.claim_parcels("n", NOW, LEASE, 10))] == [other.id]
    journal.write(lambda tx: tx.resume(kind, key, "ana", NOW))
    assert [row.id for row in journal.write(lambda tx: tx.claim_parcels("n", NOW, LEASE, 10))] == [held.id]


# --- breaker ----------------------------------------------------------------------------------------------------------


def fail(journal: SqlJournal, times: int) -> None:
    for _ in range(times):
        (row,) = journal.write(lambda tx: tx.claim_parcels("n", NOW, LEASE, 1))
        journal.write(lambda tx, row=row: tx.settle(row, "retry", NOW, fault=LATE, retry_at=NOW))


def test_a_partner_out_of_reach_costs_one_probe_a_minute(journal: SqlJournal) -> None:
    journal.write(lambda tx: tx.add_parcels([a_parcel() for _ in range(8)], NOW))
    fail(journal, FAILURES)
    assert not journal.read(lambda tx: tx.parcels_due(NOW))
    assert journal.write(lambda tx: tx.claim_parcels("n", NOW, LEASE, 10)) == []
    (case,) = rows(journal, "case")
    assert (case["account"], case["code"]) == ("retailer", "parcel.breaker-open")
    probe_at = NOW + PROBE_AFTER
    assert journal.read(lambda tx: tx.parcels_due(probe_at))
    (probe,) = journal.write(lambda tx: tx.claim_parcels("n", probe_at, LEASE, 10))
    assert journal.write(lambda tx: tx.claim_parcels("n", probe_at, LEASE, 10)) == []
    journal.write(lambda tx: tx.settle(probe, "acked", probe_at, proof=Proof(state="acked")))
    assert len(journal.write(lambda tx: tx.claim_parcels("n", probe_at, LEASE, 10))) == 7
    (case,) = rows(journal, "case")
    assert case["closed_at"] is not None


def test_a_parcel_given_up_is_no_answer_of_the_partner(journal: SqlJournal) -> None:
    journal.write(lambda tx: tx.add_parcels([a_parcel() for _ in range(3)], NOW))
    fail(journal, FAILURES)
    probe_at = NOW + PROBE_AFTER
    (probe,) = journal.write(lambda tx: tx.claim_parcels("n", probe_at, LEASE, 10))
    journal.write(lambda tx: tx.settle(probe, "parked", probe_at, fault=LATE))
    assert journal.write(lambda tx: tx.claim_parcels("n", probe_at, LEASE, 10)) == []
    (case,) = rows(journal, "case")
    assert case["closed_at"] is None
    later = probe_at + PROBE_AFTER
    assert len(journal.write(lambda tx: tx.claim_parcels("n", later, LEASE, 10))) == 1


def test_an_open_breaker_leaves_other_partners_alone(journal: SqlJournal) -> None:
    journal.write(lambda tx: tx.add_parcels([a_parcel()], NOW))
    fail(journal, FAILURES)
    other = a_parcel(partner="other")
    journal.write(lambda tx: tx.add_parcels([other], NOW))
    assert [row.id for row in journal.write(lambda tx: tx.claim_parcels("n", NOW, LEASE, 10))] == [other.id]


def test_an_answer_between_failures_starts_the_count_again(journal: SqlJournal) -> None:
    journal.write(lambda tx: tx.add_parcels([a_parcel(), a_parcel()], NOW))
    fail(journal, FAILURES - 1)
    (row,) = journal.write(lambda tx: tx.claim_parcels("n", NOW, LEASE, 1))
    journal.write(lambda tx: tx.settle(row, "acked", NOW, proof=Proof(state="acked")))
    fail(journal, FAILURES - 1)
    assert journal.read(lambda tx: tx.parcels_due(NOW))


def test_a_parcel_given_back_has_cost_no_attempt(journal: SqlJournal) -> None:
    journal.write(lambda tx: tx.add_parcels([a_parcel()], NOW))
    (row,) = journal.write(lambda tx: tx.claim_parcels("n", NOW, LEASE, 1))
    journal.write(lambda tx: tx.give_back(row, NOW))
    (again,) = journal.write(lambda tx: tx.claim_parcels("n", NOW, LEASE, 1))
    assert (again.id, again.attempts) == (row.id, 1)
    with pytest.raises(OurFault, match="lost-claim"):
        journal.write(lambda tx: tx.give_back(row, NOW))


# --- bulk replay ------------------------------------------------------------------------------------------------------


def test_a_bulk_replay_is_previewed_taken_in_portions_and_audited(journal: SqlJournal, steps: Steps) -> None:
    found = [a_message(position=n, state="parked", fault=WRONG, owner="us") for n in range(5)]
    steps.prepared(*found, a_message(position=5, state="parked", fault=LATE, owner="us"), a_message(position=6))
    chosen = ReplayFilter(fault_code="item.unknown", partner="retailer")
    assert journal.read(lambda tx: tx.replay_preview(chosen)) == [("item.unknown", "retailer", 5)]
    assert len(journal.read(lambda tx: tx.replay_preview(ReplayFilter()))) == 2
    begun = journal.write(lambda tx: tx.start_bulk("b1", chosen, "ana", "items added", NOW))
    assert (begun.state, begun.total, begun.done) == ("running", 5, 0)
    half, lanes = journal.write(lambda tx: tx.advance_bulk("b1", 3, NOW))
    assert (half.state, half.done, lanes) == ("running", 3, ["retailer"])
    assert [state_of(journal, "message", each.id) for each in found] == ["received"] * 3 + ["parked"] * 2
    end, _ = journal.write(lambda tx: tx.advance_bulk("b1", 3, NOW))
    assert (end.state, end.done) == ("done", 5)
    actions = [row["action"] for row in rows(journal, "audit")]
    assert actions == ["bulk.start", *["message.replay"] * 5]


def test_what_parks_again_is_not_taken_again_by_the_same_bulk_replay(journal: SqlJournal, steps: Steps) -> None:
    bad = a_message(state="parked", fault=WRONG, owner="us")
    claim = steps.prepared(bad)
    journal.write(lambda tx: tx.start_bulk("b1", ReplayFilter(), "ana", "", NOW))
    journal.write(lambda tx: tx.advance_bulk("b1", 1, NOW))
    journal.write(lambda tx: tx.store_replayed(claim, a_message(id=bad.id, state="parked", fault=WRONG), NOW))
    end, lanes = journal.write(lambda tx: tx.advance_bulk("b1", 1, NOW))
    assert (end.state, end.done, lanes) == ("done", 1, [])


def test_a_cancelled_bulk_replay_takes_nothing_more(journal: SqlJournal, steps: Steps) -> None:
    steps.prepared(*(a_message(position=n, state="parked") for n in range(3)))
    journal.write(lambda tx: tx.start_bulk("b1", ReplayFilter(), "ana", "", NOW))
    journal.write(lambda tx: tx.advance_bulk("b1", 1, NOW))
    assert journal.write(lambda tx: tx.cancel_bulk("b1", "bo", NOW)).state == "cancelled"
    end, lanes = journal.write(lambda tx: tx.advance_bulk("b1", 9, NOW))
    assert (end.state, end.done, lanes) == ("cancelled", 1, [])
    with pytest.raises(OurFault, match="not-found"):
        journal.write(lambda tx: tx.advance_bulk("b2", 9, NOW))


# --- edits ------------------------------------------------------------------------------------------------------------


def test_an_edited_arrival_may_bring_other_content_under_the_same_reference(journal: SqlJournal, steps: Steps) -> None:
    first = steps.accept(an_arrival(b"wrong"))
    edited = steps.accept(an_arrival(b"right", origin=first))
    twice = steps.accept(an_arrival(b"righter", origin=edited))
    foreign = steps.accept(an_arrival(b"other"))
    key = "S:R:7"
    assert journal.write(lambda tx: tx.earlier_interchange(key, "a" * 64, first)) is None
    assert journal.write(lambda tx: tx.earlier_interchange(key, "b" * 64, edited)) is None
    assert journal.write(lambda tx: tx.earlier_interchange(key, "c" * 64, twice)) is None
    assert journal.write(lambda tx: tx.earlier_interchange(key, "d" * 64, foreign)) == "clash"


def test_replaying_what_stood_for_an_unreadable_file_reads_the_whole_file(journal: SqlJournal, steps: Steps) -> None:
    arrival = an_arrival(b"three messages")
    claim = steps.prepared(a_message(state="parked", type="?", fault=WRONG, owner="us"), arrival=arrival)
    (unread,) = rows(journal, "message")
    journal.write(lambda tx: tx.replay(str(unread["id"]), "ana", NOW))
    (row,) = journal.write(lambda tx: tx.arrivals_to_prepare(claim, NOW, 9))
    found = [a_message(position=n) for n in range(3)]
    journal.write(lambda tx: tx.store_prepared(claim, row.id, "parsed", [], found, NOW))
    wanted = [unread["id"], found[1].id, found[2].id]
    assert [each.id for each in journal.write(lambda tx: tx.messages_to_apply(claim, NOW, 9))] == wanted


# --- nodes ------------------------------------------------------------------------------------------------------------


def a_node(name: str, **changes: object) -> NodeRow:
    fields = {"id": name, "host": "h", "pid": 1, "build": "1", "started_at": NOW, "seen_at": NOW} | changes
    return NodeRow(**fields)  # type: ignore[arg-type]


def test_nodes_are_known_by_their_last_beat(journal: SqlJournal) -> None:
    journal.write(lambda tx: tx.beat(a_node("one")))
    journal.write(lambda tx: tx.beat(a_node("two", started_at=LATER)))
    journal.write(lambda tx: tx.beat(a_node("one", seen_at=LATER)))
    two, one = journal.read(lambda tx: tx.nodes())
    assert (one.id, one.started_at, one.seen_at, one.stopped_at) == ("one", NOW, LATER, None)
    assert two.id == "two"


def test_what_a_silent_node_held_is_free_at_once_and_its_late_writes_fail(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    steps.prepared(message)
    asleep = steps.claim(owner="one", now=NOW + LEASE)
    journal.write(lambda tx: tx.beat(a_node("one")))
    journal.write(lambda tx: tx.add_parcels([a_parcel()], NOW))
    (held,) = journal.write(lambda tx: tx.claim_parcels("one", NOW, LEASE, 1))
    assert journal.write(lambda tx: tx.take_over("one", LATER, NOW)) == ["retailer"]
    assert journal.write(lambda tx: tx.claim_lane("retailer", "two", NOW, LEASE)) is not None
    (again,) = journal.write(lambda tx: tx.claim_parcels("two", NOW, LEASE, 1))
    assert again.id == held.id
    for work in (
        lambda tx: tx.finish_message(asleep, message.id, "done", NOW),
        lambda tx: tx.settle(held, "acked", NOW),
    ):
        with pytest.raises(OurFault, match="lost-claim"):
            journal.write(work)
    (node,) = journal.read(lambda tx: tx.nodes())
    assert node.stopped_at == LATER


def test_the_backlog_tells_how_much_waits_and_since_when(journal: SqlJournal, steps: Steps) -> None:
    assert journal.read(lambda tx: tx.backlog()).oldest_at is None
    arrival = an_arrival()
    steps.accept(arrival)
    found = journal.read(lambda tx: tx.backlog())
    assert (found.count, found.oldest_at) == (1, NOW)
    assert timeline(journal, arrival.id) == ["received"]


@pytest.mark.parametrize("type_", ["ORDERS", "?"])  # one message; the whole file, that could not be read
def test_what_is_put_back_after_days_has_not_waited_for_days(journal: SqlJournal, steps: Steps, type_: str) -> None:
    message = a_message(state="parked", type=type_)
    steps.prepared(message)
    assert journal.read(lambda tx: tx.backlog()).count == 0
    later = NOW + timedelta(days=3)
    journal.write(lambda tx: tx.replay(message.id, "ops", later))
    assert journal.read(lambda tx: tx.backlog()).oldest_at == later  # or the edge would refuse all partners at once
    assert journal.read(lambda tx: tx.lanes_with_work(later)) == ["retailer"]
