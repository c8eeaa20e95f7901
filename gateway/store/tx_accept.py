"""Accept: keep the bytes once, tell repeats from clashes."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select, text

from gateway.model.findings import Finding
from gateway.ports.records import Accepted, Arrival
from gateway.store import search_keys
from gateway.store.forms import clip, dump, fault_place, fault_text, micros, receipt_bytes, receipt_of
from gateway.store.prepared import Prepared, given
from gateway.store.serials import next_in
from gateway.store.tables import arrival as arrivals
from gateway.store.tables import dedupe
from gateway.store.tx_records import RecordsTx

_COLUMNS = arrivals.c
CLASH = "journal.dedupe-clash"


def key_digest(kind: str, key: str) -> str:
    """Return what the dedupe table holds of a key: kinds never meet, length does not matter."""
    return sha256(f"{kind}\0{key}".encode()).hexdigest()


_ADD_ARRIVAL = Prepared(
    lambda insert: insert(arrivals).values(seq=next_in(arrivals), attempts=0),
    (
        "id",
        "lane",
        "partner",
        "channel",
        "state",
        "received_at",
        "sha256",
        "size_bytes",
        "content_type",
        "filename",
        "transport_id",
        "test",
        "receipt",
        "evidence",
        "fault",
        "fault_code",
        "fault_place",
        "origin",
    ),
)
_RECEIPT = Prepared(lambda _: select(arrivals.c.receipt).where(arrivals.c.id == given("arrival")))
_ADD_KEY = Prepared(lambda insert: insert(dedupe).on_conflict_do_nothing(), ("key", "kind", "sha256", "arrival", "at"))
_ADD_KEYS = Prepared(  # of PostgreSQL: one turn to the server and back for any number of keys
    lambda _: text(
        "INSERT INTO dedupe (key, kind, sha256, arrival, at) SELECT key, kind, sha256, arrival, at "
        "FROM json_to_recordset(CAST(:given_rows AS json)) "
        "AS new (key text, kind text, sha256 text, arrival text, at bigint) "
        "ON CONFLICT DO NOTHING RETURNING arrival"
    ).columns(dedupe.c.arrival)
)
_KEY = Prepared(
    lambda _: select(dedupe.c.sha256, dedupe.c.arrival, dedupe.c.receipt).where(dedupe.c.key == given("key"))
)


class AcceptTx(RecordsTx):
    """What is taken in: arrivals with their bytes, each once."""

    def add_arrival(self, arrival: Arrival, lane: str, now: datetime) -> Accepted:
        """See ports.journal. An arrival that came with a fault does not take its dedupe key: when the partner or we
        have mended the cause, the same message sent again must be read, not answered with the old refusal."""
        (accepted,) = self.add_arrivals([(arrival, lane)], now)
        return accepted

    def add_arrivals(self, arriving: Sequence[tuple[Arrival, str]], now: datetime) -> list[Accepted]:
        """The same for several, in their order; of two with one key the first counts."""
        for arrival, _ in arriving:
            self._keep_later(arrival.payload, now)
            if arrival.raw is not None:
                self._keep_later(arrival.raw, now)
        keys = {
            arrival.id: key_digest("arrival", arrival.dedupe_key)
            for arrival, _ in arriving
            if arrival.fault_code is None and arrival.dedupe_key is not None
        }
        new = self._new_keys([(keys[each.id], each) for each, _ in arriving if each.id in keys], now)
        found = [
            self._added(arrival, lane, None if arrival.id in new else keys.get(arrival.id), now)
            for arrival, lane in arriving
        ]
        self._driver.flush()
        return found

    def _new_keys(self, named: Sequence[tuple[str, Arrival]], now: datetime) -> set[str]:
        """Keep the keys that nobody had; return the arrivals that brought them."""
        rows = [
            {"key": key, "kind": "arrival", "sha256": each.payload.sha256, "arrival": each.id, "at": micros(now)}
            for key, each in named
        ]
        if self._several_writers and len(rows) > 1:
            return {row.arrival for row in self._driver.all(_ADD_KEYS, rows=dump(rows))}
        return {each.id for (_, each), row in zip(named, rows, strict=True) if self._driver.run(_ADD_KEY, **row)}

    def _added(self, arrival: Arrival, lane: str, known_key: str | None, now: datetime) -> Accepted:
        """Insert arrival, unless it repeats what has known_key."""
        fault = arrival.fault
        if known_key is not None:
            first = self._driver.first(_KEY, key=known_key)
            if first.sha256 == arrival.payload.sha256:
                return self._repeat(first.arrival, first.receipt, arrival, now)
            fault = Finding(code=CLASH, params=(("first", first.arrival),), value=arrival.transport_id)
        self._insert_arrival(arrival, lane, arrival.payload.sha256, fault, now)
        if fault is not None and fault.code == CLASH:
            return Accepted(outcome="clash", arrival_id=arrival.id, receipt=arrival.receipt)
        return Accepted(outcome="new", arrival_id=arrival.id, receipt=arrival.receipt)

    def _insert_arrival(self, arrival: Arrival, lane: str, digest: str, fault: Finding | None, now: datetime) -> None:
        raw = {} if arrival.raw is None else {"raw_sha256": arrival.raw.sha256}
        state = "received" if fault is None else "quarantined"
        row = {
            "id": arrival.id,
            "lane": lane,
            "partner": arrival.partner,
            "channel": arrival.channel,
            "state": state,
            "received_at": micros(now),
            "sha256": digest,
            "size_bytes": arrival.payload.size_bytes,
            "content_type": clip(arrival.content_type, _COLUMNS.content_type),
            "filename": clip(arrival.filename, _COLUMNS.filename),
            "transport_id": clip(arrival.transport_id, _COLUMNS.transport_id),
            "test": arrival.test,
            "receipt": receipt_bytes(arrival.receipt),
            "evidence": dump({**arrival.evidence, **raw}),
            "fault": fault_text(fault),
            "fault_code": fault.code if fault else None,
            "fault_place": fault_place(fault),
            "origin": arrival.origin,
        }
        self._driver.later(_ADD_ARRIVAL, [row])
        search_keys.put(
            self._driver,
            "arrival",
            micros(now),
            search_keys.arrival_keys(arrival.id, arrival.filename, arrival.transport_id),
        )
        self._event(arrival.id, state, now, code=fault.code if fault else None)
        if fault is not None and not arrival.test:
            self._alarm(arrival, fault, now)

    def _alarm(self, arrival: Arrival, fault: Finding, now: datetime) -> None:
        """Open one case per first message (a clash) or channel (unopened): a flood of arrivals only counts it up."""
        params = dict(fault.params)
        subject = params.get("first", arrival.channel)
        self.add_case(arrival.partner, fault.code, subject, {**params, "arrival": arrival.id}, now)

    def _repeat(self, first_id: str, old_receipt: bytes | None, again: Arrival, now: datetime) -> Accepted:
        """old_receipt: kept with the key when the first arrival is archived or dropped."""
        self._driver.flush()  # the first one may have come a moment ago
        kept = self._driver.first(_RECEIPT, arrival=first_id)
        self._event(first_id, "repeated", now, channel=again.channel)
        return Accepted(
            outcome="repeat", arrival_id=first_id, receipt=receipt_of(kept.receipt if kept else old_receipt or None)
        )

    def _remember(self, kind: str, key: str, digest: str, arrival_id: str, now: datetime) -> Any:
        """Keep key for arrival_id; return (sha256, arrival, receipt) of the first bringer when the key was known."""
        hashed = key_digest(kind, key)
        if self._driver.run(_ADD_KEY, key=hashed, kind=kind, sha256=digest, arrival=arrival_id, at=micros(now)):
            return None
        return self._driver.first(_KEY, key=hashed)
