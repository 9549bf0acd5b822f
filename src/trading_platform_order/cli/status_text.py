"""``status`` for operators: what the first ten seconds need, then the rest; in 80 columns."""

from datetime import datetime

import click

from trading_platform_order.cli import protective_stops
from trading_platform_order.cli.output import (
    cell,
    figure,
    from_us,
    krw,
    labelled,
    print_table,
    time_cell,
    utc_text,
)
from trading_platform_order.cli.pair_figures import PARTS
from trading_platform_order.cli.positions import position_lines
from trading_platform_order.cli.standing import Standing, total_of
from trading_platform_order.cli.store_location import Place
from trading_platform_order.risk.emergency_stop import STOP_LATCH
from trading_platform_order.storage.base import Latch
from trading_platform_order.storage.lease import Lease


def print_status(place: Place, standing: Standing) -> None:
    """The whole page."""
    for label, text in standing.headline.lines():
        labelled(label, text)
    click.echo("")
    _print_store(place, standing)
    click.echo("")
    _print_open_ends(standing)
    for pair in standing.positions:
        click.echo("")
        for line in position_lines(pair):
            click.echo(line)
    if not standing.positions:
        click.echo("no open positions")
    if standing.positions or standing.stops:
        click.echo("")
        print_table(
            ("symbol", "stop", "quantity", "fires", "state"),
            [protective_stops.as_cells(stop) for stop in standing.stops],
            empty="NO STOP stands on Binance",
        )


def _print_store(place: Place, standing: Standing) -> None:
    overview = standing.overview
    labelled("store", str(place.db))
    labelled("engine", _engine(standing))
    labelled("held by", held_by(standing.lease))
    labelled("stop", _stop(standing.stop))
    for latch in standing.latches:
        if latch.kind != STOP_LATCH:
            labelled("latch", f"{latch.kind}: {latch.reason} ({utc_text(from_us(latch.at_us))})")
    labelled("money", _money(standing.equity))
    if standing.equity is not None:
        figures = standing.equity
        parts = ", ".join(f"{part} {krw(figures[f'{part}_krw'])}" for part in PARTS)
        labelled("profit", f"{krw(total_of(figures))} since the account was opened: {parts}")
    labelled("journal", f"last row {overview.head_seq}, hash chain: {standing.chain}")
    labelled(
        "waiting",
        f"{overview.waiting_signals} signals, {overview.waiting_commands} commands, "
        f"{overview.waiting_alerts} alerts ({overview.waiting_urgent_alerts} urgent)",
    )


def _print_open_ends(standing: Standing) -> None:
    for row in standing.trades:
        head = f"{cell(row, 'state')}: {cell(row, 'action')} {cell(row, 'symbol')}"
        opened = f"opened {time_cell(row, 'opened_at_us')}"
        detail = f": {row['detail']}" if row["detail"] else ""
        labelled("trade", f"{head}, signal {cell(row, 'signal_id')}, {opened}{detail}")
        labelled("", f"trade id {cell(row, 'trade_id')}")
    if not standing.trades:
        click.echo("no unresolved trades")
    for close in standing.closes:
        signal_id, strategy, symbol, part, since, waits = close.as_cells()
        head = f"{symbol} of {strategy}, {part}, signal {signal_id}, since {since}"
        labelled("close", f"{head}; waits for: {waits}")


def _engine(standing: Standing) -> str:
    start = standing.start
    now = "running" if standing.engine_listens else "no running engine answered"
    if start is None:
        return f"{now}; never started on this account"
    before = "" if start.clean else "; the one before it had not closed properly"
    mode = f"{start.mode} on {start.market}" if start.market else start.mode
    return f"{now}; last start {utc_text(start.at)}, mode {mode}, build {start.build}{before}"


def held_by(lease: Lease | None) -> str:
    """Whose the account is, since when and why."""
    if lease is None or not lease.at_us:
        return "nobody yet"
    since = f"since {utc_text(from_us(lease.at_us))}, epoch {lease.epoch}: {lease.reason}"
    if lease.is_released:
        return f"nobody: let go by process {lease.holder.pid or '?'} ({since})"
    return f"process {lease.holder.pid or '?'}, {since}"


def _stop(stop: Latch | None) -> str:
    if stop is None:
        return "not set: entries are admitted"
    return f"SET since {utc_text(from_us(stop.at_us))}: {stop.reason} (tporder resume --reason …)"


def _money(figures: dict[str, str] | None) -> str:
    if figures is None:
        return "no valuation yet"
    return (
        f"equity {krw(figures['equity_krw'])} at {figure(figures['krw_per_usdt'])} KRW per USDT "
        f"({utc_text(datetime.fromisoformat(figures['at']))})"
    )
