"""A UN/EDIFACT directory: which messages, segments, composites, elements and codes there are.

Read from our own compact JSON tables (written by gateway.schema.importer). Shapes:

    messages/ORDERS.json  {"message": "ORDERS", "version": "D", "release": "96A", "agency": "UN",
                           "structure": [["UNH", "M", 1], ["SG1", "C", 10, [["RFF", "M", 1], ...]], ...]}
    segments.json         {"BGM": [["C002", "C", 1], ["1004", "C", 1]]}
    composites.json       {"C002": [["1001", "C"], ["1131", "C"]]}
    elements.json         {"1001": "an..3"}
    codes.json            {"1001": "1 2 3 105"}
    overlays/NAME.json    see gateway.schema.overlay
"""

import json
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

from gateway.model.faults import OurFault
from gateway.schema.overlay import Overlay

T = TypeVar("T")
_PATH = re.compile(r"(?P<id>[A-Z0-9]{4})(?:\[(?P<nth>\d+)\])?\Z")
_FORMAT = re.compile(r"(?P<kind>an|a|n)(?P<upto>\.\.)?(?P<size>\d+)\Z")


@dataclass(frozen=True, slots=True)
class Format:
    """What an element may hold. kind: a (letters), n (number) or an. Lengths in characters.

    A sign and a decimal mark do not count towards the length of a number (ISO 9735 clause 10).
    """

    kind: str
    minimum: int
    maximum: int

    @classmethod
    def parse(cls, text: str) -> "Format":
        """Read "an..35" or "n8". Raises ValueError."""
        found = _FORMAT.match(text)
        if not found:
            raise ValueError(f"not a representation: {text!r}")
        size = int(found["size"])
        return cls(found["kind"], 1 if found["upto"] else size, size)

    def __str__(self) -> str:
        return f"{self.kind}{'' if self.minimum == self.maximum and self.maximum > 1 else '..'}{self.maximum}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentUse:
    """One component of an element; a simple element has exactly one, itself."""

    id: str  # "2380"
    required: bool
    format: Format
    unused: bool = False  # an overlay agrees not to send it


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementUse:
    """One element position of a segment. id: "C507" or, for a simple element, "1004"."""

    id: str
    required: bool
    repeats: int
    components: tuple[ComponentUse, ...]
    unused: bool = False

    @property
    def composite(self) -> bool:
        return not self.id.isdigit()


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLayout:
    """The elements of a segment in order."""

    tag: str
    elements: tuple[ElementUse, ...]

    def position(self, path: str) -> tuple[int, int]:
        """Return (element, component), both from 1, of a path.

        "1004" simple element; "C507.2380" component of a composite; "C212[2].7140" of the second C212;
        "C059.3042[3]" third 3042 of the composite; "4183[2]" second simple 4183. Raises KeyError.
        """
        outer, _, inner = path.partition(".")
        element = _nth([use.id for use in self.elements], outer, path)
        if not inner:
            return element + 1, 1
        component = _nth([use.id for use in self.elements[element].components], inner, path)
        return element + 1, component + 1

    def paths(self) -> Iterator[str]:
        """Yield every path of the segment in order, in the form position() reads (for messages about wrong ones)."""
        seen: dict[str, int] = {}
        for use in self.elements:
            outer = _numbered(seen, use.id)
            if not use.composite:
                yield outer
                continue
            inside: dict[str, int] = {}
            for component in use.components:
                yield f"{outer}.{_numbered(inside, component.id)}"


def _numbered(seen: dict[str, int], name: str) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}[{seen[name]}]"


