"""What a pair brought and is worth, of its own trades alone. Pure.

The parts are those of :mod:`~trading_platform_order.domain.account.profit.pnl`, folded over the
trades of one strategy in one coin since it last held nothing. A part closed meanwhile is in them
too.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account.profit.pnl import PnlBook, PnlParts
from trading_platform_order.domain.account.recent_activity import OpenPositions
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.value import value


@value
class PriceNow:
    """What a coin is valued at: ``spot_krw`` Upbit's bid, ``hedge_usdt`` Binance's mid."""

    base: str
    spot_krw: Decimal
    hedge_usdt: Decimal
    krw_per_usdt: Decimal


@value
class PairMoney:
    """Money of one open pair; ``None`` is what cannot be known.

    Attributes:
        opened_at: when its first trade opened.
        entry_premium: fraction, against USDT, at the average prices of the fills.
        premium_now: the same at the present prices.
        value_krw: the larger leg at the present prices.
        notional_usdt: the short at the present price.
        profit: since it was opened, by part; FX of the idle wallet is not in it.
        unknown: why figures are missing; empty if none is.
    """

    opened_at: datetime | None = None
    entry_premium: Decimal | None = None
    premium_now: Decimal | None = None
    value_krw: Decimal | None = None
    notional_usdt: Decimal | None = None
    profit: PnlParts | None = None
    unknown: str = ""


NO_PRICE = "no price: the engine has told none"
NOT_OURS = "another hand changed the pair, or a trade is under way"


def premium_of(spot_krw: Decimal, hedge_usdt: Decimal, krw_per_usd: Decimal) -> Decimal | None:
    """Upbit over Binance at a rate, minus one; ``None`` where a figure is missing."""
    value_krw = hedge_usdt * krw_per_usd
    return spot_krw / value_krw - 1 if value_krw > 0 and spot_krw > 0 else None


def fold(trades: Sequence[PairTrade], funding_usdt: Decimal = ZERO) -> PnlBook:
    """The fills of these trades, oldest first, each at the rate of its decision."""
    book = PnlBook()
    for trade in trades:
        _book(book, trade)
    book.book_funding(funding_usdt)
    return book


def average_rate(trades: Sequence[PairTrade]) -> Decimal:
    """KRW per USDT of what was sold short, by value; zero if nothing was."""
    return _average_rate([(trade, trade.decision.krw_per_usdt) for trade in trades])


def _average_rate(trades: Sequence[tuple[PairTrade, Decimal]]) -> Decimal:
    """Of each trade's own rate."""
    krw = usdt = ZERO
    for trade, rate in trades:
        for fill in trade.fills:
            leg = trade.order(fill.client_order_id).leg
            if leg is Leg.HEDGE and fill.side is OrderSide.SELL:
                usdt += fill.price * fill.quantity
                krw += fill.price * fill.quantity * rate
    return krw / usdt if usdt else ZERO


def entry_premium_by(
    entry_premium: Decimal | None,
    trades: Sequence[PairTrade],
    rate_at: Callable[[datetime], Decimal | None],
) -> Decimal | None:
    """The premium at the entry by another rate than KRW per USDT; ``None`` if a rate is missing.

    Args:
        entry_premium: against USDT, of :func:`pair_money`.
        trades: of the pair since it last held nothing, oldest first.
        rate_at: KRW for one dollar of the other rate at a decision.
    """
    rated: list[tuple[PairTrade, Decimal]] = []
    for trade in trades:
        rate = rate_at(trade.decision.at)
        if rate is not None:
            rated.append((trade, rate))
    if entry_premium is None or len(rated) < len(trades):
        return None
    by_usdt, by_other = average_rate(trades), _average_rate(rated)
    return (1 + entry_premium) * by_usdt / by_other - 1 if by_other else None


