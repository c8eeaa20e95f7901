"""Operations from the command line: holds, edits, bulk replay, nodes, and the care of the journal."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.app.actions import JournalActions
from gateway.app.instance import open_instance
from gateway.cli.root import cli
from gateway.model.payload import MemoryPayload, read_all
from gateway.pipeline.accept import accept
from gateway.pipeline.prepare import prepare
from gateway.pipeline.stored import store_prepared
from gateway.ports.records import Arrival, ReplayFilter
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal

PARTNER = """\
name: Shop
role: customer
gln: "9521002000009"
channels: {http: {}}
agreements: []
"""
LARGE = b"<not-xml" + b"x" * 300_000


def run(root: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["--instance", str(root), *arguments])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An instance with two unreadable arrivals from a shop, one of them large."""
    folder = tmp_path / "instance"
    made = CliRunner().invoke(cli, ["init", str(folder), "--gln", "9521001000000", "--name", "Acme"])
    assert made.exit_code == 0, made.output
    (folder / "partners" / "shop").mkdir()
    (folder / "partners" / "shop" / "partner.yaml").write_text(PARTNER)
    instance = open_instance(folder, take_folders=True)
    now = instance.clock.now()
    for name, data in (("a1", b"nonsense"), ("a2", LARGE)):
        arrival = Arrival(id=name, channel="http", partner="shop", payload=MemoryPayload(data))
        instance.journal.write(lambda tx, a=arrival: accept(tx, instance.book, a, now))
    work_off(folder)
    instance.close()
    return folder


def work_off(folder: Path) -> None:
    """Read what waits in the shop's lane."""
    instance = open_instance(folder)
    now = instance.clock.now()
    claim = instance.journal.write(lambda tx: tx.claim_lane("shop", "t", now, now - now))
    assert claim is not None
    for row in instance.journal.read(lambda tx: tx.arrivals_to_prepare(claim, now, 9)):
        found = prepare(instance.book, row)
        named = replace(found, messages=tuple(replace(each, id=f"m-{row.id}") for each in found.messages))
        instance.journal.write(
            lambda tx, r=row, f=named: store_prepared(tx, instance.book, claim, r, f, now, lambda: "p")
        )
    instance.journal.write(lambda tx: tx.release_lane(claim))
    instance.close()


def test_a_partner_is_paused_with_a_reason_and_resumed(root: Path) -> None:
    run(root, "holds", "pause", "partner", "shop", "--reason", "stocktaking")
    (hold,) = json.loads(run(root, "holds", "list", "--json").stdout)
    assert (hold["kind"], hold["key"], hold["reason"]) == ("partner", "shop", "stocktaking")
    run(root, "holds", "resume", "partner", "shop")
    assert json.loads(run(root, "holds", "list", "--json").stdout) == []
    assert "journal.not-paused" in run(root, "holds", "resume", "partner", "shop", code=3).output


def test_an_edited_file_becomes_a_new_arrival_and_the_original_stays(root: Path, tmp_path: Path) -> None:
    edited = tmp_path / "edited"
    edited.write_bytes(b"still nonsense")
    made = run(root, "messages", "resubmit", "m-a1", str(edited), "--reason", "typing error").stdout.strip()
    again = run(root, "messages", "resubmit", "m-a1", str(edited), "--reason", "typing error").stdout.strip()
    assert made == again
    instance = open_instance(root)
    new, old = instance.journal.read(lambda tx: (tx.arrival_of(made), tx.arrival_of("a1")))
    assert read_all(new.payload, 99) == b"still nonsense"
    assert (read_all(old.payload, 99), old.state) == (b"nonsense", "parsed")
    instance.close()
    with sqlite3.connect(root / "var" / "journal.sqlite") as rows:
        assert rows.execute("SELECT origin FROM arrival WHERE id = ?", (made,)).fetchone() == ("a1",)
        ((action, subject),) = rows.execute("SELECT action, subject FROM audit WHERE action LIKE 'arrival%'").fetchall()
    assert (action, subject) == ("arrival.resubmit", "a1")


