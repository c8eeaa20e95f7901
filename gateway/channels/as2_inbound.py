"""AS2's way in: messages with a signed receipt, and receipts that come on a connection of their own.

Read the headers, find the partner, spool the body, open it in a thread, build and sign the receipt, keep arrival and
receipt in one transaction, and only then answer. A repeat gets the first receipt byte for byte.
Source: RFC 4130; the order of things from DESIGN section 6, invariants 1 and 3.
"""

import asyncio
import base64
import logging
import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from aiohttp import web

from gateway.channels.as2_line import AddressBook, Line, as2_settings
from gateway.channels.as2_proof import bare_id, judged, raw_receipt
from gateway.channels.as2_receipts import Answer, Receipts
from gateway.channels.intake import IN_MEMORY_BYTES, Spooled, read_body, status_of
from gateway.channels.turns import Turns
from gateway.codecs import mdn
from gateway.codecs.as2 import Addressing, Opened, open_message, read_addressing
from gateway.codecs.mime import Headers
from gateway.model.faults import Fault, PartnerFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.payload import read_all
from gateway.ports.records import Arrival, Proof, Receipt
from gateway.ports.shell import Accept, ReceiptDesk

log = logging.getLogger(__name__)

MAX_AT_ONCE = 200
MAX_PER_REMOTE = 150  # of them from one address: it cannot take every place
FAULTS_KEPT = 60  # unopened messages kept per partner and hour: their sender is only claimed
_HOUR_S = 3_600.0
_RECEIPT_TYPES = ("multipart/report", "multipart/signed")
# What a receipt says that its partner signed, or that was agreed unsigned: these end a delivery. Anything else (a
# wrong signature, a stranger's receipt) proves nothing and changes nothing.
_FINAL = frozenset({"as2.disposition-error", "as2.mic-mismatch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What became of a body: opened, or the fault that stopped it; and the answer that says so."""

    opened: Opened | None
    fault: Fault | None
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """One request whose two ends are known."""

    headers: Headers
    addressing: Addressing
    partner: Partner
    over: str  # key of partner.channels
    remote: str
    arrival_id: str


class As2Inbound:
    """See As2Channel for the arguments. line: loads both ends of a relation."""

    def __init__(
        self,
        *,
        book: Callable[[], AddressBook],
        line: Callable[[Partner, ChannelSettings], Line],
        instance: str,
        new_id: Callable[[], str],
        desk: ReceiptDesk | None,
        admit: Callable[[], int | None],
        limit_bytes: int,
        spool_folder: Path | None,
    ) -> None:
        self._book = book
        self._line = line
        self._new_id = new_id
        self._desk = desk
        self._admit = admit
        self._limit_bytes = limit_bytes
        self._spool_folder = spool_folder
        self._receipts = Receipts(instance)
        self._turns = Turns()
        self._running: Counter[str] = Counter()  # requests by remote address
        self._kept_faults: dict[str, deque[float]] = defaultdict(deque)

    def mount(self, app: web.Application, accept: Accept) -> None:
        async def post(request: web.Request) -> web.Response:
            return await self._guarded(request, accept)

        async def head(request: web.Request) -> web.Response:
            return web.Response(status=200)  # some products look before they send a receipt

        app.router.add_post("/as2", post)
        app.router.add_route("HEAD", "/as2", head)

    async def _guarded(self, request: web.Request, accept: Accept) -> web.Response:
        wait_s, remote = self._admit(), request.remote or ""
        if wait_s is None and (self._running.total() >= MAX_AT_ONCE or self._running[remote] >= MAX_PER_REMOTE):
            wait_s = 2
        if wait_s is not None:
            return web.Response(status=503, headers={"Retry-After": str(wait_s)}, text="busy, come back later\n")
        self._running[remote] += 1
        try:
            return await self._receive(request, accept)
        except Fault as fault:
            if fault.owner == "us":
                log.error("AS2 message could not be taken: %s %s", fault.code, fault.value or "")
                return web.Response(status=503, headers={"Retry-After": "300"}, text="not ready, come back later\n")
            return web.Response(status=status_of(fault), text=f"{fault.code}\n")
        finally:
            self._running[remote] -= 1
            if not self._running[remote]:
                del self._running[remote]

    async def _receive(self, request: web.Request, accept: Accept) -> web.Response:
        headers = Headers(tuple((name, _printable(value)) for name, value in request.headers.items()))
        may_be_receipt = headers.content_type in _RECEIPT_TYPES
        addressing = read_addressing(headers, needs_id=not may_be_receipt)
        book = self._book()
        partner = book.partner_by_as2_id(addressing.sender)
        own_id = as2_settings(book.own.partner).settings.get("id")
        if partner is None or partner.id == book.own.partner.id or addressing.receiver != own_id:
            return self._unknown(addressing)
        settings = as2_settings(partner, addressing.sender)
        with ExitStack() as stack:
            body = Spooled(self._spool_folder)
            stack.callback(body.close)
            await read_body(request, body, self._limit_bytes)
            found = _Request(
                headers=headers,
                addressing=addressing,
                partner=partner,
                over=next(key for key, each in partner.channels.items() if each is settings),
                remote=request.remote or "",
                arrival_id=self._new_id(),
            )
            is_small = body.size_bytes <= IN_MEMORY_BYTES
            read = partial(self._open, found, settings, body, stack, self._new_id(), may_be_receipt=may_be_receipt)
            line, reading = await (self._turns.run(read) if is_small else asyncio.to_thread(read))
            if reading is None:
                return await self._take_receipt(found, line, body)
            return await self._keep(found, line, reading, body, accept)

    # --- messages -----------------------------------------------------------------------------------------------------

    def _open(
        self,
        request: _Request,
        settings: ChannelSettings,
        body: Spooled,
        stack: ExitStack,
        parcel_id: str,
        *,
        may_be_receipt: bool,
    ) -> tuple[Line, _Reading | None]:
        """Return both ends and what became of the message; None when it is a receipt. Runs in a thread.

        Raises OurFault; PartnerFault as2.bad-header: a message without an id."""
        line = self._line(request.partner, settings)
        if may_be_receipt and mdn.is_receipt(request.headers, body.chunks()):
            return line, None
        if not request.addressing.message_id:
            raise PartnerFault("as2.bad-header", field="Message-ID")
        return line, self._read(request, line, body, stack, parcel_id)

    def _read(self, request: _Request, line: Line, body: Spooled, stack: ExitStack, parcel_id: str) -> _Reading:
        """Open the message and sign its receipt. Runs in a thread. Raises OurFault only."""

        def spool() -> Spooled:
            made = Spooled(self._spool_folder)
            stack.callback(made.close)
            return made

        opened: Opened | None = None
        found: Fault | None = None
        try:
            opened = open_message(
                request.headers,
                body.chunks(),
                identities=line.identities,
                pinned=line.pinned,
                protection=line.protection,
                random=secrets.token_bytes,
                mic_algorithm=request.addressing.receipt.algorithm,
                spool=spool,
                limit_bytes=self._limit_bytes,
            )
        except PartnerFault as fault:
            found = fault
        answer = self._answer(request, line, opened, found, parcel_id)
        return _Reading(opened=opened, fault=found, answer=answer)

    def _answer(
        self, request: _Request, line: Line, opened: Opened | None, fault: Fault | None, parcel_id: str
    ) -> Answer:
        return self._receipts.answer(
            request.addressing,
            line,
            request.arrival_id,
            opened,
            fault,
            partner=request.partner.id,
            over=request.over,
            parcel_id=parcel_id,
        )

    async def _keep(
        self, request: _Request, line: Line, reading: _Reading, body: Spooled, accept: Accept
    ) -> web.Response:
        if reading.fault is not None and not self._may_keep_fault(request.partner.id):
            log.warning("unopened AS2 message of %s not kept: too many in this hour", request.partner.id)
            return _response(reading.answer.receipt)
        arrival = _arrival(request, line, reading, body)
        for number, each in enumerate(reading.opened.attachments if reading.opened else ()):
            await accept(  # before the first document: what its receipt vouches for is kept by then
                replace(
                    arrival,
                    id=self._new_id(),
                    payload=each.payload,
                    content_type=each.content_type,
                    filename=each.filename,
                    dedupe_key=f"{arrival.dedupe_key}:part:{number}",
                    receipt=None,
                    raw=None,
                    answers=(),
                )
            )
        accepted = await accept(arrival)
        if accepted.outcome == "clash":
            message_id = request.addressing.message_id
            log.warning("Message-ID %s of %s used again for other content", message_id, request.partner.id)
            fault = PartnerFault("as2.id-reused", value=message_id)
            told = replace(request, addressing=_on_this_connection(request.addressing))
            clash = await asyncio.to_thread(self._answer, told, line, None, fault, "")
            return _response(clash.receipt)
        first = accepted.receipt if accepted.outcome == "repeat" else None
        return _response(first or reading.answer.receipt)

    def _may_keep_fault(self, partner: str) -> bool:
        """Bound what somebody can make us store who only knows the AS2 id of a partner."""
        now = asyncio.get_running_loop().time()
        kept = self._kept_faults[partner]
        while kept and kept[0] < now - _HOUR_S:
            kept.popleft()
        if len(kept) >= FAULTS_KEPT:
            return False
        kept.append(now)
        return True

    def _unknown(self, addressing: Addressing) -> web.Response:
        """Answer without reading, storing or signing anything (RFC 4130 section 6.2 allows an unsigned receipt)."""
        if not addressing.receipt.wanted:
            return web.Response(status=403, text="as2.unknown-partner\n")
        return _response(self._receipts.unknown(addressing, self._new_id()))

    # --- receipts -----------------------------------------------------------------------------------------------------

    async def _take_receipt(self, request: _Request, line: Line, body: Spooled) -> web.Response:
        """Settle the parcel that a receipt is about. Raises PartnerFault when it proves nothing."""
        if self._desk is None:
            raise PartnerFault("as2.receipt-unexpected")
        if body.size_bytes > mdn.MAX_MDN_BYTES:
            raise PartnerFault("http.too-large", limit=str(mdn.MAX_MDN_BYTES))
        raw = await asyncio.to_thread(read_all, body, mdn.MAX_MDN_BYTES)
        found = await asyncio.to_thread(mdn.parse, request.headers, raw, line.pinned, line.protection.digests)
        original = bare_id(found.original_message_id)
        parcel = await self._desk.parcel(request.partner.id, f"<{original}>")
        if parcel is None or parcel.wrapped is None:
            raise PartnerFault("as2.receipt-stranger", value=found.original_message_id)
        try:
            facts = judged(found, parcel.wrapped, line)
        except PartnerFault as fault:
            if fault.code not in _FINAL:
                raise
            await self._desk.settle(parcel, fault)
            return web.Response(status=200)
        evidence = facts | {"receipt": line.receipt.kind, "remote": request.remote}
        await self._desk.settle(parcel, Proof(state="acked", evidence=evidence, body=raw_receipt(request.headers, raw)))
        return web.Response(status=200)


def _on_this_connection(addressing: Addressing) -> Addressing:
    return replace(addressing, receipt=replace(addressing.receipt, async_url=None))


def _printable(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def _response(receipt: Receipt) -> web.Response:
    response = web.Response(status=receipt.status, body=receipt.body)
    for name, value in receipt.headers:
        response.headers[name] = value
    return response


def _arrival(request: _Request, line: Line, reading: _Reading, body: Spooled) -> Arrival:
    """Return what is kept: the content when it could be opened, else the body as it came, to be quarantined."""
    addressing, opened = request.addressing, reading.opened
    key = f"as2:{addressing.sender}:{addressing.receiver}:{addressing.message_id}"
    arrival = Arrival(
        id=request.arrival_id,
        channel="as2",
        partner=request.partner.id,
        payload=body,
        content_type=request.headers.get("content-type")[:200],
        dedupe_key=f"{key}:unopened:{body.sha256}",  # the partner may repair and send the same id again
        transport_id=addressing.message_id,
        receipt=reading.answer.receipt,
        answers=reading.answer.parcels,
        evidence=_facts(request, line, reading),
    )
    if opened is None:
        return replace(arrival, fault=(reading.fault or PartnerFault("as2.bad-mime")).as_finding())
    return replace(
        arrival,
        payload=opened.payload,
        content_type=opened.content_type,
        filename=opened.filename,
        dedupe_key=key,
        raw=body,
    )


def _facts(request: _Request, line: Line, reading: _Reading) -> dict[str, str]:
    """Return what was seen and what was agreed: proved later by the raw body and the signature beside it."""
    addressing, opened, fault = request.addressing, reading.opened, reading.fault
    wish = addressing.receipt
    facts = {
        "as2_from": addressing.sender,
        "as2_to": addressing.receiver,
        "message_id": addressing.message_id,
        "subject": addressing.subject,
        "agent": request.headers.get("user-agent")[:200],
        "remote": request.remote,
        "receipt": "signed" if wish.signed else "unsigned" if wish.wanted else "none",
        "headers": "".join(f"{name}: {value}\r\n" for name, value in request.headers.fields if not _is_secret(name)),
        "agreed": line.protection.name,
    }
    if wish.async_url:
        sent_to = "own connection" if reading.answer.parcels else "asked for, answered on the same connection"
        facts["async_receipt"] = sent_to
    if opened is None:
        facts["layers"] = str(fault.params.get("layers", "")) if fault else ""
        facts["fault_detail"] = str(fault.params.get("detail", "")) if fault else ""
        return facts
    return facts | {
        "layers": "+".join(opened.layers) or "plain",
        "mic": str(opened.mic),
        "cipher": opened.cipher or "",
        "digest": opened.digest or "",
        "signature_kind": opened.signature_kind or "",
        "signer": opened.signer.fingerprint if opened.signer else "",
        "signer_certificate": base64.b64encode(opened.signer.der).decode("ascii") if opened.signer else "",
        "signature": base64.b64encode(opened.signature).decode("ascii") if opened.signature else "",
        "attachments": str(len(opened.attachments)),
    }


def _is_secret(name: str) -> bool:
    return name.lower() in ("authorization", "proxy-authorization", "cookie")
