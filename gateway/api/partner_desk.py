"""What pages and the JSON interface know of partners and can do to them. Implemented by the shell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from gateway.codecs.cms.containers import CertificateFacts
from gateway.config.onboarding import Answers, Trial
from gateway.config.recognition import Recognised
from gateway.model.findings import Finding
from gateway.store.view_partners import Approval, ConnectionTest, FileChange, Traffic

SlotState = Literal["current", "counts", "future", "ended", "missing"]
CheckState = Literal["done", "open", "advice"]
Health = Literal["good", "watch", "bad", "quiet"]
FACT_WORDS = ("name", "name_zh", "role", "owner", "contact.name", "contact.email", "contact.phone")
TERM_WORDS = ("over", "contrl", "contrl_within_h", "unknown_item", "aperak", "backorder", "test", "envelope",
              "valid_from", "valid_to")  # fmt: skip
AGREEMENT_WORDS = ("direction", "mapping", *TERM_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a partner's health is what it is: a label and its numbers."""

    key: str
    count: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerLine:
    """days_left: of the certificate that ends first of those in use; None: none is used."""

    id: str
    name: str
    role: str
    kind: str
    mode: str
    owner: str | None
    health: Health
    reasons: tuple[Reason, ...]
    traffic: Traffic
    connections: tuple[str, ...]
    documents: tuple[str, ...]
    days_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSlot:
    """One certificate under one name of one connection. uses: sign (we check signatures with it), encrypt (we encrypt
    with it now), client (the partner connects with it). state: current, counts (read only), future, ended, missing."""

    over: str
    setting: str
    name: str
    facts: CertificateFacts | None
    from_at: datetime | None
    until: datetime | None
    state: SlotState
    days_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOffer:
    """A file as it was read, before it is kept. name: under which it would be; from_at: proposed; others: issuers that
    came along. replaces: the name that is in use now."""

    over: str
    facts: CertificateFacts
    name: str
    from_at: datetime
    others: tuple[CertificateFacts, ...]
    replaces: str | None
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One line of the go-live checklist, computed from facts. state: done, open, or advice that stops nothing.
    key: of its words; fix: address of the page where it is settled."""

    key: str
    state: CheckState
    text: str = ""
    at: datetime | None = None
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """before, after: None for what is not there."""

    path: str
    before: str | None
    after: str | None
    local: bool = False  # belongs to an environment: addresses, certificates, mode


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePreview:
    """What an import would do. known: the signature is ours or of a certificate we have. missing: names of keys, by
    kind. other: mapping -> what differs of the shared layers."""

    partner: str
    name: str
    instance: str
    exported_at: str
    exported_by: str
    digest: str
    signer: str
    known: bool
    is_new: bool
    changes: tuple[FieldChange, ...]
    files: tuple[FieldChange, ...]
    missing: tuple[str, ...]
    shared: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WizardView:
    """A sample with what was recognised and answered so far, the files it makes and how it is read by them."""

    id: str
    filename: str
    size_bytes: int
    found: Recognised
    answers: Answers
    sendable: tuple[str, ...]
    files: Mapping[str, str]
    trial: Trial
    partner: str | None = None  # who has this identifier already


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingLine:
    """partner: "" for a standard mapping. live: digest of what is in force, first 12; changed: when and by whom."""

    name: str
    partner: str
    source: str
    document: str
    used_by: tuple[str, ...]
    live: str
    cases: int
    uses: int
    failed: int
    changed_at: datetime | None = None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPage:
    """lines: the effective rules as printed, with the file and line of each. layers: the files, standard first."""

    line: MappingLine
    layers: tuple[str, ...]
    rules: tuple[str, ...]
    findings: tuple[Finding, ...]
    changes: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetKey:
    """A certificate of ours on a partner's sheet. from_at: when it comes into use; None: it is in use."""

    facts: CertificateFacts
    from_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a partner has to know to connect with us, generated from what is in force."""

    instance: str
    ours: Mapping[str, Any]
    partner: str
    partner_name: str
    connections: tuple[Mapping[str, Any], ...]
    documents: tuple[Mapping[str, Any], ...]
    certificates: tuple[SheetKey, ...]
    mode: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What changed a definition. written: the file in the folder has it too."""

    digest: str
    written: bool
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TestStarted:
    """id: of the test that has begun."""

    id: str


