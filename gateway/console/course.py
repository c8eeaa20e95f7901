"""The course of a message: its own steps and those of what it caused to be sent, as one row by time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.console.words import Words
from gateway.store.view_rows import EventLine, ParcelDetail

MOST_STEPS = 40
_SENT = ("sent", "acked", "accepted", "refused", "parked", "expired", "resent")  # of a parcel: what the other side saw


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """what: kind of event, which gives the step its colour. about: the document sent, of a parcel's step; address: its
    page. passed: since the step before."""

    at: datetime
    what: str
    words: str
    about: str | None = None
    address: str | None = None
    user: str | None = None
    code: str | None = None
    passed: timedelta | None = None


def course_of(words: Words, events: Sequence[EventLine], parcels: Iterable[ParcelDetail]) -> list[Step]:
    """Return the steps, the oldest first."""
    steps = [_step(words, each) for each in events]
    for parcel in parcels:
        about = words.document(parcel.line)
        kept = (each for each in parcel.events if each.what in _SENT)
        steps += [_step(words, each, about, f"/parcels/{parcel.line.id}") for each in kept]
    steps.sort(key=lambda step: step.at)
    return [
        Step(**{**_fields(step), "passed": step.at - before.at if before else None})
        for before, step in zip([None, *steps], steps[:MOST_STEPS], strict=False)
    ]


def _fields(step: Step) -> Mapping[str, Any]:
    return {name: getattr(step, name) for name in Step.__slots__}


def _step(words: Words, event: EventLine, about: str | None = None, address: str | None = None) -> Step:
    return Step(
        at=event.at,
        what=event.what,
        words=words.term("event", event.what),
        about=about,
        address=address,
        user=event.data.get("user"),
        code=event.data.get("code"),
    )
