"""Whole gateways (`gateway run`) on one database, fed over HTTP by partners who take their answers in over HTTP too.

The partners send one order after the other, each until it has its 202, to whichever gateway lets them connect, as
behind a load balancer. Every answer's status is written down.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep

import psycopg
from auditor import Mailboxes
from crash_program import order
from node_program import GLNS, PARTNERS
from stage import free_ports

ROOT = Path(__file__).parents[2]
CONFIG = """\
instance: hosts.test
workers: 1
listen: {{partners: {{host: 127.0.0.1, port: {port}}}, console: {{host: 127.0.0.1, port: {console}}}}}
folders: {{partners: partners, mappings: {root}/mappings, schemas: {root}/schemas, var: {var}, blobs: ../blobs}}
planning: {{every_h: 0}}
retry: {{first_s: 1, longest_s: 2, attempts: 100}}
limits: {{disk_free_min_bytes: {disk_free}}}
allow_networks: [127.0.0.0/8]
{more}
"""
AGREEMENTS = """\
channels:
  http: {{url: "http://127.0.0.1:{port}/{name}"}}
agreements:
  - {{receive: eancom-1997/ORDERS, over: http}}
  - {{send: eancom-1997/ORDRSP, over: http}}
"""
# A newer build: the same program under another number.
RUN = "import gateway.app.presence as p; p.version = lambda _: {build!r}; from gateway.__main__ import main; main()"
GTIN = "9521001100014"


class Inboxes:
    """The partners' own servers: one port, a path per partner. slow: partners whose answer takes that many seconds;
    down: partners who break every connection off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.slow: dict[str, float] = {}
        self.down: set[str] = set()
        self.arrived: list[tuple[float, str]] = []
        inboxes = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                inboxes.take(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, request: BaseHTTPRequestHandler) -> None:
        partner = request.path.strip("/")
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if partner in self.down:
            request.close_connection = True
            return
        sleep(self.slow.get(partner, 0.0))
        path = self.folder / partner / sha256(request.headers["Idempotency-Key"].encode()).hexdigest()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_bytes() != body:
            path.with_suffix(".changed").write_bytes(body)
        draft = path.with_suffix(f".{threading.get_ident()}")
        draft.write_bytes(body)
        draft.replace(path)
        self.arrived.append((monotonic(), partner))
        request.send_response(200)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass(kw_only=True)
