"""Payload handles and the place of large payloads: one file per content, named by its SHA-256."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path

from gateway.model.faults import OurFault
from gateway.model.payload import MemoryPayload, Payload, read_all

ROW_LIMIT_BYTES = 256 * 1024  # up to here a payload is kept in its row: one commit, no second fsync
CHUNK_BYTES = 64 * 1024
_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class RowPayload:
    """A payload read from its row. The digest is the row's key and is not computed again."""

    sha256: str
    size_bytes: int
    data: bytes

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), CHUNK_BYTES):
            yield self.data[start : start + CHUNK_BYTES]


class BlobUnwritable(OurFault):
    """The disk refused a large payload: it is full, or fails. The same call may succeed later."""

    temporary = True

    def __init__(self, cause: OSError) -> None:
        super().__init__("journal.blob-unwritable", detail=cause.strerror or type(cause).__name__)


@dataclass(frozen=True, slots=True)
class FilePayload:
    """A payload in a file of the blob folder."""

    sha256: str
    size_bytes: int
    path: Path

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the file piece by piece."""
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


class FileBlobs:
    """Content-addressed files, durable when put returns. Thread-safe; several processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._serials = count(1)
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, payload: Payload) -> str:
        """Keep payload and return its digest. A second call for the same bytes writes nothing.

        Raises OurFault journal.blob-damaged when the bytes do not have the named digest, BlobUnwritable.
        """
        digest = payload.sha256
        path = self._path(digest)
        try:
            with suppress(FileNotFoundError):  # or removed at this moment
                os.utime(path)  # wanted again: see remove
                _fsync_folder(path.parent)  # whoever put it may not have come so far
                return digest
            self._put(payload, path)
        except OSError as error:
            raise BlobUnwritable(error) from error
        return digest

    def _put(self, payload: Payload, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        draft = path.parent / f".{path.name[:16]}.{os.getpid()}.{next(self._serials)}"
        try:
            written = _write(draft, payload)
            if written != path.name:
                raise OurFault("journal.blob-damaged", value=path.name)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _fsync_folder(path.parent)
        _fsync_folder(self._folder)

    def get(self, digest: str) -> Payload:
        """Raises OurFault journal.blob-missing."""
        path = self._path(digest)
        try:
            size_bytes = path.stat().st_size
        except FileNotFoundError:
            raise OurFault("journal.blob-missing", value=digest) from None
        return FilePayload(digest, size_bytes, path)

    def remove(self, digest: str, unless_within_s: float = 3600.0) -> None:
        """Delete a payload that no row names. One that was put within the last hour stays: a row may be on its way."""
        path, clock = self._path(digest), self._folder / ".clock"
        clock.touch()  # the disk's own time: what the files' times are told by
        try:
            if clock.stat().st_mtime - path.stat().st_mtime >= unless_within_s:
                path.unlink()
        except FileNotFoundError:
            return

    def _path(self, digest: str) -> Path:
        """A digest comes from rows and URLs: anything but 64 hexadecimal digits could name another file."""
        if len(digest) != 64 or not _DIGITS.issuperset(digest):
            raise OurFault("journal.blob-missing", value=digest)
        return self._folder / digest[:2] / digest


@dataclass(frozen=True, slots=True)
class MemoryBlobs:
    """The same in memory, for journals in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, payload: Payload) -> str:
        data = read_all(payload, payload.size_bytes)
        digest = sha256(data).hexdigest()
        if digest != payload.sha256:
            raise OurFault("journal.blob-damaged", value=payload.sha256)
        self.kept[digest] = data
        return digest

    def get(self, digest: str) -> Payload:
        """Raises OurFault journal.blob-missing."""
        if digest not in self.kept:
            raise OurFault("journal.blob-missing", value=digest)
        return MemoryPayload(self.kept[digest])


def _write(draft: Path, payload: Payload) -> str:
    """Write and flush the bytes to the disk; return the digest of what was written."""
    running = sha256()
    with draft.open("xb") as file:
        for chunk in payload.chunks():
            running.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return running.hexdigest()


def _fsync_folder(folder: Path) -> None:
    """Make the new name durable, not only the bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
