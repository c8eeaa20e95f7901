"""The demo as a person meets it: first start, history, live trade, a file of one's own, a second start, reset."""

from pathlib import Path

import pytest
from demo_stage import (
    check_answered_once,
    foreign_order,
    make_instance,
    notes,
    processes_of,
    rows,
    run,
    scene,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_instance(tmp_path_factory.mktemp("demo"))


def test_the_first_start_loads_history_and_leaves_work_for_a_person(folder: Path) -> None:
    with scene(folder, "--days", "5") as stage:
        stage.wait_for("Trading in real time")
        assert "/login?token=" in stage.said()
        assert stage.stop() == 0
    assert processes_of(folder) == []
    parked = rows(folder, "SELECT partner, type FROM message WHERE state = 'parked'")
    assert parked == [("nordmarkt", "ORDERS")] * 2
    assert rows(folder, "SELECT count(*) FROM proposal WHERE status = 'proposed'") != [(0,)]
    kinds = {row[0] for row in rows(folder, "SELECT DISTINCT type FROM message WHERE state = 'done'")}
    assert {"ORDERS", "SLSRPT", "Order", "ProductActivity", "DespatchAdvice", "InventoryReport"} <= kinds


def test_a_second_start_continues_and_takes_a_file_of_ones_own(folder: Path) -> None:
    before = rows(folder, "SELECT count(*) FROM message")[0][0]
    order = folder / "own.edi"
    order.write_bytes(foreign_order(folder, "OWN40", 40))
    with scene(folder, "--days", "5") as stage:
        stage.wait_for("Trading in real time")
        assert "History:" not in stage.said()
        refused = run(folder, "demo", "reset")
        assert refused.returncode != 0
        assert "demo.still-running" in refused.stderr + refused.stdout
        sent = run(folder, "demo", "send", str(order), "--as", "guest")
        assert sent.returncode == 0, sent.stdout + sent.stderr
        assert "signed MDN" in sent.stdout
        assert ": done" in sent.stdout
    assert rows(folder, "SELECT count(*) FROM message")[0][0] > before
    check_answered_once(folder, "OWN40", 40)
    received = [each["number"] for each in notes(folder, "guest", "inbox")]
    assert len(received) == len(notes(folder, "guest", "inbox"))
    assert all(each["state"] == "acked" for each in notes(folder, "guest", "outbox"))


def test_reset_takes_away_what_the_demo_made(folder: Path) -> None:
    done = run(folder, "demo", "reset")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "var").iterdir()) == ["demo.lock"]
    assert (folder / "partners" / "self" / "partner.yaml").exists()
