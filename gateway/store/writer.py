"""The writer: one thread, many works per commit.

Each work runs in a savepoint of its own, so that one that raises leaves no trace and harms no other. Futures are done
only after the commit: who has waited knows that the bytes are on the disk.

A disk that fails to write or to flush ends the writer: what the system's cache holds may no longer be what the disk
holds, and a second flush may say that all is well. Only a new process, which reads the file anew, knows what is kept.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from itertools import groupby
from threading import Condition, Lock, Thread, current_thread
from types import TracebackType
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from gateway.model.faults import OurFault

WORKS_PER_COMMIT = 64
WAITING_WORKS = 4_096
DEADLOCKS = 6  # times that one batch is tried

Work = Callable[[Connection], Any]


class JournalBusy(OurFault):
    """The writer has more waiting than it may hold. The same call may succeed later."""

    temporary = True

    def __init__(self) -> None:
        super().__init__("journal.busy")


class CommitFailed(OurFault):
    """The commit failed, or its outcome is not known: acknowledge nothing, repeat with the same dedupe key."""

    temporary = True

    def __init__(self, cause: BaseException) -> None:
        super().__init__("journal.commit-failed", detail=f"{type(cause).__name__}: {cause}"[:300])
        self.__cause__ = cause


class DiskFailed(OurFault):
    """The disk did not take what was written. Nothing is written any more; the process must end."""

    temporary = True  # for partners: another process will take it

    def __init__(self, detail: str) -> None:
        super().__init__("journal.disk-failed", detail=detail)


_DISK_FAILURES = (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.SQLITE_IOERR_WRITE)


def _is_disk_failure(error: BaseException | None) -> bool:
    """True when SQLite could not write or flush its files; a full disk is none. PostgreSQL ends itself then."""
    return getattr(getattr(error, "orig", error), "sqlite_errorcode", None) in _DISK_FAILURES


class _Caught:
    """A context that keeps whatever was raised inside. The thread must outlive every work, and each caller must get its
    own error: the place to handle it is where the future is waited for."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self.error = error
        return True


def _is_deadlock(error: BaseException | None) -> bool:
    """True for a deadlock or a serialization failure (SQLSTATE class 40): nothing is wrong with the works."""
    cause = getattr(error, "orig", error)
    return (getattr(cause, "sqlstate", None) or "").startswith("40")


class Kind(NamedTuple):
    """What lets works run as one call. same: equal for works that may; together: called with the connection and every
    item, gives a result for each."""

    same: object
    together: Callable[[Connection, list[Any]], Sequence[Any]]
    item: object


class _Attempt:
    """One work and its future."""

    __slots__ = ("error", "future", "kind", "result", "work")

    def __init__(self, work: Work, kind: Kind | None) -> None:
        self.work, self.kind = work, kind
        self.future: Future[Any] = Future()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, connection: Connection) -> None:
        """Run the work inside a savepoint. Raises only when the savepoint itself is gone (a full disk, say): then the
        whole transaction is."""
        cursor = connection.connection.cursor()
        cursor.execute("SAVEPOINT work")
        caught = _Caught()
        with caught:
            self.result = self.work(connection)
        self.error = caught.error
        if _is_deadlock(caught.error):
            assert caught.error is not None
            raise caught.error
        if caught.error is not None:
            cursor.execute("ROLLBACK TO work")
        cursor.execute("RELEASE work")
        cursor.close()

    def give(self, result: object) -> None:
        """Take the result of a run together with others."""
        self.result, self.error = result, None

    def tell(self, failure: BaseException | None) -> None:
        """Resolve the future: what became of the whole transaction, else the work's own error. A database that goes
        away in the middle of a work takes the transaction along, and is no error of the work."""
        if failure is not None:
            self.future.set_exception(CommitFailed(failure))
        elif isinstance(self.error, DBAPIError) and self.error.connection_invalidated:
            self.future.set_exception(CommitFailed(self.error))
        elif self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def _run_all(connection: Connection, attempts: Sequence[_Attempt]) -> None:
    """Run works that stand side by side: those of one kind in one call, unless it fails."""
    first = attempts[0].kind
    if first is None or len(attempts) == 1 or not _run_together(connection, first, attempts):
        for each in attempts:
            each.run(connection)


