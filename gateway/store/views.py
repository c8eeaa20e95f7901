"""Read-only views of the journal for console, API and command line. Every call is one short read of its own."""

from collections import Counter
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row, func, literal, select, text

from gateway.model.payload import Payload
from gateway.ports.shell import Blobs
from gateway.store import tables as t
from gateway.store.crm_privacy_records import PrivacyViews
from gateway.store.forms import findings_of, headers_of, micros, moment, sources_of
from gateway.store.sight import EVERYTHING, Sight, narrowed
from gateway.store.view_accuracy import AccuracyViews
from gateway.store.view_agreed import AgreedViews
from gateway.store.view_agreements import AgreementViews
from gateway.store.view_alerts import AlertViews
from gateway.store.view_audit import AuditViews
from gateway.store.view_backtests import BacktestViews
from gateway.store.view_business import BusinessViews, proposal_from
from gateway.store.view_cases import CaseViews
from gateway.store.view_catalogue import CatalogueViews
from gateway.store.view_chain import ChainViews
from gateway.store.view_collaboration import CollaborationViews
from gateway.store.view_crm import CrmViews
from gateway.store.view_crm_reports import ReportViews
from gateway.store.view_crm_selling import SellingViews
from gateway.store.view_desk import DeskViews
from gateway.store.view_evidence import EvidenceViews
from gateway.store.view_house import HouseViews
from gateway.store.view_measures import MeasureViews
from gateway.store.view_messages import (
    MessageViews,
    arrival_columns,
    line_from,
    lines_where,
    message_columns,
    parcel_columns,
)
from gateway.store.view_metrics import MetricViews
from gateway.store.view_people import PeopleViews
from gateway.store.view_planning import PlanningViews
from gateway.store.view_problems import ProblemViews
from gateway.store.view_queues import QueueViews
from gateway.store.view_reading import as_json, as_mapping, optional_finding, optional_moment
from gateway.store.view_rows import (
    ArrivalDetail,
    EffectLine,
    EventLine,
    InterchangeLine,
    LineKind,
    MessageDetail,
    Overview,
    ParcelDetail,
    ProblemGroup,
    RawSlice,
)
from gateway.store.view_schedules import ScheduleViews

RAW_LIMIT_BYTES = 262_144  # of one message on one page
EFFECT_LIMIT = 200
_HOUR = timedelta(hours=1)


def _events(connection: Connection, *subjects: str) -> tuple[EventLine, ...]:
    query = select(t.event).where(t.event.c.subject.in_(subjects)).order_by(t.event.c.id).limit(500)
    return tuple(
        EventLine(at=moment(row.at), subject=row.subject, what=row.what, data=as_mapping(row.data))
        for row in connection.execute(query)
    )


def _interchange_from(row: Row[Any]) -> InterchangeLine:
    return InterchangeLine(
        syntax=row.syntax,
        sender=row.sender,
        receiver=row.receiver,
        reference=row.reference,
        status=row.status,
        test=bool(row.test),
        findings=findings_of(row.findings),
    )


def _effects(connection: Connection, message_id: str) -> tuple[tuple[EffectLine, ...], int]:
    own = t.effect.c.message == message_id
    query = select(t.effect).where(own).order_by(t.effect.c.kind, t.effect.c.key).limit(EFFECT_LIMIT)
    lines = tuple(
        EffectLine(kind=row.kind, key=row.key, data=as_mapping(row.data), test=bool(row.test), at=moment(row.at))
        for row in connection.execute(query)
    )
    if len(lines) < EFFECT_LIMIT:
        return lines, len(lines)
    return lines, connection.execute(select(func.count()).select_from(t.effect).where(own)).scalar_one()


def _arrival(connection: Connection, arrival_id: str) -> ArrivalDetail | None:
    row = connection.execute(select(t.arrival).where(t.arrival.c.id == arrival_id)).one_or_none()
    if row is None:
        return None
    inside = message_columns().where(t.message.c.arrival == arrival_id).order_by(t.message.c.position)
    envelopes = select(t.interchange).where(t.interchange.c.arrival == arrival_id).order_by(t.interchange.c.position)
    return ArrivalDetail(
        id=row.id,
        partner=row.partner,
        channel=row.channel,
        state=row.state,
        received_at=moment(row.received_at),
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        content_type=row.content_type,
        filename=row.filename,
        transport_id=row.transport_id,
        test=bool(row.test),
        attempts=row.attempts,
        evidence=as_mapping(row.evidence),
        fault=optional_finding(row.fault),
        messages=lines_where(connection, inside, 200),
        interchanges=tuple(_interchange_from(each) for each in connection.execute(envelopes.limit(50))),
        events=_events(connection, arrival_id),
    )


