"""Bytes that may be large: handled by hash, size and chunks, never by loading them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol


class Payload(Protocol):
    """A handle to kept bytes. chunks() may be called again and starts from the first byte each time."""

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal digest of all bytes."""

    @property
    def size_bytes(self) -> int: ...

    def chunks(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class MemoryPayload:
    """A payload held in memory: for what is known to be small, and for tests."""

    data: bytes
    _digest: list[str] = field(init=False, repr=False, compare=False, default_factory=list)  # once it was asked for

    @property
    def sha256(self) -> str:
        """Return the SHA-256 digest of the bytes, in lower-case hexadecimal."""
        if not self._digest:
            self._digest.append(sha256(self.data).hexdigest())
        return self._digest[0]

    @property
    def size_bytes(self) -> int:
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), 65_536):
            yield self.data[start : start + 65_536]


def read_all(payload: Payload, limit_bytes: int) -> bytes:
    """Return all bytes. Raises ValueError when there are more than limit_bytes."""
    if payload.size_bytes > limit_bytes:
        raise ValueError(f"payload of {payload.size_bytes} bytes is over the limit of {limit_bytes}")
    return b"".join(payload.chunks())
