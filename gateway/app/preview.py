"""Previews in child processes: a draft that hangs or grows is ended with its process, and nothing else with it.

The children are warm: they have everything imported and the definitions compiled, and are replaced after an end. What
comes from a child is a Preview or findings; a child opens no port and can write no file.
"""

import gc
import logging
import multiprocessing
import queue
import resource
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar, cast

from gateway.config.definitions import Definitions
from gateway.config.editor_view import Look, LookTask
from gateway.config.grammars import Grammars
from gateway.config.mappings import MappingFiles
from gateway.config.preview import Draft, Preview, PreviewBench
from gateway.config.schemas import load_directories
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding

log = logging.getLogger(__name__)
T = TypeVar("T")

LIMIT_S = 2.0
START_LIMIT_S = 60.0  # for a child to be ready; only the first preview after a start waits for it
GROWTH_BYTES = 256 * 1024**2  # that one preview may add to what a warm child has

Task = Callable[[PreviewBench], object]


@dataclass(frozen=True, slots=True)
class _Failed:
    """What a child answers when there is no result."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Try:
    """The usual task. Picklable, as every task must be."""

    draft: Draft

    def __call__(self, bench: PreviewBench) -> Preview:
        start = time.process_time_ns()
        found = bench.preview(self.draft)
        return replace(found, microseconds=(time.process_time_ns() - start) // 1000)


@dataclass(frozen=True, slots=True)
class TimedLook:
    """A look with the CPU time that the child has spent on it. Picklable."""

    task: LookTask

    def __call__(self, bench: PreviewBench) -> Look:
        start = time.process_time_ns()
        found = self.task(bench)
        spent = (time.process_time_ns() - start) // 1000
        return replace(found, preview=replace(found.preview, microseconds=spent))


def _child(connection: Connection, schemas: Path) -> None:
    """Serve previews until the parent closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    directories = load_directories(schemas)
    grammars = Grammars(schemas)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    bench: PreviewBench | None = None
    limited = False
    while True:
        try:
            definitions, task = connection.recv()
        except (EOFError, OSError):
            return
        if definitions is not None:
            bench = PreviewBench(MappingFiles(definitions, directories, grammars.of))
            connection.send(None)
            continue
        assert bench is not None
        if not limited:
            _limit_memory()
            limited = True
        gc.disable()  # one preview makes little garbage in cycles, and walking the warm book costs half its time
        try:
            connection.send(_answer(task, bench))
        finally:
            gc.enable()
            gc.collect(1)


def _limit_memory() -> None:
    """Let the process have what it has now and GROWTH_BYTES more."""
    data_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    most = data_pages * resource.getpagesize() + GROWTH_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _answer(task: Task, bench: PreviewBench) -> object:
    try:
        return task(bench)
    except Fault as fault:
        return _Failed(fault.findings or (fault.as_finding(),))
    except MemoryError:
        return _Failed((OurFault("preview.too-much-memory").as_finding(),))
    except RecursionError:
        return _Failed((OurFault("mapping.too-deep", value="-", at="-").as_finding(),))
    except Exception:
        log.exception("preview")
        return _Failed((OurFault("message.bug").as_finding(),))


@dataclass(slots=True)
class _Child:
    """One process and what it knows. digest: of the definitions it has."""

    process: BaseProcess
    connection: Connection
    digest: str = ""

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


@dataclass(kw_only=True)
class PreviewPool:
    """Runs previews one after the other in each of count children. Thread-safe; close it after use.

    definitions: those in force, asked for at each preview; a child that has others takes them over first, outside the
    time limit
    """

    definitions: Callable[[], Definitions]
    schemas: Path
    count: int = 1
    limit_s: float = LIMIT_S
    _idle: "queue.Queue[_Child]" = field(default_factory=queue.Queue)
    _children: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    def start(self) -> None:
        """Start the children; returns at once. The first preview starts them if nobody has."""
        with self._lock:
            missing = 0 if self._closed else self.count - self._children
            self._children += missing
        for _ in range(missing):
            threading.Thread(target=self._add, daemon=True).start()

    def preview(self, draft: Draft) -> Preview:
        """Return the preview of a draft. What is wrong with the draft is in it.

        Raises OurFault preview.too-slow, preview.too-much-memory, preview.too-large, partner.unknown.
        """
        return self.run(_Try(draft))

    def run(self, task: Callable[[PreviewBench], T], limit_s: float | None = None) -> T:
        """Run any picklable task on a bench in a child. Raises OurFault as preview does, and of the task."""
        self.start()
        limit_s = limit_s or self.limit_s
        child = self._ready()
        try:
            answer = _asked(child, (None, task), limit_s)
        except OurFault:
            self._replace(child)
            raise
        self._idle.put(child)
        if isinstance(answer, _Failed):
            first = answer.findings[0]
            if first.code == "preview.too-much-memory":
                self._replace(self._idle.get())
            raise OurFault(first.code, first.where, value=first.value, findings=answer.findings, **dict(first.params))
        return cast(T, answer)

    def _ready(self) -> _Child:
        """Return a child that has the definitions in force."""
        definitions = self.definitions()
        try:
            child = self._idle.get(timeout=START_LIMIT_S)
        except queue.Empty:
            raise OurFault("preview.too-slow", limit=str(START_LIMIT_S)) from None
        if child.digest != definitions.digest:
            try:
                _asked(child, (definitions, None), START_LIMIT_S)
            except OurFault:
                self._replace(child)
                raise
            child.digest = definitions.digest
        return child

    def _add(self) -> None:
        """Start one child with the definitions in force, and put it among the idle ones."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_child, args=(theirs, self.schemas), daemon=True)
        process.start()
        theirs.close()
        child = _Child(process, ours)
        try:
            definitions = self.definitions()
            _asked(child, (definitions, None), START_LIMIT_S)
            child.digest = definitions.digest
        except OurFault:
            log.exception("a preview process does not start")
            child.end()
            with self._lock:
                self._children -= 1
            return
        if self._closed:
            child.end()
        else:
            self._idle.put(child)

    def _replace(self, child: _Child) -> None:
        child.end()
        if not self._closed:
            threading.Thread(target=self._add, daemon=True).start()

    def close(self) -> None:
        """End every child; previews that run fail."""
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().end()
            except queue.Empty:
                return


def _asked(child: _Child, request: object, limit_s: float) -> object:
    """Send a request and return the answer. Raises OurFault preview.too-slow or preview.too-much-memory."""
    try:
        child.connection.send(request)
        if not child.connection.poll(limit_s):
            raise OurFault("preview.too-slow", limit=str(limit_s))
        return child.connection.recv()
    except (EOFError, OSError):  # the process is gone: the system has refused it memory in a place without handling
        raise OurFault("preview.too-much-memory") from None
