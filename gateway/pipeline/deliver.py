"""Deliver: the synchronous halves, claim and settle. The network lies between them, in gateway.app."""

from datetime import datetime, timedelta

from gateway.model.faults import Fault
from gateway.pipeline.retry import RetryPolicy
from gateway.ports.journal import Tx
from gateway.ports.records import ParcelRow, ParcelState, Proof

LEASE = timedelta(minutes=3)  # longer than any one attempt may take


def claim(tx: Tx, owner: str, now: datetime, limit: int) -> list[ParcelRow]:
    """Take parcels that are due; nobody else gets them until the lease ends."""
    return tx.claim_parcels(owner, now, LEASE, limit)


def settle_proof(tx: Tx, parcel: ParcelRow, proof: Proof, now: datetime) -> None:
    """The far end has answered: keep its proof."""
    tx.settle(parcel, proof.state, now, proof=proof)


def settle_fault(tx: Tx, parcel: ParcelRow, fault: Fault, now: datetime, policy: RetryPolicy, jitter: float) -> None:
    """An attempt failed: try again later when that can help, else stop and open a case."""
    retry_at = policy.next_at(parcel.attempts, now, jitter) if fault.temporary else None
    if retry_at is not None:
        tx.settle(parcel, "retry", now, fault=fault.as_finding(), retry_at=retry_at)
        return
    state: ParcelState = "refused" if fault.owner == "partner" else "parked"
    tx.settle(parcel, state, now, fault=fault.as_finding())
    tx.add_case(parcel.partner, fault.code, parcel.id, {"value": fault.value or ""}, now)


def settle_receipt(tx: Tx, parcel: ParcelRow, outcome: Proof | Fault, now: datetime) -> None:
    """A proof came on a connection of its own. A second one for the same parcel changes nothing."""
    if isinstance(outcome, Proof):
        tx.settle_receipt(parcel.id, "acked", now, proof=outcome)
    elif tx.settle_receipt(parcel.id, "refused", now, fault=outcome.as_finding()):
        tx.add_case(parcel.partner, outcome.code, parcel.id, {"value": outcome.value or ""}, now)
