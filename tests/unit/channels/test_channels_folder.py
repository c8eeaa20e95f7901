"""Files that partners put into folders: taken once they are whole, archived, set aside when they cannot be taken."""

import asyncio
import os
from itertools import count
from pathlib import Path

import pytest
from as2_world import EDIFACT, MemoryInbox, parcel

from gateway.channels.folder import FolderChannel
from gateway.model.faults import NetworkFault, OurFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.values import PartnerId


def partner(folder: str = "beta") -> Partner:
    channel = ChannelSettings(kind="folder", settings={"folder": folder})
    return Partner(id=PartnerId("beta"), name="Beta", channels={"folder": channel})


def channel(root: Path, **more: object) -> FolderChannel:
    ids = (f"arrival-{number:06d}" for number in count(1))
    return FolderChannel(root=root, new_id=lambda: next(ids), limit_bytes=1_000_000, stable_s=0.05, **more)  # type: ignore[arg-type]


async def looks(found: FolderChannel, inbox: MemoryInbox, times: int = 3) -> None:
    for _ in range(times):
        await found.look(partner(), "folder", inbox.accept)
        await asyncio.sleep(0.06)


async def test_a_file_is_taken_when_it_no_longer_grows_and_is_archived(tmp_path: Path) -> None:
    found, inbox = channel(tmp_path), MemoryInbox()
    await looks(found, inbox, 1)
    file = tmp_path / "beta" / "in" / "order 1.edi"
    file.write_bytes(EDIFACT[:20])
    for at in range(20, len(EDIFACT), 20):
        await looks(found, inbox, 1)
        with file.open("ab") as growing:
            growing.write(EDIFACT[at : at + 20])
    assert inbox.arrivals == []
    await looks(found, inbox)
    assert inbox.contents == [EDIFACT]
    assert inbox.arrivals[0].filename == "order 1.edi"
    assert list((tmp_path / "beta" / "in").iterdir()) == []
    [kept] = (tmp_path / "beta" / "archive").iterdir()
    assert kept.read_bytes() == EDIFACT


async def test_the_same_file_again_is_a_repeat_and_leaves_the_folder(tmp_path: Path) -> None:
    found, inbox = channel(tmp_path), MemoryInbox()
    await looks(found, inbox, 1)
    for _ in range(2):
        (tmp_path / "beta" / "in" / "a.edi").write_bytes(EDIFACT)
        await looks(found, inbox)
    assert inbox.contents == [EDIFACT]
    assert len(list((tmp_path / "beta" / "archive").iterdir())) == 2


async def test_what_cannot_be_taken_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    found, inbox = channel(tmp_path), MemoryInbox()
    await looks(found, inbox, 1)
    (tmp_path / "beta" / "in" / "empty.edi").touch()
    (tmp_path / "beta" / "in" / "large.edi").write_bytes(b"x" * 1_000_001)
    await looks(found, inbox)
    assert inbox.arrivals == []
    reasons = sorted(path.read_text().strip() for path in (tmp_path / "beta" / "error").glob("*.why"))
    assert reasons == ["folder.empty", "http.too-large"]


async def test_links_hidden_files_folders_and_drafts_are_left_alone(tmp_path: Path) -> None:
    found, inbox = channel(tmp_path), MemoryInbox()
    await looks(found, inbox, 1)
    watched = tmp_path / "beta" / "in"
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (watched / "link.edi").symlink_to(secret)
    (watched / ".hidden").write_bytes(b"x")
    (watched / "draft.tmp").write_bytes(b"x")
    (watched / "folder.edi").mkdir()
    os.mkfifo(watched / "pipe.edi")
    await looks(found, inbox)
    assert inbox.arrivals == []
    assert secret.read_bytes() == b"secret"


async def test_a_parcel_appears_whole_under_its_name_and_again_as_the_same(tmp_path: Path) -> None:
    found = channel(tmp_path)
    row = parcel(filename="../../etc/cron.d/x")
    for _ in range(2):
        proof = await found.send(found.wrap(row, partner(), "folder"), partner(), "folder")
    [written] = (tmp_path / "beta" / "out").iterdir()
    assert (written.read_bytes(), written.name) == (EDIFACT, f"{row.id}-x")
    assert proof.evidence == {"file": written.name}


async def test_a_disk_that_takes_nothing_is_tried_again(tmp_path: Path) -> None:
    found = channel(tmp_path)
    (tmp_path / "beta").write_bytes(b"a file where the folder should be")
    with pytest.raises(NetworkFault, match=r"folder\.not-written"):
        await found.send(found.wrap(parcel(), partner(), "folder"), partner(), "folder")


@pytest.mark.parametrize("name", ["", "..", "../other", "/etc", ".hidden", "a/b", "con"])
async def test_a_folder_outside_the_root_is_refused(tmp_path: Path, name: str) -> None:
    found = channel(tmp_path)
    with pytest.raises(OurFault, match=r"folder\.bad-name"):
        await found.look(partner(name), "folder", MemoryInbox().accept)


async def test_a_file_that_cannot_be_read_keeps_no_other_one_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found, inbox = channel(tmp_path), MemoryInbox()
    await looks(found, inbox, 1)
    watched, opened = tmp_path / "beta" / "in", os.open

    def refusing(path: Path, flags: int) -> int:
        if Path(path).name == "locked.edi":
            raise PermissionError(13, "Permission denied")
        return opened(path, flags)

    monkeypatch.setattr("gateway.channels.folder.os.open", refusing)
    (watched / "locked.edi").write_bytes(b"older")
    os.utime(watched / "locked.edi", (1, 1))
    (watched / "a.edi").write_bytes(EDIFACT)
    await looks(found, inbox, 5)
    assert inbox.contents == [EDIFACT]
    assert [path.name for path in watched.iterdir()] == ["locked.edi"]
    assert [record.getMessage() for record in caplog.records] == [
        "folder of beta: locked.edi: Permission denied; tried again in 60 s"
    ]


async def test_a_name_in_another_character_set_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    found, inbox = channel(tmp_path), MemoryInbox()
    await looks(found, inbox, 1)
    (tmp_path / "beta" / "in" / os.fsdecode("订单.edi".encode("gb18030"))).write_bytes(EDIFACT)
    await looks(found, inbox)
    [arrival] = inbox.arrivals
    for text in (arrival.filename, arrival.transport_id, arrival.dedupe_key, arrival.evidence["file"]):
        assert text is not None
        assert "�" in text.encode().decode()
    [kept] = (tmp_path / "beta" / "archive").iterdir()
    assert kept.read_bytes() == EDIFACT


async def test_what_is_wrong_with_a_folder_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gateway.channels.folder.LOOK_EVERY_S", 0.01)
    found, inbox = channel(tmp_path), MemoryInbox()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await found.watch(lambda: [partner("../other")], inbox.accept)
    assert [record.getMessage() for record in caplog.records] == ["folder of beta"]
