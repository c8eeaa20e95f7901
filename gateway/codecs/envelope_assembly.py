"""Segments become messages and interchanges; the envelope is held to its own promises."""

from collections.abc import Iterator

from gateway.codecs.edifact_read import Limits, SegmentReader
from gateway.codecs.edifact_report import add, report
from gateway.codecs.envelope_parts import (
    BRACKETS,
    MANDATORY,
    Bracket,
    Closed,
    FunctionalGroup,
    InterchangeHeader,
    Opened,
    Part,
    RawMessage,
)
from gateway.codecs.envelope_references import References
from gateway.model.faults import Fault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.tree import Segment

_ENDS_MESSAGE = frozenset({"UNH", "UNZ", "UNE", "UNB", "UNG"})


class Assembly:
    """Puts segments into messages and interchanges, and checks what the brackets promise."""

    def __init__(self, reader: SegmentReader, limits: Limits) -> None:
        self._reader = reader
        self._limits = limits
        self.open = False  # an interchange is open
        self.seen = False  # one has been seen
        self._stopped = False  # reading ended before the file did
        self._begin(None)

    @property
    def inside(self) -> bool:
        """Tell whether an interchange is open and its UNZ has not come."""
        return self.open and self._unz is None

    def _begin(self, unb: Segment | None) -> None:
        self._unb = unb
        self._unz: Segment | None = None  # kept until what follows is known: it may be stray text
        self._ung: Segment | None = None
        self._of_group: list[Finding] = []
        self.message: list[Segment] = []
        self._findings: list[Finding] = []  # of the interchange
        self._own: list[Finding] = []  # of the open message
        self._references = References()
        self._group_references = References()
        self._messages = 0
        self._groups: list[FunctionalGroup] = []  # those that are closed
        self._in_group = 0
        self._group_type = ""
        self._loose = False  # a message stood outside any group
        self._end = 0
        self._last: Segment | None = None  # behind which _end lies

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
        self._end, self._last = _end_of(segment), segment

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
        self._end, self._last = _end_of(segment), segment
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
        if self._stopped:
            return self._closed(unz)
        if self._ung is not None:
            self._end_group(self._ung, None, self._place())
        if unz is None:
            if self._unb is not None:
                add(self._findings, report("edifact.trailer-missing", self._place(), tag="UNZ"))
        elif self._unb is not None:
            what = "groups" if self._groups else "messages"
            self._check(BRACKETS["UNB"], self._unb, unz, len(self._groups) or self._messages, self._findings, what)
        if self._groups and self._loose:
            add(self._findings, report("edifact.groups-and-messages", self._place()))
        if not self._messages and not self._groups and self._unb is not None:
            add(self._findings, report("edifact.level-empty", self._unb.where(), tag="UNB"))
        return self._closed(unz)

    def _closed(self, unz: Segment | None) -> Closed:
        if self._stopped and self._ung is not None:
            ended = FunctionalGroup(place=len(self._groups), ung=self._ung, findings=tuple(self._of_group))
            self._groups.append(ended)
        self.open = False
        return Closed(unz=unz, findings=tuple(self._findings), end=self._end, groups=tuple(self._groups))

    def stop(self, fault: Fault) -> Iterator[Part]:
        """End everything that is open because of fault. What did not come any more is not told as missing."""
        self._stopped = True
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
            self._end_group(self._ung, None, ung.where())
        if len(self._groups) >= self._limits.messages:
            raise PartnerFault("edifact.too-many-messages", ung.where(), limit=str(self._limits.messages))
        self._ung = ung
        self._of_group = []
        self._references = References()  # a message is named by its group and its own reference
        self._in_group = 0
        self._group_type = ""
        self._require(ung, self._of_group)
        reference = ung.get(5)
        if reference and self._group_references.seen(reference):
            add(self._of_group, report("edifact.reference-repeated", ung.where(5, 1), value=reference))

    def _close_group(self, une: Segment) -> None:
        if self._ung is None:
            add(self._findings, report("edifact.segment-outside", une.where(), value="UNE", tag="UNE"))
            return
        self._end_group(self._ung, une, une.where())

    def _end_group(self, ung: Segment, une: Segment | None, place: Where) -> None:
        """Keep the group with what is wrong with it: its own messages are rejected for that, no others."""
        if une is None:
            add(self._of_group, report("edifact.trailer-missing", place, tag="UNE"))
        else:
            self._check(BRACKETS["UNG"], ung, une, self._in_group, self._of_group, "messages")
        if not self._in_group:
            add(self._of_group, report("edifact.level-empty", ung.where(), tag="UNG"))
        self._groups.append(FunctionalGroup(place=len(self._groups), ung=ung, une=une, findings=tuple(self._of_group)))
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
                add(self._of_group, report("edifact.group-types-mixed", where, value=kind, expected=self._group_type))
            self._group_type = self._group_type or kind
        else:
            self._loose = True
        reference = unh.get(1)
        if reference and self._references.seen(reference):
            add(self._own, report("edifact.reference-repeated", unh.where(1, 1), value=reference))
        self._require(unh, self._own)

    def _close_message(self, unt: Segment | None) -> RawMessage:
        segments, self.message = self.message, []
        unh = segments[0]
        self._end, self._last = _end_of(segments[-1]), segments[-1]
        if not self._stopped:  # nothing can be said of what was not read
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
            group_place=len(self._groups) if self._ung is not None else None,
            findings=findings,
            marks=self._reader.marks,
        )

    # checks

    def _place(self) -> Where:
        """Behind the last segment."""
        if self._last is None:
            return Where(offset=self._end)
        raw = self._last.raw
        breaks = raw.count(b"\n")
        column = len(raw) - raw.rfind(b"\n") if breaks else self._last.column + len(raw)
        return Where(offset=self._end, line=self._last.line + breaks, column=column + 1)

    def _require(self, segment: Segment, findings: list[Finding]) -> None:
        for (element, component), name in MANDATORY[segment.tag].items():
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


def _end_of(segment: Segment) -> int:
    """Offset behind the segment's terminator."""
    return segment.offset + len(segment.raw) + 1


def _of_fault(fault: Fault) -> Finding:
    found = fault.as_finding()
    return report(found.code, found.where, value=found.value, **dict(found.params))
