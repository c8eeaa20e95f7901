"""Backtests of planning: start one, follow it, and what it says of stock at equal fill."""

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.plan_backtests import asked
from gateway.console.fill_chart import fill_chart
from gateway.console.forms import texts
from gateway.console.pages import PageTable, csv_download
from gateway.console.reader import Reader
from gateway.domain.replenishment.trial_terms import CLASSES, WAYS, TrialTerms
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.store.view_backtests import Backtest

TABLE = PageTable()
FIGURES = ("stock_days", "fill", "equal_fill_days", "lost", "order_lines", "bullwhip")


@TABLE.get("/backtests", "proposals.read")
async def backtests_page(reader: Reader) -> web.StreamResponse:
    found = await reader.read(reader.services.views.backtests)
    usual = TrialTerms(agreement="")
    return reader.page(
        "plan_backtests.html",
        rows=found,
        agreements=_agreements(reader),
        classes=CLASSES,
        usual=usual,
        may_start=reader.may("proposals.decide"),
    )


def _agreements(reader: Reader) -> list[str]:
    planned = reader.services.book().own.planning
    seen = reader.caller.partners if reader.caller is not None else frozenset()
    return [each.id for each in planned.agreements if seen is None or each.partner in seen] if planned else []


@TABLE.post("/backtests", "proposals.decide")
async def start(reader: Reader) -> web.StreamResponse:
    given = await texts(reader)
    named = {name: given.get(name, "").replace(",", " ").split() for name in ("places", "items")}
    fill = given.get("fill", "").replace(",", ".").rstrip("% ")
    share = f"{float(fill) / 100:.6g}" if is_count(fill.replace(".", "", 1), 20) else fill
    terms = asked({**given, **named, "fill": share})
    partners = reader.caller.partners if reader.caller is not None else frozenset()
    test_id = await reader.services.actions.start_backtest(terms, reader.user, partners)
    raise web.HTTPSeeOther(f"/backtests/{test_id}")


@TABLE.get("/backtests/{id}", "proposals.read")
async def backtest_page(reader: Reader) -> web.StreamResponse:
    found = await _seen(reader)
    by = {each.way: each for each in found.ways}
    return reader.page(
        "plan_backtest.html",
        found=found,
        ways=[by[way] for way in WAYS if way in by],
        prices=[each for each in found.ways if each.way not in WAYS],
        ours=by.get("ours"),
        chart=fill_chart(found.ways, float(found.terms["fill"])),
        open=found.state in ("waiting", "running"),
        fault=_fault(found),
        may_write=reader.may("proposals.decide"),
    )


@TABLE.get("/backtests/{id}/ways.csv", "proposals.read")
async def backtest_csv(reader: Reader) -> web.StreamResponse:
    found = await _seen(reader)
    rows = ([each.way, *(getattr(each, name) for name in FIGURES)] for each in found.ways)
    return csv_download("backtest.csv", ("way", *FIGURES), rows)


@TABLE.post("/backtests/{id}/cancel", "proposals.decide")
async def cancel(reader: Reader) -> web.StreamResponse:
    found = await reader.services.actions.cancel_backtest((await _seen(reader)).id, reader.user)
    raise web.HTTPSeeOther(f"/backtests/{found.id}")


@TABLE.post("/backtests/{id}/remove", "proposals.decide")
async def remove(reader: Reader) -> web.StreamResponse:
    await reader.services.actions.remove_backtest((await _seen(reader)).id, reader.user)
    raise web.HTTPSeeOther("/backtests?done=removed")


def _fault(found: Backtest) -> Finding | None:
    """Return why it failed, None where it has not; one whose process has ended says no more."""
    if found.fault is None:
        return Finding(code="plan.backtest-lost") if found.state == "failed" else None
    params = tuple(found.fault["params"].items())
    return Finding(code=found.fault["code"], value=found.fault["value"], params=params)


async def _seen(reader: Reader) -> Backtest:
    """Return the backtest of the address, as this person may see it. Raises OurFault plan.backtest-unknown."""
    test_id = reader.request.match_info["id"]
    found = await reader.read(reader.services.views.backtest, test_id)
    if found is None:
        raise OurFault("plan.backtest-unknown", value=test_id[:40])
    return found
