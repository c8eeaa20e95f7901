"""A partner's AS2: signed and encrypted both ways, with a signed receipt for each. The partner's own keys.

Source: RFC 4130. The codec is the product's; what a partner does with it (mailbox, repeats, retries) is its own.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any

from aiohttp import ClientError, ClientSession, web

from gateway.codecs.as2 import (
    AS2_VERSION,
    Addressing,
    Opened,
    Protection,
    Sealed,
    modifier,
    open_message,
    read_addressing,
    seal,
    write_id,
)
from gateway.codecs.cms.identity import load_certificates, load_identity
from gateway.codecs.mdn import PROCESSED, Disposition, Mdn, Mic, build, failed, parse
from gateway.codecs.mime import Headers
from gateway.demo.mailbox import Posted
from gateway.demo.settings import As2Line
from gateway.demo.wires import LIMIT_BYTES, RETRY_STATUS, TIMEOUT, Find, Incoming, Outcome, Receive
from gateway.model.faults import Fault, NetworkFault, PartnerFault
from gateway.model.payload import MemoryPayload
from gateway.store.keys import FileKeys

PROTECTION = Protection(signed=True, encrypted=True)


class As2Wire:
    """keys_folder: own key "self", the gateway's certificate "gateway"."""

    name = "as2"

    def __init__(self, line: As2Line, keys_folder: Path) -> None:
        keys = FileKeys(keys_folder)
        own = keys.own("self")
        self._line = line
        self._identity = load_identity(own.private_pem, own.certificate_pem)
        self._gateway = load_certificates(keys.certificate("gateway"))
        self._sealed: tuple[str, Sealed] | None = None

    # --- out ---

    async def send(self, session: ClientSession, posted: Posted, data: bytes) -> Outcome:
        sealed = self._seal(posted, data)
        try:
            async with session.post(
                self._line.gateway_url, data=sealed.body, headers=dict(sealed.headers), timeout=TIMEOUT
            ) as response:
                body = await response.read()
                if response.status in RETRY_STATUS:
                    raise NetworkFault("as2.busy", value=str(response.status))
                return self._judge(sealed, response.status, Headers(tuple(response.headers.items())), body)
        except (ClientError, TimeoutError) as error:
            raise NetworkFault("as2.unreachable", value=str(error)) from error

    def _seal(self, posted: Posted, data: bytes) -> Sealed:
        """Seal once; the same bytes go out on every attempt while this process lives."""
        if self._sealed is None or self._sealed[0] != posted.message_id:
            sealed = seal(
                MemoryPayload(data),
                sender=self._line.own_id,
                receiver=self._line.gateway_id,
                message_id=f"<{posted.message_id}>",
                content_type=posted.content_type,
                filename=posted.filename,
                protection=PROTECTION,
                identity=self._identity,
                recipients=self._gateway,
                receipt="signed-sync",
                random=token_bytes,
            )
            self._sealed = (posted.message_id, sealed)
        return self._sealed[1]

    def _judge(self, sealed: Sealed, status: int, headers: Headers, body: bytes) -> Outcome:
        """Only a signed receipt for this Message-ID with the same MIC counts."""
        evidence: dict[str, Any] = {"status": status, "message_id": sealed.message_id, "mic": sealed.mic}
        try:
            mdn = parse(headers, body, self._gateway)
        except Fault as fault:
            return Outcome(
                state="refused", evidence={**evidence, "fault": fault.code, "answer": body[:500].decode("latin-1")}
            )
        evidence["mdn"] = {
            "disposition": str(mdn.disposition),
            "original_message_id": mdn.original_message_id,
            "mic": str(mdn.mic),
            "signed": mdn.signer is not None,
            "text": mdn.explanation[:500],
        }
        return Outcome(state="acked" if self._is_proof(sealed, mdn) else "refused", evidence=evidence)

    @staticmethod
    def _is_proof(sealed: Sealed, mdn: Mdn) -> bool:
        return (
            mdn.signer is not None
            and mdn.disposition.is_good
            and mdn.original_message_id == sealed.message_id
            and str(mdn.mic) == sealed.mic
        )

    # --- in ---

    def mount(self, app: web.Application, receive: Receive, find: Find) -> None:
        async def door(request: web.Request) -> web.Response:
            headers = Headers(tuple(request.headers.items()))
            body = await request.read()
            try:
                addressing = read_addressing(headers)
                if (addressing.sender, addressing.receiver) != (self._line.gateway_id, self._line.own_id):
                    raise PartnerFault("as2.unknown-partner", value=addressing.sender)
            except Fault as fault:
                return web.json_response({"title": fault.code}, status=400)
            try:
                opened = self._open(headers, body)
            except Fault as fault:
                return self._respond(self._receipt(addressing, failed(modifier(fault)), None))
            known = find(addressing.message_id)
            receipt = dict(known.receipt) if known else self._receipt(addressing, PROCESSED, opened.mic)
            data = b"".join(opened.payload.chunks())
            incoming = Incoming(key=addressing.message_id, data=data, content_type=opened.content_type, receipt=receipt)
            await receive(incoming)
            return self._respond(receipt)

        app.router.add_post("/as2", door)

    def _open(self, headers: Headers, body: bytes) -> Opened:
        return open_message(
            headers,
            [body],
            identities=[self._identity],
            pinned=self._gateway,
            protection=PROTECTION,
            random=token_bytes,
            limit_bytes=LIMIT_BYTES,
        )

    def _receipt(self, addressing: Addressing, disposition: Disposition, mic: Mic | None) -> dict[str, Any]:
        """Return the signed receipt in the form in which the mailbox keeps it."""
        built = build(
            original_message_id=addressing.message_id,
            recipient=self._line.own_id,
            disposition=disposition,
            mic=mic,
            explanation="The message was received." if disposition.is_good else "The message could not be opened.",
            identity=self._identity,
            digest_name=addressing.receipt.algorithm,
        )
        headers = {
            "AS2-Version": AS2_VERSION,
            "AS2-From": write_id(self._line.own_id),
            "AS2-To": write_id(self._line.gateway_id),
            "Message-ID": f"<{token_hex(12)}@{self._line.own_id}>",
            "MIME-Version": "1.0",
            **dict(built.headers),
        }
        return {"headers": headers, "body": b64encode(built.body).decode("ascii")}

    @staticmethod
    def _respond(receipt: Mapping[str, Any]) -> web.Response:
        return web.Response(status=200, headers=receipt["headers"], body=b64decode(receipt["body"]))
