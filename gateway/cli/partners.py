"""partners add, clone, export, import, checklist, go-live, back-to-test, history, roll-back, sheet, add-certificate."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.exits import FINDINGS
from gateway.cli.output import json_option, print_fields, print_finding, print_json, print_rows
from gateway.cli.values import INSTANT
from gateway.model.faults import OurFault

if TYPE_CHECKING:  # the desk is slow to import
    from gateway.api.partner_desk import WizardView
    from gateway.app.partner_desk import InstanceDesk

LIMIT_BYTES = 21_000_000
reason_option = click.option("--reason", default="", help="Stands in the history.")
partner_argument = click.argument("partner", metavar="PARTNER")


@contextmanager
def open_desk(call: Invocation) -> "Iterator[InstanceDesk]":
    """Open the instance and look after its partners; a running server follows within a second."""
    from gateway.app.partner_desk import InstanceDesk

    with call.instance() as instance:
        yield InstanceDesk(instance=instance, follow=instance.refresh)


@click.command("add")
@click.option("--sample", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
              help="A document as the partner sends it: EDIFACT, XML, CSV or our JSON.")  # fmt: skip
@click.option("--id", "partner_id", help="Short name of the partner; else from its name.")
@click.option("--name", help="Name of the partner; else as the sample says it.")
@click.option("--gln", help="GLN of the partner; else as the sample says it.")
@click.option("--document", help="What a file in a format of its own is: Order, SalesReport, ...")
@click.option("--connection", type=click.Choice(["as2", "http", "folder"]), default="folder", show_default=True)
@click.option("--url", help="Where we send.")
@click.option("--as2-id", help="The partner's AS2-ID.")
@click.option("--certificate", type=click.File("rb"), help="The partner's certificate.")
@click.option("--dry-run", is_flag=True, help="Show what was recognised and what would be made; make nothing.")
@json_option
@invocation
def add_partner(
    call: Invocation,
    /,
    sample: Path,
    partner_id: str | None,
    certificate: BinaryIO | None,
    *,
    dry_run: bool,
    as_json: bool,
    **told: str | None,
) -> None:
    """Make a partner from a sample of its documents: recognised, mapped, read once, in test mode.

    Ends with 3 when a document of the sample would not be taken in.
    """
    user = user_name()
    with open_desk(call) as desk:
        kept = desk.keep_sample(sample.name, sample.read_bytes(), user)
        if certificate is not None:
            desk.keep_wizard_certificate(kept, user, certificate.read(LIMIT_BYTES))
        values = {key: value for key, value in told.items() if value}
        view = desk.answer(kept, user, values | ({"id": partner_id} if partner_id else {}))
        made = None if dry_run else desk.create(kept, user)
    if as_json:
        print_json(_told(view, made))
    else:
        _print_view(call, view, made)
    if not view.trial.good:
        raise SystemExit(FINDINGS)


def _told(view: "WizardView", made: str | None) -> dict[str, Any]:
    return {
        "partner": made,
        "syntax": view.found.syntax,
        "charset": view.found.charset,
        "sender": view.found.sender,
        "receiver": view.found.receiver,
        "documents": view.found.documents,
        "answers": view.answers,
        "files": view.files,
        "good": view.trial.good,
        "findings": view.trial.findings,
    }


def _print_view(call: Invocation, view: "WizardView", made: str | None) -> None:
    found = view.found
    print_fields(
        {
            "syntax": f"{found.syntax} {found.version}".strip(),
            "characters": found.charset,
            "sender": found.sender.value,
            "receiver": found.receiver.value,
            "name": found.name,
        }
    )
    told = [{"document": e.label, "is": e.document, "mapping": e.mapping, "fit": e.fit} for e in found.documents]
    print_rows(told, as_json=False)
    for path, text in view.files.items():
        click.echo(f"--- {path}\n{text}", nl=False)
    for finding in (*view.trial.findings, *(each.fault for each in view.trial.messages if each.fault)):
        print_finding(finding, call.language, sys.stderr)
    good = sum(each.fault is None for each in view.trial.messages)
    click.echo(f"{good} of {len(view.trial.messages)} documents of the sample are read", err=True)
    if made:
        click.echo(f"{made} is in force, in test mode", err=True)


@click.command("clone")
@partner_argument
@click.argument("new_id", metavar="NEW")
@click.option("--name", required=True, help="Name of the new partner.")
@click.option("--gln", default="", help="Its GLN.")
@invocation
def clone_partner(call: Invocation, partner: str, new_id: str, name: str, gln: str) -> None:
    """Make a partner NEW like PARTNER: agreements, terms, mappings; no identifiers, connections or keys."""
    with open_desk(call) as desk:
        made = desk.clone(partner, {"id": new_id, "name": name, "gln": gln}, user_name())
    click.echo(f"{made} is in force, in test mode, over a folder", err=True)


@click.command("export")
@partner_argument
@click.option("--output", type=click.File("wb"), default="-", help="File to write; else standard output.")
@invocation
def export_partner(call: Invocation, partner: str, output: BinaryIO) -> None:
    """Write PARTNER as one signed file for another instance. Keys are named in it, never inside."""
    with open_desk(call) as desk:
        output.write(desk.export(partner, user_name()))


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Show the differences only.")
@click.option("--keep", multiple=True, metavar="PATH", help="Field that stays as it is here: channels.as2.url, ...")
@click.option(
    "--take-all", is_flag=True, help="Also take addresses, certificates and the mode of a partner that is here."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@reason_option
@json_option
@invocation
def import_partner(
    call: Invocation, file: BinaryIO, keep: tuple[str, ...], reason: str, *, dry_run: bool, take_all: bool, yes: bool,
    as_json: bool
) -> None:  # fmt: skip
    """Take a bundle in after its differences were shown. A new partner begins in test mode; of one that is here,
    addresses, certificates and the mode stay as they are."""
    data = file.read(LIMIT_BYTES)
    with open_desk(call) as desk:
        preview = desk.look_at_bundle(data)
        if as_json:
            print_json(preview)
        else:
            rows = [
                {"field": each.path, "here": each.before, "bundle": each.after, "local": "*" if each.local else ""}
                for each in preview.changes
            ]
            print_rows(rows, as_json=False)
            for name in preview.missing:
                click.echo(f"missing in the key store: {name}", err=True)
            if not preview.known:
                click.echo("the signature is of nobody that is known here", err=True)
        for finding in preview.findings:
            print_finding(finding, call.language, sys.stderr)
        if dry_run:
            return
        if not yes and (not sys.stdin.isatty() or not click.confirm(f"Take {preview.partner} in?", err=True)):
            raise click.UsageError("say --yes, or --dry-run to look only")
        local = () if take_all or preview.is_new else tuple(each.path for each in preview.changes if each.local)
        done = desk.take_bundle(data, user_name(), keep=(*keep, *local), reason=reason)
    click.echo(f"in force: {done.digest[:12]}", err=True)


@click.command("checklist")
@partner_argument
@json_option
@invocation
def show_checklist(call: Invocation, partner: str, *, as_json: bool) -> None:
    """Print what must be so before PARTNER goes live. Ends with 3 while something is open."""
    from gateway.texts.labels import label

    with open_desk(call) as desk:
        items = desk.checklist(partner)
    if as_json:
        print_json(items)
    else:
        rows = [{"state": e.state, "what": label(f"check.{e.key}", call.language), "about": e.text} for e in items]
        print_rows(rows, as_json=False)
    if any(each.state == "open" for each in items):
        raise SystemExit(FINDINGS)


@click.command("go-live")
@partner_argument
@click.option("--at", type=INSTANT, help="With zone; else at once.")
@click.option("--reason", default="", help="Why, although something of the checklist is open.")
@invocation
def go_live(call: Invocation, partner: str, at: datetime | None, reason: str) -> None:
    """Approve PARTNER and switch it to live."""
    with open_desk(call) as desk:
        approval = desk.go_live(partner, user_name(), at=at, reason=reason)
    click.echo(
        f"{partner}: live {'since' if approval.switched_at else 'from'} {approval.switch_at.isoformat()}", err=True
    )


@click.command("back-to-test")
@partner_argument
@reason_option
@invocation
def back_to_test(call: Invocation, partner: str, reason: str) -> None:
    """Put PARTNER into test mode at once."""
    with open_desk(call) as desk:
        desk.back_to_test(partner, user_name(), reason)
    click.echo(f"{partner}: test", err=True)


@click.command("history")
@partner_argument
@json_option
@invocation
def show_history(call: Invocation, partner: str, *, as_json: bool) -> None:
    """List what was changed in PARTNER's files, latest first."""
    with open_desk(call) as desk:
        changes = desk.changes(partner)
    if as_json:
        print_json(changes)
        return
    rows = [
        {"id": e.id, "at": e.at, "user": e.user, "action": e.action, "file": e.path, "reason": e.reason}
        for e in changes
    ]
    print_rows(rows, as_json=False)


