"""The quick check of a segment and the careful one never disagree."""

import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.edifact import Marks, SegmentReader, write_segments
from gateway.codecs.envelope import read_interchanges
from gateway.model.findings import Finding
from gateway.model.tree import Segment
from gateway.schema.elements import ElementChecker, checker_of
from gateway.schema.shapes import compile_shape
from gateway.schema.walk import Walk

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "schema"))
from edifact_world import ORDER, directory

UNB = b"UNB+UNOC:3+A+B+260105:0810+77'"
LISTED = ["220", "137", "102", "21", "EN", "BY", "AAA", "9", "6", "1131", "83E"]
NUMBERS = ["12", "-1", "1.5", "1,5", ".5", "5.", "1.2.3", "123456789012345", "1234567890123456", "1234567890.12345"]
TEXTS = [
    "",
    "",
    "",
    "x",
    "X" * 17,
    "X" * 35,
    "X" * 36,
    "X" * 70,
    "X" * 71,
    "a+b",
    "it's",
    "a:b",
    "why?",
    "????????",
    "*",
    "Größe~é",
    "é",
    "1é",
    "ü" * 35,
    "ü" * 36,
]
VALUE = st.sampled_from(LISTED + NUMBERS + TEXTS)
TAGS = sorted(tag for tag in directory("d96a").segments if not tag.startswith("UN"))
SEGMENT = st.builds(
    Segment,
    st.sampled_from(TAGS),
    st.lists(st.lists(VALUE, min_size=1, max_size=6).map(tuple), max_size=8).map(tuple),
)
MARKS = st.sampled_from([Marks(), Marks(component="|", element=";", release="!", terminator="~")])


@settings(max_examples=1000, deadline=None)
@given(SEGMENT, st.booleans(), MARKS, st.sampled_from(["UNOC", "UNOY"]))
def test_a_shape_fits_only_what_the_careful_check_finds_right(segment, eancom, marks, level):
    d96a = directory("d96a")
    overlay = d96a.overlay("EAN008") if eancom else None
    una = b"" if marks == Marks() else marks.una().encode()
    reader = SegmentReader()
    unb = [Segment("UNB", ((level, "3"), ("A",), ("B",), ("260105", "0810"), ("77",))), segment]
    read = reader.feed(una + write_segments(unb, marks, level))[1]
    findings: list[Finding] = []
    ElementChecker(d96a, overlay, marks).explain(read, findings)
    fits = compile_shape(d96a.layout(read.tag), d96a, overlay, marks).fits(read.raw)
    assert not (fits and findings), findings


def test_good_segments_take_the_quick_way():
    d96a = directory("d96a")
    (found,) = read_interchanges([UNB + b"UNH+1+ORDERS:D:96A:UN:EAN008'" + ORDER.encode() + b"UNT+12+1'UNZ+1+77'"])
    for segment in found.messages[0].segments:
        shape = compile_shape(d96a.layout(segment.tag), d96a, d96a.overlay("EAN008"), Marks())
        assert shape.fits(segment.raw), segment


LINES = [
    "BGM+220+1+9'",
    "DTM+137:20260105:102'",
    "FTX+AAI+++x'",
    "RFF+CT:1'",
    "NAD+BY+1::9'",
    "NAD+SU+2::9'",
    "LOC+7+1'",
]
LINES += [
    "CTA+OC+:x'",
    "CUX+2:EUR:9'",
    "LIN+1++4000862141404:EN'",
    "PIA+1+A:SA'",
    "QTY+21:12'",
    "PRI+AAA:1.5'",
    "TAX+7+VAT'",
]
LINES += ["MOA+203:5'", "PAC+1'", "ALC+A'", "UNS+S'", "MOA+79:5'", "CNT+2:1'", "XXX+1'"]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=25), st.data())
def test_the_quick_walk_takes_only_what_the_careful_one_finds_right(drawn, data):
    """Half of the messages are a good order with a few changes: those come furthest."""
    if data.draw(st.booleans()):
        good = [each + "'" for each in ORDER.split("'")[:-1]]
        for each in drawn[:3]:
            good.insert(data.draw(st.integers(0, len(good))), each)
        if data.draw(st.booleans()):
            del good[data.draw(st.integers(0, len(good) - 1))]
        drawn = good
    body = "".join(drawn)
    text = UNB + f"UNH+1+ORDERS:D:96A:UN'{body}UNT+{len(drawn) + 2}+1'UNZ+1+77'".encode()
    (message,) = next(iter(read_interchanges([text]))).messages
    d96a = directory("d96a")
    checker = checker_of(d96a, None, message.marks)
    found = checker.quick_walk("ORDERS").run(message.segments)
    findings: list[Finding] = []
    tree = Walk(d96a.structure("ORDERS"), message, findings).run()
    if found is None:
        return
    assert found[0] == tree
    assert not findings
    odd = [each for each in message.segments if each not in found[1]]
    for segment in odd:
        checker.explain(segment, findings)
    assert not findings


def test_a_good_order_goes_the_quick_way():
    (found,) = read_interchanges([UNB + b"UNH+1+ORDERS:D:96A:UN:EAN008'" + ORDER.encode() + b"UNT+12+1'UNZ+1+77'"])
    d96a, message = directory("d96a"), found.messages[0]
    walked = checker_of(d96a, d96a.overlay("EAN008"), message.marks).quick_walk("ORDERS").run(message.segments)
    assert walked is not None
    assert walked[1] == []
