"""Messages that wait for others lose nothing and go once, whatever commit the process dies at."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "crash_batches.py"


def no_difference(*arguments: str, every: int = 1) -> None:
    command = [sys.executable, str(PROGRAM), *arguments]
    settings = os.environ | {"CRASH_EVERY": str(every)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=settings)
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["differences"] == []
    assert report["tried"] >= 10


def test_a_crash_before_or_after_a_commit_loses_no_waiting_message(tmp_path: Path) -> None:
    no_difference(str(tmp_path), every=5)


@pytest.mark.soak
def test_a_crash_at_any_commit_loses_no_waiting_message(tmp_path: Path) -> None:
    no_difference(str(tmp_path))


@pytest.mark.soak
def test_a_crash_at_any_commit_on_postgresql_loses_no_waiting_message(tmp_path: Path, postgres_url: str) -> None:
    no_difference(str(tmp_path), postgres_url)
