"""The AS2 channel: messages out with the partner's receipt checked; its way in is as2_inbound.

Source: RFC 4130; the order of things from DESIGN section 6, invariants 1 and 3.
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from aiohttp import web

from gateway.channels.as2_inbound import As2Inbound
from gateway.channels.as2_line import AddressBook, Line, load_line
from gateway.channels.as2_proof import checked_receipt, raw_receipt
from gateway.channels.as2_receipts import RECEIPT_MAPPING, TARGET, wrapped_receipt
from gateway.channels.intake import Spooled
from gateway.channels.outbound import Outbound, check_status
from gateway.codecs.as2 import Sealed, seal
from gateway.codecs.as2.diagnosis import rule_behind
from gateway.codecs.mime import Headers
from gateway.model.faults import Fault, OurFault, PartnerFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.ports.records import ParcelRow, Proof, Wrapped
from gateway.ports.shell import Accept, Keys, ReceiptDesk

IN_ROW_BYTES = 1_000_000  # a wrapped message up to here is kept in the parcel's row, a larger one beside it


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
        now: Callable[[], datetime],
        desk: ReceiptDesk | None = None,
        admit: Callable[[], int | None] = lambda: None,
        limit_bytes: int = 50_000_000,
        spool_folder: Path | None = None,
    ) -> None:
        """instance: right side of our Message-IDs, a host name. new_id: gives a UUIDv7. now: real time, for the
        validity of certificates. desk: None when asynchronous receipts are not taken.

        admit: seconds after which a sender may come back, None when there is room; asked before a body is read."""
        self._book = book
        self._keys = keys
        self._instance = instance
        self._outbound = outbound
        self._now = now
        self._spool_folder = spool_folder
        self._inbound = As2Inbound(
            book=book,
            line=self._line,
            instance=instance,
            new_id=new_id,
            desk=desk,
            admit=admit,
            limit_bytes=limit_bytes,
            spool_folder=spool_folder,
        )

    def mount(self, app: web.Application, accept: Accept) -> None:
        self._inbound.mount(app, accept)

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        """Compress, sign and encrypt as agreed. Raises OurFault as2.setting-missing, keys.*."""
        if parcel.mapping == RECEIPT_MAPPING:
            return wrapped_receipt(parcel.payload, parcel.id)
        sealed = self._sealed(parcel, self._line(partner, partner.channels[over]), partner.id)
        is_large = sealed.content.size_bytes > IN_ROW_BYTES
        return Wrapped(
            headers=sealed.headers,
            body=b"" if is_large else sealed.body,
            large=sealed.content if is_large else None,
            transport_id=sealed.message_id,
            mic=sealed.mic,
        )

    def _sealed(self, parcel: ParcelRow, line: Line, partner: str) -> Sealed:
        if line.protection.encrypted and line.recipient is None:
            raise OurFault("keys.none-valid", value="certificate", partner=partner)
        return seal(
            parcel.payload,
            sender=line.own_id,
            receiver=line.partner_id,
            message_id=f"<{parcel.id}@{self._instance}>",
            content_type=parcel.content_type,
            filename=parcel.filename,
            protection=line.protection,
            identity=line.identity,
            recipients=[line.recipient] if line.recipient else [],
            receipt=line.receipt,
            random=secrets.token_bytes,
            packaging=line.packaging,
            spool=lambda: Spooled(self._spool_folder),
        )

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        """POST once; only the agreed receipt counts: from this partner, for this message, with the same MIC.

        Raises NetworkFault, PartnerFault, OurFault (settings or keys missing, address not allowed)."""
        line = await asyncio.to_thread(self._line, partner, partner.channels[over])
        target = next((value for name, value in wrapped.headers if name == TARGET), None)
        if target is not None:
            return await self._send_receipt(wrapped, line, target)
        answer = await self._outbound.post(line.url, wrapped.headers, wrapped.content, chunked=line.is_chunked)
        check_status(answer)
        evidence = {"status": str(answer.status), "url": line.url, "receipt": line.receipt.kind}
        headers = Headers(answer.headers)
        if line.receipt.kind == "none":
            return Proof(state="acked", evidence=evidence, body=answer.body[:65_536])
        if line.receipt.is_async and headers.content_type not in ("multipart/signed", "multipart/report"):
            return Proof(state="sent", evidence=evidence)
        found = await asyncio.to_thread(checked_receipt, answer, wrapped, line)
        return Proof(state="acked", evidence=evidence | found, body=raw_receipt(headers, answer.body))

    async def _send_receipt(self, wrapped: Wrapped, line: Line, target: str) -> Proof:
        """Deliver a receipt of ours to the address that was agreed when it was made, and still is."""
        if line.receipt_target(target, is_authentic=True) != target:
            raise OurFault("as2.receipt-address", value=target)
        fields = [(name, value) for name, value in wrapped.headers if name != TARGET]
        answer = await self._outbound.post(target, fields, wrapped.content)
        check_status(answer)
        return Proof(state="acked", evidence={"status": str(answer.status), "url": target})

    def explain(self, fault: Fault, parcel: ParcelRow, wrapped: Wrapped) -> Fault:
        """Say by which other rule the partner computed a MIC that differs, when there is one."""
        if fault.code != "as2.mic-mismatch":
            return fault
        theirs = (fault.value or "").partition(",")[0]
        rule = rule_behind(theirs, parcel.payload, content_type=parcel.content_type, filename=parcel.filename)
        if rule is None:
            return fault
        return PartnerFault("as2.mic-rule", value=fault.value, sent=fault.params.get("sent", ""), rule=rule)

    def _line(self, partner: Partner, channel: ChannelSettings) -> Line:
        return load_line(self._book().own.partner, partner, channel, self._keys, self._now())
