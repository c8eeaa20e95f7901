"""gateway catalogue: suppliers' offers side by side, their price changes, and buying from them by basket."""

import sys
from datetime import date, datetime
from decimal import Decimal

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_finding, print_json, print_rows
from gateway.cli.values import AMOUNT, DAY
from gateway.model.faults import OurFault
from gateway.store.view_house_rows import CatalogueItemView


@click.group()
def catalogue() -> None:
    """What suppliers offer, what it costs, and buying it."""


@catalogue.command("show")
@click.argument("gtins", metavar="GTIN...", nargs=-1, required=True)
@click.option("--on", "day", type=DAY, help="Day that prices are looked at [today].")
@json_option
@invocation
def show_items(call: Invocation, gtins: tuple[str, ...], *, day: datetime | None, as_json: bool) -> None:
    """Show every supplier's offer of an item."""
    with call.instance() as instance:
        found = instance.views.catalogue(_day(day, instance.clock.now()), gtins=gtins)
    if not found:
        raise OurFault("cli.not-found", value=", ".join(gtins))
    _print(found, as_json=as_json)


@catalogue.command("compare")
@click.option("--search", "text", help="Part of a name, or the beginning of a GTIN.")
@click.option("--supplier", metavar="ID", help="Only items that this supplier offers.")
@click.option("--on", "day", type=DAY, help="Day that prices are looked at [today].")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most items.")
@json_option
@invocation
def compare(
    call: Invocation, *, text: str | None, supplier: str | None, day: datetime | None, limit: int, as_json: bool
) -> None:
    """List items with all suppliers' prices side by side; * marks the cheapest."""
    with call.instance() as instance:
        found = instance.views.catalogue(_day(day, instance.clock.now()), text=text, supplier=supplier, limit=limit)
    _print(found, as_json=as_json)


def _day(day: datetime | None, now: datetime) -> date:
    return (day or now).date()


def _print(items: tuple[CatalogueItemView, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(items)
        return
    rows: list[dict[str, object]] = [
        {
            "item": item.gtin,
            "name": item.name,
            "supplier": offer.supplier,
            "number": offer.supplier_item,
            "prices": ", ".join(f"{tier.price:f} from {tier.minimum:f}" for tier in offer.tiers) or offer.status,
            "best": "*" if offer.cheapest else "",
            "currency": offer.currency,
            "step": offer.increment,
            "days": offer.lead_time_days,
        }
        for item in items
        for offer in item.offers
    ]
    print_rows(rows, as_json=False)


@catalogue.command("changes")
@click.option("--item", "gtin", metavar="GTIN", help="Only this item.")
@click.option("--supplier", metavar="ID", help="Only this supplier.")
@click.option("--since", type=DAY, help="Only prices that count from this day on or later.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Most lines.")
@json_option
@invocation
def changes(
    call: Invocation, *, gtin: str | None, supplier: str | None, since: datetime | None, limit: int, as_json: bool
) -> None:
    """List how net prices have changed, the latest first."""
    first = since.date() if since else None
    with call.instance() as instance:
        found = instance.views.price_changes(gtin=gtin, supplier=supplier, since=first, limit=limit)
    if as_json:
        print_json(found)
        return
    names = ("valid_from", "gtin", "name", "supplier", "minimum", "before", "after", "percent", "currency")
    print_rows([{name: getattr(each, name) for name in names} for each in found], as_json=False)


@catalogue.group()
def basket() -> None:
    """What you have chosen and not ordered yet."""


@basket.command("add")
@click.argument("supplier")
@click.argument("gtin")
@click.argument("quantity", type=AMOUNT)
@json_option
@invocation
def add(call: Invocation, supplier: str, gtin: str, quantity: Decimal, *, as_json: bool) -> None:
    """Set how much of an item to buy from a supplier; 0 takes it out."""
    with call.actions() as actions:
        actions.put_in_basket(user_name(), supplier, gtin, quantity)
    _show(call, as_json=as_json)


@basket.command("remove")
@click.argument("supplier")
@click.argument("gtin")
@json_option
@invocation
def remove(call: Invocation, supplier: str, gtin: str, *, as_json: bool) -> None:
    """Take an item out of the basket."""
    with call.actions() as actions:
        actions.put_in_basket(user_name(), supplier, gtin, Decimal(0))
    _show(call, as_json=as_json)


@basket.command("show")
@json_option
@invocation
def show_basket(call: Invocation, *, as_json: bool) -> None:
    """Show your basket at today's prices, and what would need an approval."""
    _show(call, as_json=as_json)


def _show(call: Invocation, *, as_json: bool) -> None:
    with call.actions() as actions:
        found = actions.basket(user_name())
    if as_json:
        print_json(found)
        return
    names = ("supplier", "gtin", "name", "quantity", "price", "value", "currency")
    print_rows([{name: getattr(each, name) for name in names} for each in found.lines], as_json=False)
    for line in found.lines:
        if line.problem is not None:
            print_finding(line.problem, call.language, sys.stderr)
    if found.suppliers:
        totals: list[dict[str, object]] = [
            {
                "order_to": each.supplier,
                "value": each.value,
                "currency": each.currency,
                "limit": each.limit,
                "approval": "needed" if each.approval else "",
            }
            for each in found.suppliers
        ]
        print_rows(totals, as_json=False)


@basket.command("order")
@json_option
@invocation
def order_basket(call: Invocation, *, as_json: bool) -> None:
    """Order everything in the basket: one order per supplier; what is above its limit waits as a proposal."""
    with call.actions() as actions:
        arrival_id = actions.order_basket(user_name())
    if as_json:
        print_json({"arrival": arrival_id})
    else:
        click.echo(f"ordered: {arrival_id}")
