"""CalendarInfo: calendars of companies and places, as our house (or a partner, for itself) tells them."""

from dataclasses import dataclass, field

from gateway.model.calendar import CalendarKind
from gateway.model.values import Moment, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One calendar. party: whose; without an identifier: our own. Days and times as in model.calendar.

    action: add, change or delete (None: change, which takes one that we have not as new)
    """

    kind: CalendarKind
    party: Party = field(default_factory=Party)
    weekdays: tuple[int, ...] = ()
    closed: tuple[Moment, ...] = ()
    opened: tuple[Moment, ...] = ()
    cut_off: str | None = None
    zone: str | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarInfo:
    """Each entry replaces what we have of the same party, kind and first day."""

    id: str
    issued_at: Moment
    calendars: tuple[CalendarEntry, ...]
    sender: Party | None = None
    receiver: Party | None = None
