"""Invariants 1 to 3 at every commit: kept before acknowledged, one step one transaction, twice is once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "crash_program.py"


def no_difference(*arguments: str, every: int = 1) -> None:
    command, settings = [sys.executable, str(PROGRAM), *arguments], os.environ | {"CRASH_EVERY": str(every)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=settings)
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["differences"] == []
    assert report["tried"] >= 40 // every  # both sides of every commit of the run


def test_a_crash_before_or_after_any_commit_changes_nothing_in_the_end(tmp_path: Path) -> None:
    no_difference(str(tmp_path))


def test_a_crash_at_some_commits_on_postgresql_changes_nothing_in_the_end(tmp_path: Path, postgres_url: str) -> None:
    no_difference(str(tmp_path), postgres_url, every=4)


@pytest.mark.soak
def test_a_crash_at_any_commit_on_postgresql_changes_nothing_in_the_end(tmp_path: Path, postgres_url: str) -> None:
    no_difference(str(tmp_path), postgres_url)
