"""A person is erased from archive files too, and once more after a backup from before was restored."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from people_desk import SHOP, Desk, order
from sqlalchemy import create_engine, delete, select, text

from gateway.app.customer_record import CustomerRecord
from gateway.app.privacy import LEDGER, PrivacyDesk
from gateway.model.faults import OurFault
from gateway.store import archive
from gateway.store import tables as t
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.months import month_of
from gateway.store.view_evidence import ArrivalEvidence
from tests.unit.pipeline import pipeline_scene as scene

NAME, MAIL = "Jorg Neill-Kern", "j.neill@nord.example"
TOLD = f"NAD+DP+{SHOP}::9++Nordmarkt Hafen+Kai 4+Kiel++24103+DE'CTA+OC+:{NAME}'COM+{MAIL}:EM"
ALIAS = TOLD.replace(MAIL, "kern.private@nord.example")  # a spelling that only an old file has


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(CustomerRecord, "_certificate_days", lambda self, now: {})
    journal = SqlJournal.open(tmp_path / "journal.sqlite", MemoryBlobs())
    yield Desk(journal)
    journal.close()


def person(desk: Desk) -> str:
    return next(each.contact.id for each in desk.views.crm_contacts() if each.contact.name == NAME)


def archived(desk: Desk, tmp_path: Path) -> Path:
    """Put what there is so far into the archive file of its month, and take the messages out of the journal."""
    path = archive.path_of(Path(desk.folder.name) / "archive", month_of(scene.NOW))
    path.parent.mkdir()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(sqlite3.connect(path)) as connection:
        for table in ("crm_contact", "crm_party", "crm_party_key", "crm_event"):  # no archive has them
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
    for table in (t.effect, t.message):
        desk.journal.write(lambda tx, gone=table: tx.connection.execute(delete(gone)))
    return path


def heap(path: Path) -> bytes:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        rows = [row for table in t.metadata.sorted_tables for row in connection.execute(select(table))]
    engine.dispose()
    return b"\n".join(
        each if isinstance(each, bytes) else str(each).encode() for row in rows for each in row if each is not None
    )


def test_a_person_is_covered_in_archive_files_with_the_spellings_that_stand_only_there(
    desk: Desk, tmp_path: Path
) -> None:
    desk.take(order("PO1", ALIAS), reference="R1")
    desk.settle()
    path = archived(desk, tmp_path)
    desk.take(order("PO2", TOLD), reference="R2")
    desk.settle()
    assert b"kern.private" in heap(path)
    made = PrivacyDesk(record=desk.record).erase(person(desk), "mei", "asked by letter")
    assert (made.held, made.payloads > 2) == (0, True)
    for each in (path, tmp_path / "journal.sqlite"):
        left = heap(each)
        for form in (NAME.encode(), MAIL.encode(), b"kern.private"):
            assert form not in left, (each.name, form)
    with create_engine(f"sqlite:///{path}").connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM redaction")).scalar()


def test_the_list_of_erasures_holds_no_word_of_the_person_and_erases_again(desk: Desk) -> None:
    desk.take(order("PO1", TOLD), reference="R1")
    desk.settle()
    privacy, contact = PrivacyDesk(record=desk.record), person(desk)
    message = next(each.message for each in desk.views.crm_contacts() if each.contact.id == contact)
    before = desk.views.evidence(message)
    assert isinstance(before, ArrivalEvidence)
    assert not before.redacted
    privacy.erase(contact, "mei", "asked by letter")
    after = desk.views.evidence(message)
    assert isinstance(after, ArrivalEvidence)
    assert after.redacted
    ledger = Path(desk.folder.name) / LEDGER
    assert NAME not in ledger.read_text()
    assert privacy.again(ledger, "mei") == 0  # nobody of it is there any more
    desk.take(order("PO9", TOLD), reference="R9")  # as if an older backup had brought the person back
    desk.settle()
    assert person(desk) == contact
    assert privacy.again(ledger, "mei") == 1
    with pytest.raises(StopIteration):
        person(desk)
    (ledger.parent / "bad").write_text("[1]")
    with pytest.raises(OurFault, match="value-wrong"):
        privacy.again(ledger.parent / "bad", "mei")
