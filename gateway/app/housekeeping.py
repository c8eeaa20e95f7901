"""The log's housekeeping: once a day on one of the nodes, and on demand."""

import asyncio
import logging
from datetime import timedelta

from gateway.app.customer_record import CustomerRecord
from gateway.app.instance import Instance
from gateway.app.privacy import PrivacyDesk
from gateway.app.rounds import Daily
from gateway.ports.retention import Housekeeping
from gateway.store.housekeeping import Keeper

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
AT = timedelta(hours=2)  # UTC
JOB = "housekeeping"


def keep_house(instance: Instance) -> Housekeeping:
    """Do one round now. Raises OurFault journal.archive-differs; nothing that the archive lacks was deleted."""
    settings, blobs = instance.settings, instance.blobs
    keeper = Keeper(instance.journal.reader, settings.var / "archive", blobs.remove)
    try:
        return keeper.round(settings.retention, instance.clock.now())
    finally:
        keeper.close()


def cover_persons(instance: Instance) -> int:
    """Cover persons in documents that are past their term; return how many documents there were."""
    return PrivacyDesk(record=CustomerRecord(instance=instance)).apply_terms()


async def keep_house_daily(instance: Instance) -> None:
    """Do a round when a day's firing is due and no other node has taken it. Runs until cancelled."""

    async def work() -> None:
        log.info("housekeeping: %s", await asyncio.to_thread(keep_house, instance))
        log.info("persons covered in documents: %s", await asyncio.to_thread(cover_persons, instance))

    daily = Daily(job=JOB, at=AT, journal=instance.journal, clock=instance.clock, work=work)
    await instance.rounds.keep(JOB, LOOK_EVERY_S, daily)
