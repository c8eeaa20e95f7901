"""What planning on shared data is worth in stock: our planning against min/max, textbook and a planner that knows the
law.

    python tests/benchmarks/bench_planning_backtest.py [--seeds 5] [--series 60] [--promotions 5] [--folder FOLDER]

Three years of made-up daily demand (tests/unit/domain/planning_scene.py) for each seed: patterns and gains are fitted
on the first 550 days, every way of planning is tuned to 98 % fill on the next 180 and measured on the last 365. FOLDER:
real daily sales in the layout of the M5 competition, three files *_sales.csv (item_id, store_id, date_id, cnt),
*_sales_dates.csv and *_sales_prices.csv; none are shipped. Frozen: at the setting tuned before the test window. Iso:
stock days at exactly 98 % on the test window, for ways of planning whose frozen fill rates differ.
"""

import csv
import sys
from argparse import ArgumentParser
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.domain.replenishment.backtest import (
    LOT_STEPS,
    Fitted,
    Outcome,
    Split,
    clairvoyant,
    fit,
    measure,
    min_max,
    oracle,
    ours,
    price_of_late_reports,
    price_of_missing_asn,
    textbook,
    world_of,
)
from gateway.domain.replenishment.series import Events, SeriesBlock, block_of
from gateway.domain.replenishment.simulation import World
from tests.unit.domain.planning_scene import CODES, GROUPS, scene

SPLIT = Split(tuning=180, test=365)
WINDOWS = SPLIT.tuning + SPLIT.test
LEAD, PACKS = 3, np.array([1.0, 6.0, 12.0])


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    shared: SeriesBlock
    unshared: SeriesBlock
    groups: int
    codes: int
    law: tuple | None = None


def main() -> None:
    asked = ArgumentParser()
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--series", type=int, default=60)
    asked.add_argument("--promotions", type=float, default=5.0, help="promoted weeks a year of each series")
    asked.add_argument("--brief", action="store_true", help="without missing reports, late reports and cut lines")
    asked.add_argument("--folder", type=Path)
    args = asked.parse_args()
    seeds = range(1, args.seeds + 1)
    found = [benefit(made_up(seed, args.series, args.promotions), seed == 1, args.brief) for seed in seeds]
    for name in found[0] if found else ():
        frozen, iso = ([each[name][number] for each in found] for number in (0, 1))
        print(
            f"calendar {name:26} less stock than min/max, median of {len(found)} seeds (worst): "
            f"frozen {median(frozen):5.1%} ({min(frozen):5.1%}), iso {median(iso):5.1%} ({min(iso):5.1%})"
        )
    if args.folder:
        benefit(real(args.folder), detail=True, brief=args.brief)


def made_up(seed: int, series: int, promotions: float) -> Case:
    made = scene(seed, series, promotions=promotions)
    before = made.block.days - WINDOWS
    law = made.mean[before : made.block.days], made.variance[before : made.block.days]
    return Case(
        name=f"seed {seed}", shared=made.block, unshared=made.without_calendar(), groups=GROUPS, codes=CODES, law=law
    )


def benefit(case: Case, detail: bool, brief: bool) -> dict[str, tuple[float, float]]:
    """Print and return the saving against min/max, frozen and iso, by what is shared."""
    before, series = case.shared.days - WINDOWS, case.shared.series
    pack = PACKS[np.arange(series) % len(PACKS)]
    world = world_of(case.shared, before, np.full(series, LEAD), pack)
    fitted = {
        "shared": fit(case.shared.until(before), case.groups, case.codes, LEAD + 1),
        "not shared": fit(case.unshared.until(before), case.groups, case.codes, LEAD + 1),
    }
    print(f"== {case.name}: {series} series, {case.shared.days} days ==", flush=True)
    base = shown(measure("min/max, quarterly", min_max(fitted["shared"], world), world, SPLIT, len(LOT_STEPS)))
    shown(measure("textbook, daily", textbook(fitted["shared"], world, 1), world, SPLIT))
    best = None
    if case.law:
        best = shown(measure("knows the law", oracle(world, *case.law), world, SPLIT))
    if detail:
        shown(measure("knows the demand", clairvoyant(world), world, SPLIT))
    found = {}
    for name, each in fitted.items():
        mine = shown(measure(f"ours, {name}", ours(each, world), world, SPLIT))
        found[name] = saving(mine, base)
        if best:
            print(f"   above the law's own planner: {mine.iso_days / best.iso_days - 1:.0%}")
    if not brief:
        found |= with_missing(fitted, with_gaps(world))
    if detail and not brief:
        prices(fitted["shared"], world)
    for name, (frozen, iso) in found.items():
        print(f"   calendar {name}: {frozen:.1%} less stock frozen, {iso:.1%} iso", flush=True)
    return found


