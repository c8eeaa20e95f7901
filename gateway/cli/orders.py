"""gateway orders: what customers ordered and we ordered, what is open at each step, and what waits for a person."""

from datetime import date
from typing import Any, Literal

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_fields, print_json, print_rows
from gateway.cli.values import amount
from gateway.model.faults import OurFault
from gateway.model.order_decision import LineWord
from gateway.model.values import gtin14
from gateway.store.view_house_rows import Chain
from gateway.store.view_rows import OrderView

WORDS = ("quantity", "promised", "price", "substitute", "refuse")


@click.group()
def orders() -> None:
    """Orders of customers and to suppliers, from order to cash."""


@orders.command("list")
@click.option("--side", type=click.Choice(["sale", "purchase"]), help="sale: customers ordered from us.")
@click.option("--partner", metavar="ID", help="Only this partner.")
@click.option("--status", help="Only these: waiting, open, amended, shipped, received, invoiced, cancelled, rejected.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most lines.")
@json_option
@invocation
def list_orders(
    call: Invocation, *, side: str | None, partner: str | None, status: str | None, limit: int, as_json: bool
) -> None:
    """List orders, the latest change first. --status waiting is the work list."""
    with call.instance() as instance:
        found = instance.views.orders(side, partner, status, limit)
    if as_json:
        print_json(found)
        return
    rows: list[dict[str, object]] = [
        {
            "number": each.number,
            "side": each.side,
            "partner": each.partner,
            "status": each.status,
            "ordered": each.ordered_on,
            "changed": each.updated_at,
        }
        for each in found
    ]
    print_rows(rows, as_json=False)


@orders.command("show")
@click.argument("number")
@click.option("--partner", metavar="ID", help="Whose order, where several use the number.")
@json_option
@invocation
def show_order(call: Invocation, number: str, *, partner: str | None, as_json: bool) -> None:
    """Show an order: each line at each step, what is open, and its chain of documents."""
    with call.instance() as instance:
        found = [each for each in instance.views.order(number) if partner in (None, each.partner)]
        chains = {
            (each.side, each.partner): instance.views.chain(each.side, each.partner, "Order", number) for each in found
        }
    if not found:
        raise OurFault("cli.not-found", value=number)
    if as_json:
        print_json([{"order": each, "chain": chains[each.side, each.partner]} for each in found])
        return
    for each in found:
        _print_order(each)
        chain = chains[each.side, each.partner]
        if chain is not None:
            print_chain(chain)


def _print_order(order: OrderView) -> None:
    print_fields(
        {
            "number": order.number,
            "side": order.side,
            "partner": order.partner,
            "status": order.status,
            "waits_for": ", ".join(order.waits),
            "ordered": order.ordered_on,
            "ship_to": order.ship_to,
            "currency": order.currency,
            "message": order.message,
        }
    )
    steps = ("ordered", "confirmed", "backordered", "despatched", "received", "invoiced", "returned")
    rows: list[dict[str, object]] = [
        {"line": line.number, "item": line.gtin, **{step: getattr(line, step) for step in steps}}
        | {"status": line.status, "promised": line.promised, "price": line.price, "reason": line.reason}
        for line in order.lines
    ]
    print_rows(rows, as_json=False)
    opened = ("to_decide", "refused", "to_despatch", "to_receive", "to_invoice", "to_credit")
    rows = [{"open_on_line": line.number} | {name: getattr(line.open, name) for name in opened} for line in order.lines]
    print_rows(rows, as_json=False)


def print_chain(chain: Chain) -> None:
    """Print every document of a chain with what it follows from and the messages that carried it."""
    names = {node.key: f"{node.type} {node.number}" for node in chain.nodes}
    before: dict[str, list[str]] = {}
    for link in chain.links:
        before.setdefault(link.to, []).append(names[link.source])
    rows: list[dict[str, object]] = [
        {
            "document": names[node.key],
            "follows": ", ".join(before.get(node.key, ())),
            "status": node.status,
            "on": node.on,
            "units": node.units,
            "amount": node.amount,
            "messages": " ".join(each.id for each in node.messages),
        }
        for node in chain.nodes
    ]
    print_rows(rows, as_json=False)


@orders.command("chain")
@click.argument("document_type", metavar="TYPE")
@click.argument("number")
@click.option("--partner", required=True, metavar="ID", help="Whose document.")
@click.option("--side", type=click.Choice(["sale", "purchase"]), default="sale", show_default=True)
@json_option
@invocation
def show_chain(call: Invocation, document_type: str, number: str, *, partner: str, side: str, as_json: bool) -> None:
    """Show the chain that any document is part of: orders chain Invoice 4711 --partner shop."""
    with call.instance() as instance:
        found = instance.views.chain(side, partner, document_type, number)
    if found is None:
        raise OurFault("cli.not-found", value=f"{document_type} {number}")
    if as_json:
        print_json(found)
    else:
        print_chain(found)


@orders.command("decide")
@click.argument("number")
@click.option("--partner", required=True, metavar="ID", help="Whose order.")
@click.option("--accept", "decision", flag_value="accept", help="Take it, with the words of --line.")
@click.option("--reject", "decision", flag_value="reject", help="Refuse it, or the change of it that waits.")
@click.option("--line", "lines", multiple=True, metavar="N:WORDS", help="3:quantity=5,promised=2026-12-01 or 3:refuse.")
@click.option("--reason", help="For the audit, and for the customer on a rejection.")
@json_option
@invocation
def decide_order(
    call: Invocation,
    number: str,
    *,
    partner: str,
    decision: Literal["accept", "reject"] | None,
    lines: tuple[str, ...],
    reason: str | None,
    as_json: bool,
) -> None:
    """Decide on an order that waits.

    \b
    gateway orders decide 4711 --partner shop --accept
    gateway orders decide 4711 --partner shop --accept --line 1:quantity=40 --line 2:substitute=4012345678901
    gateway orders decide 4711 --partner shop --reject --reason "credit limit"
    """
    if decision is None:
        raise click.UsageError("Say --accept or --reject.")
    words = tuple(line_word(each) for each in lines)
    with call.actions() as actions:
        arrival_id = actions.decide_order(partner, number, decision, user_name(), words, reason)
    if as_json:
        print_json({"arrival": arrival_id, "order": number, "decision": decision})
    else:
        click.echo(f"{number} {decision}ed: {arrival_id}")


def line_word(text: str) -> LineWord:
    """Return what "3:quantity=5,price=1.20" says of line 3. Raises click.BadParameter."""
    number, mark, rest = text.partition(":")
    if not mark or not number.strip() or not rest.strip():
        raise click.BadParameter(f"{text}: write N:quantity=..,promised=..,price=..,substitute=.. or N:refuse")
    said: dict[str, Any] = {}
    for each in rest.split(","):
        name, _, value = (part.strip() for part in each.partition("="))
        if name not in WORDS or (name != "refuse" and not value):
            raise click.BadParameter(f"{each}: known are {', '.join(WORDS)}")
        try:
            said[name] = _word(name, value)
        except ValueError as error:
            raise click.BadParameter(f"{each}: {value} is no {name}") from error
    return LineWord(number=number.strip(), **said)


def _word(name: str, value: str) -> object:
    """Raises ValueError, click.BadParameter."""
    if name == "refuse":
        return True
    if name == "promised":
        return date.fromisoformat(value)
    if name == "substitute":
        return gtin14(value)
    number = amount(value, name)
    if number < 0:
        raise ValueError(value)
    return number
