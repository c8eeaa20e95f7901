"""Interchanges and messages: what stands between UNB and UNZ, read and written.

read_parts() gives messages one by one and keeps only one in memory; read_interchanges() gathers them. Every
message stands alone: what is wrong with one is a finding of that message only.

Source: ISO 9735:1988 clauses 8 and 9; ISO 9735-1:1998 clauses 8 and 10, ISO 9735-2:1998.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.codecs.edifact_marks import DEFAULT_MARKS, SYNTAX_4_MARKS, Marks
from gateway.codecs.edifact_other import other_format
from gateway.codecs.edifact_read import DEFAULT_LIMITS, Limits, SegmentReader
from gateway.codecs.edifact_write import write_segments
from gateway.codecs.envelope_assembly import Assembly
from gateway.codecs.envelope_parts import (
    Closed,
    FunctionalGroup,
    Interchange,
    InterchangeHeader,
    Opened,
    Part,
    RawMessage,
)
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.tree import Segment

_HEAD_BYTES = 64  # what it takes to name another format

__all__ = [
    "Closed",
    "FunctionalGroup",
    "Interchange",
    "InterchangeHeader",
    "Opened",
    "OutMessage",
    "Part",
    "RawMessage",
    "interchange_around",
    "read_interchanges",
    "read_parts",
    "write_interchange",
]


def read_parts(
    chunks: Iterable[bytes], *, limits: Limits = DEFAULT_LIMITS, charset: str | None = None
) -> Iterator[Part]:
    """Yield Opened, its messages, Closed, for each interchange of the file.

    charset  Python codec name that overrules UNB (a partner setting)
    Raises PartnerFault edifact.not-edifact when nothing in the file is EDIFACT. Another fault that stops the reading
    ends the interchange it comes in: it is the last finding of its Closed. Between interchanges it is raised, behind
    those that came before.
    """
    reader = SegmentReader(limits, charset)
    assembly = Assembly(reader, limits)
    limit = limits.message_segments
    head = bytearray()
    try:
        for block in reader.blocks(_seen(chunks, head)):
            final = block[-1]
            if len(block) > 1 and assembly.message and not reader.findings and final.number <= limit:
                assembly.message += block  # nearly every segment: the shortest way
            else:
                for segment in block:
                    yield from assembly.take(segment)
    except PartnerFault as fault:
        if assembly.inside:
            yield from assembly.stop(fault)
            return
        yield from assembly.finish()  # what came before is whole
        name = other_format(bytes(head)) if fault.code == "edifact.not-edifact" and not assembly.seen else None
        if name:
            raise PartnerFault("edifact.other-format", fault.where, value=fault.value, format=name) from None
        raise
    yield from assembly.finish()
    if not assembly.seen:
        raise _nothing(reader.findings, reader.marks, bytes(head))


def _nothing(findings: list[Finding], marks: Marks, head: bytes) -> PartnerFault:
    """Say why no segment came: a start without any terminator, or nothing that looks like EDIFACT."""
    for each in findings:
        if each.code == "edifact.truncated":
            return PartnerFault(
                "edifact.terminator-missing", each.where, value=each.value, terminator=repr(marks.terminator)
            )
    start = Where(offset=0, line=1, column=1)
    value = next((each.value for each in findings if each.value), None)
    if not head.strip():
        return PartnerFault("edifact.empty", start)
    if name := other_format(head):
        return PartnerFault("edifact.other-format", start, value=value, format=name)
    return PartnerFault("edifact.not-edifact", start, value=value or head.decode("latin-1"))


def _seen(chunks: Iterable[bytes], head: bytearray) -> Iterator[bytes]:
    """Pass chunks on, and keep the first bytes of them."""
    for chunk in chunks:
        if len(head) < _HEAD_BYTES:
            head += chunk[: _HEAD_BYTES - len(head)]
        yield chunk


def read_interchanges(
    chunks: Iterable[bytes], *, limits: Limits = DEFAULT_LIMITS, charset: str | None = None
) -> Iterator[Interchange]:
    """Yield every interchange of the file with all its messages. Raises as read_parts does."""
    opened: Opened | None = None
    messages: list[RawMessage] = []
    for part in read_parts(chunks, limits=limits, charset=charset):
        if isinstance(part, RawMessage):
            messages.append(part)
        elif isinstance(part, Opened):
            opened, messages = part, []
        else:
            assert opened is not None
            yield Interchange(
                header=opened.header,
                unb=opened.unb,
                marks=opened.marks,
                messages=tuple(messages),
                trailer=part.unz,
                findings=part.findings,
                start=opened.start,
                end=part.end,
                groups=part.groups,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutMessage:
    """A message to write. body: without UNH and UNT."""

    type: str
    version: str
    release: str
    reference: str
    body: Sequence[Segment]
    agency: str = "UN"
    association: str = ""

    def header(self) -> Segment:
        """Return UNH."""
        kind = (self.type, self.version, self.release, self.agency, self.association)
        return Segment("UNH", ((self.reference,), kind))

    def trailer(self) -> Segment:
        """Return UNT, with the count of segments."""
        return Segment("UNT", ((str(len(self.body) + 2),), (self.reference,)))


def write_message(
    message: OutMessage, marks: Marks, syntax_id: str, *, line_end: str = "", transliterate: bool = False
) -> bytes:
    """Return UNH to UNT. Raises OurFault edifact.character-unwritable."""
    parts = ([message.header()], message.body, [message.trailer()])
    write = partial(write_segments, marks=marks, syntax_id=syntax_id, line_end=line_end, transliterate=transliterate)
    return b"".join(map(write, parts))


def write_interchange(
    header: InterchangeHeader,
    messages: Sequence[OutMessage],
    *,
    marks: Marks | None = None,
    line_end: str = "",
    transliterate: bool = False,
    una: bool = False,
) -> bytes:
    """Return UNB to UNZ with counts and references; UNA in front only when the marks are not the standard ones, or
    when una asks for one.

    line_end  after each terminator: "" or "\\r\\n"
    Raises OurFault edifact.character-unwritable.
    """
    marks = marks or _standard(header)
    written = [
        write_message(each, marks, header.syntax_id, line_end=line_end, transliterate=transliterate)
        for each in messages
    ]
    return interchange_around(header, written, marks=marks, line_end=line_end, transliterate=transliterate, una=una)


def interchange_around(
    header: InterchangeHeader,
    messages: Sequence[bytes],
    *,
    marks: Marks,
    line_end: str = "",
    transliterate: bool = False,
    una: bool = False,
) -> bytes:
    """Return the interchange of messages that are written already, each from UNH to UNT, with the same marks, level and
    line ends. Raises OurFault edifact.character-unwritable."""
    trailer = Segment("UNZ", ((str(len(messages)),), (header.reference,)))
    unb, unz = (
        write_segments([each], marks, header.syntax_id, line_end=line_end, transliterate=transliterate)
        for each in (header.segment(), trailer)
    )
    lead = (marks.una() + line_end).encode("latin-1") if una or marks != _standard(header) else b""
    return b"".join([lead, unb, *messages, unz])


def _standard(header: InterchangeHeader) -> Marks:
    return SYNTAX_4_MARKS if header.syntax_version == "4" else DEFAULT_MARKS
