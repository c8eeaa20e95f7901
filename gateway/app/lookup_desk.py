"""The partners' lookup tables for pages and the JSON interface: gateway.api.mapping_editor.LookupDesk."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gateway.api.mapping_editor import LookupView
from gateway.api.partner_desk import Edit
from gateway.app.definition_edits import Edited
from gateway.app.instance import Instance
from gateway.app.lookups import LookupActions
from gateway.mapping.codes import LookupTable
from gateway.mapping.rules import Entry
from gateway.model.faults import OurFault

ENCODINGS = ("utf-8-sig", "gb18030", "windows-1252")


@dataclass(kw_only=True)
class InstanceLookups:
    """follow: called after a change, makes the node at hand work with it at once."""

    instance: Instance
    follow: Callable[[], object] = lambda: None

    @property
    def _actions(self) -> LookupActions:
        return LookupActions(instance=self.instance, follow=self.follow)

    def all(self, partner: str) -> tuple[LookupView, ...]:
        return tuple(self._view(partner, each) for _, each in sorted(self._actions.tables(partner).items()))

    def one(self, partner: str, name: str) -> LookupView:
        return self._view(partner, self._actions.table(partner, name))

    def _view(self, partner: str, table: LookupTable) -> LookupView:
        used = sorted(
            name
            for (whose, name), mapping in self.instance.book.mappings.items()
            if whose == partner
            and mapping.effective is not None
            and _asks(mapping.effective.entries.values(), table.name)
        )
        rows = tuple(tuple(cells[column] for column in table.columns) for cells in table.rows.values())
        return LookupView(partner=partner, name=table.name, columns=table.columns, rows=rows, used_by=tuple(used))

    def text(self, partner: str, name: str) -> str:
        return self._actions.text(partner, name)

    def put_row(self, partner: str, name: str, cells: Sequence[str], user: str, *, change: bool) -> Edit:
        key, *values = cells or ("",)
        return _told(self._actions.add(partner, name, key, values, user, change=change))

    def drop_row(self, partner: str, name: str, key: str, user: str) -> Edit:
        return _told(self._actions.remove(partner, name, key, user))

    def put(self, partner: str, name: str, data: bytes, user: str) -> Edit:
        return _told(self._actions.put(partner, name, decoded(data), user))


def _asks(entries: Iterable[Entry], table: str) -> bool:
    rules = (rule for entry in entries if isinstance(entry, tuple) for rule in entry)
    return any(rule.lookup == table for rule in rules)


def decoded(data: bytes) -> str:
    """Return the text of a CSV as spreadsheets write it. Raises OurFault lookup.bad-header when it is no text."""
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise OurFault("lookup.bad-header", value="?", at="-")


def _told(done: Edited) -> Edit:
    return Edit(digest=done.digest, written=done.written, changed=done.changed)