def test_everything_parked_for_a_cause_is_previewed_and_replayed(root: Path) -> None:
    groups = json.loads(run(root, "messages", "replay-all", "--preview", "--json").stdout)
    assert [(each["partner"], each["count"]) for each in groups] == [("shop", 1), ("shop", 1)]
    one = run(root, "messages", "replay-all", "--fault", groups[0]["fault"], "--preview", "--json")
    assert json.loads(one.stdout) == groups[:1]
    run(root, "messages", "replay-all", code=2)
    done = run(root, "messages", "replay-all", "--partner", "shop", "--reason", "mended")
    assert "done: 2 of 2" in done.output
    assert run(root, "open-work").stdout.strip() == "4"  # both files, and the messages that stood for them


def test_a_cancelled_bulk_replay_says_how_far_it_came(root: Path) -> None:
    instance = open_instance(root)
    actions = JournalActions(instance=instance, wake=lambda lane: None, wake_delivery=lambda: None)
    bulk = actions.start_bulk(ReplayFilter(), "why", "ana")
    actions.advance_bulk(bulk.id, 1)
    instance.close()
    assert "cancelled: 1 of 2" in run(root, "messages", "replay-cancel", bulk.id).output


def test_a_sound_journal_passes_and_a_damaged_one_is_named(root: Path) -> None:
    assert json.loads(run(root, "journal", "check", "--json").stdout) == []
    with sqlite3.connect(root / "var" / "journal.sqlite") as rows:
        rows.execute("UPDATE message SET seq = seq + 7 WHERE id = 'm-a1'")
        rows.execute("UPDATE message SET state = 'held' WHERE id = 'm-a2'")
    next((root / "var" / "blobs").glob("*/*")).unlink()
    found = json.loads(run(root, "journal", "check", "--json", code=3).stdout)
    assert [(each["rule"], each["examples"]) for each in found][:2] == [
        ("a message carries the seq of its arrival", ["m-a1"]),
        ("a held message is matched by a hold", ["m-a2"]),
    ]
    assert found[2]["rule"] == "a large payload is in the blob folder, whole"


def test_a_backup_is_restored_whole_and_overwrites_nothing(root: Path, tmp_path: Path) -> None:
    run(root, "backup", str(tmp_path / "copy"))
    run(root, "holds", "pause", "partner", "shop", "--reason", "after the backup")
    run(root, "restore", str(tmp_path / "copy"), str(tmp_path / "back"))
    back = tmp_path / "back"
    assert json.loads(run(back, "journal", "check", "--json").stdout) == []
    assert json.loads(run(back, "holds", "list", "--json").stdout) == []
    instance = open_instance(back)
    large = instance.journal.read(lambda tx: tx.arrival_of("a2"))
    assert read_all(large.payload, 400_000) == LARGE
    assert instance.keys.own("self").name == "self"
    instance.close()
    assert "instance.not-empty" in run(root, "restore", str(tmp_path / "copy"), str(back), code=3).output
    assert "instance.not-empty" in run(root, "backup", str(back), code=3).output


def test_a_journal_moves_to_postgresql_and_goes_on_there(root: Path, postgres_url: str, tmp_path: Path) -> None:
    run(root, "journal", "move", postgres_url)
    with (root / "config.yaml").open("a") as file:
        file.write(f'\ndatabase: {{url: "{postgres_url}"}}\n')
    assert json.loads(run(root, "journal", "check", "--json").stdout) == []
    edited = tmp_path / "edited"
    edited.write_bytes(b"more nonsense")
    run(root, "messages", "resubmit", "a1", str(edited), "--reason", "first row made on the new database")
    instance = open_instance(root)
    assert [row.state for row in (instance.journal.read(lambda tx: tx.arrival_of("a2")),)] == ["parsed"]
    assert instance.journal.read(lambda tx: tx.lanes_with_work(instance.clock.now())) == ["shop"]
    instance.close()
    assert "journal.not-empty" in run(root, "journal", "move", postgres_url, code=3).output


def test_a_backup_of_a_postgresql_journal_is_a_whole_instance_of_its_own(
    root: Path, postgres_url: str, tmp_path: Path
) -> None:
    run(root, "journal", "move", postgres_url)
    with (root / "config.yaml").open("a") as file:
        file.write(f'\ndatabase: {{url: "{postgres_url}"}}\n')
    run(root, "backup", str(tmp_path / "copy"))
    journal = SqlJournal.open(tmp_path / "copy" / "var" / "journal.sqlite", FileBlobs(tmp_path / "copy/var/blobs"))
    assert read_all(journal.read(lambda tx: tx.arrival_of("a2")).payload, 400_000) == LARGE
    journal.close()
    assert json.loads(run(tmp_path / "copy", "journal", "check", "--json").stdout) == []
