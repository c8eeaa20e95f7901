"""A season of trade with five customers and three suppliers, played and audited by a program that shares no code with ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.stage import ROOT

CASES = {
    "document.overdue stillwasser open": 18,  # the first morning, and each one from the day on which it fell silent
    "edifact.count-mismatch kauzberg open": 1,
    "order.supplier-short knapphof open": 9,  # each of its orders
    "payment.short lindenpark open": 1,
    "receiving.differs knapphof open": 4,  # every other truck
    "receiving.differs marienau open": 1,
    "return.differs marienau open": 1,
}
# Cases of the customer record; health is left out: it is looked at every twenty seconds of real time, whatever the day.
RECORD = {
    "document-overdue stillwasser open": 18,
    "order.supplier-short knapphof open": 9,
    "payment.short lindenpark open": 1,
    "plan.approval-needed verlass done": 1,
    "receiving.differs knapphof open": 4,
    "receiving.differs marienau open": 1,
    "return-open marienau done": 1,
    "return.differs marienau open": 1,
    "return.waits marienau done": 1,
    "supplier-short knapphof open": 2,
}
WEEK = {
    "document.overdue stillwasser open": 1,  # the first morning
    "edifact.count-mismatch kauzberg open": 1,
    "order.supplier-short knapphof open": 4,
    "receiving.differs knapphof open": 1,
}
WEEK_RECORD = {
    "document-overdue stillwasser open": 1,
    "order.supplier-short knapphof open": 4,
    "plan.approval-needed verlass done": 1,
    "receiving.differs knapphof open": 1,
    "supplier-short knapphof open": 1,
}
PEERS = ROOT / ".venv-peers" / "bin" / "python"


def played(folder: Path, days: int) -> dict[str, Any]:
    """Play the season in the foreign peers' environment, where the gateway's package is not installed."""
    assert PEERS.exists(), "the foreign AS2 peer is missing: bash tests/setup.sh"
    gateway = Path(sys.executable).with_name("gateway")
    command = [str(PEERS), "-m", "tests.season", str(folder), "--gateway", str(gateway), "--days", str(days)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1500)
    assert done.stdout, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def audited(found: dict[str, Any]) -> None:
    assert found["differences"] == []
    assert found["planted"].keys() == {
        "an order got lost",
        "an invoice came twice",
        "a delivery was never announced",
        "the shelf was robbed",
        "a receipt was a week later",
    }
    for name, differences in found["planted"].items():
        assert differences, f"the auditor does not notice: {name}"


def but_health(cases: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in cases.items() if not name.startswith("partner-health")}


def test_after_the_first_week_of_a_season_nothing_is_unexplained(tmp_path: Path) -> None:
    found = played(tmp_path, 8)
    audited(found)
    assert found["cases"] == WEEK
    assert but_health(found["record"]) == WEEK_RECORD


@pytest.mark.soak
def test_after_a_season_not_one_unit_message_or_acknowledgement_is_unexplained(tmp_path: Path) -> None:
    found = played(tmp_path, 30)
    audited(found)
    assert found["cases"] == CASES
    assert but_health(found["record"]) == RECORD
    assert all(count >= 4 for count in found["purchases"].values()), found["purchases"]
