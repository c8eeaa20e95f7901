"""What codecs produce and mappings walk: EDIFACT segments in groups. (XML trees are lxml elements, walked by
their `tag`, `text`, `attrib`, `sourceline` only.)"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from gateway.model.findings import Where

Elements = tuple[tuple[str, ...], ...]
Repeats = tuple[tuple[int, tuple[str, ...]], ...]


class Source(Protocol):
    """What a segment was cut from: what it takes to split it, and to tell its place, when somebody asks.

    element, component  the marks
    special             raw bytes that hold this must be split by split(); others are ASCII, begin with a tag of three
                        letters and the element mark, and are split by element and component alone
    """

    element: str
    component: str
    special: bytes

    def split(self, raw: bytes) -> tuple[Elements, Repeats]:
        """Return elements and repeats of the bytes."""
        ...

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of the byte at offset."""
        ...


class _Given:
    """The Source of a segment that was made whole."""

    __slots__ = ("_place", "_split", "component", "element", "special")

    def __init__(self, elements: Elements, repeats: Repeats, line: int, column: int) -> None:
        self.element = self.component = ""
        self.special = b""
        self._split = (elements, repeats)
        self._place = (line, column)

    def split(self, raw: bytes) -> tuple[Elements, Repeats]:
        return self._split

    def place(self, offset: int) -> tuple[int, int]:
        return self._place


_NOWHERE = _Given((), (), 1, 1)


class Segment:
    """One EDIFACT segment, decoded. Immutable.

    elements  one tuple of components per data element, tag excluded; an absent element is ("",)
    number    position in the message, UNH = 1; 0 at interchange level
    offset    bytes from the start of the file to the tag
    line, column  of the tag, from 1
    repeats   syntax 4: further repetitions as (element index from 0, components)
    raw       the bytes as received, terminator excluded

    A reader makes segments from raw bytes and a Source (gateway.codecs.edifact_slice): they are split and placed when
    somebody asks, since most segments of a large file are only ever checked by their bytes. Slots and Final, not a
    frozen dataclass: making segments is the innermost loop of all, and that costs a third of this.
    """

    __slots__ = ("_elements", "_source", "number", "offset", "raw", "tag")

    tag: Final[str]
    number: Final[int]
    offset: Final[int]
    raw: Final[bytes]
    _elements: Elements | None  # None: not split yet
    _source: Final[Source]

    def __init__(
        self,
        tag: str,
        elements: Elements,
        number: int = 0,
        offset: int = 0,
        line: int = 1,
        column: int = 1,
        raw: bytes = b"",
        repeats: Repeats = (),
    ) -> None:
        self.tag = tag
        self.number = number
        self.offset = offset
        self.raw = raw
        self._elements = elements
        plain = line == column == 1 and not repeats
        self._source = _NOWHERE if plain else _Given(elements, repeats, line, column)

    @property
    def elements(self) -> Elements:
        """Return the elements, each as its components; split when somebody asks first."""
        found = self._elements
        if found is None:
            source, raw = self._source, self.raw
            if source.special in raw:
                found = source.split(raw)[0]
            else:
                text, component = raw[4:].decode(), source.component
                if source.element in text:
                    parts = []
                    for part in text.split(source.element):
                        # a comprehension, or splitting what has no components, is slower here
                        parts.append(tuple(part.split(component)) if component in part else (part,))
                    found = tuple(parts)
                else:
                    found = (tuple(text.split(component)),)
            self._elements = found
        return found

    @property
    def repeats(self) -> Repeats:
        return self._source.split(self.raw)[1] if self._source.special in self.raw else ()

    @property
    def line(self) -> int:
        return self._source.place(self.offset)[0]

    @property
    def column(self) -> int:
        return self._source.place(self.offset)[1]

    def _values(self) -> tuple[str, Elements, int, int, int, int, bytes, Repeats]:
        return (
            self.tag,
            self.elements,
            self.number,
            self.offset,
            self.line,
            self.column,
            self.raw,
            self.repeats,
        )

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Segment) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return f"Segment{self._values()!r}"

    def __reduce__(self) -> tuple[type["Segment"], tuple[object, ...]]:
        """Go to another process whole: the source stays here."""
        return Segment, self._values()

    def get(self, element: int, component: int = 1) -> str:
        """Return the text at element and component, both from 1; "" when absent."""
        try:
            return self.elements[element - 1][component - 1]
        except IndexError:
            return ""

    def spot(self) -> tuple[int | None, str, int, int, int]:
        """Return number (None at interchange level), tag, offset, line and column."""
        line, column = self._source.place(self.offset)
        return self.number or None, self.tag[:20], self.offset, line, column  # what is no tag may be of any length

    def where(self, element: int | None = None, component: int | None = None) -> Where:
        """Return the place of the segment, or of one of its elements or components."""
        number, tag, offset, line, column = self.spot()
        return Where(
            segment=number, tag=tag, element=element, component=component, offset=offset, line=line, column=column
        )


def all_made(segments: Sequence[Segment]) -> bool:
    """Tell whether all were made of their elements, at no place and without repeats: what a mapping writes."""
    return all([segment._source is _NOWHERE for segment in segments])  # noqa: C419  a list is quicker than a generator


def split_all(segments: Sequence[Segment]) -> None:
    """Split segments of one reader's block that have not been split yet: a fifth quicker than asking each of them."""
    source: Source | None = None
    for segment in segments:
        if segment._elements is not None:
            continue
        if segment._source is not source:
            source = segment._source
            special, element, component = source.special, source.element, source.component
        raw = segment.raw
        if special in raw:
            segment._elements = source.split(raw)[0]
            continue
        text = raw[4:].decode()
        if element in text:
            parts = []
            for part in text.split(element):
                parts.append(tuple(part.split(component)) if component in part else (part,))
            segment._elements = tuple(parts)
        else:
            segment._elements = (tuple(text.split(component)),)


@dataclass(slots=True)
class Group:
    """A segment group of a message: name is SG1, SG2, ... or the message type for the root."""

    name: str
    children: "list[Segment | Group]" = field(default_factory=list)

    @property
    def trigger(self) -> Segment:
        """The first segment of the group."""
        first = self.children[0]
        return first.trigger if isinstance(first, Group) else first

    def segments(self) -> Iterator[Segment]:
        """Yield every segment below, in document order."""
        for child in self.children:
            if isinstance(child, Group):
                yield from child.segments()
            else:
                yield child
