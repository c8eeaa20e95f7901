"""AS2 with asynchronous receipts, killed (SIGKILL) before and after every commit of the sender and of the receiver."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "as2_crash_program.py"


@pytest.mark.parametrize(("role", "commits"), [("receiver", 4), ("sender", 5)])
def test_a_message_is_taken_once_and_told_once_whenever_one_side_dies(tmp_path: Path, role: str, commits: int) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), role], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    report = json.loads(done.stdout)
    assert report["wrong"] == []
    assert report["tried"] >= 2 * commits - 1  # both sides of every commit; one beside them may share a transaction
