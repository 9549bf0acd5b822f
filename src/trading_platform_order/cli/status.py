"""``status``: how the account stands, in one page."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from trading_platform_order.cli import protective_stops
from trading_platform_order.cli.errors import TellingCommand
from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.output import (
    amount_cell,
    cell,
    figure,
    from_us,
    krw,
    print_json,
    print_table,
    time_cell,
    utc_text,
)
from trading_platform_order.cli.store_location import Place, at_place, reading, warn_of_state
from trading_platform_order.cli.views import POSITIONS_MAX, Rows, is_open, json_option
from trading_platform_order.cli.waiting_closes import WaitingClose, read_waiting_closes
from trading_platform_order.domain.account.account_events import EngineStarted
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopOrder
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.risk.emergency_stop import STOP_LATCH
from trading_platform_order.signals.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import ChainBroken, Latch, Overview, Reader

TRADES_MAX = 1_000
PARTS = ("premium", "funding", "fees", "fx", "slippage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything one page tells.

    Attributes:
        chain: ``verified``, ``not checked``, or what does not fit.
        engine_listens: a running engine heard a knock on its socket.
        equity: the last valuation with its parts, if there is one.
    """

    overview: Overview
    chain: str
    engine_listens: bool
    latches: tuple[Latch, ...]
    trades: Rows
    positions: Rows
    stops: tuple[ProtectiveStopOrder, ...]
    closes: tuple[WaitingClose, ...]
    equity: dict[str, str] | None

    @property
    def start(self) -> EngineStarted | None:
        """The engine's last start."""
        row = self.overview.last_start
        event = None if row is None else event_of(row)
        return event if isinstance(event, EngineStarted) else None

    @property
    def stop(self) -> Latch | None:
        """The emergency stop, if it is set."""
        return next((latch for latch in self.latches if latch.kind == STOP_LATCH), None)

    @property
    def chain_broken(self) -> bool:
        """The journal is not what was written."""
        return self.chain not in {VERIFIED, NOT_CHECKED}


VERIFIED = "verified"
NOT_CHECKED = "not checked"


async def read_standing(place: Place, *, check_chain: bool) -> Standing:
    """Read it all."""
    async with reading(place) as reader:
        overview = await reader.overview()
        positions = await reader.query("v_positions", limit=POSITIONS_MAX)
        return Standing(
            overview=overview,
            chain=await _chain(reader) if check_chain else NOT_CHECKED,
            engine_listens=knock_at(wake_path(place.db, place.account)),
            latches=tuple(await reader.latches()),
            trades=[
                row
                for state in (TradeState.HALTED, TradeState.EXECUTING)
                for row in await reader.query("v_trades", limit=TRADES_MAX, where={"state": state})
            ],
            positions=[row for row in positions if is_open(row)],
            stops=await protective_stops.read_stops(reader),
            closes=await read_waiting_closes(reader),
            equity=await _equity(reader),
        )


async def _chain(reader: Reader) -> str:
    try:
        await reader.verify_chain()
    except ChainBroken as broken:
        return str(broken)
    return VERIFIED


async def _equity(reader: Reader) -> dict[str, str] | None:
    rows = await reader.query("v_equity", limit=1)
    if not rows:
        return None
    figures: dict[str, str] = json.loads(str(rows[0]["figures"]))
    return figures


@click.command(cls=TellingCommand)
@at_place
@click.option("--no-verify", is_flag=True, help="Skip the journal's hash chain (a long journal).")
@json_option
def status(place: Place, *, no_verify: bool, as_json: bool) -> ExitCode:
    """Engine, emergency stop, trades, positions and money of one account."""
    standing = asyncio.run(read_standing(place, check_chain=not no_verify))
    warn_of_state(standing.overview, place.account)
    if as_json:
        print_json(standing_json(place, standing))
    else:
        _print(place, standing)
    return ExitCode.JOURNAL_BROKEN if standing.chain_broken else ExitCode.OK


# -- for programs ---------------------------------------------------------------------------------


