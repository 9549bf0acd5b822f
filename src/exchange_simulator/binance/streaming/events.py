"""The shapes of stream events, as documented for USDS-M futures in 2026-11.

Builders only: values in, dictionaries out.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from exchange_simulator.binance.margin.account import Account, break_even
from exchange_simulator.binance.margin.position_key import side_of, symbol_of
from exchange_simulator.binance.trading.order import SimulatedOrder, SimulatedTrade
from exchange_simulator.decimals import ZERO, plain
from exchange_simulator.market.book import SimulatedBook, SimulatedLevel

USDS_M = 1


def trade_lite(
    order: SimulatedOrder, trade: SimulatedTrade, now_ms: int, tick: Decimal | None
) -> dict[str, Any]:
    """The early, short notice of a fill; ``p`` is the order's price, ``L`` the fill's."""
    return {
        "e": "TRADE_LITE",
        "E": now_ms,
        "T": trade.time_ms,
        "s": order.symbol,
        "q": plain(order.quantity),
        "p": padded(order.price, tick),
        "m": trade.is_maker,
        "c": order.client_order_id,
        "S": order.side,
        "L": padded(trade.price, tick),
        "l": plain(trade.quantity),
        "t": trade.trade_id,
        "i": order.order_id,
        "st": USDS_M,
    }


def order_trade_update(
    order: SimulatedOrder,
    execution: str,
    now_ms: int,
    trade: SimulatedTrade | None = None,
) -> dict[str, Any]:
    """ORDER_TRADE_UPDATE.

    ``execution`` is NEW, TRADE, CANCELED, EXPIRED, AMENDMENT or, where the exchange closes the
    position by itself, CALCULATED.
    """
    body: dict[str, Any] = {
        "s": order.symbol,
        "c": order.client_order_id,
        "S": order.side,
        "o": order.type,
        "f": order.time_in_force,
        "q": plain(order.quantity),
        "p": plain(order.price),
        "ap": plain(order.average_price),
        "sp": "0",
        "x": execution,
        "X": order.status,
        "i": order.order_id,
        "l": plain(trade.quantity) if trade else "0",
        "z": plain(order.executed),
        "L": plain(trade.price) if trade else "0",
        "T": order.update_ms,
        "t": trade.trade_id if trade else 0,
        **_resting_notional(order),
        "m": trade.is_maker if trade else False,
        "R": order.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": order.type,
        "ps": order.position_side,
        "cp": False,
        "pP": False,
        "si": 0,
        "ss": 0,
        "rp": plain(trade.realised) if trade else "0",
        "V": order.stp_mode,
        "pm": "NONE",
        "gtd": order.good_till_ms,
        "er": order.expiry_reason,
    }
    if trade is not None:
        body["N"] = trade.commission_asset
        body["n"] = plain(trade.commission)
    elif execution == "NEW":
        body |= {"N": "USDT", "n": "0"}
    return {
        "e": "ORDER_TRADE_UPDATE",
        "E": now_ms,
        "T": order.update_ms,
        "st": USDS_M,
        "o": body,
    }


def _resting_notional(order: SimulatedOrder) -> dict[str, str]:
    """A limit order that rests counts in the notional of its side (captures)."""
    rests = order.is_open and order.type == "LIMIT"
    notional = plain(order.price * order.remaining) if rests else "0"
    return {"b": notional if order.is_buy else "0", "a": "0" if order.is_buy else notional}


def account_update(
    account: Account,
    reason: str,
    now_ms: int,
    *,
    holding: str = "",
    balance_change: Decimal = Decimal(0),
    fee_rate: Decimal = Decimal(0),
) -> dict[str, Any]:
    """ACCOUNT_UPDATE: the wallet and, for ORDER or isolated funding, the position that changed.

    ``balance_change`` excludes profit and commission, as documented. ``fee_rate``: what the way in
    cost, of which the break-even price knows.
    """
    cross = account.wallet
    if account.isolated:
        cross -= sum(map(account.isolated_wallet, account.held()), ZERO)
    balance = {
        "a": "USDT",
        "wb": plain(account.wallet),
        "cw": plain(cross),
        "bc": plain(balance_change),
    }
    body: dict[str, Any] = {"m": reason, "B": [balance, *_bnb(account)], "P": []}
    if reason == "ORDER" or (holding and account.is_isolated(holding)):
        body["P"] = [_position(account, holding, fee_rate)]
    if reason != "ORDER" and holding:
        body["S"] = symbol_of(holding)
    return {"e": "ACCOUNT_UPDATE", "E": now_ms, "T": now_ms, "st": USDS_M, "a": body}


def _bnb(account: Account) -> list[dict[str, str]]:
    if not account.bnb:
        return []
    amount = plain(account.bnb)
    return [{"a": "BNB", "wb": amount, "cw": amount, "bc": "0"}]


def _position(account: Account, holding: str, fee_rate: Decimal) -> dict[str, Any]:
    position = account.position(holding)
    return {
        "s": symbol_of(holding),
        "pa": plain(position.quantity),
        "ep": plain(position.entry_price),
        "bep": plain(break_even(position, fee_rate)),
        "cr": plain(position.realised),
        "up": plain(account.standing(holding).unrealised),
        "mt": "isolated" if account.is_isolated(holding) else "cross",
        "iw": plain(account.isolated_wallet(holding)),
        "ps": side_of(holding),
        "ma": "USDT",
    }


def leverage_update(symbol: str, leverage: int, now_ms: int) -> dict[str, Any]:
    """ACCOUNT_CONFIG_UPDATE after a change of leverage."""
    return {
        "e": "ACCOUNT_CONFIG_UPDATE",
        "E": now_ms,
        "T": now_ms,
        "ac": {"s": symbol, "l": leverage},
    }


def multi_assets_update(is_on: bool, now_ms: int) -> dict[str, Any]:
    """ACCOUNT_CONFIG_UPDATE after a change of the multi-assets mode."""
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now_ms, "T": now_ms, "ai": {"j": is_on}}


def listen_key_expired(key: str, now_ms: int) -> dict[str, Any]:
    """The last event of a listen key; the socket stays open and silent."""
    return {"e": "listenKeyExpired", "E": now_ms, "listenKey": key}


def padded(price: Decimal, tick: Decimal | None) -> str:
    """With zeros up to the tick's decimals, as best prices and TRADE_LITE show it (captures)."""
    if tick is None:
        return plain(price)
    decimals = max(-int(tick.normalize().as_tuple().exponent), 0)
    text = plain(price)
    return text if len(text.partition(".")[2]) >= decimals else f"{price:.{decimals}f}"