def _nth(ids: list[str], wanted: str, path: str) -> int:
    found = _PATH.match(wanted)
    if not found:
        raise KeyError(path)
    places = [place for place, name in enumerate(ids) if name == found["id"]]
    nth = int(found["nth"] or 1)
    if not 1 <= nth <= len(places):
        raise KeyError(path)
    return places[nth - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentUse:
    """A segment at its place in a message. repeats: the most that may stand there."""

    tag: str
    required: bool
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUse:
    """A segment group at its place. name: SG1, SG2, ...; the root bears the message type and occurs once."""

    name: str
    required: bool
    repeats: int
    children: tuple["SegmentUse | GroupUse", ...] = field(default=())
    places: Mapping[str, tuple[int, ...]] = field(init=False, compare=False, repr=False)  # tag -> child indexes
    tags: frozenset[str] = field(init=False, compare=False, repr=False)  # every tag at any depth
    last_required: int = field(init=False, compare=False, repr=False)  # index of the last mandatory child, -1: none

    def __post_init__(self) -> None:
        places: dict[str, tuple[int, ...]] = {}
        tags: set[str] = set()
        for place, child in enumerate(self.children):
            tag = child.trigger if isinstance(child, GroupUse) else child.tag
            places[tag] = (*places.get(tag, ()), place)
            tags |= child.tags if isinstance(child, GroupUse) else {tag}
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "tags", frozenset(tags))
        required = [place for place, child in enumerate(self.children) if child.required]
        object.__setattr__(self, "last_required", max(required, default=-1))

    @property
    def trigger(self) -> str:
        """Tag of the segment that opens the group."""
        first = self.children[0]
        return first.trigger if isinstance(first, GroupUse) else first.tag

    def groups(self) -> Iterator["GroupUse"]:
        """Yield every group below, outer before inner, in message order."""
        for child in self.children:
            if isinstance(child, GroupUse):
                yield child
                yield from child.groups()

    def find(self, name: str) -> "GroupUse | None":
        """Return the group of that name (the root included), at any depth."""
        if name == self.name:
            return self
        return next((each for each in self.groups() if each.name == name), None)

    def chain(self, name: str) -> tuple[str, ...]:
        """Return the names from the outermost group down to name, root excluded: ("SG25", "SG28"). Raises KeyError."""
        if name == self.name:
            return ()
        for child in self.children:
            if isinstance(child, GroupUse) and child.find(name) is not None:
                return (child.name, *child.chain(name))
        raise KeyError(name)


