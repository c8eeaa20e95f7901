"""Slows down who guesses: after some failures an account, or an address, is let in again only after a while.

Counted per account and address together (few), per account and per address (more, so that nobody locks another out by
guessing from elsewhere before a link or a colleague helps). Each further failure doubles the wait.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select, update

from gateway.model.faults import OurFault
from gateway.store.access_rows import Store
from gateway.store.database import insert_for
from gateway.store.forms import micros, moment
from gateway.store.sql_tx import SqlTx
from gateway.store.tables_access import sign_in_guard

_FREE: Mapping[str, int] = {"pair": 5, "account": 30, "address": 50}  # failures before the first wait
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=1)


def _keys(name: str, address: str) -> Mapping[str, str]:
    return {
        "pair": f"account:{name[:80]}@{address[:64]}",
        "account": f"account:{name[:80]}",
        "address": f"address:{address[:64]}",
    }


class Guard(Store):
    """Failed tries to sign in, counted by account and address."""

    def admit_try(self, name: str, address: str, now: datetime) -> None:
        """Raises OurFault access.too-many-tries (seconds) while name or address has to wait."""
        query = select(sign_in_guard.c.until).where(sign_in_guard.c.key.in_(_keys(name, address).values()))
        with self._engine.connect() as connection:
            until = max(connection.execute(query).scalars(), default=0)
        if until > micros(now):
            raise OurFault("access.too-many-tries", seconds=str(ceil((moment(until) - now).total_seconds())))

    def count_failure(self, tx: SqlTx, name: str, address: str, now: datetime) -> None:
        """Count a failure against account and address; each beyond the free ones doubles the wait."""
        columns = sign_in_guard.c
        for kind, key in _keys(name, address).items():
            begun = insert_for(tx.connection.dialect.name, sign_in_guard).values(
                key=key, failures=0, last_at=micros(now), until=micros(now)
            )
            tx.connection.execute(begun.on_conflict_do_nothing())
            own = columns.key == key
            row = tx.connection.execute(select(sign_in_guard).where(own).with_for_update()).one()
            failures = 1 if moment(row.last_at) + FORGET_AFTER < now else row.failures + 1
            over = failures - _FREE[kind]
            wait = min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over >= 0 else timedelta(0)
            values = {"failures": failures, "last_at": micros(now), "until": micros(now + wait)}
            tx.connection.execute(update(sign_in_guard).where(own).values(**values))
        tx.connection.execute(sign_in_guard.delete().where(columns.last_at < micros(now - FORGET_AFTER)))

    def forget_failures(self, tx: SqlTx, name: str, address: str) -> None:
        """After a success: nothing is held against this account at this address."""
        keys = _keys(name, address)
        tx.connection.execute(sign_in_guard.delete().where(sign_in_guard.c.key.in_((keys["pair"], keys["account"]))))
