"""GS1-128 symbols and labels, read back from the SVG's rectangles by a decoder that shares nothing with the encoder."""

import re
import zlib
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.gs1 import FNC1, Element, can_say, element_string
from gateway.codecs.gs1_code128 import symbol_characters
from gateway.codecs.gs1_label import PAPERS, Label, draw
from gateway.codecs.gs1_pdf import pdf
from gateway.codecs.gs1_svg import svg
from gateway.model.faults import OurFault
from gateway.model.values import check_digit

SSCC, GTIN = "340999000000000019", "04099900000100"
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def widths_of(rects: list[tuple[float, float]], module: float) -> list[int]:
    """Return bars and spaces in modules from (x, width) of each bar."""
    found: list[int] = []
    end = None
    for x, width in sorted(rects):
        if end is not None:
            found.append(round((x - end) / module))
        found.append(round(width / module))
        end = x + width
    return found


# Bit patterns of the 103 data characters, FNC and starts, as ISO/IEC 15417 table 1 prints them: 1 is a bar.
_TABLE = """
11011001100 11001101100 11001100110 10010011000 10010001100 10001001100 10011001000 10011000100 10001100100 11001001000
11001000100 11000100100 10110011100 10011011100 10011001110 10111001100 10011101100 10011100110 11001110010 11001011100
11001001110 11011100100 11001110100 11101101110 11101001100 11100101100 11100100110 11101100100 11100110100 11100110010
11011011000 11011000110 11000110110 10100011000 10001011000 10001000110 10110001000 10001101000 10001100010 11010001000
11000101000 11000100010 10110111000 10110001110 10001101110 10111011000 10111000110 10001110110 11101110110 11010001110
11000101110 11011101000 11011100010 11011101110 11101011000 11101000110 11100010110 11101101000 11101100010 11100011010
11101111010 11001000010 11110001010 10100110000 10100001100 10010110000 10010000110 10000101100 10000100110 10110010000
10110000100 10011010000 10011000010 10000110100 10000110010 11000010010 11001010000 11110111010 11000010100 10001111010
10100111100 10010111100 10010011110 10111100100 10011110100 10011110010 11110100100 11110010100 11110010010 11011011110
11011110110 11110110110 10101111000 10100011110 10001011110 10111101000 10111100010 11110101000 11110100010 10111011110
10111101110 11101011110 11110101110 11010000100 11010010000 11010011100
"""
BITS = _TABLE.split()
STOP = "1100011101011"


def decoded(widths: list[int]) -> str:
    """Return what a scanner hands over for a GS1-128 symbol: the data after the first FNC1."""
    bits = "".join(("1" if n % 2 == 0 else "0") * width for n, width in enumerate(widths))
    assert bits.endswith(STOP)
    body = bits[: -len(STOP)]
    values = [BITS.index(body[at : at + 11]) for at in range(0, len(body), 11)]
    start, *data, check = values
    assert (start + sum(n * each for n, each in enumerate(data, 1))) % 103 == check
    assert data[0] == 102, "the FNC1 that makes it a GS1 symbol"
    in_c, text = {104: False, 105: True}[start], ""
    for value in data[1:]:
        if value == 102:
            text += FNC1
        elif in_c and value == 100:
            in_c = False
        elif not in_c and value == 99:
            in_c = True
        elif in_c:
            assert value < 100
            text += f"{value:02d}"
        else:
            assert value < 95
            text += chr(value + 32)
    return text


def symbols_of(text: str, module: float) -> list[str]:
    """Return the decoded symbols of a label's SVG, from above to below."""
    root = ElementTree.fromstring(text)
    rows: dict[float, list[tuple[float, float]]] = {}
    for each in root.iter("{http://www.w3.org/2000/svg}rect"):
        if each.get("y") and float(each.get("height", "")) > 10:
            rows.setdefault(float(each.get("y", "")), []).append(
                (float(each.get("x", "")), float(each.get("width", "")))
            )
    return [decoded(widths_of(rows[y], module)) for y in sorted(rows)]


