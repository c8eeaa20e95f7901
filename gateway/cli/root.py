"""The command `gateway`. One module per group of commands; how they end: gateway.cli.exits."""

import logging
import sys

import click

from gateway.cli import crm_reports  # noqa: F401 - adds its commands to crm
from gateway.cli.agreements import calendars, customers
from gateway.cli.alerts import alerts
from gateway.cli.api_keys import api_keys
from gateway.cli.catalogue import catalogue
from gateway.cli.collaboration import joint_plans, promotions, stock_agreements
from gateway.cli.completion import completion
from gateway.cli.context import FaultGroup, Invocation
from gateway.cli.crm import crm
from gateway.cli.crm_people import privacy
from gateway.cli.definitions import apply, check, items, partners
from gateway.cli.demo import demo
from gateway.cli.doctor import doctor
from gateway.cli.edifact import acknowledge, show, validate
from gateway.cli.expected import expected
from gateway.cli.imports import import_list
from gateway.cli.invoices import invoices
from gateway.cli.journal import backup, journal, restore
from gateway.cli.keys import keys
from gateway.cli.labels import labels
from gateway.cli.lookups import lookup_tables
from gateway.cli.mapping_versions import list_versions, publish_mapping, read_with, restore_version, share_layer
from gateway.cli.mappings import mappings
from gateway.cli.measures import measures
from gateway.cli.messages import messages, parcels
from gateway.cli.operations import holds, nodes, replay_all, replay_cancel, resubmit, skip
from gateway.cli.orders import orders
from gateway.cli.partners import COMMANDS as PARTNER_COMMANDS
from gateway.cli.planning import plan, proposals
from gateway.cli.previews import preview_mapping, shadow_run, write_guide
from gateway.cli.prices import prices
from gateway.cli.returns import returns
from gateway.cli.schemas import schemas
from gateway.cli.sending import send, try_partner
from gateway.cli.server import init, login_link, open_work, run
from gateway.cli.translate import translate
from gateway.cli.users import audit, users
from gateway.texts.catalogue import Lang


@click.group(cls=FaultGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--instance", metavar="DIR", help="Folder with config.yaml [GATEWAY_INSTANCE, else the current folder].")
@click.option(
    "--lang", type=click.Choice(["en", "zh-CN"]), help="Language of texts [the instance's, else the terminal's]."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing beside the result; errors are still told.")
@click.option("-v", "--verbose", count=True, help="Tell on stderr what is done; -vv tells more.")
@click.option("--no-color", is_flag=True, envvar="NO_COLOR", help="No colours [also by NO_COLOR].")
@click.version_option(package_name="gateway", message="%(version)s")
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


for _command in (
    run,
    demo,
    init,
    check,
    apply,
    partners,
    messages,
    parcels,
    send,
    plan,
    proposals,
    measures,
    promotions,
    stock_agreements,
    joint_plans,
    orders,
    invoices,
    returns,
    expected,
    catalogue,
    prices,
    items,
    customers,
    calendars,
    crm,
    privacy,
    import_list,
    labels,
    validate,
    acknowledge,
    show,
    keys,
    schemas,
    mappings,
    lookup_tables,
    translate,
    holds,
    alerts,
    nodes,
    journal,
    backup,
    restore,
    login_link,
    open_work,
    users,
    api_keys,
    audit,
    doctor,
    completion,
):
    cli.add_command(_command)
for _command in (try_partner, *PARTNER_COMMANDS):
    partners.add_command(_command)
for _command in (skip, resubmit, replay_all, replay_cancel, read_with):
    messages.add_command(_command)
for _command in (
    preview_mapping,
    shadow_run,
    write_guide,
    publish_mapping,
    list_versions,
    restore_version,
    share_layer,
):
    mappings.add_command(_command)
