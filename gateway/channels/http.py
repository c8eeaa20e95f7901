"""The HTTP channel: partners post documents to /inbox with an API key; we post parcels to the partner's URL, or
they wait at /outbox until the partner fetches and confirms them.

A 202 is given only after the bytes are kept. The same Idempotency-Key with the same bytes gets the same 202 again.
Where a partner has a webhook secret, every post is signed by the Standard Webhooks scheme.
Source: RFC 9110; RFC 9457 (problem+json); draft-ietf-httpapi-idempotency-key-header.
"""

import asyncio
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web

from gateway.channels.http_door import Door, PartnerOf, json_answer, problem
from gateway.channels.http_outbox import OutboxPages, is_fetched
from gateway.channels.intake import Spooled, read_body
from gateway.channels.outbound import Outbound, check_status
from gateway.codecs.mime import safe_filename
from gateway.model.faults import Fault, OurFault, PartnerFault
from gateway.model.partner import Partner
from gateway.model.payload import read_all
from gateway.ports.records import Accepted, Arrival, ParcelRow, Proof, Wrapped
from gateway.ports.shell import Accept, Keys

CONTENT_TYPES = frozenset(
    {
        "application/xml",
        "text/xml",
        "application/json",
        "application/edifact",
        "application/edi-x12",
        "application/edi-consent",
        "application/octet-stream",
        "text/plain",
        "text/csv",
    }
)
_KEY = re.compile(r"[!-~]{1,255}")
_ID = re.compile(r"[0-9a-fA-F-]{1,64}")
FETCH_WITHIN_H = "72"
Status = Callable[[str, str], dict[str, Any] | None]


