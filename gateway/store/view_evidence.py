"""What proves a message: every byte that was received, sent and answered, as it was kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select

from gateway.ports.records import Receipt
from gateway.ports.shell import Blobs
from gateway.store import tables as t
from gateway.store.blobs import RowPayload
from gateway.store.forms import headers_of, receipt_of
from gateway.store.tables_people import redaction
from gateway.store.view_reading import as_json, as_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalEvidence:
    """raw: the request's body; equal to content where nothing had to be taken out of it. receipt: what we answered."""

    id: str
    partner: str
    channel: str
    state: str
    received_at: int  # microseconds since 1970, UTC
    facts: Mapping[str, Any]
    content: bytes
    raw: bytes
    receipt: Receipt | None
    redacted: bool = False  # a person was covered in it: the bytes are a copy, the digest is that of the original


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelEvidence:
    """headers, body: as they went over the wire (body empty when it was never wrapped); proof_body: the raw answer."""

    id: str
    partner: str
    state: str
    content: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes
    mic: str | None
    transport_id: str | None
    proof: Mapping[str, Any]
    proof_body: bytes
    redacted: bool = False


class EvidenceViews:
    """Needs an engine and, for large payloads, blobs."""

    _engine: Engine
    _blobs: Blobs | None

    def evidence(self, row_id: str) -> ArrivalEvidence | ParcelEvidence | None:
        """Return what is kept of an arrival, of the arrival of a message, or of a parcel; None for an unknown id."""
        with self._engine.connect() as connection:
            inside = connection.execute(select(t.message.c.arrival).where(t.message.c.id == row_id)).scalar()
            row = connection.execute(select(t.arrival).where(t.arrival.c.id == (inside or row_id))).one_or_none()
            if row is not None:
                return self._arrival_evidence(connection, row)
            row = connection.execute(select(t.parcel).where(t.parcel.c.id == row_id)).one_or_none()
            return None if row is None else self._parcel_evidence(connection, row)

    def _arrival_evidence(self, connection: Connection, row: Any) -> ArrivalEvidence:
        facts = as_mapping(row.evidence)
        return ArrivalEvidence(
            id=row.id,
            partner=row.partner,
            channel=row.channel,
            state=row.state,
            received_at=row.received_at,
            facts=facts,
            content=self._whole(connection, row.sha256),
            raw=self._whole(connection, facts.get("raw_sha256") or row.sha256),
            receipt=receipt_of(row.receipt),
            redacted=_is_redacted(connection, row.sha256),
        )

    def _parcel_evidence(self, connection: Connection, row: Any) -> ParcelEvidence:
        body = self._whole(connection, row.wrapped_sha256) if row.wrapped_sha256 else row.wrapped_body or b""
        return ParcelEvidence(
            id=row.id,
            partner=row.partner,
            state=row.state,
            content=self._whole(connection, row.sha256),
            headers=headers_of(as_json(row.wrapped_headers) or ()),
            body=body,
            mic=row.mic,
            transport_id=row.transport_id,
            proof=as_mapping(row.proof),
            proof_body=row.proof_body or b"",
            redacted=_is_redacted(connection, row.sha256),
        )

    def _whole(self, connection: Connection, digest: str) -> bytes:
        row = connection.execute(select(t.payload).where(t.payload.c.sha256 == digest)).one()
        if row.data is not None:
            return b"".join(RowPayload(digest, row.size_bytes, row.data).chunks())
        assert self._blobs is not None, "this journal keeps payloads as blobs"
        return b"".join(self._blobs.get(digest).chunks())


def _is_redacted(connection: Connection, digest: str) -> bool:
    return connection.execute(select(redaction.c.id).where(redaction.c.sha256 == digest)).first() is not None
