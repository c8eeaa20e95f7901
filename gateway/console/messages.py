"""One message, one arrival, one parcel."""

from typing import Any

from aiohttp import web

from gateway.api.messages import DOWNLOAD_LIMIT_BYTES, download
from gateway.console.pages import PageTable, not_found
from gateway.console.raw import anchors_of, lines_of, marks_for, separators_of
from gateway.console.reader import Reader
from gateway.console.tree import rows_of
from gateway.model.findings import Finding
from gateway.store.view_rows import EventLine, MessageDetail

TABLE = PageTable()
MOST_FINDINGS = 30  # of each weight on one page; the API has them all


async def _file(reader: Reader, row_id: str, findings: tuple[Finding, ...], sources: dict[str, Any]) -> dict[str, Any]:
    """Return the template's values for the bytes: lines with marks, and which findings have a place in them."""
    raw = await reader.read(reader.services.views.raw, row_id)
    if raw is None or not reader.may("messages.raw"):
        return {"lines": None, "truncated": False, "placed": {}}

    def mark() -> dict[str, Any]:
        signs = separators_of(raw.head)
        marks = marks_for(raw.data, raw.start, signs, findings, sources)
        lines = lines_of(raw.data, marks, signs)
        shown = {piece.finding for line in lines for piece in line.pieces}
        anchors = anchors_of(len(raw.data), marks)
        return {
            "lines": lines,
            "truncated": raw.truncated,
            "placed": {finding: anchor for finding, anchor in anchors.items() if anchor in shown},
        }

    return await reader.read(mark)


def all_findings(fault: Finding | None, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the fault first, then every other finding once."""
    return tuple(dict.fromkeys(((fault,) if fault else ()) + findings))


@TABLE.get("/messages/{id}", "messages.read")
async def message_page(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    message = await reader.read(reader.services.views.message, row_id)
    if message is None:
        return await _arrival_page(reader, row_id)
    found = all_findings(message.fault, message.findings)
    errors = [each for each in found if each.severity == "error"]
    notes = [each for each in found if each.severity != "error"]
    findings = (*errors[:MOST_FINDINGS], *notes[:MOST_FINDINGS])
    document = message.document if isinstance(message.document, dict) else None
    rows, cut = rows_of(document, message.sources) if document else ([], False)
    file = await _file(reader, message.line.id, findings, dict(message.sources))
    return reader.page(
        "message.html",
        message=message,
        line=message.line,
        arrival=message.arrival,
        findings=findings,
        errors=len(errors),
        errors_more=max(0, len(errors) - MOST_FINDINGS),
        notes=min(len(notes), MOST_FINDINGS),
        notes_more=max(0, len(notes) - MOST_FINDINGS),
        rows=rows,
        rows_cut=cut,
        file=file,
        siblings=_siblings(message),
        events=_events(message),
    )


def _siblings(message: MessageDetail) -> tuple[Any, ...]:
    """Return the other messages of the same file, those nearby first to be shown."""
    return tuple(each for each in message.arrival.messages if each.id != message.line.id)[:20]


def _events(message: MessageDetail) -> tuple[EventLine, ...]:
    """Return the timeline without what the file shares with its messages: they have been read when it has."""
    shared = (message.arrival.id, "parsed")
    return tuple(each for each in message.events if (each.subject, each.what) != shared)


async def _arrival_page(reader: Reader, row_id: str) -> web.StreamResponse:
    arrival = await reader.read(reader.services.views.arrival, row_id)
    if arrival is None:
        if await reader.read(reader.services.views.kind_of, row_id) == "parcel":
            raise web.HTTPSeeOther(f"/parcels/{row_id}")
        return not_found(reader, "message", row_id)
    findings = (arrival.fault,) if arrival.fault else ()
    file = await _file(reader, row_id, findings, {})
    return reader.page("arrival.html", arrival=arrival, findings=findings, file=file)


@TABLE.get("/messages/{id}/raw", "messages.raw")
async def raw_file(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    raw = await reader.read(reader.services.views.raw, row_id, DOWNLOAD_LIMIT_BYTES)
    return not_found(reader, "message", row_id) if raw is None else download(raw, row_id)


@TABLE.post("/messages/{id}/replay", "messages.replay")
async def replay(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    await reader.services.actions.replay(row_id, reader.user)
    raise web.HTTPSeeOther(f"/messages/{row_id}?done=replay")


@TABLE.get("/parcels/{id}", "parcels.read")
async def parcel_page(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    parcel = await reader.read(reader.services.views.parcel, row_id)
    if parcel is None:
        return not_found(reader, "parcel", row_id)
    findings = (parcel.fault,) if parcel.fault else ()
    document = parcel.document if isinstance(parcel.document, dict) else None
    rows, cut = rows_of(document, {}) if document else ([], False)
    file = await _file(reader, row_id, (), {})
    return reader.page(
        "parcel.html", parcel=parcel, line=parcel.line, findings=findings, rows=rows, rows_cut=cut, file=file
    )


@TABLE.post("/parcels/{id}/resend", "parcels.resend")
async def resend(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    await reader.services.actions.resend(row_id, reader.user)
    raise web.HTTPSeeOther(f"/parcels/{row_id}?done=resend")
