"""The command `gateway`. One module per group of commands (gateway.cli.commands); how they end: gateway.cli.exits."""

import logging
import sys

import click

from gateway.cli.commands import Commands
from gateway.cli.context import Invocation
from gateway.texts.catalogue import Lang


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--instance", metavar="DIR", help="Folder with config.yaml [GATEWAY_INSTANCE, else the current folder].")
@click.option(
    "--lang", type=click.Choice(["en", "zh-CN"]), help="Language of texts [the instance's, else the terminal's]."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing beside the result; errors are still told.")
@click.option("-v", "--verbose", count=True, help="Tell on stderr what is done; -vv tells more.")
@click.option("--no-color", is_flag=True, envvar="NO_COLOR", help="No colours [also by NO_COLOR].")
@click.version_option(package_name="edi-gateway", message="%(version)s")
@click.pass_context
def cli(
    context: click.Context, *, instance: str | None, lang: Lang | None, quiet: bool, verbose: int, no_color: bool
) -> None:
    """EDI gateway: documents of trading partners in and out, replenishment and the customer record.

    \b
    gateway demo                        see it work: simulated partners trade with it
    gateway init /srv/edi --gln ...     make an instance of your own
    gateway --instance /srv/edi run     serve it
    """
    if no_color:
        context.color = False
    if verbose and not quiet and context.invoked_subcommand not in ("run", "demo"):  # they write a log of their own
        logging.basicConfig(
            stream=sys.stderr, level=logging.DEBUG if verbose > 1 else logging.INFO, format="%(name)s: %(message)s"
        )
    context.obj = Invocation(instance_folder=instance, lang=lang)
