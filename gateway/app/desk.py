"""The house's desk: one item saved, lists looked at before they are taken in, labels of a despatch."""

import asyncio
import csv
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast
from uuid import uuid4

from gateway.api.desk_actions import LabelFile, Staged
from gateway.api.house_actions import ImportAnswer
from gateway.app.import_files import as_file, rows_of
from gateway.app.instance import Instance
from gateway.codecs.gs1_label import PAPERS, draw
from gateway.codecs.gs1_pdf import pdf
from gateway.codecs.gs1_svg import svg
from gateway.domain.decision import Needs
from gateway.domain.imports import kind_of
from gateway.domain.labels import labels_of, places_of
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.effects import Side
from gateway.model.faults import OurFault
from gateway.store.staged_lists import StagedList, StagedLists
from gateway.texts.catalogue import Lang


class DeskJournalActions:
    """Synchronous. Lists that wait for a word are in the database: whichever node is asked knows them."""

    instance: Instance
    import_list: Callable[..., ImportAnswer]

    def save_item(self, values: Mapping[str, str], user: str) -> ImportAnswer:
        """See gateway.api.desk_actions."""
        return self.save_row("items", values, user)

    def save_row(self, kind: str, values: Mapping[str, str], user: str) -> ImportAnswer:
        """See gateway.api.desk_actions."""
        columns = [each.name for each in kind_of(kind).columns]
        said = {name: values[name].strip() for name in columns if values.get(name, "").strip()}
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(said)
        writer.writerow(said.values())
        data, subject = text.getvalue().encode(), said.get(columns[0], "")
        name = f"{kind.removesuffix('s')}-{subject}.csv"
        tried = self.import_list(kind, name, data, user, dry=True)
        if tried.problems:
            raise OurFault("import.row-refused", value=subject or None, findings=tried.problems)
        return self.import_list(kind, name, data, user)

    def stage_list(self, kind: str, filename: str, data: bytes, user: str) -> str:
        """See gateway.api.desk_actions."""
        kind_of(kind)
        name = Path(filename.replace("\\", "/")).name[-200:].replace("\0", "") or "list.csv"
        with as_file(name, data) as path:
            header = next(rows_of(path), None)
        if header is None:
            raise OurFault("import.empty", value=name)
        kept = StagedList(
            id=uuid4().hex, kind=kind, file=name, header=tuple(cell.strip() for cell in header[1]), user=user
        )
        self._lists.keep(kept, data, self.instance.wall.now())
        return kept.id

    def staged(self, staged_id: str) -> Staged:
        """Raises OurFault import.stage-gone."""
        found = self._lists.get(staged_id)
        return Staged(id=found.id, kind=found.kind, file=found.file, header=found.header)

    def import_staged(self, staged_id: str, user: str, *, said: Mapping[str, str], dry: bool) -> ImportAnswer:
        """See gateway.api.desk_actions."""
        found, data = self._lists.get(staged_id), self._lists.data(staged_id)
        done = self.import_list(found.kind, found.file, data, user, dry=dry, said=said)
        if not dry:
            self._lists.drop(staged_id)
        return done

    @property
    def _lists(self) -> StagedLists:
        return StagedLists(self.instance.journal.reader, self.instance.journal)

    def labels(self, partner: str, despatch: str, form: str, size: str, language: str, unit: int = 0) -> LabelFile:
        """See gateway.api.desk_actions."""
        side: Side = "sale"
        warehouse, journal = self.instance.book.own.warehouse, self.instance.journal
        wanted = Needs(shipments=frozenset({(side, partner, despatch)}))
        found = journal.read(lambda tx: tx.snapshot(wanted, warehouse)).shipments.get((side, partner, despatch))
        advice = found.document if found is not None else None
        if not isinstance(advice, DespatchAdvice):
            raise OurFault("labels.despatch-unknown", value=despatch)
        glns = places_of(advice)
        places = journal.read(lambda tx: tx.snapshot(Needs(places=glns), warehouse)).places
        drawings = [draw(each, PAPERS[size]) for each in labels_of(advice, places, cast("Lang", language))]
        name = f"labels-{re.sub(r'[^A-Za-z0-9._-]', '-', despatch)[:60]}"
        if form == "svg":
            chosen = drawings[min(unit, len(drawings) - 1)]
            return LabelFile(name=f"{name}.svg", content_type="image/svg+xml", data=svg(chosen).encode())
        return LabelFile(name=f"{name}.pdf", content_type="application/pdf", data=pdf(drawings))


class AsyncDesk:
    """The same for handlers in the event loop: gateway.api.desk_actions.DeskActions."""

    desk: DeskJournalActions

    async def save_item(self, values: Mapping[str, str], user: str) -> ImportAnswer:
        return await asyncio.to_thread(self.desk.save_item, values, user)

    async def save_row(self, kind: str, values: Mapping[str, str], user: str) -> ImportAnswer:
        return await asyncio.to_thread(self.desk.save_row, kind, values, user)

    async def stage_list(self, kind: str, filename: str, data: bytes, user: str) -> str:
        return await asyncio.to_thread(self.desk.stage_list, kind, filename, data, user)

    async def staged(self, staged_id: str) -> Staged:
        return await asyncio.to_thread(self.desk.staged, staged_id)

    async def import_staged(self, staged_id: str, user: str, *, said: Mapping[str, str], dry: bool) -> ImportAnswer:
        return await asyncio.to_thread(self.desk.import_staged, staged_id, user, said=said, dry=dry)

    async def labels(
        self, partner: str, despatch: str, form: str, size: str, language: str, unit: int = 0
    ) -> LabelFile:
        return await asyncio.to_thread(self.desk.labels, partner, despatch, form, size, language, unit)
