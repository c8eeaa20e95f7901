"""The season's trade at the highest rate that the machine takes, while processes are killed, the disk slows down, a
partner is away and certificates roll over. GATEWAY_SOAK_MINUTES: how long, 30 when not said.

The program that trades and audits shares no code with the gateway and runs where its package is not installed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-peers" / "bin" / "python"
MINUTES = float(os.environ.get("GATEWAY_SOAK_MINUTES", "30"))

pytestmark = pytest.mark.soak


def test_under_load_and_faults_nothing_is_lost_nothing_comes_twice_and_memory_is_flat(tmp_path: Path) -> None:
    assert PEERS.exists(), "the foreign AS2 peer is missing: bash tests/setup.sh soak"
    gateway = Path(sys.executable).with_name("gateway")
    command = [str(PEERS), "-m", "tests.season", str(tmp_path), "--gateway", str(gateway), "--rush", str(MINUTES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800 + MINUTES * 180)
    assert done.stdout, done.stderr[-4000:]
    found = json.loads(done.stdout)
    print(json.dumps({name: each for name, each in found.items() if name not in ("differences", "counts")}, indent=1))
    assert found["differences"] == []
    assert found["kills"]["gateway"] >= 2
    assert {
        "disk slow",
        "disk as before",
        "steinfurt away",
        "back",
        "marienau has a new key",
        "we have a new key",
    } <= set(found["trouble"])
    assert found["sent"] > 60 * MINUTES, "that is no load"
    if MINUTES >= 20:  # shorter runs have no calm time that is long enough
        assert found["memory_rise_mb_a_minute"] is not None
