"""What pages and handlers work with, given by the shell when it builds the application."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from gateway.api.actions import Actions
from gateway.api.mapping_editor import LookupDesk, MappingEditor
from gateway.api.partner_desk import PartnerDesk
from gateway.model.faults import OurFault
from gateway.model.partner import OwnCompany, Partner
from gateway.ports.retention import Retention
from gateway.ports.shell import Clock, Failing
from gateway.store.access import Access
from gateway.store.saved_views import SavedViews
from gateway.store.views import Views

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Definitions(Protocol):
    """The part of the book that is shown: names of partners, items and places."""

    @property
    def partners(self) -> Mapping[str, Partner]: ...

    @property
    def own(self) -> OwnCompany: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """zone: IANA name, used until the browser has told its own. secure: cookies over HTTPS only.
    title: name of the instance, shown beside the product's. portal: address of the partners' portal as people reach
    it, "" where there is none."""

    zone: str = "UTC"
    language: str = "en"
    secure: bool = False
    title: str = ""
    retention: Retention = field(default_factory=Retention)
    portal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that this process needs to do its work. detail: a figure or a word, no secret."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """clock: the gateway's time, for what is shown. wall: real time, for sessions and links, which must not end because
    months are simulated in minutes."""

    views: Views
    access: Access
    saved: SavedViews
    actions: Actions
    book: Callable[[], Definitions]
    clock: Clock
    wall: Clock
    settings: ConsoleSettings = field(default_factory=ConsoleSettings)
    metrics: Callable[[], str] = str  # in Prometheus text; empty where nothing is measured
    health: Callable[[], tuple[Check, ...]] = tuple
    failing: Callable[[], tuple[Failing, ...]] = tuple  # loops of this process
    partner_desk: PartnerDesk | None = None  # None where no instance stands behind: pages of partners are not there
    mapping_editor: MappingEditor | None = None  # the same
    lookup_desk: LookupDesk | None = None  # the same

    @property
    def desk(self) -> PartnerDesk:
        """Raises OurFault api.no-such-address."""
        if self.partner_desk is None:
            raise OurFault("api.no-such-address")
        return self.partner_desk

    @property
    def editor(self) -> MappingEditor:
        """Raises OurFault api.no-such-address."""
        if self.mapping_editor is None:
            raise OurFault("api.no-such-address")
        return self.mapping_editor

    @property
    def lookups(self) -> LookupDesk:
        """Raises OurFault api.no-such-address."""
        if self.lookup_desk is None:
            raise OurFault("api.no-such-address")
        return self.lookup_desk


SERVICES = web.AppKey("services", Services)