class HttpChannel:
    """ports.shell.Channel over plain HTTP, with its way in at POST /inbox and GET /inbox/ID."""

    name = "http"

    def __init__(
        self,
        *,
        keys: Keys,
        new_id: Callable[[], str],
        outbound: Outbound,
        status: Status,
        admit: Callable[[], int | None] = lambda: None,
        limit_bytes: int = 50_000_000,
        spool_folder: Path | None = None,
        now: Callable[[], datetime] | None = None,
        certificate: PartnerOf = lambda der: None,
        outbox: OutboxPages | None = None,
    ) -> None:
        """status: gives what partner may see of arrival id, None when it has none of that id (called in a thread).

        admit: as for As2Channel. now: real time, needed where a partner's webhooks are signed. certificate: see Door.
        outbox: where partners fetch what is not pushed to them; None: nobody fetches."""
        self._keys = keys
        self._door = Door(keys, certificate)
        self._outbox = outbox
        self._clock = now
        self._new_id = new_id
        self._outbound = outbound
        self._status = status
        self._admit = admit
        self._limit_bytes = limit_bytes
        self._spool_folder = spool_folder

    # --- out ----------------------------------------------------------------------------------------------------------

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        """The payload as it is. The token is not among the headers: it is added when sending and never stored."""
        headers = [
            ("Content-Type", parcel.content_type),
            ("Idempotency-Key", parcel.id),
            ("X-Filename", quote(parcel.filename, safe=" ()[]{}+,;=@!$&'~")),
        ]
        if parcel.test:
            headers.append(("X-Test", "1"))
        body = read_all(parcel.payload, self._limit_bytes)
        return Wrapped(headers=tuple(headers), body=body, transport_id=parcel.id)

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        """POST once; a 2xx is the proof. What the partner fetches waits for it: the proof comes when it confirms.

        Raises NetworkFault, PartnerFault, OurFault (settings, keys, address)."""
        settings = partner.channels[over].settings
        if is_fetched(partner, over):
            hours = int(settings.get("fetch_within_h", FETCH_WITHIN_H))
            return Proof(state="sent", evidence={"delivery": "fetch"}, fetched_within=timedelta(hours=hours))
        url = settings.get("url", "")
        if not url:
            raise OurFault("http.setting-missing", value="url", partner=partner.id)
        headers = list(wrapped.headers)
        if settings.get("token"):
            headers.append(("Authorization", f"Bearer {self._keys.secret(settings['token'])}"))
        if settings.get("webhook_secret"):
            secrets = [self._keys.secret(name.strip()) for name in settings["webhook_secret"].split(",")]
            headers += webhook_headers(secrets, wrapped.transport_id, self._now(), wrapped.body)
        answer = await self._outbound.post(url, headers, wrapped.content)
        check_status(answer)
        return Proof(state="acked", evidence={"status": str(answer.status), "url": url}, body=answer.body[:65_536])

    def _now(self) -> datetime:
        if self._clock is None:
            raise OurFault("http.setting-missing", value="webhook_secret", partner="self")
        return self._clock()

    # --- in -----------------------------------------------------------------------------------------------------------

    def mount(self, app: web.Application, accept: Accept) -> None:
        async def post(request: web.Request) -> web.Response:
            try:
                return await self._post(request, accept)
            except Fault as fault:
                return problem(request, fault)

        async def get(request: web.Request) -> web.Response:
            try:
                return await self._get(request)
            except Fault as fault:
                return problem(request, fault)

        app.router.add_post("/inbox", post)
        app.router.add_get("/inbox/{id}", get)
        if self._outbox is not None:
            self._outbox.mount(app, self._door)

    async def _post(self, request: web.Request, accept: Accept) -> web.Response:
        partner = await self._door.partner(request)
        wait_s = self._admit()
        if wait_s is not None:
            raise OurFault("http.busy", wait_s=str(wait_s))
        if request.content_type.lower() not in CONTENT_TYPES:
            raise PartnerFault("http.content-type", value=request.content_type)
        key = request.headers.get("Idempotency-Key", "").strip().strip('"')
        if key and not _KEY.fullmatch(key):
            raise PartnerFault("http.bad-key", value=key)
        body = Spooled(self._spool_folder)
        try:
            await read_body(request, body, self._limit_bytes)
            if body.size_bytes == 0:
                raise PartnerFault("http.empty-body")
            return _taken(await accept(self._arrival(request, partner, key, body)), key)
        finally:
            body.close()

    def _arrival(self, request: web.Request, partner: str, key: str, body: Spooled) -> Arrival:
        test = request.headers.get("X-Test", request.query.get("test", "")).strip().lower()
        return Arrival(
            id=self._new_id(),
            channel="http",
            partner=partner,
            payload=body,
            content_type=request.content_type.lower(),
            filename=safe_filename(unquote(request.headers.get("X-Filename", ""), errors="replace")),
            dedupe_key=f"http:{partner}:{key}" if key else None,
            transport_id=key or None,
            test=test in ("1", "true", "yes"),
            evidence={"remote": request.remote or "", "agent": _printable(request.headers.get("User-Agent", ""))[:200]},
        )

    async def _get(self, request: web.Request) -> web.Response:
        partner = await self._door.partner(request)
        arrival_id = request.match_info["id"]
        found = await asyncio.to_thread(self._status, partner, arrival_id) if _ID.fullmatch(arrival_id) else None
        if found is None:
            raise PartnerFault("http.not-found", value=arrival_id[:64])
        return json_answer(200, found)


def webhook_headers(secrets: list[str], message_id: str, now: datetime, body: bytes) -> list[tuple[str, str]]:
    """Return the header fields of the Standard Webhooks scheme, one signature per secret: old and new side by side
    while a secret changes.

    secrets: "whsec_" and base64, or any text. The receiver refuses what is older than five minutes: each attempt is
    signed anew, under the same id. Source: Standard Webhooks 1.0, "Signature scheme"."""
    stamp = str(int(now.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    signatures = [
        "v1," + b64encode(hmac.digest(_webhook_key(each), signed, "sha256")).decode("ascii") for each in secrets
    ]
    return [
        ("webhook-id", message_id),
        ("webhook-timestamp", stamp),
        ("webhook-signature", " ".join(signatures)),
    ]


def _webhook_key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError as error:
            raise OurFault("keys.bad-secret", name="webhook_secret") from error
    return secret.encode("utf-8")


def _printable(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def _taken(accepted: Accepted, key: str) -> web.Response:
    """Return the 202; of a repeat the same one, byte for byte. Raises PartnerFault http.id-reused."""
    if accepted.outcome == "clash":
        raise PartnerFault("http.id-reused", value=key)
    url = f"/inbox/{accepted.arrival_id}"
    response = json_answer(202, {"id": accepted.arrival_id, "state": "received", "status_url": url})
    response.headers["Location"] = url
    return response