class Hosts:
    """folder: of everything. url: of the shared database; None: one gateway on SQLite.

    var: of the only gateway, when it shall lie elsewhere; wrapped: command that starts the gateway (strace, say).
    """

    folder: Path
    url: str | None
    var: Path | None = None
    wrapped: Sequence[str] = ()
    clock: str | None = None
    disk_free: int = 1024 * 1024
    environment: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.box = self.folder / "mailbox"
        self.box.mkdir(parents=True)
        self.inboxes = Inboxes(self.box)

    def prepare(self, name: str) -> Path:
        """Make the instance folder of one gateway; the first one also issues the partners' keys."""
        root = self.folder / name
        shutil.copytree(ROOT / "partners", root / "partners")
        own = (ROOT / "partners" / "nordmarkt" / "partner.yaml").read_text().partition("channels:")[0]
        for partner, gln in zip(PARTNERS, GLNS, strict=True):
            text = re.sub(r"gln:\n(  - .*\n)+", f'gln: ["{gln}"]\n', own)
            file = root / "partners" / partner / "partner.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text + AGREEMENTS.format(port=self.inboxes.port, name=partner))
        self.ports[name], console = free_ports(2)
        more = f'database: {{url: "{self.url}"}}\n' if self.url else ""
        more += f"clock: {{file: {self.clock}}}\n" if self.clock else ""
        config = CONFIG.format(
            port=self.ports[name], console=console, root=ROOT, var=self.var or "var", more=more,
            disk_free=self.disk_free,
        )  # fmt: skip
        (root / "config.yaml").write_text(config)
        if not self.keys:
            self.keys = {partner: self.command(name, "api-keys", "issue", partner, "--partner", partner).split()[-1]
                         for partner in PARTNERS}  # fmt: skip
        return root

    def command(self, name: str, *arguments: str) -> str:
        """Run one command of the command line and return what it prints."""
        command = [sys.executable, "-m", "gateway", "--instance", str(self.folder / name), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, build: str = "1") -> None:
        """Start a gateway and wait until its port answers."""
        if not (self.folder / name).exists():
            self.prepare(name)
        command = [*self.wrapped, sys.executable, "-c", RUN.format(build=build), "--instance",
                   str(self.folder / name), "run"]  # fmt: skip
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, stdout=log, stderr=log, env=os.environ | self.environment, start_new_session=True
            )
        end = monotonic() + 60
        while not self.answers(name):
            assert self.running[name].poll() is None, self.log(name)
            assert monotonic() < end, self.log(name)
            sleep(0.05)

    def answers(self, name: str) -> bool:
        try:
            connection = HTTPConnection("127.0.0.1", self.ports[name], timeout=5)
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-3000:]

    def ended(self, name: str, within_s: float = 30) -> int:
        """Wait until a gateway has ended, and return its code."""
        return self.running[name].wait(within_s)

    def stop_gently(self, name: str) -> int:
        """SIGTERM, and wait until the gateway has ended; return its code."""
        self.running[name].terminate()
        return self.ended(name)

    def kill(self, name: str) -> None:
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def close(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.inboxes.close()

    # --- partners -----------------------------------------------------------------------------------------------------

    def post(self, target: str, number: int, seconds: float = 30.0) -> HTTPResponse:
        """Send the n-th order once."""
        which = number % len(PARTNERS)
        data = order(f"R{number}", f"PO-{number:05d}", f"LIN+1++{GTIN}:EN'QTY+21:1'").replace(
            GLNS[0].encode(), GLNS[which].encode()
        )
        connection = HTTPConnection("127.0.0.1", self.ports[target], timeout=seconds)
        connection.connect()  # refused: the balancer takes another one
        headers = {"Authorization": f"Bearer {self.keys[PARTNERS[which]]}", "Idempotency-Key": f"order-{number}",
                   "Content-Type": "application/edifact"}  # fmt: skip
        connection.request("POST", "/inbox", data, headers)
        answer = connection.getresponse()
        answer.read()
        return answer

    def feed(self, first: int, last: int, pause_s: float = 0.02, patience_s: float = 120.0) -> None:
        """Send orders first to last, each until it has its 202."""
        end = monotonic() + patience_s
        turn = first
        with (self.box / f"answered-{first}").open("a") as answered, (self.box / f"taken-{first}").open("a") as taken:
            for number in range(first, last + 1):
                sent = monotonic()
                while monotonic() < end:
                    turn += 1
                    if self._said(list(self.ports)[turn % len(self.ports)], number) == "202":
                        taken.write(f"{number} {sent} {monotonic()}\n")
                        taken.flush()
                        answered.write(f"{number}\n")
                        answered.flush()
                        break
                    sleep(0.1)
                sleep(pause_s)

    def _said(self, target: str, number: int) -> str:
        try:
            answer = self.post(target, number)
        except ConnectionRefusedError:
            return "refused"
        except (OSError, HTTPException) as error:
            said = f"broken: {type(error).__name__}"
        else:
            said = str(answer.status)
            if answer.status == 503 and not answer.headers["Retry-After"]:
                said = "503 without Retry-After"
        self.statuses[said] += 1
        return said

    def feeding(self, shares: Sequence[tuple[int, int]], pause_s: float = 0.02) -> list[threading.Thread]:
        """Start one sender per share."""
        threads = [threading.Thread(target=self.feed, args=(*share, pause_s), daemon=True) for share in shares]
        for each in threads:
            each.start()
        return threads

    # --- what came of it ----------------------------------------------------------------------------------------------

    @property
    def mail(self) -> Mailboxes:
        return Mailboxes(folder=self.box, partners=PARTNERS)

    def await_answers(self, count: int, within_s: float) -> None:
        """Wait for count responses and as many CONTRL."""
        end = monotonic() + within_s
        while min(there := (len(self.mail.responses()), sum(self.mail.controls().values()))) < count:
            assert monotonic() < end, f"{there} of {count} " + "".join(self.log(name) for name in self.running)
            sleep(0.2)

    def audit(self, shares: Sequence[tuple[int, int]]) -> None:
        assert self.mail.faults(shares) == []

    def query(self, statement: str) -> list[tuple[object, ...]]:
        assert self.url is not None
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload, no-any-return]
