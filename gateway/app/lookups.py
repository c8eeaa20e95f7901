"""The partners' lookup tables: what is in force, and changing it. Console and command line call the same functions.

After a row was added, the messages that waited for it are replayed: one (JournalActions.replay) or all with that fault.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.app.definition_edits import Edited, edit_definition
from gateway.app.instance import Instance
from gateway.config import lookups
from gateway.config.fields import nearest
from gateway.mapping.codes import LookupTable
from gateway.model.faults import OurFault


@dataclass(kw_only=True)
class LookupActions:
    """Synchronous. follow: called after a change, makes the node at hand work with it at once; others follow within a
    second."""

    instance: Instance
    follow: Callable[[], object]

    def tables(self, partner: str) -> dict[str, LookupTable]:
        """Return the partner's tables in force by name. Raises OurFault partner.unknown."""
        self.instance.refresh()
        self.instance.book.partner(partner)
        found = self.instance.definitions.below(f"partners/{partner}/tables/")
        names = {path.removesuffix(".csv"): text for path, text in found.items() if path.endswith(".csv")}
        own = {name: text for name, text in names.items() if name not in lookups.RESERVED.get(partner, ())}
        return {name: lookups.checked(f"partners/{partner}/tables/{name}.csv", text) for name, text in own.items()}

    def table(self, partner: str, name: str) -> LookupTable:
        """Raises OurFault partner.unknown or lookup.no-table."""
        found = self.tables(partner)
        if name not in found:
            raise OurFault("lookup.no-table", value=name, nearest=nearest(name, list(found)) or "-")
        return found[name]

    def text(self, partner: str, name: str) -> str:
        """Return a table as CSV. Raises OurFault partner.unknown or lookup.no-table."""
        self.table(partner, name)
        return self.instance.definitions.files[lookups.path_of(partner, name)]

    def add(
        self, partner: str, name: str, key: str, values: Sequence[str], user: str, *, change: bool = False
    ) -> Edited:
        """Add a row. change: it may replace the row of that key. Raises OurFault lookup.* or partner.unknown."""
        path = self._path(partner, name)
        return self._edit(
            path, lambda text: lookups.with_row(path, text, key, values, change=change), user, "lookup.add", key
        )

    def remove(self, partner: str, name: str, key: str, user: str) -> Edited:
        """Take a row out. Raises OurFault lookup.* or partner.unknown."""
        path = self._path(partner, name)
        return self._edit(path, lambda text: lookups.without_row(path, text, key), user, "lookup.remove", key)

    def put(self, partner: str, name: str, text: str, user: str) -> Edited:
        """Replace a whole table, or make it. Raises OurFault with every problem of text, or partner.unknown."""
        path = self._path(partner, name)
        plain = lookups.imported(path, text)
        return self._edit(path, lambda _: plain, user, "lookup.import", name)

    def _path(self, partner: str, name: str) -> str:
        self.instance.book.partner(partner)
        return lookups.path_of(partner, name)

    def _edit(self, path: str, edit: Callable[[str | None], str], user: str, action: str, what: str) -> Edited:
        subject = path.removeprefix("partners/").removesuffix(".csv").replace("/tables/", "/")
        done = edit_definition(self.instance, path, edit, user, action, f"{subject}:{what}")
        self.follow()
        return done
