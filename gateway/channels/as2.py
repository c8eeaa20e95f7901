"""The AS2 channel: messages in with a signed receipt, messages out with the partner's receipt checked.

Receiving: read the headers, find the partner, spool the body, open it in a thread, build and sign the receipt, keep
arrival and receipt in one transaction, and only then answer. A repeat gets the first receipt byte for byte.
Source: RFC 4130; the order of things from DESIGN section 6, invariants 1 and 3.
"""

import asyncio
import base64
import logging
import secrets
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from gateway.channels.as2_line import AddressBook, Line, as2_settings, load_line
from gateway.channels.as2_proof import checked_receipt, raw_receipt
from gateway.channels.intake import Spooled, read_body, status_of
from gateway.channels.outbound import Outbound, check_status
from gateway.codecs import mdn
from gateway.codecs.as2 import (
    AS2_VERSION,
    EXPLANATIONS,
    Addressing,
    Opened,
    modifier,
    open_message,
    read_addressing,
    seal,
    write_id,
)
from gateway.codecs.mime import Headers
from gateway.model.faults import Fault, PartnerFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.ports.records import Arrival, ParcelRow, Proof, Receipt, Wrapped
from gateway.ports.shell import Accept, Keys

log = logging.getLogger(__name__)

MAX_AT_ONCE = 64
FAULTS_KEPT = 60  # unopened messages kept per partner and hour: their sender is only claimed
_HOUR_S = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What became of a body: opened, or the fault that stopped it; and the receipt that says so."""

    opened: Opened | None
    fault: Fault | None
    receipt: Receipt


class As2Channel:
    """ports.shell.Channel over AS2, with its way in at POST /as2."""

    name = "as2"

    def __init__(
        self,
        *,
        book: Callable[[], AddressBook],
        keys: Keys,
        instance: str,
        new_id: Callable[[], str],
        outbound: Outbound,
        admit: Callable[[], int | None] = lambda: None,
        limit_bytes: int = 50_000_000,
        spool_folder: Path | None = None,
    ) -> None:
        """instance: right side of our Message-IDs, a host name. new_id: gives a UUIDv7.

        admit: seconds after which a sender may come back, None when there is room; asked before a body is read."""
        self._book = book
        self._keys = keys
        self._instance = instance
        self._new_id = new_id
        self._outbound = outbound
        self._admit = admit
        self._limit_bytes = limit_bytes
        self._spool_folder = spool_folder
        self._running = 0
        self._kept_faults: dict[str, deque[float]] = defaultdict(deque)

    # --- out ----------------------------------------------------------------------------------------------------------

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        """Sign and encrypt as agreed. Raises OurFault as2.setting-missing, keys.*."""
        line = self._line(partner, partner.channels[over])
        sealed = seal(
            parcel.payload,
            sender=line.own_id,
            receiver=line.partner_id,
            message_id=f"<{parcel.id}@{self._instance}>",
            content_type=parcel.content_type,
            filename=parcel.filename,
            protection=line.protection,
            identity=line.identity,
            recipients=line.pinned[:1],
            receipt=line.receipt,
            random=secrets.token_bytes,
        )
        return Wrapped(headers=sealed.headers, body=sealed.body, transport_id=sealed.message_id, mic=sealed.mic)

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        """POST once; only the agreed receipt counts: from this partner, for this message, with the same MIC.

        Raises NetworkFault, PartnerFault, OurFault (settings or keys missing, address not allowed)."""
        line = await asyncio.to_thread(self._line, partner, partner.channels[over])
        answer = await self._outbound.post(line.url, wrapped.headers, wrapped.body)
        check_status(answer)
        evidence = {"status": str(answer.status), "url": line.url, "receipt": line.receipt}
        if line.receipt == "none":
            return Proof(state="acked", evidence=evidence, body=answer.body[:65_536])
        found = await asyncio.to_thread(checked_receipt, answer, wrapped, line)
        return Proof(state="acked", evidence=evidence | found, body=raw_receipt(answer))

    def _line(self, partner: Partner, channel: ChannelSettings) -> Line:
        return load_line(self._book().own.partner, partner, channel, self._keys)

    # --- in -----------------------------------------------------------------------------------------------------------

    def mount(self, app: web.Application, accept: Accept) -> None:
        async def post(request: web.Request) -> web.Response:
            return await self._guarded(request, accept)

        app.router.add_post("/as2", post)

    async def _guarded(self, request: web.Request, accept: Accept) -> web.Response:
        wait_s = self._admit()
        if wait_s is None and self._running >= MAX_AT_ONCE:
            wait_s = 2
        if wait_s is not None:
            return web.Response(status=503, headers={"Retry-After": str(wait_s)}, text="busy, come back later\n")
        self._running += 1
        try:
            return await self._receive(request, accept)
        except Fault as fault:
            if fault.owner == "us":
                log.error("AS2 message could not be taken: %s %s", fault.code, fault.value or "")
                return web.Response(status=503, headers={"Retry-After": "300"}, text="not ready, come back later\n")
            return web.Response(status=status_of(fault), text=f"{fault.code}\n")
        finally:
            self._running -= 1

    async def _receive(self, request: web.Request, accept: Accept) -> web.Response:
        headers = Headers(tuple((name, _printable(value)) for name, value in request.headers.items()))
        addressing = read_addressing(headers)
        if headers.content_type == "multipart/report":
            raise PartnerFault("as2.receipt-unexpected")
        book = self._book()
        partner = book.partner_by_as2_id(addressing.sender)
        own_id = as2_settings(book.own.partner).settings.get("id")
        if partner is None or partner.id == book.own.partner.id or addressing.receiver != own_id:
            return self._unknown(addressing)
        body, content = Spooled(self._spool_folder), Spooled(self._spool_folder)
        try:
            await read_body(request, body, self._limit_bytes)
            arrival_id = self._new_id()
            line = await asyncio.to_thread(self._line, partner, as2_settings(partner, addressing.sender))
            reading = await asyncio.to_thread(self._read, headers, addressing, line, body, content, arrival_id)
            arrival = _arrival(arrival_id, partner, headers, addressing, reading, body)
            arrival = replace(arrival, evidence={**arrival.evidence, "remote": request.remote or ""})
            return await self._keep(arrival, addressing, line, reading, accept)
        finally:
            body.close()
            content.close()

    def _read(
        self,
        headers: Headers,
        addressing: Addressing,
        line: Line,
        body: Spooled,
        content: Spooled,
        arrival_id: str,
    ) -> _Reading:
        """Open the message and sign its receipt. Runs in a thread. Raises OurFault only."""
        opened: Opened | None = None
        found: Fault | None = None
        try:
            opened = open_message(
                headers,
                body.chunks(),
                identities=(line.identity,),
                pinned=line.pinned,
                protection=line.protection,
                random=secrets.token_bytes,
                mic_algorithm=addressing.receipt.algorithm,
                spool=lambda: content,
                limit_bytes=self._limit_bytes,
            )
        except PartnerFault as fault:
            found = fault
        return _Reading(opened=opened, fault=found, receipt=self._receipt(addressing, line, arrival_id, opened, found))

    def _receipt(
        self, addressing: Addressing, line: Line, arrival_id: str, opened: Opened | None, fault: Fault | None
    ) -> Receipt:
        """Return the answer: a receipt as asked for, or an empty 200 when none was."""
        wish = addressing.receipt
        if not wish.wanted:
            return Receipt(status=200, headers=(), body=b"")
        if opened is not None:
            disposition, text = mdn.PROCESSED, "The message was received and kept."
        else:
            told = modifier(fault) if fault else "unexpected-processing-error"
            disposition, text = mdn.failed(told), EXPLANATIONS[told]
        built = mdn.build(
            original_message_id=addressing.message_id,
            recipient=addressing.receiver,
            disposition=disposition,
            mic=opened.mic if opened else None,
            explanation=text,
            identity=line.identity if wish.signed else None,
            digest_name=wish.algorithm,
        )
        return Receipt(status=200, headers=self._answer_headers(addressing, arrival_id, built), body=built.body)

    def _answer_headers(self, addressing: Addressing, answer_id: str, built: mdn.Built) -> tuple[tuple[str, str], ...]:
        return (
            ("AS2-Version", AS2_VERSION),
            ("AS2-From", write_id(addressing.receiver)),
            ("AS2-To", write_id(addressing.sender)),
            ("Message-ID", f"<{answer_id}.mdn@{self._instance}>"),
            ("MIME-Version", "1.0"),
            *built.headers,
        )

    async def _keep(
        self, arrival: Arrival, addressing: Addressing, line: Line, reading: _Reading, accept: Accept
    ) -> web.Response:
        if reading.fault is not None and not self._may_keep_fault(arrival.partner):
            log.warning("unopened AS2 message of %s not kept: too many in this hour", arrival.partner)
            return _response(reading.receipt)
        accepted = await accept(arrival)
        if accepted.outcome == "clash":
            fault = PartnerFault("as2.id-reused", value=addressing.message_id)
            log.warning("Message-ID %s of %s used again for other content", addressing.message_id, arrival.partner)
            clash = await asyncio.to_thread(self._receipt, addressing, line, arrival.id, None, fault)
            return _response(clash)
        return _response(accepted.receipt if accepted.outcome == "repeat" and accepted.receipt else reading.receipt)

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
        told = "unknown-trading-relationship"
        built = mdn.build(
            original_message_id=addressing.message_id,
            recipient=addressing.receiver,
            disposition=mdn.failed(told),
            mic=None,
            explanation=EXPLANATIONS[told],
            identity=None,
        )
        headers = self._answer_headers(addressing, self._new_id(), built)
        return _response(Receipt(status=200, headers=headers, body=built.body))


def _printable(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def _response(receipt: Receipt) -> web.Response:
    response = web.Response(status=receipt.status, body=receipt.body)
    for name, value in receipt.headers:
        response.headers[name] = value
    return response


def _arrival(
    arrival_id: str, partner: Partner, headers: Headers, addressing: Addressing, reading: _Reading, body: Spooled
) -> Arrival:
    """Return what is kept: the content when it could be opened, else the body as it came, to be quarantined."""
    evidence = {
        "as2_from": addressing.sender,
        "as2_to": addressing.receiver,
        "message_id": addressing.message_id,
        "subject": addressing.subject,
        "agent": headers.get("user-agent")[:200],
        "receipt": "signed" if addressing.receipt.signed else "unsigned" if addressing.receipt.wanted else "none",
    }
    if addressing.receipt.async_url:
        evidence["async_receipt"] = "asked for, answered on the same connection"
    opened, fault = reading.opened, reading.fault
    key = f"as2:{addressing.sender}:{addressing.receiver}:{addressing.message_id}"
    if opened is None:
        code = fault.code if fault else "as2.bad-mime"
        evidence["layers"] = str(fault.params.get("layers", "")) if fault else ""
        evidence["fault_detail"] = str(fault.params.get("detail", "")) if fault else ""
        return Arrival(
            id=arrival_id,
            channel="as2",
            partner=partner.id,
            payload=body,
            content_type=headers.get("content-type")[:200],
            dedupe_key=f"{key}:unopened:{body.sha256}",  # the partner may repair and send the same id again
            transport_id=addressing.message_id,
            receipt=reading.receipt,
            fault_code=code,
            evidence=evidence,
        )
    evidence |= {
        "layers": "+".join(opened.layers) or "plain",
        "mic": str(opened.mic),
        "cipher": opened.cipher or "",
        "digest": opened.digest or "",
        "signer": opened.signer.fingerprint if opened.signer else "",
        "signature": base64.b64encode(opened.signature).decode("ascii") if opened.signature else "",
    }
    return Arrival(
        id=arrival_id,
        channel="as2",
        partner=partner.id,
        payload=opened.payload,
        content_type=opened.content_type,
        filename=opened.filename,
        dedupe_key=key,
        transport_id=addressing.message_id,
        receipt=reading.receipt,
        evidence=evidence,
    )
