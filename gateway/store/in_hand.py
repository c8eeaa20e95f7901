"""What one transaction has in hand: asked of the database once, counted on here, written back at its end.

A batch is some thirty messages in one transaction, which all count the same counters, ask for the same terms and add to
the same account. Each statement that is spared is one round trip less to PostgreSQL while all other lanes wait for the
turn to decide. A transaction that is rolled back takes all of this with it: it is made anew for every work.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from gateway.store.forms import dump
from gateway.store.prepared import Driver, Prepared, given
from gateway.store.replacing import replacing
from gateway.store.tables import account, counter

_SET_COUNTER = Prepared(
    lambda _: update(counter).where(counter.c.name == given("name")).values(value=given("value"))
)  # its row is locked since it was counted for the first time
_PUT_ACCOUNTS = replacing(account)


@dataclass(slots=True)
class Figures:
    """The totals of an account, with what this transaction has added."""

    totals: dict[str, Decimal]
    last_at: int = 0
    last: str = ""


@dataclass(slots=True)
class InHand:
    """counters: by name, as counted so far; ahead: names whose row is behind. answers: see OpenTx._once.

    new: messages that this transaction has made, of which no effect is written yet. awaited: messages for which it has
    queued a parcel.
    """

    counters: dict[str, int] = field(default_factory=dict)
    ahead: set[str] = field(default_factory=set)
    answers: dict[Hashable, Any] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)
    accounts: dict[str, Figures] = field(default_factory=dict)

    def count_on(self, name: str, value: int) -> int:
        """Let a counter stand at value, and return it."""
        self.counters[name] = value
        self.ahead.add(name)
        return value

    def write(self, driver: Driver) -> None:
        """Bring the rows up to what was counted and added."""
        driver.many(_SET_COUNTER, [{"name": name, "value": self.counters[name]} for name in sorted(self.ahead)])
        self.ahead.clear()
        rows = [
            {"id": name, "figures": _figures(each.totals), "last_activity_at": each.last_at, "last_activity": each.last}
            for name, each in sorted(self.accounts.items())
        ]
        driver.many(_PUT_ACCOUNTS, rows)
        self.accounts.clear()


def _figures(totals: dict[str, Decimal]) -> str:
    return dump({name: format(value, "f") for name, value in totals.items()})
