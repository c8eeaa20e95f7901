"""What became of people's words: a decision that could not be carried out may be said again."""

from sqlalchemy import select

from gateway.store import tables as t
from gateway.store.tx_accept import key_digest
from gateway.store.tx_open import OpenTx

STUCK = ("parked", "quarantined")


def arrival_of_key(tx: OpenTx, dedupe_key: str) -> str | None:
    """Return the id of the arrival that was taken under that key, None when there is none."""
    found: str | None = tx.connection.execute(
        select(t.dedupe.c.arrival).where(t.dedupe.c.key == key_digest("arrival", dedupe_key))
    ).scalar()
    return found


def word_state(tx: OpenTx, dedupe_key: str) -> str | None:
    """Return parked when every message of the arrival with that key is stuck, said when it is on its way or decided,
    None when there is no such arrival."""
    arrival = arrival_of_key(tx, dedupe_key)
    if arrival is None:
        return None
    found = tx.connection.execute(select(t.message.c.state).where(t.message.c.arrival == arrival)).scalars().all()
    if not found:
        state = tx.connection.execute(select(t.arrival.c.state).where(t.arrival.c.id == arrival)).scalar()
        found = [state] if state else []
    return "parked" if found and all(each in STUCK for each in found) else "said"
