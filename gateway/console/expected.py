"""Expected documents: what should have come, what comes next, and what each partner owes us by the calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from aiohttp import web

from gateway.console.message_list import capped
from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.model.partner import Expected
from gateway.store.view_house import after_expected
from gateway.store.view_house_rows import ExpectedLine

TABLE = PageTable()
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Day:
    """One day with the documents that are expected on it."""

    on: date
    lines: tuple[ExpectedLine, ...]


def _days(lines: Iterable[ExpectedLine], reader: Reader) -> list[Day]:
    """Group by the reader's own days."""
    zone = reader.words.zone
    return [Day(on, tuple(each)) for on, each in groupby(lines, lambda line: line.due.astimezone(zone).date())]


def _next(name: str, lines: tuple[ExpectedLine, ...], partner: str | None) -> str | None:
    """Return the address of the page that follows lines, None when that was all."""
    return _address(partner, **{name: after_expected(lines[SHOWN - 1])}) if len(lines) > SHOWN else None


def _address(partner: str | None, **values: str) -> str:
    given = {"partner": partner, **values} if partner else values
    return f"/expected?{urlencode(given)}" if given else "/expected"


@TABLE.get("/expected", "expected.read")
async def expected_page(reader: Reader) -> web.StreamResponse:
    partner, views = reader.query("partner") or None, reader.services.views
    late, cursor = reader.query("late") or None, reader.query("cursor") or None
    overdue = await reader.read(views.expected, ("overdue",), partner, SHOWN + 1, late) if not cursor else ()
    waiting = await reader.read(views.expected, ("waiting",), partner, SHOWN + 1, cursor) if not late else ()
    missing = await reader.read(views.count_expected, "overdue", partner)
    partners = reader.services.book().partners
    calendar: list[tuple[str, Expected]] = [
        (each.id, owed) for each in partners.values() for owed in each.expects if partner in (None, each.id)
    ]
    named = {each.id for each in partners.values() if each.expects} | {each.partner for each in (*overdue, *waiting)}
    return reader.page(
        "expected.html",
        overdue=_days(overdue[:SHOWN], reader),
        waiting=_days(waiting[:SHOWN], reader),
        missing=capped(missing),
        later=_next("late", overdue, partner),
        next=_next("cursor", waiting, partner),
        first=_address(partner) if late or cursor else None,
        calendar=sorted(calendar, key=lambda each: (reader.words.partner(each[0]), each[1].document)),
        partner=partner,
        partners=sorted(((each, reader.words.partner(each)) for each in named), key=lambda each: each[1]),
    )
