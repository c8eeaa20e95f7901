"""Sales and stock as a file: handed over, columns matched, looked at, taken in as a report; and the sell-through."""

from typing import Any

from aiohttp import web

from gateway.api.problems import status_of
from gateway.console.forms import texts
from gateway.console.pages import PageTable
from gateway.console.partner_scene import form_of
from gateway.console.reader import Reader
from gateway.domain.portal_lists import DOCUMENT_OF_LIST, PORTAL_LISTS
from gateway.model.faults import Fault
from gateway.portal.scene import UPLOAD_BYTES, desk_of, partner_of

TABLE = PageTable()
_PREFIX = "column-"


@TABLE.get("/lists", "documents.send")
async def lists_page(reader: Reader) -> web.StreamResponse:
    return await _lists(reader)


async def _lists(reader: Reader, fault: Fault | None = None) -> web.StreamResponse:
    may_say = await reader.read(desk_of(reader).documents, partner_of(reader))
    return reader.page(
        "portal_lists.html",
        status=status_of(fault.code) if fault else 200,
        kinds=[
            (each, reader.words(f"portal-list.{each}")) for each, kind in DOCUMENT_OF_LIST.items() if kind in may_say
        ],
        columns=PORTAL_LISTS,
        fault=fault.as_finding() if fault else None,
    )


@TABLE.post("/lists", "documents.send", limit_bytes=UPLOAD_BYTES)
async def hand_over(reader: Reader) -> web.StreamResponse:
    form = await form_of(reader)
    try:
        name, data = form.file("file")
        list_id = await reader.read(
            desk_of(reader).hand_over, partner_of(reader), form.text("kind"), name, data, reader.user
        )
    except Fault as fault:
        return await _lists(reader, fault)
    raise web.HTTPSeeOther(f"/lists/{list_id}")


def _chosen(values: Any) -> dict[str, str]:
    return {name.removeprefix(_PREFIX): value for name, value in values.items() if name.startswith(_PREFIX) and value}


@TABLE.get("/lists/{id}", "documents.send")
async def look(reader: Reader) -> web.StreamResponse:
    return await _look(reader, _chosen(reader.request.query))


async def _look(reader: Reader, said: dict[str, str], fault: Fault | None = None) -> web.StreamResponse:
    list_id = reader.request.match_info["id"]
    try:
        found = await reader.read(desk_of(reader).handed, partner_of(reader), list_id, said)
    except Fault as wrong:
        if wrong.code == "import.stage-gone" or not said:
            raise
        fault, found = wrong, await reader.read(desk_of(reader).handed, partner_of(reader), list_id, {})
    return reader.page(
        "portal_list.html",
        status=status_of(fault.code) if fault else 200,
        found=found,
        columns=PORTAL_LISTS[found.kind].columns,
        header=[(each, each) for each in found.header if each],
        fault=fault.as_finding() if fault else None,
    )


@TABLE.post("/lists/{id}", "documents.send")
async def take_in(reader: Reader) -> web.StreamResponse:
    said = _chosen(await texts(reader))
    try:
        done = await reader.read(
            desk_of(reader).take_list, partner_of(reader), reader.request.match_info["id"], said, reader.user
        )
    except Fault as fault:
        if fault.code == "import.stage-gone":
            raise
        return await _look(reader, said, fault)
    raise web.HTTPSeeOther(f"/documents/{done.arrival_id}?done={'repeat' if done.repeat else 'list'}")


@TABLE.get("/sell-through", "messages.read")
async def sell_through(reader: Reader) -> web.StreamResponse:
    found = await reader.read(desk_of(reader).sell_through, partner_of(reader))
    return reader.page("portal_sell_through.html", rows=found)
