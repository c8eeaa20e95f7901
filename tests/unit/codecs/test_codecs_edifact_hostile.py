"""Files made to cost much: what they may cost is counted, not timed."""

from collections import Counter

import pytest

from gateway.codecs import edifact_read, edifact_slice
from gateway.codecs.edifact import Limits, SegmentReader
from gateway.codecs.edifact_report import MAX_FINDINGS, add, report
from gateway.codecs.envelope import read_interchanges
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where

UNB = b"UNB+UNOC:3+4000001000005:14+4000002000004:14+260105:0810+77'"
EMPTY = b"UNB+UNOC:3+A+B+260105:0810+77'UNZ+0+77'"


@pytest.mark.parametrize("between", [b"", b"\n", b" ", b"\r\n"], ids=["nothing", "line feed", "space", "line end"])
def test_terminators_without_segments_are_told_once_and_stop_the_reading_at_a_limit(between: bytes) -> None:
    limits = Limits(empty_segments=500)
    (found,) = read_interchanges([UNB + (between + b"'") * 501 + b"UNZ+0+77'"], limits=limits)
    assert [each.code for each in found.findings] == ["edifact.segment-empty", "edifact.too-many-empty"]
    (good,) = read_interchanges([UNB + (between + b"'") * 500 + b"UNZ+0+77'"], limits=limits)
    assert "edifact.too-many-empty" not in [each.code for each in good.findings]


def test_a_file_has_so_many_interchanges_and_no_more() -> None:
    coming = read_interchanges([EMPTY * 8], limits=Limits(interchanges=7))
    read = [next(coming) for _ in range(7)]
    with pytest.raises(PartnerFault) as raised:
        next(coming)
    assert raised.value.code == "edifact.too-many-interchanges"
    assert raised.value.where.offset == 7 * len(EMPTY)
    assert len(read) == 7
    assert len(list(read_interchanges([EMPTY * 7], limits=Limits(interchanges=7)))) == 7


def test_short_interchanges_are_not_cut_again_for_each_of_those_before_them(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = Counter[str]()
    pieces = edifact_slice.PlainCutter.pieces

    def counted(self: edifact_slice.PlainCutter, data: bytes) -> list[bytes]:
        cut["bytes"] += len(data)
        return pieces(self, data)

    monkeypatch.setattr(edifact_read.PlainCutter, "pieces", counted)
    assert len(SegmentReader().feed(EMPTY * 1500)) == 3000
    assert cut["bytes"] < 1500 * 2 * 1_100


def test_one_segment_longer_than_a_slice_is_read_in_a_few_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    pieces = edifact_slice.PlainCutter.pieces

    def counted(self: edifact_slice.PlainCutter, data: bytes) -> list[bytes]:
        calls.append(len(data))
        return pieces(self, data)

    monkeypatch.setattr(edifact_read.PlainCutter, "pieces", counted)
    found = SegmentReader().feed(UNB + b"FTX+AAI+++" + b"x" * 90_000 + b"'")
    assert [each.tag for each in found] == ["UNB", "FTX"]
    assert len(calls) < 10


def test_many_warnings_never_hide_an_error() -> None:
    findings: list[Finding] = []
    for place in range(MAX_FINDINGS * 2):
        add(findings, report("edifact.date-invalid", Where(offset=place), value="1", format="102"))
    for place in range(2):
        add(findings, report("edifact.segment-unknown", Where(offset=place), tag="XXX", message="ORDERS"))
    behind = [(each.code, each.severity) for each in findings[MAX_FINDINGS:]]
    assert behind == [
        ("edifact.findings-cut", "warning"),
        ("edifact.date-invalid", "warning"),
        ("edifact.segment-unknown", "error"),
    ]


@pytest.mark.parametrize("filler", [b"\x00", b" ", b"\r\n", b"\x1a"], ids=["NUL", "space", "line end", "end of file"])
def test_a_block_filled_up_behind_unz_is_no_text(filler: bytes) -> None:
    (found,) = read_interchanges([EMPTY + filler * 150_000])
    assert [each.code for each in found.findings] == ["edifact.level-empty"]
