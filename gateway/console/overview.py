"""What the first page says: one sentence on what is wrong now, then what waits, flows, ends soon and is new."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.api.partner_desk import PartnerLine
from gateway.console.chart import flow_chart
from gateway.console.reader import Reader
from gateway.store.view_problem_rows import ProblemLine
from gateway.store.view_rows import MessageFilter, Overview

NEWEST = 10
SHOWN = 6  # causes, partners, certificates
ENDS_SOON_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One line of what waits. text: in words; count 0: a document that has not come."""

    text: str
    partner: str
    address: str
    at: datetime
    count: int


async def overview_values(reader: Reader) -> dict[str, Any]:
    """Return the values of the template. What needs an instance (health, certificates) is left out without one."""
    views, words = reader.services.views, reader.words
    overview, newest, partners = await asyncio.gather(
        reader.read(views.overview, words.now, causes=not reader.may("problems.read")),
        reader.read(views.messages, MessageFilter(own=False), None, NEWEST),
        _partners(reader),
    )
    causes, open_causes = await _causes(reader, overview)
    waits = open_causes + len(overview.proposals)
    ending = [each for each in partners if each.days_left is not None and each.days_left <= ENDS_SOON_DAYS]
    return {
        "overview": overview,
        "failing": reader.services.failing() if reader.may("problems.read") else (),
        "waits": waits,
        "causes": causes,
        "more": open_causes > SHOWN,
        "sentence": _sentence(reader, causes, overview, waits, bool(newest.lines)),
        "newest": newest.lines,
        "chart": flow_chart(overview.hours, words),
        "partners": partners[: 2 * SHOWN],
        "ending": sorted(ending, key=lambda each: each.days_left or 0)[:SHOWN],
    }


async def _partners(reader: Reader) -> tuple[PartnerLine, ...]:
    desk = reader.services.partner_desk
    if desk is None or not reader.may("partners.read"):
        return ()
    sight = reader.caller.sight.partners if reader.caller else frozenset()
    return await reader.read(desk.lines, sight)


async def _causes(reader: Reader, overview: Overview) -> tuple[list[Cause], int]:
    """Return what waits for a person by cause, and how many causes there are; what has not come is among them where the
    person may see problems."""
    if not reader.may("problems.read"):
        causes = [
            Cause(
                text=reader.words.finding(each.fault) if each.fault else reader.words.code(each.code),
                partner=each.partner,
                address=f"/messages/{each.newest}" if each.count == 1 else "/messages?q=state:attention",
                at=each.newest_at,
                count=each.count,
            )
            for each in overview.problems[:SHOWN]
        ]
        return causes, len(overview.problems)
    page = await reader.read(reader.services.views.problems, reader.words.now, state="open", limit=SHOWN)
    return [_cause(reader, each) for each in page.lines], page.counts["open"]


def _cause(reader: Reader, line: ProblemLine) -> Cause:
    words = reader.words
    if line.kind == "absent":
        text = words("problems.absent", document=words.term("type", line.place))
    else:
        text = words.finding(line.fault) if line.fault else words.code(line.code)
    one = line.count == 1 and line.newest and line.kind != "absent"
    address = f"/messages/{line.newest}" if one else f"/problems/{line.id}"
    return Cause(
        text=text,
        partner=line.partner,
        address=address,
        at=line.last_at,
        count=0 if line.kind == "absent" else line.count,
    )


def _sentence(reader: Reader, causes: list[Cause], overview: Overview, waits: int, busy: bool) -> str:
    words = reader.words
    if not waits:
        return words("overview.calm" if busy else "overview.first")
    if not causes:
        return words.count("overview.approvals", len(overview.proposals))
    first = words("overview.first-cause", partner=words.partner(causes[0].partner), cause=causes[0].text.rstrip(".。"))
    if waits == 1:
        return first
    return words("overview.waits-most", count=words.number(waits), first=first)
