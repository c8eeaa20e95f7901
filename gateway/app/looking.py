"""The look before a run: over every planned item and place, shard by shard, here or in processes of their own."""

import logging
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import cast

from gateway.app.planning import SHARD_PAIRS
from gateway.app.planning_night import Night, Shard, night_of, shards_of
from gateway.app.planning_shards import Elsewhere, LookTask, look_at
from gateway.model.faults import OurFault
from gateway.pipeline.book import Book
from gateway.ports.journal import Journal, Tx
from gateway.store import planning_due, planning_kept, planning_records
from gateway.store.access import SqlTx
from gateway.store.planning_kept import Seen

log = logging.getLogger(__name__)

LOOK_FROM = 2 * SHARD_PAIRS  # items and places: fewer are planned as quickly as looked at
SHARE_FROM = 20_000  # items and places: fewer are looked at sooner than another process has started


def looked_over(
    journal: Journal, book: Book, name: str, now: datetime, elsewhere: Elsewhere | None = None
) -> int | None:
    """Look over every planned item and place before a run, a shard in each transaction; return how many need a plan.

    None: so little is planned that all of it is. The run that follows plans what is due: see requests. elsewhere: where
    the shards of a large book are computed, with the same figures; None: in this process.
    """
    terms = book.own.planning
    size = 0 if terms is None else journal.read(lambda tx: planning_records.size(_sql(tx).connection))
    if terms is None or size < LOOK_FROM:
        return None
    night = night_of(journal, book, terms, name, now)
    journal.write(lambda tx: planning_due.begin(_sql(tx).connection, name))
    shards = shards_of(terms)
    due = 0
    for number, seen in enumerate(_seen(journal, night, shards, elsewhere if size >= SHARE_FROM else None), start=1):
        journal.write(partial(_keep, seen, now))
        due += len(seen.looked.due)
        log.info("%s: looked at %s of %s shards, %s plans are due", name, number, len(shards), due)
    journal.write(lambda tx: planning_due.complete(_sql(tx).connection, name))
    return due


def _seen(journal: Journal, night: Night, shards: list[Shard], elsewhere: Elsewhere | None) -> Iterator[Seen]:
    """Yield what the look at every shard finds. Where the workers cannot be had the rest is looked at here."""
    left = dict.fromkeys(shards)
    if elsewhere is not None:
        tasks = [LookTask(source=elsewhere.source, name=night.name, now=night.now, shard=each) for each in shards]
        try:
            for task, seen in elsewhere.workers.each(look_at, tasks):
                del left[task.shard]
                yield seen
        except OurFault as fault:
            if fault.code != "plan.workers-away":
                raise
            log.error("%s: %s; %s shards are looked at in this process", night.name, fault, len(left))
    for shard in left:
        yield journal.read(partial(night.look_at, shard))  # long: nobody waits for it


def _keep(seen: Seen, now: datetime, tx: Tx) -> None:
    planning_kept.keep(_sql(tx).connection, seen, now)


def _sql(tx: Tx) -> SqlTx:
    return cast("SqlTx", tx)
