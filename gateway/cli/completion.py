"""gateway completion: the script with which a shell completes commands and options."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    gateway completion bash > ~/.local/share/bash-completion/completions/gateway
    gateway completion zsh > ~/.zfunc/_gateway
    gateway completion fish > ~/.config/fish/completions/gateway.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # the argument allows no other
    root = context.find_root()
    click.echo(kind(root.command, {}, "gateway", "_GATEWAY_COMPLETE").source())
