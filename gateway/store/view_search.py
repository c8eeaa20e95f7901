"""Search in the list of messages: a range of the index of search keys, never a scan of the messages.

Few hits are fetched by their ids. More than FEW mean that the text is short or common: then the list is walked from
the newest on and the keys of each line are looked up; where hits are that dense, a page is full soon.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, false, literal, or_, select

from gateway.store import tables as t
from gateway.store.search_keys import span

FEW = 4_000

_KEY = t.search_key.c


@dataclass(frozen=True, slots=True)
class Hits:
    """What a text finds. ids: by kind (arrival, message, parcel), None when there are too many to name; times: when
    the named ones were listed, in microseconds."""

    text: str
    ids: dict[str, set[str]] | None
    times: frozenset[int] = frozenset()

    def among(self, of: str, column: ColumnElement[str]) -> ColumnElement[bool]:
        """Return the condition that the subject in column, an id of that kind, is found."""
        if self.ids is not None:
            named = self.ids.get(of, set()) | {self.text}
            return column.in_(sorted(named))
        low, high = span(self.text)
        keyed = select(literal(1)).where(_KEY.subject == column, _KEY.value >= low, _KEY.value < high)
        return or_(exists(keyed), column == self.text)

    def any(self, of: str) -> bool:
        """False when nothing of that kind is found, apart from the text itself being an id."""
        return self.ids is None or bool(self.ids.get(of))


def hits_of(connection: Connection, text: str) -> Hits:
    """Look text up as the beginning of a key."""
    low, high = span(text)
    inside = (_KEY.value >= low, _KEY.value < high) if low else (false(),)
    found = connection.execute(select(_KEY.subject, _KEY.of, _KEY.at).where(*inside).limit(FEW + 1)).all()
    if len(found) > FEW:
        return Hits(text.strip(), None)
    ids: dict[str, set[str]] = {}
    for row in found:
        ids.setdefault(row.of, set()).add(row.subject)
    return Hits(text.strip(), ids, frozenset(row.at for row in found))
