"""What an EDIFACT file consists of, as values: interchange header, messages, and what the brackets promise.

Source: ISO 9735:1988 clauses 8 and 9; ISO 9735-1:1998 clauses 8 and 10.
"""

from dataclasses import dataclass

from gateway.codecs.edifact_marks import DEFAULT_MARKS, Marks
from gateway.model.findings import Finding
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
    group       reference of the functional group (UNG 0048), None without; group_place: which group of the
                interchange, from 0
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
    group_place: int | None = None
    findings: tuple[Finding, ...] = ()
    marks: Marks = DEFAULT_MARKS

    @property
    def directory(self) -> str:
        """Name of the directory, lower case: "d96a"."""
        return f"{self.version}{self.release}".lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionalGroup:
    """UNG to UNE. place: from 0 in its interchange. une: None when it is missing. findings: of this group only; an
    error rejects the messages in it and no others."""

    place: int
    ung: Segment
    une: Segment | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def reference(self) -> str:
        return self.ung.get(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An interchange begins. unb: None when the file has none: messages follow all the same, nobody can be answered."""

    header: InterchangeHeader
    unb: Segment | None
    marks: Marks
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An interchange ends. unz: None when it is missing. findings: of the interchange level, those of its groups left
    out."""

    unz: Segment | None
    findings: tuple[Finding, ...]
    end: int
    groups: tuple[FunctionalGroup, ...] = ()


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
    groups: tuple[FunctionalGroup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """What a pair of service segments promises: positions of the elements that hold reference and count."""

    opener_reference: int
    count: int = 1
    closer_reference: int = 2


BRACKETS = {
    "UNB": Bracket(opener_reference=5),
    "UNG": Bracket(opener_reference=5),
    "UNH": Bracket(opener_reference=1),
}
MANDATORY = {  # (element, component): name; ISO 9735 annex, syntax 3
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
