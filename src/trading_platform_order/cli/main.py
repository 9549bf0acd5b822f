"""``tporder``: the only door for operators and scripts.

The commands' modules are imported when a command is called, so that ``--help`` and a mistyped
command answer at once. What a command does stands in its own module.
"""

import importlib
import os
from typing import Any

import click
from click.shell_completion import CompletionItem

from trading_platform_order import __version__
from trading_platform_order.cli.console.help import HelpContext
from trading_platform_order.cli.console.operator_locale import early_locale
from trading_platform_order.cli.console.terminal import show_what_can_be_shown
from trading_platform_order.cli.console.usage_errors import told
from trading_platform_order.runtime.host.files.umask import UMASK
from trading_platform_order.words.help.lines import LINES
from trading_platform_order.words.text import using

COMMANDS = {
    "init": "services.init:init",
    "demo": "checks.demo:demo",
    "backtest": "checks.backtest:backtest",
    "record": "services.record:record",
    "run": "services.run:run",
    "watchdog": "services.watchdog:watchdog",
    "exporter": "services.exporter:exporter",
    "web": "services.web:web",
    "password": "services.password:password",
    "doctor": "checks.doctor:doctor",
    "shadow": "checks.live_check:shadow",
    "live-check": "checks.live_check:live_check",
    "signal": "control.signal_commands:signal",
    "status": "overview.status:status",
    "top": "overview.top:top",
    "positions": "overview.positions:positions",
    "trades": "history.trades:trades",
    "pnl": "history.pnl:pnl",
    "report": "history.report:report",
    "export": "history.export:export",
    "alerts": "history.alerts:alerts",
    "notify": "checks.notify:notify",
    "orders": "history.views:orders",
    "fills": "history.views:fills",
    "explain": "history.explain:explain",
    "stop": "control.emergency_stop:stop",
    "resume": "control.emergency_stop:resume",
    "close": "control.close:close",
    "protect": "control.protect:protect",
    "maintenance": "control.maintenance:maintenance",
    "store": "history.store_commands:store",
    "delisting": "control.delisting:delisting",
    "pairs": "control.pairs:pairs",
    "simulate": "checks.simulate:simulate",
    "drill": "checks.drill:drill",
    "simulator": "services.simulator_commands:simulator",
    "completion": "services.completion:completion",
}
"""Where each command is found: ``room.module:attribute`` in this package."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    context_class = HelpContext

    def main(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as click declares it
        """Run; files are made for their owner alone, and output shows what can be shown."""
        before = os.umask(UMASK)
        show_what_can_be_shown()
        try:
            with using(early_locale(os.environ)):
                return super().main(*args, **named)
        finally:
            os.umask(before)

    def make_context(self, *args: Any, **named: Any) -> click.Context:  # noqa: ANN401 - as above
        """Read the options before the command."""
        try:
            return super().make_context(*args, **named)
        except click.UsageError as error:
            raise told(error) from error

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as above
        """Read the command's own line, and run it."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise told(error) from error

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order a new user needs them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import it."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"{__package__}.{module}"), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - for the type checker
        command.short_help = LINES[cmd_name].en
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and options that begin so, without importing a command."""
        commands = [
            CompletionItem(name, help=LINES[name]())
            for name in COMMANDS
            if name.startswith(incomplete)
        ]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, LINES[name]()) for name in COMMANDS])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tporder")
def main() -> None:
    """Kimchi-premium pair trades: buy on Upbit, short the same quantity on Binance.

    Hedged or flat after every signal, whatever fails in between. Settings: TPORDER_… in the
    environment or a TOML file by --config (see config/.env.example). Exit codes: docs/CLI.md.
    """


if __name__ == "__main__":
    main()
