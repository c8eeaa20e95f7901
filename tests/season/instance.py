"""A gateway instance for the season, made and served through its command line only, and asked over its API only."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.season.cast import EVERYBODY, ITEMS, ODD, OURS, REGULAR, SILENT, SUPPLIERS, WAREHOUSE, Player

KINDS = {"d96a": "eancom-1997", "d01b": "eancom-2002", "ubl": "ubl-2.1", "json": "canonical"}
RECEIVES = {
    "d96a customer": "ORDERS ORDCHG SLSRPT RECADV REMADV",
    "d01b customer": "ORDERS ORDCHG SLSRPT RECADV RETANN",
    "ubl customer": "Order OrderChange OrderCancellation ProductActivity RemittanceAdvice",
    "d96a supplier": "ORDRSP DESADV INVOIC",
    "ubl supplier": "OrderResponse DespatchAdvice Invoice",
    "json house": "DespatchAdvice InventoryReport ReceivingAdvice PriceCatalogue Invoice RemittanceAdvice ReturnNotice",
}
SENDS = {
    "d96a customer": "ORDRSP DESADV INVOIC",
    "d01b customer": "ORDRSP DESADV INVOIC RETINS",
    "ubl customer": "OrderResponse DespatchAdvice Invoice CreditNote",
    "d96a supplier": "ORDERS",
    "ubl supplier": "Order",
    "json house": "Order Invoice RemittanceAdvice ReturnNotice",
}
EXTRA = {
    REGULAR.id: 'terms:\n  - {valid_from: "2027-01-01", price_list: RETAIL}\n',
    ODD.id: "edifact:\n  write: {transliterate: true}\n",
    SILENT.id: "expects:\n"
    "  - {document: SalesReport, days: [mon, tue, wed, thu, fri, sat, sun], by: '06:00', zone: Europe/Berlin}\n",
}


# Runs in the gateway's environment, not in ours: its commands as a shell would, without a process for each.
ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys
from gateway.cli.root import cli
printed = []
for words, given in json.load(sys.stdin):
    sys.stdin, out = io.TextIOWrapper(io.BytesIO(given.encode())), io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            cli(words, prog_name="gateway")
    except SystemExit as end:
        if end.code:
            sys.exit(f"{words}: {end.code}: {out.getvalue()}")
    printed.append(out.getvalue())
print(json.dumps(printed))
"""


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports


