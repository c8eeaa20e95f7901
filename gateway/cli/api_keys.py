"""gateway api-keys: keys of programs, with scopes, partners and an end."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.users import key_options, sight_of, with_options
from gateway.cli.values import DAY
from gateway.config.partners import PARTNER_ID
from gateway.model.faults import OurFault


@click.group("api-keys")
def api_keys() -> None:
    """Keys with which programs ask the API, or partners hand documents in."""


@api_keys.command("list")
@click.option("--revoked", is_flag=True, help="Those too that open nothing any more.")
@json_option
@invocation
def list_keys(call: Invocation, *, revoked: bool, as_json: bool) -> None:
    """List API keys, the newest first; never what opens."""
    with call.instance() as instance:
        found = instance.access.keys(revoked=revoked)
    if as_json:
        print_json(found)
        return
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "role": each.role,
            "sees": each.partner or ("all" if each.partners is None else ", ".join(each.partners)),
            "scopes": "all" if each.scopes is None else ", ".join(each.scopes),
            "ends": each.expires_at or "never",
            "last_used": each.used_at,
            "state": "revoked" if each.revoked_at else "",
        }
        for each in found
    ]
    print_rows(rows, as_json=False)


def _is_written(folder: Path, partner: str) -> bool:
    """True for a partner whose file is there and was not applied yet: scripts may issue its key first."""
    return PARTNER_ID.fullmatch(partner) is not None and (folder / partner / "partner.yaml").is_file()


def issue(
    call: Invocation,
    name: str,
    *,
    role: str | None,
    partner: str | None,
    sees: tuple[str, ...] = (),
    fields: tuple[str, ...] = (),
    scopes: tuple[str, ...] = (),
    expires: str | None = None,
    as_json: bool,
) -> None:
    """Make the key and print it. expires: a day, never, or None: in a year. Raises OurFault partner.unknown."""
    from gateway.api.access import check_scopes, end_of

    role = role or ("partner" if partner else None)
    if role is None:
        raise click.UsageError("say --partner ID for a partner's key, or --role for one of a program of ours")
    wanted = frozenset(scopes) or None
    check_scopes(role, wanted)
    with call.instance() as instance:
        now = instance.wall.now()
        ends = end_of(expires, now)
        applied = partner is None or partner in instance.book.partners
        if not applied and not _is_written(instance.settings.partners, str(partner)):
            raise OurFault("partner.unknown", value=str(partner)[:100])
        sight = sight_of(instance, role, partner if applied else None, sees, fields) | {"partner": partner}
        token = instance.access.issue_key(name, now=now, by=user_name(), scopes=wanted, expires_at=ends, **sight)
    if not applied:
        click.echo(f"{partner} is not in force yet: the key counts after `gateway apply`", err=True)
    if as_json:
        print_json({"name": name, "partner": partner, "role": role, "key": token, "expires_at": ends})
    else:
        click.echo(token)


@api_keys.command("issue")
@click.argument("name")
@with_options(key_options)
@click.option("--scope", "scopes", multiple=True, help="A permission it is for; may be repeated [all of the role].")
@click.option("--expires", type=DAY, help="Last day, UTC [365 days from now].")
@click.option("--never-expires", is_flag=True, help="Only where nobody could renew it in time.")
@json_option
@invocation
def issue_key(
    call: Invocation,
    name: str,
    *,
    role: str | None,
    partner: str | None,
    sees: tuple[str, ...],
    fields: tuple[str, ...],
    scopes: tuple[str, ...],
    expires: datetime | None,
    never_expires: bool,
    as_json: bool,
) -> None:
    """Make an API key called NAME and print it, this once.

    \b
    gateway api-keys issue "warehouse export" --role operator --scope messages.read
    gateway api-keys issue corner-shop-1 --partner corner-shop
    """
    ends = f"{expires:%Y-%m-%d}" if expires else "never" if never_expires else None
    issue(
        call, name, role=role, partner=partner, sees=sees, fields=fields, scopes=scopes, expires=ends, as_json=as_json
    )


@api_keys.command("revoke")
@click.argument("key_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@invocation
def revoke_key(call: Invocation, key_id: str, *, yes: bool) -> None:
    """Let a key open nothing any more. ID: as `gateway api-keys list` shows it."""
    if not yes:
        click.confirm(f"Revoke {key_id}?", abort=True, err=True)
    with call.instance() as instance:
        instance.access.revoke_key(key_id, instance.wall.now(), by=user_name())
    click.echo(f"{key_id} is revoked", err=True)
