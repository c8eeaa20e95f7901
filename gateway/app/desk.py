"""The house's desk: one item saved, lists looked at before they are taken in, labels of a despatch."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from gateway.api.desk_actions import LabelFile, Staged
from gateway.api.house_actions import ImportAnswer
from gateway.app.import_files import rows_of
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
from gateway.texts.catalogue import Lang

STAGED_FOR_S = 86_400.0
MOST_STAGED = 50
_ID = re.compile(r"[0-9a-f]{32}")


class DeskJournalActions:
    """Synchronous. Staged lists lie in var/staged of the node that was asked; another node does not know them."""

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
        folder = self._staging()
        name = Path(filename.replace("\\", "/")).name[-200:].replace("\0", "") or "list.csv"
        staged_id = uuid4().hex
        path = folder / f"{staged_id}{_ending(name)}"
        path.write_bytes(data)
        try:
            header = next(rows_of(path), None)
        except OurFault:
            path.unlink()
            raise
        if header is None:
            path.unlink()
            raise OurFault("import.empty", value=name)
        facts = {"kind": kind, "file": name, "user": user, "header": [cell.strip() for cell in header[1]]}
        (folder / f"{staged_id}.json").write_text(json.dumps(facts))
        return staged_id

    def staged(self, staged_id: str) -> Staged:
        """Raises OurFault import.stage-gone."""
        facts, _ = self._staged(staged_id)
        return Staged(id=staged_id, kind=facts["kind"], file=facts["file"], header=tuple(facts["header"]))

    def import_staged(self, staged_id: str, user: str, *, said: Mapping[str, str], dry: bool) -> ImportAnswer:
        """See gateway.api.desk_actions."""
        facts, path = self._staged(staged_id)
        done = self.import_list(facts["kind"], facts["file"], path.read_bytes(), user, dry=dry, said=said)
        if not dry:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
        return done

    def _staging(self) -> Path:
        """Return the folder, without what has lain there for too long."""
        folder = self.instance.settings.var / "staged"
        folder.mkdir(mode=0o700, exist_ok=True)
        lying = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
        old = self.instance.wall.now().timestamp() - STAGED_FOR_S
        for n, each in enumerate(lying):
            if n >= 2 * MOST_STAGED or each.stat().st_mtime < old:
                each.unlink(missing_ok=True)
        return folder

    def _staged(self, staged_id: str) -> tuple[dict[str, Any], Path]:
        folder = self.instance.settings.var / "staged"
        try:
            if not _ID.fullmatch(staged_id):
                raise FileNotFoundError
            facts = json.loads((folder / f"{staged_id}.json").read_text())
            path = folder / f"{staged_id}{_ending(facts['file'])}"
            if not path.is_file():
                raise FileNotFoundError
        except FileNotFoundError:
            raise OurFault("import.stage-gone", value=staged_id[:40]) from None
        return facts, path

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


def _ending(name: str) -> str:
    """Return the ending that tells Excel from CSV; never what the person wrote."""
    return ".xlsx" if name.lower().endswith((".xlsx", ".xlsm")) else ".csv"


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
