"""gateway users, gateway audit: who may sign in, and who changed what."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import DAY
from gateway.model.faults import OurFault

if TYPE_CHECKING:  # slow to import
    from gateway.app.instance import Instance

ROLE_NAMES = ("admin", "operator", "planner", "account-manager", "auditor", "partner")
FIELD_NAMES = ("prices", "persons", "raw")
_seen_options = (
    click.option("--partner", help="With --role partner: whose person, or whose program, it is."),
    click.option("--sees", multiple=True, metavar="PARTNER", help="Only this partner; may be repeated [all]."),
    click.option(
        "--field", "fields", multiple=True, type=click.Choice(FIELD_NAMES), help="Show this group [the role's]."
    ),
)

sight_options = (
    click.option("--role", type=click.Choice(ROLE_NAMES), required=True, help="What it may do."),
    *_seen_options,
)
key_options = (
    click.option("--role", type=click.Choice(ROLE_NAMES), help="What it may do [partner, with --partner]."),
    *_seen_options,
)


def with_options(options: tuple[Any, ...]) -> Callable[[Any], Any]:
    """Return what gives these options to a command, in their order."""

    def given(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return given


def sight_of(
    instance: "Instance", role: str, partner: str | None, sees: tuple[str, ...], fields: tuple[str, ...]
) -> dict[str, Any]:
    """Raises OurFault partner.unknown."""
    for each in (*sees, *((partner,) if partner else ())):
        if each not in instance.book.partners:
            raise OurFault("partner.unknown", value=each[:100])
    return {
        "role": role,
        "partner": partner,
        "partners": frozenset(sees) or None,
        "fields": frozenset(fields) or None,
    }


@click.group()
def users() -> None:
    """People who may sign in to the console."""


@users.command("list")
@json_option
@invocation
def list_users(call: Invocation, *, as_json: bool) -> None:
    """List everybody, with role, sight and last sign-in."""
    with call.instance() as instance:
        found = instance.access.people(instance.wall.now())
    if as_json:
        print_json(found)
        return
    rows = [
        {
            "name": each.name,
            "role": each.role,
            "sees": each.partner or ("all" if each.partners is None else ", ".join(each.partners)),
            "password": "yes" if each.has_password else "",
            "second_factor": "yes" if each.second_factor else "",
            "last_sign_in": each.seen_at,
            "state": "disabled" if each.disabled_at else "",
        }
        for each in found
    ]
    print_rows(rows, as_json=False)


@users.command("add")
@click.argument("name")
@with_options(sight_options)
@json_option
@invocation
def add_user(
    call: Invocation,
    name: str,
    *,
    role: str,
    partner: str | None,
    sees: tuple[str, ...],
    fields: tuple[str, ...],
    as_json: bool,
) -> None:
    """Add a person called NAME; `gateway login-link --user NAME` lets it in for the first time."""
    with call.instance() as instance:
        sight = sight_of(instance, role, partner, sees, fields)
        instance.access.add_user(name, now=instance.wall.now(), by=user_name(), **sight)
        (line,) = instance.access.people(instance.wall.now(), name)
    if as_json:
        print_json(line)
    else:
        click.echo(f"{name} is added: gateway login-link --user {name}", err=True)


@users.command("invite")
@click.argument("name")
@click.option("--partner", required=True, help="Whose person it is.")
@click.option("--language", type=click.Choice(["en", "zh-CN"]), help="In which the portal speaks first.")
@json_option
@invocation
def invite(call: Invocation, name: str, *, partner: str, language: str | None, as_json: bool) -> None:
    """Print a link that lets NAME, an e-mail address, into the portal: it works once, within seven days."""
    with call.instance() as instance:
        link = instance.invitation(name, partner, by=user_name(), language=language)
    if as_json:
        print_json({"name": name, "partner": partner, "link": link})
    else:
        click.echo(link)


@users.command("disable")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@invocation
def disable_user(call: Invocation, name: str, *, yes: bool) -> None:
    """Let NAME in no more; its sessions end at once."""
    if not yes:
        click.confirm(f"Disable {name}?", abort=True, err=True)
    with call.instance() as instance:
        instance.access.disable_user(name, instance.wall.now(), by=user_name())
    click.echo(f"{name} is disabled", err=True)


@users.command("enable")
@click.argument("name")
@invocation
def enable_user(call: Invocation, name: str) -> None:
    """Let NAME in again."""
    with call.instance() as instance:
        instance.access.enable_user(name, instance.wall.now(), by=user_name())
    click.echo(f"{name} is enabled", err=True)


@users.command("password")
@click.argument("name")
@invocation
def set_password(call: Invocation, name: str) -> None:
    """Give NAME a password; it is asked for, or read from standard input. Its sessions end."""
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with call.instance() as instance:
        instance.access.set_password(name, password, instance.wall.now(), by=user_name())
    click.echo(f"{name} has a new password", err=True)


@users.command("totp")
@click.argument("name")
@click.option("--off", is_flag=True, help="Ask NAME for no more codes: its phone is lost.")
@json_option
@invocation
def second_factor(call: Invocation, name: str, *, off: bool, as_json: bool) -> None:
    """Begin a second factor for NAME: print the address that an authenticator app takes. It counts once NAME has
    confirmed a code under My account."""
    with call.instance() as instance:
        now, title = instance.wall.now(), instance.book.own.partner.name
        if off:
            instance.access.end_second_factor(name, now, by=user_name())
            click.echo(f"{name} is asked for no more codes", err=True)
            return
        secret, address = instance.access.begin_second_factor(name, now, issuer=title)
    if as_json:
        print_json({"name": name, "secret": secret, "address": address})
    else:
        click.echo(address)


@click.command()
@click.option("--user", help="Only changes by this person or program.")
@click.option("--action", help="Only this kind, or its beginning: user.")
@click.option("--subject", help="Only what this text is part of.")
@click.option("--since", type=DAY, help="First day, UTC.")
@click.option("--until", type=DAY, help="Last day, UTC.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@json_option
@invocation
def audit(
    call: Invocation,
    *,
    user: str | None,
    action: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Print who changed what, from what to what, the newest first."""
    from gateway.store.view_audit import AuditFilter

    def day(value: datetime | None, more: int = 0) -> datetime | None:
        return None if value is None else datetime.combine(value.date(), time(), UTC) + timedelta(days=more)

    wanted = AuditFilter(user=user, action=action, subject=subject, since=day(since), until=day(until, 1))
    with call.instance() as instance:
        lines = instance.views.audit(wanted, None, limit).lines
    if as_json:
        print_json(lines)
        return
    rows = [
        {
            "at": each.at,
            "user": each.user,
            "action": each.action,
            "subject": each.subject,
            "before": _short(each.before),
            "after": _short(each.after),
        }
        for each in lines
    ]
    print_rows(rows, as_json=False)


def _short(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