class Views(
    AuditViews,
    MetricViews,
    MessageViews,
    BusinessViews,
    EvidenceViews,
    HouseViews,
    CatalogueViews,
    ChainViews,
    AgreementViews,
    ProblemViews,
    QueueViews,
    AlertViews,
    DeskViews,
    CrmViews,
    PeopleViews,
    PrivacyViews,
    CaseViews,
    SellingViews,
    ReportViews,
    PlanningViews,
    CollaborationViews,
    MeasureViews,
    AgreedViews,
    ScheduleViews,
    AccuracyViews,
    BacktestViews,
):
    """blobs: where payloads are kept whose bytes are not in their row; None when all are."""

    def __init__(self, engine: Engine, blobs: Blobs | None = None) -> None:
        super().__init__(engine)
        self._blobs = blobs
        self._sight = EVERYTHING

    def seen_by(self, sight: Sight) -> Self:
        """Return the same views with the rows of sight's partners only."""
        seen = copy(self)
        seen._engine, seen._sight = narrowed(self._engine, sight), sight
        return seen

    def ping(self) -> None:
        """Raise when the database does not answer."""
        with self._engine.connect() as connection:
            connection.execute(select(text("1")))

    def latest_event(self) -> int:
        """Return a number that grows whenever anything happens."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(t.event.c.id))).scalar_one() or 0

    def kind_of(self, row_id: str) -> LineKind | None:
        """Tell what an id names."""
        kinds: tuple[tuple[LineKind, Any], ...] = (("message", t.message), ("parcel", t.parcel), ("arrival", t.arrival))
        with self._engine.connect() as connection:
            for kind, table in kinds:
                if connection.execute(select(table.c.id).where(table.c.id == row_id)).first():
                    return kind
        return None

    def arrival(self, arrival_id: str) -> ArrivalDetail | None:
        with self._engine.connect() as connection:
            return _arrival(connection, arrival_id)

    def message(self, message_id: str) -> MessageDetail | None:
        """Return the message; the id of an arrival with exactly one message will do as well."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.message).where(t.message.c.id == message_id)).one_or_none()
            if row is None:
                inside = connection.execute(select(t.message).where(t.message.c.arrival == message_id).limit(2)).all()
                if len(inside) != 1:
                    return None
                row = inside[0]
            return self._message(connection, row)

    def _message(self, connection: Connection, row: Row[Any]) -> MessageDetail:
        arrival = _arrival(connection, row.arrival)
        assert arrival is not None  # foreign key
        envelope = connection.execute(select(t.interchange).where(t.interchange.c.id == row.interchange)).one_or_none()
        line = line_from(connection.execute(message_columns().where(t.message.c.id == row.id)).one())
        effects, effect_count = _effects(connection, row.id)
        caused = parcel_columns().where(t.parcel.c.cause == row.id).order_by(t.parcel.c.seq)
        return MessageDetail(
            line=line,
            arrival=arrival,
            position=row.position,
            start=row.start,
            end=row.end,
            mapping=row.mapping,
            mapping_hash=row.mapping_hash,
            document=as_json(row.document),
            findings=findings_of(row.findings),
            sources=sources_of(row.sources),
            fault=optional_finding(row.fault),
            owner=row.owner,
            attempts=row.attempts,
            updated_at=moment(row.updated_at),
            interchange=_interchange_from(envelope) if envelope else None,
            events=_events(connection, row.arrival, row.id),
            effects=effects,
            effect_count=effect_count,
            parcels=lines_where(connection, caused, 200),
        )

    def raw(self, row_id: str, limit_bytes: int = RAW_LIMIT_BYTES) -> RawSlice | None:
        """Return the received bytes of a message or an arrival, or the encoded bytes of a parcel."""
        with self._engine.connect() as connection:
            place = _place(connection, row_id)
            if place is None:
                return None
            start, end, sha256, content_type, filename = place
            payload = connection.execute(select(t.payload).where(t.payload.c.sha256 == sha256)).one()
        end = end or payload.size_bytes
        stop = min(end, start + limit_bytes)
        return RawSlice(
            data=self._bytes(payload, start, stop),
            start=start,
            truncated=stop < end,
            head=self._bytes(payload, 0, 16),
            content_type=content_type,
            filename=filename,
        )

    def _bytes(self, payload: Row[Any], start: int, stop: int) -> bytes:
        if payload.data is not None:
            return bytes(payload.data[start:stop])
        assert self._blobs is not None, "this journal keeps payloads as blobs"
        return _slice(self._blobs.get(payload.sha256), start, stop)

    def parcel(self, parcel_id: str) -> ParcelDetail | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(t.parcel).where(t.parcel.c.id == parcel_id)).one_or_none()
            if row is None:
                return None
            cause = connection.execute(message_columns().where(t.message.c.id == row.cause)).one_or_none()
            size = select(t.payload.c.size_bytes).where(t.payload.c.sha256 == row.sha256)
            wrapped_size = None if row.wrapped_body is None else len(row.wrapped_body)
            if row.wrapped_sha256 is not None:  # too large for the row: a payload of its own
                large = select(t.payload.c.size_bytes).where(t.payload.c.sha256 == row.wrapped_sha256)
                wrapped_size = connection.execute(large).scalar_one()
            return ParcelDetail(
                line=line_from(connection.execute(parcel_columns().where(t.parcel.c.id == parcel_id)).one()),
                mapping=row.mapping,
                about=row.about,
                control_reference=row.control_reference,
                expects=row.expects,
                due=optional_moment(row.due),
                attempts=row.attempts,
                next_at=optional_moment(row.next_at),
                size_bytes=connection.execute(size).scalar_one(),
                sha256=row.sha256,
                content_type=row.content_type,
                transport_id=row.transport_id,
                wrapped_headers=headers_of(as_json(row.wrapped_headers) or ()),
                wrapped_size_bytes=wrapped_size,
                mic=row.mic,
                proof=as_mapping(row.proof),
                proof_text=row.proof_body[:65_536].decode("utf-8", "replace") if row.proof_body else None,
                document=as_json(row.document),
                fault=optional_finding(row.fault),
                updated_at=moment(row.updated_at),
                cause=line_from(cause) if cause else None,
                events=_events(connection, parcel_id),
            )

    def arrival_status(self, partner: str, arrival_id: str) -> dict[str, Any] | None:
        """Return what a partner may know of an arrival of its own as plain JSON; None when it has none of that id."""
        found = self.arrival(arrival_id)
        if found is None or found.partner != partner:
            return None
        with self._engine.connect() as connection:
            query = select(t.message).where(t.message.c.arrival == arrival_id).order_by(t.message.c.position)
            messages = [_status(row) for row in connection.execute(query.limit(200))]
        return {
            "id": found.id,
            "state": found.state,
            "received_at": found.received_at.isoformat(),
            "test": found.test,
            "fault": found.fault.code if found.fault else None,
            "messages": messages,
        }

    def overview(self, now: datetime, *, causes: bool = True) -> Overview:
        """Return the figures of the last 24 hours before now, and with causes everything that waits for a person."""
        first = (now - 23 * _HOUR).replace(minute=0, second=0, microsecond=0)
        with self._engine.connect() as connection:
            came = _per_hour(connection, t.message, t.message.c.received_at, first)
            went = _per_hour(connection, t.parcel, t.parcel.c.created_at, first)
            problems = _problems(connection) if causes else ()
            open_proposals = select(t.proposal).where(t.proposal.c.status == "proposed")
            cases = select(func.count()).select_from(t.case).where(t.case.c.closed_at.is_(None))
            hours = tuple((first + step * _HOUR, came[step], went[step]) for step in range(24))
            return Overview(
                received_24h=sum(came.values()),
                sent_24h=sum(went.values()),
                waiting=sum(group.count for group in problems),
                unfinished=_unfinished(connection),
                open_cases=connection.execute(cases).scalar_one(),
                problems=problems,
                proposals=tuple(
                    proposal_from(row)
                    for row in connection.execute(open_proposals.order_by(t.proposal.c.created_at).limit(50))
                ),
                hours=hours,
            )


