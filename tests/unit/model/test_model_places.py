"""Where values stood: kept as compact text, read when asked for."""

import pickle

from gateway.model.findings import Where
from gateway.model.places import Places, row_of, text_of

IN_A_SEGMENT = Where(segment=7, tag="QTY", element=1, component=2, offset=311, line=1, column=312)
IN_XML = Where(line=12, tag="ID", path="/Order/OrderLine[2]/LineItem/ID")
PLACES = {"lines[0].quantity": IN_A_SEGMENT, "lines[1].number": IN_XML, "id": Where()}


def test_places_are_the_same_after_the_way_through_their_text() -> None:
    assert Places.from_text(text_of(PLACES)) == PLACES


def test_rows_leave_out_what_is_not_known_at_their_end() -> None:
    assert row_of(Where(segment=7, tag="QTY")) == [7, "QTY"]
    assert text_of({"id": Where(segment=7, tag="QTY")}) == '{"id":[7,"QTY"]}'


def test_places_of_older_journals_are_read() -> None:
    old = Places.from_text('{"id":{"segment":2,"tag":"BGM","offset":90}}')
    assert old["id"] == Where(segment=2, tag="BGM", offset=90)


def test_rows_are_made_when_somebody_asks_and_once() -> None:
    asked = []

    def rows() -> dict[str, tuple[int, str]]:
        asked.append(1)
        return {"id": (2, "BGM")}

    places = Places.from_rows(rows)
    assert not asked
    assert places.text == '{"id":[2,"BGM"]}'
    assert places["id"] == Where(segment=2, tag="BGM")
    assert list(places) == ["id"]
    assert len(places) == len(asked) == 1


def test_places_go_to_another_process_as_text() -> None:
    there = pickle.loads(pickle.dumps(Places.from_rows(lambda: {"id": (2, "BGM")})))
    assert there["id"] == Where(segment=2, tag="BGM")
