"""Alert rules, what they found, and who was told, as people and the API see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

AlertKind = Literal[
    "problem",
    "silent-partner",
    "failure-rate",
    "overdue-acknowledgement",
    "certificate",
    "queue-age",
    "stale-stock",
]
TargetKind = Literal["email", "webhook", "wecom", "dingtalk", "feishu"]

TARGET_KINDS: tuple[TargetKind, ...] = ("email", "webhook", "wecom", "dingtalk", "feishu")
# What each kind of rule can be given: name -> (default, smallest, largest).
PARAMS: Mapping[AlertKind, Mapping[str, tuple[Decimal, Decimal, Decimal]]] = {
    "problem": {"count": (Decimal(1), Decimal(1), Decimal(1_000_000))},
    "silent-partner": {"hours": (Decimal(24), Decimal(1), Decimal(8760))},
    "failure-rate": {
        "percent": (Decimal(10), Decimal("0.1"), Decimal(100)),
        "hours": (Decimal(1), Decimal(1), Decimal(168)),
        "least": (Decimal(10), Decimal(1), Decimal(1_000_000)),
    },
    "overdue-acknowledgement": {"count": (Decimal(1), Decimal(1), Decimal(1_000_000))},
    "certificate": {},
    "queue-age": {"minutes": (Decimal(30), Decimal(1), Decimal(10_080))},
    "stale-stock": {"hours": (Decimal(48), Decimal(1), Decimal(8760))},
}
CERTIFICATE_DAYS = (60, 30, 14, 7, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTarget:
    """address: of e-mail, or a URL. secret: name of the secret in the key store that signs a webhook."""

    kind: TargetKind
    address: str
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From start to end local time (HH:MM, over midnight too) nobody is told; what still holds is told after it."""

    start: str
    end: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """partner: None for every partner. params: see PARAMS. quiet: None: at any hour."""

    id: str
    name: str
    kind: AlertKind
    partner: str | None = None
    params: Mapping[str, Decimal] = field(default_factory=dict)
    targets: tuple[AlertTarget, ...] = ()
    quiet: QuietHours | None = None
    enabled: bool = True

    def param(self, name: str) -> Decimal:
        """Return what the rule says, else the default of its kind."""
        return self.params.get(name, PARAMS[self.kind][name][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule with how often it has fired, and how many of its firings hold now."""

    rule: AlertRule
    user: str
    updated_at: datetime
    open: int
    last_fired_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """How the telling of one target went."""

    id: str
    kind: str
    target: str
    state: str
    attempts: int
    next_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringLine:
    """Something that a rule has found. subject: what it is about; since: when it began; cleared_at: when it ended."""

    id: str
    rule: str
    rule_name: str
    subject: str
    since: datetime
    fired_at: datetime
    cleared_at: datetime | None
    code: str
    params: Mapping[str, str]
    link: str
    test: bool
    deliveries: tuple[DeliveryLine, ...] = ()
