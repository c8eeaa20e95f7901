"""gateway crm candidates, merge, contacts, plan, ...: who is who, and the persons there."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.crm import crm
from gateway.cli.output import json_option, print_fields, print_json, print_rows
from gateway.cli.values import MOMENT
from gateway.domain.crm.cases import TYPES, URGENCIES
from gateway.domain.crm.contacts import KINDS, Contact, Kind, Profile
from gateway.domain.crm.decisions import AccountMerge, CaseRequest, Change, PartyDecision, TaskDone, Undo
from gateway.domain.crm.interactions import Interaction
from gateway.domain.crm.tasks import Task


def _change(call: Invocation, given: Change) -> None:
    from gateway.app.customer_record import CustomerRecord
    from gateway.app.people import PeopleDesk

    with call.instance() as instance:
        click.echo(PeopleDesk(record=CustomerRecord(instance=instance)).change(given, user_name()))


# --- who is who -------------------------------------------------------------------------------------------------------


@crm.command()
@click.option("--offset", type=click.IntRange(0), default=0, help="How many to leave out.")
@json_option
@invocation
def candidates(call: Invocation, *, offset: int, as_json: bool) -> None:
    """List parties that documents name and nobody knows yet, with who they may be."""
    from gateway.app.customer_record import CustomerRecord

    with call.instance() as instance:
        found = instance.views.crm_candidates(CustomerRecord(instance=instance).names(), offset)
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "party": each.party.id,
                "name": each.party.name,
                "gln": each.party.gln or "",
                "place": ", ".join(each.party.address),
                "told by": each.party.teller,
                "message": each.party.last_message,
                "may be": " ".join(f"{one.account}:{one.points}" for one in each.suggestions),
            }
            for each in found
        ],
        as_json=False,
    )


@crm.command()
@click.argument("party")
@click.option("--account", help="It is a place or a name of this account.")
@click.option("--new", "name", help="It is a new account of this name.")
@click.option("--kind", type=click.Choice(KINDS), default="customer", show_default=True)
@click.option("--reject", is_flag=True, help="It is none of ours.")
@click.option("--reason", default="")
@invocation
def decide(
    call: Invocation, *, party: str, account: str | None, name: str | None, kind: str, reject: bool, reason: str
) -> None:
    """Say what a candidate is; `gateway crm undo` takes it back."""
    if not reject and not (account or name):
        raise click.UsageError("say --account, --new or --reject")
    given = PartyDecision(
        party=party,
        what="reject" if reject else "accept",
        account=None if reject else account,
        name=name or "",
        kind=cast(Kind, kind),
        reason=reason,
    )
    _change(call, given)


@crm.command()
@json_option
@invocation
def twins(call: Invocation, *, as_json: bool) -> None:
    """List accounts that may be one company, with points and reasons."""
    from gateway.app.customer_record import CustomerRecord

    with call.instance() as instance:
        found = instance.views.crm_twins(CustomerRecord(instance=instance).names())
    print_rows([{**asdict(each), "reasons": " ".join(each.reasons)} for each in found], as_json=as_json)


@crm.command()
@click.argument("gone")
@click.argument("kept")
@click.option("--reason", default="")
@invocation
def merge(call: Invocation, *, gone: str, kept: str, reason: str) -> None:
    """Make account GONE a part of KEPT, with all that happened to it; prints the decision for `gateway crm undo`."""
    _change(call, AccountMerge(gone=gone, kept=kept, reason=reason))


@crm.command()
@json_option
@invocation
def decisions(call: Invocation, *, as_json: bool) -> None:
    """List decisions on who is who, the latest first."""
    with call.instance() as instance:
        found = instance.views.crm_decisions(200)
    print_rows([asdict(each) for each in found], as_json=as_json)


@crm.command()
@click.argument("decision", type=int)
@invocation
def undo(call: Invocation, *, decision: int) -> None:
    """Take a decision back; everything is as it was before it."""
    _change(call, Undo(decision=decision))


# --- accounts ---------------------------------------------------------------------------------------------------------


@crm.command()
@click.argument("account")
@json_option
@invocation
def sheet(call: Invocation, *, account: str, as_json: bool) -> None:
    """Show what people say of an account, its identifiers, and its places as a tree."""
    with call.instance() as instance:
        found = instance.views.crm_sheet(account)
    if as_json:
        print_json(found)
        return
    its = found.profile
    if its is not None:
        print_fields({key: value for key, value in asdict(its).items() if value})
    for scheme, value in found.identifiers:
        click.echo(f"{scheme:12} {value}")
    for each in found.sites:
        click.echo(f"{'  ' * each.depth}{each.party.name or each.party.id}  {each.party.gln or ''}")


@crm.command()
@click.argument("account")
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice(KINDS), default="customer", show_default=True)
@click.option("--relation")
@click.option("--source")
@click.option("--intention")
@click.option("--status")
@click.option("--owner")
@click.option("--shared", multiple=True, help="Whom it is shared with; may be repeated.")
@click.option("--parent", help="Account above it.")
@click.option("--note")
@invocation
def profile(call: Invocation, /, *, account: str, kind: str, shared: tuple[str, ...], **told: str | None) -> None:
    """Say what an account is. ACCOUNT "new" makes one that no document has named yet."""
    given = Profile(
        account="" if account == "new" else account,
        name=told["name"] or "",
        kind=cast(Kind, kind),
        shared=shared,
        relation=told["relation"],
        source=told["source"],
        intention=told["intention"],
        status=told["status"],
        owner=told["owner"],
        parent=told["parent"],
        note=told["note"],
    )
    _change(call, given)


@crm.command("open")
@click.argument("account")
@json_option
@invocation
def open_work(call: Invocation, *, account: str, as_json: bool) -> None:
    """List orders, deliveries and invoices of an account that are not through."""
    with call.instance() as instance:
        found = instance.views.account_open(account, instance.clock.now().date())
    if as_json:
        print_json(found)
        return
    for rows in (found.orders, found.deliveries, found.invoices):
        print_rows([asdict(each) for each in rows], as_json=False)


@crm.command()
@click.argument("account")
@click.argument("name")
@json_option
@invocation
def number(call: Invocation, *, account: str, name: str, as_json: bool) -> None:
    """List the documents behind a number of an account: a measure, or a figure such as order_value."""
    from gateway.model.faults import OurFault

    with call.instance() as instance:
        found = instance.views.account_number(account, name)
    if found is None:
        raise OurFault("api.not-found", value=name, kind="number")
    print_rows([asdict(each) for each in found.documents], as_json=as_json)


# --- persons, talks, plans --------------------------------------------------------------------------------------------


@crm.command()
@click.option("--account")
@click.option("--group")
@click.option("--text", help="Of the name, the address or the number.")
@json_option
@invocation
def contacts(call: Invocation, *, account: str | None, group: str | None, text: str | None, as_json: bool) -> None:
    """List persons: the register."""
    with call.instance() as instance:
        found = instance.views.crm_contacts(account=account, group=group, text_part=text)
    if as_json:
        print_json(found)
        return
    names = ("id", "account", "name", "function", "phone", "mail", "origin")
    print_rows([{name: getattr(each.contact, name) or "" for name in names} for each in found], as_json=False)


@crm.command()
@click.argument("account")
@click.argument("name")
@click.option("--id", "contact_id", default="", help="Change this one.")
@click.option("--function")
@click.option("--phone", help="With its country: +49 ...")
@click.option("--mail")
@click.option("--group", "groups", multiple=True, help="May be repeated.")
@click.option("--silent", is_flag=True, help="Is not to be contacted.")
@click.option("--unshared", is_flag=True, help="No connector gets it.")
@invocation
def contact(
    call: Invocation,
    /,
    *,
    account: str,
    name: str,
    contact_id: str,
    groups: tuple[str, ...],
    silent: bool,
    unshared: bool,
    **told: str | None,
) -> None:
    """Enter or change a person at an account."""
    _change(
        call,
        Contact(
            id=contact_id, account=account, name=name, groups=groups, silent=silent, unshared=unshared,
            function=told["function"], phone=told["phone"], mail=told["mail"],
        ),
    )  # fmt: skip


@crm.command()
@click.argument("account")
@click.argument("subject")
@click.option("--kind", default="note", show_default=True, help="A code of the list interaction.")
@click.option("--topic")
@click.option("--contact")
@click.option("--text", default="")
@click.option("--field", "fields", multiple=True, metavar="CODE=VALUE", help="An own field; may be repeated.")
@invocation
def talk(
    call: Invocation,
    /,
    *,
    account: str,
    subject: str,
    kind: str,
    text: str,
    fields: tuple[str, ...],
    **told: str | None,
) -> None:
    """Write down a talk with an account."""
    with call.instance() as instance:
        now = instance.clock.now()
    pairs = dict(each.partition("=")[::2] for each in fields)
    given = Interaction(
        id="", account=account, at=now, kind=kind, subject=subject, text=text, topic=told["topic"],
        contact=told["contact"], fields=pairs,
    )  # fmt: skip
    _change(call, given)


@crm.command()
@click.argument("title")
@click.option("--due", type=MOMENT, required=True, help="UTC.")
@click.option("--remind", type=MOMENT, help="UTC.")
@click.option("--kind", default="follow-up", show_default=True, help="A code of the list task.")
@click.option("--account")
@click.option("--owner", help="Default: you.")
@click.option("--text", default="")
@invocation
def plan(
    call: Invocation, /, *, title: str, due: datetime, remind: datetime | None, kind: str, text: str, **told: str | None
) -> None:
    """Plan something, with a reminder."""
    given = Task(
        id="", kind=kind, title=title, owner=told["owner"] or user_name(), due_at=due.replace(tzinfo=UTC),
        remind_at=remind.replace(tzinfo=UTC) if remind else None, account=told["account"], text=text,
    )  # fmt: skip
    _change(call, given)


@crm.command()
@click.option("--owner", help="Only of this person.")
@click.option("--account")
@click.option("--all", "everything", is_flag=True, help="Done ones too.")
@json_option
@invocation
def tasks(call: Invocation, *, owner: str | None, account: str | None, everything: bool, as_json: bool) -> None:
    """List plans, the first that is due first."""
    with call.instance() as instance:
        found = instance.views.crm_tasks(owner=owner, account=account, done=everything)
        now, zone = instance.clock.now(), ZoneInfo(instance.settings.zone)
    names = ("id", "due_at", "title", "kind", "owner", "account")
    print_rows(
        [{**{name: getattr(each, name) or "" for name in names}, "when": each.when(now, zone)} for each in found],
        as_json=as_json,
    )


@crm.command()
@click.argument("task")
@click.option("--result", default="")
@invocation
def done(call: Invocation, *, task: str, result: str) -> None:
    """Say that a plan is done, and what came of it."""
    _change(call, TaskDone(id=task, result=result))


# --- cases ------------------------------------------------------------------------------------------------------------


@crm.command("open-case")
@click.argument("account")
@click.argument("case_type", metavar="TYPE", type=click.Choice(TYPES))
@click.argument("subject")
@click.option("--urgency", type=click.Choice(URGENCIES), default="normal", show_default=True)
@click.option("--owner")
@click.option("--message", help="Document it is about.")
@click.option("--place", help="Path in it, for example lines[2].quantity.")
@click.option("--text", default="")
@invocation
def open_case(
    call: Invocation, /, *, account: str, case_type: str, subject: str, urgency: str, text: str, **told: str | None
) -> None:
    """Open a case: a service request, a complaint, nonconforming goods."""
    given = CaseRequest(
        account=account, type=case_type, subject=subject, urgency=urgency, text=text, owner=told["owner"],
        message=told["message"], place=told["place"],
    )  # fmt: skip
    _change(call, given)


@crm.command("case-figures")
@json_option
@invocation
def case_figures(call: Invocation, *, as_json: bool) -> None:
    """Tell the age of open cases, the first response, and what was promised and kept."""
    with call.instance() as instance:
        zone = ZoneInfo(instance.settings.zone)
        found = asdict(instance.views.crm_case_figures(zone, instance.clock.now()))
    if as_json:
        print_json(found)
    else:
        print_fields({key: "?" if value is None else value for key, value in found.items()})
