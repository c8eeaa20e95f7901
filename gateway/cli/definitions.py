"""check, apply, partners, items: what the folders say."""

from collections.abc import Callable, Mapping
from dataclasses import fields

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.exits import FINDINGS
from gateway.cli.output import json_option, print_fields, print_finding, print_json, print_rows
from gateway.config.settings import Settings
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, has_errors
from gateway.model.key_window import read_windows
from gateway.model.partner import Partner


@click.command()
@json_option
@invocation
def check(call: Invocation, *, as_json: bool) -> None:
    """Check settings, partners, tables and mappings; print every problem with file, line and column."""
    from gateway.config.book import check as check_definitions
    from gateway.config.definitions import read_definitions
    from gateway.config.parties import read_parties

    settings = call.settings()
    definitions = read_definitions(settings)
    findings = check_definitions(definitions, settings.schemas, settings.partners)
    findings += missing_keys(settings, read_parties(definitions).partners)
    if as_json:
        print_json({"digest": definitions.digest, "findings": findings})
    else:
        for finding in findings:
            print_finding(finding, call.language)
        partners = len(definitions.partner_ids())
        click.echo(f"{partners} partners, {len(definitions.files)} files, {len(findings)} findings", err=True)
    if has_errors(findings):
        raise SystemExit(FINDINGS)


def missing_keys(settings: Settings, partners: Mapping[str, Partner]) -> list[Finding]:
    """Return a warning for each key, certificate or secret that a partner file names and the key store has not.

    Nothing is said before there is a key store: `gateway init` and the first start of the demo make it.
    """
    from gateway.store.keys import FileKeys

    if not (settings.var / "keys").is_dir():
        return []
    keys = FileKeys(settings.var / "keys")
    kept: dict[str, Callable[[str], object]] = {
        "certificate": keys.certificate,
        "client_certificate": keys.certificate,
        "token": keys.secret,
        "webhook_secret": keys.secret,
        "key": keys.own,
    }
    found: list[Finding] = []
    for partner in partners.values():
        at = f"partners/{partner.id}/partner.yaml"
        for channel, its in partner.channels.items():
            named = ((key, name) for key in kept for name in _names_in(key, its.settings.get(key, "")))
            for setting, name in named:
                try:
                    kept[setting](name)
                except OurFault as fault:
                    params = (("at", at), ("detail", fault.code), ("key", f"channels.{channel}.{setting}"))
                    found.append(Finding(code="partner.key-missing", severity="warning", value=name, params=params))
    return found


def _names_in(key: str, value: str) -> tuple[str, ...]:
    """Return the names that a setting gives: one secret, several after each other, or keys with their windows."""
    if not value:
        return ()
    if key == "token":
        return (value,)
    if key == "webhook_secret":
        return tuple(each.strip() for each in value.split(","))
    try:
        return tuple(window.name for window in read_windows(value))
    except ValueError:  # told already, with its place
        return ()


@click.command()
@json_option
@invocation
def apply(call: Invocation, *, as_json: bool) -> None:
    """Bring the folders into force. A running server follows within a second; nothing changes when there are errors."""
    with call.instance() as instance:
        instance.apply_definitions()
        digest = instance.definitions.digest
        partners = len(instance.book.partners)
    if as_json:
        print_json({"digest": digest, "partners": partners})
    else:
        click.echo(f"in force: {digest[:12]}, {partners} partners")


@click.group()
def partners() -> None:
    """Companies we exchange documents with."""


@partners.command("list")
@json_option
@invocation
def list_partners(call: Invocation, *, as_json: bool) -> None:
    """List the partners."""
    found = _partners(call)
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "role": each.role if each.kind == "partner" else each.kind,
            "gln": each.gln,
            "channels": " ".join(each.channels),
            "receives": " ".join(a.mapping for a in each.agreements if a.direction == "receive"),
            "sends": " ".join(a.mapping for a in each.agreements if a.direction == "send"),
        }
        for each in found.values()
    ]
    print_rows(rows, as_json=as_json)