def a_label(**changes: object) -> Label:
    fields: dict[str, object] = {
        "sscc": SSCC,
        "sender": ("Us & <them>",),
        "receiver": ("北市零售集团", "Am Markt 5"),
        "facts": (("SSCC", SSCC), ("CONTENT", GTIN), ("COUNT", "480")),
        "groups": (
            (Element(ai="02", data=GTIN), Element(ai="37", data="480")),
            (Element(ai="10", data="L-26/a"), Element(ai="15", data="260601")),
        ),
    }
    return Label(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", ["a6", "a5"])
def test_the_bars_of_a_label_say_what_it_is_about_and_the_sscc_stands_lowest(size: str) -> None:
    paper = PAPERS[size]
    found = symbols_of(svg(draw(a_label(), paper)), paper.module)
    assert found == [f"02{GTIN}37480", "1526060110L-26/a", f"00{SSCC}"]


def test_the_quiet_zones_and_the_height_are_as_the_standard_wants() -> None:
    for paper in PAPERS.values():
        drawing = draw(a_label(), paper)
        bars = [each for each in drawing.bars if each.height > 10]
        assert min(each.x for each in bars) >= 10 * paper.module
        assert max(each.x + each.width for each in bars) <= paper.width - 10 * paper.module
        assert {each.height for each in bars} == {32.0}
        assert 0.495 <= paper.module <= 1.016
        assert max(each.y + each.height for each in bars) < paper.height
        assert all(0 <= each.x < paper.width and 0 < each.y < paper.height for each in drawing.words)


@settings(max_examples=150, deadline=None)
@given(st.text(SET_82, min_size=1, max_size=20), st.text(SET_82, min_size=1, max_size=20))
def test_whatever_stands_in_two_elements_is_read_back(batch: str, order: str) -> None:
    data = element_string((Element(ai="10", data=batch), Element(ai="400", data=order)))
    assert data == f"10{batch}{FNC1}400{order}"
    values = symbol_characters(data)
    assert (
        decoded([len(run) for value in values[:-1] for run in re.findall("1+|0+", BITS[value])] + [2, 3, 3, 1, 1, 1, 2])
        == data
    )


def shortest(data: str) -> int:
    """Return the least number of data characters, found by trying every way."""
    reached = {(0, "B"): 0, (0, "C"): 0}
    for place in range(len(data)):
        for mode, other in (("B", "C"), ("C", "B")):
            cost = min(reached.get((place, mode), 999), reached.get((place, other), 999) + 1)
            step = 1 if data[place] == FNC1 or mode == "B" else 2 if re.match(r"\d\d", data[place:]) else 0
            if step:
                key = (place + step, mode)
                reached[key] = min(reached.get(key, 999), cost + 1)
    return min(cost for (place, _), cost in reached.items() if place == len(data))


@settings(max_examples=150, deadline=None)
@given(st.text("0123456789AB" + FNC1, min_size=1, max_size=24))
def test_no_other_use_of_the_code_sets_is_shorter(data: str) -> None:
    assert len(symbol_characters(data)) - 4 == shortest(data)  # start, FNC1, check and stop


def test_an_sscc_takes_ten_pairs_in_set_c() -> None:
    values = symbol_characters("00" + SSCC)
    assert values[:2] == [105, 102]
    assert len(values) == 2 + 10 + 2


@pytest.mark.parametrize(
    ("ai", "data"),
    [
        ("00", SSCC[:-1] + "0"),
        ("00", SSCC[1:]),
        ("37", "123456789"),
        ("10", "Grüße"),
        ("10", ""),
        ("10", "a b"),
        ("421", "DE10"),
    ],
)
def test_what_gs1_does_not_allow_gets_no_bars(ai: str, data: str) -> None:
    assert not can_say(ai, data)
    with pytest.raises(OurFault, match=r"gs1\.element-unusable"):
        element_string((Element(ai=ai, data=data),))


def test_too_long_for_the_paper_stands_in_the_text_only_and_contents_never_lose_their_count() -> None:
    paper = PAPERS["a6"]
    long = a_label(groups=((Element(ai="400", data="ORDER-" + "x" * 24),), a_label().groups[0]))
    assert symbols_of(svg(draw(long, paper)), paper.module) == [f"02{GTIN}37480", f"00{SSCC}"]
    many = a_label(
        groups=((Element(ai="02", data=GTIN), Element(ai="37", data="480"), Element(ai="10", data="B" * 12)),)
    )
    assert symbols_of(svg(draw(many, paper)), paper.module) == [f"00{SSCC}"]


def test_names_from_outside_cannot_break_the_drawing() -> None:
    hostile = a_label(sender=("<script>alert(1)</script>", "a\x00b\u202e", "x" * 500), receiver=(") Tj (",))
    text = svg(draw(hostile, PAPERS["a6"]))
    ElementTree.fromstring(text)
    assert "<script>" not in text
    data = pdf([draw(hostile, PAPERS["a6"])])
    assert b"Tj (" not in b"".join(streams(data))


def streams(data: bytes) -> list[bytes]:
    return [zlib.decompress(each) for each in re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)]


def test_a_pdf_has_a_page_per_label_and_its_table_of_objects_is_right() -> None:
    labels = [a_label(), a_label(sscc="340999000000000026"[:17] + check_digit("34099900000000002"))]
    data = pdf([draw(each, PAPERS["a6"]) for each in labels])
    assert data.startswith(b"%PDF-1.4")
    assert data.count(b"/Type /Page ") == 2
    start = int(re.search(rb"startxref\n(\d+)", data)[1])  # type: ignore[index]
    offsets = re.findall(rb"(\d{10}) 00000 n", data[start:])
    for number, offset in enumerate(offsets, start=1):
        assert data[int(offset) :].startswith(b"%d 0 obj" % number)
    assert b"/MediaBox [0 0 297.638 419.528]" in data
    first, second = streams(data)
    assert "北市零售集团".encode("utf-16-be").hex().encode() in first
    bars = [float(line.split()[2]) for line in first.decode().splitlines() if line.endswith(" re")]
    assert min(bars) == pytest.approx(0.495 * 72 / 25.4, abs=0.001)
    assert first != second
