"""The page of benchmarks: people's part stays, the part below the mark is made from the runs that are kept."""

from pathlib import Path

from tests.benchmarks.runs import MARK, RUNS, Run, keep, page_with, read_runs

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
RUN = Run(
    name="bench_x",
    at="2026-11-22T09:00+00:00",
    seconds=1.5,
    load=(0.5, 9.0),
    cores=2,
    machine="a processor",
    versions={"python": "3.11.7"},
    exit_code=0,
    printed=["parse 1.25 ms, 3.0 x the peer"],
)


def test_the_page_is_what_its_runs_say() -> None:
    text = PAGE.read_text("utf-8")
    assert page_with(text, read_runs(RUNS)) == text


def test_one_run_is_renewed_alone_and_what_people_wrote_stays(tmp_path: Path) -> None:
    keep(RUN, tmp_path)
    page = page_with(f"# Ours\n\n{MARK}\n\nold", read_runs(tmp_path))
    assert page.startswith("# Ours\n")
    assert "old" not in page
    assert "parse 1.25 ms, 3.0 x the peer" in page
    assert "**busy**" in page
    assert page_with(page, read_runs(tmp_path)) == page
