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
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.tree import Elements, Segment

_BLANK = b"\r\n \t\x00\x1a"
_START = re.compile(rb"UNA[^A-Za-z0-9]{2}.{4}|UN[BH][^A-Za-z0-9]|UIB[^A-Za-z0-9]", re.DOTALL)
_LINE_ENDS = ("\r", "\n")
_START_BYTES = 9  # the longest start mark
_SLICE_BYTES = 65_536  # cut at a time, however large the chunk: keeps memory flat and the work linear
_OUTSIDE = frozenset({"UNB", "UNZ", "UNG", "UNE", "UNO", "UNP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one payload may cost us. All counts and sizes are upper bounds."""

    segment_bytes: int = 100_000
    leading_bytes: int = 100_000  # before the first UNA or UNB
    message_segments: int = 1_500_000
    messages: int = 200_000


DEFAULT_LIMITS = Limits()


class _Draft:
    """A Segment being made. The constructor of a frozen dataclass costs 1.7 us, five times what this one does; both
    classes have the same slots, so a finished draft simply becomes a Segment."""

    __slots__ = Segment.__slots__

    def __init__(
        self, tag: str, elements: Elements, number: int, offset: int, line: int, column: int, raw: bytes
    ) -> None:
        self.tag = tag
        self.elements = elements
        self.number = number
        self.offset = offset
        self.line = line
        self.column = column
        self.raw = raw
        self.repeats = ()


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
        self._number = 0
        self._told: set[str] = set()  # findings reported once per interchange

    @property
    def offset(self) -> int:
        """Bytes from the start of the file to the first byte that has not been cut yet."""
        return self._offset

    def read(self, chunks: Iterable[bytes]) -> Iterator[Segment]:
        """Yield every segment of all chunks."""
        for chunk in chunks:
            yield from self.cut(chunk)
        yield from self.close()

    def feed(self, chunk: bytes) -> list[Segment]:
        """Return the segments that are complete now."""
        return list(self.cut(chunk))

    def close(self) -> list[Segment]:
        """Say that no more bytes come. Returns what was still held; an unfinished segment becomes a finding."""
        segments = list(self.cut(b"", last=True))
        rest = self._rest.strip(_BLANK)
        if self._between:
            self._skip(self._rest)
            self._tell_skipped()
        elif rest:
            self.findings.append(report("edifact.truncated", self._here(), value=self._lenient(rest)))
        self._move(self._rest)
        self._rest = b""
        return segments

    def cut(self, chunk: bytes, *, last: bool = False) -> Iterator[Segment]:
        """Yield the segments that are complete with chunk, one by one; findings belong to the segment just yielded."""
        for at in range(0, len(chunk) or 1, _SLICE_BYTES):
            self._rest += chunk[at : at + _SLICE_BYTES]
            yield from self._cut_rest(last)

    def _cut_rest(self, last: bool) -> Iterator[Segment]:
        while True:
            if self._between and not self._find_start(last):
                return
            yield from self._pieces()
            if not self._between:
                if len(self._rest) > self._limits.segment_bytes:
                    self._too_long(self._rest)
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
        self._between, self._fresh, self._number = False, True, 0
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
            self._drop(9)
        elif self._rest[3:4] == b"\x1d":
            self.marks = LEVEL_B_MARKS
        else:
            self.marks = DEFAULT_MARKS

    def _skip(self, skipped: bytes) -> None:
        if len(self._skipped) + len(skipped) > self._limits.leading_bytes:
            raise PartnerFault("edifact.not-edifact", self._here(), value=self._lenient(self._skipped[:40]))
        self._skipped += skipped
        self._drop(len(skipped))

    def _tell_skipped(self) -> None:
        skipped, self._skipped = self._skipped, b""
        if skipped.startswith(b"\xef\xbb\xbf"):
            skipped = skipped[3:]
            self.findings.append(report("edifact.byte-order-mark", Where(offset=0, line=1, column=1)))
        if stray := skipped.strip(_BLANK):
            self.findings.append(report("edifact.text-outside", self._here(), value=self._lenient(stray)))

    # inside an interchange

    def _pieces(self) -> Iterator[Segment]:
        """Cut at terminators that are not released, until the bytes or the interchange end."""
        terminator = self.marks.terminator.encode("latin-1")
        release = b"" if self.marks.release == " " else self.marks.release.encode("latin-1")
        data, self._rest = self._rest, b""  # every way out below puts the uncut bytes back
        pieces = data.split(terminator)
        easy = False if self._fresh else self._is_easy(data, terminator)
        held = b""
        place, stop = 0, len(pieces) - 1
        while place < stop:
            piece = pieces[place]
            place += 1
            if held:
                piece = held + terminator + piece
                held = b""
            if release and piece.endswith(release) and _released(piece, release):
                held = piece
                if len(held) > self._limits.segment_bytes:
                    self._too_long(held)
                continue
            if easy and (found := self._easy_segment(piece)):
                yield found
                continue
            if not self._fresh and piece.lstrip(_BLANK).startswith((b"UNA", b"UNB")):
                self._between = True  # the interchange before has no UNZ
                self._rest = terminator.join([piece, *pieces[place:]])
                return
            segment = self._segment(piece)
            if segment is None:
                continue
            if self._fresh:
                self._fresh = False
                easy = self._is_easy(data, terminator)
            if segment.tag == "UNZ":
                self._between = True
                self._rest = terminator.join(pieces[place:])
                yield segment
                return
            yield segment
        self._rest = held + terminator + pieces[stop] if held else pieces[stop]

    def _is_easy(self, data: bytes, terminator: bytes) -> bool:
        """Tell whether no segment in data needs a look at character set, inner line ends or repetitions: the usual
        case. Line ends right after a terminator are usual too."""
        if self.marks.repetition != " " or terminator == b"\n" or not data.isascii():
            return False
        if (breaks := data.count(b"\n")) or b"\r" in data:
            pairs = data.count(terminator + b"\r\n") + data.startswith(b"\r\n")
            alone = data.count(terminator + b"\n") + data.startswith(b"\n")
            if breaks != pairs + alone or data.count(b"\r") != pairs:
                return False
        return foreign_character(data.decode("ascii"), self.syntax_id) is None

    def _easy_segment(self, piece: bytes) -> Segment | None:
        """Do what _segment does, for a data segment in easy bytes; None when it is something else."""
        text = piece.decode("ascii")
        lead = 0
        if text[:1] in _LINE_ENDS:
            text = text.lstrip("\r\n")
            lead = len(piece) - len(text)
        marks = self.marks
        component = marks.component
        if text[:2] == "UN" or text[3:4] != marks.element or len(piece) > self._limits.segment_bytes:
            return None
        if lead:
            self._move(piece[:lead])
            piece = piece[lead:]
        if marks.release in text and marks.release != " ":
            tag, elements, _ = split_segment(text, marks)
        else:
            tag, *parts = text.split(marks.element)
            elements = tuple([tuple(part.split(component)) if component in part else (part,) for part in parts])
        offset = self._offset
        self._offset = offset + len(piece) + 1
        number = self._number
        if number:
            self._number = number = number + 1
        draft = _Draft(tag, elements, number, offset, self._line, offset - self._line_start + 1, piece)
        draft.__class__ = Segment  # type: ignore[assignment]
        return draft  # type: ignore[return-value]

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
            self._tell("edifact.segment-empty", self._here(), value="")
            self._move(b"'")
            return None
        text, actual = decode(raw, self.syntax_id, self._charset)
        if b"\n" in raw or b"\r" in raw:
            text = text.replace("\r", "").replace("\n", "")
            self._tell("edifact.line-break-inside", self._here(text[:3]), value=text)
        if actual:
            self._tell(
                "edifact.charset-mismatch", self._here(text[:3]), value=text, declared=self.syntax_id, actual=actual
            )
        if foreign := foreign_character(text, self.syntax_id):
            self._foreign(foreign, text)
        tag, elements, repeats = split_segment(text, self.marks)
        if text[3:4] == self.marks.component:
            self._tell("edifact.nesting-indicator", self._here(tag), value=text)
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
        if self.syntax_id not in CODECS:
            where = self._here("UNB", element=1, component=1)
            self.findings.append(report("edifact.syntax-unknown", where, value=self.syntax_id))

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

    def _tell(self, code: str, where: Where, *, value: str, **params: str) -> None:
        """Report once per interchange: the same habit shows in every segment."""
        if code not in self._told:
            self._told.add(code)
            self.findings.append(report(code, where, value=value, **params))

    def _foreign(self, character: str, text: str) -> None:
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
        if shown.islower() and self.syntax_id == "UNOA":
            self._tell("edifact.lower-case", self._here(text[:3]), value=text, level="UNOA")
        else:
            self._tell(
                "edifact.character-foreign", self._here(text[:3]), value=text, level=self.syntax_id, character=shown
            )

    def _lenient(self, raw: bytes) -> str:
        return decode(raw[:80], self.syntax_id)[0]

    def _too_long(self, raw: bytes) -> None:
        raise PartnerFault(
            "edifact.segment-too-long", self._here(), value=self._lenient(raw), limit=str(self._limits.segment_bytes)
        )


def _released(piece: bytes, release: bytes) -> bool:
    """Tell whether piece ends in an odd number of release characters: then the mark after it is data."""
    return (len(piece) - len(piece.rstrip(release))) % 2 == 1
