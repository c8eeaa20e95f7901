"""What is agreed with one partner about EDIFACT envelopes and texts, beside the documents themselves."""

from dataclasses import dataclass, field
from typing import Literal

MAX_REFERENCE = 99_999_999_999_999  # UNB 0020: an..14


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What we hold their interchanges against.

    charset       Python codec name that overrules UNB 0001, None: UNB is believed
    guide         name of an overlay in schemas/edifact/<directory>/overlays, None: by the association code
    password      recipient's reference or password (UNB 0022) they must send, None: not looked at. It travels in clear
                  and stands in every kept interchange: it proves nothing, and is no secret of ours
    tests         "refuse": interchanges with the test indicator (UNB 0035) are rejected
    max_age_days  between UNB S004 and arrival, None: not looked at
    unagreed      a message type without agreement: "park" (ours to settle) or "refuse" (told in the CONTRL, 0085 17)
    contrl        "on-request": answer only what asks for it (UNB 0031)
    read_as       (directory they name, directory we hold it against): d99b as d01b, where we have no d99b
    """

    charset: str | None = None
    guide: str | None = None
    password: str | None = None
    tests: Literal["take", "refuse"] = "take"
    max_age_days: int | None = None
    unagreed: Literal["park", "refuse"] = "park"
    contrl: Literal["always", "on-request"] = "always"
    read_as: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """How we write to them.

    level, version  UNB S001: UNOA to UNOL, UNOW, UNOY; 1 to 4
    transliterate   what the level cannot hold is written without accents; else the document is parked
    line_ends       CR LF after each segment
    decimal         "." or ","; another than "." is named in a UNA
    una             a UNA always, not only when the marks are unusual
    password        UNB 0022, None: not sent
    ask_contrl      UNB 0031 = 1 where the agreement expects a CONTRL
    first, last     range of interchange references; behind last comes first again
    batch_count     messages that go out together, 1: each in an interchange of its own
    batch_wait_s    seconds that the first of them waits at most
    """

    level: str = "UNOC"
    version: Literal["1", "2", "3", "4"] = "3"
    transliterate: bool = False
    line_ends: bool = False
    decimal: Literal[".", ","] = "."
    una: bool = False
    password: str | None = None
    ask_contrl: bool = False
    first: int = 1
    last: int = MAX_REFERENCE
    batch_count: int = 1
    batch_wait_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class EdifactTerms:
    """read: theirs to us; write: ours to them."""

    read: Incoming = field(default_factory=Incoming)
    write: Outgoing = field(default_factory=Outgoing)
