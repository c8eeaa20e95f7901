"""demo: the scene with simulated partners (gateway.demo.scene)."""

from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.exits import FINDINGS


@click.group(invoke_without_command=True)
@click.option("--days", type=click.IntRange(0, 365), default=90, show_default=True, help="History to load first.")
@click.option("--history-only", is_flag=True, help="Stop when the history is loaded.")
@click.pass_context
def demo(context: click.Context, *, days: int, history_only: bool) -> None:
    """Show the gateway at work: simulated partners trade with it. A second start continues; Ctrl-C stops all."""
    if context.invoked_subcommand is None:
        from gateway.demo.scene import run_scene

        run_scene(context.ensure_object(Invocation).settings().root, days, live=not history_only, say=click.echo)


@demo.command()
@invocation
def reset(call: Invocation) -> None:
    """Delete what the demo made: history, keys, mailboxes. Refused while it runs."""
    from gateway.demo.scene import reset as reset_scene

    for path in reset_scene(call.settings().root):
        click.echo(path)


@demo.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "as_partner", required=True, metavar="PARTNER", help="Simulated partner that sends: guest, ...")
@invocation
def send(call: Invocation, file: Path, as_partner: str) -> None:
    """Let a simulated partner send any FILE over its real channel, and follow what becomes of it."""
    from gateway.demo.scene import send as send_file

    if not send_file(call.settings().root, file, as_partner, say=click.echo):
        raise SystemExit(FINDINGS)
