"""Importing a list of our house, and undoing it: in portions, each a transaction, with progress."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from gateway.app.ids import uuid7
from gateway.app.import_files import Row, digest_of, rows_of
from gateway.app.instance import Instance
from gateway.domain.calendars import account_named
from gateway.domain.imports import Converted, Kind, convert, kind_of, match_columns
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.ports.records import ImportRun

PORTION = 1_000
_WHOSE = {"customers": "account", "calendars": "owner"}  # kind -> column that names a partner
REJECTED_LIMIT = 10_000  # rows with problems, after which the file is not what the person thinks it is

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did, or would do. columns: our column -> theirs. problems: the first hundred, with their lines."""

    run: ImportRun
    columns: Mapping[str, str]
    problems: tuple[Finding, ...] = ()
    dry: bool = False
    sample: tuple[Mapping[str, Any], ...] = field(default=())


def import_file(
    instance: Instance,
    kind_name: str,
    path: Path,
    *,
    user: str,
    said: Mapping[str, str] | None = None,
    sheet: str | None = None,
    dry: bool = False,
    progress: Progress = lambda rows: None,
) -> Imported:
    """Read path and write its rows; a wrong row is left out and named, the rest goes on. dry: write nothing.

    Raises OurFault import.* when the file as a whole cannot be taken; what was written until then can be undone.
    """
    kind = kind_of(kind_name)
    rows = rows_of(path, sheet)
    header = next(rows, None)
    if header is None:
        raise OurFault("import.empty", value=path.name)
    names = [cell.strip() for cell in header[1]]
    digest = sha256("\t".join(names).encode()).hexdigest()
    remembered = instance.journal.read(lambda tx: tx.remembered_columns(kind.name, digest))
    columns = match_columns(kind, names, remembered, said or {})
    matched = {ours: names[place] for ours, place in columns.items()}
    now = instance.clock.now()
    run = ImportRun(
        id=uuid7(now),
        kind=kind.name,
        file=path.name,
        sha256=digest_of(path),
        user=user,
        at=now,
        updated_at=now,
    )
    return _Importing(instance, kind, run, matched, columns, digest, progress, dry).all(rows)


class _Importing:
    def __init__(
        self,
        instance: Instance,
        kind: Kind,
        run: ImportRun,
        matched: Mapping[str, str],
        columns: Mapping[str, int],
        header: str,
        progress: Progress,
        dry: bool,
    ) -> None:
        self._instance, self._kind, self._run = instance, kind, run
        self._matched, self._columns, self._header = matched, columns, header
        self._progress, self._dry = progress, dry
        self._problems: list[Finding] = []
        self._read = self._rejected = self._changed = 0
        self._sample: list[Mapping[str, Any]] = []

    def all(self, rows: Iterator[Row]) -> Imported:
        journal, run = self._instance.journal, self._run
        if not self._dry:
            journal.write(lambda tx: tx.start_import(run))
        try:
            while portion := list(islice(rows, PORTION)):
                self._portion(portion)
        except OurFault:
            if not self._dry:
                journal.write(lambda tx: tx.end_import(run.id, "failed", self._instance.clock.now()))
            raise
        return Imported(
            run=self._end(),
            columns=self._matched,
            problems=tuple(self._problems[:100]),
            dry=self._dry,
            sample=tuple(self._sample),
        )

    def _portion(self, portion: list[Row]) -> None:
        good, bad = [], []
        for line, cells in portion:
            converted = self._whose(convert(self._kind, self._columns, line, cells))
            if converted.problems:
                bad += [json.dumps(_plain(each), ensure_ascii=False) for each in converted.problems[:1]]
                self._problems += converted.problems if len(self._problems) < 100 else ()
            else:
                good.append(self._completed(converted.values))
        self._read += len(portion)
        self._rejected += len(bad)
        if self._rejected > REJECTED_LIMIT:
            raise OurFault("import.too-many-problems", value=str(self._rejected), limit=str(REJECTED_LIMIT))
        self._sample += good[: 5 - len(self._sample)] if len(self._sample) < 5 else []
        if not self._dry:
            now = self._instance.clock.now()
            run = self._run
            self._changed += self._instance.journal.write(lambda tx: tx.import_rows(run, good, bad, now))
        self._progress(self._read)

    def _whose(self, row: Converted) -> Converted:
        """Customers and calendars name a partner by id or by any of its identifiers; calendars a place by GLN too."""
        column = _WHOSE.get(self._kind.name)
        if column is None or row.problems:
            return row
        said = row.values[column]
        found = account_named(self._instance.book.partners, said, places=self._kind.name == "calendars")
        problem = None
        if found is None:
            problem = ("import.partner-unknown", column, said)
        elif self._kind.name == "calendars" and row.values["zone"] not in self._instance.book.zones:
            problem = ("import.zone-unknown", "zone", row.values["zone"])
        if problem is not None:
            code, name, value = problem
            place = self._columns.get(name)
            where = Where(line=row.line, column=None if place is None else place + 1)
            wrong = Finding(code=code, severity="error", where=where, value=value[:80], params=(("column", name),))
            return Converted(line=row.line, problems=(wrong,))
        return replace(row, values={**row.values, column: found})

    def _completed(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Stock without a place is that of our warehouse; a customer's record without a first day is from today on."""
        if self._kind.name == "customers" and not values["valid_from"]:
            return {**values, "valid_from": self._instance.clock.now().date().isoformat()}
        if self._kind.name == "stock" and not values["location"]:
            return {**values, "location": self._instance.book.own.warehouse}
        return values

    def _end(self) -> ImportRun:
        if self._dry:
            return replace(self._run, state="dry", rows=self._read, rejected=self._rejected)
        now, run = self._instance.clock.now(), self._run
        ended = self._instance.journal.write(lambda tx: tx.end_import(run.id, "done", now))
        self._instance.journal.write(lambda tx: tx.remember_columns(self._kind.name, self._header, self._matched, now))
        self._instance.journal.write(
            lambda tx: tx.audit(run.user, f"import.{run.kind}", run.id, None, f"{run.file}: {ended.changed}", now)
        )
        return ended


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "line": finding.where.line,
        "column": finding.where.column,
        "value": finding.value,
        **dict(finding.params),
    }


def undo_import(
    instance: Instance, run_id: str, *, user: str, progress: Progress = lambda rows: None
) -> tuple[ImportRun, int]:
    """Put everything back as it was; return the run and how many rows were left because they have changed since.

    Raises OurFault import.unknown, import.undone.
    """
    journal = instance.journal
    run = journal.read(lambda tx: tx.import_of(run_id))
    if run.state == "undone":
        raise OurFault("import.undone", value=run_id)
    journal.write(lambda tx: tx.end_import(run_id, "undoing", instance.clock.now()))
    done = left = 0
    while True:
        now = instance.clock.now()
        looked, kept = journal.write(lambda tx, now=now: tx.undo_rows(run_id, PORTION, now))  # type: ignore[misc]
        if not looked:
            break
        done, left = done + looked, left + kept
        progress(done)
    now = instance.clock.now()
    ended = journal.write(lambda tx: tx.end_import(run_id, "undone", now))
    journal.write(lambda tx: tx.audit(user, "import.undo", run_id, run.file, f"{done - left}", now))
    return ended, left
