"""YAML as written: every scalar stays text (010, NO, 1.10), every node keeps its place, nothing clever is allowed.

Built from the parser's events, not from a loader: a loader types values, follows aliases and lets a repeated key win.
Refused: aliases and anchors, tags, repeated keys, keys that are not plain text, several documents, deep nesting.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml as pyyaml

from gateway.model.faults import OurFault
from gateway.model.findings import Where

SIZE_LIMIT = 1_000_000  # characters of one file
DEPTH_LIMIT = 20

_PARSER = getattr(pyyaml, "CBaseLoader", pyyaml.BaseLoader)  # libyaml where the wheel has it: ten times faster

Path = tuple[str | int, ...]
Plain = str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar. An empty one ("key:") is ""."""

    value: str
    line: int  # from 1
    column: int  # from 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence, with where it begins, from 1."""

    items: "tuple[Node, ...]"
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Table:
    """entries keep the order of the file; keys: the place of each key."""

    entries: "dict[str, Node]"
    keys: dict[str, Text]
    line: int
    column: int


Node = Text | Listing | Table


def load(text: str, name: str) -> Node:
    """Parse one YAML document; an empty file is an empty table. name: the file, for error texts.

    Raises OurFault config.syntax, config.yaml-refused, config.yaml-repeated-key or config.too-large, with the place.
    """
    if len(text) > SIZE_LIMIT:
        raise OurFault("config.too-large", at=name, limit=str(SIZE_LIMIT))
    try:
        return _Builder(name, pyyaml.parse(text, Loader=_PARSER)).document()
    except pyyaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        detail = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise OurFault(
            "config.syntax", Where(line=line, column=column), at=f"{name}:{line}:{column}", detail=str(detail)
        ) from None


def plain(node: Node) -> Plain:
    """Return node as nested dict, list and str."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Listing):
        return [plain(each) for each in node.items]
    return {key: plain(each) for key, each in node.entries.items()}


def marks(node: Node, path: Path = ()) -> dict[Path, tuple[int, int]]:
    """Return the (line, column) of every value by its path; for a table's entry, the place of its key."""
    found = {path: (node.line, node.column)}
    if isinstance(node, Listing):
        for number, each in enumerate(node.items):
            found |= marks(each, (*path, number))
    elif isinstance(node, Table):
        for key, each in node.entries.items():
            found |= marks(each, (*path, key))
            found[(*path, key)] = (node.keys[key].line, node.keys[key].column)
    return found


def _place(event: pyyaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Builder:
    """Nodes from events; the events come in document order, so plain recursion is enough."""

    def __init__(self, name: str, events: Iterator[pyyaml.Event]) -> None:
        self.name = name
        self.events = events

    def document(self) -> Node:
        first = self._content()
        if isinstance(first, pyyaml.StreamEndEvent):
            return Table({}, {}, 1, 1)
        node = self._node(first, 0)
        extra = self._content()
        if not isinstance(extra, pyyaml.StreamEndEvent):
            raise self._refused(extra, "a second document")
        return node

    def _content(self) -> pyyaml.Event:
        """Return the next event that is not a frame of the stream or of a document."""
        frames = (pyyaml.StreamStartEvent, pyyaml.DocumentStartEvent, pyyaml.DocumentEndEvent)
        return next(event for event in self.events if not isinstance(event, frames))

    def _node(self, event: pyyaml.Event, depth: int) -> Node:
        line, column = _place(event)
        if anchor := getattr(event, "anchor", None):
            what = "the alias *" if isinstance(event, pyyaml.AliasEvent) else "the anchor &"
            raise self._refused(event, what + str(anchor))
        if tag := getattr(event, "tag", None):
            raise self._refused(event, f"the tag {tag}")
        if depth > DEPTH_LIMIT:
            raise self._refused(event, f"nesting deeper than {DEPTH_LIMIT}")
        if isinstance(event, pyyaml.ScalarEvent):
            return Text(event.value, line, column)
        if isinstance(event, pyyaml.SequenceStartEvent):
            return Listing(tuple(self._items(depth)), line, column)
        return self._table(line, column, depth)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), pyyaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _table(self, line: int, column: int, depth: int) -> Table:
        entries: dict[str, Node] = {}
        keys: dict[str, Text] = {}
        while not isinstance(event := next(self.events), pyyaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Text):
                raise self._refused(event, "a key that is not plain text")
            if key.value in keys:
                raise OurFault(
                    "config.yaml-repeated-key",
                    Where(line=key.line, column=key.column),
                    value=key.value,
                    at=f"{self.name}:{key.line}:{key.column}",
                    first=str(keys[key.value].line),
                )
            keys[key.value] = key
            entries[key.value] = self._node(next(self.events), depth + 1)
        return Table(entries, keys, line, column)

    def _refused(self, event: pyyaml.Event, what: str) -> OurFault:
        line, column = _place(event)
        return OurFault(
            "config.yaml-refused", Where(line=line, column=column), value=what, at=f"{self.name}:{line}:{column}"
        )
