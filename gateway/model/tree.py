"""What codecs produce and mappings walk: EDIFACT segments in groups. (XML trees are lxml elements, walked by
their `tag`, `text`, `attrib`, `sourceline` only.)"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.model.findings import Where

Elements = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One EDIFACT segment, decoded.

    elements  one tuple of components per data element, tag excluded; an absent element is ("",)
    number    position in the message, UNH = 1; 0 at interchange level
    offset    bytes from the start of the file to the tag
    line, column  of the tag, from 1
    repeats   syntax 4: further repetitions as (element index from 0, components)
    raw       the bytes as received, terminator excluded
    """

    tag: str
    elements: Elements
    number: int = 0
    offset: int = 0
    line: int = 1
    column: int = 1
    raw: bytes = b""
    repeats: tuple[tuple[int, tuple[str, ...]], ...] = ()

    def get(self, element: int, component: int = 1) -> str:
        """Return the text at element and component, both from 1; "" when absent."""
        try:
            return self.elements[element - 1][component - 1]
        except IndexError:
            return ""

    def where(self, element: int | None = None, component: int | None = None) -> Where:
        """Return the place of the segment, or of one of its elements or components."""
        return Where(
            segment=self.number or None,
            tag=self.tag,
            element=element,
            component=component,
            offset=self.offset,
            line=self.line,
            column=self.column,
        )


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