def _place(connection: Connection, row_id: str) -> tuple[int, int, str, str, str | None] | None:
    """Return (start, end or 0 for all, sha256, content type, file name) of a message's, arrival's or parcel's bytes."""
    whole = (literal(0).label("start"), literal(0).label("end"))
    kept = (t.arrival.c.sha256, t.arrival.c.content_type, t.arrival.c.filename)
    for query in (
        select(t.message.c.start, t.message.c.end, *kept)
        .join_from(t.message, t.arrival, t.message.c.arrival == t.arrival.c.id)
        .where(t.message.c.id == row_id),
        select(*whole, *kept).where(t.arrival.c.id == row_id),
        select(*whole, t.parcel.c.sha256, t.parcel.c.content_type, t.parcel.c.filename).where(t.parcel.c.id == row_id),
    ):
        row = connection.execute(query).one_or_none()
        if row is not None:
            return row.start, row.end, row.sha256, row.content_type, row.filename
    return None


def _slice(payload: Payload, start: int, stop: int) -> bytes:
    """Return bytes start to stop without keeping the rest."""
    parts, at = [], 0
    for chunk in payload.chunks():
        if at >= stop:
            break
        parts.append(chunk[max(0, start - at) : stop - at])
        at += len(chunk)
    return b"".join(parts)


