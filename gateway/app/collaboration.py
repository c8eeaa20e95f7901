"""What people plan together with partners, set in motion: each is a document of our own and a line of the audit."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from gateway.app.csv_lists import read_list
from gateway.app.house import OWN, internal_key
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.domain.decision import Context, Needs
from gateway.domain.replenishment.promotions import EVENT
from gateway.domain.table import decide, needs
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.model.faults import OurFault
from gateway.model.payload import MemoryPayload
from gateway.model.retail_event import RetailEvent
from gateway.model.values import Amount, Item, gtin14
from gateway.pipeline.accept import accept
from gateway.ports.journal import Tx
from gateway.ports.records import Arrival

MOST_ROWS = 50_000


@dataclass(kw_only=True)
class CollaborationActions:
    """Synchronous. wake(lane): a hint to a running node, or nothing."""

    instance: Instance
    wake: Callable[[str], None]

    def save_events(self, events: Sequence[RetailEvent], user: str) -> int:
        """Keep events of the calendar, those of a known number instead of what was said before; return how many.

        What is wrong with any of them is said at once, and nothing is kept. Raises OurFault event.*.
        """
        now = self.instance.clock.now()

        def work(tx: Tx) -> int:
            for each in events:
                said = replace(each, issued_at=now, user=user)
                self._take(tx, said, "event.save", each.id, user, now)
            return len(events)

        found = self.instance.journal.write(work)
        self.wake(OWN)
        return found

    def cancel_event(self, identity: str, user: str) -> None:
        """Take an event of the calendar back. Raises OurFault event.unknown."""
        now = self.instance.clock.now()

        def work(tx: Tx) -> None:
            key = (EVENT, identity)
            known = tx.snapshot(
                Needs(plan_records=frozenset({key})), self.instance.book.own.warehouse
            ).plan_records.get(key)
            found = None if known is None else json_form.loads(known.data)
            if not isinstance(found, RetailEvent):
                raise OurFault("event.unknown", value=identity[:80])
            said = replace(found, id=identity, issued_at=now, function="cancel", user=user)
            self._take(tx, said, "event.cancel", identity, user, now)

        self.instance.journal.write(work)
        self.wake(OWN)

    def load_events(self, text: str, user: str) -> int:
        """Take events from CSV; return how many. Raises OurFault event.*."""
        return self.save_events(event_rows(text, self.instance.clock.now()), user)

    def _take(self, tx: Tx, document: Document, action: str, subject: str, user: str, now: datetime) -> None:
        """Put a document into process. What the pipeline would park is raised here."""
        book = self.instance.book
        context = Context(partner=book.partner(OWN), own=book.own, partners=book.partners, now=now, serial=0)
        snapshot = tx.snapshot(needs(document, context), book.own.warehouse)
        decide(document, context, snapshot)
        before = "\n".join(each.data for each in snapshot.plan_records.values())[:2000] or None
        arrival = Arrival(
            id=uuid7(now),
            channel="internal",
            partner=OWN,
            payload=MemoryPayload(json_form.dumps(document).encode()),
            content_type="application/json",
            dedupe_key=internal_key(type(document).__name__, uuid7(now)),  # what is said anew is no repeat
        )
        accept(tx, book, arrival, now)
        tx.audit(user, action, subject[:200], before, json_form.dumps(document)[:2000], now)


def event_rows(text: str, now: datetime) -> list[RetailEvent]:
    """Read a CSV with a line for each item and place of an event; lines of one id make one event.

    Raises OurFault event.file-wrong with the line.
    """
    _, rows = read_list(text, {"id", "name", "first_day", "last_day", "gtin"}, "event.file-wrong")
    found: dict[str, RetailEvent] = {}
    for count, (line, cells) in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise OurFault("event.file-wrong", value=str(count), line=str(line))
        try:
            event = _event(cells, now)
        except (ValueError, InvalidOperation) as error:
            raise OurFault("event.file-wrong", value=str(error)[:80], line=str(line)) from None
        known = found.get(event.id)
        if known is None:
            found[event.id] = event
            continue
        if replace(known, items=event.items, places=event.places) != event:
            raise OurFault("event.file-wrong", value=event.id[:80], line=str(line))
        items = {each.gtin: each for each in (*known.items, *event.items)}
        places = dict.fromkeys((*known.places, *event.places))
        found[event.id] = replace(known, items=tuple(items.values()), places=tuple(places))
    return list(found.values())


def _event(cells: Mapping[str, str], now: datetime) -> RetailEvent:
    """Raises ValueError, InvalidOperation."""
    if not cells.get("id"):
        raise ValueError("id")
    return RetailEvent(
        id=cells["id"],
        issued_at=now,
        kind=cells.get("kind") or "promotion",
        name=cells.get("name", ""),
        first_day=date.fromisoformat(cells.get("first_day", "")),
        last_day=date.fromisoformat(cells.get("last_day", "")),
        items=(Item(gtin=gtin14(cells.get("gtin", ""))),),
        places=(cells["place"],) if cells.get("place") else (),
        partner=cells.get("partner") or None,
        mechanic=cells.get("mechanic") or "other",
        uplift=Decimal(cells["uplift"]) if cells.get("uplift") else None,
        price=Amount(value=Decimal(cells["price"]), currency=cells.get("currency") or None)
        if cells.get("price")
        else None,
        like=gtin14(cells["like"]) if cells.get("like") else None,
        launch=Decimal(cells["launch"]) if cells.get("launch") else None,
        function="replace",
    )


class AsyncCollaboration:
    """The same for handlers in the event loop: gateway.api.collaboration_actions.CollaborationActions."""

    @property
    @abstractmethod
    def collaboration(self) -> CollaborationActions: ...

    async def save_events(self, events: Sequence[RetailEvent], user: str) -> int:
        return await asyncio.to_thread(self.collaboration.save_events, events, user)

    async def cancel_event(self, identity: str, user: str) -> None:
        await asyncio.to_thread(self.collaboration.cancel_event, identity, user)

    async def load_events(self, text: str, user: str) -> int:
        return await asyncio.to_thread(self.collaboration.load_events, text, user)
