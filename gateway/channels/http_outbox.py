"""The outbox of the HTTP channel: partners without a server of their own list, fetch and confirm what waits for them.

    GET    /outbox?limit=N&lease_s=S   what waits, oldest first; leased documents are shown to nobody else for S seconds
    GET    /outbox/ID                  the bytes; may be fetched again and again, confirmed or not
    DELETE /outbox/ID                  "we have it": 204, a second time too; If-Match: "SHA-256" to be sure of the bytes

A document leaves the list by its confirmation only: a fetcher that dies between fetch and confirmation loses nothing.
"""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aiohttp import web

from gateway.channels.http_door import Door, client_certificate, json_answer, problem
from gateway.model.faults import Fault, PartnerFault
from gateway.model.partner import Partner
from gateway.ports.outbox import Outbox, Waiting
from gateway.ports.records import ParcelRow, Proof
from gateway.ports.shell import ReceiptDesk

MOST_LISTED = 100
LONGEST_LEASE_S = 3_600
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


def is_fetched(partner: Partner, over: str) -> bool:
    """True when the partner comes for its documents itself."""
    channel = partner.channels.get(over)
    return channel is not None and channel.kind == "http" and channel.settings.get("delivery") == "fetch"


class OutboxPages:
    """partner: by id. desk: where parcels are found and settled, by their own id."""

    def __init__(self, *, outbox: Outbox, desk: ReceiptDesk, partner: Callable[[str], Partner]) -> None:
        self._outbox = outbox
        self._desk = desk
        self._partner = partner

    def mount(self, app: web.Application, door: Door) -> None:
        async def answer(request: web.Request) -> web.Response:
            try:
                partner = await door.partner(request)
                if "id" not in request.match_info:
                    return await self._list(request, partner)
                parcel = await self._parcel(partner, request.match_info["id"])
                if request.method == "DELETE":
                    return await self._confirm(request, parcel)
                return await asyncio.to_thread(_document, parcel)
            except Fault as fault:
                return problem(request, fault)

        app.router.add_get("/outbox", answer)
        app.router.add_get("/outbox/{id}", answer)
        app.router.add_delete("/outbox/{id}", answer)

    async def _list(self, request: web.Request, partner: str) -> web.Response:
        limit = _whole(request, "limit", MOST_LISTED, MOST_LISTED)
        lease_s = _whole(request, "lease_s", 0, LONGEST_LEASE_S)
        book = self._partner(partner)
        channels = [over for over in book.channels if is_fetched(book, over)]
        lease = timedelta(seconds=lease_s) if lease_s else None
        found = await asyncio.to_thread(self._outbox.waiting, partner, channels, limit, lease)
        return json_answer(200, {"documents": [_entry(each) for each in found], "lease_s": lease_s})

    async def _parcel(self, partner: str, parcel_id: str) -> ParcelRow:
        """Raises PartnerFault http.not-found: also for another partner's, and for what is pushed."""
        parcel = await self._desk.parcel(partner, parcel_id) if _ID.fullmatch(parcel_id) else None
        if parcel is None or parcel.wrapped is None or not is_fetched(self._partner(partner), parcel.channel):
            raise PartnerFault("http.not-found", value=parcel_id[:64])
        return parcel

    async def _confirm(self, request: web.Request, parcel: ParcelRow) -> web.Response:
        """Settle the parcel; a second confirmation changes nothing. Raises PartnerFault http.digest-differs."""
        said = request.headers.get("If-Match", "").strip()
        if said not in ("", "*", _tag(parcel)):
            raise PartnerFault("http.digest-differs", value=said[:80])
        evidence = {
            "delivery": "fetch",
            "confirmed_from": request.remote or "",
            "sha256": parcel.payload.sha256,
            "proved_by": "certificate" if client_certificate(request) else "key",
        }
        await self._desk.settle(parcel, Proof(state="acked", evidence=evidence))
        return web.Response(status=204)


def _whole(request: web.Request, name: str, default: int, most: int) -> int:
    """Return a number of the query. Raises PartnerFault http.bad-query."""
    text = request.query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= most):
        raise PartnerFault("http.bad-query", value=text[:20], name=name, most=str(most))
    return int(text)


def _entry(found: Waiting) -> dict[str, Any]:
    return {
        "id": found.id,
        "url": f"/outbox/{found.id}",
        "document_type": found.document_type,
        "number": found.number,
        "content_type": found.content_type,
        "filename": found.filename,
        "size_bytes": found.size_bytes,
        "sha256": found.sha256,
        "test": found.test,
        "created_at": found.created_at.isoformat(),
    }


def _tag(parcel: ParcelRow) -> str:
    return f'"{parcel.payload.sha256}"'


def _document(parcel: ParcelRow) -> web.Response:
    assert parcel.wrapped is not None  # checked where it was found
    response = web.Response(body=b"".join(parcel.wrapped.content.chunks()))
    for name, value in parcel.wrapped.headers:
        response.headers[name] = value
    response.headers["ETag"] = _tag(parcel)
    response.headers["Cache-Control"] = "no-store"
    return response