@partners.command("show")
@click.argument("partner_id", metavar="PARTNER")
@json_option
@invocation
def show_partner(call: Invocation, partner_id: str, *, as_json: bool) -> None:
    """Show one partner."""
    found = _partners(call).get(partner_id)
    if found is None:
        raise OurFault("partner.unknown", value=partner_id)
    if as_json:
        print_json(found)
        return
    print_fields({"id": found.id, "name": found.name, "role": found.role, "kind": found.kind, "mode": found.mode})
    print_fields({"ids": ", ".join(f"{each.scheme}:{each.value}" for each in found.ids)})
    for name, channel in found.channels.items():
        click.echo(f"channel {name} ({channel.kind})")
        print_fields({f"  {key}": value for key, value in channel.settings.items()})
    rows = [
        {"agreement": each.direction, "mapping": each.mapping, "over": each.over, "test": each.test or None}
        for each in found.agreements
    ]
    if rows:
        print_rows(rows, as_json=False)
    _print_terms(found)


def _print_terms(partner: Partner) -> None:
    """Print what is agreed today, then every version of it, then what the partner owes us regularly."""
    from gateway.app.clock import SystemClock

    today = SystemClock().now().date()
    force = partner.terms_on(today)
    if partner.terms:
        click.echo(f"terms in force on {today}")
        print_fields({f"  {each.name}": getattr(force, each.name) for each in fields(force)})
        versions: list[dict[str, object]] = [
            {
                "terms_from": each.valid_from,
                "to": each.valid_to,
                "price_list": each.price_list,
                "minimum": each.minimum_value,
                "credit": each.credit_class,
                "limit": each.credit_limit,
                "in_force": "*" if each == force else "",
            }
            for each in sorted(partner.terms, key=lambda each: each.valid_from)
        ]
        print_rows(versions, as_json=False)
    if partner.expects:
        owed: list[dict[str, object]] = [
            {"expects": each.document, "after": each.after, "hours": each.hours, "days": each.days, "by": each.by}
            for each in partner.expects
        ]
        print_rows(owed, as_json=False)


def _partners(call: Invocation) -> dict[str, Partner]:
    """Read the partners from the folders. Raises OurFault with every error."""
    from gateway.config.definitions import read_definitions
    from gateway.config.fields import as_fault
    from gateway.config.parties import read_parties

    parties = read_parties(read_definitions(call.settings()))
    if has_errors(parties.findings):
        raise as_fault(tuple(each for each in parties.findings if each.severity == "error"))
    return parties.partners


@click.group()
def items() -> None:
    """Our trade items."""


@items.command("list")
@click.option("--text", default="", help="In a name or number, or part of a GTIN.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="Most lines.")
@json_option
@invocation
def list_items(call: Invocation, *, text: str, limit: int, as_json: bool) -> None:
    """List our items, by GTIN: what our house told or was imported, and partners/self/tables/items.csv."""
    with call.instance() as instance:
        kept = {each.gtin: each for each in instance.views.kept_items(text or None, limit=limit)}
        for gtin, record in instance.book.own.items.items():
            words = (record.name, record.name_zh or "", record.supplier_item or "", gtin)
            if any(text.lower() in each.lower() for each in words):
                kept.setdefault(gtin, record)
    names = ("gtin", "name", "supplier", "pack", "sales_price", "purchase_price", "currency", "active")
    shown = [kept[gtin] for gtin in sorted(kept)][:limit]
    print_rows([{name: getattr(each, name) for name in names} for each in shown], as_json=as_json)


@items.command("add")
@click.argument("gtin")
@click.option("--name", required=True, help="Name of the item.")
@click.option("--name-zh", default="", help="Name in Chinese.")
@click.option("--supplier", default="", help="Partner we buy it from.")
@click.option("--supplier-item", default="", help="The supplier's number.")
@click.option("--pack", default="", help="Order multiple towards the supplier, in units.")
@click.option("--sales-price", default="", help="Per unit, without tax.")
@click.option("--purchase-price", default="", help="Per unit, without tax.")
@click.option("--unit", default="", help="UN/ECE Rec 20 code; empty: piece.")
@click.option("--currency", default="", help="ISO 4217 code; empty: EUR.")
@invocation
def add_item(call: Invocation, /, gtin: str, **values: str) -> None:
    """Add an item to partners/self/tables/items.csv and bring it into force."""
    from gateway.config.item_table import add_item as append

    path = append(call.settings(), {"gtin": gtin, "active": "true", **values})
    with call.instance() as instance:
        instance.apply_definitions()
        count = len(instance.book.own.items)
    click.echo(f"{path}: {count} items in force")
