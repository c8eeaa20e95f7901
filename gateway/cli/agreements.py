"""gateway customers, gateway calendars: what our house has told of accounts, and when who is open."""

from dataclasses import fields
from typing import TYPE_CHECKING

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.output import json_option, print_fields, print_json, print_rows
from gateway.domain.customers import with_terms
from gateway.model.calendar import Calendar
from gateway.model.faults import OurFault

if TYPE_CHECKING:  # the tables are slow to import, and only commands that open an instance need them
    from gateway.store.view_agreements import CustomerVersion


@click.group()
def customers() -> None:
    """Accounts as our house tells them: records and terms, each from a day on."""


@customers.command("list")
@json_option
@invocation
def list_customers(call: Invocation, *, as_json: bool) -> None:
    """List every version of every customer's record."""
    with call.instance() as instance:
        found = instance.views.customers()
    print_json(found) if as_json else print_rows([_version(each) for each in found], as_json=False)


def _version(each: "CustomerVersion") -> dict[str, object]:
    said = {one.name: getattr(each.terms, one.name) for one in fields(each.terms)}
    told = ", ".join(f"{name}={value}" for name, value in said.items() if value not in (None, ()))
    days = {"from": each.valid_from, "to": each.valid_to}
    return {"account": each.account, **days, "number": each.number, "name": each.name, "terms": told}


@customers.command("show")
@click.argument("account")
@json_option
@invocation
def show_customer(call: Invocation, account: str, *, as_json: bool) -> None:
    """Show the terms of one account: in force today, and every version, with what our house has told over
    partner.yaml."""
    with call.instance() as instance:
        partner = instance.book.partners.get(account)
        if partner is None:
            raise OurFault("partner.unknown", value=account)
        told = with_terms(partner, instance.views.told_terms(account))
        versions = instance.views.customers(account)
        force = told.terms_on(instance.clock.now().date())
    if as_json:
        print_json({"account": account, "in_force": force, "versions": told.terms, "told": versions})
        return
    print_fields({each.name: getattr(force, each.name) for each in fields(force)})
    print_rows([_version(each) for each in versions], as_json=False)


@click.group()
def calendars() -> None:
    """Days on which partners and places order, are delivered to, take goods in, or are closed."""


@calendars.command("list")
@click.option("--owner", metavar="ID", help="Partner id, self, or GLN of a place [all].")
@json_option
@invocation
def list_calendars(call: Invocation, *, owner: str | None, as_json: bool) -> None:
    """List calendars with every version."""
    with call.instance() as instance:
        found = instance.views.calendars(owner)
    print_rows([_calendar(each) for each in found], as_json=as_json)


def _calendar(each: Calendar) -> dict[str, object]:
    return {
        "owner": each.owner,
        "kind": each.kind,
        "from": each.valid_from,
        "to": each.valid_to,
        "weekdays": " ".join(str(day) for day in each.weekdays),
        "closed": " ".join(sorted(day.isoformat() for day in each.closed)),
        "opened": " ".join(sorted(day.isoformat() for day in each.opened)),
        "cut_off": each.cut_off.isoformat("minutes") if each.cut_off else None,
        "zone": each.zone,
    }
