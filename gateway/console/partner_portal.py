"""The tab *Portal* of a partner: its people, invitations, and whether it works there without EDI."""

from aiohttp import web

from gateway.api.problems import status_of
from gateway.console.pages import PageTable
from gateway.console.partner_scene import desk_of, form_of, partner_of, partner_page
from gateway.console.reader import Reader
from gateway.model.faults import Fault
from gateway.store.access_rows import UserLine

TABLE = PageTable()


@TABLE.get("/partners/{id}/portal", "partners.read")
async def portal_page(reader: Reader) -> web.StreamResponse:
    return await _page(reader)


async def _page(reader: Reader, *, fault: Fault | None = None, link: str = "", name: str = "") -> web.StreamResponse:
    partner = partner_of(reader)
    people: tuple[UserLine, ...] = ()
    if reader.may("users.read"):
        everybody = await reader.read(reader.services.access.people, reader.services.wall.now())
        people = tuple(each for each in everybody if each.partner == partner.id)
    return await partner_page(
        reader,
        "partner_portal.html",
        "portal",
        fault=fault,
        status=status_of(fault.code) if fault else 200,
        people=people,
        served=reader.services.settings.portal,
        works_there=[each for each in partner.agreements if partner.channels[each.over].kind == "portal"],
        invitation=link,
        name=name,
    )


@TABLE.post("/partners/{id}/portal/invite", "users.write")
async def invite(reader: Reader) -> web.StreamResponse:
    """Show the link on the page itself: it must not stand in an address or a log."""
    partner, form = partner_of(reader), await form_of(reader)
    name = form.text("name", 100)
    try:
        link = await reader.read(desk_of(reader).invite, partner.id, name, reader.user)
    except Fault as fault:
        return await _page(reader, fault=fault, name=name)
    return await _page(reader, link=link)


@TABLE.post("/partners/{id}/portal/open", "partners.write")
async def open_portal(reader: Reader) -> web.StreamResponse:
    partner = partner_of(reader)
    try:
        await reader.read(desk_of(reader).open_portal, partner.id, reader.user)
    except Fault as fault:
        return await _page(reader, fault=fault)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/portal?done=saved")