class Directory:
    """One directory version, immutable. Everything is built on first use and kept."""

    def __init__(self, name: str, tables: Mapping[str, object], service: "Directory | None" = None) -> None:
        self.name = name
        self._tables = tables
        self._service = service
        self._layouts: dict[str, SegmentLayout] = {}
        self._structures: dict[str, GroupUse] = {}
        self._codes: dict[str, frozenset[str]] = {}
        self._kept: dict[Hashable, object] = {}

    @classmethod
    def from_files(cls, name: str, files: Mapping[str, bytes], service: "Directory | None" = None) -> "Directory":
        """Build from the JSON files of one folder; keys are paths inside it ("segments.json", "messages/ORDERS.json").

        service: the directory of the service segments (UNH, UNS, UNT, ...), asked for tags that are not here.
        Raises OurFault edifact.directory-unreadable.
        """
        tables: dict[str, object] = {}
        for path, content in files.items():
            try:
                tables[path] = json.loads(content)
            except ValueError as error:
                raise OurFault("edifact.directory-unreadable", value=path, directory=name) from error
        return cls(name, tables, service)

    def with_service(self, service: "Directory") -> "Directory":
        """Return this directory with other service segments: those of another syntax version."""
        return self.kept(("service", service.name), lambda: Directory(self.name, self._tables, service))

    def _table(self, path: str) -> Mapping[str, object]:
        found = self._tables.get(path, {})
        if not isinstance(found, Mapping):
            raise OurFault("edifact.directory-unreadable", value=path, directory=self.name)
        return found

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what make gave for key the first time: what others derive from the tables lives with them."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    @cached_property
    def messages(self) -> frozenset[str]:
        """Message types with a structure: ORDERS, DESADV, ..."""
        return frozenset(
            path.removeprefix("messages/").removesuffix(".json")
            for path in self._tables
            if path.startswith("messages/") and path.endswith(".json")
        )

    @cached_property
    def segments(self) -> frozenset[str]:
        """Tags that have a layout, service segments included."""
        own = frozenset(self._table("segments.json"))
        return own | self._service.segments if self._service else own

    @cached_property
    def overlays(self) -> tuple[Overlay, ...]:
        """Overlays kept with the directory. Raises OurFault edifact.directory-unreadable."""
        found = []
        for path in sorted(self._tables):
            if path.startswith("overlays/"):
                try:
                    found.append(Overlay.of(path[9:].removesuffix(".json"), self._table(path)))
                except (ValueError, KeyError, TypeError, re.error) as error:
                    raise OurFault("edifact.directory-unreadable", value=path, directory=self.name) from error
        return tuple(found)

    def overlay(self, association: str) -> Overlay | None:
        """Return the overlay for an association code (UNH 0057, "EAN008"), None when there is none."""
        chosen = (each for each in self.overlays if each.association and association.startswith(each.association))
        return next(chosen, None)

    def guide(self, name: str) -> Overlay | None:
        """Return the overlay of that name, None when there is none."""
        return next((each for each in self.overlays if each.name == name), None)

    def layout(self, tag: str) -> SegmentLayout:
        """Return the elements of a segment. Raises KeyError when the directory has no such tag."""
        found = self._layouts.get(tag)
        if found is None:
            found = self._layouts[tag] = self._build_layout(tag)
        return found

    def _build_layout(self, tag: str) -> SegmentLayout:
        rows = self._table("segments.json").get(tag)
        if rows is None:
            if self._service is None:
                raise KeyError(tag)
            return self._service.layout(tag)
        if not isinstance(rows, list):
            raise OurFault("edifact.directory-unreadable", value=tag, directory=self.name)
        return SegmentLayout(
            tag=tag,
            elements=tuple(
                ElementUse(
                    id=str(row[0]), required=row[1] == "M", repeats=int(row[2]), components=self._components(row[0])
                )
                for row in rows
            ),
        )

    def _components(self, element: str) -> tuple[ComponentUse, ...]:
        rows = [[element, "M"]] if element.isdigit() else self._table("composites.json")[element]
        formats = self._table("elements.json")
        assert isinstance(rows, list)
        return tuple(
            ComponentUse(id=row[0], required=row[1] == "M", format=Format.parse(str(formats[row[0]]))) for row in rows
        )

    def structure(self, message: str) -> GroupUse:
        """Return the root group of a message type, UNH and UNT included. Raises KeyError."""
        found = self._structures.get(message)
        if found is None:
            rows = self._table(f"messages/{message}.json").get("structure")
            if not isinstance(rows, list):
                raise KeyError(message)
            found = self._structures[message] = GroupUse(name=message, required=True, repeats=1, children=_uses(rows))
        return found

    def is_coded(self, element: str) -> bool:
        """Tell whether the directory has a code list for the element."""
        return element in self._table("codes.json") or (self._service is not None and self._service.is_coded(element))

    def codes(self, element: str) -> frozenset[str]:
        """Return the values of the element's code list; empty when it has none."""
        found = self._codes.get(element)
        if found is None:
            text = self._table("codes.json").get(element)
            if text is None:
                found = self._service.codes(element) if self._service else frozenset()
            else:
                found = frozenset(str(text).split())
            self._codes[element] = found
        return found

    def has_code(self, element: str, value: str) -> bool:
        """Tell whether value is in the element's code list; True when the element has no list."""
        return value in self.codes(element) or not self.is_coded(element)


def _uses(rows: list[list[object]]) -> tuple[SegmentUse | GroupUse, ...]:
    uses: list[SegmentUse | GroupUse] = []
    for row in rows:
        name, required, repeats = str(row[0]), row[1] == "M", int(str(row[2]))
        if len(row) == 4:
            inner = row[3]
            assert isinstance(inner, list)
            uses.append(GroupUse(name=name, required=required, repeats=repeats, children=_uses(inner)))
        else:
            uses.append(SegmentUse(tag=name, required=required, repeats=repeats))
    return tuple(uses)
