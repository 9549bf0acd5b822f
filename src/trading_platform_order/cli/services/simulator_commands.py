"""``simulator serve``: both exchanges as loopback servers, for other programs too."""

import asyncio
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from exchange_simulator.exchanges import Opening
from exchange_simulator.kept_state import StateFile, StateUnreadable
from exchange_simulator.serving.serve import serve
from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.interrupts import run_until_stopped
from trading_platform_order.market.candles import Bar
from trading_platform_order.market.files.candle_file import read_candles
from trading_platform_order.market.generated import SYMBOLS, generate_bars

GENERATED_BARS = 4_032  # fourteen days of five minutes


class Amount(click.ParamType[Decimal]):
    """A positive decimal."""

    name = "amount"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """From text."""
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not amount.is_finite() or amount <= 0:
            self.fail(f"{value} must be above 0", param, ctx)
        return amount


@click.group(cls=Group)
def simulator() -> None:
    """Both exchanges on the loopback."""


@simulator.command("serve", cls=TellingCommand)
@click.option("--data", type=click.Path(path_type=Path), help="Candles to replay, CSV or CSV.gz.")
@click.option(
    "--symbol", help="Base asset; else told by the file's column or name; generated: BTC."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the generated market.")
@click.option(
    "--ready-file", type=click.Path(path_type=Path), help="Gets addresses and keys once it serves."
)
@click.option(
    "--bar-seconds",
    type=click.FloatRange(0, 86_400, min_open=True),
    default=1.0,
    show_default=True,
    help="How long the prices of one bar stand.",
)
@click.option("--krw", type=Amount(), default="100000000", show_default=True, help="On Upbit.")
@click.option("--usdt", type=Amount(), default="70000", show_default=True, help="On Binance.")
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    help="Keep accounts, orders, stops and ids in this file over restarts; else all is forgotten.",
)
@click.option(
    "--limits/--no-limits",
    default=True,
    show_default=True,
    help="Whether too many requests are answered with 429 and 418.",
)
def serve_command(
    *,
    data: Path | None,
    symbol: str | None,
    seed: int,
    ready_file: Path | None,
    bar_seconds: float,
    krw: Decimal,
    usdt: Decimal,
    state: Path | None,
    limits: bool,
) -> None:
    """Serve both simulated exchanges until interrupted (Ctrl-C or SIGTERM).

    One line of JSON on standard output, and the ready file, name all addresses and keys. Without
    --data the market is generated from the seed and means nothing.
    """
    base, bars = _market(data, symbol, seed)
    source = f"candles of {data}" if data is not None else f"generated from seed {seed}"
    click.echo(f"market: {base}, {len(bars)} bars, {source}; Ctrl-C ends it", err=True)

    async def work(stop: asyncio.Event) -> None:
        await serve(
            markets={base: bars},
            ready_file=ready_file,
            bar_seconds=bar_seconds,
            stop=stop,
            opening=Opening(krw=krw, usdt=usdt),
            has_limits=limits,
            learns_ticks=data is not None,
            state=None if state is None else StateFile(state),
            market_name=f"{data or f'seed {seed}'}: {base}",
        )

    try:
        run_until_stopped(work)
    except StateUnreadable as problem:
        raise CliFault(ExitCode.BAD_INPUT, str(problem)) from problem
    except OSError as error:
        raise CliFault(ExitCode.ENGINE_PROBLEM, f"cannot serve: {error}") from error


def _market(data: Path | None, symbol: str | None, seed: int) -> tuple[str, list[Bar]]:
    if data is None:
        base = symbol or SYMBOLS[0]
        if base not in SYMBOLS:
            raise click.BadParameter(
                f"no generated market for {base}; there are {', '.join(SYMBOLS)}",
                param_hint="--symbol",
            )
        return base, generate_bars(seed=seed, bars=GENERATED_BARS, symbol=base)
    candles = read_candles(data, symbol=symbol)
    return candles.symbol, candles.bars
