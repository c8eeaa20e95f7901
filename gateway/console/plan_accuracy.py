"""How good the forecasts were: by run, by days ahead, by class, place and item."""

from aiohttp import web

from gateway.console.pages import PageTable
from gateway.console.reader import Reader

TABLE = PageTable()
SPANS = (1, 7, 14, 28)
SHOWN_RUNS = 12
SHOWN_ROWS = 20  # places, and items: the worst forecast of those that sell, the rest by API and command


@TABLE.get("/accuracy", "proposals.read")
async def accuracy_page(reader: Reader) -> web.StreamResponse:
    found = await reader.read(reader.services.views.accuracy)
    names = list(dict.fromkeys(each.agreement for each in found))
    chosen = reader.query("agreement")
    chosen = chosen if chosen in names else (names[0] if names else "")
    ahead = next((each for each in SPANS if str(each) == reader.query("ahead")), 7)
    runs = [each for each in found if each.agreement == chosen]
    rows = [each for each in runs[0].rows if each.ahead == ahead] if runs else []
    worst = sorted(rows, key=lambda each: (-(each.wape or 0) * each.units, each.key))
    return reader.page(
        "plan_accuracy.html",
        names=names,
        chosen=chosen,
        ahead=ahead,
        spans=SPANS,
        newest=runs[0] if runs else None,
        spread=[each for each in runs[0].rows if each.by == "all"] if runs else [],
        runs=[(each, each.row(ahead)) for each in runs[:SHOWN_RUNS]],
        parts=[(by, [each for each in worst if each.by == by][:SHOWN_ROWS]) for by in ("class", "place", "item")],
    )
