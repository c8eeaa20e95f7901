"""Where the values of a JSON text stand."""

import json
from time import process_time

import pytest

from gateway.codecs.canonical import with_places
from gateway.codecs.json_places import JsonText, pointer_of, steps_of
from gateway.model.findings import Finding, Where

TEXT = '{\n "a": [ {"x": 1},\n  {"x": [], "y" : "q\\"]"} ],\n "b": -2\n}'


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", (1, 1)),
        ("a", (2, 7)),
        ("a[0].x", (2, 15)),
        ("a[1]", (3, 3)),
        ("a[1].y", (3, 19)),
        ("a[1].z", (3, 3)),  # is not there: the object that should have it
        ("a[2]", (2, 7)),
        ("a[1].x[0]", (3, 9)),
        ("b", (4, 7)),
        ("b.c", (4, 7)),
        ("c", (1, 1)),
    ],
)
def test_a_place_is_that_of_the_innermost_value_that_is_there(path: str, place: tuple[int, int]) -> None:
    text = JsonText(TEXT)
    assert text.place(steps_of(path)) == place
    assert text.place(steps_of(path)) == place  # asked again, from memory


def test_a_list_is_asked_in_any_order() -> None:
    text = JsonText(json.dumps(list(range(100))))
    assert [text.place((number,))[1] for number in (99, 3, 50)] == [388, 11, 192]


def test_a_pointer_escapes_what_rfc_6901_says() -> None:
    assert pointer_of("lines[2].a/b~c") == "/lines/2/a~1b~0c"


def test_fifty_faults_at_the_end_of_a_long_document_cost_one_walk() -> None:
    lines = [{"number": str(number), "text": "x"} for number in range(30_000)]
    data = json.dumps({"lines": lines, "id": "1"}).encode()
    findings = [Finding(code="json.missing", where=Where(path=f"lines[{n}].item")) for n in range(29_950, 30_000)]
    start = process_time()

    placed = with_places(findings, data)

    assert process_time() - start < 1.5
    assert len({each.where.column for each in placed}) == 50
