"""How a partner's files travel: HTTP with API keys here, AS2 in as2_wire."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Literal, Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from gateway.demo.mailbox import Kept, Posted
from gateway.demo.settings import HttpLine
from gateway.model.faults import NetworkFault

LIMIT_BYTES = 60_000_000
TIMEOUT = ClientTimeout(total=60)
RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt ended for good. evidence: what the gateway answered, for the mailbox's note."""

    state: Literal["acked", "refused"]
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A file at the door. receipt: what is answered, and answered again on every repeat."""

    key: str
    data: bytes
    content_type: str
    receipt: Mapping[str, Any] = field(default_factory=dict)


Receive = Callable[[Incoming], Awaitable[Kept]]
Find = Callable[[str], Kept | None]


class Wire(Protocol):
    name: str

    def mount(self, app: web.Application, receive: Receive, find: Find) -> None:
        """Add the door. It answers only after receive returned: by then the file is on the disk."""

    async def send(self, session: ClientSession, posted: Posted, data: bytes) -> Outcome:
        """Try once. Raises NetworkFault when the gateway is away or busy: try again later."""


class HttpWire:
    """POST with a Bearer token both ways; an Idempotency-Key makes twice once."""

    name = "http"

    def __init__(self, line: HttpLine) -> None:
        self._line = line

    def mount(self, app: web.Application, receive: Receive, find: Find) -> None:
        async def inbox(request: web.Request) -> web.Response:
            if not self._is_the_gateway(request):
                return web.json_response({"title": "not the gateway's key"}, status=401)
            data = await request.read()
            key = request.headers.get("Idempotency-Key") or sha256(data).hexdigest()
            known = find(key)
            if known and known.sha256 != sha256(data).hexdigest():
                return web.json_response({"title": "this key was used for other content"}, status=409)
            kept = await receive(Incoming(key=key, data=data, content_type=request.content_type))
            return web.json_response({"id": kept.file, "seen": kept.seen}, status=202)

        app.router.add_post("/inbox", inbox)

    def _is_the_gateway(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        shown = sha256(token.encode()).hexdigest()
        return scheme.lower() == "bearer" and compare_digest(shown, self._line.expected_sha256)

    async def send(self, session: ClientSession, posted: Posted, data: bytes) -> Outcome:
        headers = {
            "Authorization": f"Bearer {self._line.token}",
            "Idempotency-Key": posted.message_id,
            "Content-Type": posted.content_type,
            "X-Filename": posted.filename,
        }
        try:
            async with session.post(self._line.gateway_url, data=data, headers=headers, timeout=TIMEOUT) as response:
                body = await response.text()
                if response.status in RETRY_STATUS:
                    raise NetworkFault("http.busy", value=str(response.status))
                evidence = {"status": response.status, "answer": _as_json(body)}
                return Outcome(state="acked" if response.status < 300 else "refused", evidence=evidence)
        except (ClientError, TimeoutError) as error:
            raise NetworkFault("http.unreachable", value=str(error)) from error


def _as_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text[:2000]
