"""One message, one arrival, one parcel."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.api.messages import DOWNLOAD_LIMIT_BYTES, download
from gateway.codecs.edifact_charset import CODECS as EDIFACT_SETS
from gateway.console.course import course_of
from gateway.console.evidence_files import evidence_zip
from gateway.console.pages import PageTable, not_found
from gateway.console.raw import anchors_of, charset_of, lines_of, marks_for, separators_of
from gateway.console.reader import Reader
from gateway.console.sent_links import linked_marks, places_of, repeats
from gateway.console.tree import TreeRow, rows_of
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.store.forms import fault_place
from gateway.store.view_house_rows import Chain
from gateway.store.view_problem_rows import problem_id
from gateway.store.view_rows import ArrivalDetail, EffectLine, EventLine, MessageDetail, MessageLine, ParcelDetail
from gateway.store.views import Views

_UNB = re.compile(rb"(?:UNA.{6}\s*)?UNB.(UNO[A-Z])", re.DOTALL)
TABLE = PageTable()
ITEM_CODES = ("item.unknown", "mapping.item-unknown")
MOST_SENT = 6  # parcels of one message whose course is shown with it
EDIT_LIMIT_BYTES = 20_000  # a form is at most three times that long
CHAINED = frozenset(
    ("Order", "OrderChange", "OrderResponse", "DespatchAdvice", "ReceivingAdvice", "Invoice", "RemittanceAdvice")
)
SIDED = {"side", "partner"}
MOST_FINDINGS = 30  # of each weight on one page; the API has them all


def _file(
    reader: Reader, views: Views, row_id: str, findings: tuple[Finding, ...], sources: dict[str, Any]
) -> dict[str, Any]:
    """Return the template's values for the bytes: lines with marks, and which findings have a place in them."""
    raw = views.raw(row_id) if reader.may("messages.raw") else None
    if raw is None:
        return {"lines": None, "truncated": False, "placed": {}}
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


