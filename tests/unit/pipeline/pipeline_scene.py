"""The demo's definitions as a book, its partners' papers, and the pipeline's steps on a journal in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from gateway.config.book import build_book
from gateway.config.definitions import read_definitions
from gateway.config.settings import load_settings
from gateway.model.partner import Agreement, Partner
from gateway.model.payload import MemoryPayload, read_all
from gateway.pipeline.accept import accept
from gateway.pipeline.apply import Applied, apply
from gateway.pipeline.book import Book
from gateway.pipeline.prepare import Prepared, prepare
from gateway.pipeline.stored import store_prepared
from gateway.ports.records import Accepted, Arrival, ArrivalRow, LaneClaim, MessageRow
from gateway.store import tables
from gateway.store.journal import SqlJournal

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)

OURS, WAREHOUSE = "9521001000000", "9521001000017"
NORDMARKT, STADTKETTE, QUELLHOF = "9521002000009", "9521003000008", "9521004000007"
OATS, FLOUR, RICE, NOBODYS = "9521001100014", "9521001100021", "9521001100038", "9521001999990"
DAY, WISH = "20261101", "20261105"

_ids = count(1)


def new_id() -> str:
    return f"id-{next(_ids):05d}"


@cache
def book() -> Book:
    settings = load_settings(ROOT)
    return build_book(read_definitions(settings), settings.schemas)


def with_partner(partner_id: str, **changes: Any) -> Book:
    """Return the book with one partner changed."""
    partners = {**book().partners, partner_id: replace(book().partners[partner_id], **changes)}
    own = replace(book().own, partner=partners["self"])
    return replace(book(), partners=partners, own=own)


def with_agreements(partner_id: str, **changes: Any) -> Book:
    """Return the book with every agreement of one partner changed."""
    partner: Partner = book().partners[partner_id]
    agreements: tuple[Agreement, ...] = tuple(replace(each, **changes) for each in partner.agreements)
    return with_partner(partner_id, agreements=agreements)


def message(kind: str, body: str, reference: str = "1", *, kind_of: str = "D:96A:UN:EAN008") -> str:
    """body: segments with terminators, without UNH and UNT."""
    return f"UNH+{reference}+{kind}:{kind_of}'{body}UNT+{body.count(chr(39)) + 2}+{reference}'"


def envelope(
    *messages: str, sender: str = NORDMARKT, receiver: str = OURS, reference: str = "R1", test: bool = False
) -> bytes:
    flag = "++++++1" if test else ""
    head = f"UNB+UNOC:3+{sender}:14+{receiver}:14+261101:1200+{reference}{flag}'"
    return f"{head}{''.join(messages)}UNZ+{len(messages)}+{reference}'".encode()


def order_body(number: str, lines: Sequence[tuple[str, str]], *, when: str = DAY) -> str:
    body = f"BGM+220+{number}+9'DTM+137:{when}:102'DTM+2:{WISH}:102'NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'"
    body += f"NAD+DP+{NORDMARKT}::9'"
    body += "".join(f"LIN+{n}++{gtin}:EN'QTY+21:{quantity}'" for n, (gtin, quantity) in enumerate(lines, 1))
    return body + f"UNS+S'CNT+2:{len(lines)}'"


def orders(number: str, *lines: tuple[str, str], reference: str = "1", when: str = DAY) -> str:
    return message("ORDERS", order_body(number, lines or ((OATS, "5"),), when=when), reference)


def arrival_row(data: bytes, partner: str = "nordmarkt", **changes: Any) -> ArrivalRow:
    fields: dict[str, Any] = {
        "id": "a-1",
        "lane": partner,
        "partner": partner,
        "channel": "as2",
        "state": "received",
        "received_at": NOW,
        "payload": MemoryPayload(data),
        "content_type": "",
        "filename": None,
        "test": False,
        "attempts": 0,
    }
    return ArrivalRow(**(fields | changes))


def read(data: bytes | str, partner: str = "nordmarkt", use: Book | None = None, **changes: Any) -> Prepared:
    raw = data if isinstance(data, bytes) else data.encode()
    return prepare(use or book(), arrival_row(raw, partner, **changes))


def wire(prepared: Prepared) -> list[str]:
    """Return the first CONTRL body as text, one string per segment."""
    return ["+".join(":".join(each) for each in ((s.tag,), *s.elements)).rstrip("+") for s in prepared.answers[0].body]


@dataclass
class Line:
    """The pipeline on a journal, one step per call."""

    journal: SqlJournal
    book: Book = field(default_factory=book)

    def accept(self, data: bytes | str, partner: str = "nordmarkt", **changes: Any) -> Accepted:
        raw = data if isinstance(data, bytes) else data.encode()
        fields: dict[str, Any] = {"id": new_id(), "channel": "as2", "partner": partner} | changes
        arrival = Arrival(payload=MemoryPayload(raw), **fields)
        return self.journal.write(lambda tx: accept(tx, self.book, arrival, NOW))

    def claim(self, lane: str) -> LaneClaim:
        claim = self.journal.write(lambda tx: tx.claim_lane(lane, "test", NOW, LEASE))
        assert claim is not None
        return claim

    def prepare(self, lane: str) -> int:
        """Prepare what has arrived; return the number of parcels queued."""
        claim, parcels = self.claim(lane), 0
        for row in self.journal.read(lambda tx: tx.arrivals_to_prepare(claim, NOW, 100)):
            found = prepare(self.book, row)
            named = replace(found, messages=tuple(replace(each, id=new_id()) for each in found.messages))
            stored = self.journal.write(
                lambda tx, r=row, n=named: store_prepared(tx, self.book, claim, r, n, NOW, new_id)
            )
            parcels += stored.parcels
        return parcels

    def apply(self, lane: str) -> list[Applied]:
        claim = self.claim(lane)
        rows: list[MessageRow] = self.journal.read(lambda tx: tx.messages_to_apply(claim, NOW, 100))
        return [self.journal.write(lambda tx, m=row: apply(tx, self.book, claim, m, NOW, new_id)) for row in rows]

    def take(self, data: bytes | str, partner: str = "nordmarkt", **changes: Any) -> list[Applied]:
        """Accept, prepare and apply."""
        self.accept(data, partner, **changes)
        self.prepare(partner)
        return self.apply(partner)

    def count_stock(self, *gtins: str, quantity: str = "100") -> None:
        lines = ",".join(
            f'{{"item":{{"gtin":"0{gtin}"}},"quantity":{{"value":"{quantity}","per":"gtin"}},"type":"onHand",'
            f'"location":"{WAREHOUSE}"}}'
            for gtin in gtins
        )
        reporter = f'{{"ids":[{{"scheme":"0088","value":"{WAREHOUSE}"}}]}}'
        self.take(
            f'{{"document":"InventoryReport","id":"COUNT","issuedAt":"2026-11-01","reporter":{reporter},'
            f'"lines":[{lines}]}}',
            "warehouse",
        )

    def rows(self, table: str, **equal: object) -> list[dict[str, Any]]:
        source = tables.metadata.tables[table]
        wanted = select(source).where(*(source.c[name] == value for name, value in equal.items()))
        return self.journal.read(lambda tx: [dict(row) for row in tx.connection.execute(wanted).mappings()])

    def parcels(self, partner: str) -> list[tuple[str, str]]:
        """Return (mapping, text) of each parcel to partner, in order."""
        found = sorted(self.rows("parcel", partner=partner), key=lambda each: each["seq"])
        return [(each["mapping"], self._text(each["sha256"])) for each in found]

    def _text(self, digest: str) -> str:
        (row,) = self.rows("payload", sha256=digest)
        return bytes(row["data"]).decode()


def whole(payload: Any) -> bytes:
    return read_all(payload, 10_000_000)
