"""gateway alerts: rules that tell people when something is wrong, what they have found, and who was told."""

from typing import Any, cast

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import amount
from gateway.model.faults import OurFault
from gateway.store.view_alert_rows import PARAMS, TARGET_KINDS, AlertKind, AlertRule, AlertTarget, QuietHours, RuleLine

LIST_LENGTH = 50


@click.group()
def alerts() -> None:
    """Alert rules: who is told of what, and what they have found.

    \b
    gateway alerts list
    gateway alerts add "Nothing from Nordmarkt" silent-partner --partner nordmarkt --param hours=12 \\
        --to email=ops@example.com
    gateway alerts history --json
    """


@alerts.command("list")
@json_option
@invocation
def list_rules(call: Invocation, *, as_json: bool) -> None:
    """List the rules with what holds now."""
    with call.instance() as instance:
        found = instance.views.alert_rules()
    if as_json:
        print_json(found)
        return
    print_rows([_row(each) for each in found], as_json=False)


def _row(line: RuleLine) -> dict[str, object]:
    rule = line.rule
    return {
        "id": rule.id,
        "name": rule.name,
        "kind": rule.kind,
        "partner": rule.partner or "all",
        "params": ", ".join(f"{name}={value}" for name, value in rule.params.items()),
        "told": ", ".join(f"{each.kind} {each.address}" for each in rule.targets),
        "state": "on" if rule.enabled else "off",
        "open": line.open,
        "last_fired": line.last_fired_at,
    }


@alerts.command()
@click.argument("rule_id", metavar="[ID]", required=False)
@click.option("--limit", type=click.IntRange(1, 500), default=LIST_LENGTH, show_default=True)
@json_option
@invocation
def history(call: Invocation, rule_id: str | None, limit: int, *, as_json: bool) -> None:
    """Show what rules have found, the newest first. ID: of one rule only."""
    with call.instance() as instance:
        if rule_id is not None:
            _known(instance.views.alert_rules(), rule_id)
        found = instance.views.firings(rule_id, limit)
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "fired": each.fired_at,
                "rule": each.rule_name,
                "about": each.subject,
                "since": each.since,
                "ended": each.cleared_at,
                "told": ", ".join(f"{told.target}: {told.state}" for told in each.deliveries),
            }
            for each in found
        ],
        as_json=False,
    )


@alerts.command()
@click.argument("name")
@click.argument("kind", type=click.Choice(list(PARAMS)))
@click.option("--partner", help="Only about this partner [all].")
@click.option("--param", "params", multiple=True, metavar="NAME=NUMBER", help="Limit of the rule; may be repeated.")
@click.option("--to", "targets", multiple=True, required=True, metavar="KIND=ADDRESS",
              help=f"Whom to tell; may be repeated. KIND: {', '.join(TARGET_KINDS)}.")  # fmt: skip
@click.option("--quiet-hours", metavar="HH:MM-HH:MM", help="Nobody is told then; what still holds is told after it.")
@click.option("--off", is_flag=True, help="Keep the rule, but do not look yet.")
@json_option
@invocation
def add(
    call: Invocation,
    name: str,
    kind: AlertKind,
    *,
    partner: str | None,
    params: tuple[str, ...],
    targets: tuple[str, ...],
    quiet_hours: str | None,
    off: bool,
    as_json: bool,
) -> None:
    """Add a rule and print its id. A rule of KIND looks every minute."""
    zone = call.settings().zone
    rule = AlertRule(
        id="",
        name=name,
        kind=kind,
        partner=partner,
        params={key: amount(value, f"--param {key}") for key, value in (_pair(each, "--param") for each in params)},
        targets=tuple(AlertTarget(kind=_target(key), address=value) for key, value in map(_told, targets)),
        quiet=_quiet(quiet_hours, zone) if quiet_hours else None,
        enabled=not off,
    )
    with call.actions() as actions:
        rule_id = actions.save_alert(rule, user_name())
    print_json({"id": rule_id}) if as_json else click.echo(rule_id)


@alerts.command()
@click.argument("rule_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@invocation
def remove(call: Invocation, rule_id: str, *, yes: bool) -> None:
    """Take a rule away; what it has found stays in the history."""
    with call.actions() as actions:
        line = _known(actions.instance.views.alert_rules(), rule_id)
        if not yes and not click.confirm(f"Take {line.rule.name} away?", err=True):
            raise click.UsageError("nothing was changed; say --yes where nobody can be asked")
        actions.remove_alert(rule_id, user_name())
    click.echo(f"{rule_id} is gone")


@alerts.command("test")
@click.argument("rule_id", metavar="ID")
@json_option
@invocation
def try_rule(call: Invocation, rule_id: str, *, as_json: bool) -> None:
    """Tell everybody whom a rule tells that this is a test. A running server sends it within a minute."""
    with call.actions() as actions:
        _known(actions.instance.views.alert_rules(), rule_id)
        made = actions.test_alert(rule_id, user_name())
    if as_json:
        print_json({"deliveries": made})
    else:
        click.echo(f"{len(made)} to tell: gateway alerts history {rule_id}")


def _known(rules: tuple[RuleLine, ...], rule_id: str) -> RuleLine:
    """Raises OurFault alert.not-found."""
    found = next((each for each in rules if each.rule.id == rule_id), None)
    if found is None:
        raise OurFault("alert.not-found", value=rule_id[:60])
    return found


def _pair(text: str, option: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name.strip() or not value.strip():
        raise click.BadParameter(f"{text}: write NAME=VALUE", param_hint=option)
    return name.strip(), value.strip()


def _told(text: str) -> tuple[str, str]:
    return _pair(text, "--to")


def _target(kind: str) -> Any:
    if kind not in TARGET_KINDS:
        raise click.BadParameter(f"{kind}: one of {', '.join(TARGET_KINDS)}", param_hint="--to")
    return cast(Any, kind)


def _quiet(text: str, zone: str) -> QuietHours:
    start, mark, end = text.partition("-")
    if not mark:
        raise click.BadParameter(f"{text}: write HH:MM-HH:MM", param_hint="--quiet-hours")
    return QuietHours(start=start.strip(), end=end.strip(), zone=zone)
