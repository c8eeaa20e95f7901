"""The circuit breaker: a partner who cannot be reached costs one probe a minute, not a full queue of attempts."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, text, update

from gateway.store.forms import micros
from gateway.store.prepared import Inserter, Prepared, given
from gateway.store.tables import PARCEL_OPEN, breaker, hold, parcel
from gateway.store.tx_records import RecordsTx

FAILURES = 5  # in a row, until it opens
PROBE_AFTER = timedelta(minutes=1)
OPENED = "parcel.breaker-open"


def _count(insert: Inserter) -> Any:
    row = insert(breaker).values(failures=1)
    return row.on_conflict_do_update(
        index_elements=[breaker.c.partner],
        set_={
            "failures": breaker.c.failures + 1,
            "fault_code": row.excluded.fault_code,
            "updated_at": row.excluded.updated_at,
        },
    ).returning(breaker.c.failures)


_COUNT = Prepared(_count, ("partner", "fault_code", "updated_at"))
_OPEN = Prepared(
    lambda _: update(breaker).where(breaker.c.partner == given("partner")).values(open_until=given("until"))
)
_CLOSE = Prepared(lambda _: breaker.delete().where(breaker.c.partner == given("partner")).returning(breaker.c.failures))
_PROBES = Prepared(  # partners whose minute is over, with something to send
    lambda _: (
        update(breaker)
        .where(
            breaker.c.failures >= FAILURES,
            breaker.c.open_until <= given("now"),
            select(parcel.c.id)
            .where(
                text(f"parcel.{PARCEL_OPEN}"), parcel.c.partner == breaker.c.partner, parcel.c.next_at <= given("now")
            )
            .exists(),
        )
        .values(open_until=given("until"))
        .returning(breaker.c.partner)
    )
)
IS_SHUT_OFF = (  # of a parcel: its partner's breaker is open, or somebody holds it
    select(breaker.c.partner).where(breaker.c.partner == parcel.c.partner, breaker.c.failures >= FAILURES).exists()
)
IS_HELD = (
    select(hold.c.key)
    .where(
        or_(
            and_(hold.c.kind == "partner", hold.c.key == parcel.c.partner),
            and_(hold.c.kind == "channel", hold.c.key == parcel.c.channel),
            and_(hold.c.kind == "type", hold.c.key == parcel.c.document_type),
        )
    )
    .exists()
)


class BreakerTx(RecordsTx):
    """The circuit breaker of each partner."""

    def _attempt_failed(self, partner: str, code: str, now: datetime) -> None:
        failures = self._driver.first(_COUNT, partner=partner, fault_code=code, updated_at=micros(now)).failures
        if failures < FAILURES:
            return
        self._driver.run(_OPEN, partner=partner, until=micros(now + PROBE_AFTER))
        if failures == FAILURES:
            self.add_case(partner, OPENED, partner, {"fault": code, "failures": str(failures)}, now)

    def _attempt_answered(self, partner: str, now: datetime) -> None:
        """The far end answers again, whatever it says."""
        closed = self._driver.first(_CLOSE, partner=partner)
        if closed is not None and closed.failures >= FAILURES:
            self.close_cases(partner, [partner], now)

    def _partners_to_probe(self, now: datetime) -> Collection[str]:
        """Partners of whom one parcel may be tried now; the next one in a minute."""
        found = self._driver.all(_PROBES, now=micros(now), until=micros(now + PROBE_AFTER))
        return sorted(row.partner for row in found)
