"""To and from pydifact.Segment, the interchange form with other Python programs and the second opinion of the tests."""

from pydifact.segments import Segment as PydifactSegment

from gateway.model.tree import Segment


def to_pydifact(segment: Segment) -> PydifactSegment:
    """Return the segment in pydifact's form: an element of one component is a str, others are lists of str.

    pydifact has no repetitions, positions or raw bytes: they are lost.
    """
    elements = [each[0] if len(each) == 1 else list(each) for each in segment.elements]
    return PydifactSegment(segment.tag, *elements)


def from_pydifact(segment: PydifactSegment) -> Segment:
    """Return a segment of ours, without position."""
    elements = [(each,) if isinstance(each, str) else tuple(each) for each in segment.elements]
    return Segment(segment.tag, tuple(elements))
