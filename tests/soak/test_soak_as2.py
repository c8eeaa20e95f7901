"""One gigabyte, signed and encrypted, in and out: resident memory stays where it is for fifty megabytes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEGABYTES = int(os.environ.get("SOAK_AS2_MEGABYTES", "1000"))
MOST_MB = 80  # above the idle process


@pytest.mark.soak
def test_a_gigabyte_costs_no_memory(tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < MEGABYTES * 8_000_000:
        pytest.fail("needs eight times the message in free space")
    program = f"""
import json, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from tests.benchmarks import bench_as2
if __name__ == "__main__":
    folder = Path({str(tmp_path)!r})
    print(json.dumps(bench_as2.large(folder, bench_as2.identities(folder), {MEGABYTES})))
"""
    script = tmp_path / "large.py"
    script.write_text(program)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=3_000)
    assert done.returncode == 0, done.stderr[-2_000:]
    found = json.loads(done.stdout.splitlines()[-1])
    print(found)
    assert found["in"] <= MOST_MB
    assert found["out"] <= MOST_MB
