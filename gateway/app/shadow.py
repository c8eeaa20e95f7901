"""A shadow run: a draft of a mapping over the last messages that the mapping in force has read or written.

Reads the journal, writes nothing. One message at a time, in the preview's child, so that it can be watched and left at
any moment: whoever stops asking for lines has cancelled it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from gateway.app.preview import PreviewPool
from gateway.config.preview import Draft, MessagePreview
from gateway.mapping.differences import Difference
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.store.view_rows import MessageFilter, MessageLine
from gateway.store.views import Views

MOST = 1_000
PAGE = 100
BYTES_LIMIT = 10_000_000
SHOWN = 50  # differences kept of one message

Outcome = Literal["same", "changed", "mended", "broken", "unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowLine:
    """One stored message under the draft.

    same, changed  both versions read (write) it, with the same or other values
    mended, broken the draft carries it and the version in force does not, or the other way round
    unread         neither does, or the draft could not be run on it
    """

    id: str
    number: str | None
    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()
    done: int  # messages so far, this one included
    total: int


@dataclass(slots=True, kw_only=True)
class ShadowReport:
    """What the lines add up to. fields: canonical key -> messages in which it differs; alarms: keys that get empty
    somewhere, and totals that change: look at these before the draft goes into force."""

    outcomes: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    alarms: set[str] = field(default_factory=set)
    examples: dict[str, tuple[str, Difference]] = field(default_factory=dict)  # key -> (message id, its difference)

    def add(self, line: ShadowLine) -> None:
        """Count one line."""
        self.outcomes[line.outcome] += 1
        if line.outcome != "changed":
            return  # everything differs from nothing
        self.fields.update({each.key for each in line.differences})
        for each in line.differences:
            self.examples.setdefault(each.key, (line.id, each))
            if each.kind == "lost" or each.key.startswith(("totals.", "summary.")):
                self.alarms.add(each.key)


def shadow(views: Views, pool: PreviewPool, draft: Draft, count: int = 100) -> Iterator[ShadowLine]:
    """Yield a line for each of the last count messages (at most MOST) of the draft's partner and mapping, newest first.

    Raises OurFault shadow.nothing-stored when there is none, and what is wrong with the draft itself.
    """
    looked_at = pool.preview(replace(draft, sample=b"", rows=0))
    if not looked_at.digest:
        errors = [each for each in looked_at.findings if each.severity == "error"]
        raise OurFault(errors[0].code, errors[0].where, value=errors[0].value, findings=tuple(errors))
    stored = list(_stored(views, draft, min(count, MOST)))
    if not stored:
        raise OurFault("shadow.nothing-stored", value=draft.name, partner=draft.partner or "-")
    for number, line in enumerate(stored, 1):
        outcome, differences, findings = _tried(views, pool, draft, line)
        yield ShadowLine(
            id=line.id,
            number=line.business_number,
            outcome=outcome,
            differences=differences[:SHOWN],
            findings=findings,
            done=number,
            total=len(stored),
        )


def _stored(views: Views, draft: Draft, count: int) -> Iterator[MessageLine]:
    """Yield the newest messages that the mapping has read, or parcels it has written."""
    wanted = MessageFilter(partner=draft.partner, direction=draft.direction)
    cursor: str | None = None
    found = 0
    while found < count:
        page = views.messages(wanted, cursor, PAGE)
        for line in page.lines:
            if found < count and _of_mapping(views, line, draft):
                found += 1
                yield line
        cursor = page.next
        if cursor is None:
            return


def _of_mapping(views: Views, line: MessageLine, draft: Draft) -> bool:
    if line.kind == "message":
        message = views.message(line.id)
        return message is not None and message.mapping == draft.name
    if line.kind == "parcel":
        parcel = views.parcel(line.id)
        return parcel is not None and parcel.mapping == draft.name and parcel.document is not None
    return False


def _tried(
    views: Views, pool: PreviewPool, draft: Draft, line: MessageLine
) -> tuple[Outcome, tuple[Difference, ...], tuple[Finding, ...]]:
    try:
        sample, filename, position = _sample(views, line)
        preview = pool.preview(replace(draft, sample=sample, filename=filename, rows=0))
    except Fault as fault:
        return "unread", (), fault.findings or (fault.as_finding(),)
    found = next((each for each in preview.messages if each.position == position), None)
    if found is None:
        return "unread", (), preview.messages[0].findings if preview.messages else preview.findings
    return _outcome(found), found.differences, tuple(each for each in found.findings if each.severity == "error")


def _outcome(found: MessagePreview) -> Outcome:
    if found.good_before:
        return "broken" if not found.good else "changed" if found.differences else "same"
    return "mended" if found.good else "unread"


def _sample(views: Views, line: MessageLine) -> tuple[bytes, str, int]:
    """Return the bytes to try, their file name and the position of the message in them."""
    if line.kind == "parcel":
        parcel = views.parcel(line.id)
        return json.dumps(parcel.document if parcel else None).encode(), "", 0
    message = views.message(line.id)
    raw = views.raw(message.arrival.id, BYTES_LIMIT) if message else None
    if message is None or raw is None or raw.truncated:
        raise OurFault("preview.too-large", limit=str(BYTES_LIMIT))
    return raw.data, raw.filename or "", message.position
