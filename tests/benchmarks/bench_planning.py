"""What a planning night costs: 1,000,000 item-places from positions to order lines, one new day, statsforecast beside
it.

    python tests/benchmarks/bench_planning.py [ITEM_PLACES]

CPU time of all processes; wall time too, of two worker processes. The peer (statsforecast's CrostonSBA, the cheapest
model it has) runs in an environment of its own, made by tests/setup.sh, in the same run on the same history.
"""

import multiprocessing
import os
import resource
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.domain.replenishment.forecasting import Forecast, interval_demand
from gateway.domain.replenishment.patterns import HORIZONS, flat_patterns
from gateway.domain.replenishment.recursion import advance, replay, smoothing
from gateway.domain.replenishment.rounding import Packing, order_quantities
from gateway.domain.replenishment.series import block_of
from gateway.domain.replenishment.supplier_load import fill_load
from gateway.domain.replenishment.targets import policy, targets
from tests.benchmarks.figures import figure

ROOT = Path(__file__).parents[2]
SHARD = 50_000
OPEN_LINES = 2  # open order lines and despatch advices for each item-place
FIRST_DAY = date(2026, 1, 5)
DAYS = 16
SUPPLIERS = 500
PEER = ROOT / ".venv-oracles" / "bin" / "python"


def shard(number: int) -> dict[str, np.ndarray]:
    """Return the inputs of one shard: what the positions, the forecast and the item data of its item-places say."""
    rng = np.random.default_rng(number)
    rate = rng.gamma(0.8, 4.0, SHARD) + 0.02
    return {
        "daily": rate * rng.uniform(0.6, 1.6, (DAYS, SHARD)),
        "spread": np.repeat(rng.uniform(0.05, 0.6, SHARD)[None, :], len(HORIZONS), axis=0),
        "on_hand": rng.poisson(rate * 5).astype(np.float64),
        "allocated": rng.poisson(rate * 0.2).astype(np.float64),
        "line_of": rng.integers(0, SHARD, OPEN_LINES * SHARD),
        "line_units": rng.poisson(3.0, OPEN_LINES * SHARD).astype(np.float64),
        "line_due": rng.integers(0, 30, OPEN_LINES * SHARD),
        "lead": rng.integers(1, 8, SHARD),
        "review": rng.integers(1, 8, SHARD),
        "pack": rng.choice([1.0, 6.0, 12.0], SHARD),
        "supplier": rng.integers(0, SUPPLIERS, SHARD),
        "price": rng.uniform(0.5, 9.0, SHARD),
    }


