"""What the house's desk can set in motion beside its decisions: items, lists that are looked at before they are taken
in, labels. Implemented by the shell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.api.house_actions import ImportAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A list that was handed over and waits for a person's word. header: the file's column names."""

    id: str
    kind: str
    file: str
    header: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFile:
    """Labels as a file to print."""

    name: str
    content_type: str
    data: bytes


class DeskActions(Protocol):
    """What people do at a desk of the house: items, lists, labels. Implemented by the shell."""

    async def save_item(self, values: Mapping[str, str], user: str) -> ImportAnswer:
        """Add or change one item, as an import of one row: audited, and it can be undone. values: column -> text.

        Raises OurFault import.row with what is wrong as findings.
        """

    async def save_row(self, kind: str, values: Mapping[str, str], user: str) -> ImportAnswer:
        """The same for one row of any list. Raises OurFault import.kind-unknown, import.row-refused with findings."""

    async def stage_list(self, kind: str, filename: str, data: bytes, user: str) -> str:
        """Keep a list for a day without taking it in; return its id. Raises OurFault import.*."""

    async def staged(self, staged_id: str) -> Staged:
        """Raises OurFault import.stage-gone."""

    async def import_staged(self, staged_id: str, user: str, *, said: Mapping[str, str], dry: bool) -> ImportAnswer:
        """Look what a staged list would do (dry), or take it in. said: our column -> theirs; remembered.

        Raises OurFault import.*.
        """

    async def labels(
        self, partner: str, despatch: str, form: str, size: str, language: str, unit: int = 0
    ) -> LabelFile:
        """Return the logistic labels of a despatch: form pdf (a page for each), or svg (that of one unit, from 0).

        Raises OurFault labels.despatch-unknown, PartnerFault labels.no-sscc.
        """