def _status(row: Row[Any]) -> dict[str, Any]:
    found = [*findings_of(row.findings)]
    fault = optional_finding(row.fault)
    if fault is not None and fault not in found:
        found.insert(0, fault)
    return {
        "id": row.id,
        "type": row.type,
        "number": row.business_number,
        "reference": row.reference,
        "state": row.state,
        "findings": [
            {
                "code": each.code,
                "severity": each.severity,
                "segment": each.where.segment,
                "element": each.where.element,
                "component": each.where.component,
                "line": each.where.line,
                "column": each.where.column,
                "offset": each.where.offset,
                "path": each.where.path,
                "value": each.value,
            }
            for each in found
        ],
    }


def _per_hour(connection: Connection, table: Any, at: Any, first: datetime) -> Counter[int]:
    start = micros(first)
    step = (at - start) // 3_600_000_000
    query = select(step.label("step"), func.count()).select_from(table).where(at >= start).group_by(step)
    return Counter({int(hour): count for hour, count in connection.execute(query) if 0 <= hour < 24})


def _unfinished(connection: Connection, cap: int = 10_000) -> int:
    """Count what is on its way; the states stand in the query as they stand in the index."""
    total = 0
    for table, states in ((t.message, t.MESSAGE_UNFINISHED), (t.parcel, t.PARCEL_UNFINISHED)):
        inner = select(table.c.id).where(text(f"state IN {states}")).limit(cap).subquery()
        total += connection.execute(select(func.count()).select_from(inner)).scalar_one()
    return min(total, cap)


def _problems(connection: Connection) -> tuple[ProblemGroup, ...]:
    """Group what waits for a person by cause and partner; the id of the newest is the largest (UUIDv7)."""
    groups: dict[tuple[str, str], ProblemGroup] = {}
    for columns, at, waiting in (
        (message_columns, t.message.c.received_at, "message.state IN ('parked', 'quarantined', 'held')"),
        (parcel_columns, t.parcel.c.created_at, f"parcel.{t.PARCEL_FAILED}"),
        (arrival_columns, t.arrival.c.received_at, f"arrival.{t.ARRIVAL_PARKED}"),
    ):
        query = columns().where(text(waiting)).order_by(at.desc()).limit(1000)
        for line in lines_where(connection, query, 1000):
            key = (line.fault.code if line.fault else f"state.{line.state}", line.partner)
            seen = groups.get(key)
            if seen is not None and seen.newest_at >= line.at:
                groups[key] = replace(seen, count=seen.count + 1)
                continue
            groups[key] = ProblemGroup(
                code=key[0],
                partner=key[1],
                count=1 + (seen.count if seen else 0),
                newest=line.id,
                newest_at=line.at,
                fault=line.fault,
            )
    return tuple(sorted(groups.values(), key=lambda group: (-group.count, group.code, group.partner)))
