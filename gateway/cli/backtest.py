"""plan backtest: what planning by forecast is worth on a history, against the usual ways."""

from datetime import date, timedelta
from decimal import Decimal

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.output import json_option, print_json, print_rows
from gateway.model.faults import OurFault

FIT_DAYS = 56  # before the days to tune on


@click.command("backtest")
@click.option("--place", required=True, help="GLN of the place whose sales are replayed.")
@click.option(
    "--fill", type=click.FloatRange(0.5, 0.999), default=0.98, show_default=True, help="Share of units served."
)
@click.option("--lead", type=click.IntRange(0, 30), default=2, show_default=True, help="Days from order to arrival.")
@click.option("--tuning", type=click.IntRange(56, 1000), default=120, show_default=True, help="Days to tune on.")
@click.option(
    "--test", "tested", type=click.IntRange(28, 1000), default=120, show_default=True, help="Days to measure."
)
@json_option
@invocation
def backtest(call: Invocation, *, place: str, fill: float, lead: int, tuning: int, tested: int, as_json: bool) -> None:
    """Replay a place's sales: stock days at equal fill rate for ours, min/max, textbook and an oracle.

    Nothing is tuned on the days that are measured. Needs a history before the days to tune on of eight weeks at least.
    """
    with call.instance() as instance:
        today = instance.clock.now().date()
        sold = instance.views.place_history(place, today - timedelta(days=1100), today)
        packs = {gtin: item.pack for gtin, item in instance.book.own.items.items()}
    found = measured(sold, packs, lead=lead, fill=fill, tuning=tuning, tested=tested)
    if as_json:
        print_json(found)
    else:
        print_rows(found, as_json=False)


def measured(
    sold: dict[str, dict[date, Decimal]], packs: dict[str, Decimal], *, lead: int, fill: float, tuning: int, tested: int
) -> list[dict[str, object]]:
    """Return one row for each way of planning. sold: by GTIN and day; a day on which anything
    was sold is known, any other is not.

    Raises OurFault plan.history-short.
    """
    import numpy as np

    from gateway.domain.replenishment import backtest as ways
    from gateway.domain.replenishment.series import block_of

    days = {day for each in sold.values() for day in each}
    first, last = (min(days), max(days)) if days else (date.max, date.max)
    length = (last - first).days + 1 if days else 0
    before = length - tuning - tested
    if before < FIT_DAYS:
        raise OurFault("plan.history-short", value=str(length), needed=str(FIT_DAYS + tuning + tested))
    gtins = sorted(sold)
    units = np.full((length, len(gtins)), np.nan)
    for row in {(day - first).days for day in days}:
        units[row] = 0.0
    for column, gtin in enumerate(gtins):
        for day, value in sold[gtin].items():
            units[(day - first).days, column] = float(value)
    history = block_of(first, units)
    leads = np.full(len(gtins), lead)
    world = ways.world_of(history, before, leads, np.array([float(packs.get(gtin, Decimal(1))) for gtin in gtins]))
    fitted, split = ways.fit(history.until(before), 1, 1, lead + 1), ways.Split(tuning=tuning, test=tested, fill=fill)
    found = [
        ways.measure("ours", ways.ours(fitted, world), world, split),
        ways.measure("min/max", ways.min_max(fitted, world), world, split, len(ways.LOT_STEPS)),
        ways.measure("textbook", ways.textbook(fitted, world), world, split),
        ways.measure("knows the demand", ways.clairvoyant(world), world, split),
        *ways.price_of_late_reports(fitted, world, split),
        *ways.price_of_missing_asn(fitted, world, split),
    ]
    return [
        {
            "way": each.name,
            "stock days": _shown(each.test.stock_days),
            "fill": _shown(each.test.fill, 4),
            "stock days at equal fill": _shown(each.iso_days),
            "lost": _shown(each.test.lost, 0),
            "order lines a day": _shown(each.test.order_lines, 3),
            "bullwhip": _shown(each.test.bullwhip),
        }
        for each in found
    ]


def _shown(value: float, places: int = 2) -> str:
    return "-" if value != value else f"{value:.{places}f}"
