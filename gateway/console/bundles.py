"""Partners from one instance to another: a bundle written, and one taken in after its differences were seen."""

from base64 import b64decode, b64encode

from aiohttp import web

from gateway.console.pages import PageTable
from gateway.console.partner_scene import BUNDLE_LIMIT_BYTES, desk_of, form_of, partner_of
from gateway.console.reader import Reader
from gateway.model.faults import Fault

TABLE = PageTable()


@TABLE.post("/partners/{id}/export", "partners.write")
async def export(reader: Reader) -> web.StreamResponse:
    partner = partner_of(reader)
    data = await reader.read(desk_of(reader).export, partner.id, reader.user)
    name = f'attachment; filename="{partner.id}.gateway-partner.json"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return web.Response(body=data, content_type="application/json", headers=headers)


@TABLE.get("/partners/import", "partners.write")
async def import_page(reader: Reader) -> web.StreamResponse:
    return reader.page("bundle.html", preview=None, fault=None, data="")


@TABLE.post("/partners/import", "partners.write", limit_bytes=2 * BUNDLE_LIMIT_BYTES)
async def look(reader: Reader) -> web.StreamResponse:
    """Show what an import would change."""
    form = await form_of(reader)
    try:
        _, data = form.file("file")
        preview = await reader.read(desk_of(reader).look_at_bundle, data)
    except Fault as fault:
        return reader.page("bundle.html", status=409, preview=None, fault=fault.as_finding(), data="")
    return reader.page("bundle.html", preview=preview, fault=None, data=b64encode(data).decode())


@TABLE.post("/partners/import/take", "partners.write", limit_bytes=2 * BUNDLE_LIMIT_BYTES)
async def take(reader: Reader) -> web.StreamResponse:
    form, desk = await form_of(reader), desk_of(reader)
    try:
        data = b64decode(form.text("data", 2 * BUNDLE_LIMIT_BYTES), validate=True)
    except ValueError:
        raise web.HTTPBadRequest from None
    preview = await reader.read(desk.look_at_bundle, data)
    taken = set(form.texts("take"))
    keep = [each.path for each in preview.changes if each.path not in taken] if not preview.is_new else []
    try:
        await reader.read(desk.take_bundle, data, reader.user, keep=keep, reason=form.text("reason"))
    except Fault as fault:
        shown = b64encode(data).decode()
        return reader.page("bundle.html", status=409, preview=preview, fault=fault.as_finding(), data=shown)
    raise web.HTTPSeeOther(f"/partners/{preview.partner}?done=imported")
