"""A partner's certificates: what is used for what, a new one taken in beside the old, the old one taken off."""

from base64 import b64decode, b64encode
from typing import Any

from aiohttp import web

from gateway.api.partner_desk import CertificateOffer
from gateway.console.pages import PageTable
from gateway.console.partner_scene import UPLOAD_LIMIT_BYTES, desk_of, form_of, partner_of, partner_page
from gateway.console.reader import Reader
from gateway.model.faults import Fault

TABLE = PageTable()
SLOTS = {"as2": "certificate", "http": "client_certificate"}


@TABLE.get("/partners/{id}/certificates", "partners.read")
async def certificates_page(reader: Reader) -> web.StreamResponse:
    return await _page(reader)


async def _page(
    reader: Reader, *, fault: Fault | None = None, offer: CertificateOffer | None = None, over: str = "", pem: str = ""
) -> web.StreamResponse:
    partner = partner_of(reader)
    slots = await reader.read(desk_of(reader).certificates, partner.id)
    connections = [name for name, each in partner.channels.items() if each.kind in SLOTS]
    values: dict[str, Any] = {"offer": offer, "over": over, "pem": pem}
    return await partner_page(
        reader,
        "partner_certificates.html",
        "certificates",
        fault=fault,
        status=409 if fault else 200,
        slots=slots,
        connections=connections,
        zone=reader.words.zone.key,
        local=offer.from_at.astimezone(reader.words.zone).strftime("%Y-%m-%dT%H:%M") if offer else "",
        **values,
    )


@TABLE.post("/partners/{id}/certificates/{over}/look", "partners.write", limit_bytes=UPLOAD_LIMIT_BYTES)
async def look(reader: Reader) -> web.StreamResponse:
    """Show what is in a file before anything is kept."""
    partner, form = partner_of(reader), await form_of(reader)
    over = reader.request.match_info["over"]
    try:
        _, data = form.file("file")
        offer = await reader.read(desk_of(reader).look_at, partner.id, over, data)
    except Fault as fault:
        return await _page(reader, fault=fault, over=over)
    return await _page(reader, offer=offer, over=over, pem=b64encode(offer.facts.pem.encode()).decode())


@TABLE.post("/partners/{id}/certificates/{over}", "partners.write")
async def save(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    over = reader.request.match_info["over"]
    try:
        pem = b64decode(form.text("pem", 60_000))
        from_at = form.moment("from_at", reader)
        await reader.read(
            desk_of(reader).add_certificate,
            partner.id,
            over,
            pem,
            reader.user,
            from_at=from_at,
            reason=form.text("reason"),
        )
    except Fault as fault:
        return await _page(reader, fault=fault, over=over)
    except ValueError:  # not what the page before has sent
        raise web.HTTPBadRequest from None
    raise web.HTTPSeeOther(f"/partners/{partner.id}/certificates?done=certificate")


@TABLE.post("/partners/{id}/certificates/{over}/{name}/end", "partners.write")
async def end(reader: Reader) -> web.StreamResponse:
    partner, form = partner_of(reader), await form_of(reader)
    over, name = reader.request.match_info["over"], reader.request.match_info["name"]
    await reader.read(desk_of(reader).end_certificate, partner.id, over, name, reader.user, reason=form.text("reason"))
    raise web.HTTPSeeOther(f"/partners/{partner.id}/certificates?done=ended")