def standing_json(place: Place, standing: Standing) -> dict[str, Any]:
    """The whole page for programs; `tporder web` serves the same."""
    overview, start, stop = standing.overview, standing.start, standing.stop
    return {
        "account": place.account,
        "database": str(place.db),
        "engine": {
            "listens": standing.engine_listens,
            "mode": None if start is None else start.mode,
            "market": None if start is None else start.market,
            "build": None if start is None else start.build,
            "started_at": None if start is None else start.at,
            "predecessor_closed_clean": None if start is None else start.clean,
        },
        "stop": {
            "set": stop is not None,
            "reason": None if stop is None else stop.reason,
            "since": None if stop is None else from_us(stop.at_us),
        },
        "latches": [
            {"kind": latch.kind, "reason": latch.reason, "since": from_us(latch.at_us)}
            for latch in standing.latches
        ],
        "trades": standing.trades,
        "positions": standing.positions,
        "stops": [protective_stops.as_json(stop) for stop in standing.stops],
        "waiting_closes": [close.as_json() for close in standing.closes],
        "equity": _equity_json(standing.equity),
        "journal": {
            "last_seq": overview.head_seq,
            "projected_seq": overview.projected_seq,
            "chain": standing.chain,
        },
        "waiting": {
            "signals": overview.waiting_signals,
            "commands": overview.waiting_commands,
            "alerts": overview.waiting_alerts,
            "urgent_alerts": overview.waiting_urgent_alerts,
        },
    }


def _equity_json(figures: dict[str, str] | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {
        "at": figures["at"],
        "equity_krw": figures["equity_krw"],
        "krw_per_usdt": figures["krw_per_usdt"],
        "pnl_krw": {
            "total": str(_total(figures)),
            "trading": figures["trading_pnl_krw"],
            **{part: figures[f"{part}_krw"] for part in PARTS},
        },
    }


def _total(figures: dict[str, str]) -> Decimal:
    return sum((Decimal(figures[f"{part}_krw"]) for part in PARTS), Decimal(0))


# -- for operators
# -----------------------------------------------------------------------------------


def _print(place: Place, standing: Standing) -> None:
    overview = standing.overview
    click.echo(f"account    {place.account} in {place.db}")
    click.echo(f"engine     {_engine(standing)}")
    click.echo(f"stop       {_stop(standing.stop)}")
    for latch in standing.latches:
        if latch.kind != STOP_LATCH:
            click.echo(
                f"latch      {latch.kind}: {latch.reason} ({utc_text(from_us(latch.at_us))})"
            )
    click.echo(f"money      {_money(standing.equity)}")
    if standing.equity is not None:
        figures = standing.equity
        parts = ", ".join(f"{part} {krw(figures[f'{part}_krw'])}" for part in PARTS)
        click.echo(f"profit     {krw(_total(figures))} since the account was opened: {parts}")
    click.echo(f"journal    last row {overview.head_seq}, hash chain: {standing.chain}")
    click.echo(
        f"waiting    {overview.waiting_signals} signals, {overview.waiting_commands} commands, "
        f"{overview.waiting_alerts} alerts ({overview.waiting_urgent_alerts} urgent)"
    )
    click.echo("")
    print_table(
        ("trade", "signal", "action", "symbol", "state", "opened", "detail"),
        [
            (
                cell(row, "trade_id"),
                cell(row, "signal_id"),
                cell(row, "action"),
                cell(row, "symbol"),
                cell(row, "state"),
                time_cell(row, "opened_at_us"),
                cell(row, "detail"),
            )
            for row in standing.trades
        ],
        empty="no unresolved trades",
    )
    if standing.closes:
        click.echo("")
        print_table(
            ("waiting close", "strategy", "symbol", "part", "since", "waits for"),
            [close.as_cells() for close in standing.closes],
            empty="",
        )
    click.echo("")
    print_table(
        ("strategy", "symbol", "coins on Upbit", "short on Binance"),
        [
            (
                cell(row, "strategy"),
                cell(row, "symbol"),
                amount_cell(row, "spot_base"),
                amount_cell(row, "short_base"),
            )
            for row in standing.positions
        ],
        empty="no open positions",
    )
    if standing.positions or standing.stops:
        click.echo("")
        print_table(
            ("symbol", "stop", "quantity", "fires", "state"),
            [protective_stops.as_cells(stop) for stop in standing.stops],
            empty="NO STOP stands on Binance",
        )


def _engine(standing: Standing) -> str:
    start = standing.start
    now = "running" if standing.engine_listens else "no running engine answered"
    if start is None:
        return f"{now}; never started on this account"
    before = "" if start.clean else "; the one before it had not closed properly"
    mode = f"{start.mode} on {start.market}" if start.market else start.mode
    return f"{now}; last start {utc_text(start.at)}, mode {mode}, build {start.build}{before}"


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
