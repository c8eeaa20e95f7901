"""Receipts on connections of their own, and large parcels, on every journal."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from journal_rows import LEASE, NOW, Steps, a_message, a_parcel, an_arrival, rows, state_of, timeline

from gateway.model.findings import Finding
from gateway.model.payload import MemoryPayload
from gateway.pipeline.accept import accept
from gateway.ports.records import ParcelRow, Proof, Receipt, Wrapped
from gateway.store.journal import SqlJournal
from gateway.store.tx_receipts import NOT_FETCHED, RECEIPT_LATE, RECEIPT_WITHIN, SENT_AT_MOST
from gateway.store.views import Views

SENT = Proof(state="sent", evidence={"status": "200"})
MDN = Proof(state="acked", evidence={"mic": "abc"}, body=b"MDN")
WRAPPED = Wrapped(headers=(("A", "1"),), body=b"CMS", transport_id="<p@x>", mic="abc, sha-256")


def claimed(journal: SqlJournal, now: Any = NOW) -> ParcelRow:
    (row,) = journal.write(lambda tx: tx.claim_parcels("node-1", now, LEASE, 10))
    return row


def wrapped(journal: SqlJournal, **changes: Any) -> ParcelRow:
    parcel = a_parcel(**changes)
    journal.write(lambda tx: tx.add_parcels([parcel], NOW))
    row = claimed(journal)
    journal.write(lambda tx: tx.store_wrapped(row, WRAPPED, NOW))
    return row


def sent(journal: SqlJournal, **changes: Any) -> ParcelRow:
    row = wrapped(journal, **changes)
    journal.write(lambda tx: tx.settle(row, "sent", NOW, proof=SENT))
    return row


def settle(journal: SqlJournal, parcel_id: str, state: Any = "acked", **more: Any) -> bool:
    return journal.write(lambda tx: tx.settle_receipt(parcel_id, state, NOW, **(more or {"proof": MDN})))


def test_a_sent_parcel_is_found_by_its_transport_id_and_partner(journal: SqlJournal) -> None:
    row = sent(journal)
    found = journal.read(lambda tx: tx.parcel_by_transport("retailer", "<p@x>"))
    assert found is not None
    assert (found.id, found.wrapped) == (row.id, WRAPPED)
    assert journal.read(lambda tx: tx.parcel_by_transport("supplier", "<p@x>")) is None
    assert journal.read(lambda tx: tx.parcel_by_transport("retailer", "<q@x>")) is None


def test_a_receipt_settles_once_and_ends_the_wait(journal: SqlJournal) -> None:
    row = sent(journal)
    assert settle(journal, row.id)
    assert not settle(journal, row.id, "refused", fault=Finding(code="as2.disposition-error"))
    [kept] = rows(journal, "parcel", id=row.id)
    assert (kept["state"], kept["proof_body"], kept["fault_code"]) == ("acked", b"MDN", None)
    assert rows(journal, "timer") == []
    assert timeline(journal, row.id)[-2:] == ["acked", "receipt repeated"]


def test_a_receipt_may_overtake_our_own_note_and_stays(journal: SqlJournal) -> None:
    row = wrapped(journal)
    assert settle(journal, row.id)
    journal.write(lambda tx: tx.settle(row, "sent", NOW, proof=SENT))
    [kept] = rows(journal, "parcel", id=row.id)
    assert (kept["state"], kept["proof_body"]) == ("acked", b"MDN")
    assert rows(journal, "timer") == []


def test_a_refusal_by_receipt_is_final(journal: SqlJournal) -> None:
    row = sent(journal)
    assert settle(journal, row.id, "refused", fault=Finding(code="as2.mic-mismatch"))
    assert state_of(journal, "parcel", row.id) == "refused"


def test_a_receipt_that_does_not_come_makes_the_same_bytes_go_out_again_and_is_given_up(journal: SqlJournal) -> None:
    row = sent(journal)
    now = NOW
    for attempt in range(2, SENT_AT_MOST + 1):
        now += RECEIPT_WITHIN
        journal.write(lambda tx, now=now: tx.due_timers(now, 10))
        again = claimed(journal, now)
        assert (again.id, again.attempts, again.wrapped) == (row.id, attempt, WRAPPED)
        journal.write(lambda tx, now=now, again=again: tx.settle(again, "sent", now, proof=SENT))
    now += RECEIPT_WITHIN + timedelta(seconds=1)
    journal.write(lambda tx: tx.due_timers(now, 10))
    assert state_of(journal, "parcel", row.id) == "expired"
    assert [each["code"] for each in rows(journal, "case")] == [RECEIPT_LATE]
    assert settle(journal, row.id)  # better late than never
    assert state_of(journal, "parcel", row.id) == "acked"


def test_what_nobody_fetches_in_time_ends_the_wait_of_its_message(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    steps.applied(message, a_parcel(cause=message.id))
    row = claimed(journal)
    ready = Proof(state="sent", evidence={"delivery": "fetch"}, fetched_within=timedelta(hours=24))
    journal.write(lambda tx: tx.settle(row, "sent", NOW, proof=ready))
    assert state_of(journal, "message", message.id) == "applied"
    journal.write(lambda tx: tx.due_timers(NOW + timedelta(hours=25), 10))
    assert [each["code"] for each in rows(journal, "case")] == [NOT_FETCHED]
    assert state_of(journal, "message", message.id) == "done"


class Anybody:
    """A book that knows every partner."""

    def partner(self, partner_id: str) -> Any:
        return type("P", (), {"id": partner_id, "order": "loose", "order_per": "partner"})


def test_a_receipt_is_queued_with_its_arrival_and_a_repeat_sends_the_same_again(journal: SqlJournal) -> None:
    receipt = Receipt(status=200, headers=(), body=b"")
    book: Any = Anybody()

    def arrive(number: int) -> Any:
        answer = a_parcel(id=f"mdn-{number}", mapping="as2/MDN", cause=f"arrival-of-{number}", payload=b":url: x")
        arrival = an_arrival(id=f"arrival-of-{number}", dedupe_key="k", receipt=receipt, answers=(answer,))
        return journal.write(lambda tx: accept(tx, book, arrival, NOW))

    assert arrive(1).outcome == "new"
    row = claimed(journal)
    assert row.id == "mdn-1"
    journal.write(lambda tx: tx.settle(row, "acked", NOW, proof=MDN))
    assert arrive(2).outcome == "repeat"
    assert [each["id"] for each in rows(journal, "parcel")] == ["mdn-1"]
    assert claimed(journal).id == "mdn-1"
    assert arrive(3).outcome == "repeat"  # while it is on its way nothing is queued
    assert state_of(journal, "parcel", "mdn-1") == "sending"


def test_the_raw_request_is_kept_beside_the_content(journal: SqlJournal) -> None:
    raw = MemoryPayload(b"encrypted" * 50_000)
    arrival = an_arrival(id="arrival-raw", raw=raw)
    journal.write(lambda tx: tx.add_arrival(arrival, "retailer", NOW))
    [kept] = rows(journal, "arrival", id="arrival-raw")
    assert f'"raw_sha256":"{raw.sha256}"' in kept["evidence"].replace(" ", "")
    assert len(rows(journal, "payload", sha256=raw.sha256)) == 1


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_large_wrapped_body_comes_back_as_it_was(journal: SqlJournal, size: int) -> None:
    parcel = a_parcel()
    journal.write(lambda tx: tx.add_parcels([parcel], NOW))
    row = claimed(journal)
    body = MemoryPayload(b"x" * size)
    large = Wrapped(headers=(), body=b"", transport_id="<large@x>", large=body)
    journal.write(lambda tx: tx.store_wrapped(row, large, NOW))
    shown = Views(journal.reader).parcel(row.id)
    assert shown is not None
    assert shown.wrapped_size_bytes == size
    again = claimed(journal, NOW + LEASE)
    assert again.wrapped is not None
    assert sha256(b"".join(again.wrapped.content.chunks())).hexdigest() == body.sha256
