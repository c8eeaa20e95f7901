"""When to try again, and how an attempt ends."""

from datetime import timedelta

import pytest
from pipeline_scene import NOW, Line, envelope, orders, with_partner

from gateway.model.faults import Fault, NetworkFault, OurFault, PartnerFault
from gateway.model.findings import Finding
from gateway.pipeline.deliver import LEASE, claim, settle_fault, settle_proof
from gateway.pipeline.retry import RetryPolicy
from gateway.pipeline.verdict import first_error, owner_of, weigh
from gateway.ports.records import ParcelRow, Proof

POLICY = RetryPolicy(first=timedelta(seconds=10), longest=timedelta(minutes=5), attempts=4)


def test_waits_double_up_to_the_longest_and_then_stop() -> None:
    patient = RetryPolicy(first=timedelta(seconds=10), longest=timedelta(minutes=1), attempts=6)
    waits = [patient.next_at(tries, NOW, 1.0) for tries in range(1, 7)]
    assert [each and (each - NOW).total_seconds() for each in waits] == [10, 20, 40, 60, 60, None]


def test_jitter_takes_up_to_half_of_the_wait() -> None:
    assert POLICY.next_at(1, NOW, 0.0) == NOW + timedelta(seconds=5)
    assert POLICY.next_at(1, NOW, 0.5) == NOW + timedelta(seconds=7.5)


def test_very_many_attempts_do_not_overflow() -> None:
    endless = RetryPolicy(attempts=1_000_000)
    assert endless.next_at(999_999, NOW, 1.0) == NOW + timedelta(hours=1)


def parcel(line: Line) -> ParcelRow:
    """Return the CONTRL of an order, claimed."""
    line.accept(envelope(orders("PO-1")))
    line.prepare("nordmarkt")
    (found,) = line.journal.write(lambda tx: claim(tx, "me", NOW, 10))
    return found


def settle(line: Line, row: ParcelRow, fault: Fault) -> str:
    line.journal.write(lambda tx: settle_fault(tx, row, fault, NOW, POLICY, 1.0))
    return str(line.rows("parcel", id=row.id)[0]["state"])


def test_a_claimed_parcel_is_nobody_elses_until_its_lease_ends(line: Line) -> None:
    parcel(line)
    take = lambda at: line.journal.write(lambda tx: claim(tx, "other", at, 10))  # noqa: E731
    assert take(NOW + LEASE - timedelta(seconds=1)) == []
    (again,) = take(NOW + LEASE)
    assert again.attempts == 2


def test_trouble_on_the_way_is_tried_again_later(line: Line) -> None:
    row = parcel(line)
    assert settle(line, row, NetworkFault("http.timeout")) == "retry"
    assert line.rows("case") == []
    due = lambda at: line.journal.read(lambda tx: tx.parcels_due(at))  # noqa: E731
    assert not due(NOW + timedelta(seconds=9))
    assert due(NOW + timedelta(seconds=10))


def test_after_the_last_attempt_the_parcel_is_parked_with_a_case(line: Line) -> None:
    row, at = parcel(line), NOW
    for _ in range(POLICY.attempts - 1):
        assert settle(line, row, NetworkFault("http.timeout")) == "retry"
        at += timedelta(hours=1)
        (row,) = line.journal.write(lambda tx, at=at: claim(tx, "me", at, 10))
    assert row.attempts == POLICY.attempts
    assert settle(line, row, NetworkFault("http.timeout")) == "parked"
    assert [(each["code"], each["subject"]) for each in line.rows("case")] == [("http.timeout", row.id)]


@pytest.mark.parametrize(("kind", "state"), [(PartnerFault, "refused"), (OurFault, "parked")])
def test_what_no_repetition_can_help_stops_at_once(line: Line, kind: type[Fault], state: str) -> None:
    row = parcel(line)
    assert settle(line, row, kind("parcel.no-channel", value="as2")) == state
    (case,) = line.rows("case")
    assert (case["account"], case["subject"]) == ("nordmarkt", row.id)


def test_a_proof_is_kept_with_the_parcel(line: Line) -> None:
    row = parcel(line)
    proof = Proof(state="acked", evidence={"mdn": "processed"}, body=b"MDN")
    line.journal.write(lambda tx: settle_proof(tx, row, proof, NOW))
    (kept,) = line.rows("parcel", id=row.id)
    assert (kept["state"], kept["proof_body"]) == ("acked", b"MDN")


def test_who_lost_the_parcel_cannot_settle_it(line: Line) -> None:
    row = parcel(line)
    line.journal.write(lambda tx: claim(tx, "other", NOW + LEASE, 10))
    with pytest.raises(OurFault) as caught:
        line.journal.write(lambda tx: settle_proof(tx, row, Proof(state="acked"), NOW))
    assert caught.value.code == "journal.lost-claim"


def test_severities_raise_lower_and_silence() -> None:
    partner = with_partner("nordmarkt", severities={"a.b": "off", "c.d": "warning", "e.f": "error"}).partners[
        "nordmarkt"
    ]
    found = [
        Finding(code="a.b"),
        Finding(code="c.d"),
        Finding(code="e.f", severity="info"),
        Finding(code="g.h", severity="warning"),
    ]
    weighed = weigh(found, partner)
    assert [(each.code, each.severity) for each in weighed] == [
        ("c.d", "warning"),
        ("e.f", "error"),
        ("g.h", "warning"),
    ]
    assert first_error(weighed) == weighed[1]
    assert first_error(weighed[2:]) is None


def test_the_catalogue_says_who_must_act() -> None:
    assert owner_of(Finding(code="agreement.missing")) == "us"
    assert owner_of(Finding(code="interchange.sender-not-allowed")) == "partner"
