"""gateway privacy: what the law asks of whoever keeps data of persons."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_fields, print_json, print_rows
from gateway.domain.crm.privacy import ContactErasure, PersonTerm, PrivacyChange, Processor


@click.group()
def privacy() -> None:
    """Copies for persons, erasure, terms by document type, and who else gets data of persons."""


def _change(call: Invocation, given: PrivacyChange) -> None:
    from gateway.app.customer_record import CustomerRecord
    from gateway.app.privacy import PrivacyDesk

    with call.instance() as instance:
        print_fields(PrivacyDesk(record=CustomerRecord(instance=instance)).change(given, user_name()))


@privacy.command()
@click.argument("contact")
@invocation
def export(call: Invocation, *, contact: str) -> None:
    """Print all that is kept of a person as JSON; told in the audit."""
    from gateway.app.customer_record import CustomerRecord
    from gateway.app.privacy import PrivacyDesk

    with call.instance() as instance:
        found = PrivacyDesk(record=CustomerRecord(instance=instance)).export(contact, user_name())
    click.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str))


@privacy.command()
@click.argument("contact")
@click.option("--reason", required=True, help="Why; kept with the erasure.")
@invocation
def erase(call: Invocation, *, contact: str, reason: str) -> None:
    """Cover a person in every row and in kept bytes. What a legal hold keeps is counted; repeat it when it is over."""
    _change(call, ContactErasure(contact=contact, account="", reason=reason))


@privacy.command()
@click.argument("ledger", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@invocation
def again(call: Invocation, *, ledger: Path) -> None:
    """Erase once more whom the list LEDGER (var/erasures.jsonl) names: after a backup from before was restored."""
    from gateway.app.customer_record import CustomerRecord
    from gateway.app.privacy import PrivacyDesk

    with call.instance() as instance:
        count = PrivacyDesk(record=CustomerRecord(instance=instance)).again(ledger, user_name())
    print_fields({"persons": count})


@privacy.command()
@click.argument("document_type", metavar="TYPE")
@click.argument("months", type=click.IntRange(0, 600))
@invocation
def term(call: Invocation, *, document_type: str, months: int) -> None:
    """Say for how many months stored copies of a document TYPE (Order, Invoice, ...; * all others) name persons."""
    _change(call, PersonTerm(type=document_type, months=months))


@privacy.command("apply")
@invocation
def apply_terms(call: Invocation) -> None:
    """Cover persons in documents past their term now; a running gateway does so daily."""
    from gateway.app.customer_record import CustomerRecord
    from gateway.app.privacy import PrivacyDesk

    with call.instance() as instance:
        count = PrivacyDesk(record=CustomerRecord(instance=instance)).apply_terms(user_name())
    print_fields({"documents": count})


@privacy.command()
@click.argument("connector")
@click.option("--name", required=True)
@click.option("--purpose", required=True)
@click.option("--field", "fields", multiple=True, help="Handed over; may be repeated.")
@click.option("--country", help="Two letters.")
@click.option("--agreement", default="", help="Reference of the contract on processing.")
@click.option("--signed-on", metavar="DAY")
@click.option("--ends-on", metavar="DAY")
@invocation
def processor(
    call: Invocation, /, *, connector: str, name: str, purpose: str, fields: tuple[str, ...], agreement: str,
    **told: str | None,
) -> None:  # fmt: skip
    """Register who else gets data of persons through a CONNECTOR, and the agreement on it."""
    given = Processor(
        id=connector, name=name, purpose=purpose, fields=fields, agreement=agreement, country=told["country"],
        signed_on=told["signed_on"], ends_on=told["ends_on"],
    )  # fmt: skip
    _change(call, given)


@privacy.command("state")
@json_option
@invocation
def state(call: Invocation, *, as_json: bool) -> None:
    """Show terms, processors and erasures."""
    with call.instance() as instance:
        views = instance.views
        terms, processors, erasures = views.person_terms(), views.processors(), views.erasures()
    if as_json:
        print_json({"terms": terms, "processors": processors, "erasures": erasures})
        return
    for rows in (terms, processors, erasures):
        print_rows([asdict(each) for each in rows], as_json=False)
