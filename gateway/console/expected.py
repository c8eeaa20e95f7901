"""Expected documents: what should have come, what comes next, and what each partner owes us by the calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from aiohttp import web

from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.model.partner import Expected
from gateway.store.view_house_rows import ExpectedLine

TABLE = PageTable()
SHOWN = 300


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    lines: tuple[ExpectedLine, ...]


def _days(lines: Iterable[ExpectedLine], reader: Reader) -> list[Day]:
    """Group by the reader's own days."""
    zone = reader.words.zone
    return [Day(on, tuple(each)) for on, each in groupby(lines, lambda line: line.due.astimezone(zone).date())]


@TABLE.get("/expected", "expected.read")
async def expected_page(reader: Reader) -> web.StreamResponse:
    partner, views = reader.query("partner") or None, reader.services.views
    overdue = await reader.read(views.expected, ("overdue",), partner, SHOWN)
    waiting = await reader.read(views.expected, ("waiting",), partner, SHOWN)
    partners = reader.services.book().partners
    calendar: list[tuple[str, Expected]] = [
        (each.id, owed) for each in partners.values() for owed in each.expects if partner in (None, each.id)
    ]
    named = {each.id for each in partners.values() if each.expects} | {each.partner for each in (*overdue, *waiting)}
    return reader.page(
        "expected.html",
        overdue=_days(overdue, reader),
        waiting=_days(waiting, reader),
        missing=len(overdue),
        calendar=sorted(calendar, key=lambda each: (reader.words.partner(each[0]), each[1].document)),
        partner=partner,
        partners=sorted(((each, reader.words.partner(each)) for each in named), key=lambda each: each[1]),
    )
