"""Read-only views of the journal for console, API and command line. Every call is one short read of its own."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self, cast

from sqlalchemy import Connection, Engine, Row, Select, func, literal, select, text, union_all

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
    listed_messages,
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
    MessageLine,
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


@dataclass(frozen=True, slots=True)
class _File:
    """An arrival as it is shown, its interchanges by their number, and the events of all that were asked for."""

    detail: ArrivalDetail
    envelopes: dict[int, InterchangeLine]
    events: tuple[EventLine, ...]


def _file(connection: Connection, arrival_id: str, *beside: str) -> _File | None:
    """Read an arrival with what is in it. beside: further subjects whose events are wanted, in the same query."""
    row = connection.execute(select(t.arrival).where(t.arrival.c.id == arrival_id)).one_or_none()
    if row is None:
        return None
    inside = listed_messages().where(t.message.c.arrival == arrival_id).order_by(t.message.c.position).limit(200)
    found = select(t.interchange).where(t.interchange.c.arrival == arrival_id).order_by(t.interchange.c.position)
    envelopes = {each.id: _interchange_from(each) for each in connection.execute(found.limit(50))}
    events = _events(connection, arrival_id, *beside)
    names = {arrival_id: row.filename}
    detail = ArrivalDetail(
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
        messages=tuple(line_from(each, names) for each in connection.execute(inside)),
        interchanges=tuple(envelopes.values()),
        events=tuple(each for each in events if each.subject == arrival_id),
    )
    return _File(detail, envelopes, events)


def _wrapped_size(row: Row[Any]) -> int | None:
    """Return the bytes that went over the wire: of a large body's own payload, else of what the row holds."""
    if row.large_size is not None:
        return int(row.large_size)
    return None if row.wrapped_body is None else len(row.wrapped_body)


def _parcels(connection: Connection, ids: Sequence[str]) -> Iterator[ParcelDetail]:
    """Yield those parcels, without what caused them; in no order."""
    large = t.payload.alias("large")  # a wrapped body that is too large for the row is a payload of its own
    query = (
        select(t.parcel, t.payload.c.size_bytes.label("size"), large.c.size_bytes.label("large_size"))
        .join_from(t.parcel, t.payload, t.payload.c.sha256 == t.parcel.c.sha256)
        .join(large, large.c.sha256 == t.parcel.c.wrapped_sha256, isouter=True)
        .where(t.parcel.c.id == ids[0] if len(ids) == 1 else t.parcel.c.id.in_(ids))
    )
    rows = connection.execute(query).all()
    events = _events(connection, *ids) if rows else ()
    for row in rows:
        yield ParcelDetail(
            line=_parcel_line(row),
            mapping=row.mapping,
            about=row.about,
            control_reference=row.control_reference,
            expects=row.expects,
            due=optional_moment(row.due),
            attempts=row.attempts,
            next_at=optional_moment(row.next_at),
            size_bytes=row.size,
            sha256=row.sha256,
            content_type=row.content_type,
            transport_id=row.transport_id,
            wrapped_headers=headers_of(as_json(row.wrapped_headers) or ()),
            wrapped_size_bytes=_wrapped_size(row),
            mic=row.mic,
            proof=as_mapping(row.proof),
            proof_text=row.proof_body[:65_536].decode("utf-8", "replace") if row.proof_body else None,
            document=as_json(row.document),
            fault=optional_finding(row.fault),
            updated_at=moment(row.updated_at),
            events=tuple(each for each in events if each.subject == row.id),
        )


def _parcel_line(row: Row[Any]) -> MessageLine:
    """Return the line of parcel_columns, from the whole row."""
    return MessageLine(
        id=row.id,
        kind="parcel",
        direction="out",
        at=moment(row.created_at),
        partner=row.partner,
        channel=row.channel,
        type=row.mapping.rpartition("/")[2],
        document_type=row.document_type,
        business_number=row.business_number,
        reference=row.control_reference,
        filename=row.filename,
        state=row.state,
        fault=optional_finding(row.fault),
        test=bool(row.test),
    )


