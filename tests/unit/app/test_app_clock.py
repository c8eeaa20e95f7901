"""The clock, and ids made from it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gateway.app.clock import FileClock, SystemClock
from gateway.app.ids import uuid7
from tests.stepped_clock import SteppedClock

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def set_clock(path: Path, sim: datetime, rate: float, wall: datetime | None = None) -> None:
    wall = wall or SystemClock().now()
    path.write_text(json.dumps({"sim": sim.isoformat(), "wall": wall.isoformat(), "rate": rate}))


def test_without_a_file_the_time_is_real(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock.json")
    assert abs(clock.now() - SystemClock().now()) < SECOND


def test_a_standing_clock_shows_what_the_file_says(tmp_path: Path) -> None:
    set_clock(tmp_path / "clock.json", START, 0)
    clock = FileClock(tmp_path / "clock.json")
    assert clock.now() == START
    assert clock.now() == START


def test_a_fast_clock_runs_from_the_instant_it_was_set(tmp_path: Path) -> None:
    set_clock(tmp_path / "clock.json", START, 3600, SystemClock().now() - timedelta(seconds=10))
    passed = FileClock(tmp_path / "clock.json").now() - START
    assert timedelta(hours=10) <= passed < timedelta(hours=12)


def test_a_step_is_seen_at_once_by_everybody_who_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    set_clock(path, START, 0)
    clocks = [FileClock(path), FileClock(path)]
    assert {each.now() for each in clocks} == {START}
    fresh = tmp_path / "clock.new"
    set_clock(fresh, START + timedelta(days=1), 0)
    fresh.replace(path)
    assert {each.now() for each in clocks} == {START + timedelta(days=1)}


def test_when_the_file_goes_the_time_is_real_again(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    set_clock(path, START, 0)
    clock = FileClock(path)
    assert clock.now() == START
    path.unlink()
    assert abs(clock.now() - SystemClock().now()) < SECOND


def test_all_times_carry_utc(tmp_path: Path) -> None:
    set_clock(tmp_path / "clock.json", START, 1)
    for clock in (SystemClock(), FileClock(tmp_path / "clock.json"), FileClock(tmp_path / "none")):
        assert clock.now().utcoffset() == timedelta(0)


def test_a_stepped_clock_moves_only_when_told() -> None:
    clock = SteppedClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(timedelta(hours=2))
    assert clock.now() == START + timedelta(hours=2)


def test_an_id_is_a_uuid_of_version_7_and_the_rfc_variant() -> None:
    made = UUID(uuid7(START))
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(START.timestamp() * 1000)


def test_ids_sort_by_their_millisecond() -> None:
    moments = [START + timedelta(milliseconds=n * 7) for n in range(50)]
    made = [uuid7(each) for each in moments]
    assert made == sorted(made)


def test_ids_of_one_millisecond_differ() -> None:
    assert len({uuid7(START) for _ in range(2_000)}) == 2_000


@pytest.mark.parametrize("rate", [0, 1, 60])
def test_a_clock_never_runs_backwards_by_itself(tmp_path: Path, rate: float) -> None:
    set_clock(tmp_path / "clock.json", START, rate)
    clock = FileClock(tmp_path / "clock.json")
    seen = [clock.now() for _ in range(100)]
    assert seen == sorted(seen)
