"""Several nodes on one PostgreSQL database, killed and stopped at will; an auditor that reads only mailboxes."""

import multiprocessing
import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import monotonic, sleep

import psycopg
from auditor import Mailboxes
from node_program import GLNS, PARTNERS, run

ROOT = Path(__file__).parents[2]
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["node_program"])
START_WITHIN_S = 60

CONFIG = """\
instance: nodes.test
workers: 1
folders: {{partners: partners, mappings: {root}/mappings, schemas: {root}/schemas, var: var, blobs: ../blobs}}
planning: {{every_h: 0}}
{database}
"""


@contextmanager
def _importable() -> Iterator[None]:
    """Let the process that is forked from, started with the first of its children, find the node's modules."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), str(ROOT), *([before] if before else ())])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


@dataclass(kw_only=True)
class Nodes:
    """folder: of everything. Each start gives the node its share of orders again: what was accepted is a repeat."""

    folder: Path
    url: str | None  # None: SQLite, and one node only
    running: dict[str, tuple[ForkServerProcess, tuple[int, int]]] = field(default_factory=dict)
    _ready: dict[str, Connection] = field(default_factory=dict)

    @property
    def box(self) -> Path:
        return self.folder / "mailbox"

    def start(self, name: str, share: tuple[int, int]) -> None:
        root = self.folder / name
        if not root.exists():
            self._prepare(root)
        self.box.mkdir(exist_ok=True)
        self._ready[name], told = FORKS.Pipe(duplex=False)
        process = FORKS.Process(target=run, args=(root, self.box, *share, self.folder / f"{name}.log", told))
        with _importable():
            process.start()
        told.close()
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
        ready = self._ready[name]
        try:
            assert ready.poll(START_WITHIN_S)
            ready.recv()
        except EOFError:
            raise AssertionError((self.folder / f"{name}.log").read_text()[-2000:]) from None

    def kill(self, name: str) -> None:
        process, _ = self.running[name]
        process.kill()
        process.join()

    def restart(self, name: str) -> None:
        self.start(name, self.running[name][1])

    def send(self, name: str, number: signal.Signals) -> None:
        pid = self.running[name][0].pid
        assert pid is not None
        os.kill(pid, number)

    def stop(self) -> None:
        for name, (process, _) in self.running.items():
            if process.is_alive():
                self.send(name, signal.SIGCONT)
                process.terminate()
        for process, _ in self.running.values():
            process.join(20)
            if process.exitcode is None:
                process.kill()
                process.join()

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
