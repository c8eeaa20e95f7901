from pathlib import Path

from demo_world import NOW

from gateway.demo.mailbox import Mailbox, safe_name, suffix_for


def posted(box: Mailbox, key: str = "ORDERS-1", data: bytes = b"UNB+...") -> object:
    return box.post(key, f"{key}@nordmarkt", data, "ORDERS", "N/1", "application/EDIFACT", "as2", NOW)


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    Mailbox(tmp_path).keep("<m1>", b"UNB+data", "ORDERS", "N1", "application/EDIFACT", NOW, {"body": "x"})
    again = Mailbox(tmp_path)
    (kept,) = again.received()
    assert again.data_of(kept) == b"UNB+data"
    assert again.find("<m1>") == kept
    assert kept.receipt == {"body": "x"}


def test_a_repeat_is_counted_and_kept_once(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    kept = box.keep("<m1>", b"UNB+data", "ORDERS", "N1", "", NOW, {})
    box.count_repeat(kept)
    assert len(list((tmp_path / "inbox").glob("*.edi"))) == 1
    assert Mailbox(tmp_path).find("<m1>").seen == 2


def test_the_same_key_is_posted_once_with_the_first_bytes(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    first = posted(box, data=b"UNB+first")
    assert posted(box, data=b"UNB+second") == first
    assert box.data_of(first) == b"UNB+first"


def test_what_is_not_acknowledged_is_pending_after_a_restart_under_the_same_message_id(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    first, second = posted(box, "A"), posted(box, "B")
    box.settle(first, "acked", {"status": 200})
    (waiting,) = Mailbox(tmp_path).pending()
    assert waiting == second
    assert waiting.message_id == "B@nordmarkt"


def test_a_file_without_its_note_was_never_complete_and_does_not_count(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    posted(box)
    next((tmp_path / "outbox").glob("*.note.json")).unlink()
    assert Mailbox(tmp_path).pending() == []


def test_document_numbers_cannot_lead_out_of_the_folder() -> None:
    assert safe_name("../../etc/passwd") == "etc-passwd"
    assert safe_name("...") == "document"


def test_the_suffix_follows_the_first_byte_that_is_not_space() -> None:
    assert [suffix_for(each) for each in (b"\n <a/>", b"\xef\xbb\xbf{}", b"UNA:+.? '")] == [".xml", ".json", ".edi"]
