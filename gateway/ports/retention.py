"""How long what is kept: the policy, legal holds, and what one round of housekeeping has done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """A time of its own for a partner, a document type (on the wire or canonical), or both. months: whole ones."""

    months: int
    partner: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """keep_months: messages and parcels older than so many whole months are dropped; rules say otherwise for some.

    archive_months: on SQLite, finished months that are older move into an archive file of their own; 0: never.
    dedupe_months: repeats are known for so long, whatever becomes of the arrival.
    """

    keep_months: int = 120
    archive_months: int = 6
    dedupe_months: int = 13
    rules: tuple[RetentionRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """What may not be dropped. Every condition that is set must be met; subject: an arrival, message or parcel id.

    since, until: by the time of receipt (of parcels: when they were made), until exclusive.
    """

    id: str
    reason: str
    user: str
    at: datetime
    partner: str | None = None
    type: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeping:
    """What one round did. archived, dropped, thinned: month (2026_03) -> arrivals and parcels that left the journal or
    the archive; kept: month -> arrivals and parcels that a hold, a longer rule or unfinished work has kept."""

    archived: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    thinned: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    payloads: int = 0
    keys: int = 0
