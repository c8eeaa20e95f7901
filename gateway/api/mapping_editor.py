"""What the pages and the JSON interface know of mappings being written, their versions and back-tests, and what a
person can do to them. Implemented by the shell; synchronous: callers run it outside the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from gateway.api.partner_desk import Edit
from gateway.config.editing import Target
from gateway.config.editor_view import Look, RuleLine
from gateway.model.findings import Finding
from gateway.store.view_mappings import BackTest, MappingPlan, MappingVersion, ReadMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a draft is tried on. id: of a message, "case" for one that is shipped with the standard mapping, "" for
    none. position: of the message in the file."""

    id: str = ""
    filename: str = ""
    data: bytes = b""
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """How a case of a mapping came out."""

    name: str
    good: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorPage:
    """path: the partner's own file, there or to be made. text: of the draft, else of what is in force. saved_at: of the
    draft, None when there is none. stale: somebody has published since it was begun. others: who else writes at it.

    waiting: (type, fault code, count) of the messages that wait and that this mapping has read
    """

    name: str
    partner: str
    document: str
    source: str
    path: str
    text: str
    in_force: str
    saved_at: datetime | None
    stale: bool
    others: tuple[tuple[str, datetime], ...]
    sample: Sample
    look: Look
    targets: tuple[Target, ...]
    waiting: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """What publishing would change. rules: lines with + and -; cases: those of the partner's file as the draft reads
    them; errors of the draft stop it, a red case needs a word."""

    rules: tuple[str, ...]
    findings: tuple[Finding, ...]
    cases: tuple[CaseResult, ...]
    tests: tuple[BackTest, ...]
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """version: the number that is in force now, None when it comes into force later (plan)."""

    version: int | None
    plan: str | None = None
    written: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPage:
    """rules: what it has changed against the one before, lines with + and -. effective: all of its rules."""

    version: MappingVersion
    rules: tuple[str, ...]
    effective: tuple[RuleLine, ...]
    read: tuple[ReadMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Something that may be written: a path of the source (kind path), a list (kind list, label: the path that the
    rules of its fields start from) or a canonical field. kind: of a field; label: what it is."""

    name: str
    kind: str
    label: str


LayerState = Literal["none", "same", "own"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Another partner who uses a mapping. state: none (no layer of its own), same (this one), own (another one)."""

    partner: str
    state: LayerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What became of a layer for one partner. finding: why it does not have it."""

    partner: str
    changed: bool
    finding: Finding | None = None


class MappingEditor(Protocol):
    """Every change is a version of the definitions with author and reason, and a row of the audit trail.

    partner: whose own layer is written. name: family/TYPE.
    Raises OurFault partner.unknown, mapping.missing, mapping.*, config.*, definitions.busy, preview.*.
    """

    def page(self, partner: str, name: str, user: str, sample: str = "") -> EditorPage: ...

    def look(
        self, partner: str, name: str, text: str, sample: str, *, whole: bool = True, stand_in: bool = False
    ) -> Look:
        """Return what a draft makes of a sample. whole: with proposals and rules. stand_in: while it does not compile,
        what the version in force makes of it, with the findings of the draft."""

    def save(self, partner: str, name: str, text: str, user: str, sample: str = "") -> None:
        """Keep a draft; nobody else sees its text, nothing works with it."""

    def discard(self, partner: str, name: str, user: str) -> None: ...

    def connect(self, partner: str, name: str, text: str, sample: str, number: int, field: str) -> str:
        """Return the text with a rule from a value of the sample to a field."""

    def override(self, partner: str, name: str, text: str, key: str) -> str:
        """Return the text with a field's rules of the layers below, to be changed."""

    def remove(self, partner: str, name: str, text: str, key: str) -> str: ...

    def words(self, partner: str, name: str, language: str, below: str = "", sample: str = "") -> tuple[Word, ...]:
        """Return what may be written. below: paths of an XML document from there on, ending in /, and nothing else.
        sample: id of the message whose values tell the paths where no schema does."""

    def cases(self, partner: str, name: str, text: str) -> tuple[CaseResult, ...]: ...

    def keep_case(self, partner: str, name: str, message: str, case: str, user: str) -> None:
        """Make a case of a stored message: as the mapping in force reads it."""

    def publishing(self, partner: str, name: str, user: str) -> Publishing: ...

    def publish(
        self, partner: str, name: str, user: str, reason: str, *, at: datetime | None = None, over: bool = False
    ) -> Published:
        """Bring the draft into force, now or at a time. over: although somebody has published since it was begun.

        Raises OurFault mapping.no-draft, mapping.nothing-changed, mapping.draft-stale, mapping.red-case without a
        reason, mapping.past-date.
        """

    def withdraw(self, plan: str, user: str) -> None: ...

    def plans(self, partner: str, name: str) -> tuple[MappingPlan, ...]: ...

    def waiting(self, partner: str, name: str) -> tuple[tuple[str, str, int], ...]:
        """Return (type, fault code, count) of the messages that the mapping has read and that wait for somebody."""

    def versions(self, partner: str, name: str) -> tuple[MappingVersion, ...]: ...

    def version(self, partner: str, name: str, number: int) -> VersionPage: ...

    def compare(self, partner: str, name: str, one: int, other: int) -> tuple[str, ...]:
        """Return how the rules of two versions differ, by canonical field."""

    def roll_back(self, partner: str, name: str, number: int, user: str, reason: str) -> Edit:
        """Bring the partner's own layer of a version into force again, as a new version."""

    def sharing(self, partner: str, name: str) -> tuple[Sharing, ...]:
        """Return the other partners who use the mapping."""

    def share(self, partner: str, name: str, others: Sequence[str], user: str, reason: str) -> tuple[Shared, ...]:
        """Bring the layer of partner into force for others too, each as a version of its own."""

    def start_back_test(self, partner: str, name: str, user: str, count: int) -> str:
        """Begin to run the draft over the last count messages; back_test() tells how far it is."""

    def back_test(self, test: str) -> BackTest: ...

    def cancel_back_test(self, test: str, user: str) -> BackTest: ...

    def read_with(self, message: str, number: int, user: str, reason: str) -> None:
        """Read a waiting message again with a version of its mapping."""

    def partner_of(self, message: str) -> tuple[str, str]:
        """Return partner and mapping of a stored message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupView:
    """A lookup table of a partner. rows: (key, other cells). used_by: mappings that ask for it."""

    partner: str
    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    used_by: tuple[str, ...] = ()


class LookupDesk(Protocol):
    """The partners' lookup tables; each change is a version of the definitions. Raises OurFault lookup.*."""

    def all(self, partner: str) -> tuple[LookupView, ...]: ...

    def one(self, partner: str, name: str) -> LookupView: ...

    def text(self, partner: str, name: str) -> str: ...

    def put_row(self, partner: str, name: str, cells: Sequence[str], user: str, *, change: bool) -> Edit: ...

    def drop_row(self, partner: str, name: str, key: str, user: str) -> Edit: ...

    def put(self, partner: str, name: str, data: bytes, user: str) -> Edit:
        """Replace a table by a CSV file, or make it."""
