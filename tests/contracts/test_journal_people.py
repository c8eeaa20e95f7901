"""Parties and persons of real documents on every journal: candidates, decisions, merges, and a rebuild to the same."""

from dataclasses import replace
from datetime import timedelta

import pytest
from people_desk import DEPOT, SHOP, SHOP_TOLD, Desk, order, partin
from sqlalchemy import text

from gateway.app.customer_record import CustomerRecord
from gateway.domain.crm.contacts import Contact, Profile
from gateway.domain.crm.decisions import AccountMerge, CaseRequest, PartyDecision, Undo
from gateway.model.faults import OurFault
from gateway.store.journal import SqlJournal
from tests.unit.pipeline import pipeline_scene as scene


@pytest.fixture
def desk(journal: SqlJournal, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(CustomerRecord, "_certificate_days", lambda self, now: {})
    return Desk(journal)


def test_a_place_beside_an_order_is_a_candidate_and_a_partner_is_itself(desk: Desk) -> None:
    desk.take(order("PO1", SHOP_TOLD))
    [found] = desk.candidates()
    assert (found.party.name, found.party.gln, found.party.roles) == ("Nordmarkt Hafen", SHOP, ("shipTo",))
    assert found.party.place == "shipTo"
    message = desk.views.message(found.party.last_message)
    assert message is not None
    assert message.line.business_number == "PO1"
    sheet = desk.views.crm_sheet("nordmarkt")
    assert [each.party.gln for each in sheet.sites] == [scene.NORDMARKT]
    [person] = desk.views.crm_contacts(account="nordmarkt")
    assert (person.contact.name, person.contact.phone, person.contact.mail) == (
        "Anna Brandt", "+49431998877", "a.brandt@nord.example",
    )  # fmt: skip


def test_what_was_accepted_is_known_the_next_time_and_undone_it_is_open_again(desk: Desk) -> None:
    desk.take(order("PO1", SHOP_TOLD))
    [found] = desk.candidates()
    desk.change(PartyDecision(party=found.party.id, what="accept", account="nordmarkt"))
    assert desk.candidates() == ()
    desk.take(order("PO9", SHOP_TOLD, buyer=scene.STADTKETTE), "stadtkette", "R9")  # another partner names the place
    assert desk.candidates() == ()
    sites = desk.views.crm_sheet("nordmarkt").sites
    assert sorted(each.party.teller for each in sites if each.party.gln == SHOP) == ["nordmarkt", "stadtkette"]
    [decision] = desk.views.crm_decisions()
    desk.change(Undo(decision=decision.id))
    assert {each.party.teller for each in desk.candidates()} == {"nordmarkt", "stadtkette"}
    with pytest.raises(OurFault, match="decision-unknown"):
        desk.change(Undo(decision=decision.id))


def test_a_rejected_party_is_not_asked_for_again(desk: Desk) -> None:
    desk.take(order("PO1", SHOP_TOLD))
    [found] = desk.candidates()
    desk.change(PartyDecision(party=found.party.id, what="reject", reason="a forwarder"))
    desk.take(order("PO2", SHOP_TOLD), reference="R2")
    assert desk.candidates() == ()


def test_master_data_makes_a_tree_of_places_without_a_question(desk: Desk) -> None:
    told = (
        f"NAD+DP+{DEPOT}::9++Lager Ost+Am Gleis 1+Ulm++89073+DE'RFF+IT:{scene.NORDMARKT}",
        f"NAD+DP+{SHOP}::9++Markt Hafen+Kai 4+Kiel++24103+DE'RFF+IT:{DEPOT}",
    )
    desk.take(partin("P1", *told))
    assert desk.candidates() == ()
    desk.take(order("PO1", SHOP_TOLD), reference="R2")  # what an order says of it changes no master data
    sites = {each.party.gln: each for each in desk.views.crm_sheet("nordmarkt").sites}
    assert sites[SHOP].party.name == "Markt Hafen"
    assert (sites[DEPOT].depth, sites[SHOP].depth) == (0, 1) or sites[SHOP].depth == sites[DEPOT].depth + 1


def test_a_name_that_is_alike_is_suggested_with_its_reasons_in_both_scripts(desk: Desk) -> None:
    desk.take(order("PO1", "NAD+IV+++Nordmarkt Handels-AG+Hauptstr. 1+Hamburg++20095+DE"))
    [found] = desk.candidates()
    assert found.suggestions[0].account == "nordmarkt"
    made = desk.change(PartyDecision(party=found.party.id, what="accept", name="上海東方貿易有限公司", kind="customer"))
    twin = desk.change(Profile(account="", name="上海东方贸易 (集团) 有限公司", kind="customer"))
    pairs = desk.views.crm_twins(desk.record.names())
    assert {made, twin} in [{each.one, each.other} for each in pairs]


def test_a_merge_brings_everything_together_and_undone_everything_apart(desk: Desk) -> None:
    desk.take(order("PO1", SHOP_TOLD))
    desk.take(order("PO2", buyer=scene.STADTKETTE), "stadtkette", "R2")
    desk.clock.advance(timedelta(days=200))
    desk.record.notice()
    desk.record.measure()
    before = desk.everything()
    assert any(row[1] == "stadtkette" for row in before["crm_event"])
    number = desk.change(AccountMerge(gone="stadtkette", kept="nordmarkt", reason="one chain now"))
    merged = desk.everything()
    assert not any(row[1] == "stadtkette" for row in merged["crm_event"])
    assert desk.views.crm_members("nordmarkt") == ("nordmarkt", "stadtkette")
    assert desk.views.crm_sheet("stadtkette").merged_into == "nordmarkt"
    documents = desk.views.account_number("nordmarkt", "orders")
    assert documents is not None
    assert {each.subject for each in documents.documents} == {"PO1", "PO2"}
    desk.record.rebuild("mei")
    assert desk.everything() == merged
    with pytest.raises(OurFault):
        desk.change(AccountMerge(gone="nordmarkt", kept="stadtkette"))
    desk.change(Undo(decision=int(number)))
    assert desk.everything() == before
    desk.record.rebuild("mei")
    assert desk.everything() == before


def test_a_rebuild_gives_the_same_whatever_was_decided_and_in_whatever_order_it_was_heard(desk: Desk) -> None:
    for number, name in enumerate(("Markt Hafen", "Markt am Hafen", "")):
        shop = f"NAD+DP+{SHOP}::9++{name}+Kai 4+Kiel++24103+DE'CTA+OC+:Anna Brandt'COM+0431 99887{number}:TE"
        desk.line.take(scene.envelope(order(f"PO{number}", shop), reference=f"R{number}"), "nordmarkt")
    desk.line.take(scene.envelope(partin("P1", f"NAD+DP+{DEPOT}::9++Lager Ost"), reference="R8"), "nordmarkt")
    with desk.journal.reader.connect() as connection:
        due = list(connection.execute(text("SELECT id, message FROM crm_due ORDER BY id DESC")))
    desk.journal.write(lambda tx: tx.connection.execute(text("DELETE FROM crm_due")))
    for row in due:  # the last comes first
        desk.journal.write(
            lambda tx, m=row.message: tx.connection.execute(text("INSERT INTO crm_due (message) VALUES (:m)"), {"m": m})
        )
        desk.hear()
    [found] = desk.candidates()
    desk.change(PartyDecision(party=found.party.id, what="accept", account="stadtkette"))
    desk.change(CaseRequest(account="nordmarkt", type="complaint", subject="Broken pallets", urgency="high"))
    desk.record.measure()
    before = desk.everything()
    assert before["persons"]
    desk.record.rebuild("mei")
    assert desk.everything() == before


def test_what_a_person_says_of_a_contact_stays_when_documents_name_it_again(desk: Desk) -> None:
    desk.take(order("PO1", SHOP_TOLD))
    [person] = desk.views.crm_contacts(account="nordmarkt")
    groups = ("Buyers", "Fair 2026")
    desk.change(replace(person.contact, function="Buyer", groups=groups, phone="+49 431 112233"))
    desk.take(order("PO2", SHOP_TOLD), reference="R2")
    desk.record.rebuild("mei")
    [again] = desk.views.crm_contacts(account="nordmarkt")
    assert (again.contact.function, again.contact.groups, again.contact.phone) == ("Buyer", groups, "+49431112233")
    assert desk.views.crm_groups() == {"Buyers": 1, "Fair 2026": 1}
    with pytest.raises(OurFault, match="value-wrong"):
        desk.change(replace(again.contact, mail="nobody"))
    made = desk.change(Contact(id="", account="nordmarkt", name="王芳", phone="+86 21 6888 8888"))
    assert [each.contact.id for each in desk.views.crm_contacts(text_part="王")] == [made]


def test_a_person_opens_a_case_that_links_to_the_line_it_is_about(desk: Desk) -> None:
    desk.take(order("PO1"))
    events = desk.views.account_events("nordmarkt")
    message = next(each.message for each in events if each.message)
    wanted = CaseRequest(
        account="nordmarkt", type="nonconforming-goods", subject="Wet cartons", text="Two of ten", urgency="critical",
        owner="mei", message=message, place="segment 8 line 1",
    )  # fmt: skip
    case = desk.change(wanted)
    found = next(each for each in desk.views.crm_cases(account="nordmarkt") if each.id == case)
    assert (found.type, found.urgency, found.subject, found.message) == (
        "nonconforming-goods", "critical", "Wet cartons", message,
    )  # fmt: skip
    desk.clock.advance(timedelta(minutes=5))
    assert desk.change(replace(wanted, text="again")) == case  # one case per problem


def test_a_rebuild_keeps_places_and_persons_whose_first_document_has_left_the_journal(desk: Desk) -> None:
    desk.take(order("PO1", SHOP_TOLD))
    desk.clock.advance(timedelta(days=1))
    desk.take(order("PO2", SHOP_TOLD), reference="R2")
    desk.settle()
    desk.record.rebuild("mei")
    before = desk.everything()
    [found] = desk.candidates()
    first = {"id": found.party.first_message}
    assert found.party.first_message != found.party.last_message
    desk.journal.write(lambda tx: tx.connection.execute(text("DELETE FROM effect WHERE message = :id"), first))
    desk.journal.write(lambda tx: tx.connection.execute(text("DELETE FROM message WHERE id = :id"), first))
    desk.record.rebuild("mei")
    assert _kept(desk.everything()) == _kept(before)


def _kept(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Leave out what counts the messages that lie in the journal now."""
    return {name: [row for row in some if "first-time-right" not in str(row)] for name, some in rows.items()}
