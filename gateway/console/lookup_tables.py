"""A partner's lookup tables: rows added, changed and taken out, CSV in and out."""

from aiohttp import web

from gateway.console.pages import PageTable
from gateway.console.partner_scene import UPLOAD_LIMIT_BYTES, form_of, partner_of, partner_page
from gateway.console.reader import Reader
from gateway.model.faults import Fault

TABLE = PageTable()
SHOWN = 300


@TABLE.get("/partners/{id}/tables", "mappings.read")
async def tables_page(reader: Reader) -> web.StreamResponse:
    return await _tables(reader)


async def _tables(reader: Reader, fault: Fault | None = None) -> web.StreamResponse:
    partner = partner_of(reader)
    found = await reader.read(reader.services.lookups.all, partner.id)
    return await partner_page(
        reader, "lookup_tables.html", "agreements", fault=fault, status=409 if fault else 200, tables=found
    )


@TABLE.post("/partners/{id}/tables", "lookups.write", limit_bytes=UPLOAD_LIMIT_BYTES)
async def import_table(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    name = form.text("name", 100)
    try:
        _, data = form.file("file")
        await reader.read(reader.services.lookups.put, partner.id, name, data, reader.user)
    except Fault as fault:
        return await _tables(reader, fault)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/tables/{name}?done=imported")


@TABLE.get("/partners/{id}/tables/{table}", "mappings.read")
async def table_page(reader: Reader) -> web.StreamResponse:
    return await _table(reader)


async def _table(reader: Reader, fault: Fault | None = None, sent: tuple[str, ...] = ()) -> web.StreamResponse:
    partner, wanted = partner_of(reader), reader.query("text").casefold()
    found = await reader.read(reader.services.lookups.one, partner.id, reader.request.match_info["table"])
    rows = [row for row in found.rows if not wanted or any(wanted in cell.casefold() for cell in row)]
    return await partner_page(
        reader,
        "lookup_table.html",
        "agreements",
        fault=fault,
        status=409 if fault else 200,
        table=found,
        rows=rows[:SHOWN],
        count=len(rows),
        text=reader.query("text"),
        key=reader.query("key") or (sent[0] if sent else ""),
        sent=sent,
    )


@TABLE.get("/partners/{id}/tables/{table}/csv", "mappings.read")
async def export_table(reader: Reader) -> web.StreamResponse:
    partner, name = partner_of(reader), reader.request.match_info["table"]
    text = await reader.read(reader.services.lookups.text, partner.id, name)
    headers = {"Content-Disposition": f'attachment; filename="{partner.id}-{name}.csv"'}
    return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=headers)


@TABLE.post("/partners/{id}/tables/{table}/rows", "lookups.write")
async def put_row(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    name, cells = reader.request.match_info["table"], tuple(form.texts("cell"))
    change = bool(form.text("change"))
    try:
        await reader.read(reader.services.lookups.put_row, partner.id, name, cells, reader.user, change=change)
    except Fault as fault:
        return await _table(reader, fault, cells)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/tables/{name}?done=row")


@TABLE.post("/partners/{id}/tables/{table}/remove", "lookups.write")
async def drop_row(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    name = reader.request.match_info["table"]
    await reader.read(reader.services.lookups.drop_row, partner.id, name, form.text("key"), reader.user)
    raise web.HTTPSeeOther(f"/partners/{partner.id}/tables/{name}?done=removed")
