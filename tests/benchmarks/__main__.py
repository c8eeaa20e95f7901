"""make bench: run the benchmarks, each in a process of its own, and write what they print into docs/benchmarks.md.

    python -m tests.benchmarks [NAME ...] [-- ARGUMENT ...]
                                               all, or those whose name is given: bench_edifact, or edifact; what stands
                                               behind -- is given to them
    python -m tests.benchmarks --write         only write the page anew from the runs that are kept

A run is kept as docs/benchmarks/NAME.json, so that one benchmark can be renewed alone. What people have written stands
in docs/benchmarks.md above the mark; below it everything is made from these files.
"""

import sys
from pathlib import Path

from tests.benchmarks.runs import RUNS, keep, page_with, read_runs, run

HERE = Path(__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main(words: list[str]) -> int:
    """Return the number of benchmarks that failed."""
    words, arguments = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    known = {path.stem: path for path in sorted(HERE.glob("bench_*.py"))}
    wanted = [f"bench_{word.removeprefix('bench_')}" for word in words if word != "--write"]
    unknown = set(wanted) - set(known)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = 0
    for name in wanted or ([] if "--write" in words else known):
        print(f"== {name} ==", flush=True)
        found = run(known[name], arguments)
        keep(found)
        failed += found.exit_code != 0
        write_page()
    write_page()
    return failed


def write_page() -> None:
    """After each run: whoever breaks the rest off keeps what was measured."""
    PAGE.write_text(page_with(PAGE.read_text("utf-8"), read_runs(RUNS)), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
