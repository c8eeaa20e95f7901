"""Lists of sales and stock that a partner's people hand over: kept for a day, columns matched, made into a report.

They lie in the journal, so that every node has them; each partner reaches its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from gateway.app.import_files import Row, as_file, rows_of
from gateway.app.instance import Instance
from gateway.domain.imports import Kind, convert, match_columns
from gateway.domain.portal_lists import PORTAL_LISTS, report_of
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.partner import Partner
from gateway.model.sales_report import InventoryReport, SalesReport
from gateway.portal.desk import HandedList
from gateway.store.staged_lists import StagedList, StagedLists

LIST_LIMIT_BYTES = 3_000_000
ROWS_LIMIT = 20_000
SAMPLE_ROWS = 5
PROBLEMS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class _Read:
    header: tuple[str, ...]
    columns: Mapping[str, int]
    rows: tuple[Mapping[str, Any], ...]
    problems: tuple[Finding, ...]
    wrong: int


@dataclass(kw_only=True)
class PortalLists:
    """Lists that partners hand over on the portal, read as they are imported, and kept until one of ours takes them."""

    instance: Instance

    def hand_over(self, partner: str, kind: str, filename: str, data: bytes, user: str) -> str:
        """Raises OurFault import.kind-unknown, import.empty, import.not-readable, api.too-large."""
        if kind not in PORTAL_LISTS:
            raise OurFault("import.kind-unknown", value=kind[:40], nearest=", ".join(PORTAL_LISTS))
        if len(data) > LIST_LIMIT_BYTES:
            raise OurFault("api.too-large", limit=str(LIST_LIMIT_BYTES))
        name = Path(filename.replace("\\", "/")).name[-200:].replace("\0", "") or "list.csv"
        with as_file(name, data) as path:
            header = next(rows_of(path), None)
        if header is None:
            raise OurFault("import.empty", value=name)
        cells = tuple(cell.strip() for cell in header[1])
        kept = StagedList(id=uuid4().hex, kind=kind, file=name, header=cells, user=user)
        self._lists(partner).keep(kept, data, self.instance.wall.now())
        return kept.id

    def _lists(self, partner: str) -> StagedLists:
        return StagedLists(self.instance.journal.reader, self.instance.journal, partner)

    def _kept(self, partner: str, list_id: str) -> tuple[Kind, StagedList]:
        """Raises OurFault import.stage-gone, for another partner's list too."""
        found = self._lists(partner).get(list_id)
        return PORTAL_LISTS[found.kind], found

    def _read(self, partner: str, kind: Kind, kept: StagedList, said: Mapping[str, str]) -> _Read:
        """Raises OurFault import.*."""
        with as_file(kept.file, self._lists(partner).data(kept.id)) as path:
            return self._rows(partner, kind, rows_of(path), said)

    def _rows(self, partner: str, kind: Kind, rows: Iterator[Row], said: Mapping[str, str]) -> _Read:
        header = tuple(cell.strip() for cell in next(rows)[1])
        key = _header_key(header)
        remembered = self.instance.journal.read(lambda tx: tx.remembered_columns(_memory(kind, partner), key))
        columns = match_columns(kind, header, remembered, said)
        good, problems, wrong = [], list[Finding](), 0
        for place, (line, cells) in enumerate(rows):
            if place >= ROWS_LIMIT:
                raise OurFault("portal.list-too-long", value=str(place + 1), most=str(ROWS_LIMIT))
            converted = convert(kind, columns, line, cells)
            if converted.problems:
                wrong += 1
                problems += converted.problems if len(problems) < PROBLEMS_SHOWN else ()
            else:
                good.append(converted.values)
        return _Read(header, columns, tuple(good), tuple(problems), wrong)

    def handed(self, partner: str, list_id: str, said: Mapping[str, str]) -> HandedList:
        """Return the list as it would be read. A column that is missing is no fault: the person is asked for it."""
        kind, kept = self._kept(partner, list_id)
        try:
            read = self._read(partner, kind, kept, said)
        except OurFault as fault:
            if fault.code != "import.column-missing":
                raise
            return HandedList(
                id=list_id,
                kind=kind.name,
                file=kept.file,
                header=kept.header,
                columns=said,
                missing=(fault.value or "",),
            )
        return HandedList(
            id=list_id,
            kind=kind.name,
            file=kept.file,
            header=read.header,
            columns={ours: read.header[place] for ours, place in read.columns.items()},
            rows=len(read.rows),
            wrong=read.wrong,
            sample=read.rows[:SAMPLE_ROWS],
            problems=read.problems[:PROBLEMS_SHOWN],
        )

    def report(self, partner: Partner, list_id: str, said: Mapping[str, str]) -> SalesReport | InventoryReport:
        """Return the document of the list's good rows. Raises OurFault import.*, portal.no-rows."""
        kind, kept = self._kept(partner.id, list_id)
        read = self._read(partner.id, kind, kept, said)
        if not read.rows:
            raise OurFault("portal.no-rows", value=kept.file)
        now = self.instance.clock.now()
        return report_of(
            kind.name,
            read.rows,
            number=f"{kind.name.upper()}-{now:%Y%m%d}-{list_id[:8]}",
            at=now,
            day=now.date(),
            partner=partner,
            own=self.instance.book.own,
        )

    def remember(self, partner: str, list_id: str, said: Mapping[str, str]) -> None:
        """Know the columns of such a file from now on."""
        kind, kept = self._kept(partner, list_id)
        if not said:
            return
        memory, key, now = _memory(kind, partner), _header_key(kept.header), self.instance.clock.now()
        self.instance.journal.write(lambda tx: tx.remember_columns(memory, key, dict(said), now))


def _memory(kind: Kind, partner: str) -> str:
    """Name what one partner's columns of a list are remembered under: at most 20 characters."""
    return f"p:{kind.name}:{sha256(partner.encode()).hexdigest()[:10]}"


def _header_key(header: tuple[str, ...]) -> str:
    return sha256("\t".join(header).encode()).hexdigest()
