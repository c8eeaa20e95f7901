"""Quick ways of writing give what the slow ones give."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.codecs.edifact import DEFAULT_MARKS, SYNTAX_4_MARKS
from gateway.codecs.edifact_charset import CODECS
from gateway.codecs.edifact_marks import LEVEL_B_MARKS
from gateway.codecs.edifact_write import _Writer, write_segments
from gateway.mapping.check_digits import _wrong, wrong_check_digits
from gateway.mapping.edifact_parts import numbered
from gateway.model.faults import OurFault
from gateway.model.json_form import dumps
from gateway.model.making import changed
from gateway.model.order import Order, OrderLine
from gateway.model.tree import Segment
from gateway.model.values import Amount, Item, Party, PartyIdentifier, Quantity
from gateway.model.written import Written, form_of, row_of

TEXTS = st.text(alphabet="A1b é'+:?* \n\x1dŁ€", max_size=4)
ELEMENTS = st.lists(st.lists(TEXTS, min_size=1, max_size=3).map(tuple), max_size=4).map(tuple)
REPEATS = st.sampled_from([(), (), ((0, ("R",)),)])
SEGMENTS = st.lists(st.builds(Segment, st.sampled_from(["FTX", "NAD"]), ELEMENTS, repeats=REPEATS), max_size=4)
SETTINGS = st.tuples(
    st.sampled_from([DEFAULT_MARKS, SYNTAX_4_MARKS, LEVEL_B_MARKS]), st.sampled_from(["UNOA", "UNOB", "UNOC", "UNOY"])
)


@example([Segment("FTX", (("a", ""), ("",), ("b+",))), Segment("NAD", ())], (DEFAULT_MARKS, "UNOC"), False)
@given(SEGMENTS, SETTINGS, st.booleans())
def test_a_message_is_written_as_value_by_value(segments, settings, transliterate):
    marks, level = settings
    writer = _Writer(marks, level, transliterate)

    def slowly():
        return "".join([writer.segment(each) + marks.terminator for each in segments]).encode(CODECS[level])

    assert outcome(lambda: write_segments(segments, marks, level, transliterate=transliterate)) == outcome(slowly)


def outcome(write):
    try:
        return write()
    except OurFault as fault:
        return fault.code, fault.where, fault.value


VALUES = st.lists(TEXTS.filter(bool), min_size=3, max_size=3)
CELLS = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 2)), st.one_of(st.integers(0, 2), TEXTS, st.just("100%s")), max_size=4
)
FORMS = st.lists(st.builds(row_of, st.sampled_from(["LIN", "QTY"]), CELLS), max_size=3).map(form_of)
RUNS = st.lists(st.tuples(FORMS, VALUES), max_size=3)


@example([(form_of([row_of("LIN", {(2, 1): 0, (3, 0): ""})]), ["5%", "", ""])], (DEFAULT_MARKS, "UNOC"), False, "")
@given(RUNS, SETTINGS, st.booleans(), st.sampled_from(["", "\r\n"]))
def test_what_a_mapping_has_written_is_the_text_of_its_segments(runs, settings, transliterate, line_end):
    found = [
        outcome(lambda body=body: write_segments(body, *settings, line_end=line_end, transliterate=transliterate))
        for body in (Written(runs), list(Written(runs)))
    ]
    assert found[0] == found[1]


@given(RUNS)
def test_numbered_lines_count_through_all_runs(runs):
    body = Written(numbered(runs, ("LIN", (0, 0))))
    lines = [each for each in body if each.tag == "LIN"]
    assert [each.get(1) for each in lines] == [str(n) for n in range(1, len(lines) + 1)]
    assert [each for each in body if each.tag == "QTY"] == [each for each in Written(runs) if each.tag == "QTY"]


def test_a_clean_message_is_written_at_once():
    segments = [Segment("BGM", (("220",), ("PO1",), ("",))), Segment("QTY", (("21", "5", ""),))]
    assert _Writer(DEFAULT_MARKS, "UNOC", False).at_once(segments) == ["BGM+220+PO1", "QTY+21:5"]


NUMBERS = st.sampled_from(["09521001000015", "09521001000010", "9521001000000", "9521001000001", "12", None])
LINES = st.builds(
    OrderLine,
    number=st.just("1"),
    item=st.builds(Item, gtin=NUMBERS),
    quantity=st.just(Quantity(value=Decimal(1))),
)


def an_order(lines, gln):
    party = Party(ids=(PartyIdentifier(value=gln or "", scheme="0088"),), name="N")
    order = Order(id="1", issued_at=None, buyer=party, seller=party, lines=tuple(lines))  # type: ignore[arg-type]
    return replace(order, ship_to=party)


@given(st.lists(LINES, max_size=3), NUMBERS)
def test_wrong_check_digits_are_found_as_by_walking_everything(lines, gln):
    order = an_order(lines, gln)
    assert list(wrong_check_digits(order)) == list(_wrong(order, ""))


def test_a_changed_value_is_what_replace_gives():
    line = OrderLine(number="1", item=Item(gtin="1"), quantity=Quantity(value=Decimal(1), unit="KGM"))
    assert changed(line, number="2") == replace(line, number="2")
    assert changed(Amount(value=Decimal(2), currency="EUR"), currency=None) == Amount(value=Decimal(2))
    with pytest.raises(TypeError):
        changed(line, nonsense="2")


def test_a_remembered_text_is_that_of_its_own_document():
    first, second = an_order([], "1"), an_order([], "2")
    assert dumps(first) != dumps(second)
    other = replace(first, id="9")
    assert dumps(replace(first)) == dumps(first)
    assert dumps(other) == dumps(first).replace('"id":"1"', '"id":"9"')
