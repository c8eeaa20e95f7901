"""The quick check of a segment and the careful one never disagree."""

import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.edifact import Marks, SegmentReader, write_segments
from gateway.codecs.envelope import read_interchanges
from gateway.model.findings import Finding
from gateway.model.tree import Segment
from gateway.schema.elements import ElementChecker
from gateway.schema.shapes import compile_shape

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
@given(SEGMENT, st.booleans(), MARKS)
def test_a_shape_fits_only_what_the_careful_check_finds_right(segment, eancom, marks):
    d96a = directory("d96a")
    overlay = d96a.overlay("EAN008") if eancom else None
    una = b"" if marks == Marks() else marks.una().encode()
    reader = SegmentReader()
    unb = [Segment("UNB", (("UNOC", "3"), ("A",), ("B",), ("260105", "0810"), ("77",))), segment]
    read = reader.feed(una + write_segments(unb, marks))[1]
    findings: list[Finding] = []
    ElementChecker(d96a, overlay, marks, findings).explain(read)
    fits = compile_shape(d96a.layout(read.tag), d96a, overlay, marks).fits(read.raw)
    assert not (fits and findings), findings


def test_good_segments_take_the_quick_way():
    d96a = directory("d96a")
    (found,) = read_interchanges([UNB + b"UNH+1+ORDERS:D:96A:UN:EAN008'" + ORDER.encode() + b"UNT+12+1'UNZ+1+77'"])
    for segment in found.messages[0].segments:
        shape = compile_shape(d96a.layout(segment.tag), d96a, d96a.overlay("EAN008"), Marks())
        assert shape.fits(segment.raw), segment
