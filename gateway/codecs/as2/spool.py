"""Where content is kept on its way through: in memory, or wherever the shell puts large things."""

from collections.abc import Callable, Iterable
from typing import Protocol

from gateway.model.payload import MemoryPayload, Payload


class Spool(Protocol):
    """Takes content in pieces; what finish() gives may be read again and again."""

    def write(self, data: bytes) -> object: ...

    def finish(self) -> Payload: ...


MakeSpool = Callable[[], Spool]


class MemorySpool:
    """Keeps content in memory: for what is known to be small."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._parts.append(data)

    def finish(self) -> Payload:
        return MemoryPayload(b"".join(self._parts))


def spooled(chunks: Iterable[bytes], spool: Spool) -> Payload:
    """Return chunks as a payload."""
    for chunk in chunks:
        spool.write(chunk)
    return spool.finish()