def all_findings(fault: Finding | None, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the fault first, then every other finding once."""
    return tuple(dict.fromkeys(((fault,) if fault else ()) + findings))


@TABLE.get("/messages/{id}", "messages.read")
async def message_page(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    found = await reader.together(partial(_values, reader, row_id))
    if found == "parcel":
        raise web.HTTPSeeOther(f"/parcels/{row_id}")
    return not_found(reader, "message", row_id) if isinstance(found, str) else reader.page(found[0], **found[1])


def _values(reader: Reader, row_id: str, views: Views) -> tuple[str, dict[str, Any]] | str:
    """Return the template of a message or an arrival with its values; for anything else the kind of row, or nothing."""
    if (message := _message_values(reader, row_id, views)) is not None:
        return "message.html", message
    if (arrival := _arrival_values(reader, row_id, views)) is not None:
        return "arrival.html", arrival
    return views.kind_of(row_id) or ""


def _message_values(reader: Reader, row_id: str, views: Views) -> dict[str, Any] | None:
    message = views.message(row_id)
    if message is None:
        return None
    found = all_findings(message.fault, message.findings)
    errors = [each for each in found if each.severity == "error"]
    notes = [each for each in found if each.severity != "error"]
    findings = (*errors[:MOST_FINDINGS], *notes[:MOST_FINDINGS])
    document = message.document if isinstance(message.document, dict) else None
    rows, cut = rows_of(document, message.sources) if document else ([], False)
    parcels = _parcels(reader, views, message)
    return {
        "message": message,
        "line": message.line,
        "arrival": message.arrival,
        "findings": findings,
        "errors": len(errors),
        "errors_more": max(0, len(errors) - MOST_FINDINGS),
        "notes": min(len(notes), MOST_FINDINGS),
        "notes_more": max(0, len(notes) - MOST_FINDINGS),
        "rows": rows,
        "rows_cut": cut,
        "file": _file(reader, views, message.line.id, findings, dict(message.sources)),
        "sent": _sent(reader, views, message, parcels),
        "course": course_of(reader.words, _events(message), parcels),
        "chain": _chain(reader, views, message.line, message.effects),
        "siblings": _siblings(message),
        "add_item": _unknown_item(reader, message),
        "editable": _editable(message.arrival) and reader.may("messages.raw"),
    }


def _unknown_item(reader: Reader, message: MessageDetail) -> str | None:
    """Return the address where the item that the message waits for is added, when the person may add it."""
    fault, partner = message.fault, message.line.partner
    if fault is None or fault.code not in ITEM_CODES or not fault.value or not reader.may("items.write"):
        return None
    problem = problem_id("message", fault.code, partner, fault_place(fault))
    return f"/items/new?{urlencode({'gtin': fault.value, 'problem': problem})}"


def _parcels(reader: Reader, views: Views, message: MessageDetail) -> list[ParcelDetail]:
    """Return what the message caused to be sent, as far as the person may see it."""
    if not reader.may("parcels.read"):
        return []
    return list(views.parcels([each.id for each in message.parcels[:MOST_SENT]]))


def _sent(reader: Reader, views: Views, message: MessageDetail, parcels: list[ParcelDetail]) -> dict[str, Any] | None:
    """Return the pane of what was sent: the parcel asked for or the first answer, values tied to what they repeat."""
    wanted = reader.query("sent")
    first = next((each for each in parcels if each.document), parcels[0] if parcels else None)
    parcel = next((each for each in parcels if each.line.id == wanted), first)
    raw = views.raw(parcel.line.id) if parcel is not None and reader.may("messages.raw") else None
    if parcel is None or raw is None:
        return None
    marks = []
    if isinstance(parcel.document, dict) and isinstance(message.document, dict):
        numbers = {path: number for number, path in enumerate(message.sources)}
        places = places_of(raw.data, parcel.document)
        told = repeats(message.document, parcel.document)
        marks = linked_marks(places, {path: numbers[said] for path, said in told.items() if said in numbers})
    lines = lines_of(raw.data, marks, separators_of(raw.head))
    return {"parcel": parcel, "lines": lines, "truncated": raw.truncated, "all": parcels, "linked": bool(marks)}


def _chain(reader: Reader, views: Views, line: MessageLine, effects: Sequence[EffectLine]) -> Chain | None:
    """Return the documents before and after this one; None where it stands alone or the records know nothing of it.

    effects: of the message; what our house says belongs to the partner that it is about, not to the house.
    """
    if not (line.document_type in CHAINED and line.business_number and reader.may("orders.read")):
        return None
    named = [each.data for each in effects if each.data.keys() >= SIDED]
    told = dict.fromkeys((str(each["side"]), str(each["partner"])) for each in named)
    for side, partner in told or [("sale", line.partner), ("purchase", line.partner)]:
        found = views.chain(side, partner, line.document_type, line.business_number, alone=False)
        if found is not None:
            return found
    return None


def _siblings(message: MessageDetail) -> tuple[Any, ...]:
    """Return the other messages of the same file, those nearby first to be shown."""
    return tuple(each for each in message.arrival.messages if each.id != message.line.id)[:20]


def _events(message: MessageDetail) -> tuple[EventLine, ...]:
    """Return the timeline without what the file shares with its messages: they have been read when it has."""
    shared = (message.arrival.id, "parsed")
    return tuple(each for each in message.events if (each.subject, each.what) != shared)


def _arrival_values(reader: Reader, row_id: str, views: Views) -> dict[str, Any] | None:
    arrival = views.arrival(row_id)
    if arrival is None:
        return None
    findings = (arrival.fault,) if arrival.fault else ()
    return {
        "arrival": arrival,
        "findings": findings,
        "file": _file(reader, views, row_id, findings, {}),
        "course": course_of(reader.words, arrival.events, ()),
        "editable": _editable(arrival) and reader.may("messages.raw"),
    }


# --- edit and put in again ---


def require(reader: Reader, permission: str) -> None:
    """Ask for a second permission. Raises OurFault access.forbidden."""
    if reader.caller is not None:
        reader.caller.require(permission)


def _editable(arrival: ArrivalDetail) -> bool:
    return arrival.size_bytes <= EDIT_LIMIT_BYTES and arrival.channel != "internal"


async def _editor(reader: Reader, row_id: str) -> tuple[ArrivalDetail, bytes] | None:
    """Return the arrival that row_id is or lies in, with its bytes; None when there is none or it is too large."""
    views = reader.services.views
    message = await reader.read(views.message, row_id)
    arrival = message.arrival if message else await reader.read(views.arrival, row_id)
    if arrival is None or not _editable(arrival):
        return None
    raw = await reader.read(views.raw, arrival.id, EDIT_LIMIT_BYTES)
    return None if raw is None else (arrival, raw.data)


@TABLE.get("/messages/{id}/edit", "messages.raw")
async def edit_page(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    require(reader, "messages.replay")
    found = await _editor(reader, row_id)
    if found is None:
        return not_found(reader, "message", row_id)
    arrival, data = found
    return reader.page("message_edit.html", arrival=arrival, back=row_id, text=data.decode(_charset(data), "replace"))


@TABLE.post("/messages/{id}/edit", "messages.replay")
async def resubmit(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    require(reader, "messages.raw")
    found = await _editor(reader, row_id)
    if found is None:
        return not_found(reader, "message", row_id)
    arrival, data = found
    form = await reader.request.post()
    reason = str(form.get("reason", "")).strip()[:500]
    if not reason:
        raise OurFault("console.reason-missing")
    edited = encoded_like(str(form.get("text", "")), data)
    if edited == data:
        raise OurFault("console.nothing-edited")
    new_id = await reader.services.actions.resubmit(arrival.id, edited, reason, reader.user)
    raise web.HTTPSeeOther(f"/messages/{new_id}?done=resubmit")


def _charset(data: bytes) -> str:
    """Return the character set that an EDIFACT file declares where its bytes are in it, else the one they look like.
    Bytes of no accent do not tell: a letter typed into them must be one that the declared set has."""
    declared = _UNB.match(data)
    name = EDIFACT_SETS.get(declared[1].decode()) if declared else None
    if name is not None and _decodes(data, name):
        return name
    return charset_of(data)  # what partners send is not always what they declare


def _decodes(data: bytes, charset: str) -> bool:
    try:
        data.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def encoded_like(text: str, original: bytes) -> bytes:
    """Return text as bytes in the charset and with the line ends of original; a browser sends every line end as CR LF.

    Raises OurFault console.not-in-charset."""
    if b"\r\n" not in original:
        text = text.replace("\r\n", "\n" if b"\n" in original else "")
    charset = _charset(original)
    try:
        return text.encode(charset)
    except UnicodeEncodeError as error:
        raise OurFault("console.not-in-charset", value=text[error.start : error.end], charset=charset) from None


# --- bytes ---


@TABLE.get("/messages/{id}/raw", "messages.raw")
async def raw_file(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    raw = await reader.read(reader.services.views.raw, row_id, DOWNLOAD_LIMIT_BYTES)
    return not_found(reader, "message", row_id) if raw is None else download(raw, row_id)


@TABLE.get("/messages/{id}/evidence", "messages.raw")
async def evidence_file(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    found = await reader.read(reader.services.views.evidence, row_id)
    if found is None:
        return not_found(reader, "message", row_id)
    body = await reader.read(evidence_zip, found)
    headers = {"Content-Disposition": f'attachment; filename="evidence-{row_id}.zip"'}
    return web.Response(body=body, content_type="application/zip", headers=headers)


@TABLE.post("/messages/{id}/replay", "messages.replay")
async def replay(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    await reader.services.actions.replay(row_id, reader.user)
    raise web.HTTPSeeOther(f"/messages/{row_id}?done=replay")


@TABLE.get("/parcels/{id}", "parcels.read")
async def parcel_page(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    values = await reader.together(partial(_parcel_values, reader, row_id))
    return not_found(reader, "parcel", row_id) if values is None else reader.page("parcel.html", **values)


def _parcel_values(reader: Reader, row_id: str, views: Views) -> dict[str, Any] | None:
    parcel = views.parcel(row_id)
    if parcel is None:
        return None
    document = parcel.document if isinstance(parcel.document, dict) else None
    rows, cut, file = _sent_file(reader, views, row_id, document)
    cause = views.message(parcel.cause.id) if parcel.cause else None
    return {
        "parcel": parcel,
        "line": parcel.line,
        "findings": (parcel.fault,) if parcel.fault else (),
        "rows": rows,
        "rows_cut": cut,
        "file": file,
        "course": course_of(reader.words, parcel.events, ()),
        "chain": _chain(reader, views, parcel.line, cause.effects if cause else ()),
    }


def _sent_file(
    reader: Reader, views: Views, row_id: str, document: dict[str, Any] | None
) -> tuple[list[TreeRow], bool, dict[str, Any]]:
    """Return the rows of the document and the bytes that were made of it, tied together where that is certain."""
    raw = views.raw(row_id) if reader.may("messages.raw") else None
    places = places_of(raw.data, document) if raw is not None and document else {}
    rows, cut = rows_of(document, dict.fromkeys(places, Where())) if document else ([], False)
    if raw is None:
        return rows, cut, {"lines": None, "truncated": False, "placed": {}}
    marks = linked_marks(places, {path: number for number, path in enumerate(places)})
    lines = lines_of(raw.data, marks, separators_of(raw.head))
    return rows, cut, {"lines": lines, "truncated": raw.truncated, "placed": {}}


@TABLE.post("/parcels/{id}/resend", "parcels.resend")
async def resend(reader: Reader) -> web.StreamResponse:
    row_id = reader.request.match_info["id"]
    await reader.services.actions.resend(row_id, reader.user)
    raise web.HTTPSeeOther(f"/parcels/{row_id}?done=resend")
