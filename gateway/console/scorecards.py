"""Scorecards: key figures of a period in their three sides, and one figure with its places, items and documents."""

from datetime import date
from decimal import Decimal

from aiohttp import web

from gateway.api.measures import Asked, asked_for, categories_of, costs_of
from gateway.console.pages import PageTable, csv_download, not_found
from gateway.console.reader import Reader
from gateway.console.words import Words
from gateway.domain.measures.scorecard import BY_NAME, SIDES, Figure
from gateway.store.view_measures import Scorecard

TABLE = PageTable()
ROWS = 25  # of places and items
DOCUMENTS = 100
BAR, STEP, HEIGHT = 34, 48, 110


def shown_figure(figure: Figure, words: Words, *, before: bool = False) -> str:
    """Return the value as a person reads it; a dash where there is not enough data."""
    value = figure.before if before else figure.value
    if value is None:
        return "–"
    if figure.unit == "share":
        return f"{words.number((value * 100).quantize(Decimal('0.1')))} %"
    if figure.unit in ("days", "turns", "units"):
        return words(f"score.{figure.unit}", count=words.rounded(value))
    return words.rounded(value, 2)


def tone_of(figure: Figure) -> str:
    """Return good or bad where the value has moved, else nothing."""
    if figure.value is None or figure.before is None or not figure.better or figure.value == figure.before:
        return ""
    return "good" if (figure.value > figure.before) == (figure.better == "high") else "bad"


def _partners(reader: Reader) -> list[tuple[str, str]]:
    own = reader.services.book().partners.values()
    return sorted(((each.id, reader.words.partner(each.id)) for each in own if each.kind == "partner"), key=_second)


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


async def _card(reader: Reader) -> tuple[Asked, Scorecard]:
    today = reader.words.now.date()
    asked = asked_for(reader.request.query, today)
    costs = costs_of(reader.services.book())
    views = reader.services.views
    found = await reader.read(
        views.scorecard, asked.partner, asked.first, asked.last, today, costs=costs, **asked.narrowed
    )
    return asked, found


@TABLE.get("/scorecards", "accounts.read")
async def scorecard_page(reader: Reader) -> web.StreamResponse:
    asked, found = await _card(reader)
    sides = [(side, [each for each in found.figures if each.side == side]) for side in SIDES]
    return reader.page(
        "scorecards.html",
        asked=asked,
        sides=sides,
        known=any(each.value is not None for each in found.figures),
        partners=_partners(reader),
        shown=shown_figure,
        tone=tone_of,
    )


@TABLE.get("/scorecards.csv", "accounts.read")
async def scorecard_csv(reader: Reader) -> web.StreamResponse:
    asked, found = await _card(reader)
    names = ("partner", "from", "until", "side", "measure", "value", "unit", "top", "bottom", "count", "before")
    rows = (
        (
            asked.partner,
            asked.first,
            asked.last,
            each.side,
            each.name,
            _plain(each.value),
            each.unit,
            _plain(each.top),
            _plain(each.bottom),
            each.count,
            _plain(each.before),
        )
        for each in found.figures
    )
    return csv_download(f"scorecard-{asked.first}-{asked.last}.csv", names, rows)


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{round(value, 6).normalize():f}"


@TABLE.get("/categories", "accounts.read")
async def categories_page(reader: Reader) -> web.StreamResponse:
    today = reader.words.now.date()
    asked, names = asked_for(reader.request.query, today), categories_of(reader.services.book())
    views = reader.services.views
    found = await reader.read(
        views.categories, asked.partner, asked.first, asked.last, today, category_of=names, place=asked.place
    )
    return reader.page("categories.html", asked=asked, rows=found, partners=_partners(reader))


@TABLE.get("/scorecards/{name}", "accounts.read")
async def figure_page(reader: Reader) -> web.StreamResponse:
    name = reader.request.match_info["name"]
    if name not in BY_NAME:
        return not_found(reader, "measure", name[:80])
    today: date = reader.words.now.date()
    asked, costs = asked_for(reader.request.query, today), costs_of(reader.services.book())
    views, read = reader.services.views, reader.read
    period = (asked.partner, asked.first, asked.last, today)
    groups = {
        by: await read(views.measure_groups, name, by, *period, costs=costs, **asked.narrowed)
        for by in ("total", "month", "place", "item")
    }
    out = None
    if name in ("stockout-days", "in-stock", "lost-sales", "shelf-fill"):
        out = await read(views.stockouts, *period, gtin=asked.gtin, place=asked.place, limit=DOCUMENTS)
    parts = await read(views.measure_parts, name, *period, costs=costs, limit=DOCUMENTS, **asked.narrowed)
    return reader.page(
        "scorecard_figure.html",
        asked=asked,
        figure=groups["total"][0],
        months=groups["month"],
        bars=_bars(groups["month"]),
        height=HEIGHT,
        places=_worst(groups["place"]),
        items=_worst(groups["item"]),
        parts=parts,
        out=out,
        shown=shown_figure,
    )


def _worst(figures: tuple[Figure, ...]) -> list[Figure]:
    """Return the groups with a value, the worst first."""
    known = [each for each in figures if each.value is not None and each.key]
    sign = 1 if not known or known[0].better == "high" else -1
    return sorted(known, key=lambda each: (sign * (each.value or Decimal(0)), each.key))[:ROWS]


def _bars(months: tuple[Figure, ...]) -> list[tuple[int, int, Figure]]:
    """Return (x, height, figure) of each month. Values below 0 have no bar: the table names them."""
    largest = max([Decimal(0), *(each.value for each in months if each.value is not None)])
    found = []
    for n, each in enumerate(months[-24:]):
        share = each.value / largest if each.value is not None and each.value > 0 else Decimal(0)
        found.append((n * STEP + (STEP - BAR) // 2, round(share * (HEIGHT - 20)), each))
    return found