def pair_money(
    trades: Sequence[PairTrade], *, held: Holding, funding_usdt: Decimal, price: PriceNow | None
) -> PairMoney:
    """Money of what is held.

    Args:
        trades: of the pair since it last held nothing, oldest first.
        held: what the ledger says.
        funding_usdt: received on its short since then.
        price: the newest prices; ``None`` if they are not known.
    """
    entries = OpenPositions()
    for trade in trades:
        for fill in trade.fills:
            leg = trade.order(fill.client_order_id).leg
            entries.book_fill(fill, leg=leg, strategy=trade.signal.strategy, base=trade.base)
    pair = next(entries.pairs(), None)
    opened_at = trades[0].decision.at if trades else None
    value = replace(_value(held, price), opened_at=opened_at)
    if pair is None or (pair.spot, pair.short) != (held.spot, held.short):
        return replace(value, unknown=NOT_OURS)
    rate = average_rate(trades)
    entry = None
    if pair.spot > 0 and pair.short > 0:
        entry = premium_of(pair.spot_cost_krw / pair.spot, pair.short_value_usdt / pair.short, rate)
    profit = None
    if price is not None:
        book = fold(trades, funding_usdt)
        book.krw_per_usdt = price.krw_per_usdt
        profit = book.parts({pair.base: (price.spot_krw, price.hedge_usdt)})
    unknown = NO_PRICE if price is None else ""
    return replace(value, entry_premium=entry, profit=profit, unknown=unknown)


def _value(held: Holding, price: PriceNow | None) -> PairMoney:
    if price is None:
        return PairMoney()
    notional_usdt = held.short * price.hedge_usdt
    return PairMoney(
        premium_now=premium_of(price.spot_krw, price.hedge_usdt, price.krw_per_usdt),
        value_krw=max(held.spot * price.spot_krw, notional_usdt * price.krw_per_usdt),
        notional_usdt=notional_usdt,
    )


@value
class TradePrices:
    """Average prices of one trade's fills that it was opened for; ``None``: nothing was filled."""

    spot_krw: Decimal | None
    hedge_usdt: Decimal | None
    premium: Decimal | None


def prices_of(trade: PairTrade) -> TradePrices:
    """By the fills that built the pair up (an entry) or down (an exit), corrections left out."""
    is_entry = trade.action is Action.ENTER
    spot_krw = _average(trade, Leg.SPOT, OrderSide.BUY if is_entry else OrderSide.SELL)
    hedge_usdt = _average(trade, Leg.HEDGE, OrderSide.SELL if is_entry else OrderSide.BUY)
    premium = None
    if spot_krw is not None and hedge_usdt is not None:
        premium = premium_of(spot_krw, hedge_usdt, trade.decision.krw_per_usdt)
    return TradePrices(spot_krw=spot_krw, hedge_usdt=hedge_usdt, premium=premium)


def _average(trade: PairTrade, leg: Leg, side: OrderSide) -> Decimal | None:
    fills = [f for f in trade.fills if f.side is side and trade.order(f.client_order_id).leg is leg]
    quantity = sum((fill.quantity for fill in fills), ZERO)
    value = sum((fill.quantity * fill.price for fill in fills), ZERO)
    return value / quantity if quantity else None


def realised_by(trades: Sequence[PairTrade]) -> dict[str, PnlParts]:
    """What each trade of one pair made final, by trade id; funding is not a trade's.

    ``trades``: of one strategy and coin from where it held nothing, oldest first.
    """
    book, before = PnlBook(), PnlParts()
    found: dict[str, PnlParts] = {}
    for trade in trades:
        _book(book, trade)
        after = book.parts()
        found[trade.trade_id] = PnlParts(
            premium=after.premium - before.premium,
            fees=after.fees - before.fees,
            fx=after.fx - before.fx,
            slippage=after.slippage - before.slippage,
        )
        before = after
    return found


def _book(book: PnlBook, trade: PairTrade) -> None:
    book.krw_per_usdt = trade.decision.krw_per_usdt
    for fill in trade.fills:
        leg = trade.order(fill.client_order_id).leg
        strategy, base = trade.signal.strategy, trade.base
        book.book_fill(fill, leg=leg, strategy=strategy, base=base, decision=trade.decision)
