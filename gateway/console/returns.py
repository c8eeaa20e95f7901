"""Returns: goods that customers want to send back, and what shall be done with them."""

from aiohttp import web

from gateway.api.house_actions import INSTRUCTIONS
from gateway.api.problems import status_of
from gateway.console.forms import texts
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader, segment
from gateway.model.faults import Fault

TABLE = PageTable()
SHOWN = 200


@TABLE.get("/returns", "returns.read")
async def returns_page(reader: Reader) -> web.StreamResponse:
    status = reader.query("status") or None
    found = await reader.read(reader.services.views.returns, None, None, status, None, SHOWN)
    announced = await reader.read(reader.services.views.returns, "sale", None, "announced", None, SHOWN)
    return reader.page("returns.html", returns=found, chosen=status, announced=len(announced), counted=SHOWN)


@TABLE.get("/returns/{number}", "returns.read")
async def return_page(reader: Reader) -> web.StreamResponse:
    return await _return_page(reader)


async def _return_page(reader: Reader, fault: Fault | None = None) -> web.StreamResponse:
    number = reader.request.match_info["number"]
    found = await reader.read(reader.services.views.returns, None, None, None, number)
    if not found:
        return not_found(reader, "return", number)
    return reader.page(
        "return.html",
        status=status_of(fault.code) if fault else 200,
        number=number,
        returns=found,
        instructions=[(each, reader.words(f"instruction.{each}")) for each in INSTRUCTIONS],
        fault=fault.as_finding() if fault else None,
    )


@TABLE.post("/returns/{number}/instruct", "returns.decide")
async def instruct(reader: Reader) -> web.StreamResponse:
    number, given = reader.request.match_info["number"], await texts(reader)
    partner = given.get("partner", "")
    if not await reader.read(reader.services.views.returns, "sale", partner, None, number):
        return not_found(reader, "return", number)
    lines = {name.removeprefix("line-"): word for name, word in given.items() if name.startswith("line-") and word}
    note = given.get("note", "")[:500] or None
    try:
        await reader.services.actions.instruct_return(
            partner, number, reader.user, given.get("instruction") or "return", lines, note
        )
    except Fault as fault:
        return await _return_page(reader, fault)
    raise web.HTTPSeeOther(f"/returns/{segment(number)}?done=instruct")
