"""The account as the pre-trade checks see it: one consistent picture, in KRW and USDT."""

from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.pairs.market_premium import MarketPremium
from trading_platform_order.domain.refusal import Refusal
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.value import value


@value
class AccountView:
    """Figures at one moment.

    Attributes:
        equity_krw: total capital; ``None`` when it cannot be known (checks then fail closed).
        krw_available: free KRW on Upbit.
        margin_balance_usdt: Binance wallet plus unrealised profit.
        hedge_notional_usdt: value of all shorts at the present mid.
        margin_available_usdt: free margin as Binance told it after our last fill; ``None`` if it
            has not since.
        maintenance_usdt: maintenance margin required now.
        pair_value_krw: value of all open pairs, each counted once at its larger leg.
        symbol_value_krw: the same for the symbol in question.
        symbol_dust_krw: value of what lies unmatched in the symbol, all strategies, none running.
        prices_age_s: age of the oldest price of a held asset; ``None`` if one has no price.
        holding: what the signal's strategy holds in the symbol.
        day_pnl_krw: trading profit since 00:00 KST, idle USDT revaluation left out.
        hour_pnl_krw: trading profit of the last hour.
        day_turnover_krw: value traded since 00:00 KST, both legs.
        minute_entries: entries begun in the last 60 s.
        same_recently: trades of the same strategy, symbol, action and size within the window.
        stopped_reason: the latched emergency stop, if any.
        streams_up: both private streams are connected.
        symbol_halted: a trade of this symbol waits for an operator.
        api_errors: private calls of one exchange that failed in a row, the worse of both.
        rate_room: part of the request budgets that is free, the worse of both; 0 if an order
            would have to wait.
        clock_off_s: how far our calendar is off the exchanges', the worse of both, as last
            measured; ahead if positive.
        entry_blocks: why an ENTER of the symbol is refused beside the limits, as monitors found.
        runway_fraction_min: rise of the coin that the margin must survive for a reason of its own
            (announced maintenance), beside the limit's.
        confirmed_pairs: latches by which operators confirmed pairs; see ``domain/pair``.
        premiums: the premium of the large coins, as last looked at; ``None``: nobody looks.
    """

    equity_krw: Decimal | None
    krw_available: Decimal
    margin_balance_usdt: Decimal
    hedge_notional_usdt: Decimal
    margin_available_usdt: Decimal | None
    maintenance_usdt: Decimal
    pair_value_krw: Decimal
    symbol_value_krw: Decimal
    symbol_dust_krw: Decimal
    prices_age_s: float | None
    holding: Holding
    day_pnl_krw: Decimal
    hour_pnl_krw: Decimal
    day_turnover_krw: Decimal
    minute_entries: int
    same_recently: int
    stopped_reason: str | None
    streams_up: bool
    symbol_halted: bool
    api_errors: int
    rate_room: float
    clock_off_s: float = 0.0
    entry_blocks: tuple[Refusal, ...] = ()
    runway_fraction_min: Decimal = ZERO
    confirmed_pairs: frozenset[str] = frozenset()
    premiums: MarketPremium | None = None
