"""Deliver: claims, frozen bytes, proofs, answers and timers, on every journal."""

import json
from datetime import timedelta
from typing import Any

import pytest
from journal_rows import LEASE, NOW, Steps, a_message, a_parcel, rows, state_of, timeline
from sqlalchemy import insert

from gateway.model.effects import ParcelAnswered
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.payload import read_all
from gateway.ports.records import ParcelRow, Proof, Timer, Wrapped
from gateway.store.forms import micros
from gateway.store.journal import SqlJournal
from gateway.store.tables import timer

ACKED = Proof(state="acked", evidence={"mdn": "processed"}, body=b"MDN")
DAY = timedelta(days=1)


def claim(journal: SqlJournal, now: Any = NOW, owner: str = "node-1") -> list[ParcelRow]:
    return journal.write(lambda tx: tx.claim_parcels(owner, now, LEASE, 10))


def queue(journal: SqlJournal, **changes: Any) -> str:
    parcel = a_parcel(**changes)
    journal.write(lambda tx: tx.add_parcels([parcel], NOW))
    return parcel.id


def acked(journal: SqlJournal, **changes: Any) -> str:
    parcel_id = queue(journal, **changes)
    (row,) = claim(journal)
    journal.write(lambda tx: tx.settle(row, "acked", NOW, proof=ACKED))
    return parcel_id


def answer(journal: SqlJournal, outcome: Any, message: str = "m-1", *, test: bool = False, **changes: Any) -> None:
    fields = {"key": "a", "partner": "retailer", "kind": "contrl", "outcome": outcome} | changes
    effect = ParcelAnswered(**fields)
    journal.write(lambda tx: tx.write_effects(message, [effect], NOW, test=test))


def test_a_queued_parcel_is_claimed_once_with_its_bytes(journal: SqlJournal) -> None:
    first, second = queue(journal, payload=b"one"), queue(journal, payload=b"two")
    assert journal.read(lambda tx: tx.parcels_due(NOW))
    found = claim(journal)
    assert [row.id for row in found] == [first, second]
    assert read_all(found[0].payload, 10) == b"one"
    assert (found[0].attempts, found[0].wrapped) == (1, None)
    assert claim(journal, owner="node-2") == []
    assert not journal.read(lambda tx: tx.parcels_due(NOW))
    assert journal.read(lambda tx: tx.open_work()) == 2


def test_wrapped_bytes_are_stored_once_and_sent_again_unchanged(journal: SqlJournal) -> None:
    queue(journal)
    (row,) = claim(journal)
    wrapped = Wrapped(headers=(("A", "1"), ("B", "2")), body=b"\x00CMS", transport_id="<p@x>", mic="abc, sha-256")
    journal.write(lambda tx: tx.store_wrapped(row, wrapped, NOW))
    with pytest.raises(OurFault):
        journal.write(lambda tx: tx.store_wrapped(row, wrapped, NOW))
    (again,) = claim(journal, NOW + LEASE)  # the first attempt died: its lease ended
    assert (again.wrapped, again.attempts, again.epoch) == (wrapped, 2, row.epoch + 1)


def test_a_sender_that_wakes_after_its_lease_settles_nothing(journal: SqlJournal) -> None:
    parcel_id = queue(journal)
    (asleep,) = claim(journal)
    (awake,) = claim(journal, NOW + LEASE, owner="node-2")
    for work in (
        lambda tx: tx.settle(asleep, "acked", NOW, proof=ACKED),
        lambda tx: tx.store_wrapped(asleep, Wrapped(headers=(), body=b"", transport_id="x"), NOW),
    ):
        with pytest.raises(OurFault) as caught:
            journal.write(work)
        assert caught.value.code == "journal.lost-claim"
    assert state_of(journal, "parcel", parcel_id) == "sending"
    journal.write(lambda tx: tx.settle(awake, "acked", NOW, proof=ACKED))
    with pytest.raises(OurFault):
        journal.write(lambda tx: tx.settle(awake, "acked", NOW, proof=ACKED))


def test_a_failed_attempt_waits_for_its_time(journal: SqlJournal) -> None:
    parcel_id = queue(journal)
    (row,) = claim(journal)
    later = NOW + timedelta(seconds=30)
    fault = Finding(code="http.unreachable", value="refused")
    journal.write(lambda tx: tx.settle(row, "retry", NOW, fault=fault, retry_at=later))
    assert claim(journal, NOW + timedelta(seconds=29)) == []
    (again,) = claim(journal, later)
    assert again.attempts == 2
    (kept,) = rows(journal, "parcel", id=parcel_id)
    assert kept["fault_code"] == "http.unreachable"