def with_missing(fitted: dict[str, Fitted], gaps: World) -> dict[str, tuple[float, float]]:
    """Print and return the savings where a fifth of the reports never comes, for everybody."""
    found = {}
    base_gaps = shown(measure("min/max, 20 % missing", min_max(fitted["shared"], gaps), gaps, SPLIT, len(LOT_STEPS)))
    for name, each in fitted.items():
        missing = shown(measure(f"ours, {name}, 20 % missing", ours(refitted(each), gaps), gaps, SPLIT))
        found[f"{name}, 20 % missing"] = saving(missing, base_gaps)
    return found


def prices(fitted: Fitted, world: World) -> None:
    """Print what late reports and a missing ASN cost."""
    for each in (*price_of_late_reports(fitted, world, SPLIT), *price_of_missing_asn(fitted, world, SPLIT)):
        shown(each)


def refitted(fitted: Fitted) -> Fitted:
    """Return what the history teaches when a fifth of its reports never came either."""
    history = fitted.history
    rng = np.random.default_rng(20)
    units = np.where(rng.random(history.units.shape) < 0.2, np.nan, history.units)
    return fit(replace(history, units=units), fitted.patterns.weekday.shape[1], len(fitted.patterns.effect), LEAD + 1)


def with_gaps(world: World) -> World:
    rng = np.random.default_rng(21)
    return replace(world, reported=world.reported & (rng.random(world.demand.shape) >= 0.2))


def saving(mine: Outcome, base: Outcome) -> tuple[float, float]:
    return 1 - mine.test.stock_days / base.test.stock_days, 1 - mine.iso_days / base.iso_days


def shown(each: Outcome) -> Outcome:
    print(
        f"{each.name:34} frozen: fill {each.test.fill:.3%}, {each.test.stock_days:5.2f} days of stock, "
        f"bullwhip {each.test.bullwhip:.2f}, {each.test.order_lines:.2f} lines a day;  iso {each.iso_days:5.2f} days",
        flush=True,
    )
    return each


def real(folder: Path) -> Case:
    """Return real sales: the last 1,637 days. Shared are prices and days of a campaign; holidays are in any
    calendar."""
    (dates_file,), (sales_file,), (prices_file,) = (
        sorted(folder.glob(f"*_sales{tail}.csv")) for tail in ("_dates", "", "_prices")
    )
    dates = rows(dates_file)
    sales = rows(sales_file)
    items = sorted({row["item_id"] for row in sales})
    column = {item: number for number, item in enumerate(items)}
    stores = {row["item_id"]: row["store_id"] for row in sales}
    shops = sorted(set(stores.values()))
    units = np.full((len(dates), len(items)), np.nan)
    for row in sales:
        units[int(row["date_id"]) - 1, column[row["item_id"]]] = float(row["cnt"])
    names = sorted({row["event_name_1"] for row in dates if row["event_name_1"]})
    holiday = np.zeros((len(dates), len(items)), np.int16)
    campaign = np.zeros_like(holiday)
    for number, row in enumerate(dates):
        if row["event_name_1"]:
            holiday[number] = names.index(row["event_name_1"]) + 2
        for item in items:
            campaign[number, column[item]] = int(row[f"CASHBACK_{stores[item]}"])
    price = relative_prices(rows(prices_file), dates, column)
    group = np.array([shops.index(stores[item]) for item in items])
    first = date.fromisoformat(dates[0]["date"])
    start = len(dates) - WINDOWS - 1092
    return Case(
        name=f"real sales, {folder.name}",
        shared=cut(first, start, units, campaign, holiday, price, group),
        unshared=cut(first, start, units, campaign * 0, holiday, np.ones_like(price), group),
        groups=len(shops),
        codes=len(names) + 2,
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def relative_prices(prices: list[dict[str, str]], dates: list[dict[str, str]], column: dict[str, int]) -> np.ndarray:
    """Return each day's price over the median of the half year up to it."""
    days = defaultdict(list)
    for number, row in enumerate(dates):
        days[row["wm_yr_wk"]].append(number)
    found = np.full((len(dates), len(column)), np.nan)
    for row in prices:
        found[days[row["wm_yr_wk"]], column[row["item_id"]]] = float(row["sell_price"])
    ratio = np.ones_like(found)
    for number in range(len(dates)):
        window = found[max(0, number - 182) : number + 1]
        some = ~np.isnan(found[number])
        ratio[number, some] = found[number, some] / np.nanmedian(window[:, some], axis=0)
    return ratio


def cut(first: date, start: int, units, campaign, holiday, price, group) -> SeriesBlock:  # type: ignore[no-untyped-def]
    """Return the history from a day on; after its end no event is known, which the last orders have to live with."""
    after = 60

    def longer(array: np.ndarray, value: float) -> np.ndarray:
        return np.concatenate([array[start:], np.full((after, array.shape[1]), value, array.dtype)])

    day = first + timedelta(days=start)
    events = Events(first_day=day, promotion=longer(campaign, 0), holiday=longer(holiday, 0), price=longer(price, 1.0))
    return block_of(day, units[start:], group=group, events=events)


if __name__ == "__main__":
    main()
