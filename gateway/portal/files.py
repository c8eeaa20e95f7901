"""A file tried before it counts, and what a partner takes along: guides, our certificates, the exchange sheet; the
scorecard."""

from datetime import timedelta

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.problems import status_of
from gateway.console.pages import PageTable
from gateway.console.partner_scene import form_of
from gateway.console.reader import Reader
from gateway.console.scorecards import shown_figure, tone_of
from gateway.model.faults import Fault, OurFault
from gateway.portal.desk import Said, TriedMessage
from gateway.portal.reading import sheet_of
from gateway.portal.scene import UPLOAD_BYTES, desk_of, partner_of

TABLE = PageTable()
SCORED = timedelta(days=90)
FINDINGS_SHOWN = 30


@TABLE.get("/try", "documents.send")
async def try_page(reader: Reader) -> web.StreamResponse:
    return _tried(reader, None, "")


def _tried(
    reader: Reader, found: tuple[TriedMessage, ...] | None, filename: str, fault: Fault | None = None,
    kept: Said | None = None,
) -> web.StreamResponse:  # fmt: skip
    return reader.page(
        "portal_try.html",
        status=status_of(fault.code) if fault else 200,
        found=None if found is None else [(each, sheet_of(each.document, reader.words.lang)) for each in found],
        shown=FINDINGS_SHOWN,
        filename=filename,
        kept=kept,
        fault=fault.as_finding() if fault else None,
    )


@TABLE.post("/try", "documents.send", limit_bytes=UPLOAD_BYTES)
async def try_file(reader: Reader) -> web.StreamResponse:
    """Read the file as it would be read from this partner. Kept only when the person asks for it, as test traffic."""
    form, partner, desk = await form_of(reader), partner_of(reader), desk_of(reader)
    try:
        name, data = form.file("file")
        found = await desk.try_file(partner, data, name)
        kept = await reader.read(desk.keep_as_test, partner, data, name, reader.user) if form.text("keep") else None
    except Fault as fault:
        return _tried(reader, None, "", fault)
    return _tried(reader, found, name, kept=kept)


@TABLE.get("/downloads", "messages.read")
async def downloads_page(reader: Reader) -> web.StreamResponse:
    partner, desk = partner_of(reader), desk_of(reader)
    return reader.page(
        "portal_downloads.html",
        guides=await reader.read(desk.guides, partner),
        sheet=await reader.read(desk.sheet, partner),
    )


def _file(data: bytes, name: str, kind: str) -> web.Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "no-store",
    }
    return web.Response(body=data, headers=headers, content_type=kind)


@TABLE.get("/downloads/guide", "messages.read")
async def guide(reader: Reader) -> web.StreamResponse:
    mapping = reader.query("mapping")[:200]
    html = await reader.read(desk_of(reader).guide, partner_of(reader), mapping, reader.words.lang)
    return _file(html.encode(), f"guide-{mapping.replace('/', '-')}.html", "text/html")


@TABLE.get("/downloads/certificates/{place}", "messages.read")
async def certificate(reader: Reader) -> web.StreamResponse:
    """One of our certificates as PEM, by its place in the list."""
    place, sheet = reader.request.match_info["place"], await reader.read(desk_of(reader).sheet, partner_of(reader))
    number = int(place) if is_count(place, 3) else len(sheet.certificates)
    if number >= len(sheet.certificates):
        raise OurFault("api.not-found", value=place[:20], kind="certificate")
    facts = sheet.certificates[number].facts
    return _file(facts.pem.encode("ascii"), f"{sheet.instance}-{number + 1}.pem", "application/x-pem-file")


@TABLE.get("/scorecard", "messages.read")
async def scorecard_page(reader: Reader) -> web.StreamResponse:
    since = reader.services.clock.now() - SCORED
    found = await reader.read(desk_of(reader).scorecard, partner_of(reader), since)
    figures = await reader.read(desk_of(reader).figures, partner_of(reader), SCORED.days)
    return reader.page(
        "portal_scorecard.html", card=found, figures=figures, shown=shown_figure, tone=tone_of, days=SCORED.days
    )
