"""Lists of sales and stock that a partner's people hand over: kept for a day, columns matched, made into a report.

They lie in var/portal of the node that was asked, each partner's in a folder of its own."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from gateway.app.import_files import rows_of
from gateway.app.instance import Instance
from gateway.domain.imports import Kind, convert, match_columns
from gateway.domain.portal_lists import PORTAL_LISTS, report_of
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.partner import Partner
from gateway.model.sales_report import InventoryReport, SalesReport
from gateway.portal.desk import HandedList

LIST_LIMIT_BYTES = 3_000_000
ROWS_LIMIT = 20_000
KEPT_FOR_S = 86_400.0
MOST_KEPT = 40  # of one partner
SAMPLE_ROWS = 5
PROBLEMS_SHOWN = 50
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Read:
    header: tuple[str, ...]
    columns: Mapping[str, int]
    rows: tuple[Mapping[str, Any], ...]
    problems: tuple[Finding, ...]
    wrong: int


@dataclass(kw_only=True)
class PortalLists:
    instance: Instance

    def hand_over(self, partner: str, kind: str, filename: str, data: bytes) -> str:
        """Raises OurFault import.kind-unknown, import.empty, import.not-readable, api.too-large."""
        if kind not in PORTAL_LISTS:
            raise OurFault("import.kind-unknown", value=kind[:40], nearest=", ".join(PORTAL_LISTS))
        if len(data) > LIST_LIMIT_BYTES:
            raise OurFault("api.too-large", limit=str(LIST_LIMIT_BYTES))
        name = Path(filename.replace("\\", "/")).name[-200:].replace("\0", "") or "list.csv"
        list_id = uuid4().hex
        path = self._folder(partner) / f"{list_id}{_ending(name)}"
        path.write_bytes(data)
        try:
            header = next(rows_of(path), None)
        except OurFault:
            path.unlink()
            raise
        if header is None:
            path.unlink()
            raise OurFault("import.empty", value=name)
        path.with_suffix(".json").write_text(json.dumps({"kind": kind, "file": name}), encoding="utf-8")
        return list_id

    def _folder(self, partner: str) -> Path:
        """Return the partner's folder, without what has lain there for too long."""
        folder = self.instance.settings.var / "portal" / partner
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lying = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
        old = self.instance.wall.now().timestamp() - KEPT_FOR_S
        for place, each in enumerate(lying):
            if place >= 2 * MOST_KEPT or each.stat().st_mtime < old:
                each.unlink(missing_ok=True)
        return folder

    def _kept(self, partner: str, list_id: str) -> tuple[Kind, str, Path]:
        """Raises OurFault import.stage-gone, for another partner's list too."""
        folder = self.instance.settings.var / "portal" / partner
        try:
            if not _ID.fullmatch(list_id):
                raise FileNotFoundError
            facts = json.loads((folder / f"{list_id}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise OurFault("import.stage-gone", value=list_id[:40]) from None
        return PORTAL_LISTS[facts["kind"]], facts["file"], folder / f"{list_id}{_ending(facts['file'])}"

    def _read(self, partner: str, kind: Kind, path: Path, said: Mapping[str, str]) -> _Read:
        """Raises OurFault import.*."""
        rows = rows_of(path)
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
        kind, file, path = self._kept(partner, list_id)
        try:
            read = self._read(partner, kind, path, said)
        except OurFault as fault:
            if fault.code != "import.column-missing":
                raise
            header = tuple(cell.strip() for cell in next(rows_of(path))[1])
            return HandedList(
                id=list_id, kind=kind.name, file=file, header=header, columns=said, missing=(fault.value or "",)
            )
        return HandedList(
            id=list_id,
            kind=kind.name,
            file=file,
            header=read.header,
            columns={ours: read.header[place] for ours, place in read.columns.items()},
            rows=len(read.rows),
            wrong=read.wrong,
            sample=read.rows[:SAMPLE_ROWS],
            problems=read.problems[:PROBLEMS_SHOWN],
        )

    def report(self, partner: Partner, list_id: str, said: Mapping[str, str]) -> SalesReport | InventoryReport:
        """Return the document of the list's good rows. Raises OurFault import.*, portal.no-rows."""
        kind, file, path = self._kept(partner.id, list_id)
        read = self._read(partner.id, kind, path, said)
        if not read.rows:
            raise OurFault("portal.no-rows", value=file)
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
        kind, _, path = self._kept(partner, list_id)
        if not said:
            return
        header = tuple(cell.strip() for cell in next(rows_of(path))[1])
        memory, key, now = _memory(kind, partner), _header_key(header), self.instance.clock.now()
        self.instance.journal.write(lambda tx: tx.remember_columns(memory, key, dict(said), now))


def _memory(kind: Kind, partner: str) -> str:
    """Name what one partner's columns of a list are remembered under: at most 20 characters."""
    return f"p:{kind.name}:{sha256(partner.encode()).hexdigest()[:10]}"


def _header_key(header: tuple[str, ...]) -> str:
    return sha256("\t".join(header).encode()).hexdigest()


def _ending(name: str) -> str:
    return ".xlsx" if name.lower().endswith((".xlsx", ".xlsm")) else ".csv"
