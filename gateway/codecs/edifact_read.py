"""EDIFACT bytes to segments. Sans I/O: feed chunks of any size, take segments.

The reader knows service characters, release, character sets, line ends and positions; it does not know what
may stand where (gateway.codecs.envelope and gateway.schema.validate do). What is odd but readable becomes a
finding; what cannot be read at all raises PartnerFault.

Source: ISO 9735:1988 (syntax 1 to 3) clauses 5, 7 and 8; ISO 9735-1:1998 (syntax 4) clauses 7 and 8.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.codecs.edifact_charset import CODECS, decode, foreign_character
from gateway.codecs.edifact_marks import DEFAULT_MARKS, LEVEL_B_MARKS, SYNTAX_4_MARKS, Marks, split_segment
from gateway.codecs.edifact_report import report
from gateway.codecs.edifact_slice import PlainCutter, Slice, make_segment
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.tree import Elements, Segment

_BLANK = b"\r\n \t\x00\x1a"
_START = re.compile(rb"UNA[^A-Za-z0-9]{2}.{4}|UN[BH][^A-Za-z0-9]|UIB[^A-Za-z0-9]", re.DOTALL)
_START_BYTES = 9  # the longest start mark
_SLICE_BYTES = 65_536  # cut at a time, however large the chunk: keeps memory flat and the work linear
_WHOLE = 1 << 40  # all there is: the next slice, and what is left of the one before
_FIRST_BYTES = 1_024  # cut at first in each interchange: what lies behind a short one is not split for nothing
_FRAME = frozenset({b"UNH", b"UNT"})
_VERSIONS = ("1", "2", "3", "4")
_OUTSIDE = frozenset({"UNB", "UNZ", "UNG", "UNE", "UNO", "UNP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one payload may cost us. All counts and sizes are upper bounds."""

    segment_bytes: int = 100_000
    leading_bytes: int = 100_000  # before the first UNA or UNB
    message_segments: int = 1_500_000
    messages: int = 200_000  # in one interchange
    interchanges: int = 10_000
    empty_segments: int = 100_000


DEFAULT_LIMITS = Limits()


