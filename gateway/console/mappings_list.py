"""Mappings: the list, and one of them with its rules as they are in force and its versions."""

from aiohttp import web

from gateway.console.pages import PageTable, not_found
from gateway.console.partner_scene import desk_of, sees
from gateway.console.partners import lines_of
from gateway.console.reader import Reader
from gateway.model.faults import OurFault

TABLE = PageTable()


@TABLE.get("/mappings", "mappings.read")
async def mappings_page(reader: Reader) -> web.StreamResponse:
    lines = await reader.read(desk_of(reader).mappings)
    text, which = reader.query("text").casefold(), reader.query("which")
    shown = [
        each
        for each in lines
        if (not text or text in f"{each.name} {each.partner} {each.document}".casefold())
        and (which == "all" or (each.partner if which == "own" else each.used_by))
    ]
    counts = {
        "used": sum(bool(each.used_by) for each in lines),
        "own": sum(bool(each.partner) for each in lines),
        "all": len(lines),
    }
    return reader.page("mappings.html", lines=shown, counts=counts, which=which or "used", text=reader.query("text"))


@TABLE.get("/mappings/{family}/{type}", "mappings.read")
async def mapping_page(reader: Reader) -> web.StreamResponse:
    name = f"{reader.request.match_info['family']}/{reader.request.match_info['type']}"
    partner = reader.query("partner")
    if partner and not sees(reader.caller, partner):
        return not_found(reader, "mapping", name)
    try:
        found = await reader.read(desk_of(reader).mapping, name, partner)
    except OurFault as fault:
        if fault.code not in ("mapping.missing", "partner.unknown"):
            raise
        return not_found(reader, "mapping", name)
    return reader.page(
        "mapping.html",
        found=found,
        partner=partner,
        changes=[(each, lines_of(each)) for each in found.changes],
        derive=_may_differ(reader, found.line.used_by),
    )


def _may_differ(reader: Reader, used_by: tuple[str, ...]) -> list[str]:
    """Return the partners that a layer can be begun for: those who use the mapping first."""
    known = [each.id for each in reader.services.book().partners.values() if each.kind == "partner"]
    seen = (each for each in known if sees(reader.caller, each))
    return sorted(seen, key=lambda each: (each not in used_by, each))
