"""Drafts brought into force: at once or at a time, as versions; back to an earlier one."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from gateway.app.definition_edits import Edit, Edited, edit_definition
from gateway.app.instance import Instance
from gateway.config.definitions import Definitions
from gateway.config.editing import new_text
from gateway.config.grammars import Grammars
from gateway.config.mappings import MappingFiles
from gateway.config.parties import read_parties
from gateway.config.partners import PartnerFile
from gateway.config.schemas import load_directories
from gateway.mapping.compiler import DocumentMapping
from gateway.model.faults import OurFault
from gateway.store.mapping_versions import MappingRows
from gateway.store.view_mappings import MappingPlan, MappingVersion, MappingViews

log = logging.getLogger(__name__)
LOOK_EVERY_S = 2.0


def digest_of(text: str | None) -> str:
    """Return what tells whether somebody else has changed a file: "" when there is none."""
    return "" if text is None else sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The files of one version of the definitions that one partner's mappings are made of."""

    files: MappingFiles
    partner: PartnerFile

    @classmethod
    def of(cls, instance: Instance, partner: str, files: Mapping[str, str] | None = None) -> "Desk":
        """files: of an earlier version, None for what is in force. Raises OurFault partner.unknown."""
        found = instance.definitions.files if files is None else files
        kept = {path: text for path, text in found.items() if not _of_others(path, partner)}
        definitions = Definitions(files=kept, digest="")
        schemas = instance.settings.schemas
        party = read_parties(definitions).files.get(partner)
        if party is None or partner == "self":
            raise OurFault("partner.unknown", value=partner)
        return cls(files=MappingFiles(definitions, load_directories(schemas), Grammars(schemas).of), partner=party)

    def place(self, name: str) -> str:
        return self.files.place_of(name, self.partner)

    def text(self, name: str) -> str | None:
        """Return the partner's own layer, None when it has none."""
        return self.files.definitions.files.get(self.place(name))

    def begun(self, name: str) -> str:
        """Return what a draft begins with."""
        return self.text(name) or new_text(name)

    def mapping(self, name: str) -> DocumentMapping:
        return self.files.mapping(name, self.partner)

    def layers(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return (path, text) of the layers, the standard first."""
        paths = self.files.paths(name, self.partner)
        return tuple((path, self.files.definitions.files[path]) for path in paths)


def _of_others(path: str, partner: str) -> bool:
    return path.startswith("partners/") and not path.startswith((f"partners/{partner}/", "partners/self/"))


def bring(
    instance: Instance,
    partner: str,
    name: str,
    text: str | None,
    base: str | None,
    user: str,
    action: str,
    reason: str,
    new_path: str = "",
) -> Edited:
    """Bring a text of the partner's own layer into force. base: digest of the file that it replaces, None: whichever.
    new_path: of the file when the partner has none now.

    Raises OurFault mapping.draft-stale, and what is wrong with the text.
    """
    desk = Desk.of(instance, partner)
    path = desk.place(name) if desk.text(name) is not None or not new_path else new_path

    def edit(before: str | None) -> str | None:
        if base is not None and digest_of(before) != base:
            raise OurFault("mapping.draft-stale", value=name, partner=partner)
        return text

    change: Edit = edit
    return edit_definition(instance, path, change, user, action, f"{partner}/{name}", reason)


def files_at(views: MappingViews, partner: str, name: str, number: int) -> tuple[MappingVersion, Mapping[str, str]]:
    """Return a version and the files it was made of. Raises OurFault mapping.no-such-version."""
    version = views.version(partner, name, number)
    files = views.files(version.definitions) if version is not None else None
    if version is None or files is None:
        raise OurFault("mapping.no-such-version", value=str(number), mapping=name, partner=partner)
    return version, files


def bring_due(instance: Instance, views: MappingViews, rows: MappingRows) -> int:
    """Bring what is planned and due into force; return how many plans were ended."""
    due = views.plans_due(instance.clock.now())
    for plan in due:
        _bring_plan(instance, rows, plan, instance.clock.now())
    return len(due)


def _bring_plan(instance: Instance, rows: MappingRows, plan: MappingPlan, now: datetime) -> None:
    try:
        bring(instance, plan.partner, plan.mapping, plan.text, plan.base, plan.user, "mappings.publish", plan.reason)
    except OurFault as fault:
        log.warning("planned mapping %s of %s: %s", plan.mapping, plan.partner, fault.code)
        if fault.temporary or fault.code == "definitions.busy":  # the next turn tries it again
            raise
        rows.end_plan(plan.id, "refused", plan.user, now, fault.code)
        return
    rows.end_plan(plan.id, "done", plan.user, now)


async def watch(instance: Instance) -> None:
    """Bring planned mappings into force when their time has come, until cancelled. Nodes follow what is in force."""
    views, rows = MappingViews(instance.journal.reader), MappingRows(instance.journal)
    turn = partial(asyncio.to_thread, bring_due, instance, views, rows)
    await instance.rounds.keep("planned-mappings", LOOK_EVERY_S, turn)
