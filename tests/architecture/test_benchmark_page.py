"""The page of benchmarks: what was asked stands beside what was measured, and other people's words stay."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.figures import KEPT_IN, Figure, figure
from tests.benchmarks.runs import MARK, keep, page_with, read_runs, run

BENCH = """\
import os, sys
sys.path.insert(0, {root!r})
from tests.benchmarks.figures import figure
figure("parse", 3.0, "ms", at_most=2, peer=("a peer", 1.5))
print("printed", sys.argv[1:])
sys.exit(3)
"""


def test_what_a_benchmark_measured_is_kept_and_told(tmp_path: Path) -> None:
    script = tmp_path / "bench_it.py"
    script.write_text(BENCH.format(root=str(Path(__file__).parents[2])), "utf-8")
    found = run(script, ["--small"])
    assert (found.printed, found.exit_code) == (["printed ['--small']"], 3)
    expected = Figure(name="parse", value=3.0, unit="ms", at_most=2, peer="a peer", peer_value=1.5, ratio=2.0)
    assert found.figures == (expected,)
    keep(found, tmp_path)
    assert read_runs(tmp_path) == [found]
    page = page_with(f"by hand\n\n{MARK}\n\nold", [replace(found, load=(0.1, 0.1))])
    assert page.startswith("by hand\n")
    assert "old" not in page
    assert "| it | parse | 3 ms | at most 2 | **missed** | a peer 1.5 | 2 |  |" in page
    assert "Ended with 3" in page


@pytest.mark.parametrize(
    ("at_most", "at_least", "missed"), [(3.0, None, False), (2.9, None, True), (None, 3.0, False), (None, 3.1, True)]
)
def test_a_figure_is_missed_beyond_what_was_asked(at_most: float | None, at_least: float | None, missed: bool) -> None:
    assert Figure(name="x", value=3.0, unit="s", at_most=at_most, at_least=at_least).missed is missed


def test_a_benchmark_run_by_hand_keeps_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(KEPT_IN, raising=False)
    monkeypatch.chdir(tmp_path)
    figure("x", 1.0, "s")
    assert list(tmp_path.iterdir()) == []
