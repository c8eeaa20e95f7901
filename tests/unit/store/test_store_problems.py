"""Problems: what waits, by cause; what people say of a cause; replays of many from a cause."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "console"))

from console_scene import NOW, Scene, fill, scenes

from gateway.model.effects import DocumentExpected
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.ports.records import NewMessage, ReplayFilter
from gateway.store import problem_marks
from gateway.store.forms import fault_place
from gateway.store.sight import Sight, narrowed
from gateway.store.view_problem_rows import problem_id
from gateway.store.views import Views

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    yield from scenes(tmp_path)


def parked(scene: Scene, line: int, value: str, *, partner: str = "nordmarkt", ago: timedelta = timedelta(0)) -> str:
    """Park an order for an unknown item in a line."""
    at = NOW - ago
    message = NewMessage(id=scene.next_id(), position=0, state="parsed", type="ORDERS", document_type="Order", end=9)
    scene.receive(f"order {message.id}".encode(), at=at, partner=partner, messages=(message,))
    fault = Finding(code="item.unknown", where=Where(path=f"lines[{line}].item.gtin"), value=value)
    scene.park(message, at + timedelta(seconds=1), fault, "us")
    return message.id


def mark(scene: Scene, wanted: str, now=LATER, **said: object) -> None:
    scene.journal.write(lambda tx: problem_marks.mark(tx, "nordmarkt", wanted, "ana", now, **said))  # type: ignore[arg-type]


UNKNOWN = problem_id("message", "item.unknown", "nordmarkt", "lines[].item.gtin")


def test_the_place_of_a_fault_is_the_same_in_every_line_and_file() -> None:
    here = fault_place(Finding(code="c", where=Where(path="lines[3].item.gtin", offset=17)))
    assert here == fault_place(Finding(code="c", where=Where(path="lines[12].item.gtin"))) == "lines[].item.gtin"
    assert fault_place(Finding(code="c", where=Where(segment=9, tag="LIN", element=3, component=1))) == "LIN.3.1"
    assert fault_place(Finding(code="c", where=Where(line=4))) == ""
    assert fault_place(None) == ""


def test_what_waits_is_one_line_per_cause_partner_and_place(scene: Scene) -> None:
    for line, value in ((0, "A"), (1, "A"), (2, "B")):
        parked(scene, line, value, ago=timedelta(days=line))
    parked(scene, 0, "A", partner="stadtkette")
    page = scene.views.problems(LATER)
    assert [(each.partner, each.count) for each in page.lines] == [("nordmarkt", 3), ("stadtkette", 1)]
    first = page.lines[0]
    assert (first.id, first.place, first.document_type) == (UNKNOWN, "lines[].item.gtin", "Order")
    assert first.first_at == NOW - timedelta(days=2)
    assert first.trend == (0, 0, 0, 0, 1, 1, 1)
    detail = scene.views.problem(UNKNOWN, LATER)
    assert detail is not None
    assert [(each.value, each.count) for each in detail.values] == [("A", 2), ("B", 1)]
    assert len(detail.lines) == 3


def test_messages_parcels_and_unopened_arrivals_wait_side_by_side(scene: Scene) -> None:
    fill(scene)
    found = {(each.kind, each.code) for each in scene.views.problems(LATER).lines}
    assert found == {("message", "item.unknown"), ("parcel", "http.refused"), ("arrival", "json.not-a-document")}


def test_a_document_that_has_not_come_is_a_problem_until_it_comes(scene: Scene) -> None:
    owed = DocumentExpected(
        key="k", partner="stadtkette", document_type="SalesReport", subject="2026-11-19", due=NOW - timedelta(hours=2)
    )
    scene.journal.write(lambda tx: tx.expect([owed]))
    assert scene.views.problems(NOW).lines == ()
    scene.journal.write(lambda tx: tx.overdue(NOW, 10))
    (line,) = scene.views.problems(NOW).lines
    assert (line.kind, line.place, line.count, line.replayable) == ("absent", "SalesReport", 1, False)
    detail = scene.views.problem(line.id, NOW)
    assert detail is not None
    assert [each.subject for each in detail.absent] == ["2026-11-19"]


def test_a_resolved_cause_is_open_again_as_soon_as_another_message_waits_for_it(scene: Scene) -> None:
    parked(scene, 0, "A")
    mark(scene, UNKNOWN, state="resolved", note="item is delisted")
    assert scene.views.problems(LATER).lines == ()
    (resolved,) = scene.views.problems(LATER, state="resolved").lines
    assert (resolved.note, resolved.count) == ("item is delisted", 1)
    parked(scene, 0, "A", ago=-timedelta(minutes=9))
    (back,) = scene.views.problems(NOW + timedelta(minutes=10)).lines
    assert (back.state, back.reopened, back.count, back.note) == ("open", True, 2, "item is delisted")


def test_a_snoozed_cause_sleeps_until_its_time(scene: Scene) -> None:
    parked(scene, 0, "A")
    mark(scene, UNKNOWN, state="snoozed", until=NOW + timedelta(hours=4))
    assert scene.views.problems(NOW + timedelta(hours=3)).lines[0].state == "snoozed"
    awake = scene.views.problems(NOW + timedelta(hours=5)).lines[0]
    assert (awake.state, awake.reopened) == ("open", True)


def test_an_owner_and_a_note_stay_when_the_state_changes_and_all_of_it_is_audited(scene: Scene) -> None:
    parked(scene, 0, "A")
    mark(scene, UNKNOWN, owner="ben")
    mark(scene, UNKNOWN, note="asked them")
    mark(scene, UNKNOWN, state="acknowledged")
    (line,) = scene.views.problems(LATER, owner="ben").lines
    assert (line.owner, line.note, line.state) == ("ben", "asked them", "acknowledged")
    mark(scene, UNKNOWN, owner="")
    assert scene.views.problems(LATER, owner="ben").lines == ()
    from sqlalchemy import text

    with scene.journal.reader.connect() as connection:
        rows = connection.execute(text("SELECT before, after FROM audit WHERE action = 'problem.mark'")).all()
    assert len(rows) == 4
    assert '"state":"open"' in rows[2].before
    assert '"state":"acknowledged"' in rows[2].after


def test_nobody_can_speak_of_a_cause_that_is_not_there(scene: Scene) -> None:
    with pytest.raises(OurFault) as caught:
        mark(scene, "0" * 32, state="resolved")
    assert caught.value.code == "problem.not-found"


def test_what_people_said_stays_when_everything_was_replayed(scene: Scene) -> None:
    message = parked(scene, 0, "A")
    mark(scene, UNKNOWN, owner="ben")
    scene.journal.write(lambda tx: tx.replay(message, "ana", LATER))
    assert scene.views.problems(LATER).lines == ()
    (gone,) = scene.views.problems(LATER, state="resolved").lines
    assert (gone.count, gone.owner, gone.replayable) == (0, "ben", False)


def replay(scene: Scene, chosen: ReplayFilter, at=LATER) -> str:
    def start(tx):
        return tx.start_bulk("b1", chosen, "ana", "item added", at).id

    bulk = scene.journal.write(start)
    while scene.journal.write(lambda tx: tx.advance_bulk(bulk, 2, at))[0].state == "running":
        pass
    return bulk


def test_a_replay_of_a_cause_takes_its_place_only_and_tells_what_became_of_each(scene: Scene) -> None:
    taken = {parked(scene, n, "A") for n in range(3)}
    message = NewMessage(id=scene.next_id(), position=0, state="parsed", type="ORDERS", end=9)
    scene.receive(b"elsewhere", at=NOW, messages=(message,))
    scene.park(message, NOW, Finding(code="item.unknown", where=Where(path="buyer")), "us")
    bulk = replay(scene, ReplayFilter(partner="nordmarkt", fault_code="item.unknown", place="lines[].item.gtin"))
    found = scene.views.replay_result(bulk)
    assert found is not None
    assert (found.replay.state, found.replay.total, found.replay.done) == ("done", 3, 3)
    assert found.states == {"received": 3}
    assert {each.id for each in found.lines} == taken
    assert [each.place for each in scene.views.problems(LATER).lines] == ["buyer"]


def test_refused_parcels_of_one_cause_go_out_again(scene: Scene) -> None:
    ids = fill(scene)
    bulk = replay(scene, ReplayFilter(kind="parcel", partner="stadtkette", fault_code="http.refused", place=""))
    found = scene.views.replay_result(bulk)
    assert found is not None
    assert [(each.id, each.state) for each in found.lines] == [(ids["refused"], "queued")]


def test_arrivals_that_nobody_could_open_are_read_again(scene: Scene) -> None:
    ids = fill(scene)
    bulk = replay(scene, ReplayFilter(kind="arrival", partner="stadtkette", fault_code="json.not-a-document"))
    found = scene.views.replay_result(bulk)
    assert found is not None
    assert found.states == {"received": 1}
    assert scene.views.arrival(ids["unread"]).state == "received"  # type: ignore[union-attr]


def test_queues_show_what_waits_for_whom_since_when(scene: Scene) -> None:
    fill(scene)
    scene.journal.write(lambda tx: tx.replay(scene.views.problems(LATER, kind="message").lines[0].newest, "ana", NOW))
    found = {(each.partner, each.channel, each.direction): each for each in scene.views.queues(NOW)}
    came = found["nordmarkt", "as2", "in"]
    assert (came.waiting, came.oldest_at) == (1, NOW - timedelta(minutes=6))
    assert found["nordmarkt", "as2", "out"].sent_1h >= 1


def test_a_person_of_one_partner_sees_neither_the_others_problems_nor_what_is_said_of_them(scene: Scene) -> None:
    parked(scene, 0, "A")
    parked(scene, 0, "A", partner="stadtkette")
    mark(scene, UNKNOWN, owner="ben")
    views = Views(narrowed(scene.journal.reader, Sight(partners=frozenset({"stadtkette"}))))
    assert [each.partner for each in views.problems(LATER).lines] == ["stadtkette"]
    assert views.problem(UNKNOWN, LATER) is None
    assert {each.partner for each in views.queues(LATER)} <= {"stadtkette"}
    assert views.problems(LATER, state="resolved").lines == ()
