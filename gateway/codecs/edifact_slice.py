"""The quick way through a slice of a file: runs of segments that need no second look.

A segment is plain when it begins with a tag of three letters and the element mark, holds only printable ASCII that
its level allows, and has line ends at most before its tag. Everything else is edifact_read's, one by one.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from gateway.codecs.edifact_charset import level_bytes
from gateway.codecs.edifact_marks import Marks, split_released, split_segment
from gateway.model.tree import Elements, Repeats, Segment, Source

_LINE_ENDS = (b"\r", b"\n")
_MAX_TAGS = 5000
_ENVELOPE = frozenset({b"UNA", b"UNB", b"UNZ", b"UNG", b"UNE", b"UNH", b"UNT", b"UNO", b"UNP"})
_new = object.__new__


def make_segment(raw: bytes, offset: int, number: int, source: Source) -> Segment:
    """Return a segment that is split and placed when somebody asks. raw: a plain one."""
    draft: Any = _new(Segment)
    draft.tag = raw[:3].decode("ascii")
    draft.raw = raw
    draft.offset = offset
    draft.number = number
    draft._source = source
    draft._elements = None
    segment: Segment = draft
    return segment


class Slice:
    """The Source of the plain segments of one slice: marks to split by, and line ends to count.

    offset, line, line_start  of the first byte of data: place in the file, line number, offset of that line's start
    """

    __slots__ = (
        "_data",
        "_ends",
        "_line",
        "_line_start",
        "_marks",
        "_offset",
        "_release",
        "breaks",
        "component",
        "element",
        "special",
    )

    def __init__(self, data: bytes, marks: Marks, offset: int, line: int, line_start: int) -> None:
        self._marks = marks
        self.element, self.component = marks.element, marks.component
        self.special = _special(data, marks)
        self._release = marks.release if marks.release != " " == marks.repetition else ""  # "": never the short way
        self._offset = offset
        self._line = line
        self._line_start = line_start
        self._data: bytes | None = data if b"\n" in data else None
        self.breaks = 0 if self._data is None else 2 if b"\r\n" in data else 1  # bytes of the line ends, mostly
        self._ends: list[int] | None = None

    def split(self, raw: bytes) -> tuple[Elements, Repeats]:
        """Return the elements of a segment's bytes, and which of them repeat."""
        text = raw[4:].decode()
        if self._release and self._release + self._release not in text:
            return split_released(text, self.element, self.component, self._release), ()
        _, elements, repeats = split_segment(raw.decode(), self._marks)
        return elements, repeats

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column, from 1, of a byte offset into the interchange."""
        if self._ends is None:
            self._ends = self._line_ends()
        lines = bisect_left(self._ends, offset)
        start = self._ends[lines - 1] + 1 if lines else self._line_start
        return self._line + lines, offset - start + 1

    def _line_ends(self) -> list[int]:
        if self._data is None:
            return []
        lengths = accumulate(map(len, self._data.split(b"\n")[:-1]))
        self._data = None
        return [self._offset + place + length for place, length in enumerate(lengths)]


def _special(data: bytes, marks: Marks) -> bytes:
    """Return the mark that data holds beside separators; "" (which is in everything) when there are two."""
    encoded = (each.encode("latin-1") for each in (marks.release, marks.repetition) if each != " ")
    found = [each for each in encoded if each in data]
    if len(found) == 2:
        return b""
    return found[0] if found else b"\x00"  # never in a plain segment


class PlainCutter:
    """Knows what is plain in one interchange: its marks and its level."""

    def __init__(self, marks: Marks, syntax_id: str, limit_bytes: int) -> None:
        self.marks = marks
        self._terminator = marks.terminator.encode("latin-1")
        self._release = b"" if marks.release == " " else marks.release.encode("latin-1")
        self._element = marks.element.encode("latin-1")
        allowed = level_bytes(syntax_id) + marks.una()[3:].encode("latin-1")
        self._inside = bytes(sorted({*allowed} - {10, 13}))
        self._allowed = self._inside + b"\r\n"
        self._limit = limit_bytes
        self._ascii = marks.una().isascii()
        self._tags: dict[bytes, str] = {}  # by tag and element mark

    def is_odd(self, data: bytes) -> bool:
        """Tell whether single segments of data need a look at their bytes. Usually none does."""
        return (
            len(data) > self._limit
            or self._terminator == b"\n"
            or bool(data.translate(None, self._allowed))
            or self._breaks_inside(data)
        )

    def _breaks_inside(self, data: bytes) -> bool:
        breaks = data.count(b"\n")
        if not breaks and b"\r" not in data:
            return False
        end = self._terminator
        pairs = data.count(end + b"\r\n") + data.startswith(b"\r\n")
        alone = data.count(end + b"\n") + data.startswith(b"\n")
        if self._release and any(self._release + end + each in data for each in (b"\r", b"\n")):
            return True  # the line end may follow a terminator that is data
        return breaks != pairs + alone or data.count(b"\r") != pairs

    def run(
        self, pieces: Iterator[bytes], source: Slice, offset: int, number: int, odd: bool
    ) -> tuple[list[Segment], bytes | None]:
        """Return the plain segments that come first in pieces, and the piece after them; None: there is none.

        offset  of the first piece in the file
        number  position in the message of the segment before; 0: outside a message
        odd     what is_odd said of the slice
        """
        found: list[Segment] = []
        draft: Any
        append = found.append
        tags = self._tags
        tag_of = tags.get
        step = 1 if number else 0
        following = None
        breaks = source.breaks
        lead = b"\r\n" if breaks == 2 else b"\n"
        for whole in pieces:  # make_segment is written out here: a call would double the time
            piece = whole.removeprefix(lead) if breaks else whole
            tag = tag_of(piece[:4])
            if odd or tag is None:
                bare = self._bare(whole, odd)
                if bare is None:
                    following = whole
                    break
                piece, tag = bare, tags[bare[:4]]
            if piece is not whole:
                offset += len(whole) - len(piece)
            number += step
            draft = _new(Segment)
            draft.tag = tag
            draft.raw = piece
            draft.offset = offset
            draft.number = number
            draft._source = source
            draft._elements = None
            append(draft)
            offset += len(piece) + 1
        return found, following

    def holds(self, piece: bytes) -> bool:
        """Tell whether piece, of whatever tag, is plain otherwise."""
        return (
            piece[3:4] == self._element
            and self._ascii
            and len(piece) <= self._limit
            and not piece.translate(None, self._inside)
        )

    def _bare(self, piece: bytes, odd: bool) -> bytes | None:
        """Return a plain piece without the line ends before its tag; None when it is not plain."""
        bare = piece.lstrip(b"\r\n") if piece[:1] in _LINE_ENDS else piece
        if bare[:4] not in self._tags and not self._learn(bare[:4]):
            return None
        return None if odd and (len(bare) > self._limit or bare.translate(None, self._inside)) else bare

    def _learn(self, head: bytes) -> bool:
        """Take a tag and its separator among those known to be plain data segments."""
        tag = head[:3]
        plain = tag.isalnum() and tag.isupper() and tag not in _ENVELOPE and head[3:] == self._element and self._ascii
        if plain:
            if len(self._tags) >= _MAX_TAGS:
                self._tags.clear()
            self._tags[head] = tag.decode("ascii")
        return plain

    def pieces(self, data: bytes) -> list[bytes]:
        """Cut data at terminators that are not released; the last piece is what follows the last of them."""
        release = self._release
        if release and release + self._terminator in data:
            return self._joined(data)
        return data.split(self._terminator)

    def _joined(self, data: bytes) -> list[bytes]:
        """Split at released and doubtful terminators first: there are few of them."""
        release, terminator = self._release, self._terminator
        first, *parts = data.split(release + terminator)
        joined = first.split(terminator)
        for part in parts:
            before = joined[-1]
            pieces = part.split(terminator)
            if (len(before) - len(before.rstrip(release))) % 2:
                joined[-1] = before + release  # an even number: they release each other
            else:
                pieces[0] = before + release + terminator + pieces[0]
                joined.pop()
            joined += pieces
        return joined
