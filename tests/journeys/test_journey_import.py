"""Large lists through the command line: progress, undone whole, and killed in the middle."""

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.app.imports import import_file, undo_import
from gateway.app.instance import open_instance
from tests.benchmarks.bench_import import write_file

ROWS, PLACES = 500, 10


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "instance"
    gateway(None, "init", str(made), "--gln", "9521001000000", "--name", "Us")
    return made


def gateway(root: Path | None, *arguments: str) -> str:
    instance = ["--instance", str(root)] if root else []
    command = [sys.executable, "-m", "gateway", *instance, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(root: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{root / 'var' / 'journal.sqlite'}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


STOCK = "SELECT gtin, location, on_hand FROM stock ORDER BY gtin, location"


def counted(root: Path, file: Path, kind: str = "stock") -> dict[str, object]:
    found: dict[str, object] = json.loads(gateway(root, "import", kind, str(file), "--json"))
    return found


def test_five_thousand_rows_are_taken_with_progress_and_undone_to_the_last(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    assert write_file(file, "stock", ROWS, PLACES) == ROWS * PLACES
    instance = open_instance(root)
    try:
        said: list[int] = []
        run = import_file(instance, "stock", file, user="anna", progress=said.append).run
        assert said == [1000, 2000, 3000, 4000, 5000]
        assert (run.rows, run.changed, run.rejected) == (5000, 5000, 0)
        expected = [line.split(",") for line in file.read_text().splitlines()[1:]]
        assert rows(root, STOCK) == sorted((f"0{gtin}", gln, int(units) * 1000) for gtin, gln, units in expected)
        said.clear()
        ended, left = undo_import(instance, run.id, user="anna", progress=said.append)
        assert (ended.state, left, said) == ("undone", 0, [1000, 2000, 3000, 4000, 5000])
    finally:
        instance.close()
    assert rows(root, "SELECT * FROM stock") == rows(root, "SELECT * FROM import_change") == []


def test_a_second_count_is_undone_to_the_first(root: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    write_file(first, "stock", 100, 2)
    lines = first.read_text().splitlines()
    second.write_text("\n".join([lines[0], *(f"{line}7" for line in lines[1:150]), "9521009999993,,4"]))
    counted(root, first)
    before = rows(root, STOCK)
    run = counted(root, second)
    assert run["changed"] == 150
    assert rows(root, STOCK) != before
    gateway(root, "import", "--undo", str(run["id"]))
    assert rows(root, STOCK) == before


@pytest.mark.parametrize("kind", ["stock", "items"])
def test_an_import_that_was_killed_in_the_middle_is_undone_whole(root: Path, tmp_path: Path, kind: str) -> None:
    table = "item" if kind == "items" else kind
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    write_file(few, kind, 50, 1)
    counted(root, few, kind)
    before = rows(root, f"SELECT * FROM {table} ORDER BY 1, 2")
    count = write_file(many, kind, *((5_000, 4) if kind == "stock" else (20_000, 1)))
    command = [sys.executable, "-m", "gateway", "--instance", str(root), "import", kind, str(many)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (found := rows(root, "SELECT id, rows FROM import_run WHERE state = 'running' AND rows >= 2000")):
            assert process.poll() is None, "it ended before it could be killed"
        process.send_signal(signal.SIGKILL)
    ((run, _),) = found
    ((state, taken, changed),) = rows(root, f"SELECT state, rows, changed FROM import_run WHERE id = '{run}'")
    assert state == "running"
    assert 2_000 <= int(str(taken)) < count
    assert rows(root, f"SELECT count(*) FROM import_change WHERE run = '{run}'") == [(changed,)]
    gateway(root, "import", "--undo", str(run))
    after = rows(root, f"SELECT * FROM {table} ORDER BY 1, 2")
    updated = -1  # of stock, the day of the last change is kept as it is
    assert [row[:updated] for row in after] == [row[:updated] for row in before]
    assert rows(root, f"SELECT state FROM import_run WHERE id = '{run}'") == [("undone",)]


def test_an_undo_that_was_cut_off_is_gone_on_with(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    write_file(file, "stock", 500, 4)
    run = str(counted(root, file)["id"])
    instance = open_instance(root)
    try:

        def pull(done: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            undo_import(instance, run, user="anna", progress=pull)
        assert rows(root, "SELECT count(*) FROM stock") == [(1000,)]
        assert rows(root, "SELECT state FROM import_run") == [("undoing",)]
    finally:
        instance.close()
    gateway(root, "import", "--undo", run)
    assert rows(root, "SELECT count(*) FROM stock") == [(0,)]
