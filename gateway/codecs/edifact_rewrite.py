"""Change single segments of a file and leave every other byte as it is: line ends, odd spacing, trailing separators."""

from collections.abc import Callable

from gateway.codecs.edifact_read import DEFAULT_LIMITS, Limits, SegmentReader
from gateway.codecs.edifact_write import write_segments
from gateway.model.tree import Segment


def rewrite(
    data: bytes, change: Callable[[Segment], Segment], *, limits: Limits = DEFAULT_LIMITS, charset: str | None = None
) -> bytes:
    """Return data with change applied to each segment; a segment that change returns as it was keeps its bytes.

    Changed segments are written with the service characters and the character set of their interchange. Counts are the
    caller's: change gets UNT and UNZ too.
    Raises PartnerFault as reading does, OurFault edifact.character-unwritable as writing does.
    """
    reader = SegmentReader(limits, charset)
    parts: list[bytes] = []
    done = 0
    for segment in reader.read([data]):
        changed = change(segment)
        if changed is not segment and changed != segment:
            written = write_segments([changed], reader.marks, reader.syntax_id or "UNOC")
            parts += (data[done : segment.offset], written[:-1])
            done = segment.offset + len(segment.raw)
    return b"".join([*parts, data[done:]])
