"""run, init, login-link, open-work: the life of an instance."""

from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json

ADMIN = "admin"


@click.command()
@invocation
def run(call: Invocation) -> None:
    """Serve the instance: partners' port, console, processing and delivery. Ctrl-C stops it cleanly."""
    from gateway.app.main import serve

    serve(call.settings().root)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--gln", required=True, prompt="GLN of your company", help="Your Global Location Number, 13 digits.")
@click.option("--name", required=True, prompt="Name of your company", help="Name of your company.")
@click.option(
    "--host", metavar="IP", default="127.0.0.1", show_default=True, help="Listen there; 0.0.0.0 in a container."
)
@click.option(
    "--partners-port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="For AS2 and HTTP."
)
@click.option("--console-port", type=click.IntRange(1, 65535), default=8081, show_default=True, help="For people.")
@click.option(
    "--portal-port", type=click.IntRange(1, 65535), help="For partners' people [the one after the console's]."
)
@invocation
def init(
    call: Invocation,
    folder: Path,
    gln: str,
    name: str,
    host: str,
    partners_port: int,
    console_port: int,
    portal_port: int | None,
) -> None:
    """Make an empty instance in FOLDER (new or empty): settings, our company, own key, first admin.

    \b
    gateway init /srv/edi --gln 9521001000000 --name "Acme Trading"
    """
    from gateway.config.scaffold import scaffold

    language = call.language
    scaffold(
        folder,
        name=name,
        gln=gln,
        language=language,
        host=host,
        partners_port=partners_port,
        console_port=console_port,
        portal_port=portal_port,
    )
    made = Invocation(instance_folder=str(folder), lang=language)
    with made.instance() as instance:
        now = instance.clock.now()
        instance.keys.create_own("self", name, now)
        instance.access.add_user(ADMIN, "admin", now, by=user_name())
    click.echo(f"Made an instance in {folder}.", err=True)
    click.echo(f"Start it:      gateway --instance {folder} run", err=True)
    click.echo(f"First log-in:  gateway --instance {folder} login-link", err=True)


@click.command("login-link")
@click.option("--user", "name", default=ADMIN, show_default=True, help="Whom the link signs in.")
@json_option
@invocation
def login_link(call: Invocation, name: str, *, as_json: bool) -> None:
    """Print a link that signs in once, within 15 minutes. The first admin is made when there is none."""
    with call.instance() as instance:
        now = instance.wall.now()
        if name == ADMIN and not instance.access.users():
            instance.access.add_user(ADMIN, "admin", now, by=user_name())
        link = instance.login_link(name)
    if as_json:
        print_json({"user": name, "link": link})
    else:
        click.echo(link)


@click.command("open-work")
@json_option
@invocation
def open_work(call: Invocation, *, as_json: bool) -> None:
    """Print how many arrivals, messages and parcels are not finished; what waits for a person does not count."""
    with call.instance() as instance:
        count = instance.journal.read(lambda tx: tx.open_work())
    if as_json:
        print_json({"open": count})
    else:
        click.echo(count)