class Instance:
    """The gateway in a folder. Times are what the season's calendar says.

    settings: lines more for config.yaml; contrl_within_h: what partners have for a CONTRL, when not the usual.
    """

    def __init__(self, folder: Path, gateway: str, settings: str = "", contrl_within_h: int = 0) -> None:
        self.folder = folder
        self._settings = settings
        self._log_name = "gateway.log"
        self._contrl = f", contrl_within_h: {contrl_within_h}" if contrl_within_h else ""
        self.wrapped: tuple[str, ...] = ()  # command that starts the gateway
        self.root = folder / "instance"
        self._gateway = gateway
        self._process: subprocess.Popen[bytes] | None = None
        ports = free_ports(2 + len(EVERYBODY))
        self.partners_url, self.console_url = (f"http://127.0.0.1:{port}" for port in ports[:2])
        self._listen = ports[:2]
        self.ports = {player.id: port for player, port in zip(EVERYBODY, ports[2:], strict=True)}
        self.tokens: dict[str, str] = {}
        self.api_key = ""
        self.now = datetime.now(UTC)

    def run(self, *words: str, given: str = "") -> str:
        """Run one command; return what it prints. Raises RuntimeError with its words when it fails."""
        done = subprocess.run(
            [self._gateway, "--instance", str(self.root), "--lang", "en", *words],
            input=given, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"gateway {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def run_all(self, commands: list[tuple[list[str], str]]) -> list[str]:
        """Run commands, each with what it reads, in one process of the gateway's Python: starting it is most of the work.
        Return what each prints. Raises RuntimeError at the first that fails."""
        python = Path(self._gateway).with_name("python")
        if not python.exists():
            return [self.run(*words, given=given) for words, given in commands]
        told = [["--instance", str(self.root), "--lang", "en", *words] for words, _ in commands]
        asked = json.dumps(list(zip(told, (given for _, given in commands), strict=True)))
        done = subprocess.run(
            [str(python), "-c", ONE_AFTER_THE_OTHER],
            input=asked,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            raise RuntimeError(f"{done.stdout}\n{done.stderr}")
        printed: list[str] = json.loads(done.stdout)
        return printed

    # --- making it ---

    def make(self, start: datetime) -> None:
        partners, console = map(str, self._listen)
        made = ["init", str(self.root), "--gln", OURS, "--name", "Lindau Vertrieb GmbH"]
        subprocess.run(
            [self._gateway, *made, "--partners-port", partners, "--console-port", console],
            check=True, capture_output=True,
        )  # fmt: skip
        config = self.root / "config.yaml"
        text = config.read_text().replace("allow_networks: []", "allow_networks: [127.0.0.0/8]")
        text = text.replace("zone: UTC", "zone: Europe/Berlin").replace("every_h: 24", "every_h: 0")
        config.write_text(text + "clock: {file: var/clock.json}\n" + self._settings)
        self.set_clock(start)
        own = self.root / "partners" / "self"
        about_us = (own / "partner.yaml").read_text().replace(f'warehouse: "{OURS}"', f'warehouse: "{WAREHOUSE}"')
        (own / "partner.yaml").write_text(about_us + f'sscc: {{prefix: "{OURS[:7]}", extension: "0"}}\n')
        (own / "planning.yaml").write_text("plain: true  # what is bought can be reckoned from the files alone\n")
        _tables(own / "tables")
        for player in EVERYBODY:
            folder = self.root / "partners" / player.id
            folder.mkdir()
            (folder / "partner.yaml").write_text(self._definition(player), "utf-8")
        callers = [player.id for player in EVERYBODY if player.line == "http"]
        issue = [(["api-keys", "issue", f"{name}-in", "--partner", name, "--json"], "") for name in callers]
        issue.append((["api-keys", "issue", "season", "--role", "admin", "--json"], ""))
        printed = self.run_all([*self._their_keys(), (["apply"], ""), *issue])
        (self.folder / "ours.pem").write_text(printed[0])
        *tokens, self.api_key = (json.loads(each)["key"] for each in printed[-len(issue) :])
        self.tokens = dict(zip(callers, tokens, strict=True))

    def _definition(self, player: Player) -> str:
        port = self.ports[player.id]
        if player.line == "as2":
            where = f"id: {player.as2_id}, url: 'http://127.0.0.1:{port}/as2', certificate: {player.id}"
            channel = f"as2: {{{where}, receipt: signed-sync}}"
        else:
            channel = f"http: {{url: 'http://127.0.0.1:{port}/inbox', token: {player.id}-out}}"
        habit, shops = f"{player.syntax} {player.role}", f", '{player.shop}'" if player.shop else ""
        lines = [f"name: {player.name}", f"role: {player.role}" if player.role != "house" else "kind: house"]
        lines += [f"gln: ['{player.gln}'{shops}]", "channels:", f"  {channel}", "agreements:"]
        for direction, kinds in (("receive", RECEIVES[habit]), ("send", SENDS[habit])):
            for kind in kinds.split():
                space = "eancom-2002" if kind in ("RETANN", "RETINS") else KINDS[player.syntax]
                parks = ", unknown_item: refuse" if kind in ("ORDERS", "Order") and direction == "receive" else ""
                waits = self._contrl if direction == "send" and player is not SILENT else ""
                lines.append(f"  - {{{direction}: {space}/{kind}, over: {player.line}{parks}{waits}}}")
        return "\n".join(lines) + "\n" + EXTRA.get(player.id, "")

    def _their_keys(self) -> list[tuple[list[str], str]]:
        """Return commands that show our certificate and take theirs."""
        found: list[tuple[list[str], str]] = [(["keys", "show-certificate"], "")]
        for player in EVERYBODY:
            if player.line == "http":
                found.append((["keys", "add-secret", f"{player.id}-out"], f"{player.id}-secret\n"))
            else:
                found.append((["keys", "add-certificate", player.id, str(self.new_pair(player.id))], ""))
        return found

    def new_pair(self, name: str) -> Path:
        """Make a key and a certificate; return the certificate's file. name.pem beside it holds both."""
        key, certificate = (self.folder / f"{name}.{kind}.pem" for kind in ("key", "crt"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2000", "-subj", f"/CN={name}",
             "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True,
        )  # fmt: skip
        (self.folder / f"{name}.pem").write_bytes(key.read_bytes() + certificate.read_bytes())
        return certificate

    def as2_settings(self, player: Player) -> dict[str, Any]:
        """Return what the player's AS2 software is told of both ends."""
        return {
            "own_id": player.as2_id,
            "own_key": str(self.folder / f"{player.id}.pem"),
            "gateway_id": _own_as2_id(self.root),
            "gateway_certificate": str(self.folder / "ours.pem"),
        }

    def link(self) -> str:
        """Return a link that signs an administrator into the console, once."""
        self.run("users", "add", "watcher", "--role", "admin")
        return self.run("login-link", "--user", "watcher").split()[-1]

    # --- its time, its life ---

    def set_clock(self, now: datetime) -> None:
        """Let it be now for the gateway; time goes on from there at its usual rate."""
        self.now = now
        path = self.root / "var" / "clock.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"sim": now.isoformat(), "wall": datetime.now(UTC).isoformat(), "rate": 1.0}))
        new.replace(path)

    @property
    def doors(self) -> tuple[str, ...]:
        """Return the addresses that partners send to, in turn."""
        return (self.partners_url,)

    @property
    def group(self) -> int:
        """Return the process group of the server and its workers."""
        assert self._process is not None
        return self._process.pid

    def wait(self) -> None:
        assert self._process is not None
        self._process.wait()

    def start(self) -> None:
        log = (self.folder / self._log_name).open("ab")
        self._process = subprocess.Popen(
            [*self.wrapped, self._gateway, "--instance", str(self.root), "run"],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        for _ in range(600):
            if self._is_live():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError((self.folder / self._log_name).read_text()[-4000:])

    def _is_live(self) -> bool:
        try:
            for url in (self.partners_url, self.console_url):
                with urllib.request.urlopen(f"{url}/livez", timeout=5):
                    pass
        except OSError:
            return False
        return True

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)

    def kill(self) -> None:
        """kill -9 of the server and its workers, and a new start."""
        os.killpg(self.group, signal.SIGKILL)
        self.wait()
        self.start()

    def processes(self) -> list[int]:
        """Return the ids of the server and of its workers."""
        assert self._process is not None
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, _, rest = path.read_text().rpartition(")")
                if int(rest.split()[2]) == self._process.pid and "(strace" not in name:
                    found.append(int(path.parent.name))
            except OSError:  # it has just ended
                continue
        return sorted(found)

    # --- its API ---

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """GET, or POST with a body; wait where too many are asked at once. Raises RuntimeError with the problem's text."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.console_url + path, data=data, headers=headers)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    return json.loads(response.read() or b"null")
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise RuntimeError(f"{path}: {error.code} {error.read().decode()}") from error
                time.sleep(float(error.headers["Retry-After"]))

    def settle(self, timeout_s: float = 120) -> None:
        """Wait until the gateway has nothing left to do in two looks one after the other."""
        end, quiet = time.monotonic() + timeout_s, 0
        while quiet < 2:
            if time.monotonic() > end:
                raise RuntimeError(f"not quiet: {self.ask('/api/v1/work')}")
            quiet = quiet + 1 if self.ask("/api/v1/work")["open"] == 0 else 0
            time.sleep(0.05)


def _own_as2_id(root: Path) -> str:
    text = (root / "partners" / "self" / "partner.yaml").read_text()
    return text.partition("as2: {id: ")[2].partition(",")[0]


def _tables(folder: Path) -> None:
    rows = ["gtin,name,name_zh,unit,supplier,supplier_item,pack,sales_price,purchase_price,currency,active"]
    rows += [
        f"{each.gtin},{each.name},,H87,{each.supplier},,{each.pack},{each.sales},{each.cost},EUR,true" for each in ITEMS
    ]
    (folder / "items.csv").write_text("\n".join(rows) + "\n")
    suppliers = ["partner,lead_time_days,review_days,service_factor,approval_limit,currency"]
    suppliers += [f"{each.id},3,1,1.64,100,EUR" for each in SUPPLIERS]
    (folder / "suppliers.csv").write_text("\n".join(suppliers) + "\n")
