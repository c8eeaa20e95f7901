"""The table of behaviours, by the name that stands in a partner's settings."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.demo import edifact_texts
from gateway.demo.depot import Depot
from gateway.demo.mailbox import Kept, Mailbox
from gateway.demo.outgoing import Behaviour, Outgoing, contrl_for, run_act
from gateway.demo.season_shops import Oddity, Returner, Silent
from gateway.demo.settings import PartnerSettings
from gateway.demo.shops import Chain, Grocer
from gateway.demo.supplier import MuteSupplier, ShortSupplier, Supplier


class Guest:
    """Sends only what a person hands to it; takes every interchange with a CONTRL."""

    def __init__(self, settings: PartnerSettings) -> None:
        self._settings = settings

    def day(self, now: datetime) -> list[Outgoing]:
        return []

    def react(self, kept: Kept, data: bytes, at: datetime) -> list[Outgoing]:
        return contrl_for(self._settings, edifact_texts.read(data), at) if kept.file.endswith(".edi") else []

    def act(self, what: str, params: Mapping[str, Any], now: datetime) -> list[Outgoing]:
        return run_act({}, what, params, now)

    def report(self) -> list[dict[str, Any]]:
        return []


BEHAVIOURS: Mapping[str, Callable[[PartnerSettings, Mailbox], Behaviour]] = {
    "grocer": lambda settings, _: Grocer(settings),
    "chain": lambda settings, _: Chain(settings),
    "supplier": Supplier,
    "depot": Depot,
    "returner": Returner,
    "oddity": lambda settings, _: Oddity(settings),
    "silent": lambda settings, _: Silent(settings),
    "short-supplier": ShortSupplier,
    "mute-supplier": MuteSupplier,
    "guest": lambda settings, _: Guest(settings),
}
