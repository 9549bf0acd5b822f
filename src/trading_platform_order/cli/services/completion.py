"""``completion``: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from trading_platform_order.cli.console.errors import TellingCommand

PROGRAM, VARIABLE = "tporder", "_TPORDER_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@click.command(cls=TellingCommand)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> None:
    """Print the lines that have a shell complete commands and options.

    For bash: eval "$(tporder completion bash)" in ~/.bashrc; zsh the same in ~/.zshrc; for fish:
    tporder completion fish > ~/.config/fish/completions/tporder.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - SHELLS are those of the library
    click.echo(kind(ctx.find_root().command, {}, PROGRAM, VARIABLE).source())
