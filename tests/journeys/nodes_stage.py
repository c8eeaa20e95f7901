"""Several nodes on one PostgreSQL database, killed and stopped at will; an auditor that reads only mailboxes."""

import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psycopg
from auditor import Mailboxes
from node_program import GLNS, PARTNERS

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).parent / "node_program.py"

CONFIG = """\
instance: nodes.test
workers: 1
folders: {{partners: partners, mappings: {root}/mappings, schemas: {root}/schemas, var: var, blobs: ../blobs}}
planning: {{every_h: 0}}
{database}
"""


@dataclass(kw_only=True)
class Nodes:
    """folder: of everything. Each start gives the node its share of orders again: what was accepted is a repeat."""

    folder: Path
    url: str | None  # None: SQLite, and one node only
    running: dict[str, tuple[subprocess.Popen[str], tuple[int, int]]] = field(default_factory=dict)

    @property
    def box(self) -> Path:
        return self.folder / "mailbox"

    def start(self, name: str, share: tuple[int, int]) -> None:
        root = self.folder / name
        if not root.exists():
            self._prepare(root)
        self.box.mkdir(exist_ok=True)
        command = [sys.executable, str(PROGRAM), str(root), str(self.box), *map(str, share)]
        log = (self.folder / f"{name}.log").open("a")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.running[name] = (process, share)

    def _prepare(self, root: Path) -> None:
        shutil.copytree(ROOT / "partners", root / "partners")
        database = f'database: {{url: "{self.url}"}}' if self.url else ""
        (root / "config.yaml").write_text(CONFIG.format(root=ROOT, database=database))
        own = (root / "partners" / "nordmarkt" / "partner.yaml").read_text()
        for name, gln in list(zip(PARTNERS, GLNS, strict=True))[1:]:
            text = re.sub(r"gln:\n(  - .*\n)+", f'gln: ["{gln}"]\n', own).replace("NORDMARKT-AS2", name.upper())
            (root / "partners" / name).mkdir()
            (root / "partners" / name / "partner.yaml").write_text(text)

    def await_started(self, name: str) -> None:
        stdout = self.running[name][0].stdout
        assert stdout is not None
        assert stdout.readline(), (self.folder / f"{name}.log").read_text()[-2000:]

    def kill(self, name: str) -> None:
        process, _ = self.running[name]
        process.kill()
        process.wait()

    def restart(self, name: str) -> None:
        self.start(name, self.running[name][1])

    def send(self, name: str, number: signal.Signals) -> None:
        self.running[name][0].send_signal(number)

    def stop(self) -> None:
        for process, _ in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process, _ in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def mail(self) -> Mailboxes:
        return Mailboxes(folder=self.box, partners=PARTNERS)

    def await_responses(self, count: int, within_s: float) -> None:
        end = monotonic() + within_s
        while (there := len(self.mail.responses())) < count:
            assert monotonic() < end, f"{there} of {count}: " + "".join(
                path.read_text()[-1500:] for path in self.folder.glob("*.log")
            )
            sleep(0.2)

    def audit(self) -> None:
        """What the partners hold is whole, each thing once, in order; see auditor."""
        assert self.mail.faults([share for _, share in self.running.values()]) == []

    def query(self, statement: str) -> list[tuple[object, ...]]:
        assert self.url is not None
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload, no-any-return]
