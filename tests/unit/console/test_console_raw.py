"""Places in bytes: the exact element of a segment, lines of XML, characters that are released."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.console.raw import Mark, anchors_of, lines_of, marks_for, place_of, separators_of
from gateway.console.tree import rows_of
from gateway.model.findings import Finding, Where

DATA = b"UNA:+.? 'UNB+UNOC:3'UNH+1+ORDERS:D'LIN+1++4012?+345:EN'QTY+21:'UNT+4+1'"
SIGNS = separators_of(DATA)


def text_at(where: Where) -> bytes | None:
    found = place_of(DATA, 0, where, SIGNS, None)
    return None if found is None else DATA[slice(*found)]


def test_an_element_a_component_and_a_segment_are_found_from_the_place_of_the_tag() -> None:
    line = DATA.index(b"LIN")
    assert text_at(Where(offset=line)) == b"LIN+1++4012?+345:EN"
    assert text_at(Where(offset=line, element=1)) == b"1"
    assert text_at(Where(offset=line, element=3)) == b"4012?+345:EN"
    assert text_at(Where(offset=line, element=3, component=1)) == b"4012?+345"
    assert text_at(Where(offset=line, element=3, component=2)) == b"EN"


def test_what_is_absent_is_shown_where_it_should_stand() -> None:
    line, quantity = DATA.index(b"LIN"), DATA.index(b"QTY")
    assert text_at(Where(offset=line, element=2)) == b"+"
    assert text_at(Where(offset=line, element=9)) == b"N"
    assert text_at(Where(offset=quantity, element=1, component=2)) == b":"


def test_other_separators_are_taken_from_the_service_string() -> None:
    data = b"UNA|*.! ~UNB*UNOC|3~LIN*1**9|EN~"
    signs = separators_of(data)
    found = place_of(data, 0, Where(offset=data.index(b"LIN"), element=3, component=1), signs, None)
    assert found is not None
    assert data[slice(*found)] == b"9"


def test_edifact_is_shown_one_segment_a_line() -> None:
    lines = lines_of(DATA, [], SIGNS)
    assert [line.pieces[0].text for line in lines][2:4] == ["UNH+1+ORDERS:D'", "LIN+1++4012?+345:EN'"]


def test_xml_lines_mark_the_value_or_else_the_line() -> None:
    data = b"<a>\n  <b>2026-13-01</b>\r\n</a>\n"
    findings = [Finding(code="x", where=Where(line=2), value="2026-13-01"), Finding(code="x", where=Where(line=3))]
    lines = lines_of(data, marks_for(data, 0, None, findings, {}), None)
    assert [(piece.text, piece.finding) for piece in lines[1].pieces] == [
        ("  <b>", None),
        ("2026-13-01", 0),
        ("</b>", None),
    ]
    assert [(piece.text, piece.finding) for piece in lines[2].pieces] == [("</a>", 1)]


def test_places_outside_the_shown_part_mark_nothing() -> None:
    for where in (Where(), Where(offset=9999), Where(offset=3), Where(line=7), Where(path="lines[0].x")):
        assert place_of(b"abc", 10, where, None, None) is None


def test_a_finding_wins_over_a_source_at_the_same_place() -> None:
    where = Where(offset=DATA.index(b"LIN"), element=3, component=1)
    marks = marks_for(DATA, 0, SIGNS, [Finding(code="x", where=where)], {"a": where})
    pieces = [piece for line in lines_of(DATA, marks, SIGNS) for piece in line.pieces]
    assert [(piece.text, piece.finding, piece.source) for piece in pieces if piece.finding is not None] == [
        ("4012?+345", 0, None)
    ]


def test_a_mark_around_another_has_one_anchor() -> None:
    line = DATA.index(b"LIN")
    inner = Where(offset=line, element=3, component=1)
    marks = marks_for(DATA, 0, SIGNS, [Finding(code="x", where=Where(offset=line)), Finding(code="y", where=inner)], {})
    pieces = [piece for line in lines_of(DATA, marks, SIGNS) for piece in line.pieces if piece.finding is not None]
    assert [(piece.finding, piece.first) for piece in pieces] == [(0, True), (1, True), (0, False)]
    assert anchors_of(len(DATA), marks) == {0: 0, 1: 1}


@given(
    st.binary(max_size=200),
    st.lists(st.tuples(st.integers(0, 220), st.integers(0, 6), st.integers(0, 6)), max_size=5),
    st.booleans(),
)
def test_no_bytes_and_no_place_break_the_view_and_nothing_is_lost(
    data: bytes, places: list[tuple[int, int, int]], edifact: bool
) -> None:
    signs = separators_of(b"UNB+") if edifact else None
    findings = [
        Finding(code="x", where=Where(offset=at, element=element or None, component=component or None, line=at or None))
        for at, element, component in places
    ]
    marks = marks_for(data, 0, signs, findings, {})
    assert all(0 <= mark.start < mark.end <= len(data) for mark in marks)
    shown = "".join(piece.text for line in lines_of(data, marks, signs) for piece in line.pieces)
    if data.isascii() and not marks:
        assert shown.replace("\r", "") == data.decode().replace("\n", "").replace("\r", "") or edifact
    whole = lines_of(data, [Mark(0, len(data), finding=0)], signs) if data else []
    assert [line.number for line in whole] == list(range(1, len(whole) + 1))


def test_a_document_reads_from_what_it_is_to_its_lines() -> None:
    document = {
        "document": "Order",
        "schema": "1",
        "buyer": {"ids": [{"scheme": "0088", "value": "952"}]},
        "id": "1",
        "lines": [{"item": {"gtin": "0952"}, "number": "1", "quantity": {"value": "2", "unit": "H87"}}],
    }
    sources = {"id": Where(offset=1), "lines[0].quantity": Where(offset=2), "buyer": Where(offset=3)}
    rows, cut = rows_of(document, sources)
    assert not cut
    assert [(row.depth, row.key, row.value, row.source) for row in rows] == [
        (0, "id", "1", 0),
        (0, "buyer", "952", 2),
        (0, "lines 1", None, None),
        (1, "number", "1", None),
        (1, "item", None, None),
        (2, "gtin", "0952", None),
        (1, "quantity", "2 H87", 1),
    ]


def test_a_place_at_a_line_end_marks_nothing() -> None:
    assert marks_for(b"\x00\n", 0, None, [Finding(code="x", where=Where(offset=1))], {}) == []
