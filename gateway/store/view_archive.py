"""Views over a journal whose older months lie in archive files: what is not there is looked for in them.

The month tells the file: an id carries the time at which it was made. A message made after its arrival's month had
ended lies in the file of the arrival, so that the month before is asked too.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine

from gateway.ports.shell import Blobs
from gateway.store import archive
from gateway.store.archive import open_archive
from gateway.store.forms import moment
from gateway.store.months import month_of, month_of_id
from gateway.store.sight import narrowed
from gateway.store.view_evidence import ArrivalEvidence, ParcelEvidence
from gateway.store.view_messages import Older
from gateway.store.view_rows import (
    ArrivalDetail,
    LineKind,
    MessageDetail,
    MessageFilter,
    ParcelDetail,
    RawSlice,
)
from gateway.store.views import RAW_LIMIT_BYTES, Views

T = TypeVar("T")

FILES_AT_ONCE = 24  # that one search opens


class JournalViews(Views):
    """archives: folder of the archive files; without files the views are those of the journal alone."""

    def __init__(self, engine: Engine, blobs: Blobs | None = None, archives: Path | None = None) -> None:
        super().__init__(engine, blobs)
        self._archives = archives

    def message(self, message_id: str) -> MessageDetail | None:
        return super().message(message_id) or self._older(message_id, lambda views: views.message(message_id))

    def arrival(self, arrival_id: str) -> ArrivalDetail | None:
        return super().arrival(arrival_id) or self._older(arrival_id, lambda views: views.arrival(arrival_id))

    def parcel(self, parcel_id: str) -> ParcelDetail | None:
        return super().parcel(parcel_id) or self._older(parcel_id, lambda views: views.parcel(parcel_id))

    def parcels(self, ids: Sequence[str]) -> tuple[ParcelDetail, ...]:
        found = {each.line.id: each for each in super().parcels(ids)}
        for missing in [each for each in ids if each not in found]:
            for older in self._older(missing, partial(_parcel_of, missing)) or ():
                found[missing] = older
        return tuple(found[each] for each in ids if each in found)

    def raw(self, row_id: str, limit_bytes: int = RAW_LIMIT_BYTES) -> RawSlice | None:
        return super().raw(row_id, limit_bytes) or self._older(row_id, lambda views: views.raw(row_id, limit_bytes))

    def kind_of(self, row_id: str) -> LineKind | None:
        return super().kind_of(row_id) or self._older(row_id, lambda views: views.kind_of(row_id))

    def evidence(self, row_id: str) -> ArrivalEvidence | ParcelEvidence | None:
        found = super().evidence(row_id)
        return found if found is not None else self._older_evidence(row_id)

    def _older_evidence(self, row_id: str) -> ArrivalEvidence | ParcelEvidence | None:
        return cast(
            "ArrivalEvidence | ParcelEvidence | None", self._older(row_id, lambda views: views.evidence(row_id))
        )

    def arrival_status(self, partner: str, arrival_id: str) -> dict[str, Any] | None:
        found = super().arrival_status(partner, arrival_id)
        if found is not None and found["messages"]:
            return found
        return self._older(arrival_id, lambda views: views.arrival_status(partner, arrival_id)) or found

    @contextmanager
    def _archived(self, wanted: MessageFilter) -> Iterator[Older | None]:
        with ExitStack() as opened:
            there = set(self._months()) if wanted.text else set()
            files: dict[int, Connection] = {}

            def older(times: Collection[int]) -> list[Connection]:
                months = sorted(there.intersection(month_of(moment(at)) for at in times), reverse=True)
                for month in months:
                    if month not in files and len(files) < FILES_AT_ONCE:
                        files[month] = opened.enter_context(opened.enter_context(self._file(month)).connect())
                return [files[month] for month in months if month in files]

            yield older if there else None

    def _months(self) -> list[int]:
        return archive.months(self._archives) if self._archives is not None else []

    def _older(self, row_id: str, look: Callable[[Views], T | None]) -> T | None:
        month = month_of_id(row_id)
        there = self._months() if month is not None else []
        for each in (month, None if month is None else month - 1):
            if each in there and each is not None:
                with self._file(each) as engine:
                    found = look(Views(engine, self._blobs))
                    if found is not None:
                        return found
        return None

    @contextmanager
    def _file(self, month: int) -> Iterator[Engine]:
        assert self._archives is not None
        engine = open_archive(archive.path_of(self._archives, month))
        try:
            yield narrowed(engine, self._sight)
        finally:
            engine.dispose()


def _parcel_of(parcel_id: str, views: Views) -> tuple[ParcelDetail, ...] | None:
    return views.parcels([parcel_id]) or None
