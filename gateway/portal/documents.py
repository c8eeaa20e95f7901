"""The partner's own documents: the start page, the list, one document with what is wrong in it and where."""

from typing import cast

from aiohttp import web

from gateway.api.messages import DOWNLOAD_LIMIT_BYTES, download
from gateway.console.messages import all_findings
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.model.findings import Finding
from gateway.portal.menu import plain_state
from gateway.portal.reading import sheet_of
from gateway.portal.scene import desk_of, partner_of
from gateway.store.view_rows import Direction, MessageFilter

TABLE = PageTable()
FINDINGS_SHOWN = 50
OPEN = ("open", "amended")  # an order with goods that may still leave
STATES = ("attention", "open", "finished")


@TABLE.get("/", "messages.read")
async def start_page(reader: Reader) -> web.StreamResponse:
    partner, views = partner_of(reader), reader.services.views
    newest = await reader.read(views.messages, MessageFilter(), None, 8)
    wrong = await reader.read(views.messages, MessageFilter(state="attention", direction="in"), None, 20)
    orders = await reader.read(views.orders_at_work, side="purchase", limit=200)
    answered = await reader.read(desk_of(reader).answered, partner, [each.number for each in orders])
    known = reader.services.book().partners[partner]
    items = await reader.read(desk_of(reader).checklist, partner) if known.mode == "test" else ()
    return reader.page(
        "portal_start.html",
        partner=known,
        newest=newest.lines,
        mistakes=[each for each in wrong.lines if plain_state(each) == "mistake"],
        to_answer=[each for each in orders if each.status in OPEN and each.number not in answered],
        to_ship=[each for each in orders if each.status in OPEN and each.despatched < each.confirmed],
        works_here=await reader.read(desk_of(reader).documents, partner),
        items=items,
    )


@TABLE.get("/documents", "messages.read")
async def documents_page(reader: Reader) -> web.StreamResponse:
    partner_of(reader)
    direction, state = reader.query("direction"), reader.query("state")
    wanted = MessageFilter(
        text=reader.query("q")[:200] or None,
        direction=cast("Direction", direction) if direction in ("in", "out") else None,
        state=state if state in STATES else None,
    )
    found = await reader.read(reader.services.views.messages, wanted, reader.query("cursor") or None, 50)
    return reader.page(
        "portal_documents.html", found=found, q=reader.query("q"), direction=direction, chosen_state=state
    )


@TABLE.get("/documents/{id}", "messages.read")
async def document_page(reader: Reader) -> web.StreamResponse:
    partner_of(reader)
    row_id, views = reader.request.match_info["id"], reader.services.views
    message = await reader.read(views.message, row_id)
    findings: tuple[Finding, ...] = ()
    if message is not None:
        line, document = message.line, message.document
        findings = all_findings(message.fault, message.findings)
    elif (parcel := await reader.read(views.parcel, row_id)) is not None:
        line, document = parcel.line, parcel.document
    elif (arrival := await reader.read(views.arrival, row_id)) is not None:
        return reader.page("portal_unread.html", arrival=arrival)
    else:
        return not_found(reader, "document", row_id)
    errors = [each for each in findings if each.severity == "error"]
    return reader.page(
        "portal_document.html",
        line=line,
        sheet=sheet_of(document if isinstance(document, dict) else None, reader.words.lang),
        errors=errors[:FINDINGS_SHOWN],
        notes=[each for each in findings if each.severity == "warning"][:FINDINGS_SHOWN],
        more=max(0, len(errors) - FINDINGS_SHOWN),
        labels=line.document_type == "DespatchAdvice" and line.direction == "in" and _numbered(document),
    )


def _numbered(document: object) -> bool:
    units = document.get("units") if isinstance(document, dict) else None
    return any(each.get("sscc") for each in units or ())


@TABLE.get("/documents/{id}/raw", "messages.raw")
async def raw(reader: Reader) -> web.StreamResponse:
    partner_of(reader)
    row_id = reader.request.match_info["id"]
    found = await reader.read(reader.services.views.raw, row_id, DOWNLOAD_LIMIT_BYTES)
    return not_found(reader, "document", row_id) if found is None else download(found, row_id)
