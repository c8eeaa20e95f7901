"""mappings publish, versions, restore; messages read-with: a partner's layer brought into force, back, and chosen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.exits import FINDINGS, PARTLY
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import INSTANT, text_of

if TYPE_CHECKING:  # opening an instance is slow to import
    from gateway.app.mapping_editor import InstanceEditor

TEXT_LIMIT_BYTES = 1_000_000
NAME = click.argument("name", metavar="FAMILY/TYPE")
PARTNER = click.option("--partner", required=True, metavar="PARTNER", help="Whose mapping.")
REASON = click.option("--reason", default="", help="Stands beside the version.")


@contextmanager
def _editor(call: Invocation) -> "Iterator[InstanceEditor]":
    from gateway.app.mapping_editor import InstanceEditor

    with call.instance() as instance:
        editor = InstanceEditor(instance=instance)
        try:
            yield editor
        finally:
            editor.close()


@click.command("versions")
@NAME
@PARTNER
@json_option
@invocation
def list_versions(call: Invocation, name: str, partner: str, *, as_json: bool) -> None:
    """List the versions of a partner's mapping with the messages that each has read in 90 days."""
    with _editor(call) as editor:
        found = editor.versions(partner, name)
    rows = [
        {"version": v.number, "digest": v.digest[:12], "from": f"{v.at:%Y-%m-%d %H:%M}", "by": v.user, "read": v.read,
         "failed": v.failed, "reason": v.reason}
        for v in found
    ]  # fmt: skip
    print_rows(rows, as_json=as_json)


@click.command("publish")
@NAME
@PARTNER
@click.option("--draft", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The partner's own layer.")  # fmt: skip
@REASON
@click.option("--at", type=INSTANT,
              help="Come into force then, with zone; at once without it.")  # fmt: skip
@json_option
@invocation
def publish_mapping(
    call: Invocation, name: str, *, partner: str, draft: Path, reason: str, at: datetime | None, as_json: bool
) -> None:
    """Bring a draft into force as a new version: checked like any other change, audited, written to the folder too."""
    text = text_of(draft, TEXT_LIMIT_BYTES)
    with _editor(call) as editor:
        editor.discard(partner, name, user_name())
        editor.save(partner, name, text, user_name())
        done = editor.publish(partner, name, user_name(), reason, at=at)
    if as_json:
        print_json(done)
    elif done.plan:
        click.echo(f"planned {done.plan}")
    else:
        click.echo(f"version {done.version}")


@click.command("restore")
@NAME
@click.argument("number", type=click.IntRange(1))
@PARTNER
@REASON
@json_option
@invocation
def restore_version(call: Invocation, name: str, number: int, *, partner: str, reason: str, as_json: bool) -> None:
    """Bring the partner's own layer of version NUMBER back, as a new version."""
    with _editor(call) as editor:
        done = editor.roll_back(partner, name, number, user_name(), reason)
        latest = editor.versions(partner, name)[0].number
    if as_json:
        print_json({"version": latest, "changed": done.changed, "written": done.written})
    else:
        click.echo(f"version {latest}")


@click.command("share")
@NAME
@PARTNER
@click.option("--to", "others", multiple=True, metavar="PARTNER", help="Who gets it; without: all who use it as it is.")
@REASON
@json_option
@invocation
def share_layer(
    call: Invocation, name: str, *, partner: str, others: tuple[str, ...], reason: str, as_json: bool
) -> None:
    """Bring a partner's own layer into force for others who use the mapping, each as a version of its own."""
    with _editor(call) as editor:
        chosen = others or [each.partner for each in editor.sharing(partner, name) if each.state == "none"]
        done = editor.share(partner, name, chosen, user_name(), reason)
    rows = [
        {"partner": each.partner, "changed": each.changed, "code": each.finding.code if each.finding else ""}
        for each in done
    ]
    print_rows(rows, as_json=as_json)
    if any(each.finding for each in done):
        raise SystemExit(PARTLY if any(each.changed for each in done) else FINDINGS)


@click.command("read-with")
@click.argument("message_id", metavar="ID")
@click.argument("number", type=click.IntRange(1))
@REASON
@invocation
def read_with(call: Invocation, message_id: str, number: int, *, reason: str) -> None:
    """Read a waiting message again with version NUMBER of its mapping; an ordinary replay takes what is in force."""
    with _editor(call) as editor:
        editor.read_with(message_id, number, user_name(), reason)
