"""A partner's own mailbox: every file it received and sent, with a small JSON note beside each.

Folders of files, no database: an auditor reads them with nothing but his eyes. A note is written last and in one
step (temporary file, fsync, rename, fsync of the folder), so what has a note is complete.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

SendState = Literal["pending", "acked", "refused"]


def write_durably(path: Path, data: bytes) -> None:
    """Write data so that path has either its old or its new content, whatever happens, and survives a power cut."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def safe_name(text: str) -> str:
    """Return text with everything that may not stand in a file name replaced."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip(".-")[:60] or "document"


def suffix_for(data: bytes) -> str:
    """Return .xml, .json or .edi by the first byte that is not space."""
    first = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return {b"<": ".xml", b"{": ".json"}.get(first, ".edi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A received file. key: its Message-ID or Idempotency-Key; seen: how often it came; receipt: what was answered."""

    file: str
    key: str
    kind: str
    number: str
    received_at: str
    sha256: str
    content_type: str
    seen: int = 1
    receipt: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A file to send or sent. key: the partner's own name for it; message_id: the same on every attempt."""

    file: str
    key: str
    message_id: str
    kind: str
    number: str
    content_type: str
    filename: str
    queued_at: str
    line: str  # as2 or http
    state: SendState = "pending"
    attempts: int = 0
    outcome: Mapping[str, Any] = field(default_factory=dict)


class Mailbox:
    """inbox/ and outbox/ below folder."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "inbox"
        self.outbox = folder / "outbox"
        for each in (self.inbox, self.outbox):
            each.mkdir(parents=True, exist_ok=True)
        self._kept = {note["key"]: Kept(**note) for note in self._notes(self.inbox)}
        self._posted = {note["key"]: Posted(**note) for note in self._notes(self.outbox)}

    @staticmethod
    def _notes(folder: Path) -> Iterator[dict[str, Any]]:
        for path in sorted(folder.glob("*.note.json")):
            yield json.loads(path.read_text("utf-8"))

    @staticmethod
    def _store(folder: Path, entry: Kept | Posted, data: bytes | None = None) -> None:
        if data is not None:
            write_durably(folder / entry.file, data)
        note = json.dumps(asdict(entry), indent=1, ensure_ascii=False).encode()
        write_durably(folder / f"{entry.file}.note.json", note)

    def find(self, key: str) -> Kept | None:
        """Return what came under this Message-ID or Idempotency-Key before, or None."""
        return self._kept.get(key)

    def keep(
        self,
        key: str,
        data: bytes,
        kind: str,
        number: str,
        content_type: str,
        now: datetime,
        receipt: Mapping[str, Any],
    ) -> Kept:
        """Keep a file that came in for the first time; return its entry once it is on the disk."""
        entry = Kept(
            file=f"{len(self._kept) + 1:06d}-{safe_name(kind)}-{safe_name(number)}{suffix_for(data)}",
            key=key,
            kind=kind,
            number=number,
            received_at=now.isoformat(timespec="milliseconds"),
            sha256=sha256(data).hexdigest(),
            content_type=content_type,
            receipt=receipt,
        )
        self._store(self.inbox, entry, data)
        self._kept[key] = entry
        return entry

    def count_repeat(self, kept: Kept) -> Kept:
        """Note that a file came again; its bytes are kept once."""
        entry = replace(kept, seen=kept.seen + 1)
        self._store(self.inbox, entry)
        self._kept[kept.key] = entry
        return entry

    def post(
        self,
        key: str,
        message_id: str,
        data: bytes,
        kind: str,
        number: str,
        content_type: str,
        line: str,
        now: datetime,
    ) -> Posted:
        """Queue a file for sending; the same key again returns the first entry and changes nothing."""
        if key in self._posted:
            return self._posted[key]
        name = f"{len(self._posted) + 1:06d}-{safe_name(kind)}-{safe_name(number)}{suffix_for(data)}"
        entry = Posted(
            file=name,
            key=key,
            message_id=message_id,
            kind=kind,
            number=number,
            content_type=content_type,
            filename=name,
            queued_at=now.isoformat(timespec="milliseconds"),
            line=line,
        )
        self._store(self.outbox, entry, data)
        self._posted[key] = entry
        return entry

    def settle(self, posted: Posted, state: SendState, outcome: Mapping[str, Any]) -> Posted:
        """Write down how sending ended."""
        entry = replace(posted, state=state, attempts=posted.attempts + 1, outcome=outcome)
        self._store(self.outbox, entry)
        self._posted[posted.key] = entry
        return entry

    def count_attempt(self, posted: Posted) -> Posted:
        """Count an attempt that led to nothing; in memory only, the attempt changed nothing."""
        entry = replace(posted, attempts=posted.attempts + 1)
        self._posted[posted.key] = entry
        return entry

    def pending(self) -> list[Posted]:
        """Return what is still to be sent, oldest first."""
        return [each for each in self._posted.values() if each.state == "pending"]

    def posted(self, key: str) -> Posted | None:
        return self._posted.get(key)

    def sent(self) -> list[Posted]:
        """Return everything ever queued, in that order."""
        return list(self._posted.values())

    def received(self) -> list[Kept]:
        """Return everything received, in the order of arrival."""
        return list(self._kept.values())

    def counts(self) -> dict[str, int]:
        """Return how many files are pending, sent and received (repeats counted too)."""
        return {
            "pending": len(self.pending()),
            "sent": len(self._posted),
            "received": sum(each.seen for each in self._kept.values()),
        }

    def data_of(self, entry: Kept | Posted) -> bytes:
        folder = self.inbox if isinstance(entry, Kept) else self.outbox
        return (folder / entry.file).read_bytes()