class SegmentReader:
    """Cuts and decodes segments. Use feed() for each chunk, then close(); or read() over an iterable of chunks.

    findings  what was odd since they were last taken; in the order of the file
    marks     service characters of the interchange being read
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS, charset: str | None = None) -> None:
        """charset: Python codec name to use instead of the one that UNB declares (a partner setting)."""
        self.findings: list[Finding] = []
        self.marks = DEFAULT_MARKS
        self.syntax_id = ""
        self._limits = limits
        self._charset = charset
        self._rest = b""  # bytes not cut yet
        self._offset = 0  # of the first byte of _rest, from the start of the file
        self._line = 1
        self._line_start = 0  # offset of the first byte of the current line
        self._between = True  # outside an interchange: looking for UNA or UNB
        self._fresh = False  # nothing of the interchange has been cut yet
        self._una = False  # the current marks come from a UNA
        self._skipped = b""
        self._skipped_at = (0, 1, 0)  # offset, line, start of that line
        self._number = 0
        self._window = _FIRST_BYTES  # bytes to cut next
        self._interchanges = self._empty = 0
        self._plain = self._cutter()
        self._data = b""  # the slice being cut, from _data_offset on
        self._data_offset = 0
        self._odd = self._breaks = False  # some of its segments need a second look; it has line ends
        self._source = Slice(b"", self.marks, 0, 1, 0)
        self._told: set[str] = set()  # findings reported once per interchange

    @property
    def offset(self) -> int:
        """Bytes from the start of the file to the first byte that has not been cut yet."""
        return self._offset

    def read(self, chunks: Iterable[bytes]) -> Iterator[Segment]:
        """Yield every segment of all chunks; findings belong to the segment just yielded."""
        for block in self.blocks(chunks):
            yield from block

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[list[Segment]]:
        """Yield all segments in blocks: one segment, or several of one message without anything odd in them.

        A segment with findings and the segments of the envelope (UNB, UNH, UNT, ...) always come alone.
        """
        for chunk in chunks:
            yield from self.cut(chunk)
        yield from self._end()

    def feed(self, chunk: bytes) -> list[Segment]:
        """Return the segments that are complete now."""
        return [segment for block in self.cut(chunk) for segment in block]

    def close(self) -> list[Segment]:
        """Say that no more bytes come. Returns what was still held; an unfinished segment becomes a finding."""
        return [segment for block in self._end() for segment in block]

    def _end(self) -> list[list[Segment]]:
        blocks = list(self.cut(b"", last=True))
        rest = self._rest.strip(_BLANK)
        if self._between:
            self._skip(self._rest)
            self._tell_skipped()
        elif rest:
            self.findings.append(report("edifact.truncated", self._here(), value=self._lenient(rest)))
        self._move(self._rest)
        self._rest = b""
        return blocks

    def cut(self, chunk: bytes, *, last: bool = False) -> Iterator[list[Segment]]:
        """Yield the segments that are complete with chunk, in blocks (see blocks)."""
        for at in range(0, len(chunk) or 1, _SLICE_BYTES):
            self._rest += chunk[at : at + _SLICE_BYTES]
            yield from self._cut_rest(last)

    def _cut_rest(self, last: bool) -> Iterator[list[Segment]]:
        while True:
            if self._between and not self._find_start(last):
                return
            window = self._window
            later = self._rest[window:]
            self._rest = self._rest[:window]
            yield from self._pieces()
            self._rest += later
            if self._between:
                continue
            if len(self._rest) - len(later) > self._limits.segment_bytes:
                self._too_long(self._rest)
            self._window = min(window * 8, _WHOLE)
            if not later:
                return

    # between interchanges

    def _find_start(self, last: bool) -> bool:
        """Skip to UNA, UNB or, when there is no envelope, UNH. False: more bytes are needed."""
        found = _START.search(self._rest)
        if found is None:
            keep = 0 if last else _START_BYTES - 1
            self._skip(self._rest[: max(0, len(self._rest) - keep)])
            return False
        self._skip(self._rest[: found.start()])
        self._tell_skipped()
        if found[0].startswith(b"UIB"):
            raise PartnerFault("edifact.interactive-refused", self._here("UIB"))
        self._interchanges += 1
        if self._interchanges > self._limits.interchanges:
            raise PartnerFault("edifact.too-many-interchanges", self._here(), limit=str(self._limits.interchanges))
        self._between, self._fresh, self._number = False, True, 0
        self._window = _FIRST_BYTES
        self.syntax_id = ""
        self._told.clear()
        self._take_marks()
        return True

    def _take_marks(self) -> None:
        self._una = self._rest.startswith(b"UNA")
        if self._una:
            try:
                self.marks = Marks.from_una(self._rest[3:9])
            except ValueError:
                self.marks = DEFAULT_MARKS
                self.findings.append(
                    report("edifact.una-invalid", self._here("UNA"), value=repr(self._rest[3:9])[2:-1])
                )
                cut_short = self._rest.find(b"U", 3, 9)  # a character was left out: UNB begins before its place
                self._drop(9 if cut_short < 0 else cut_short)
            else:
                self._drop(9)
        elif self._rest[3:4] == b"\x1d":
            self.marks = LEVEL_B_MARKS
        else:
            self.marks = DEFAULT_MARKS
        self._plain = self._cutter()

    def _cutter(self) -> PlainCutter:
        return PlainCutter(self.marks, self.syntax_id, self._limits.segment_bytes)

    def _skip(self, skipped: bytes) -> None:
        if not self._skipped and not skipped.strip(_BLANK):
            self._drop(len(skipped))  # some systems fill up the last block, however large
            return
        if len(self._skipped) + len(skipped) > self._limits.leading_bytes:
            raise PartnerFault("edifact.not-edifact", self._here(), value=self._lenient(self._skipped[:40]))
        if not self._skipped:
            self._skipped_at = (self._offset, self._line, self._line_start)
        self._skipped += skipped
        self._drop(len(skipped))

    def _tell_skipped(self) -> None:
        skipped, self._skipped = self._skipped, b""
        offset, line, line_start = self._skipped_at
        if offset == 0 and skipped.startswith(b"\xef\xbb\xbf"):
            skipped, offset = skipped[3:], 3
            self.findings.append(report("edifact.byte-order-mark", Where(offset=0, line=1, column=1)))
        if stray := skipped.strip(_BLANK):
            lead = skipped[: skipped.index(stray)]
            if lines := lead.count(b"\n"):
                line, line_start = line + lines, offset + lead.rindex(b"\n") + 1
            offset += len(lead)
            where = Where(offset=offset, line=line, column=offset - line_start + 1)
            self.findings.append(report("edifact.text-outside", where, value=self._lenient(stray)))

    # inside an interchange

    def _pieces(self) -> Iterator[list[Segment]]:
        """Cut at terminators that are not released, until the bytes or the interchange end."""
        data, self._rest = self._rest, b""  # every way out below puts the uncut bytes back
        terminator = self.marks.terminator.encode("latin-1")
        pieces = self._plain.pieces(data)
        if not self._fresh:
            self._take_slice(data)
        uncut = pieces.pop()
        coming, place = iter(pieces), 0
        while place < len(pieces):
            piece: bytes | None
            if self._fresh:
                piece = next(coming)
            else:
                block, piece = self._run(coming)
                if block:
                    place += len(block)
                    yield block
                if piece is None:
                    break
                if piece.lstrip(_BLANK).startswith((b"UNA", b"UNB")):
                    self._between = True  # the interchange before has no UNZ
                    self._rest = terminator.join([*pieces[place:], uncut])
                    return
            place += 1
            passed = self._offset
            if piece[:3] in _FRAME and (segment := self._frame(piece)):
                yield [segment]
                continue
            if self._fresh and piece.lstrip(_BLANK).startswith(b"UNA"):  # a second one
                self.findings.append(report("edifact.text-outside", self._here("UNA"), value=self._lenient(piece)))
                self._move(piece + b"'")
                continue
            segment = self._segment(piece)
            if segment is None:
                continue
            if self._fresh:
                self._fresh = False
                self._take_slice(data[self._offset - passed :])
            if segment.tag == "UNZ":
                self._between = True
                self._rest = terminator.join([*pieces[place:], uncut])
                yield [segment]
                return
            yield [segment]
        self._rest = uncut

    def _take_slice(self, data: bytes) -> None:
        """Look over the bytes that come next. What is plain in them needs no second look."""
        self._data, self._data_offset = data, self._offset
        self._odd = self._plain.is_odd(data)
        self._breaks = b"\n" in data
        self._source = Slice(data, self.marks, self._offset, self._line, self._line_start)

    def _run(self, pieces: Iterator[bytes]) -> tuple[list[Segment], bytes | None]:
        """Take the plain segments that come first and move on behind them. Returns also the piece that follows."""
        block, piece = self._plain.run(pieces, self._source, self._offset, self._number, self._odd)
        if block:
            final = block[-1]
            end = final.offset + len(final.raw) + 1
            if self._breaks:
                self._move(self._data[self._offset - self._data_offset : end - self._data_offset])
            self._offset = end
            self._number = final.number
        return block, piece

    def _frame(self, piece: bytes) -> Segment | None:
        """Take UNH or UNT when there is nothing odd about it; None when there is."""
        if self._fresh or not self._plain.holds(piece):
            return None
        offset = self._offset
        self._offset = offset + len(piece) + 1
        if piece[:3] == b"UNH":
            self._number = number = 1
        else:
            number = self._number + 1 if self._number else 0
            self._number = 0
        return make_segment(piece, offset, number, self._source)

    def _segment(self, piece: bytes) -> Segment | None:
        """Decode one cut piece and move on behind its terminator; None when it is empty."""
        raw = piece.lstrip(_BLANK)
        lead = len(piece) - len(raw)
        if lead:
            self._move(piece[:lead])
        offset, line, column = self._offset, self._line, self._offset - self._line_start + 1
        if len(raw) > self._limits.segment_bytes:
            self._too_long(raw)
        if not raw:
            self._pass_empty()
            return None
        text, actual = decode(raw, self.syntax_id, self._charset)
        if b"\n" in raw or b"\r" in raw:
            text = text.replace("\r", "").replace("\n", "")
            self._tell("edifact.line-break-inside", text[:3], value=text)
        if actual:
            self._tell("edifact.charset-mismatch", text[:3], value=text, declared=self.syntax_id, actual=actual)
        if foreign := foreign_character(text, self.syntax_id, self.marks.una()[3:]):
            self._foreign(foreign, text)
        text = text.replace("\0", " ")  # told above; not every database can hold it
        tag, elements, repeats = split_segment(text, self.marks)
        if text[3:4] == self.marks.component:
            self._tell("edifact.nesting-indicator", tag, value=text)
        self._count(tag, elements)
        self._move(piece[lead:])
        self._offset += 1
        if self.marks.terminator == "\n":
            self._line += 1
            self._line_start = self._offset
        number = self._number
        if tag == "UNT":
            self._number = 0
        return Segment(tag, elements, number, offset, line, column, raw, repeats)

    def _count(self, tag: str, elements: Elements) -> None:
        """Keep the position in the message, and learn the syntax from UNB."""
        if tag == "UNH":
            self._number = 1
        elif tag in _OUTSIDE:
            self._number = 0
            if tag == "UNB":
                self._open(elements)
            elif tag == "UNO":
                raise PartnerFault("edifact.package-refused", self._here("UNO"))
        elif self._number:
            self._number += 1

    def _open(self, elements: Elements) -> None:
        syntax = elements[0] if elements else ("",)
        self.syntax_id = syntax[0]
        version = syntax[1] if len(syntax) > 1 else ""
        if version == "4" and not self._una:
            self.marks = SYNTAX_4_MARKS
        elif version != "4" and self.marks.repetition != " ":
            # UNA position 5 is reserved before syntax 4: whatever stands there means nothing
            self.marks = replace(self.marks, repetition=" ")
        if version == "4" and self.marks.named:
            self.marks = replace(self.marks, named=False)  # UNA position 3 means nothing in syntax 4
        self._plain = self._cutter()
        if self.syntax_id not in CODECS:
            where = self._here("UNB", element=1, component=1)
            known = len(self.syntax_id) == 4 and self.syntax_id.startswith("UNO")  # a level, but not one we read
            iso = "46" if known else None
            self.findings.append(report("edifact.syntax-unknown", where, value=self.syntax_id, iso=iso))
        if version and version not in _VERSIONS:
            where = self._here("UNB", element=1, component=2)
            self.findings.append(report("edifact.syntax-version-unknown", where, value=version))

    # places and reports

    def _move(self, passed: bytes) -> None:
        """Count lines and bytes that lie behind."""
        lines = passed.count(b"\n")
        if lines:
            self._line += lines
            self._line_start = self._offset + passed.rfind(b"\n") + 1
        self._offset += len(passed)

    def _drop(self, size: int) -> None:
        self._move(self._rest[:size])
        self._rest = self._rest[size:]

    def _here(self, tag: str | None = None, element: int | None = None, component: int | None = None) -> Where:
        return Where(
            segment=self._number + 1 if self._number else None,
            tag=tag,
            element=element,
            component=component,
            offset=self._offset,
            line=self._line,
            column=self._offset - self._line_start + 1,
        )

    def _tell(self, code: str, tag: str | None, *, value: str, **params: str) -> None:
        """Report once per interchange: the same habit shows in every segment."""
        if code not in self._told:
            self._told.add(code)
            self.findings.append(report(code, self._here(tag), value=value, **params))

    def _pass_empty(self) -> None:
        """Move on behind a terminator that ends nothing."""
        self._tell("edifact.segment-empty", None, value="")
        self._empty += 1
        if self._empty > self._limits.empty_segments:
            raise PartnerFault("edifact.too-many-empty", self._here(), limit=str(self._limits.empty_segments))
        self._move(b"'")

    def _foreign(self, character: str, text: str) -> None:
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
        if shown.islower() and self.syntax_id == "UNOA":
            self._tell("edifact.lower-case", text[:3], value=text, level="UNOA")
        else:
            self._tell("edifact.character-foreign", text[:3], value=text, level=self.syntax_id, character=shown)

    def _lenient(self, raw: bytes) -> str:
        return decode(raw[:80], self.syntax_id)[0]

    def _too_long(self, raw: bytes) -> None:
        raise PartnerFault(
            "edifact.segment-too-long", self._here(), value=self._lenient(raw), limit=str(self._limits.segment_bytes)
        )
