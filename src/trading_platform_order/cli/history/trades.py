"""``trades``: how each pair trade ended, at which prices, and what it brought; in 80 columns."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import click

from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.output import (
    cell,
    figure,
    krw,
    labelled,
    pair_text,
    print_json,
    word,
)
from trading_platform_order.cli.console.output import percent as percent_text
from trading_platform_order.cli.console.store_location import (
    Place,
    at_place,
    reading,
    warn_of_state,
)
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.pair_figures import PARTS, TRADES_MAX, Row, parts_json
from trading_platform_order.cli.history.views import (
    is_open,
    json_option,
    limit_option,
    signal_option,
)
from trading_platform_order.domain.account.profit.pair_money import (
    TradePrices,
    prices_of,
    realised_by,
)
from trading_platform_order.domain.account.profit.pnl import PnlParts
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.observability.settled_money import read_trade
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import moment_of
from trading_platform_order.words import common, money, status
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Text, time_text
from trading_platform_order.words.width import WIDTH, fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTrade:
    """One row of ``trades``.

    Attributes:
        realised: what this trade made final, without funding (it comes between trades: ``pnl``);
            ``None`` if the entries before it are not all known.
    """

    row: Row
    trade: PairTrade
    prices: TradePrices
    realised: PnlParts | None

    @property
    def reason(self) -> str | None:
        """What the signal's sender gave as its reason."""
        return self.trade.signal.reason

    def as_json(self) -> dict[str, Any]:
        """The view's columns, and money beside them."""
        is_entry = self.trade.action is Action.ENTER
        profit = parts_json(self.realised)
        if profit is not None:
            del profit["funding"]
        return {
            **self.row,
            "spot_price_krw": self.prices.spot_krw,
            "hedge_price_usdt": self.prices.hedge_usdt,
            "krw_per_usdt": self.trade.decision.krw_per_usdt,
            "premium_in": self.prices.premium if is_entry else None,
            "premium_out": None if is_entry else self.prices.premium,
            "profit_krw": profit,
            "reason": self.reason,
        }


@click.command(cls=TellingCommand)
@at_place
@limit_option
@signal_option
@json_option
def trades(place: Place, *, limit: int, signal_id: str | None, as_json: bool) -> None:
    """Outcome, prices, premium, profit and its parts, naked time, and the signal's reason.

    Profit is what a trade made final: an entry its fees and slippage, an exit also premium and FX.
    Funding comes between trades and stands in `tporder pnl`.
    """
    found = asyncio.run(_read(place, limit, signal_id))
    if as_json:
        print_json([trade.as_json() for trade in found])
        return
    if not found:
        say(money.NO_TRADES())
    for trade in found:
        _print(trade)


async def _read(place: Place, limit: int, signal_id: str | None) -> list[ToldTrade]:
    where = {} if signal_id is None else {"signal_id": signal_id}
    async with reading(place) as reader:
        warn_of_state(await reader.overview(), place.account)
        rows = await reader.query("v_trades", limit=limit, where=where)
        realised: dict[str, PnlParts] = {}
        for strategy, symbol in dict.fromkeys((r["strategy"], r["symbol"]) for r in rows):
            oldest = min(int(r["seq"] or 0) for r in rows if (r["strategy"], r["symbol"])
                         == (strategy, symbol))  # fmt: skip
            history = await _history(reader, str(strategy), str(symbol), oldest)
            realised |= realised_by(history)
        found = []
        for row in rows:
            trade = await read_trade(reader, str(row["trade_id"]))
            if trade is not None:
                told = realised.get(trade.trade_id)
                found.append(
                    ToldTrade(row=row, trade=trade, prices=prices_of(trade), realised=told)
                )
        return found


async def _history(reader: Reader, strategy: str, symbol: str, oldest_seq: int) -> list[PairTrade]:
    """Trades of a pair from before the oldest one shown, where nothing was held; oldest first."""
    where = {"strategy": strategy, "symbol": symbol}
    rows = await reader.query("v_trades", limit=TRADES_MAX, where=where)
    kept: list[Row] = []
    for row in rows:
        if int(row["seq"] or 0) < oldest_seq and row["state"] == "settled" and not is_open(row):
            break
        kept.append(row)
    else:
        if len(rows) == TRADES_MAX:
            return []  # the entry of what was held then may be older still
    trades = [await read_trade(reader, str(row["trade_id"])) for row in reversed(kept)]
    return [trade for trade in trades if trade is not None]


def _print(told: ToldTrade) -> None:
    row, trade, prices = told.row, told.trade, told.prices
    ended = word(money.OUTCOMES, row["outcome"])
    if not row["outcome"]:
        ended = word(status.TRADE_STATES, row["state"])
    head = money.TRADE(
        pair=pair_text(cell(row, "symbol")),
        action=word(common.ACTIONS, trade.action),
        strategy=cell(row, "strategy"),
        ended=ended,
        at=time_text(moment_of(int(row["opened_at_us"] or 0))),
    )
    for line in fitted(head, WIDTH).split("\n"):
        say(line)
    signal = cell(row, "signal_id")
    if told.reason is not None:
        signal = money.SIGNAL_REASON(signal=signal, reason=localised(told.reason))
    _line(money.SIGNAL_LABEL, signal)
    if row["detail"]:
        _line(money.DETAIL_LABEL, localised(str(row["detail"])))
    spot = hedge = common.NOTHING()
    if prices.spot_krw is not None:
        spot = f"{figure(round(prices.spot_krw, 4))} KRW"
    if prices.hedge_usdt is not None:
        hedge = f"{figure(round(prices.hedge_usdt, 4))} USDT"
    rate = figure(trade.decision.krw_per_usdt)
    _line(money.FILLED_LABEL, money.FILLED(spot=spot, hedge=hedge, rate=rate))
    way = money.PREMIUM_IN if trade.action is Action.ENTER else money.PREMIUM_OUT
    naked_ms = figure(str(row["naked_ms"] or 0))
    _line(money.PREMIUM_LABEL, way(premium=percent_text(prices.premium), ms=naked_ms))
    if told.realised is None:
        _line(money.REALISED_LABEL, money.ENTRIES_NOT_KNOWN())
        return
    parts = ", ".join(_signed(told.realised, (p for p in PARTS if p != "funding")))
    profit = money.PROFIT(total=krw(told.realised.total), parts=parts)
    _line(money.REALISED_LABEL, profit)


def _line(label: Text, text: str) -> None:
    labelled(f"  {label()}", text)


def _signed(parts: PnlParts, names: Iterable[str]) -> list[str]:
    return [
        money.PART(part=common.PARTS[name](), amount=f"{getattr(parts, name):+,.0f}")
        for name in names
    ]
