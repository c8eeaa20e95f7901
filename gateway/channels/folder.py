"""The folder channel: files put into a partner's folder come in, parcels are written out; for partners on this disk.

    in/       watched; a file is taken when its size and time have not changed for STABLE_S, then moved to
    archive/  or, when it cannot be taken, to error/ with a line that says why
    out/      what we send: written under a temporary name, made durable, then renamed; nothing is ever executed

A name is data: it is shown, never used to find anything but the entry itself.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.channels.intake import Spooled
from gateway.codecs.mime import safe_filename
from gateway.model.faults import Fault, NetworkFault, OurFault, PartnerFault
from gateway.model.partner import Partner
from gateway.model.payload import read_all
from gateway.ports.records import Arrival, ParcelRow, Proof, Wrapped
from gateway.ports.shell import Accept

log = logging.getLogger(__name__)

STABLE_S = 2.0
LOOK_EVERY_S = 1.0
REST_S = 60.0  # how long a file that cannot be read is left alone, so that it keeps no other one waiting
MOST_AT_ONCE = 100  # files per look and partner: one flooded folder must not keep the others waiting
_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class _Seen:
    size: int
    changed_ns: int
    since: float


class FolderChannel:
    """ports.shell.Channel over folders below one root; the partner's folder is its setting `folder`, a plain name."""

    name = "folder"

    def __init__(
        self, *, root: Path, new_id: Callable[[], str], limit_bytes: int = 50_000_000, stable_s: float = STABLE_S
    ) -> None:
        self._root = root
        self._new_id = new_id
        self._limit_bytes = limit_bytes
        self._stable_s = stable_s
        self._seen: dict[Path, _Seen] = {}
        self._told: dict[tuple[str, str], str] = {}  # partner and way: what was last logged of its folder

    # --- out ----------------------------------------------------------------------------------------------------------

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        """The payload as it is. transport_id: the file's name, made from the parcel's id."""
        name = safe_filename(parcel.filename) or "document"
        return Wrapped(
            headers=(("Content-Type", parcel.content_type), ("X-Filename", f"{parcel.id}-{name}")),
            body=read_all(parcel.payload, self._limit_bytes),
            transport_id=parcel.id,
        )

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        """Write the file; writing it again replaces it by the same. Raises NetworkFault, OurFault."""
        folder = self._folder(partner, over) / "out"
        name = safe_filename(dict(wrapped.headers)["X-Filename"]) or wrapped.transport_id
        try:
            await asyncio.to_thread(_write, folder, name, wrapped.body)
        except OSError as error:
            raise NetworkFault("folder.not-written", value=name, detail=error.strerror or "?") from error
        return Proof(state="acked", evidence={"file": name})

    # --- in -----------------------------------------------------------------------------------------------------------

    async def watch(self, partners: Callable[[], list[Partner]], accept: Accept) -> None:
        """Look at every partner's folder until cancelled."""
        while True:
            for partner in partners():
                for over, channel in partner.channels.items():
                    if channel.kind == self.name:
                        await self._look_safely(partner, over, accept)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look_safely(self, partner: Partner, over: str, accept: Accept) -> None:
        """Look; what is wrong with one partner's folder is logged once, until it changes, and holds up nobody else."""
        wrong = ""
        try:
            await self.look(partner, over, accept)
        except (Fault, OSError) as error:
            wrong = f"{type(error).__name__}: {error}"
            if self._told.get((partner.id, over)) != wrong:
                log.exception("folder of %s", partner.id)
        self._told[(partner.id, over)] = wrong

    async def look(self, partner: Partner, over: str, accept: Accept) -> int:
        """Take what is stable in one partner's folder; return how many files were taken."""
        folder = self._folder(partner, over)
        now = asyncio.get_running_loop().time()
        ready = await asyncio.to_thread(self._stable, folder, now)
        for path in ready:
            await self._take(path, folder, partner, accept)
        return len(ready)

    def _stable(self, folder: Path, now: float) -> list[Path]:
        """Return regular files whose size and time have not changed for a while; hidden and .tmp ones are not ours yet.
        A link is never followed: it could name any file of this machine."""
        for name in ("in", "out", "archive", "error"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        found: list[Path] = []
        present: set[Path] = set()
        with os.scandir(folder / "in") as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name.endswith((".tmp", ".part", ".filepart")):
                    continue
                if not entry.is_file(follow_symlinks=False):
                    continue
                path, stat = Path(entry.path), entry.stat(follow_symlinks=False)
                present.add(path)
                last = self._seen.get(path)
                if last is None or (last.size, last.changed_ns) != (stat.st_size, stat.st_mtime_ns):
                    self._seen[path] = last = _Seen(stat.st_size, stat.st_mtime_ns, now)
                if now - last.since >= self._stable_s:
                    found.append(path)
        for gone in [path for path in self._seen if path.parent == folder / "in" and path not in present]:
            del self._seen[gone]
        return sorted(found, key=lambda path: self._seen[path].changed_ns)[:MOST_AT_ONCE]

    async def _take(self, path: Path, folder: Path, partner: Partner, accept: Accept) -> None:
        """Take one file. What this machine will not let us read or move is logged and left for REST_S."""
        body, name = Spooled(), shown_name(path)
        try:
            await asyncio.to_thread(self._read, path, body)
            arrival_id = self._new_id()
            accepted = await accept(
                Arrival(
                    id=arrival_id,
                    channel=self.name,
                    partner=partner.id,
                    payload=body,
                    filename=safe_filename(name),
                    dedupe_key=f"folder:{partner.id}:{name}:{body.sha256}",
                    transport_id=name[:255],
                    evidence={"file": name[:255]},
                )
            )
            await asyncio.to_thread(_move, path, folder / "archive", f"{accepted.arrival_id}-{arrival_id[-6:]}")
        except PartnerFault as fault:
            await asyncio.to_thread(_set_aside, path, folder / "error", self._new_id(), fault.code)
        except OSError as error:
            log.warning("folder of %s: %s: %s; tried again in %d s", partner.id, name, error.strerror, REST_S)
            seen = self._seen[path]
            self._seen[path] = replace(seen, since=seen.since + REST_S)
        finally:
            body.close()

    def _read(self, path: Path, body: Spooled) -> None:
        """Raises PartnerFault folder.empty, http.too-large; OSError."""
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            while chunk := file.read(_PIECE):
                if body.size_bytes + len(chunk) > self._limit_bytes:
                    raise PartnerFault("http.too-large", limit=str(self._limit_bytes))
                body.write(chunk)
        if body.size_bytes == 0:
            raise PartnerFault("folder.empty", value=shown_name(path))

    def _folder(self, partner: Partner, over: str) -> Path:
        name = partner.channels[over].settings.get("folder", "")
        if not name or safe_filename(name) != name or name.startswith("."):
            raise OurFault("folder.bad-name", value=name, partner=partner.id)
        return self._root / name


def shown_name(path: Path) -> str:
    """Return the name of a file as text, whatever bytes a partner has put into it."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _write(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{name}.tmp"
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / name)
    _sync(folder)


def _move(path: Path, folder: Path, prefix: str) -> None:
    """Move a taken file away under a name of ours; a crash before leaves it to be taken again, as a repeat."""
    name = safe_filename(shown_name(path)) or "file"
    path.rename(folder / f"{prefix}-{name}")
    _sync(folder)
    _sync(path.parent)


def _set_aside(path: Path, folder: Path, prefix: str, why: str) -> None:
    _move(path, folder, prefix)
    with suppress(OSError):
        (folder / f"{prefix}.why").write_text(f"{why}\n")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
