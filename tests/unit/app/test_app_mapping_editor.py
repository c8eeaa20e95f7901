"""Mappings written, published, tried on what is stored, and rolled back, on a real instance and its journal."""

import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "console"))

from editor_scene import NAME, OWN, MappingHouse, mapping_houses, order

from gateway.app import mapping_drafts
from gateway.config.editing import new_text
from gateway.model.faults import OurFault
from gateway.store.view_mappings import BackTest
from tests.stepped_clock import SteppedClock

ODD = order("PO-1", quantity="46")  # their qualifier for an ordered quantity
MENDED = (
    new_text(NAME)
    + "fields:\n  lines[].quantity: [{path: QTY/C186.6060, where: {C186.6063: '21'}}, {path: QTY/C186.6060, where: "
    + "{C186.6063: '46'}}]\n"
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[MappingHouse]:
    yield from mapping_houses(tmp_path)


def code_of(work: object, *words: object, **named: object) -> str:
    with pytest.raises(OurFault) as caught:
        work(*words, **named)  # type: ignore[operator]
    return caught.value.code


def finished(house: MappingHouse, test: str) -> BackTest:
    for _ in range(400):
        found = house.editor.back_test(test)
        if found.state != "running":
            return found
        time.sleep(0.05)
    raise AssertionError("the back-test does not end")


def test_the_first_start_notes_version_one_and_each_change_of_rules_the_next(house: MappingHouse) -> None:
    assert [(each.number, each.user) for each in house.editor.versions("acme", NAME)] == [(1, "folder")]
    house.own()
    house.own(OWN + "# only a remark\n")  # other text, same rules: no version
    assert [each.number for each in house.editor.versions("acme", NAME)] == [2, 1]


def test_an_odd_order_is_mended_published_and_replayed(house: MappingHouse) -> None:
    (message,) = house.take(ODD)
    assert house.state(message) == "parked"
    page = house.editor.page("acme", NAME, "anna", message)
    left = [each for each in page.look.values if each.state == "left" and each.path.endswith("6060")]
    assert [(each.path, each.value) for each in left] == [("SG25/QTY/C186.6060", "1"), ("SG25/QTY/C186.6060", "2")]
    assert left[0].qualifiers == (("C186.6063", "46"),)
    (proposed,) = [each for each in page.look.proposed if each.number == left[0].number]
    assert (proposed.fields[0].field, proposed.fields[0].why) == ("lines[].quantity", "same-place")
    assert page.waiting == (("ORDERS", "mapping.required-missing", 1),)

    text = house.editor.connect("acme", NAME, page.text, message, left[0].number, "lines[].quantity")
    assert 'C186.6063: "46"' in text
    look = house.editor.look("acme", NAME, text, message)
    assert look.preview.messages[0].good
    assert look.preview.messages[0].good_before is False
    house.draft(text, sample=message)
    shown = house.editor.publishing("acme", NAME, "anna")
    assert shown.sound
    assert any(line.startswith("+lines[].quantity") for line in shown.rules)
    done = house.editor.publish("acme", NAME, "anna", "Acme says 46")
    assert (done.version, done.written) == (2, True)
    assert house.file(page.path) == text
    house.instance.journal.write(lambda tx: tx.replay(message, "anna", house.instance.clock.now()))
    house.work()
    assert house.state(message) != "parked"
    versions = house.editor.versions("acme", NAME)
    assert [(each.number, each.read, each.reason) for each in versions] == [(2, 1, "Acme says 46"), (1, 0, "")]
    assert [each.id for each in house.editor.version("acme", NAME, 2).read] == [message]


def test_a_draft_that_does_not_compile_changes_nothing(house: MappingHouse) -> None:
    house.draft(new_text(NAME) + "fields:\n  requestedDelivry: DTM/C507.2380\n")
    assert code_of(house.editor.publish, "acme", NAME, "anna", "") == "mapping.unknown-field"
    assert house.editor.publishing("acme", NAME, "anna").sound is False
    assert [each.number for each in house.editor.versions("acme", NAME)] == [1]


def test_what_somebody_else_has_published_meanwhile_is_not_overwritten(house: MappingHouse) -> None:
    house.draft(OWN)
    house.draft(MENDED, user="ben")
    assert house.editor.page("acme", NAME, "ben").others[0][0] == "anna"
    house.editor.publish("acme", NAME, "anna", "first")
    assert house.editor.page("acme", NAME, "ben").stale
    assert code_of(house.editor.publish, "acme", NAME, "ben", "second") == "mapping.draft-stale"
    house.editor.publish("acme", NAME, "ben", "second", over=True)
    assert [each.user for each in house.editor.versions("acme", NAME)] == ["ben", "anna", "folder"]


def test_a_version_comes_into_force_at_its_time_and_can_be_withdrawn_before(
    house: MappingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = house.instance.clock.now()
    clock = house.instance.clock = SteppedClock(now)
    house.draft(OWN)
    assert code_of(house.editor.publish, "acme", NAME, "anna", "", at=now) == "mapping.past-date"
    done = house.editor.publish("acme", NAME, "anna", "from the season on", at=now + timedelta(hours=1))
    assert done.version is None
    views, rows = house.editor.views, house.editor.rows
    assert mapping_drafts.bring_due(house.instance, views, rows) == 0
    clock.advance(timedelta(hours=1))
    with monkeypatch.context() as others:  # who change the definitions all the time: tried again at the next turn
        others.setattr("gateway.app.definition_edits.TRIES", 0)
        assert code_of(mapping_drafts.bring_due, house.instance, views, rows) == "definitions.busy"
    assert mapping_drafts.bring_due(house.instance, views, rows) == 1
    assert [each.reason for each in house.editor.versions("acme", NAME)] == ["from the season on", ""]
    house.draft(MENDED)
    later = house.editor.publish("acme", NAME, "anna", "never", at=now + timedelta(days=1))
    assert later.plan is not None
    house.editor.withdraw(later.plan, "anna")
    assert [each.state for each in house.editor.plans("acme", NAME)] == ["withdrawn", "done"]
    assert code_of(house.editor.withdraw, later.plan, "anna") == "mapping.no-such-plan"


def test_rolling_back_is_a_version_too_and_takes_the_layer_away_that_was_not_there(house: MappingHouse) -> None:
    house.own()
    first, second = reversed(house.editor.versions("acme", NAME))
    assert house.editor.compare("acme", NAME, 1, 2)
    house.editor.roll_back("acme", NAME, 1, "anna", "it was better")
    (third, *_) = house.editor.versions("acme", NAME)
    assert (third.number, third.digest, third.reason) == (3, first.digest, "< v1 it was better")
    assert not (house.folder / "partners/acme/mappings/ORDERS.yaml").exists()
    house.editor.roll_back("acme", NAME, 2, "anna", "")
    assert house.editor.versions("acme", NAME)[0].digest == second.digest
    assert house.file("partners/acme/mappings/ORDERS.yaml") == OWN


def test_a_waiting_message_is_read_with_the_version_that_somebody_chooses(house: MappingHouse) -> None:
    house.draft(MENDED)
    house.editor.publish("acme", NAME, "anna", "46")
    house.editor.roll_back("acme", NAME, 1, "anna", "")
    (message,) = house.take(ODD)
    assert house.state(message) == "parked"
    house.editor.read_with(message, 2, "anna", "only this one")
    house.work()
    found = house.instance.views.message(message)
    assert found is not None
    assert found.line.state != "parked"
    assert found.mapping_hash == house.editor.versions("acme", NAME)[1].digest
    assert code_of(house.editor.read_with, message, 2, "anna", "") == "journal.not-replayable"
    (other,) = house.take(order("PO-2", quantity="46"))
    assert code_of(house.editor.read_with, other, 9, "anna", "") == "mapping.no-such-version"
    house.editor.read_with(other, 2, "anna", "")
    assert house.state(other) == "received"


def test_an_ordinary_replay_forgets_the_chosen_version(house: MappingHouse) -> None:
    (message,) = house.take(ODD)
    house.draft(OWN)
    house.editor.publish("acme", NAME, "anna", "")
    house.editor.read_with(message, 2, "anna", "")
    house.work()
    assert house.state(message) == "parked"  # that version does not know 46 either
    house.draft(MENDED)
    house.editor.publish("acme", NAME, "anna", "46")
    house.instance.journal.write(lambda tx: tx.replay(message, "anna", house.instance.clock.now()))
    house.work()
    assert house.state(message) != "parked"


def test_a_back_test_tells_what_would_change_and_reads_the_journal_only(house: MappingHouse) -> None:
    good, odd = house.take(order("PO-7"), order("PO-8", quantity="46"))
    house.draft(MENDED)
    found = finished(house, house.editor.start_back_test("acme", NAME, "anna", 50))
    assert (found.state, found.done, found.total) == ("done", 2, 2)
    assert found.report["outcomes"] == {"mended": 1, "same": 1}
    assert [line["id"] for line in found.report["lines"]] == [odd]
    house.draft(new_text(NAME) + "fields:\n  lines[].quantity: {path: QTY/C186.6060, where: {C186.6063: '46'}}\n")
    found = finished(house, house.editor.start_back_test("acme", NAME, "anna", 50))
    assert found.report["outcomes"] == {"broken": 1, "mended": 1}
    assert house.state(good) != "parked"
    assert house.state(odd) == "parked"


def test_a_back_test_can_be_cancelled_and_one_that_cannot_run_says_why(house: MappingHouse) -> None:
    house.draft(OWN)
    nothing = finished(house, house.editor.start_back_test("acme", NAME, "anna", 5))
    assert nothing.report["fault"]["code"] == "shadow.nothing-stored"
    house.take(*(order(f"PO-{n}") for n in range(12)))
    test = house.editor.start_back_test("acme", NAME, "anna", 1000)
    assert house.editor.cancel_back_test(test, "anna").state in ("cancelled", "done")
    ended = finished(house, test)
    time.sleep(0.5)
    assert house.editor.back_test(test).done == ended.done


def test_a_back_test_that_waits_for_another_is_not_taken_for_lost(
    house: MappingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.app.back_tests.WAITING_WORD_S", 0.02)
    house.draft(OWN)
    house.take(order("PO-1"))
    tests = house.editor.tests
    with tests._turn:
        waits = house.editor.start_back_test("acme", NAME, "anna", 5)
        begun = house.instance.clock.now()
        time.sleep(0.2)
        tests.rows.end_tests(house.instance.clock.now(), begun)
        assert house.editor.back_test(waits).state == "running"
    assert finished(house, waits).state == "done"


def test_a_message_becomes_a_case_and_a_red_case_wants_a_word(house: MappingHouse) -> None:
    house.own()
    (message,) = house.take(order("PO-3", head="FTX+AAI+++hello'"))
    house.editor.keep_case("acme", NAME, message, "plain-order", "anna")
    assert code_of(house.editor.keep_case, "acme", NAME, message, "plain-order", "anna") == "mapping.case-there"
    assert code_of(house.editor.keep_case, "acme", NAME, message, "../x", "anna") == "mapping.bad-case-name"
    assert [each.good for each in house.editor.cases("acme", NAME, OWN)] == [True]
    other = OWN + "  currency: {path: BGM/1004}\n"
    assert [each.good for each in house.editor.cases("acme", NAME, other)] == [False]
    house.draft(other)
    assert code_of(house.editor.publish, "acme", NAME, "anna", " ") == "mapping.red-case"


def test_another_partners_message_is_no_sample(house: MappingHouse) -> None:
    assert code_of(house.editor.look, "acme", NAME, OWN, "0198") == "mapping.no-such-sample"
    assert code_of(house.editor.page, "nobody", NAME, "anna") == "partner.unknown"
    assert code_of(house.editor.page, "self", NAME, "anna") == "partner.unknown"
    assert code_of(house.editor.page, "acme", "eancom-1997/NOTHING", "anna") == "mapping.missing"


def test_a_layer_is_given_to_others_who_use_the_mapping_and_not_over_their_own(house: MappingHouse) -> None:
    for each, gln in (("bolt", "4099990000028"), ("core", "4099990000035")):
        place = house.folder / "partners" / each
        (place / "mappings").mkdir(parents=True)
        text = f"name: {each}\nrole: customer\ngln: '{gln}'\nchannels: {{box: {{kind: folder, folder: {each}}}}}\n"
        agreements = f"agreements:\n  - {{receive: {NAME}, over: box}}\n"
        (place / "partner.yaml").write_text(text + agreements, encoding="utf-8")
    (place / "mappings/ORDERS.yaml").write_text(OWN.replace("CT}}", "AAN}}"), encoding="utf-8")
    house.instance.apply_definitions()
    assert code_of(house.editor.share, "acme", NAME, ["bolt"], "anna", "") == "mapping.no-layer"
    house.own()
    assert [(each.partner, each.state) for each in house.editor.sharing("acme", NAME)] == [
        ("bolt", "none"),
        ("core", "own"),
    ]
    assert code_of(house.editor.share, "acme", NAME, ["nobody"], "anna", "") == "mapping.not-used"
    bolt, core = house.editor.share("acme", NAME, ["bolt", "core"], "anna", "alike")
    assert (bolt.changed, bolt.finding) == (True, None)
    assert core.finding is not None
    assert core.finding.code == "mapping.layer-there"
    assert house.editor.versions("bolt", NAME)[0].reason == "= acme alike"
    assert [each.state for each in house.editor.sharing("acme", NAME)] == ["same", "own"]
    (again,) = house.editor.share("acme", NAME, ["bolt"], "anna", "")
    assert not again.changed
