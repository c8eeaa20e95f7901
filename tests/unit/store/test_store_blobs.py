"""Large payloads: kept once, durable, and never outside their folder."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.channels.intake import Spooled, status_of
from gateway.model.faults import OurFault
from gateway.model.payload import MemoryPayload, read_all
from gateway.store.blobs import FileBlobs, MemoryBlobs, RowPayload


@pytest.fixture(params=["files", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> FileBlobs | MemoryBlobs:
    return FileBlobs(tmp_path / "blobs") if request.param == "files" else MemoryBlobs()


def test_bytes_come_back_whole_and_more_than_once(blobs: FileBlobs | MemoryBlobs) -> None:
    data = bytes(range(256)) * 1024
    digest = blobs.put(MemoryPayload(data))
    assert digest == sha256(data).hexdigest()
    found = blobs.get(digest)
    assert found.size_bytes == len(data)
    assert read_all(found, len(data)) == data
    assert b"".join(found.chunks()) == data


def test_an_unknown_digest_is_a_fault(blobs: FileBlobs | MemoryBlobs) -> None:
    with pytest.raises(OurFault) as caught:
        blobs.get("0" * 64)
    assert caught.value.code == "journal.blob-missing"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "/" * 64, "0" * 63 + "\n"])
def test_a_digest_cannot_name_another_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(OurFault) as caught:
        FileBlobs(tmp_path / "blobs").get(name)
    assert caught.value.code == "journal.blob-missing"


def test_the_same_bytes_are_written_once_and_leave_no_draft(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    digest = blobs.put(MemoryPayload(b"same"))
    (file,) = [each for each in (tmp_path / "blobs").rglob("*") if each.is_file()]
    first = file.stat().st_ino
    assert blobs.put(MemoryPayload(b"same")) == digest
    assert file.stat().st_ino == first
    assert [each for each in (tmp_path / "blobs").rglob("*") if each.is_file()] == [file]


@dataclass
class Liar:
    """A handle whose bytes are not those of its digest."""

    sha256: str = sha256(b"other").hexdigest()
    size_bytes: int = 4

    def chunks(self) -> list[bytes]:  # type: ignore[override]
        return [b"lies"]


def test_bytes_removed_at_the_moment_they_are_wanted_again_are_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs, real = FileBlobs(tmp_path / "blobs"), os.utime
    digest = blobs.put(MemoryPayload(b"large"))

    def removed_first(path: Path) -> None:
        path.unlink()
        real(path)

    monkeypatch.setattr(os, "utime", removed_first)
    assert blobs.put(MemoryPayload(b"large")) == digest
    assert read_all(blobs.get(digest), 5) == b"large"


def test_bytes_that_do_not_have_their_digest_are_refused_and_not_kept(blobs: FileBlobs | MemoryBlobs) -> None:
    with pytest.raises(OurFault) as caught:
        blobs.put(Liar())  # type: ignore[arg-type]
    assert caught.value.code == "journal.blob-damaged"
    with pytest.raises(OurFault):
        blobs.get(Liar().sha256)


def test_a_row_payload_gives_its_bytes_in_chunks() -> None:
    data = b"x" * 150_000
    payload = RowPayload(sha256(data).hexdigest(), len(data), data)
    assert [len(chunk) for chunk in payload.chunks()] == [65_536, 65_536, 18_928]


@contextmanager
def files_up_to(size_bytes: int) -> Iterator[None]:
    """Let the system refuse to write more into a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_refuses_is_a_fault_that_passes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    blobs, payload = FileBlobs(tmp_path), MemoryPayload(b"x" * 300_000)
    with files_up_to(100_000), pytest.raises(OurFault) as caught:
        blobs.put(payload)
    assert (caught.value.code, caught.value.temporary) == ("journal.blob-unwritable", True)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
    assert blobs.get(blobs.put(payload)).size_bytes == 300_000


def test_a_body_that_the_disk_refuses_is_answered_with_come_again(tmp_path: Path) -> None:
    body = Spooled(tmp_path)
    with files_up_to(100_000), pytest.raises(OurFault) as caught:
        body.write(b"x" * 1_100_000)
    assert status_of(caught.value) == 503
    body.close()
