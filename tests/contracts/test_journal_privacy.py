"""A person taken out of everything that is kept: bytes, rows, register; legal holds and terms."""

from datetime import timedelta

import pytest
from people_desk import SHOP, Desk, order
from sqlalchemy import String, Text, insert, select

from gateway.app.customer_record import CustomerRecord
from gateway.app.privacy import PrivacyDesk
from gateway.domain.crm.interactions import Interaction
from gateway.domain.crm.privacy import PersonTerm, Processor
from gateway.model.faults import OurFault
from gateway.store import tables as t
from gateway.store.forms import dump
from gateway.store.journal import SqlJournal
from gateway.store.tables_crm import crm_act, crm_case
from tests.unit.pipeline import pipeline_scene as scene

NAME, MAIL = "Jörg Neill-Kern", "j.neill@nord.example"
PERSON = f"CTA+OC+:{NAME}'COM+?+49 431 998877:TE'COM+{MAIL}:EM"
TOLD = f"NAD+DP+{SHOP}::9++Nordmarkt Hafen+Kai 4+Kiel++24103+DE'{PERSON}"


@pytest.fixture
def desk(journal: SqlJournal, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(CustomerRecord, "_certificate_days", lambda self, now: {})
    found = Desk(journal)
    for number in (1, 2):
        paper = scene.envelope(order(f"PO{number}", TOLD), reference=f"R{number}").decode().encode("latin-1")
        found.line.take(paper, "nordmarkt")
    found.take(order("PO3", f"NAD+DP+{SHOP}::9'CTA+OC+:Petra Kern"), reference="R3")
    found.settle()
    return found


def privacy(desk: Desk) -> PrivacyDesk:
    return PrivacyDesk(record=desk.record)


def person(desk: Desk, name: str = NAME) -> str:
    return next(each.contact.id for each in desk.views.crm_contacts() if each.contact.name == name)


def everywhere(desk: Desk) -> bytes:
    """Return every text and every payload of the journal in one heap, but for the audit and the erasures' reasons."""
    heap: list[bytes] = []
    with desk.journal.reader.connect() as connection:
        for table in t.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                heap += [each if isinstance(each, bytes) else str(each).encode() for each in row if each is not None]
    return b"\n".join(heap)


def test_an_erased_person_is_nowhere_and_everything_else_is_as_before(desk: Desk) -> None:
    talk = Interaction(
        id="", account="nordmarkt", at=scene.NOW, kind="call", subject="Call", text=f"{NAME} asked for {MAIL}",
        contact=person(desk),
    )  # fmt: skip
    desk.change(talk)
    digests = {row["sha256"]: (row["size_bytes"], bytes(row["data"])) for row in desk.line.rows("payload")}
    assert MAIL.encode() in everywhere(desk)
    made = privacy(desk).erase(person(desk), "mei", "asked by letter")
    assert (made.payloads, made.held) == (6, 0)  # two orders, and the answer and despatch advice that repeat the name
    left = everywhere(desk)
    for form in (NAME.encode(), NAME.encode("latin-1"), b"Neill-Kern", MAIL.encode(), b"998877"):
        assert form not in left, form
    assert b"Petra Kern" in left
    after = {row["sha256"]: bytes(row["data"]) for row in desk.line.rows("payload")}
    assert set(after) == set(digests)  # the digest of the original stays its name
    for digest, (size, before) in digests.items():
        assert len(after[digest]) == size
        assert [each[:3] for each in after[digest].split(b"'")] == [each[:3] for each in before.split(b"'")] or (
            b"Neill" in before
        )
    [found] = desk.views.erasures()
    assert (found.reason, found.held) == ("asked by letter", 0)
    assert [each.contact.name for each in desk.views.crm_contacts()] == ["Petra Kern"]


def test_after_an_erasure_a_rebuild_gives_the_same_and_the_message_can_be_read_again(desk: Desk) -> None:
    privacy(desk).erase(person(desk), "mei", "asked")
    desk.record.measure()
    before = desk.everything()
    desk.record.rebuild("mei")
    assert desk.everything() == before
    row = next(each for each in desk.line.rows("message") if each["business_number"] == "PO1")
    raw = desk.views.raw(row["arrival"])
    assert raw is not None
    again = scene.read(raw.data, use=desk.line.book)
    assert [each.state for each in again.messages] == ["parsed"]


def test_what_a_legal_hold_keeps_stays_until_it_is_released(desk: Desk) -> None:
    row = next(each for each in desk.line.rows("message") if each["business_number"] == "PO1")
    hold = desk.journal.write(lambda tx: tx.hold_records("h1", "a court asks", "mei", scene.NOW, subject=row["id"]))
    made = privacy(desk).erase(person(desk), "mei", "asked")
    assert made.payloads == 3  # the other order with its answers
    assert made.held > 0
    assert MAIL in str(next(each["document"] for each in desk.line.rows("message", id=row["id"])))
    other = next(each for each in desk.line.rows("message") if each["business_number"] == "PO2")
    assert MAIL not in str(other["document"])
    desk.journal.write(lambda tx: tx.release_records(hold.id, "mei", "over", scene.NOW))
    assert privacy(desk).erase(person(desk), "mei", "asked").held == 0
    assert MAIL.encode() not in everywhere(desk)


def test_a_person_gets_a_copy_of_all_that_is_kept(desk: Desk) -> None:
    told = privacy(desk).export(person(desk), "mei")
    assert told["contact"]["mail"] == MAIL
    assert {each["number"] for each in told["documents"]} >= {"PO1", "PO2"}
    assert "PO3" not in {each["number"] for each in told["documents"]}
    assert "+49 431 998877" in told["spellings"]
    with pytest.raises(OurFault, match="contact-unknown"):
        privacy(desk).export("nobody", "mei")


def test_past_its_term_a_document_names_nobody_and_before_it_does(desk: Desk) -> None:
    privacy(desk).change(PersonTerm(type="Order", months=6), "mei")
    assert privacy(desk).apply_terms() == 0
    assert MAIL.encode() in everywhere(desk)
    desk.clock.advance(timedelta(days=250))
    assert privacy(desk).apply_terms() == 3
    assert all("Petra" not in str(row["document"]) for row in desk.line.rows("message"))
    assert privacy(desk).apply_terms() == 0


def test_documents_under_a_hold_keep_no_other_from_its_term(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as one round takes are held, and they are the oldest."""
    monkeypatch.setattr("gateway.app.privacy.AT_ONCE", 1)
    privacy(desk).change(PersonTerm(type="Order", months=6), "mei")
    row = next(each for each in desk.line.rows("message") if each["business_number"] == "PO1")
    desk.journal.write(lambda tx: tx.hold_records("h1", "a court asks", "mei", scene.NOW, subject=row["id"]))
    desk.clock.advance(timedelta(days=250))
    assert privacy(desk).apply_terms() == 2
    left = {each["business_number"]: str(each["document"]) for each in desk.line.rows("message")}
    assert [number for number, each in sorted(left.items()) if MAIL in each or "Petra" in each] == ["PO1"]


def test_a_copy_leaves_no_talk_out(desk: Desk) -> None:
    for number in range(101):
        desk.change(
            Interaction(
                id="", account="nordmarkt", at=scene.NOW, kind="call", subject=f"Call {number}", text="",
                contact=person(desk),
            )
        )  # fmt: skip
    assert len(privacy(desk).export(person(desk), "mei")["interactions"]) == 101


def test_what_was_written_at_a_case_of_the_account_is_covered(desk: Desk) -> None:
    act = {"case": "c1", "at": 1, "kind": "noted", "actor": "mei", "data": dump({"text": f"{NAME} will call"})}
    case = {column.name: "x" for column in crm_case.columns if not column.nullable and column.default is None}
    numbers = {column.name: 1 for column in crm_case.columns if not isinstance(column.type, String)}
    kept = {**case, **{name: each for name, each in numbers.items() if name in case}, "id": "c1"}
    desk.journal.write(lambda tx: tx.connection.execute(insert(crm_case), [{**kept, "account": "nordmarkt"}]))
    desk.journal.write(lambda tx: tx.connection.execute(insert(crm_act), [act]))
    privacy(desk).erase(person(desk), "mei", "asked")
    assert NAME.encode() not in everywhere(desk)


def test_a_processor_has_an_agreement_or_is_told_to_have_none(desk: Desk) -> None:
    given = Processor(id="tryton", name="ERP host", purpose="bookkeeping", fields=("name", "mail"), country="de")
    privacy(desk).change(given, "mei")
    [found] = desk.views.processors()
    assert (found.country, found.covers("2026-11-22")) == ("DE", False)
    privacy(desk).change(
        Processor(id="tryton", name="ERP host", purpose="bookkeeping", agreement="DPA 7", ends_on="2027-01-01"), "mei"
    )
    [found] = desk.views.processors()
    assert (found.covers("2026-11-22"), found.covers("2027-01-02")) == (True, False)
    with pytest.raises(OurFault, match="value-wrong"):
        privacy(desk).change(Processor(id="x", name="x", purpose="x", ends_on="soon"), "mei")


def test_no_table_with_words_of_partners_is_forgotten() -> None:
    from gateway.store.crm_privacy import _LEFT_ALONE

    texts = {table.name for table in t.metadata.sorted_tables for each in table.columns if isinstance(each.type, Text)}
    assert texts >= {"message", "effect", "place", "business_order"}
    assert _LEFT_ALONE & {"message", "effect", "place", "customer", "business_order", "parcel", "event"} == set()