def book_ticker(
    symbol: str, book: SimulatedBook, update_id: int, now_ms: int, tick: Decimal | None
) -> dict[str, Any]:
    """Best bid and ask."""
    bid, ask = _best(book.bids), _best(book.asks)
    return {
        "e": "bookTicker",
        "u": update_id,
        "E": now_ms,
        "T": now_ms,
        "s": symbol,
        "ps": symbol,
        "b": padded(bid.price, tick),
        "B": plain(bid.quantity),
        "a": padded(ask.price, tick),
        "A": plain(ask.quantity),
        "st": USDS_M,
    }


def partial_depth(
    symbol: str, book: SimulatedBook, levels: int, update_id: int, now_ms: int
) -> dict[str, Any]:
    """A full image of the best ``levels`` on both sides, written out once while they stand."""
    rows = book.shown.get(levels)
    if rows is None:
        rows = book.shown[levels] = [
            msgspec.Raw(msgspec.json.encode(level_rows(side, levels)))
            for side in (book.bids, book.asks)
        ]
    return {
        "e": "depthUpdate",
        "E": now_ms,
        "T": now_ms,
        "s": symbol,
        "U": update_id,
        "u": update_id,
        "pu": update_id - 1,
        "b": rows[0],
        "a": rows[1],
        "ps": symbol,
        "st": USDS_M,
    }


def mark_price(
    symbol: str, mark: Decimal, rate: Decimal, next_funding_ms: int, now_ms: int
) -> dict[str, Any]:
    """Mark price and the rate of the next funding."""
    price = plain(mark)
    return {
        "e": "markPriceUpdate",
        "E": now_ms,
        "s": symbol,
        "p": price,
        "ap": price,
        "i": price,
        "P": price,
        "r": plain(rate),
        "T": next_funding_ms,
        "st": USDS_M,
    }


def level_rows(side: Sequence[SimulatedLevel], count: int) -> list[list[str]]:
    """``[price, quantity]`` of the best levels that are not used up."""
    live = [level for level in side if level.quantity > 0]
    return [[_shown(price), _shown(quantity)] for price, quantity in live[:count]]


_shown = lru_cache(maxsize=16_384)(plain)


_NOBODY = SimulatedLevel(price=ZERO, quantity=ZERO)


def _best(side: Sequence[SimulatedLevel]) -> SimulatedLevel:
    """The best level that is not used up; zeros if all are."""
    for level in side:
        if level.quantity > 0:
            return level
    return _NOBODY
