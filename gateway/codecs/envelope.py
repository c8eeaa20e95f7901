"""Interchanges and messages: what stands between UNB and UNZ, and whether the envelope keeps its own promises.

read_parts() gives messages one by one and keeps only one in memory; read_interchanges() gathers them. Every
message stands alone: what is wrong with one is a finding of that message only.

Source: ISO 9735:1988 clauses 8 and 9; ISO 9735-1:1998 clauses 8 and 10, ISO 9735-2:1998.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.codecs.edifact_marks import DEFAULT_MARKS, SYNTAX_4_MARKS, Marks
from gateway.codecs.edifact_read import DEFAULT_LIMITS, Limits, SegmentReader
from gateway.codecs.edifact_report import add, report
from gateway.codecs.edifact_write import write_segments
from gateway.model.faults import Fault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.tree import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeHeader:
    """UNB by name. prepared_at: S004 as sent, "YYMMDD:HHMM" (eight digits of date in syntax 4). Empty: not sent."""

    syntax_id: str = "UNOC"
    syntax_version: str = "3"
    sender: str = ""
    sender_qualifier: str = ""
    sender_internal: str = ""
    receiver: str = ""
    receiver_qualifier: str = ""
    receiver_internal: str = ""
    prepared_at: str = ""
    reference: str = ""
    password: str = ""
    application: str = ""
    priority: str = ""
    ack_request: bool = False
    agreement: str = ""
    test: bool = False

    @classmethod
    def of(cls, unb: Segment) -> "InterchangeHeader":
        """Read UNB."""
        get = unb.get
        return cls(
            syntax_id=get(1, 1),
            syntax_version=get(1, 2),
            sender=get(2, 1),
            sender_qualifier=get(2, 2),
            sender_internal=get(2, 3),
            receiver=get(3, 1),
            receiver_qualifier=get(3, 2),
            receiver_internal=get(3, 3),
            prepared_at=f"{get(4, 1)}:{get(4, 2)}",
            reference=get(5),
            password=get(6, 1),
            application=get(7),
            priority=get(8),
            ack_request=get(9) == "1",
            agreement=get(10),
            test=get(11) == "1",
        )

    def segment(self) -> Segment:
        """Write UNB."""
        return Segment(
            "UNB",
            (
                (self.syntax_id, self.syntax_version),
                (self.sender, self.sender_qualifier, self.sender_internal),
                (self.receiver, self.receiver_qualifier, self.receiver_internal),
                tuple(self.prepared_at.split(":")),
                (self.reference,),
                (self.password,),
                (self.application,),
                (self.priority,),
                ("1" if self.ack_request else "",),
                (self.agreement,),
                ("1" if self.test else "",),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMessage:
    """One message, UNH to UNT, not yet held against a directory.

    start, end  byte range in the file; end lies behind the terminator of the last segment
    group       reference of the functional group (UNG 0048), None without
    findings    of syntax and envelope; the message is not acceptable when one is an error
    marks       service characters of its interchange (the decimal mark matters for numbers)
    """

    reference: str
    type: str
    version: str
    release: str
    agency: str
    association: str
    segments: tuple[Segment, ...]
    start: int
    end: int
    group: str | None = None
    findings: tuple[Finding, ...] = ()
    marks: Marks = DEFAULT_MARKS

    @property
    def directory(self) -> str:
        """Name of the directory, lower case: "d96a"."""
        return f"{self.version}{self.release}".lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An interchange begins. unb: None when the file has none: messages follow all the same, nobody can be answered."""

    header: InterchangeHeader
    unb: Segment | None
    marks: Marks
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An interchange ends. unz: None when it is missing. findings: of the interchange level, all of them."""

    unz: Segment | None
    findings: tuple[Finding, ...]
    end: int
    groups: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interchange:
    """A whole interchange. trailer: None when UNZ is missing. start, end: byte range in the file."""

    header: InterchangeHeader
    unb: Segment | None
    marks: Marks
    messages: tuple[RawMessage, ...]
    trailer: Segment | None
    findings: tuple[Finding, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """A pair of service segments and what they promise. reference and count: element positions."""

    opener: str
    closer: str
    opener_reference: int
    what: str
    count: int = 1
    closer_reference: int = 2


BRACKETS = {
    "UNB": Bracket(opener="UNB", closer="UNZ", opener_reference=5, what="messages"),
    "UNG": Bracket(opener="UNG", closer="UNE", opener_reference=5, what="messages"),
    "UNH": Bracket(opener="UNH", closer="UNT", opener_reference=1, what="segments"),
}
_MANDATORY = {  # (element, component): name; ISO 9735 annex, syntax 3
    "UNB": {
        (1, 1): "0001",
        (1, 2): "0002",
        (2, 1): "0004",
        (3, 1): "0010",
        (4, 1): "0017",
        (4, 2): "0019",
        (5, 1): "0020",
    },
    "UNG": {(5, 1): "0048"},
    "UNH": {(1, 1): "0062", (2, 1): "0065", (2, 2): "0052", (2, 3): "0054", (2, 4): "0051"},
}

Part = Opened | RawMessage | Closed


def read_parts(
    chunks: Iterable[bytes], *, limits: Limits = DEFAULT_LIMITS, charset: str | None = None
) -> Iterator[Part]:
    """Yield Opened, its messages, Closed, for each interchange of the file.

    charset  Python codec name that overrules UNB (a partner setting)
    Raises PartnerFault edifact.not-edifact when nothing in the file is EDIFACT. Other faults that stop the reading
    end the interchange: they are the last finding of its Closed.
    """
    reader = SegmentReader(limits, charset)
    assembly = _Assembly(reader, limits)
    limit = limits.message_segments
    try:
        for segment in reader.read(chunks):
            if assembly.message and segment.tag[:2] != "UN" and not reader.findings and segment.number <= limit:
                assembly.message.append(segment)  # nearly every segment: the shortest way
            else:
                yield from assembly.take(segment)
    except PartnerFault as fault:
        if not assembly.open:
            raise
        yield from assembly.stop(fault)
        return
    yield from assembly.finish()
    if not assembly.seen:
        raise _nothing(reader.findings)


def _nothing(findings: list[Finding]) -> PartnerFault:
    """Say why no segment came: a start without any terminator, or nothing that looks like EDIFACT."""
    for each in findings:
        if each.code == "edifact.truncated":
            return PartnerFault(each.code, each.where, value=each.value)
    value = next((each.value for each in findings if each.value), None)
    return PartnerFault("edifact.not-edifact", Where(offset=0, line=1, column=1), value=value)


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
            )


class _Assembly:
    """Puts segments into messages and interchanges, and checks what the brackets promise."""

    def __init__(self, reader: SegmentReader, limits: Limits) -> None:
        self._reader = reader
        self._limits = limits
        self.open = False  # an interchange is open
        self.seen = False  # one has been seen
        self._begin(None)

    def _begin(self, unb: Segment | None) -> None:
        self._unb = unb
        self._unz: Segment | None = None  # kept until what follows is known: it may be stray text
        self._ung: Segment | None = None
        self.message: list[Segment] = []
        self._findings: list[Finding] = []  # of the interchange
        self._own: list[Finding] = []  # of the open message
        self._references: set[str] = set()
        self._messages = 0
        self._groups = 0
        self._in_group = 0
        self._group_type = ""
        self._loose = False  # a message stood outside any group
        self._end = 0

    def take(self, segment: Segment) -> Iterator[Part]:
        """Take the next segment. What the reader found on the way belongs to it."""
        found = self._reader.findings
        tag = segment.tag
        if self.message and tag not in _ENDS_MESSAGE:
            self.message.append(segment)
            if found:
                self._keep(self._own)
            if tag == "UNT":
                yield self._close_message(segment)
            elif len(self.message) > self._limits.message_segments:
                raise PartnerFault(
                    "edifact.message-too-long", segment.where(), limit=str(self._limits.message_segments)
                )
            return
        if self.message:
            yield self._close_message(None)
        if tag == "UNB" or not self.open or self._unz is not None:
            yield from self._open(segment)
        self._keep(self._own if tag == "UNH" else self._findings)
        self._outside(segment)
        self._end = _end_of(segment)

    def _outside(self, segment: Segment) -> None:
        match segment.tag:
            case "UNH":
                self._open_message(segment)
            case "UNG":
                self._open_group(segment)
            case "UNE":
                self._close_group(segment)
            case "UNZ":
                self._unz = segment
            case "UNB":
                pass
            case tag:
                add(self._findings, report("edifact.segment-outside", segment.where(), value=tag, tag=tag))

    # interchange

    def _open(self, segment: Segment) -> Iterator[Part]:
        if self.open:
            yield self._close()
        is_unb = segment.tag == "UNB"
        self._begin(segment if is_unb else None)
        self.open = self.seen = True
        self._end = _end_of(segment)
        if is_unb:
            self._require(segment, self._findings)
        else:
            add(self._findings, report("edifact.header-missing", segment.where(), tag="UNB"))
        yield Opened(
            header=InterchangeHeader.of(segment) if is_unb else InterchangeHeader(syntax_id="", syntax_version=""),
            unb=self._unb,
            marks=self._reader.marks,
            start=segment.offset,
        )

    def _close(self) -> Closed:
        unz = self._unz
        if self._ung is not None:
            add(self._findings, report("edifact.trailer-missing", self._place(), tag="UNE"))
        if unz is None:
            if self._unb is not None:
                add(self._findings, report("edifact.trailer-missing", self._place(), tag="UNZ"))
        elif self._unb is not None:
            what = "groups" if self._groups else "messages"
            self._check(BRACKETS["UNB"], self._unb, unz, self._groups or self._messages, self._findings, what)
        if self._groups and self._loose:
            add(self._findings, report("edifact.groups-and-messages", self._place()))
        if not self._messages and self._unb is not None:
            add(self._findings, report("edifact.level-empty", self._unb.where(), tag="UNB"))
        self.open = False
        return Closed(unz=unz, findings=tuple(self._findings), end=self._end, groups=self._groups)

    def stop(self, fault: Fault) -> Iterator[Part]:
        """End everything that is open because of fault."""
        self._keep(self._findings)
        if self.message:
            add(self._own, _of_fault(fault))
            yield self._close_message(None)
        add(self._findings, _of_fault(fault))
        yield self._close()

    def finish(self) -> Iterator[Part]:
        """The file has ended."""
        if self.message:
            self._keep(self._own)
            yield self._close_message(None)
        if self.open:
            self._keep(self._findings)
            yield self._close()

    def _keep(self, findings: list[Finding]) -> None:
        """Move what the reader found to where it belongs."""
        for each in self._reader.findings:
            add(findings, each)
        self._reader.findings.clear()

    # groups

    def _open_group(self, ung: Segment) -> None:
        if self._ung is not None:
            add(self._findings, report("edifact.trailer-missing", ung.where(), tag="UNE"))
        self._ung = ung
        self._groups += 1
        self._in_group = 0
        self._group_type = ""
        self._require(ung, self._findings)

    def _close_group(self, une: Segment) -> None:
        if self._ung is None:
            add(self._findings, report("edifact.segment-outside", une.where(), value="UNE", tag="UNE"))
            return
        self._check(BRACKETS["UNG"], self._ung, une, self._in_group, self._findings, "messages")
        if not self._in_group:
            add(self._findings, report("edifact.level-empty", self._ung.where(), tag="UNG"))
        self._ung = None

    # messages

    def _open_message(self, unh: Segment) -> None:
        self.message = [unh]
        self._messages += 1
        if self._messages > self._limits.messages:
            raise PartnerFault("edifact.too-many-messages", unh.where(), limit=str(self._limits.messages))
        if self._ung is not None:
            self._in_group += 1
            kind = unh.get(2, 1)
            if self._group_type and kind != self._group_type:
                where = unh.where(2, 1)
                add(self._findings, report("edifact.group-types-mixed", where, value=kind, expected=self._group_type))
            self._group_type = self._group_type or kind
        else:
            self._loose = True
        reference = unh.get(1)
        if reference and reference in self._references:
            add(self._own, report("edifact.reference-repeated", unh.where(1, 1), value=reference))
        self._references.add(reference)
        self._require(unh, self._own)

    def _close_message(self, unt: Segment | None) -> RawMessage:
        segments, self.message = self.message, []
        unh = segments[0]
        self._end = _end_of(segments[-1])
        if unt is None:
            add(self._own, report("edifact.trailer-missing", segments[-1].where(), tag="UNT"))
        else:
            self._check(BRACKETS["UNH"], unh, unt, len(segments), self._own, "segments")
        findings, self._own = tuple(self._own), []
        return RawMessage(
            reference=unh.get(1),
            type=unh.get(2, 1),
            version=unh.get(2, 2),
            release=unh.get(2, 3),
            agency=unh.get(2, 4),
            association=unh.get(2, 5),
            segments=tuple(segments),
            start=unh.offset,
            end=self._end,
            group=self._ung.get(5) if self._ung is not None else None,
            findings=findings,
            marks=self._reader.marks,
        )

    # checks

    def _place(self) -> Where:
        return Where(offset=self._end)

    def _require(self, segment: Segment, findings: list[Finding]) -> None:
        for (element, component), name in _MANDATORY[segment.tag].items():
            if not segment.get(element, component):
                where = segment.where(element, component)
                add(findings, report("edifact.service-value-missing", where, tag=segment.tag, what=name))

    def _check(
        self, bracket: Bracket, opener: Segment, closer: Segment, found: int, findings: list[Finding], what: str
    ) -> None:
        said = closer.get(bracket.count)
        if not (said.isascii() and said.isdigit() and int(said[:12]) == found):
            where = closer.where(bracket.count, 1)
            add(
                findings,
                report("edifact.count-mismatch", where, value=said, tag=closer.tag, what=what, found=str(found)),
            )
        expected, reference = opener.get(bracket.opener_reference), closer.get(bracket.closer_reference)
        if expected != reference:
            where = closer.where(bracket.closer_reference, 1)
            add(
                findings,
                report(
                    "edifact.reference-mismatch",
                    where,
                    value=reference,
                    tag=closer.tag,
                    opener=opener.tag,
                    expected=expected,
                ),
            )


_ENDS_MESSAGE = frozenset({"UNH", "UNZ", "UNE", "UNB", "UNG"})


def _end_of(segment: Segment) -> int:
    """Offset behind the segment's terminator."""
    return segment.offset + len(segment.raw) + 1


