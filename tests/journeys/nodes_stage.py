"""Several nodes on one PostgreSQL database, killed and stopped at will; an auditor that reads only mailboxes."""

import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psycopg
from node_program import GLNS, PARTNERS

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).parent / "node_program.py"

CONFIG = """\
instance: nodes.test
workers: 1
folders: {{partners: partners, mappings: {root}/mappings, schemas: {root}/schemas, var: var, blobs: ../blobs}}
planning: {{every_h: 0}}
database: {{url: "{url}"}}
"""


@dataclass(kw_only=True)
class Nodes:
    """folder: of everything. Each start gives the node its share of orders again: what was accepted is a repeat."""

    folder: Path
    url: str
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
        (root / "config.yaml").write_text(CONFIG.format(root=ROOT, url=self.url))
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

    def answered(self) -> set[int]:
        """Numbers of the orders whose senders have been told that they are kept."""
        return {int(line) for path in self.box.glob("answered-*") for line in path.read_text().split()}

    def responses(self) -> list[tuple[str, str, str]]:
        """Return (partner, response number, order number) of every ORDRSP in the mailboxes."""
        found = []
        for partner in PARTNERS:
            for path in (self.box / partner).glob("*"):
                text = path.read_bytes().decode()
                if "ORDRSP:" in text:
                    response, ordered = re.search(r"BGM\+\d+\+([^+']+)", text), re.search(r"RFF\+ON:([^+']+)", text)
                    assert response is not None
                    assert ordered is not None
                    found.append((partner, response[1], ordered[1]))
        return found

    def controls(self) -> Counter[str]:
        """Count the CONTRL per interchange of the orders."""
        texts = [path.read_bytes().decode() for partner in PARTNERS for path in (self.box / partner).glob("*")]
        return Counter(found[1] for text in texts if (found := re.search(r"UCI\+(R\d+)\+", text)))

    def await_responses(self, count: int, within_s: float) -> None:
        end = monotonic() + within_s
        while len(self.responses()) < count:
            assert monotonic() < end, f"{len(self.responses())} of {count}: " + "".join(
                path.read_text()[-1500:] for path in self.folder.glob("*.log")
            )
            sleep(0.2)

    def audit(self, count: int) -> None:
        """Every acknowledged order has one response and one CONTRL; each partner's are in the order of the orders."""
        assert self.answered() == set(range(1, count + 1))
        answers = self.responses()
        assert Counter(each[2] for each in answers) == {f"PO-{n:05d}": 1 for n in range(1, count + 1)}
        assert self.controls() == {f"R{n}": 1 for n in range(1, count + 1)}
        assert list(self.box.glob("*/*.changed")) == []

    def query(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload, no-any-return]
