"""keys: what is in the key store, and putting something into it. No private key or stored secret is ever printed."""

from typing import BinaryIO

import click

from gateway.cli.api_keys import issue
from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.model.faults import OurFault
from gateway.ports.shell import KEY_KINDS

KINDS = {"own": "own key", "certificates": "partner's certificate", "secrets": "secret we present"}
PEM_LIMIT_BYTES = 1_000_000


@click.group()
def keys() -> None:
    """Own keys, partners' certificates and secrets; API keys are `gateway api-keys`."""


@keys.command("list")
@json_option
@invocation
def list_keys(call: Invocation, *, as_json: bool) -> None:
    """List the names in the key store."""
    folder = call.settings().var / "keys"
    rows = [
        {"kind": text, "name": path.name.removesuffix(".pem").removesuffix(".crt")}
        for kind, text in KINDS.items()
        for path in sorted((folder / kind).glob("*"))
        if not path.name.startswith(".") and not path.name.endswith(".key.pem")
    ]
    print_rows(rows, as_json=as_json)


@keys.command("create")
@click.argument("name")
@click.option("--common-name", help="Subject of the certificate; else the name of our company.")
@click.option(
    "--kind",
    type=click.Choice(KEY_KINDS),
    default="rsa-2048",
    show_default=True,
    help="Many AS2 products read RSA only: ask the partner before you choose ec.",
)
@invocation
def create_key(call: Invocation, name: str, common_name: str | None, kind: str) -> None:
    """Make a key of our own with a self-signed certificate of five years; print the certificate for the partners."""
    with call.instance() as instance:
        subject = common_name or instance.book.own.partner.name
        pair = instance.keys.create_own(name, subject, instance.wall.now(), kind)
        now = instance.clock.now()
        instance.journal.write(lambda tx: tx.audit(user_name(), "keys.create", name, None, subject, now))
    click.echo(pair.certificate_pem.decode("ascii"), nl=False)


@keys.command("import")
@click.argument("name")
@click.argument("file", type=click.File("rb"))
@click.option("--certificate", type=click.File("rb"), help="The certificate, PEM, when FILE holds the key alone.")
@click.option("--password/--no-password", default=False, help="Ask for the password of FILE.")
@invocation
def import_key(call: Invocation, name: str, file: BinaryIO, *, certificate: BinaryIO | None, password: bool) -> None:
    """Take in a key of our own made elsewhere: PEM or PKCS12 (.p12, .pfx). It never leaves the store again."""
    data = file.read(PEM_LIMIT_BYTES)
    given = certificate.read(PEM_LIMIT_BYTES) if certificate else data
    secret = click.prompt("Password", hide_input=True, err=True).encode() if password else None
    with call.instance() as instance:
        if b"-----BEGIN" in data[:10_000]:
            instance.keys.add_own(name, data, given, secret)
        else:
            instance.keys.add_pkcs12(name, data, secret)
        now = instance.clock.now()
        instance.journal.write(lambda tx: tx.audit(user_name(), "keys.import", name, None, None, now))
        click.echo(instance.keys.own(name).certificate_pem.decode("ascii"), nl=False)


@keys.command("show-certificate")
@click.argument("name", default="self")
@invocation
def show_certificate(call: Invocation, name: str) -> None:
    """Print the certificate of an own key, to be given to a partner."""
    with call.instance() as instance:
        click.echo(instance.keys.own(name).certificate_pem.decode("ascii"), nl=False)


@keys.command("add-certificate")
@click.argument("name")
@click.argument("file", type=click.File("rb"))
@json_option
@invocation
def add_certificate(call: Invocation, name: str, file: BinaryIO, *, as_json: bool) -> None:
    """Keep a partner's certificate (PEM FILE, - for standard input) under NAME, replacing what was there."""
    from gateway.codecs.cms.containers import facts_of
    from gateway.codecs.cms.identity import load_certificates

    pem = file.read(PEM_LIMIT_BYTES)
    with call.instance() as instance:
        facts = facts_of(load_certificates(pem)[0])
        if facts.not_after < instance.wall.now():
            raise OurFault("keys.expired", on=f"{facts.not_after:%Y-%m-%d}", value=facts.name)
        fingerprint = instance.keys.add_certificate(name, pem)
        now = instance.clock.now()
        instance.journal.write(lambda tx: tx.audit(user_name(), "keys.add-certificate", name, None, fingerprint, now))
    if as_json:
        print_json({"name": name, "fingerprint": fingerprint})
    else:
        click.echo(f"{name}: SHA-256 {fingerprint}")


@keys.command("add-secret")
@click.argument("name")
@invocation
def add_secret(call: Invocation, name: str) -> None:
    """Keep a secret that we present to a partner; it is asked for, or read from standard input."""
    value = click.prompt("Secret", hide_input=True, err=True)
    with call.instance() as instance:
        instance.keys.add_secret(name, value)
        now = instance.clock.now()
        instance.journal.write(lambda tx: tx.audit(user_name(), "keys.add-secret", name, None, None, now))
    click.echo(f"{name} is kept", err=True)


@keys.command("issue", hidden=True)
@click.argument("name")
@click.option("--partner")
@click.option("--role", default="operator")
@json_option
@invocation
def issue_key(call: Invocation, name: str, *, partner: str | None, role: str, as_json: bool) -> None:
    """Do what `gateway api-keys issue` does, with a key that never ends: the word of releases before 1.0."""
    click.echo("`gateway keys issue` will go: use `gateway api-keys issue`", err=True)
    issue(call, name, role="partner" if partner else role, partner=partner, expires="never", as_json=as_json)
