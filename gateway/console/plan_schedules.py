"""Delivery schedules: what customers call off, what suppliers have been told; firm, planned and cumulative."""

from aiohttp import web

from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader

TABLE = PageTable()


@TABLE.get("/schedules", "proposals.read")
async def schedules_page(reader: Reader) -> web.StreamResponse:
    partner = reader.query("partner")
    found = await reader.read(reader.services.views.schedules)
    partners = [(each, reader.words.partner(each)) for each in sorted({row.partner for row in found})]
    return reader.page(
        "plan_schedules.html",
        rows=[each for each in found if not partner or each.partner == partner],
        partner=partner,
        partners=partners,
    )


@TABLE.get("/schedules/{partner}", "proposals.read")
async def schedule_page(reader: Reader) -> web.StreamResponse:
    partner, number = reader.request.match_info["partner"], reader.query("number")[:100] or None
    found = await reader.read(reader.services.views.schedule, partner, number)
    if found is None:
        return not_found(reader, "schedule", number or partner)
    return reader.page("plan_schedule.html", found=found)
