"""gateway returns: goods that customers send back, and our instruction what to do with them."""

import click

from gateway.api.house_actions import INSTRUCTIONS
from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_fields, print_json, print_rows
from gateway.model.faults import OurFault


@click.group()
def returns() -> None:
    """Goods that go back: announced, instructed, received, credited."""


@returns.command("list")
@click.option("--partner", metavar="ID", help="Only this partner.")
@click.option("--status", help="announced, instructed, refused, received or credited.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most lines.")
@json_option
@invocation
def list_returns(call: Invocation, *, partner: str | None, status: str | None, limit: int, as_json: bool) -> None:
    """List returns, the latest change first. --status announced is the work list."""
    with call.instance() as instance:
        found = instance.views.returns(partner=partner, status=status, limit=limit)
    if as_json:
        print_json(found)
        return
    names = ("number", "side", "partner", "status", "order", "shipment", "updated_at")
    print_rows([{name: getattr(each, name) for name in names} for each in found], as_json=False)


@returns.command("show")
@click.argument("number")
@click.option("--partner", metavar="ID", help="Whose return, where several use the number.")
@json_option
@invocation
def show_return(call: Invocation, number: str, *, partner: str | None, as_json: bool) -> None:
    """Show a return with its lines."""
    with call.instance() as instance:
        found = instance.views.returns(number=number, partner=partner)
    if not found:
        raise OurFault("cli.not-found", value=number)
    if as_json:
        print_json(found)
        return
    for each in found:
        names = ("number", "side", "partner", "status", "order", "shipment", "message", "updated_at")
        print_fields({name: getattr(each, name) for name in names})
        lines = ("number", "gtin", "announced", "instruction", "received")
        print_rows([{name: getattr(line, name) for name in lines} for line in each.lines], as_json=False)


@returns.command("instruct")
@click.argument("number")
@click.option("--partner", required=True, metavar="ID", help="Whose return.")
@click.option("--do", "instruction", type=click.Choice(INSTRUCTIONS), default="return", show_default=True)
@click.option("--line", "lines", multiple=True, metavar="N=WORD", help="Another instruction for one line: 2=destroy.")
@click.option("--note", help="Told to the customer.")
@json_option
@invocation
def instruct(
    call: Invocation,
    number: str,
    *,
    partner: str,
    instruction: str,
    lines: tuple[str, ...],
    note: str | None,
    as_json: bool,
) -> None:
    """Say what shall be done with announced goods; the customer gets the instruction. refuse: we take nothing back."""
    words = {}
    for each in lines:
        line, mark, word = (part.strip() for part in each.partition("="))
        if not mark or word not in INSTRUCTIONS:
            raise click.BadParameter(f"{each}: write N=WORD with one of {', '.join(INSTRUCTIONS)}", param_hint="--line")
        words[line] = word
    with call.actions() as actions:
        arrival_id = actions.instruct_return(partner, number, user_name(), instruction, words, note)
    if as_json:
        print_json({"arrival": arrival_id, "return": number})
    else:
        click.echo(f"{number} instructed: {arrival_id}")