class PartnerDesk(Protocol):
    """Every change is a version of the definitions with author and reason, and a row of the audit trail. Synchronous:
    callers run it outside the event loop. Who may see which partner is the caller's business.
    Raises OurFault partner.*, keys.*, bundle.*, config.*, mapping.*, definitions.busy."""

    def lines(self, seen: frozenset[str] | None) -> tuple[PartnerLine, ...]: ...

    def line(self, partner: str) -> PartnerLine: ...

    def certificates(self, partner: str) -> tuple[CertificateSlot, ...]: ...

    def look_at(self, partner: str, over: str, data: bytes) -> CertificateOffer: ...

    def add_certificate(
        self, partner: str, over: str, pem: bytes, user: str, *, from_at: datetime | None = None, reason: str = ""
    ) -> str:
        """Keep a certificate beside those in use; return its name."""

    def end_certificate(self, partner: str, over: str, name: str, user: str, *, reason: str = "") -> Edit:
        """Take a certificate off a connection. The last one stays."""

    def put_agreement(
        self, partner: str, values: Mapping[str, str], user: str, *, place: int | None = None, reason: str = ""
    ) -> Edit:
        """Add an agreement, or replace the one at place."""

    def drop_agreement(self, partner: str, place: int, user: str, *, reason: str = "") -> Edit: ...

    def put_connection(
        self, partner: str, over: str, settings: Mapping[str, str], user: str, *, reason: str = ""
    ) -> Edit:
        """Set what is given; an empty value takes the setting out."""

    def put_facts(self, partner: str, values: Mapping[str, str], user: str, *, reason: str = "") -> Edit:
        """Set name, name_zh, role, owner, contact.name, contact.email, contact.phone."""

    def put_expected(self, partner: str, values: Mapping[str, Any], user: str) -> Edit: ...

    def drop_expected(self, partner: str, place: int, user: str) -> Edit: ...

    def changes(self, partner: str) -> tuple[FileChange, ...]: ...

    def roll_back(self, partner: str, change: int, user: str, reason: str) -> Edit:
        """Put the file of that change back as it was before it."""

    def start_test(self, partner: str, over: str, user: str, *, echo: bool) -> TestStarted:
        """Begin to climb; test() tells how far it is."""

    def test(self, test_id: str) -> ConnectionTest | None: ...

    def tests(self, partner: str) -> tuple[ConnectionTest, ...]: ...

    def checklist(self, partner: str) -> tuple[CheckItem, ...]: ...

    def approval(self, partner: str) -> Approval | None: ...

    def go_live(self, partner: str, user: str, *, at: datetime | None = None, reason: str = "") -> Approval:
        """Approve, and switch at once or at a time. Raises OurFault partner.not-ready without a reason when something
        of the checklist is open."""

    def back_to_test(self, partner: str, user: str, reason: str = "") -> Edit: ...

    def keep_sample(self, filename: str, data: bytes, user: str) -> str: ...

    def wizard(self, sample_id: str, user: str) -> WizardView: ...

    def answer(self, sample_id: str, user: str, values: Mapping[str, Any]) -> WizardView: ...

    def keep_wizard_certificate(self, sample_id: str, user: str, data: bytes) -> CertificateFacts: ...

    def create(self, sample_id: str, user: str) -> str:
        """Bring the partner of the wizard into force; return its id."""

    def clone(self, partner: str, values: Mapping[str, str], user: str) -> str:
        """Make a partner like another: its agreements, terms and mappings, none of its identifiers or keys."""

    def invite(self, partner: str, name: str, user: str, *, language: str | None = None) -> str:
        """Return a link that lets a person of the partner into the portal, once. Raises OurFault portal.not-served."""

    def open_portal(self, partner: str, user: str) -> Edit:
        """Let the partner work in the portal without EDI. Raises OurFault portal.no-role."""

    def export(self, partner: str, user: str) -> bytes: ...

    def look_at_bundle(self, data: bytes) -> BundlePreview: ...

    def take_bundle(self, data: bytes, user: str, *, keep: Sequence[str] = (), reason: str = "") -> Edit:
        """Bring a bundle into force. keep: paths of fields that stay as they are here."""

    def sheet(self, partner: str) -> Sheet: ...

    def mappings(self) -> tuple[MappingLine, ...]: ...

    def mapping_names(self) -> tuple[str, ...]:
        """Return the name of every mapping that is shipped or that somebody uses."""

    def mapping(self, name: str, partner: str) -> MappingPage: ...
