"""Laws of the EDIFACT codec: chunking, round trip, nothing but Faults, agreement with pydifact where it is right."""

import sys
from contextlib import suppress
from pathlib import Path

import pydifact.parser
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.codecs.edifact import Marks, SegmentReader, from_pydifact, rewrite, write_segments
from gateway.codecs.envelope import InterchangeHeader, OutMessage, read_interchanges, write_interchange
from gateway.model.faults import Fault, PartnerFault
from gateway.model.findings import has_errors
from gateway.model.tree import Segment, split_all
from gateway.schema.acknowledge import MessageVerdict, contrl, read_aperak, read_contrl
from gateway.schema.validate import validate

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "schema"))
from edifact_world import ORDER, directory

UNB = b"UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'"
LATIN = st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="".join(map(chr, range(0x7F, 0xA0))))
MARKS = st.sampled_from(
    [
        Marks(),
        Marks(component="|", element=";", release="!", terminator="~"),
        Marks(component="*", element="$", terminator="#"),
    ]
)


def trimmed(elements):
    """The form in which absent trailing components and elements are not told apart from missing ones."""
    cut = [list(each) for each in elements]
    for each in cut:
        while len(each) > 1 and not each[-1]:
            each.pop()
    while cut and cut[-1] == [""]:
        cut.pop()
    return tuple(tuple(each) for each in cut)


VALUE = st.text(LATIN, max_size=12)


def _is_utf8(raw):
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


SEGMENT = st.builds(
    Segment,
    st.sampled_from(["BGM", "DTM", "FTX", "LIN", "QTY", "XYZ"]),
    st.lists(st.lists(VALUE, min_size=1, max_size=4).map(tuple), max_size=5).map(tuple),
)


@given(st.lists(SEGMENT, max_size=8), MARKS)
def test_what_is_written_reads_back_the_same(body, marks):
    assume(not any(_looks_utf8(each) for each in body))
    header = InterchangeHeader(sender="A", receiver="B", prepared_at="260105:0810", reference="1")
    message = OutMessage(type="ORDERS", version="D", release="96A", reference="1", body=body)
    (found,) = read_interchanges([write_interchange(header, [message], marks=marks, line_end="\r\n")])
    read = found.messages[0].segments[1:-1]
    assert [(each.tag, trimmed(each.elements)) for each in read] == [
        (each.tag, trimmed(each.elements)) for each in body
    ]


def _looks_utf8(segment):
    """Latin-1 text that is valid UTF-8 beyond ASCII is taken for the everyday lie: no law holds there."""
    raw = "".join("".join(each) for each in segment.elements)
    return not raw.isascii() and _is_utf8(raw.encode("latin-1"))


@given(st.lists(SEGMENT, max_size=8), MARKS)
def test_splitting_a_block_at_once_gives_what_each_segment_says(body, marks):
    data = marks.una().encode() + write_segments([Segment("UNB", (("UNOC", "3"),)), *body], marks)
    for once, single in zip(SegmentReader().blocks([data]), SegmentReader().blocks([data]), strict=True):
        split_all(once)
        assert [each.elements for each in once] == [each.elements for each in single]


@given(st.lists(SEGMENT, max_size=6), st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_chunking_changes_nothing(body, sizes):
    data = (
        b"\xef\xbb\xbf"
        + UNB
        + write_segments([Segment("UNH", (("1",),)), *body, Segment("UNT", ())])
        + b"UNZ+1+77'\r\n"
    )
    whole, parts = SegmentReader(), SegmentReader()
    expected = [*whole.feed(data), *whole.close()]
    found, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        found += parts.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    found += parts.close()
    assert found == expected
    assert parts.findings == whole.findings


PIECES = (
    "UNA:+.? '|UNA|UNB|UNH+1+ORDERS:D:96A:UN'|UNH'|UNH+1+CONTRL:D:3:UN'|UCI+1+A+B+7'|UNH+1+APERAK:D:96A:UN'|BGM++A+27'"
    "|BGM+220+1'|LIN+1'|QTY+21:x'|?|'|+|:|UNT+3+1'|UNT'|UNZ'|UNZ+1+77'|UNG+ORDERS'|UNE'|UNS+S'|UNO+1'|UIB+X'|RFF+ON:1'"
    "|ERC+1'|DTM+137:20269999:102'|UCM+1'|UCD'|\r\n|\x00|\xff|\xc3\xa9"
)
NOISE = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=200).map(lambda noise: UNB + noise),
    st.lists(st.sampled_from([UNB, *(each.encode("latin-1") for each in PIECES.split("|"))]), max_size=40).map(
        b"".join
    ),
)


