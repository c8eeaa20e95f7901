"""Large lists: 100,000 items and 1,000,000 stock rows imported from CSV and undone, each in a process of its own.

    python tests/benchmarks/bench_import.py [ITEMS PLACES]

CPU is that of the process, memory its highest resident size. Beside it, on the same rows: Python's own csv module and
executemany of sqlite3 in one transaction, which checks nothing, keeps nothing of what was there and cannot be undone.
"""

import csv
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[2]))

from click.testing import CliRunner
from sqlalchemy import func, select

from gateway.app.imports import import_file, undo_import
from gateway.app.instance import Instance, open_instance
from gateway.cli.root import cli
from gateway.model.values import check_digit
from gateway.store import tables
from tests.benchmarks.figures import figure

ITEMS, PLACES = 100_000, 10
KINDS = ("items", "stock")


def with_check(body: str) -> str:
    return body + check_digit(body)


def rows_of(kind: str, items: int, places: int) -> Iterator[list[str]]:
    """Yield the header and the rows. Stock comes as a count does: place by place, the items of a place in no order."""
    if kind == "items":
        yield ["gtin", "name", "price", "supplier"]
        for n in range(items):
            yield [with_check(f"952{n:09d}"), f"Item {n}", f"{n % 900 / 100:.2f}", f"S-{n % 50}"]
        return
    yield ["gtin", "location", "on_hand"]
    for place in range(places):
        gln = with_check(f"9521009{place:05d}")
        for n in range(items):
            yield [with_check(f"952{n * 7919 % items:09d}"), gln, str((n * 31 + place) % 500)]


def write_file(path: Path, kind: str, items: int, places: int) -> int:
    """Write the list; return how many rows it has."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        count = 0
        for row in rows_of(kind, items, places):
            writer.writerow(row)
            count += 1
    return count - 1


def count_of(instance: Instance, kind: str) -> int:
    table = tables.metadata.tables["item" if kind == "items" else "stock"]
    chosen = select(func.count()).select_from(table)
    return int(instance.journal.read(lambda tx: tx.connection.execute(chosen).scalar_one()))  # type: ignore[attr-defined]


def measured(work: Callable[[Callable[[int], None]], None]) -> dict[str, float]:
    """Run work, which reports its progress; return what it cost. reports: how often it said how far it is."""
    said: list[int] = []
    wall, cpu = perf_counter(), process_time()
    work(said.append)
    assert said == sorted(said), "progress went back"
    return {
        "cpu_s": process_time() - cpu,
        "wall_s": perf_counter() - wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "reports": len(said),
    }


def child(root: Path, kind: str, file: Path, what: str) -> None:
    """Import or undo in this process and print the figures as JSON."""
    instance = open_instance(root)
    try:
        if what == "import":
            figures = measured(lambda say: void(import_file(instance, kind, file, user="bench", progress=say)))
        else:
            run = instance.journal.read(lambda tx: tx.imports(1))[0]
            figures = measured(lambda say: void(undo_import(instance, run.id, user="bench", progress=say)))
        print(json.dumps({**figures, "rows": count_of(instance, kind)}))
    finally:
        instance.close()


def void(_: object) -> None:
    """Take what a call gives and give nothing."""


def peer(folder: Path, file: Path, kind: str) -> float:
    """Return the CPU seconds of csv and executemany alone."""
    cpu = process_time()
    connection = sqlite3.connect(folder / f"peer-{kind}.sqlite")
    width = {"items": 4, "stock": 3}[kind]
    key = "a" if kind == "items" else "a, b"
    connection.execute(f"CREATE TABLE t ({', '.join('abcd'[:width])}, PRIMARY KEY ({key}))")
    with file.open(newline="") as opened:
        rows = csv.reader(opened)
        next(rows)
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * width)})", rows)
    connection.commit()
    connection.close()
    return process_time() - cpu


def run(root: Path, kind: str, file: Path, what: str) -> dict[str, float]:
    command = [sys.executable, __file__, "child", str(root), kind, str(file), what]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def show(kind: str, what: str, count: int, figures: dict[str, float]) -> None:
    print(
        f"{what:7} {count:10,} {kind:6} {figures['cpu_s']:7.1f} s of CPU "
        f"({figures['cpu_s'] / count * 1e6:5.1f} us a row), "
        f"{figures['wall_s']:7.1f} s, peak {figures['peak_mb']:5.0f} MB, {figures['reports']:,.0f} reports of progress",
        flush=True,
    )


def main(items: int, places: int) -> None:
    with tempfile.TemporaryDirectory(dir=".") as made:
        folder = Path(made)
        root = folder / "instance"
        CliRunner().invoke(cli, ["init", str(root), "--gln", "9521001000000", "--name", "Us"], catch_exceptions=False)
        for kind in KINDS:
            file = folder / f"{kind}.csv"
            count = write_file(file, kind, items, places)
            theirs = peer(folder, file, kind)
            figures = run(root, kind, file, "import")
            assert figures["rows"] == count, figures
            show(kind, "import", count, figures)
            figure(
                f"import of {count:,} {kind}", figures["cpu_s"], "s of CPU", peer=("csv and executemany alone", theirs)
            )
            figure(f"import of {count:,} {kind}, memory", figures["peak_mb"], "MB")
            print(f"        {figures['cpu_s'] / theirs:.1f} x the CPU of csv and executemany alone ({theirs:.1f} s)")
            figures = run(root, kind, file, "undo")
            assert figures["rows"] == (0 if kind == "items" else figures["rows"])
            show(kind, "undo", count, figures)
        print("rows of stock left after --undo:", int(figures["rows"]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), sys.argv[5])
    else:
        main(*(int(each) for each in sys.argv[1:3] or (ITEMS, PLACES)))
