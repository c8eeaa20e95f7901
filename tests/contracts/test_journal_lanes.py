"""Lanes, prepare, apply and replay, on every journal."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from journal_rows import LEASE, NOW, Steps, a_message, a_parcel, an_arrival, an_interchange, rows, state_of, timeline

from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.ports.journal import Tx
from gateway.store.journal import SqlJournal

WRONG = Finding(code="item.unknown", where=Where(segment=7, offset=120), params=(("line", "2"),), value="4711")


def code_of(caught: pytest.ExceptionInfo[OurFault]) -> str:
    return caught.value.code


def test_one_owner_holds_a_lane_until_its_lease_ends(journal: SqlJournal, steps: Steps) -> None:
    first = steps.claim(owner="node-1")
    assert journal.write(lambda tx: tx.claim_lane("retailer", "node-2", NOW, LEASE)) is None
    second = journal.write(lambda tx: tx.claim_lane("retailer", "node-2", NOW + LEASE, LEASE))
    assert second is not None
    assert second.epoch == first.epoch + 1


def test_a_released_lane_is_free_at_once(journal: SqlJournal, steps: Steps) -> None:
    claim = steps.claim(owner="node-1")
    journal.write(lambda tx: tx.release_lane(claim))
    assert journal.write(lambda tx: tx.claim_lane("retailer", "node-2", NOW, LEASE)) is not None


def test_a_worker_that_wakes_after_its_lease_writes_nothing(journal: SqlJournal, steps: Steps) -> None:
    arrival_id = steps.accept(an_arrival())
    asleep = steps.claim(owner="node-1")
    awake = steps.claim(owner="node-2", now=NOW + LEASE)
    message = a_message()
    journal.write(lambda tx: tx.store_prepared(awake, arrival_id, "parsed", [], [message], NOW))
    for work in (
        lambda tx: tx.arrivals_to_prepare(asleep, NOW, 1),
        lambda tx: tx.count_attempts(asleep, [arrival_id]),
        lambda tx: tx.store_prepared(asleep, arrival_id, "parsed", [], [a_message()], NOW),
        lambda tx: tx.messages_to_apply(asleep, NOW, 1),
        lambda tx: tx.finish_message(asleep, message.id, "done", NOW),
        lambda tx: tx.finish_arrival(asleep, arrival_id, "parked", NOW),
    ):
        with pytest.raises(OurFault) as caught:
            journal.write(work)
        assert code_of(caught) == "journal.lost-claim"
    assert state_of(journal, "message", message.id) == "parsed"
    journal.write(lambda tx: tx.release_lane(asleep))  # releases nothing
    assert journal.write(lambda tx: tx.claim_lane("retailer", "node-3", NOW + LEASE, LEASE)) is None


def test_attempts_are_counted_before_the_bytes_are_looked_at(journal: SqlJournal, steps: Steps) -> None:
    arrival_id = steps.accept(an_arrival())
    claim = steps.claim()
    other_id = steps.accept(an_arrival(b"other"))
    for both in ([arrival_id, other_id], [arrival_id]):
        journal.write(lambda tx, both=both: tx.count_attempts(claim, both))
    found = journal.read(lambda tx: tx.arrivals_to_prepare(claim, NOW, 9))
    assert {row.id: row.attempts for row in found} == {arrival_id: 2, other_id: 1}


def test_what_is_stored_as_parsed_may_be_applied_at_once(journal: SqlJournal, steps: Steps) -> None:
    arrival_id, claim = steps.accept(an_arrival()), steps.claim()
    good, bad = a_message(), replace(a_message(), position=1, state="parked")

    def store(tx: Tx) -> set[str]:
        return tx.store_prepared(claim, arrival_id, "parsed", [], [good, bad], NOW)

    assert journal.write(store) == {good.id}


def test_arrivals_wait_in_the_order_of_acceptance_and_only_when_due(journal: SqlJournal, steps: Steps) -> None:
    ids = [steps.accept(an_arrival(b"%d" % n)) for n in range(3)]
    steps.accept(an_arrival(), lane="other")
    claim = steps.claim()
    later = NOW + timedelta(minutes=5)
    journal.write(lambda tx: tx.finish_arrival(claim, ids[0], "retry", NOW, retry_at=later))
    assert [row.id for row in journal.write(lambda tx: tx.arrivals_to_prepare(claim, NOW, 10))] == ids[1:]
    assert [row.id for row in journal.write(lambda tx: tx.arrivals_to_prepare(claim, later, 2))] == ids[:2]


def test_prepared_messages_come_to_apply_in_order_with_all_they_hold(journal: SqlJournal, steps: Steps) -> None:
    arrival_id = steps.accept(an_arrival())
    claim = steps.claim()
    first = a_message(
        position=0,
        document='{"document":"Order"}',
        document_type="Order",
        business_number="PO-1",
        reference="1",
        mapping="eancom-1997/ORDERS",
        findings=(WRONG,),
        sources={"id": Where(segment=2, tag="BGM", element=2, offset=40, line=1, column=41)},
        interchange=0,
        test=True,
    )
    second = a_message(position=1, state="parked", fault=WRONG, owner="partner")
    third = a_message(position=2)
    journal.write(
        lambda tx: tx.store_prepared(
            claim, arrival_id, "parsed", [an_interchange(reference="77")], [first, second, third], NOW
        )
    )
    found = journal.write(lambda tx: tx.messages_to_apply(claim, NOW, 10))
    assert [row.id for row in found] == [first.id, third.id]
    row = found[0]
    assert (row.sources, row.findings, row.test) == (first.sources, (WRONG,), True)
    assert (row.interchange_sender, row.interchange_receiver, row.interchange_reference) == ("S", "R", "77")
    assert (row.document, row.business_number, row.partner, row.lane) == (
        first.document,
        "PO-1",
        "retailer",
        "retailer",
    )
    assert journal.write(lambda tx: tx.arrivals_to_prepare(claim, NOW, 10)) == []
    (parked,) = rows(journal, "message", id=second.id)
    assert (parked["fault_code"], parked["owner"]) == ("item.unknown", "partner")


def test_storing_what_was_prepared_twice_is_refused(journal: SqlJournal, steps: Steps) -> None:
    arrival_id = steps.accept(an_arrival())
    claim = steps.claim()
    journal.write(lambda tx: tx.store_prepared(claim, arrival_id, "parsed", [], [a_message()], NOW))
    with pytest.raises(OurFault) as caught:
        journal.write(lambda tx: tx.store_prepared(claim, arrival_id, "parsed", [], [a_message()], NOW))
    assert code_of(caught) == "journal.lost-claim"
    assert len(rows(journal, "message")) == 1


def test_an_interchange_is_known_to_a_second_arrival_only(journal: SqlJournal, steps: Steps) -> None:
    first, second = steps.accept(an_arrival(b"1")), steps.accept(an_arrival(b"2"))
    assert not journal.write(lambda tx: tx.earlier_interchange("S:R:7", "d" * 64, first))
    assert not journal.write(lambda tx: tx.earlier_interchange("S:R:7", "d" * 64, first))
    assert journal.write(lambda tx: tx.earlier_interchange("S:R:7", "d" * 64, second)) == "repeat"
    assert journal.write(lambda tx: tx.earlier_interchange("S:R:7", "e" * 64, second)) == "clash"
    assert not journal.write(lambda tx: tx.earlier_interchange("S:R:8", "d" * 64, second))


def test_keys_of_arrivals_and_interchanges_do_not_meet(journal: SqlJournal, steps: Steps) -> None:
    steps.accept(an_arrival(b"1", dedupe_key="7"))
    second = steps.accept(an_arrival(b"2"))
    assert not journal.write(lambda tx: tx.earlier_interchange("7", "d" * 64, second))


def test_a_message_leaves_its_state_once(journal: SqlJournal, steps: Steps) -> None:
    message = a_message(findings=(WRONG,))
    claim = steps.prepared(message)
    more = Finding(code="order.late", severity="warning")
    journal.write(lambda tx: tx.finish_message(claim, message.id, "done", NOW, findings=[WRONG, more]))
    (row,) = rows(journal, "message", id=message.id)
    assert [each["code"] for each in json.loads(row["findings"])] == ["item.unknown", "order.late"]
    with pytest.raises(OurFault) as caught:
        journal.write(lambda tx: tx.finish_message(claim, message.id, "done", NOW))
    assert code_of(caught) == "journal.lost-claim"
    assert timeline(journal, message.id) == ["parsed", "done"]


def test_applied_without_parcels_is_done(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    claim = steps.prepared(message)
    journal.write(lambda tx: tx.finish_message(claim, message.id, "applied", NOW))
    assert state_of(journal, "message", message.id) == "done"


def test_a_message_to_be_retried_comes_again_when_due_with_its_attempts(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    claim = steps.prepared(message)
    later = NOW + timedelta(seconds=30)
    journal.write(lambda tx: tx.finish_message(claim, message.id, "retry", NOW, fault=WRONG, retry_at=later))
    assert journal.write(lambda tx: tx.messages_to_apply(claim, NOW, 10)) == []
    (row,) = journal.write(lambda tx: tx.messages_to_apply(claim, later, 10))
    assert (row.state, row.attempts) == ("retry", 1)


def test_lanes_with_work_and_open_work_follow_the_states(journal: SqlJournal, steps: Steps) -> None:
    assert journal.read(lambda tx: (tx.lanes_with_work(NOW), tx.open_work())) == ([], 0)
    arrival = an_arrival()
    steps.accept(arrival)
    steps.accept(an_arrival(), lane="another")
    assert journal.read(lambda tx: (tx.lanes_with_work(NOW), tx.open_work())) == (["another", "retailer"], 2)
    claim = steps.claim()
    good, bad = a_message(position=0), a_message(position=1, state="parked")
    journal.write(lambda tx: tx.store_prepared(claim, arrival.id, "parsed", [], [good, bad], NOW))
    assert journal.read(lambda tx: (tx.lanes_with_work(NOW), tx.open_work())) == (["another", "retailer"], 2)
    later = NOW + timedelta(hours=1)
    journal.write(lambda tx: tx.finish_message(claim, good.id, "retry", NOW, retry_at=later))
    assert journal.read(lambda tx: tx.lanes_with_work(NOW)) == ["another"]
    assert journal.read(lambda tx: tx.lanes_with_work(later)) == ["another", "retailer"]
    journal.write(lambda tx: tx.finish_message(claim, good.id, "done", NOW))
    assert journal.read(lambda tx: (tx.lanes_with_work(later), tx.open_work())) == (["another"], 1)


def test_a_parked_message_is_replayed_from_its_arrival(journal: SqlJournal, steps: Steps) -> None:
    bad, good = a_message(position=0, state="parked", fault=WRONG, owner="us"), a_message(position=1)
    claim = steps.prepared(bad, good, arrival=an_arrival(b"two messages"))
    assert journal.write(lambda tx: tx.replay(bad.id, "ana", NOW)) == ["retailer"]
    assert [row.id for row in journal.write(lambda tx: tx.messages_to_apply(claim, NOW, 10))] == [good.id]
    ((row, arrival),) = journal.write(lambda tx: tx.messages_to_replay(claim, 10))
    assert (row.id, b"".join(arrival.payload.chunks())) == (bad.id, b"two messages")
    mended = a_message(id=bad.id, position=0, document="{}", business_number="PO-9")
    journal.write(lambda tx: tx.store_replayed(claim, mended, NOW))
    found = journal.write(lambda tx: tx.messages_to_apply(claim, NOW, 10))
    assert [(row.id, row.business_number) for row in found] == [(bad.id, "PO-9"), (good.id, None)]
    assert timeline(journal, bad.id) == ["parked", "replayed", "parsed"]
    (entry,) = rows(journal, "audit")
    assert (entry["user"], entry["action"], entry["subject"]) == ("ana", "message.replay", bad.id)
    with pytest.raises(OurFault) as caught:
        journal.write(lambda tx: tx.store_replayed(claim, mended, NOW))
    assert code_of(caught) == "journal.lost-claim"


def test_replaying_an_arrival_takes_its_parked_messages_only(journal: SqlJournal, steps: Steps) -> None:
    bad, good = a_message(position=0, state="parked"), a_message(position=1)
    claim = steps.prepared(bad, good)
    journal.write(lambda tx: tx.finish_message(claim, good.id, "done", NOW))
    (kept,) = rows(journal, "arrival")
    assert journal.write(lambda tx: tx.replay(kept["id"], "ana", NOW)) == ["retailer"]
    assert state_of(journal, "message", bad.id) == "received"
    assert state_of(journal, "message", good.id) == "done"
    assert state_of(journal, "arrival", kept["id"]) == "parsed"


def test_an_arrival_parked_as_a_whole_is_prepared_again_and_keeps_its_rows(journal: SqlJournal, steps: Steps) -> None:
    unreadable = a_message(state="parked", type="?")
    claim = steps.prepared(unreadable, state="parked")
    (kept,) = rows(journal, "arrival")
    journal.write(lambda tx: tx.replay(kept["id"], "ana", NOW))
    assert journal.write(lambda tx: tx.messages_to_replay(claim, 10)) == []
    (row,) = journal.write(lambda tx: tx.arrivals_to_prepare(claim, NOW, 10))
    first, second = a_message(position=0), a_message(position=1)
    journal.write(lambda tx: tx.store_prepared(claim, row.id, "parsed", [], [first, second], NOW))
    found = journal.write(lambda tx: tx.messages_to_apply(claim, NOW, 10))
    assert [each.id for each in found] == [unreadable.id, second.id]
    assert found[0].type == "ORDERS"


def test_preparing_an_arrival_again_leaves_finished_messages_alone(journal: SqlJournal, steps: Steps) -> None:
    done = a_message(position=0, interchange=0)
    arrival_id = steps.accept(an_arrival())
    claim = steps.claim()
    parts = ([an_interchange()], [done, a_message(position=1, state="parked", interchange=0)])
    journal.write(lambda tx: tx.store_prepared(claim, arrival_id, "parked", *parts, NOW))
    journal.write(lambda tx: tx.finish_message(claim, done.id, "done", NOW))
    journal.write(lambda tx: tx.replay(arrival_id, "ana", NOW))
    again = [a_message(position=0, interchange=0), a_message(position=1, interchange=0)]
    journal.write(lambda tx: tx.store_prepared(claim, arrival_id, "parsed", [an_interchange()], again, NOW))
    assert state_of(journal, "message", done.id) == "done"
    assert len(rows(journal, "message")) == 2
    assert len(rows(journal, "interchange")) == 1


def test_what_is_not_parked_is_not_replayed(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    claim = steps.prepared(message)
    journal.write(lambda tx: tx.finish_message(claim, message.id, "done", NOW))
    with pytest.raises(OurFault) as caught:
        journal.write(lambda tx: tx.replay(message.id, "ana", NOW))
    assert code_of(caught) == "journal.not-replayable"
    with pytest.raises(OurFault) as caught:
        journal.write(lambda tx: tx.replay("nobody", "ana", NOW))
    assert code_of(caught) == "journal.not-found"
    assert rows(journal, "audit") == []


def test_an_applied_message_waits_for_its_parcels(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    steps.applied(message, a_parcel(cause=message.id))
    assert state_of(journal, "message", message.id) == "applied"
