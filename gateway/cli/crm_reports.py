"""gateway crm: reports, registers and surveys from the command line. Added to the group of gateway.cli.crm."""

from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.crm import crm
from gateway.cli.output import as_plain, json_option, print_fields, print_json, print_rows
from gateway.domain.crm.registers import REGISTERS
from gateway.domain.crm.reports import MOST_DAYS, REPORTS, wanted
from gateway.model.faults import OurFault

REGISTER = click.Choice([*REGISTERS])


@crm.command()
@json_option
@invocation
def reports(call: Invocation, *, as_json: bool) -> None:
    """List the reports there are."""
    found = [{"report": each.name, "area": each.area, "group": " ".join(each.groups)} for each in REPORTS.values()]
    print_rows(found, as_json=as_json)


@crm.command()
@click.argument("name")
@click.option("--since", metavar="DAY", help="First day.")
@click.option("--until", metavar="DAY", help="Last day.")
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=91, show_default=True, help="So many, if no --since."
)
@click.option("--group", metavar="WHAT", help="By what; see `gateway crm reports`.")
@click.option("--account", metavar="ID", help="Only of this account.")
@click.option("--item", metavar="GTIN", help="Only this item.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write a .csv or .xlsx file instead.")
@json_option
@invocation
def report(
    call: Invocation,
    name: str,
    *,
    since: str | None,
    until: str | None,
    days: int,
    group: str | None,
    account: str | None,
    item: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Make a report: which goods sell and why, who came back, what a promotion did, ..."""
    from gateway.api.report_files import FORMATS, cell, file_of, heading, key_words

    with call.instance() as instance:
        now, book = instance.clock.now(), instance.book
        asked = wanted(name, now.date(), since=since, until=until, group=group, account=account, item=item, days=days)
        made = instance.views.report(asked, now)
    if as_json:
        print_json(
            {"report": name, "since": asked.since, "until": asked.until, "group": asked.group, "rows": made.rows}
        )
    elif out is not None:
        form = out.suffix.removeprefix(".")
        if form not in FORMATS:
            raise OurFault("api.bad-value", name="out", value=out.name, expected=".csv, .xlsx")
        out.write_bytes(file_of(made, form, book, call.language))
    else:
        namer = key_words(asked, book, call.language)
        rows = [
            {
                heading(each, asked, call.language): cell(each, row.get(each), namer, call.language) or ""
                for each in asked.columns
            }
            for row in made.rows
        ]
        print_rows(rows, as_json=False)


@crm.command()
@json_option
@invocation
def registers(call: Invocation, *, as_json: bool) -> None:
    """List the registers with their fields."""
    found = [
        {
            "register": each.name,
            "states": " ".join(each.states),
            "fields": " ".join(f"{field.name}*" if field.required else field.name for field in each.fields),
        }
        for each in REGISTERS.values()
    ]
    print_rows(found, as_json=as_json)


@crm.command()
@click.argument("register", type=REGISTER)
@click.option("--account", metavar="ID", help="Only of this account.")
@click.option("--state", help="Only in this state.")
@json_option
@invocation
def entries(call: Invocation, register: str, *, account: str | None, state: str | None, as_json: bool) -> None:
    """List the entries of a register, the latest changed first."""
    with call.instance() as instance:
        found = instance.views.entries(register, account=account, state=state)
    if as_json:
        print_json(found)
        return
    rows = [{"id": each.id, "state": each.state, "account": each.account or "", **each.data} for each in found]
    names = list(dict.fromkeys(name for row in rows for name in row))
    print_rows([{name: row.get(name, "") for name in names} for row in rows], as_json=False)


@crm.command("set")
@click.argument("register", type=REGISTER)
@click.argument("fields", nargs=-1, metavar="FIELD=VALUE...")
@click.option("--id", "entry", metavar="ID", help="Of the entry; without it a new one.")
@click.option("--state", help="Put it into this state.")
@json_option
@invocation
def set_entry(
    call: Invocation, register: str, fields: tuple[str, ...], *, entry: str | None, state: str | None, as_json: bool
) -> None:
    """Make an entry of a register, or change the fields that are named: an opportunity, a campaign, a setting, ..."""
    from gateway.app.selling import Selling

    given: dict[str, object] = {}
    for each in fields:
        name, sign, value = each.partition("=")
        if not sign:
            raise OurFault("crm.entry-wrong", value=each[:60], field=name[:60])
        given[name] = value
    with call.instance() as instance:
        had = instance.views.entry(register, entry) if entry else None
        data = {**(had.data if had else {}), **given}
        kept = Selling(instance=instance).save_entry(register, entry, data, state, user_name())
    if as_json:
        print_json(kept)
    else:
        print_fields({"id": kept.id, "state": kept.state, **kept.data})


@crm.command("drop")
@click.argument("register", type=REGISTER)
@click.argument("entry")
@invocation
def drop_entry(call: Invocation, register: str, entry: str) -> None:
    """Take an entry out of a register; the audit keeps it."""
    from gateway.app.selling import Selling

    with call.instance() as instance:
        Selling(instance=instance).drop_entry(register, entry, user_name())


@crm.command()
@click.argument("survey")
@click.argument("account")
@click.option("--person", default="", help="Who is asked.")
@invocation
def ask(call: Invocation, survey: str, account: str, *, person: str) -> None:
    """Make a link to a survey for an account; it is good for one answer."""
    from gateway.app.selling import Selling

    with call.instance() as instance:
        token = Selling(instance=instance).ask(survey, account, person, user_name())
    click.echo(f"/survey/{token}")


@crm.command()
@click.option("--direction", type=click.Choice(["customer", "supplier"]), default="customer", show_default=True)
@click.option("--element", metavar="ID", help="Accounts in this element.")
@click.option("--account", metavar="ID", help="Only this account.")
@json_option
@invocation
def matrices(call: Invocation, *, direction: str, element: str | None, account: str | None, as_json: bool) -> None:
    """Show the service audit: importance, performance asked and measured, advice, competitive position."""
    from gateway.api.crm_matrices import read_audit, sides_of

    with call.instance() as instance:
        found = read_audit(instance.views, sides_of(instance.book.partners), direction, element, account)
    if as_json:
        print_json({"places": found.places, "loyalty": found.loyal})
        return
    rows = [
        {
            "id": each.id,
            "importance": each.importance or "",
            "asked": each.asked or "",
            "measured": each.measured or "",
            "advice": each.advice_asked or each.advice_measured or "",
            "position": each.position.name if each.position else "",
            "answers": each.answers,
        }
        for each in found.places
    ]
    print_rows(rows, as_json=False)


@crm.command()
@click.argument("connector", required=False)
@click.option("--again", type=int, metavar="NUMBER", help="Put this change in line again.")
@click.option("--differences", is_flag=True, help="Where both sides differ.")
@json_option
@invocation
def connectors(call: Invocation, connector: str | None, *, again: int | None, differences: bool, as_json: bool) -> None:
    """List the connectors to external systems, or the outbox of one with what became of each change."""
    from gateway.app.connectors import ConnectorDesk

    with call.instance() as instance:
        desk = ConnectorDesk(instance=instance)
        if connector is None:
            found = instance.views.connectors()
            rows: list[dict[str, object]] = [
                {"connector": each.entry.id, "state": each.entry.state, "records": each.records, **each.counts}
                for each in found
            ]
            names = list(dict.fromkeys(name for row in rows for name in row))
            print_rows([{name: row.get(name, "") for name in names} for row in rows], as_json=as_json)
            return
        if again is not None:
            desk.send_again(connector, again, user_name())
        told = desk.differences(connector) if differences else instance.views.outbox(desk.entry(connector).id)
    print_rows([as_plain(each) for each in told], as_json=as_json)