@settings(max_examples=400)
@given(NOISE)
def test_any_bytes_end_in_a_verdict_or_a_fault(data):
    try:
        interchanges = list(read_interchanges([data]))
    except Fault:
        return
    for interchange in interchanges:
        verdicts = []
        for message in interchange.messages:
            found = validate(message, directory("control" if message.type == "CONTRL" else "d96a")).findings
            verdicts.append(MessageVerdict(message=message, accepted=not has_errors(found), findings=found))
            for read in (read_contrl, read_aperak):
                with suppress(PartnerFault):
                    read(message)
        body = contrl(interchange, interchange.findings, verdicts)
        assert all(isinstance(each, Segment) for each in body)


@given(st.data())
def test_a_valid_order_with_one_byte_changed_never_raises(data):
    good = UNB + b"UNH+1+ORDERS:D:96A:UN'" + ORDER.encode() + b"UNT+12+1'UNZ+1+77'"
    place = data.draw(st.integers(0, len(good) - 1))
    changed = good[:place] + bytes([data.draw(st.integers(0, 255))]) + good[place + 1 :]
    try:
        for interchange in read_interchanges([changed]):
            for message in interchange.messages:
                validate(message, directory("d96a"))
    except Fault:
        pass


ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=8)


@given(
    st.lists(
        st.builds(
            Segment,
            st.sampled_from(["BGM", "DTM", "FTX"]),
            st.lists(st.lists(ASCII, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4).map(tuple),
        ),
        min_size=1,
        max_size=6,
    )
)
@pytest.mark.filterwarnings("ignore")
def test_pydifact_reads_our_writing_as_we_do(body):
    data = write_segments(body)
    theirs = [from_pydifact(each) for each in pydifact.parser.Parser().parse(data.decode())]
    reader = SegmentReader()
    ours = reader.feed(UNB + data + b"UNZ+0+77'")[1:-1]
    assert [(each.tag, each.elements) for each in ours] == [(each.tag, each.elements) for each in theirs]


class CarefulReader(SegmentReader):
    """Takes no segment the short way."""

    def _run(self, pieces):
        return [], next(pieces)

    def _frame(self, piece):
        return None


@given(
    st.lists(st.tuples(SEGMENT, st.sampled_from(["", "\r\n", "\n", "\r\n\r\n", " ", "'", "\r"])), max_size=8),
    st.integers(1, 200),
    st.sampled_from([b"UNOC:3", b"UNOA:3", b"UNOB:2", b"UNOC:4", b"UNOY:4", b"UNOE:1"]),
)
@settings(max_examples=300)
def test_the_short_way_reads_as_the_long_one(body, size, syntax):
    inner = b"".join(write_segments([segment], line_end=end) for segment, end in body)
    unb = UNB.replace(b"UNOC:3", syntax)
    data = unb + b"UNH+1+ORDERS:D:96A:UN'\r\n" + inner + b"UNS+S'UNT+3+1'\r\nUNZ+1+77'"
    short, long = SegmentReader(), CarefulReader()
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    assert list(short.read(parts)) == list(long.read(parts))
    assert short.findings == long.findings


@settings(max_examples=300)
@given(NOISE)
def test_rewriting_without_a_change_gives_the_same_bytes(data):
    with suppress(PartnerFault):
        assert rewrite(data, lambda segment: segment) == data


@given(
    st.lists(st.tuples(SEGMENT, st.sampled_from(["", "\r\n", "\n\n", " "])), min_size=1, max_size=8), MARKS, st.data()
)
def test_rewriting_one_segment_leaves_every_other_byte(body, marks, data):
    assume(not any(_looks_utf8(segment) for segment, _ in body))
    una = b"" if marks == Marks() else marks.una().encode()
    pieces = [una + write_segments([Segment("UNB", (("UNOC", "3"),))], marks)]
    pieces += [write_segments([segment], marks, line_end=end) for segment, end in body]
    place = data.draw(st.integers(1, len(body)))
    changed = Segment("QTY", (("21", "a+b:c'd?e"),))
    counter = iter(range(len(pieces) + 1))
    found = rewrite(b"".join(pieces), lambda each: changed if next(counter) == place else each)
    old = write_segments([body[place - 1][0]], marks)
    pieces[place] = write_segments([changed], marks) + pieces[place][len(old) :]
    assert found == b"".join(pieces)


def test_a_repetition_is_never_written_as_a_space():
    with pytest.raises(Fault, match="repetition-unwritable"):
        write_segments([Segment("COM", (("1", "TE"),), repeats=((0, ("2", "TE")),))])