class _OneConnection:
    """An engine whose every connection is the one that is open: for views that are asked one after the other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def connect(self) -> AbstractContextManager[Connection]:
        return nullcontext(self._connection)


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

    @contextmanager
    def together(self) -> Iterator[Self]:
        """Give the same views over one connection and one snapshot: for what one thread asks to show one page."""
        with self._engine.connect() as connection:
            same = copy(self)
            same._engine = cast(Engine, _OneConnection(connection))
            yield same

    def arrival(self, arrival_id: str) -> ArrivalDetail | None:
        """Return an arrival, None when there is none."""
        with self._engine.connect() as connection:
            found = _file(connection, arrival_id)
            return None if found is None else found.detail

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
        file = _file(connection, row.arrival, row.id)
        assert file is not None  # foreign key
        line = next((each for each in file.detail.messages if each.id == row.id), None)
        if line is None:  # of a file with hundreds of messages
            line = line_from(connection.execute(message_columns().where(t.message.c.id == row.id)).one())
        envelope = file.envelopes.get(row.interchange)
        if envelope is None and row.interchange is not None:
            kept = connection.execute(select(t.interchange).where(t.interchange.c.id == row.interchange)).one_or_none()
            envelope = _interchange_from(kept) if kept else None
        effects, effect_count = _effects(connection, row.id)
        caused = parcel_columns().where(t.parcel.c.cause == row.id).order_by(t.parcel.c.seq)
        return MessageDetail(
            line=line,
            arrival=file.detail,
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
            interchange=envelope,
            events=file.events,
            effects=effects,
            effect_count=effect_count,
            parcels=lines_where(connection, caused, 200),
        )

    def raw(self, row_id: str, limit_bytes: int = RAW_LIMIT_BYTES) -> RawSlice | None:
        """Return the received bytes of a message or an arrival, or the encoded bytes of a parcel."""
        with self._engine.connect() as connection:
            row = connection.execute(_bytes_of(row_id)).first()
        if row is None:
            return None
        end = row.end or row.size_bytes
        stop = min(end, row.start + limit_bytes)
        return RawSlice(
            data=self._bytes(row, row.start, stop),
            start=row.start,
            truncated=stop < end,
            head=self._bytes(row, 0, 16),
            content_type=row.content_type,
            filename=row.filename,
        )

    def _bytes(self, payload: Row[Any], start: int, stop: int) -> bytes:
        if payload.data is not None:
            return bytes(payload.data[start:stop])
        assert self._blobs is not None, "this journal keeps payloads as blobs"
        return _slice(self._blobs.get(payload.sha256), start, stop)

    def parcel(self, parcel_id: str) -> ParcelDetail | None:
        with self._engine.connect() as connection:
            found = next(_parcels(connection, [parcel_id]), None)
            if found is None:
                return None
            caused = t.message.c.id == select(t.parcel.c.cause).where(t.parcel.c.id == parcel_id).scalar_subquery()
            cause = connection.execute(message_columns().where(caused)).one_or_none()
            return found if cause is None else replace(found, cause=line_from(cause))

    def parcels(self, ids: Sequence[str]) -> tuple[ParcelDetail, ...]:
        """Return those parcels in that order, without what caused them; one that is not there is left out."""
        if not ids:
            return ()
        with self._engine.connect() as connection:
            found = {each.line.id: each for each in _parcels(connection, ids)}
        return tuple(found[each] for each in ids if each in found)

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


def _bytes_of(row_id: str) -> Select[Any]:
    """Say where the bytes of a message, an arrival or a parcel are: start, end (0: all), payload, type, file name."""
    whole = (literal(0).label("start"), literal(0).label("end"))
    kept = (t.arrival.c.sha256, t.arrival.c.content_type, t.arrival.c.filename)
    of = union_all(
        select(t.message.c.start, t.message.c.end, *kept)
        .join_from(t.message, t.arrival, t.message.c.arrival == t.arrival.c.id)
        .where(t.message.c.id == row_id),
        select(*whole, *kept).where(t.arrival.c.id == row_id),
        select(*whole, t.parcel.c.sha256, t.parcel.c.content_type, t.parcel.c.filename).where(t.parcel.c.id == row_id),
    ).subquery("found")
    return select(of, t.payload.c.size_bytes, t.payload.c.data).join_from(
        of, t.payload, t.payload.c.sha256 == of.c.sha256
    )


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