def _run_together(connection: Connection, kind: Kind, attempts: Sequence[_Attempt]) -> bool:
    items = [each.kind.item for each in attempts if each.kind is not None]
    one = _Attempt(lambda connection: kind.together(connection, items), None)
    one.run(connection)
    if one.error is not None:
        return False
    for each, result in zip(attempts, one.result, strict=True):
        each.give(result)
    return True


class Writer:
    """Runs works in the order in which they come. Thread-safe.

    on_commit: called with "before" and "after" around each commit; tests plant crashes there.
    first: statement that opens every transaction.
    """

    def __init__(
        self, engine: Engine, on_commit: Callable[[str], None] | None = None, first: str | None = None
    ) -> None:
        self._engine = engine
        self._first = first
        self._on_commit = on_commit
        self._queue: deque[_Attempt] = deque()
        self._closed = False
        self._failure: str | None = None  # of the disk
        lock = Lock()
        self._work = Condition(lock)  # something waits, or the end has come
        self._room = Condition(lock)
        self.commits = 0  # for health and benchmarks
        self._thread = Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many works are queued."""
        return len(self._queue)

    @property
    def is_current_thread(self) -> bool:
        """True inside a work."""
        return current_thread() is self._thread

    def submit(self, work: Work, wait_s: float = 0.0, kind: Kind | None = None) -> Future[Any]:
        """Queue work. wait_s: how long to wait for room. kind: lets it run together with those queued beside it.

        Raises JournalBusy when there is none, DiskFailed once the disk has failed, OurFault journal.closed after close.
        """
        attempt = _Attempt(work, kind)
        with self._room:
            if not self._room.wait_for(lambda: self._closed or len(self._queue) < WAITING_WORKS, wait_s):
                raise JournalBusy
            if self._closed:
                raise OurFault("journal.closed")
            if self._failure is not None:
                raise DiskFailed(self._failure)
            self._queue.append(attempt)
            self._work.notify()
        return attempt.future

    def close(self) -> None:
        """Finish what is queued, then stop. A second call only waits for the first."""
        with self._room:
            self._closed = True
            self._work.notify_all()
            self._room.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            started = [each for each in batch if each.future.set_running_or_notify_cancel()]
            if not started:
                continue
            caught = _Caught()
            with caught:
                if self._failure is not None:
                    raise DiskFailed(self._failure)
                self._commit_patiently(started)
            self._watch_disk([caught.error, *(each.error for each in started)])
            for each in started:
                each.tell(caught.error)

    def _watch_disk(self, errors: Iterable[BaseException | None]) -> None:
        for error in errors:
            if self._failure is None and _is_disk_failure(error):
                self._failure = f"{type(error).__name__}: {error}"[:300]

    def _next_batch(self) -> list[_Attempt]:
        """Wait for work and take all of it, up to one commit's share; nothing means the end."""
        with self._work:
            self._work.wait_for(lambda: self._closed or bool(self._queue))
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), WORKS_PER_COMMIT))]
            self._room.notify(len(batch))
            return batch

    def _commit_patiently(self, batch: list[_Attempt]) -> None:
        """Run the batch again from its start, in the same order, when the database chose it as a deadlock's victim."""
        for _ in range(DEADLOCKS - 1):
            caught = _Caught()
            with caught:
                self._commit(batch)
            if not _is_deadlock(caught.error):
                if caught.error is not None:
                    raise caught.error
                return
        self._commit(batch)

    def _commit(self, batch: list[_Attempt]) -> None:
        with self._engine.begin() as connection:
            if self._first:
                connection.exec_driver_sql(self._first)
            for _, alike in groupby(batch, lambda each: each.kind and each.kind.same):
                _run_all(connection, list(alike))
            if self._on_commit:
                self._on_commit("before")
        self.commits += 1
        if self._on_commit:
            self._on_commit("after")
