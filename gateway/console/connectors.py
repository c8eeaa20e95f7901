"""Connectors: who is told of which records, what became of each change, and where both sides differ."""

from aiohttp import web

from gateway.api.connectors import STATES
from gateway.api.given import is_count
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.domain.crm.registers import REGISTERS

TABLE = PageTable()
REGISTER = REGISTERS["connector"]
DIFFERENCES_SHOWN = 200


@TABLE.get("/connectors", "keys.read")
async def connectors_page(reader: Reader) -> web.StreamResponse:
    found = await reader.read(reader.services.views.connectors)
    return reader.page("connectors.html", connectors=found, register=REGISTER)


@TABLE.get("/connectors/{id}", "keys.read")
async def connector_page(reader: Reader) -> web.StreamResponse:
    name, views = reader.request.match_info["id"], reader.services.views
    entry = await reader.read(views.entry, "connector", name)
    if entry is None:
        return not_found(reader, "connector", name)
    state = reader.query("state") if reader.query("state") in STATES else None
    differing = await reader.services.actions.connector_differences(name)
    return reader.page(
        "connector.html",
        entry=entry,
        register=REGISTER,
        lines=await reader.read(views.outbox, name, state),
        state=state,
        states=STATES,
        differing=differing[:DIFFERENCES_SHOWN],
        differing_all=len(differing),
    )


@TABLE.post("/connectors", "keys.write")
async def add(reader: Reader) -> web.StreamResponse:
    return await _save(reader, None)


@TABLE.post("/connectors/{id}", "keys.write")
async def change(reader: Reader) -> web.StreamResponse:
    return await _save(reader, reader.request.match_info["id"])


async def _save(reader: Reader, name: str | None) -> web.StreamResponse:
    form = await reader.request.post()
    data = {each.name: str(form.get(each.name, "")) for each in REGISTER.fields}
    state = str(form.get("state", "")) or None
    kept = await reader.services.actions.save_entry("connector", name, data, state, reader.user)
    raise web.HTTPSeeOther(f"/connectors/{kept.id}?done=saved")


@TABLE.post("/connectors/{id}/again", "keys.write")
async def again(reader: Reader) -> web.StreamResponse:
    form, name = await reader.request.post(), reader.request.match_info["id"]
    number = str(form.get("number", ""))
    if not is_count(number, 15):
        return not_found(reader, "change", number[:40])
    await reader.services.actions.send_change_again(name, int(number), reader.user)
    raise web.HTTPSeeOther(f"/connectors/{name}?done=again")
