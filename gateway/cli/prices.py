"""gateway prices: our own price lists."""

from datetime import datetime

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import DAY
from gateway.store.view_house_rows import ListPrice


@click.group()
def prices() -> None:
    """Our price lists, as imported or as our house says them."""


@prices.command("lists")
@json_option
@invocation
def lists(call: Invocation, *, as_json: bool) -> None:
    """List the names of our price lists."""
    with call.instance() as instance:
        found = instance.views.price_lists()
    names = ("price_list", "prices", "items")
    print_rows([{name: getattr(each, name) for name in names} for each in found], as_json=as_json)


@prices.command("show")
@click.argument("price_list", metavar="LIST")
@click.option("--item", "gtin", metavar="GTIN", help="Only this item.")
@click.option("--on", "day", type=DAY, help="Day that prices are looked at [today].")
@click.option("--all", "history", is_flag=True, help="Earlier and later prices too.")
@json_option
@invocation
def show_list(
    call: Invocation, price_list: str, *, gtin: str | None, day: datetime | None, history: bool, as_json: bool
) -> None:
    """Show the prices of one list that are in force."""
    with call.instance() as instance:
        on = (day.date() if day else instance.clock.now().date()).isoformat()
        found: list[ListPrice] = []
        while page := instance.views.prices(price_list, on, gtin, after=found[-1].gtin if found else ""):
            found += page
    shown = [each for each in found if history or each.in_force]
    if as_json:
        print_json(shown)
        return
    names = ("gtin", "minimum", "price", "currency", "valid_from", "valid_to", "in_force")
    print_rows([{name: getattr(each, name) for name in names} for each in shown], as_json=False)
