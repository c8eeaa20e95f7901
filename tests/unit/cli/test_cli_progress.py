"""Progress of long work: on a terminal only, with how long it still takes, and a summary at the end."""

import io
from pathlib import Path

from gateway.cli.progress import Progress, lines_of


class Terminal(io.StringIO):
    def __init__(self, *, tty: bool = True) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def played(total: int | None, *steps: tuple[float, int], tty: bool = True) -> list[str]:
    """Return the lines that a terminal showed. steps: (seconds since the beginning, rows done)."""
    times = iter([0.0, *(at for at, _ in steps), steps[-1][0]])
    stream = Terminal(tty=tty)
    progress = Progress("importing", total, stream=stream, timer=lambda: next(times))
    for _, done in steps:
        progress(done)
    progress.end()
    return [each.rstrip() for each in stream.getvalue().split("\r")[1:]]


def test_the_line_says_how_many_of_how_many_how_fast_and_how_long_still() -> None:
    assert played(10_000, (2.0, 1_000), (4.0, 4_000)) == [
        "importing: 1,000 of 10,000 rows, 500/s, 18 s left",
        "importing: 4,000 of 10,000 rows, 1,000/s, 6 s left",
        "importing: 4,000 rows in 4 s",
    ]
    assert played(1_000_000, (100.0, 10_000))[0].endswith("100/s, 2 h 45 min left")


def test_without_a_total_nothing_is_foretold() -> None:
    assert played(None, (61.0, 610))[:2] == ["importing: 610 rows, 10/s", "importing: 610 rows in 1 min 01 s"]


def test_what_is_done_within_a_second_and_what_is_no_terminal_gets_no_line() -> None:
    assert played(10, (0.5, 10)) == []
    assert played(10_000, (2.0, 1_000), tty=False) == []


def test_rows_of_a_text_file_are_counted_and_a_workbook_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("gtin\n1\n2\n")
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04\n\n")
    assert lines_of(tmp_path / "a.csv") == 3
    assert lines_of(tmp_path / "a.xlsx") is None
    assert lines_of(tmp_path / "none.csv") is None
