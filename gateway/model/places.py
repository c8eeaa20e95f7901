"""Where the values of a document stood in the file, kept as compact text.

A message has some hundred places, which nearly nobody ever looks at: they are made once, cross from the worker to the
journal as one text, and become Where objects when somebody asks.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from gateway.model.findings import Where

Row = Sequence[str | int | None]  # the fields of Where in their order; those at the end that are None may be missing
NAMES = tuple(each.name for each in fields(Where))


class Places(Mapping[str, Where]):
    """Canonical path ("lines[0].item.gtin") -> place in the file.

    make: gives the text, which is a JSON object of rows; older journals have objects with the names of Where's fields
    """

    __slots__ = ("_make", "_rows", "_text")

    def __init__(self, make: Callable[[], str]) -> None:
        self._make: Callable[[], str] | None = make
        self._text = ""
        self._rows: dict[str, Any] | None = None

    @classmethod
    def from_text(cls, text: str) -> "Places":
        """Return the places that text holds; it is read when somebody asks."""
        return cls(lambda: text)

    @classmethod
    def from_rows(cls, rows: Callable[[], Mapping[str, Row]]) -> "Places":
        """Return the places of rows, asked for when somebody wants them."""
        return cls(lambda: json.dumps(rows(), separators=(",", ":"), ensure_ascii=False))

    @property
    def text(self) -> str:
        """The compact form."""
        make = self._make  # another thread may come to its end here
        if make is not None:
            self._text = make()
            self._make = None
        return self._text

    def __reduce__(self) -> tuple[Any, ...]:
        return Places.from_text, (self.text,)

    def _places(self) -> dict[str, Any]:
        if self._rows is None:
            self._rows = json.loads(self.text)
        return self._rows

    def __getitem__(self, path: str) -> Where:
        return _where(self._places()[path])

    def __contains__(self, path: object) -> bool:
        return path in self._places()

    def __iter__(self) -> Iterator[str]:
        return iter(self._places())

    def __len__(self) -> int:
        return len(self._places())

    def __repr__(self) -> str:
        return f"Places({dict(self)!r})"


def row_of(where: Where) -> Row:
    """Return a place as a row."""
    values = [getattr(where, name) for name in NAMES]
    while values and values[-1] is None:
        values.pop()
    return values


def text_of(places: Mapping[str, Where]) -> str:
    """Return the compact form of any places."""
    if isinstance(places, Places):
        return places.text
    return Places.from_rows(lambda: {path: row_of(where) for path, where in places.items()}).text


def _where(place: Any) -> Where:
    if isinstance(place, dict):
        return Where(**{name: place[name] for name in NAMES if name in place})
    return Where(**dict(zip(NAMES, place, strict=False)))
