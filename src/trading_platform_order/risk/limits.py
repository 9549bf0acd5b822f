"""The limits, with the specification's numbers as defaults and absolute caps beside them."""

from dataclasses import field
from decimal import Decimal

from trading_platform_order.domain.pairs.pair import Pairs
from trading_platform_order.domain.value import value
from trading_platform_order.risk.plausibility_limits import PlausibilityLimits


@value
class RiskLimits:
    """What an entry may not exceed. Exits are never held back by any of these.

    Attributes:
        position_fraction: value of all open pairs over total capital (spec: 50 %).
        symbol_fraction: the same for the pairs of one symbol.
        leverage_max: hedge notional over margin balance, after the trade (spec: 2x).
        hedge_leverage: the leverage set on Binance: a short of 1 takes 1 / this of free margin.
        daily_loss_fraction: trading loss since 00:00 KST over capital (spec: 3 %).
        margin_ratio_max: maintenance over margin balance, after the trade.
        maintenance_rate: maintenance margin per notional assumed for the new position.
        runway_fraction: rise of the coin that the margin must survive without a transfer.
        order_krw_max: absolute cap of one order's value.
        trade_krw_max: absolute cap of both legs' value together.
        daily_turnover_krw_max: absolute cap of the value traded since 00:00 KST, both legs.
        hourly_loss_krw_max: absolute cap of the trading loss of one hour.
        entries_per_minute_max: entries begun in any 60 s.
        repeat_max: same strategy, symbol, action and size within ``repeat_window_s``.
        dust_krw_max: unmatched remains of a symbol above which nothing new is begun there.
        book_age_s_max: an older book says nothing: a close asks for another one.
        entry_book_age_s_max: how old a book may be for an entry.
        books_apart_s_max: how much older one of both books may be than the other for an entry.
        fx_age_s_max: how old the KRW-USDT rate may be for an entry.
        capital_age_s_max: how old the prices of held assets may be for an entry.
        ahead_s_max: how far a time we are told may lie ahead of our clock.
        clock_off_s_max: how far our clock may be off an exchange's, as last measured.
        slippage_bps_max: expected price against the mid, per leg; a signal may only tighten it.
        collar_bps: how far a reference price, or the last level an order touches, may be from
            the mid.
        api_errors_max: private calls of one exchange that failed in a row, from which nothing is
            begun; the emergency stop comes later.
        rate_room_min: part of each exchange's request budget that must be free.
        cautions_allowed: an exchange's lesser market alerts that do not hold an entry back.
        symbols: allow-list of base assets; empty means any.
        pairs: reviewed pairs by Upbit's code; ``None``: a replay, whose prices have no listing.
    """

    position_fraction: Decimal = Decimal("0.5")
    symbol_fraction: Decimal = Decimal("0.5")
    leverage_max: Decimal = Decimal(2)
    hedge_leverage: Decimal = Decimal(2)
    daily_loss_fraction: Decimal = Decimal("0.03")
    margin_ratio_max: Decimal = Decimal("0.5")
    maintenance_rate: Decimal = Decimal("0.005")
    runway_fraction: Decimal = Decimal("0.3")
    order_krw_max: Decimal = Decimal(1_000_000)
    trade_krw_max: Decimal = Decimal(2_000_000)
    daily_turnover_krw_max: Decimal = Decimal(20_000_000)
    hourly_loss_krw_max: Decimal = Decimal(100_000)
    entries_per_minute_max: int = 6
    repeat_max: int = 3
    repeat_window_s: float = 60.0
    dust_krw_max: Decimal = Decimal(20_000)
    book_age_s_max: float = 5.0
    entry_book_age_s_max: float = 1.0
    books_apart_s_max: float = 0.5
    fx_age_s_max: float = 60.0
    capital_age_s_max: float = 60.0
    ahead_s_max: float = 5.0
    clock_off_s_max: float = 1.0
    slippage_bps_max: Decimal = Decimal(20)
    collar_bps: Decimal = Decimal(100)
    api_errors_max: int = 3
    rate_room_min: float = 0.3
    cautions_allowed: frozenset[str] = frozenset(
        {"GLOBAL_PRICE_DIFFERENCES", "TRADING_VOLUME_SOARING"}
    )
    symbols: frozenset[str] = frozenset()
    pairs: Pairs | None = None
    plausibility: PlausibilityLimits = field(default_factory=PlausibilityLimits)