def order_lines(inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return item-place and units of each order line, and each supplier's total."""
    days = inputs["lead"] + inputs["review"]
    due = inputs["line_due"] < days[inputs["line_of"]]
    coming = np.bincount(inputs["line_of"][due], weights=inputs["line_units"][due], minlength=SHARD)
    position = np.maximum(inputs["on_hand"], 0.0) - inputs["allocated"] + coming
    rate = inputs["daily"].mean(axis=0)
    found = Forecast(first_day=FIRST_DAY, daily=inputs["daily"], rate=rate, spread=inputs["spread"])
    demand = interval_demand(found, inputs["lead"], days)
    how = policy(SHARD, lot=inputs["pack"])
    levels = targets(demand, how)
    pack = inputs["pack"]
    units = Packing(
        pack=pack, layer=pack * 8, pallet=pack * 40, up=np.full(SHARD, 0.2), down=np.full(SHARD, 0.1),
        trigger=np.zeros(SHARD), minimum=np.zeros(SHARD),
    )  # fmt: skip
    ordered = order_quantities(position, levels, how, units, demand.mean).quantity
    value = np.bincount(inputs["supplier"], weights=ordered * inputs["price"], minlength=SUPPLIERS)
    for supplier in range(0, SUPPLIERS, 25):  # one in twenty-five has a minimum order that must be filled up
        at = np.flatnonzero(inputs["supplier"] == supplier)
        load = fill_load(
            ordered[at], position[at], rate[at], pack[at], inputs["price"][at], np.full(len(at), np.inf),
            minimum=float(value[supplier]) * 1.05,
        )  # fmt: skip
        ordered[at] = load.quantity
    lines = np.flatnonzero(ordered)
    return lines, ordered[lines], value


def timed_shard(number: int) -> tuple[int, float, float, int, float]:
    """Return process, wall and CPU seconds of one shard without the making of its inputs, lines, and megabytes."""
    inputs = shard(number)
    wall, cpu = perf_counter(), process_time()
    lines, _, _ = order_lines(inputs)
    took = perf_counter() - wall, process_time() - cpu
    return os.getpid(), *took, len(lines), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def positions_to_lines(item_places: int) -> None:
    shards = item_places // SHARD
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(timed_shard, range(2))  # imports
        found = pool.map(timed_shard, range(shards), chunksize=1)
    walls: dict[int, float] = defaultdict(float)
    for process, wall, _, _, _ in found:
        walls[process] += wall
    cpu, lines = sum(each[2] for each in found), sum(each[3] for each in found)
    slower = max(walls.values())
    figure(f"positions to order lines, {shards * SHARD:,} item-places", slower, "s by the clock", at_most=10)
    figure("the same, CPU of both processes", cpu, "s")
    figure("the same, memory of both", 2 * max(each[4] for each in found), "MB", at_most=2_000)
    print(f"{shards * SHARD:,} item-places, {lines:,} order lines, two processes")
    print(
        f"positions to order lines: wall of the slower {max(walls.values()):.2f} s, CPU {cpu:.2f} s      at most 10 s"
    )
    print(
        f"memory of both: {2 * max(each[4] for each in found):.0f} MB                                at most 2,000 MB"
    )


def history(series: int, days: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    rate = rng.gamma(0.8, 4.0, series) + 0.05
    return rng.poisson(rate * rng.gamma(2.0, 0.5, (days, series))).astype(np.float64)


def one_new_day(rounds: int = 7, series: int = 50_000) -> float:
    """Print and return series per CPU second of one day's update."""
    units = history(series, 60)
    block = block_of(FIRST_DAY, units)
    how, patterns = smoothing(series, burst=0.15), flat_patterns()
    state = replay(block, patterns, how)
    took = []
    for row in range(rounds):
        start = process_time()
        advance(state, units[row], block.censored[row], block.events, patterns, block.group, how)
        took.append(process_time() - start)
    speed = series / median(took)
    figure("one new day by update", speed, "series a CPU second", at_least=50_000)
    print(f"one new day: {speed:,.0f} series per CPU second               at least 50,000")
    return speed


def beside_statsforecast(update: float, series: int = 2_000, days: int = 730) -> None:
    if not PEER.exists():
        sys.exit("bash tests/setup.sh makes the environment of the peer")
    units = history(series, days)
    block = block_of(FIRST_DAY, units)
    ratios, ours_speed, theirs_speed = [], [], []
    for _ in range(3):
        start = process_time()
        replay(block, flat_patterns(), smoothing(series))
        ours_speed.append(series / (process_time() - start))
        done = subprocess.run(
            [str(PEER), str(ROOT / "tests/oracles/peer_speed.py")], input=units.T.tobytes(), capture_output=True,
            check=True, env={"SERIES": str(series), "DAYS": str(days), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        theirs_speed.append(series / float(done.stdout))
        ratios.append(ours_speed[-1] / theirs_speed[-1])
    peer = ("statsforecast CrostonSBA", median(theirs_speed))
    figure(f"{days} days from nothing", median(ours_speed), "series a CPU second", peer=peer)
    print(f"{days} days of {series:,} series, from nothing, series per CPU second:")
    print(f"  statsforecast CrostonSBA {median(theirs_speed):,.0f}")
    print(f"  ours, three recursions and variances {median(ours_speed):,.0f}")
    print(
        f"  ratio {median(ratios):.2f}; one new day by update against its refit: {update / median(theirs_speed):,.0f}"
    )


if __name__ == "__main__":
    positions_to_lines(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    updates = one_new_day()
    beside_statsforecast(updates)
