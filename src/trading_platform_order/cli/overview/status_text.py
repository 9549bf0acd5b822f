"""``status`` for operators: what the first ten seconds need, then the rest; in 80 columns."""

from datetime import datetime

from trading_platform_order.cli.console.output import (
    cell,
    figure,
    krw,
    labelled,
    pair_text,
    print_table,
    time_cell,
    word,
)
from trading_platform_order.cli.console.store_location import Place
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.pair_figures import PARTS
from trading_platform_order.cli.overview import protective_stops
from trading_platform_order.cli.overview.positions import position_lines
from trading_platform_order.cli.overview.standing import Standing, total_of
from trading_platform_order.domain.protection.protective_stop import StopKind
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.storage.base import Latch
from trading_platform_order.storage.lease import Lease
from trading_platform_order.transport.clock import moment_of
from trading_platform_order.words import common
from trading_platform_order.words import status as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import time_text
from trading_platform_order.words.width import WIDTH, wrapped


def print_status(place: Place, standing: Standing) -> None:
    """The whole page."""
    for label, text in standing.headline.lines():
        labelled(label, text)
    say("")
    _print_store(place, standing)
    say("")
    _print_open_ends(standing)
    for pair in standing.positions:
        say("")
        for line in position_lines(pair):
            say(line)
    if not standing.positions:
        say(common.NO_OPEN_POSITIONS())
    if standing.positions or standing.stops:
        say("")
        print_table(
            [column() for column in words.STOP_COLUMNS],
            [protective_stops.as_cells(stop) for stop in standing.stops],
            empty=words.NO_STOP(),
        )
    if any(stop.kind is StopKind.PROTECTIVE for stop in standing.stops):
        for line in wrapped(words.STOP_ABOVE(), WIDTH):
            say(line)


def _print_store(place: Place, standing: Standing) -> None:
    overview = standing.overview
    labelled(words.STORE_LABEL(), str(place.db))
    labelled(words.ENGINE_LABEL(), _engine(standing))
    labelled(words.HELD_LABEL(), held_by(standing.lease))
    labelled(words.STOP_LABEL(), _stop(standing.stop))
    for index, text in enumerate(_limits(standing)):
        labelled("" if index else words.LIMITS_LABEL(), text)
    for latch in standing.latches:
        if latch.kind != STOP_LATCH:
            text = words.LATCH(
                kind=latch.kind,
                reason=localised(latch.reason),
                at=time_text(moment_of(latch.at_us)),
            )
            labelled(words.LATCH_LABEL(), text)
    labelled(words.MONEY_LABEL(), _money(standing.equity))
    if standing.equity is not None:
        figures = standing.equity
        parts = ", ".join(f"{common.PARTS[part]()} {krw(figures[f'{part}_krw'])}" for part in PARTS)
        profit = words.PROFIT(total=krw(total_of(figures)), parts=parts)
        labelled(words.PROFIT_LABEL(), profit)
    chain = word(words.CHAINS, standing.chain)
    labelled(words.JOURNAL_LABEL(), words.JOURNAL(seq=overview.head_seq, chain=chain))
    inbox = words.INBOX(
        signals=overview.waiting_signals,
        commands=overview.waiting_commands,
        alerts=overview.waiting_alerts,
        urgent=overview.waiting_urgent_alerts,
    )
    labelled(words.WAITING_LABEL(), inbox)


def _print_open_ends(standing: Standing) -> None:
    for row in standing.trades:
        text = words.TRADE(
            state=word(words.TRADE_STATES, row["state"]),
            action=word(common.ACTIONS, row["action"]),
            symbol=pair_text(cell(row, "symbol")),
            signal=cell(row, "signal_id"),
            at=time_cell(row, "opened_at_us"),
        )
        if row["detail"]:
            text = words.TRADE_DETAIL(trade=text, detail=localised(str(row["detail"])))
        labelled(words.TRADE_LABEL(), text)
        labelled("", words.TRADE_ID(id=cell(row, "trade_id")))
    if not standing.trades:
        say(words.NO_UNRESOLVED_TRADES())
    for close in standing.closes:
        text = words.CLOSE(
            symbol=pair_text(close.symbol),
            strategy=close.strategy,
            part=word(words.CLOSE_PARTS, close.part_base),
            signal=close.signal_id,
            at=time_text(moment_of(close.since_us)),
            waits=localised(close.waits),
        )
        labelled(words.CLOSE_LABEL(), text)


def _limits(standing: Standing) -> list[str]:
    """The profile, and each limit of the specification that is loosened."""
    named = [words.PROFILE(profile=standing.profile)] if standing.profile else []
    told = [localised(one.text) for one in standing.loosened]
    return [*named, *(told or [words.AS_SPECIFIED()])]


def _engine(standing: Standing) -> str:
    start = standing.start
    now = words.RUNNING() if standing.engine_listens else words.NO_ANSWER()
    if start is None:
        return words.NEVER_ON_ACCOUNT(now=now)
    mode = start.mode
    if start.market:
        mode = words.ON_MARKET(mode=start.mode, market=localised(start.market))
    text = words.LAST_START(now=now, at=time_text(start.at), mode=mode, build=start.build)
    return text if start.clean else words.NOT_CLOSED(start=text)


def held_by(lease: Lease | None) -> str:
    """Whose the account is, since when and why."""
    if lease is None or not lease.at_us:
        return words.HELD_BY_NOBODY()
    process = str(lease.holder.pid or "?")
    told = words.HELD_LET_GO if lease.is_released else words.HELD_BY
    return told(
        process=process,
        at=time_text(moment_of(lease.at_us)),
        epoch=lease.epoch,
        why=localised(lease.reason),
    )


def _stop(stop: Latch | None) -> str:
    if stop is None:
        return words.STOP_NOT_SET()
    return words.STOP_SET(at=time_text(moment_of(stop.at_us)), reason=localised(stop.reason))


def _money(figures: dict[str, str] | None) -> str:
    if figures is None:
        return words.NO_VALUATION()
    return words.EQUITY(
        equity=krw(figures["equity_krw"]),
        rate=figure(figures["krw_per_usdt"]),
        at=time_text(datetime.fromisoformat(figures["at"])),
    )
