"""Documents that a partner fetches itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One document that waits to be fetched."""

    id: str
    document_type: str
    number: str | None
    content_type: str
    filename: str
    size_bytes: int
    sha256: str
    test: bool
    created_at: datetime


class Outbox(Protocol):
    """What waits for a partner, in the journal."""

    def waiting(
        self, partner: str, channels: Collection[str], limit: int, lease: timedelta | None
    ) -> tuple[Waiting, ...]:
        """Return what was not confirmed and is not leased, oldest first; lease it when lease is given. Blocks."""
