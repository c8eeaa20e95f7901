"""What the pages of the portal need beyond the views. The shell implements it; every call names the partner of the
person who asks, and nothing of another partner is ever reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from gateway.api.desk_actions import LabelFile
from gateway.api.partner_desk import CheckItem, Sheet
from gateway.domain.measures.scorecard import Figure
from gateway.domain.replenishment.cpfr import Joint
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.documents import Document
from gateway.model.findings import Finding
from gateway.store.view_agreed import ExceptionRow, StockAgreementRow
from gateway.store.view_portal import Scorecard, SellThrough
from gateway.texts.catalogue import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """arrival_id: of what was taken in. repeat: it was there already, nothing was taken in a second time."""

    arrival_id: str
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedMessage:
    """One document of a file that was tried. findings: errors first. document: canonical JSON, None when it could not
    be read. good: it would be taken."""

    type: str
    document: Mapping[str, Any] | None
    findings: tuple[Finding, ...]
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedList:
    """A list of sales or stock that was handed over: its columns matched, and what its rows say.

    columns: ours -> theirs; missing: of ours that must be there and were not found; rows: good ones; sample: the first
    of them; problems: of the others."""

    id: str
    kind: str
    file: str
    header: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    rows: int = 0
    wrong: int = 0
    sample: tuple[Mapping[str, Any], ...] = ()
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JointAgreement:
    """A plan made together, with where the two sides differ too much."""

    plan: Joint
    exceptions: tuple[ExceptionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedWith:
    """What is planned together with one partner."""

    stock: tuple[StockAgreementRow, ...]
    joint: tuple[JointAgreement, ...]


class PortalDesk(Protocol):
    """Synchronous, but for try_file: callers run it outside the event loop. Raises portal.*, import.*, guide.*."""

    def documents(self, partner: str) -> frozenset[str]:
        """Return the names of the documents that the partner's people may make on the pages."""

    def say(
        self, partner: str, document: Document, user: str, once: str, *, number_units: bool = False, test: bool = False
    ) -> Said:
        """Take a document in as if the partner had sent it. once: of the form; the same again is a repeat.
        number_units: give the units of a despatch advice SSCCs of our range."""

    async def try_file(self, partner: str, data: bytes, filename: str) -> tuple[TriedMessage, ...]:
        """Read a file as we would read it from the partner; nothing of it is kept."""

    def keep_as_test(self, partner: str, data: bytes, filename: str, user: str) -> Said:
        """Take a file in as test traffic: it goes all the way and changes nothing."""

    def hand_over(self, partner: str, kind: str, filename: str, data: bytes, user: str) -> str:
        """Keep a list for a day; return its id."""

    def handed(self, partner: str, list_id: str, said: Mapping[str, str]) -> HandedList: ...

    def take_list(self, partner: str, list_id: str, said: Mapping[str, str], user: str) -> Said:
        """Make the report of the list and take it in; rows that are wrong are left out."""

    def answered(self, partner: str, orders: Sequence[str]) -> frozenset[str]:
        """Return which of our orders the partner has answered."""

    def agreed(self, partner: str) -> AgreedWith:
        """Return the agreements on stock levels and the joint plans with that partner."""

    def checklist(self, partner: str) -> Sequence[CheckItem]: ...

    def sheet(self, partner: str) -> Sheet: ...

    def guides(self, partner: str) -> tuple[str, ...]:
        """Return the mappings of the partner that a guide can be made of."""

    def guide(self, partner: str, mapping: str, lang: Lang) -> str:
        """Return the implementation guide as HTML."""

    def labels(self, advice: DespatchAdvice, lang: Lang, size: str) -> LabelFile: ...

    def scorecard(self, partner: str, since: datetime) -> Scorecard: ...

    def figures(self, partner: str, days: int) -> tuple[Figure, ...]:
        """Return the key figures of our trade in the last days that are over, with those of the days before."""

    def sell_through(self, partner: str) -> tuple[SellThrough, ...]: ...


PORTAL_DESK = web.AppKey("portal_desk", PortalDesk)