def test_the_proof_is_kept_and_closes_the_causing_message(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    steps.applied(message, a_parcel(cause=message.id), a_parcel(cause=message.id))
    first, second = claim(journal)
    journal.write(lambda tx: tx.settle(first, "acked", NOW, proof=ACKED))
    assert state_of(journal, "message", message.id) == "applied"
    journal.write(lambda tx: tx.settle(second, "parked", NOW, fault=Finding(code="x")))
    assert state_of(journal, "message", message.id) == "done"
    (kept,) = rows(journal, "parcel", id=first.id)
    assert (json.loads(kept["proof"]), kept["proof_body"]) == ({"mdn": "processed"}, b"MDN")
    assert timeline(journal, first.id) == ["queued", "sending", "acked"]
    assert timeline(journal, message.id) == ["parsed", "applied", "done"]


def test_a_parcel_that_expects_contrl_keeps_its_message_open_until_the_answer(
    journal: SqlJournal, steps: Steps
) -> None:
    message = a_message()
    steps.applied(message, a_parcel(cause=message.id, expects="contrl", due=NOW + DAY, control_reference="17"))
    (row,) = claim(journal)
    journal.write(lambda tx: tx.settle(row, "acked", NOW, proof=ACKED))
    assert state_of(journal, "message", message.id) == "applied"
    answer(journal, "accepted", control_reference="17")
    assert state_of(journal, "parcel", row.id) == "accepted"
    assert state_of(journal, "message", message.id) == "done"
    assert rows(journal, "timer") == []
    assert journal.write(lambda tx: tx.due_timers(NOW + 2 * DAY, 10)) == []
    assert state_of(journal, "parcel", row.id) == "accepted"


def test_a_missing_contrl_is_found_by_the_clock(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    steps.applied(message, a_parcel(cause=message.id, expects="contrl", due=NOW + DAY, control_reference="17"))
    (row,) = claim(journal)
    journal.write(lambda tx: tx.settle(row, "acked", NOW, proof=ACKED))
    assert not journal.read(lambda tx: tx.timers_due(NOW))
    assert journal.write(lambda tx: tx.due_timers(NOW, 10)) == []
    assert state_of(journal, "parcel", row.id) == "acked"
    assert journal.read(lambda tx: tx.timers_due(NOW + DAY))
    assert journal.write(lambda tx: tx.due_timers(NOW + DAY, 10)) == []
    assert state_of(journal, "parcel", row.id) == "expired"
    assert state_of(journal, "message", message.id) == "done"
    (case,) = rows(journal, "case")
    assert (case["code"], case["account"], case["subject"]) == ("ack.contrl-missing", "retailer", row.id)
    answer(journal, "accepted", control_reference="17")  # late, but true
    assert state_of(journal, "parcel", row.id) == "accepted"


def test_a_timer_whose_parcel_no_longer_waits_causes_nothing(journal: SqlJournal) -> None:
    parcel_id = acked(journal, expects="contrl", due=NOW + DAY, control_reference="17")
    late = {"kind": "contrl", "subject": parcel_id, "due": micros(NOW)}
    answer(journal, "accepted", control_reference="17")
    journal.write(lambda tx: tx.connection.execute(insert(timer), late))  # type: ignore[attr-defined]
    assert journal.write(lambda tx: tx.due_timers(NOW + 2 * DAY, 10)) == []
    assert state_of(journal, "parcel", parcel_id) == "accepted"
    assert rows(journal, "case") == []


def test_a_rejection_refuses_the_newest_parcel_with_that_reference(journal: SqlJournal) -> None:
    old = acked(journal, business_number="PO-1")
    new = acked(journal, business_number="PO-1")
    other = acked(journal, business_number="PO-1", partner="supplier")
    answer(journal, "rejected", kind="aperak", document="PO-1", detail="E10")
    assert [state_of(journal, "parcel", each) for each in (old, new, other)] == ["acked", "refused", "acked"]
    assert timeline(journal, new)[-2:] == ["answered", "refused"]


def test_an_answer_may_overtake_the_proof_and_stays(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    steps.applied(message, a_parcel(cause=message.id, expects="contrl", due=NOW + DAY, control_reference="5"))
    (row,) = claim(journal)
    answer(journal, "accepted", control_reference="5")
    journal.write(lambda tx: tx.settle(row, "acked", NOW, proof=ACKED))
    (kept,) = rows(journal, "parcel", id=row.id)
    assert (kept["state"], kept["proof_body"]) == ("accepted", b"MDN")
    assert rows(journal, "timer") == []
    assert claim(journal, NOW + DAY) == []
    with pytest.raises(OurFault):  # the attempt has ended: it is not settled twice
        journal.write(lambda tx: tx.settle(row, "retry", NOW, retry_at=NOW))
    assert state_of(journal, "message", message.id) == "done"


def test_received_is_noted_and_decides_nothing(journal: SqlJournal) -> None:
    parcel_id = acked(journal, business_number="PO-1")
    answer(journal, "received", kind="response", document="PO-1")
    assert state_of(journal, "parcel", parcel_id) == "acked"
    assert timeline(journal, parcel_id)[-1] == "answered"


def test_an_answer_to_nothing_of_ours_opens_a_case(journal: SqlJournal) -> None:
    answer(journal, "rejected", control_reference="999")
    (case,) = rows(journal, "case")
    assert (case["code"], case["subject"]) == ("journal.answer-unmatched", "999")


def test_test_traffic_answers_test_parcels_only(journal: SqlJournal) -> None:
    live = acked(journal, business_number="PO-1")
    trial = acked(journal, business_number="PO-2", test=True)
    answer(journal, "rejected", "m-1", test=True, document="PO-1")
    answer(journal, "accepted", "m-2", test=True, document="PO-2")
    assert state_of(journal, "parcel", live) == "acked"
    assert state_of(journal, "parcel", trial) == "accepted"
    assert rows(journal, "case") == []


def test_a_parked_parcel_is_sent_again_with_the_same_bytes(journal: SqlJournal) -> None:
    parcel_id = queue(journal)
    (row,) = claim(journal)
    wrapped = Wrapped(headers=(), body=b"CMS", transport_id="<p@x>")
    journal.write(lambda tx: tx.store_wrapped(row, wrapped, NOW))
    with pytest.raises(OurFault) as caught:
        journal.write(lambda tx: tx.resend(parcel_id, "ana", NOW))
    assert caught.value.code == "journal.not-resendable"
    journal.write(lambda tx: tx.settle(row, "parked", NOW, fault=Finding(code="x")))
    journal.write(lambda tx: tx.resend(parcel_id, "ana", NOW))
    (again,) = claim(journal)
    assert (again.id, again.wrapped, again.attempts) == (parcel_id, wrapped, 1)
    assert rows(journal, "audit")[0]["action"] == "parcel.resend"
    with pytest.raises(OurFault) as caught:
        journal.write(lambda tx: tx.resend("nobody", "ana", NOW))
    assert caught.value.code == "journal.not-found"


def test_timers_of_other_kinds_go_to_the_pipeline_once(journal: SqlJournal) -> None:
    queue(journal, expects="response", due=NOW + DAY)
    (row,) = claim(journal)
    journal.write(lambda tx: tx.settle(row, "sent", NOW))
    due = journal.write(lambda tx: tx.due_timers(NOW + DAY, 10))
    assert due == [Timer(kind="response", subject=row.id, due=NOW + DAY)]
    assert journal.write(lambda tx: tx.due_timers(NOW + DAY, 10)) == []


def test_a_planned_firing_happens_once(journal: SqlJournal) -> None:
    assert journal.write(lambda tx: tx.tick("plan", NOW))
    assert not journal.write(lambda tx: tx.tick("plan", NOW))
    assert journal.write(lambda tx: tx.tick("plan", NOW + DAY))
    assert journal.write(lambda tx: tx.tick("other", NOW))


def test_the_newest_definitions_are_in_force(journal: SqlJournal) -> None:
    assert journal.read(lambda tx: tx.active_definitions()) is None
    assert journal.read(lambda tx: tx.active_digest()) is None
    one, two = {"a.yaml": "id: a"}, {"a.yaml": "id: b"}
    for digest, files in (("1" * 64, one), ("2" * 64, two), ("1" * 64, one)):
        journal.write(lambda tx, digest=digest, files=files: tx.save_definitions(digest, files, NOW))
        assert journal.read(lambda tx: tx.active_definitions()) == (digest, files)
        assert journal.read(lambda tx: tx.active_digest()) == digest
    assert len(rows(journal, "definition")) == 2
