"""Taking in request bodies: bounded in size, time and memory, spooled before anything looks at them."""

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from aiohttp import web

from gateway.model.faults import Fault, NetworkFault, OurFault, PartnerFault
from gateway.model.payload import Payload
from gateway.ports.shell import Accept

IN_MEMORY_BYTES = 1_000_000  # above it the body goes to a temporary file
PAUSE_S = 30.0  # longest wait for the next bytes of a body
TOTAL_S = 600.0  # longest time for one body
SLOWEST_BYTES_S = 1_000  # below this rate, once PAUSE_S have passed, a sender only holds a place
_PIECE = 65_536


class Mounted(Protocol):
    """A channel with a way in."""

    def mount(self, app: web.Application, accept: Accept) -> None:
        """Add the channel's routes to the partner listener."""


class Spooled:
    """A payload on its way: memory first, then an unnamed temporary file. close() gives the space back.

    write raises OurFault journal.blob-unwritable when the disk is full: the sender is told to come again."""

    def __init__(self, folder: Path | None = None) -> None:
        where = str(folder) if folder else None
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, dir=where)  # noqa: SIM115 - closed below
        self._digest = sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise OurFault("journal.blob-unwritable", detail=error.strerror or type(error).__name__) from error
        self._digest.update(data)
        self._size += len(data)

    def finish(self) -> Payload:
        return self

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def size_bytes(self) -> int:
        return self._size

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes from the beginning, in pieces."""
        at = 0
        while at < self._size:  # reads at its own place: two readers do not disturb each other
            self._file.seek(at)
            chunk = self._file.read(_PIECE)
            at += len(chunk)
            yield chunk

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what it still holds back does not fit either, and is thrown away anyhow
            self._file.close()


async def read_body(request: web.Request, spool: Spooled, limit_bytes: int) -> None:
    """Spool the body of request.

    Raises PartnerFault http.too-large, NetworkFault http.slow-body, http.broken-body, OurFault as Spooled.write."""
    if (request.content_length or 0) > limit_bytes:
        raise PartnerFault("http.too-large", limit=str(limit_bytes))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        async with asyncio.timeout(TOTAL_S):
            while True:
                taking_s = loop.time() - begun
                if taking_s > PAUSE_S and spool.size_bytes < taking_s * SLOWEST_BYTES_S:
                    raise NetworkFault("http.slow-body")
                async with asyncio.timeout(PAUSE_S):
                    chunk = await request.content.readany()
                if not chunk:
                    break
                if spool.size_bytes + len(chunk) > limit_bytes:
                    raise PartnerFault("http.too-large", limit=str(limit_bytes))
                if spool.size_bytes + len(chunk) > IN_MEMORY_BYTES:
                    await asyncio.to_thread(spool.write, chunk)
                else:
                    spool.write(chunk)
    except TimeoutError:
        raise NetworkFault("http.slow-body") from None
    except (web.RequestPayloadError, ConnectionError) as error:
        raise NetworkFault("http.broken-body") from error


def status_of(fault: Fault) -> int:
    """Return the HTTP status that says what a fault means to the caller."""
    return {
        "http.too-large": 413,
        "http.slow-body": 408,
        "http.unauthorized": 401,
        "http.id-reused": 409,
        "http.content-type": 415,
        "http.not-found": 404,
        "http.digest-differs": 412,
        "http.busy": 503,
    }.get(fault.code, 503 if fault.owner == "us" else 400)