def _of_fault(fault: Fault) -> Finding:
    found = fault.as_finding()
    return report(found.code, found.where, value=found.value, **dict(found.params))


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

    def segments(self) -> list[Segment]:
        """Return the message with UNH and UNT, counted."""
        kind = (self.type, self.version, self.release, self.agency, self.association)
        unh = Segment("UNH", ((self.reference,), kind))
        unt = Segment("UNT", ((str(len(self.body) + 2),), (self.reference,)))
        return [unh, *self.body, unt]


def write_interchange(
    header: InterchangeHeader,
    messages: Sequence[OutMessage],
    *,
    marks: Marks | None = None,
    line_end: str = "",
    transliterate: bool = False,
) -> bytes:
    """Return UNB to UNZ with counts and references; UNA in front only when the marks are not the standard ones.

    line_end  after each terminator: "" or "\\r\\n"
    Raises OurFault edifact.character-unwritable.
    """
    standard = SYNTAX_4_MARKS if header.syntax_version == "4" else DEFAULT_MARKS
    marks = marks or standard
    segments = [header.segment()]
    for message in messages:
        segments += message.segments()
    segments.append(Segment("UNZ", ((str(len(messages)),), (header.reference,))))
    written = write_segments(segments, marks, header.syntax_id, line_end=line_end, transliterate=transliterate)
    return written if marks == standard else (marks.una() + line_end).encode("latin-1") + written
