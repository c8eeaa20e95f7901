"""Large payloads: kept once, durable, and never outside their folder."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

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
    first = file.stat().st_mtime_ns
    assert blobs.put(MemoryPayload(b"same")) == digest
    assert file.stat().st_mtime_ns == first
    assert [each for each in (tmp_path / "blobs").rglob("*") if each.is_file()] == [file]


@dataclass
class Liar:
    """A handle whose bytes are not those of its digest."""

    sha256: str = sha256(b"other").hexdigest()
    size_bytes: int = 4

    def chunks(self) -> list[bytes]:  # type: ignore[override]
        return [b"lies"]


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
