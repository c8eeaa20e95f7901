"""The season's trade at the highest rate that the machine takes, while processes are killed, the disk slows down, a
partner is away and certificates roll over. GATEWAY_SOAK_MINUTES: how long, 30 when not said.

The program that trades and audits shares no code with the gateway and runs where its package is not installed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-peers" / "bin" / "python"
MINUTES = float(os.environ.get("GATEWAY_SOAK_MINUTES", "30"))

pytestmark = pytest.mark.soak


def rushed(folder: Path, minutes: float, *words: str) -> dict[str, Any]:
    assert PEERS.exists(), "the foreign AS2 peer is missing: bash tests/setup.sh soak"
    gateway = Path(sys.executable).with_name("gateway")
    command = [str(PEERS), "-m", "tests.season", str(folder), "--gateway", str(gateway), "--rush", str(minutes), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800 + minutes * 180)
    assert done.stdout, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
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
    assert found["sent"] > 60 * minutes, "that is no load"
    return found


def test_two_nodes_on_postgresql_that_die_in_turn_lose_nothing_and_send_nothing_twice(
    tmp_path: Path, postgres_url: str
) -> None:
    rushed(tmp_path, min(MINUTES, 10.0), "--database", postgres_url)


def test_under_load_and_faults_nothing_is_lost_nothing_comes_twice_and_memory_is_flat(tmp_path: Path) -> None:
    found = rushed(tmp_path, MINUTES)
    if MINUTES >= 20:  # shorter runs have no calm time that is long enough
        assert found["memory_rise_mb_a_minute"] is not None
