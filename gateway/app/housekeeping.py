"""The log's housekeeping: once a day on one of the nodes, and on demand."""

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial

from gateway.app.customer_record import CustomerRecord
from gateway.app.instance import Instance
from gateway.app.privacy import PrivacyDesk
from gateway.ports.journal import Tx
from gateway.ports.retention import Housekeeping
from gateway.store.housekeeping import Keeper

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
EVERY = timedelta(days=1)
EPOCH = datetime.fromisoformat("2000-01-01T02:00:00+00:00")  # at two in the morning, UTC
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


def _is_ours(tx: Tx, planned: datetime) -> bool:
    return tx.tick(JOB, planned)


async def keep_house_daily(instance: Instance) -> None:
    """Do a round when a day's firing is due and no other node has taken it; a round that fails is tried again at every
    look, since the day's firing is taken. Runs until cancelled."""
    seen: datetime | None = None
    ours: datetime | None = None
    while True:
        now = instance.clock.now()
        planned = EPOCH + (now - EPOCH) // EVERY * EVERY
        try:
            if planned != seen:
                if ours != planned and await asyncio.wrap_future(
                    instance.journal.submit(partial(_is_ours, planned=planned))
                ):
                    ours = planned
                if ours == planned:
                    log.info("housekeeping: %s", await asyncio.to_thread(keep_house, instance))
                    log.info("persons covered in documents: %s", await asyncio.to_thread(cover_persons, instance))
                seen = planned
        except Exception:
            log.exception("housekeeping")
        await asyncio.sleep(LOOK_EVERY_S)
