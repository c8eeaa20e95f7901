"""measures: key figures of service, assets and cost, and the documents behind one."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import DAY
from gateway.domain.measures.scorecard import BY, BY_NAME, MEASURES, By


@click.group()
def measures() -> None:
    """Key figures from documents: fill rate, OTIF, stock, forecast accuracy, bullwhip and the rest."""


def _period(command: Any) -> Any:
    for option in (
        click.option("--partner", help="Only this partner (id)."),
        click.option("--from", "first", type=DAY, help="First day [13 weeks before the last]."),
        click.option("--until", "last", type=DAY, help="Last day, included [yesterday]."),
        click.option("--item", help="Only this item (GTIN)."),
        click.option("--place", help="Only this place (GLN)."),
        click.option("--early", type=click.IntRange(0, 60), default=1, show_default=True, help="Days early in time."),
    ):
        command = option(command)
    return command


def _asked(said: Mapping[str, Any]) -> dict[str, str]:
    """Return the options as the address of a page would name them."""
    days = {name: f"{said[key]:%Y-%m-%d}" for name, key in (("from", "first"), ("until", "last")) if said[key]}
    words = {name: str(said[name]) for name in ("partner", "item", "place") if said[name]}
    return {**days, **words, "earlyDays": str(said["early"])}


@measures.command("show")
@_period
@click.option("--by", type=click.Choice(BY), default="total", show_default=True, help="Of one figure.")
@click.option("--name", type=click.Choice(list(BY_NAME)), help="Only this figure.")
@json_option
@invocation
def show_measures(call: Invocation, /, *, by: str, name: str | None, as_json: bool, **said: Any) -> None:
    """Show the scorecard of a period, or one figure by item, place or month."""
    from gateway.api.measures import asked_for, costs_of

    with call.instance() as instance:
        today: date = instance.clock.now().date()
        asked, costs = asked_for(_asked(said), today), costs_of(instance.book)
        if name is None:
            found: Any = instance.views.scorecard(
                asked.partner, asked.first, asked.last, today, costs=costs, **asked.narrowed
            )
            figures = found.figures
        else:
            found = figures = instance.views.measure_groups(
                name, cast(By, by), asked.partner, asked.first, asked.last, today, costs=costs, **asked.narrowed
            )
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "side": each.side,
                "measure": each.name if not each.key else each.key,
                "value": _short(each.value),
                "before": _short(each.before),
                "unit": each.unit,
                "of": f"{_short(each.top)} / {_short(each.bottom)}",
                "parts": each.count,
            }
            for each in figures
        ],
        as_json=False,
    )


@measures.command("behind")
@click.argument("name", type=click.Choice([each.name for each in MEASURES]))
@_period
@click.option("--limit", type=click.IntRange(1, 2000), default=50, show_default=True, help="Most lines.")
@json_option
@invocation
def behind(call: Invocation, /, *, name: str, limit: int, as_json: bool, **said: Any) -> None:
    """List what each document adds to a figure, the worst first."""
    from gateway.api.measures import asked_for, costs_of

    with call.instance() as instance:
        today: date = instance.clock.now().date()
        asked, costs = asked_for(_asked(said), today), costs_of(instance.book)
        found = instance.views.measure_parts(
            name, asked.partner, asked.first, asked.last, today, costs=costs, limit=limit, **asked.narrowed
        )
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "document": each.document,
                "day": each.on,
                "item": each.gtin,
                "place": each.place,
                "of": f"{_short(each.top)} / {_short(each.bottom)}",
            }
            for each in found
        ],
        as_json=False,
    )


@measures.command("categories")
@_period
@json_option
@invocation
def categories(call: Invocation, /, *, as_json: bool, **said: Any) -> None:
    """Show the tree of item categories with units sold, stock left and sell-through."""
    from gateway.api.measures import asked_for, categories_of

    with call.instance() as instance:
        today: date = instance.clock.now().date()
        asked, names = asked_for(_asked(said), today), categories_of(instance.book)
        found = instance.views.categories(
            asked.partner, asked.first, asked.last, today, category_of=names, place=asked.place
        )
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "category": " / ".join(each.path) or "-",
                "items": each.items,
                "sold": each.sold,
                "left": each.stock,
                "sell-through": _short(each.sell_through),
            }
            for each in found
        ],
        as_json=False,
    )


@measures.command("stockouts")
@_period
@click.option("--limit", type=click.IntRange(1, 2000), default=30, show_default=True, help="Most days.")
@json_option
@invocation
def stockouts(call: Invocation, /, *, limit: int, as_json: bool, **said: Any) -> None:
    """Say why shelves were empty: one cause for each day of an item at a place."""
    from gateway.api.measures import asked_for

    with call.instance() as instance:
        today: date = instance.clock.now().date()
        asked = asked_for(_asked(said), today)
        found = instance.views.stockouts(
            asked.partner, asked.first, asked.last, today, gtin=asked.gtin, place=asked.place, limit=limit
        )
    if as_json:
        print_json(found)
        return
    print_rows(
        [{"cause": each.cause, "days": each.days, "share": _short(each.share)} for each in found.causes], as_json=False
    )
    print_rows(
        [
            {"day": each.day, "item": each.gtin, "place": each.place, "cause": each.cause, "order": each.document}
            for each in found.days
        ],
        as_json=False,
    )


def _short(value: Decimal | None) -> str:
    return "-" if value is None else f"{round(value, 4).normalize():f}"
