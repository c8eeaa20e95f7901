"""Each player's post: a listener, a way to send, and a mailbox on the disk that an auditor can read.

A mailbox is a folder with inbox/ and outbox/. Each file has a note beside it: {file, kind, state, received_at or queued_at}.
state of what was sent: acked (a positive receipt came), refused (the gateway said no), failed.
"""

import hashlib
import json
import logging
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.season.cast import Player

sys.path.append(str(Path(__file__).parents[1] / "peers"))
import pyas2_peer

logging.getLogger("pyas2lib").setLevel(logging.CRITICAL)  # in a roll-over one key is tried after the other
PATIENCE = 60  # attempts


class Listener(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The gateway died in the middle of a request: it will come again."""


class Mailbox:
    """What one player has sent and received, in order."""

    def __init__(self, folder: Path, now: Callable[[], str]) -> None:
        self._folder = folder
        self._now = now
        self._count = 0
        self._lock = threading.Lock()
        for box in ("inbox", "outbox"):
            (folder / box).mkdir(parents=True, exist_ok=True)

    def keep(self, box: str, data: bytes, **note: Any) -> None:
        with self._lock:
            self._count += 1
            name = f"{self._count:06d}.bin"
            (self._folder / box / name).write_bytes(data)
            at = {"inbox": "received_at", "outbox": "queued_at"}[box]
            note |= {"file": name, at: f"{self._now()} {self._count:06d}"}
            (self._folder / box / f"{self._count:06d}.note.json").write_text(json.dumps(note))


class Post:
    """One player's post office. arrived: what came and was not looked at yet, oldest first."""

    def __init__(self, player: Player, folder: Path, port: int, now: Callable[[], str]) -> None:
        self.player = player
        self.mailbox = Mailbox(folder, now)
        self.arrived: deque[bytes] = deque()
        self.token = ""
        self.doors: tuple[str, ...] = ()
        self._turn = 0
        self.as2: dict[str, Any] = {}
        self.away = False
        self.patience = PATIENCE
        self.sent = 0
        self.busy: list[str] = []
        self.repeats = 0  # of what the gateway sent, known by their Message-ID or key
        self.changed: list[str] = []  # repeats whose bytes are other ones
        self.mistrusted: list[str] = []  # what came over AS2 and could not be opened or proved
        self._seen: dict[str, str] = {}
        self._seen_lock = threading.Lock()
        self._ends: dict[tuple[str, str], tuple[Any, Any]] = {}
        self._server = Listener(("127.0.0.1", port), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # --- out ---

    def send(self, data: bytes | str, kind: str, *, key: str) -> str:
        """Send, wait for the receipt, keep both; return the state. key: what an HTTP sender repeats with a repeat."""
        raw = data if isinstance(data, bytes) else data.encode()
        state, detail = self._send_as2(raw) if self.player.line == "as2" else self._send_http(raw, key)
        self.mailbox.keep("outbox", raw, kind=kind, state=state, detail=detail)
        self.sent += 1
        return state

    def _send_as2(self, data: bytes) -> tuple[str, str]:
        organization, partner = next(self.ways())
        message = pyas2_peer.Message(organization, partner)
        message.build(data, filename="season.edi", content_type="application/EDIFACT")
        _, headers, body = self._post("/as2", message.content, dict(message.headers))
        raw = b"".join(f"{k}: {v}\r\n".encode() for k, v in headers.items()) + b"\r\n" + body
        for _, signer in self.ways():  # in a roll-over the receipt may be signed with either key
            message.receiver = signer
            status, detail = pyas2_peer.Mdn().parse(raw, lambda message_id, recipient: message)
            if status == "processed":
                return "acked", str(detail or "")
        return "refused", str(detail or "")

    def ways(self) -> Iterator[tuple[Any, Any]]:
        """Yield both ends as pyas2lib has them: what counts now first, then, in a roll-over, what counts too."""
        for key in (self.as2["own_key"], *self.as2.get("own_keys_too", ())):
            for certificate in (self.as2["gateway_certificate"], *self.as2.get("gateway_certificates_too", ())):
                if (key, certificate) not in self._ends:
                    told = {**self.as2, "own_key": key, "gateway_certificate": certificate}
                    self._ends[key, certificate] = pyas2_peer.ends(told)
                yield self._ends[key, certificate]

    def _send_http(self, data: bytes, key: str) -> tuple[str, str]:
        kind = {"d96a": "application/EDIFACT", "ubl": "application/xml"}.get(self.player.syntax, "application/json")
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, "Idempotency-Key": key}
        status, _, body = self._post("/inbox", data, headers)
        return ("acked" if status == 202 else "refused"), f"{status} {body.decode()}"

    def _post(self, path: str, data: bytes, headers: dict[str, str]) -> tuple[int, Message, bytes]:
        """Post; try again, with the very same bytes, for as long as the gateway is away or says that it is busy."""
        for _ in range(self.patience):
            self._turn += 1
            door = self.doors[self._turn % len(self.doors)]
            request = urllib.request.Request(door + path, data=data, headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    return response.status, response.headers, response.read()
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    return error.code, error.headers, error.read()
                self.busy.append(error.read().decode())
            except OSError as error:
                self.busy.append(str(error))
            time.sleep(0.5)
        raise RuntimeError(f"{self.player.id}: the gateway stays away: {self.busy[-1]}")

    # --- in ---

    def _take(self, data: bytes, key: str) -> None:
        """Keep what came; what is known by its key already is only counted, as any AS2 software does."""
        digest = hashlib.sha256(data).hexdigest()
        with self._seen_lock:
            if key in self._seen:
                self.repeats += 1
                if self._seen[key] != digest:
                    self.changed.append(key)
                return
            self._seen[key] = digest
        self.mailbox.keep("inbox", data, kind="", state="received")
        self.arrived.append(data)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        post = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if post.away:
                    self._answer(503, {}, b"")
                elif post.player.line == "as2":
                    self._as2(body)
                else:
                    post._take(body, self.headers["Idempotency-Key"])
                    self._answer(202, {}, b"")

            def _as2(self, body: bytes) -> None:
                raw = b"".join(f"{k}: {v}\r\n".encode() for k, v in self.headers.items()) + b"\r\n" + body
                for ends in post.ways():
                    message = pyas2_peer.Message()
                    _, (error, _), mdn = message.parse(raw, lambda name: ends[0], lambda name: ends[1])  # noqa: B023
                    if error is None:
                        post._take(message.payload.get_payload(decode=True), self.headers["Message-ID"])
                        break
                else:
                    post.mistrusted.append(str(error))
                self._answer(200, dict(mdn.headers), mdn.content)

            def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        return Handler
