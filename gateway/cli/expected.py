"""gateway expected: documents that partners owe us."""

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.output import json_option, print_json, print_rows

STATES = ("waiting", "overdue", "met", "late")


@click.group()
def expected() -> None:
    """Documents that must come: by the calendar, or in answer to another."""


@expected.command("list")
@click.option("--overdue", is_flag=True, help="Only what should have come and has not.")
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Only these [waiting and overdue].")
@click.option("--partner", metavar="ID", help="Only this partner.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Most lines.")
@json_option
@invocation
def list_expected(
    call: Invocation, *, overdue: bool, states: tuple[str, ...], partner: str | None, limit: int, as_json: bool
) -> None:
    """List expected documents, what is due first first."""
    chosen = ("overdue",) if overdue else states or ("waiting", "overdue")
    with call.instance() as instance:
        found = instance.views.expected(chosen, partner, limit)
    if as_json:
        print_json(found)
        return
    names = ("partner", "document_type", "subject", "state", "due", "met_at", "cause")
    print_rows([{name: getattr(each, name) for name in names} for each in found], as_json=False)
