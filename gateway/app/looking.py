"""The look before a run: over every planned item and place, shard by shard."""

from datetime import datetime, timedelta
from functools import partial
from typing import cast

from gateway.app.planning import SHARD_PAIRS, standings
from gateway.domain.replenishment import plan
from gateway.domain.replenishment.facts import PlanScope
from gateway.domain.replenishment.inputs import local
from gateway.domain.replenishment.learned import from_json
from gateway.domain.replenishment.looking import About
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.pipeline.book import Book
from gateway.ports.journal import Journal, Tx
from gateway.store import planning_due, planning_kept, planning_records
from gateway.store.access import SqlTx
from gateway.store.planning_kept import Seen, ShardScope

LOOK_FROM = 2 * SHARD_PAIRS  # items and places: fewer are planned as quickly as looked at


def looked_over(journal: Journal, book: Book, name: str, now: datetime) -> int | None:
    """Look over every planned item and place before a run, a shard in each transaction; return how many need a plan.

    None: so little is planned that all of it is. The run that follows plans what is due: see requests.
    """
    terms = book.own.planning
    if terms is None or not journal.read(lambda tx: planning_records.size(_sql(tx).connection) >= LOOK_FROM):
        return None
    by_agreement = {each.id: _own_places(terms, each) for each in terms.agreements if each.method != "purchase"}
    first_day = plan.history_from(now.date(), terms.history_days)
    scope = PlanScope(
        since=first_day - timedelta(days=plan.HISTORY_STEP),
        first_day=first_day,
        today=now.date(),
        places=terms.places,
        agreements={place: (each.id, each.partner) for each in reversed(terms.agreements) for place in each.places},
    )
    known = journal.read(lambda tx: {each.partner: each for each in standings(tx, book, now)})
    learned = journal.read(lambda tx: planning_records.learned(_sql(tx).connection))
    items = {**book.own.items, **journal.read(lambda tx: tx.items(sorted(book.own.items)))}
    agreements = {each.id: each for each in terms.agreements}
    journal.write(lambda tx: planning_due.begin(_sql(tx).connection, name))
    due = 0
    for agreement, bucket, places in planning_kept.shards(by_agreement):
        shard = ShardScope(run=name, bucket=bucket, places=places, scope=scope, warehouse=book.own.warehouse)
        terms_of = agreements[agreement]
        about = About(
            agreement=terms_of,
            items=items,
            learned=from_json(learned[agreement]) if agreement in learned else None,
            standing=known.get(terms_of.partner or ""),
            now=local(now, book.zones.get(terms_of.calendar.zone)),
        )
        seen = journal.read(partial(_look_at, shard, about))  # long: nobody waits for it
        journal.write(partial(_keep, seen, now))
        due += len(seen.looked.due)
    journal.write(lambda tx: planning_due.complete(_sql(tx).connection, name))
    return due


def _look_at(shard: ShardScope, about: About, tx: Tx) -> Seen:
    return planning_kept.looked_at(_sql(tx).connection, shard, about)


def _keep(seen: Seen, now: datetime, tx: Tx) -> None:
    planning_kept.keep(_sql(tx).connection, seen, now)


def _sql(tx: Tx) -> SqlTx:
    return cast("SqlTx", tx)


def _own_places(terms: PlanningTerms, agreement: PlanAgreement) -> tuple[str, ...]:
    return tuple(place for place in agreement.places if terms.of_place(place) is agreement)
