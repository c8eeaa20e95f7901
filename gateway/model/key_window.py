"""Which key or certificate counts when: a list of names in the key store, each with an optional window.

    old-2024, new-2026 from 2026-12-01, other until 2026-12-24T12:00+01:00

A name without "from" counts at once; the one whose window opened last is used for what we make (sign, encrypt), all of
them for what we read (decrypt, verify) until their window closes. A certificate's own validity limits both.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

_ENTRY = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)(?:\s+from\s+(\S+))?(?:\s+until\s+(\S+))?")
_MAX_NAME = 64
_ALWAYS = datetime.min.replace(tzinfo=UTC)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWindow:
    """from_at: used for what we make from then on, None: from the beginning; until: not used at all after it."""

    name: str
    from_at: datetime | None = None
    until: datetime | None = None

    def counts_at(self, now: datetime) -> bool:
        return self.until is None or now < self.until

    def is_open_at(self, now: datetime) -> bool:
        return self.counts_at(now) and (self.from_at is None or self.from_at <= now)


def read_windows(text: str) -> tuple[KeyWindow, ...]:
    """Parse the list. Raises ValueError, its text is the entry that is wrong."""
    found: list[KeyWindow] = []
    for entry in text.split(","):
        match = _ENTRY.fullmatch(entry.strip())
        if match is None or len(match.group(1)) > _MAX_NAME:
            raise ValueError(entry.strip())
        try:
            from_at, until = (_instant(each) if each else None for each in match.groups()[1:])
        except ValueError:
            raise ValueError(entry.strip()) from None
        found.append(KeyWindow(name=match.group(1), from_at=from_at, until=until))
    return tuple(found)


def _instant(text: str) -> datetime:
    """Read an ISO 8601 date (its first instant, UTC) or date and time; without a zone it is UTC."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def current(candidates: Sequence[tuple[KeyWindow, T]], now: datetime, is_valid: Callable[[T], bool]) -> T | None:
    """Return what is used for what we make: of the open windows the one that opened last, the first among equals;
    None when there is none that is valid."""
    usable = [(window, each) for window, each in candidates if window.is_open_at(now) and is_valid(each)]
    if not usable:
        return None
    return max(usable, key=lambda pair: pair[0].from_at or _ALWAYS)[1]
