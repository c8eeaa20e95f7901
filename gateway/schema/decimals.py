"""The decimal mark of what we write: which values are numbers is the directory's to say.

Source: ISO 9735 clause 10 (numeric data element values): the mark is the comma or the full stop.
"""

from collections.abc import Sequence

from gateway.model.tree import Segment
from gateway.schema.directory import Directory, SegmentLayout


def with_decimal_mark(segments: Sequence[Segment], mark: str, directory: Directory | None) -> Sequence[Segment]:
    """Return segments whose numbers, written with a full stop, have mark instead. directory: None changes nothing."""
    if mark == "." or directory is None:
        return segments
    return [_marked(each, mark, directory) for each in segments]


def _marked(segment: Segment, mark: str, directory: Directory) -> Segment:
    try:
        layout = directory.layout(segment.tag)
    except KeyError:
        return segment
    elements = tuple(_element(each, place, mark, layout) for place, each in enumerate(segment.elements))
    return segment if elements == segment.elements else Segment(segment.tag, elements, repeats=segment.repeats)


def _element(components: tuple[str, ...], place: int, mark: str, layout: SegmentLayout) -> tuple[str, ...]:
    if place >= len(layout.elements) or not any("." in each for each in components):
        return components
    uses = layout.elements[place].components
    return tuple(
        value.replace(".", mark) if at < len(uses) and uses[at].format.kind == "n" else value
        for at, value in enumerate(components)
    )
