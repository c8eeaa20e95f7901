"""A long run of damaged EDIFACT: whatever the bytes, a verdict or a Fault."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from gateway.codecs.edifact import rewrite
from gateway.model.faults import Fault
from gateway.schema.acknowledge import contrl
from gateway.schema.judge import judge

SECONDS = float(os.environ.get("GATEWAY_SOAK_S", "60"))
CASES = sorted((Path(__file__).parents[1] / "conformance" / "edifact").glob("*/in.edi"))
WORDS = [
    b"'",
    b"+",
    b":",
    b"?",
    b"??",
    b"?'",
    b"*",
    b"\r\n",
    b"\x00",
    b"\xff",
    b"UNA:+.? '",
    b"UNB+UNOC:3+A+B+260105:0810+1'",
]
WORDS += [
    b"UNZ+1+77'",
    b"UNH+1+ORDERS:D:96A:UN'",
    b"UNT+3+1'",
    b"UNG+ORDERS'",
    b"UNE+1+5'",
    b"LIN+1'",
    b"QTY+21:1'",
    b"UNS+S'",
]


def damaged(data: bytes, random: Random) -> bytes:
    """Return data with up to ten places cut, doubled, overwritten or joined with other pieces."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 10)):
        at = random.randrange(len(changed) + 1)
        match random.randrange(4):
            case 0:
                changed[at:at] = random.choice(WORDS)
            case 1:
                del changed[at : at + random.randint(1, 12)]
            case 2:
                changed[at : at + 1] = bytes([random.randrange(256)])
            case 3:
                changed[at:at] = changed[at : at + random.randint(1, 80)]
    return bytes(changed)


@pytest.mark.soak
def test_damaged_interchanges_end_in_a_verdict_or_a_fault(directories):
    random, seeds, end = Random(9735), [each.read_bytes() for each in CASES], monotonic() + SECONDS
    count = 0
    while monotonic() < end:
        data = damaged(random.choice(seeds), random)
        count += 1
        try:
            for judged in judge([data], directories):
                contrl(judged.interchange, judged.findings, judged.verdicts)
            assert rewrite(data, lambda segment: segment) == data
        except Fault:
            pass
    assert count > SECONDS * 10


@pytest.mark.soak
def test_fuzzing_by_coverage_finds_nothing(tmp_path):
    """atheris, where it is installed (extra `soak`); the test above needs nothing."""
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: pip install -e .[soak]")
    script = Path(__file__).with_name("fuzz_edifact.py")
    run = subprocess.run(
        [sys.executable, str(script), f"-max_total_time={SECONDS:.0f}", "-rss_limit_mb=2048"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode(errors="replace")[-2000:]