@click.command("roll-back")
@partner_argument
@click.argument("change", type=int)
@reason_option
@invocation
def roll_back(call: Invocation, partner: str, change: int, reason: str) -> None:
    """Put a file of PARTNER back as it was before CHANGE (an id of `gateway partners history`)."""
    with open_desk(call) as desk:
        done = desk.roll_back(partner, change, user_name(), reason)
    click.echo(f"in force: {done.digest[:12]}", err=True)


@click.command("sheet")
@partner_argument
@invocation
def print_sheet(call: Invocation, partner: str) -> None:
    """Print what PARTNER has to know to connect with us, as JSON."""
    with open_desk(call) as desk:
        print_json(desk.sheet(partner))


@click.command("add-certificate")
@partner_argument
@click.argument("file", type=click.File("rb"))
@click.option("--over", default="as2", show_default=True, help="Connection that it is for.")
@click.option("--from", "from_at", metavar="TIME", help="Used for encrypting from then on, ISO 8601 with zone.")
@reason_option
@json_option
@invocation
def add_certificate(
    call: Invocation, partner: str, file: BinaryIO, over: str, from_at: str | None, reason: str, *, as_json: bool
) -> None:
    """Keep a certificate of PARTNER (PEM, DER, P7B) beside those in use: both count until one is taken off."""
    try:
        start = datetime.fromisoformat(from_at) if from_at else None
    except ValueError:
        raise click.BadParameter("ISO 8601, for example 2026-12-01T08:00+01:00", param_hint="--from") from None
    if start is not None and start.tzinfo is None:
        raise OurFault("api.bad-value", name="--from", value=str(from_at), expected="2026-12-01T08:00+01:00")
    with open_desk(call) as desk:
        offer = desk.look_at(partner, over, data := file.read(LIMIT_BYTES))
        name = desk.add_certificate(partner, over, data, user_name(), from_at=start, reason=reason)
    if as_json:
        print_json({"name": name, "certificate": offer.facts, "from": start or offer.from_at})
    else:
        click.echo(f"{name}: {offer.facts.subject}, until {offer.facts.not_after:%Y-%m-%d}")
