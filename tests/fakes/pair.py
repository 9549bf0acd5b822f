"""A market, a policy and signals for tests of the core: round numbers, one bitcoin is 140 million.

Spot 139,990,000 / 140,010,000 KRW; hedge 99,995 / 100,005 USDT; 1,400 KRW for a USDT.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.market import Ages, Book, FxRate, Instrument, Level, PairView
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.sizing import SizingRules
from trading_platform_order.domain.trade.trade_events import ExecutionStyle, Holding, TradePolicy
from trading_platform_order.domain.venue import Venue

D = Decimal
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DEEP = D(100)
FX = FxRate(krw_per_usdt=D(1_400), at=START, source="upbit KRW-USDT")
SPOT_MID = D(140_000_000)
HEDGE_MID = D(100_000)

SPOT = Instrument(
    venue=Venue.UPBIT,
    symbol="BTC-KRW",
    price_tick=D(1_000),
    quantity_step=D("0.00000001"),
    min_quantity=D("0.00000001"),
    max_quantity=D(0),
    min_notional=D(5_000),
    max_notional=D(1_000_000_000),
    taker_fee_rate=D("0.0005"),
)
HEDGE = Instrument(
    venue=Venue.BINANCE,
    symbol="BTCUSDT",
    price_tick=D("0.1"),
    quantity_step=D("0.001"),
    min_quantity=D("0.001"),
    max_quantity=D(120),
    min_notional=D(100),
    max_notional=D(0),
    taker_fee_rate=D("0.0005"),
)
POLICY = TradePolicy(
    mode="p",
    style=ExecutionStyle.MARKET,
    exposure_time_s=10.0,
    exposure_krw=D(50_000_000),
    completion_slippage_bps=D(20),
    working_limit_s=3.0,
    look_up_after_s=0.5,
    fast_attempts=8,
    slow_attempts=4,
    slow_retry_s=30.0,
    retry_first_s=1.0,
    uneven_retry_first_s=0.2,
)
RULES = SizingRules(
    default_capital_fraction=D("0.1"), default_krw_max=D(1_000_000_000), collar_bps=D(15)
)


def book(
    symbol: str, bid: Decimal, ask: Decimal, *, depth: Decimal = DEEP, at: datetime = START
) -> Book:
    return Book(
        symbol=symbol,
        bids=(Level(price=bid, quantity=depth),),
        asks=(Level(price=ask, quantity=depth),),
        at=at,
    )


def spot_book(mid: Decimal = SPOT_MID, *, depth: Decimal = DEEP, at: datetime = START) -> Book:
    return book("BTC-KRW", mid - 10_000, mid + 10_000, depth=depth, at=at)


def hedge_book(mid: Decimal = HEDGE_MID, *, depth: Decimal = DEEP, at: datetime = START) -> Book:
    return book("BTCUSDT", mid - 5, mid + 5, depth=depth, at=at)


def pair_view(
    *,
    spot_mid: Decimal = SPOT_MID,
    hedge_mid: Decimal = HEDGE_MID,
    spot_depth: Decimal = DEEP,
    hedge_depth: Decimal = DEEP,
    spot: Instrument = SPOT,
    hedge: Instrument = HEDGE,
    fx: FxRate = FX,
    now: datetime = START,
) -> PairView:
    return PairView(
        base="BTC",
        now=now,
        spot_book=spot_book(spot_mid, depth=spot_depth, at=now),
        hedge_book=hedge_book(hedge_mid, depth=hedge_depth, at=now),
        fx=replace(fx, at=now),
        ages=Ages(),
        spot=spot,
        hedge=hedge,
    )


VIEW = pair_view()


def signal(
    action: Action = Action.ENTER,
    *,
    name: str = "s1",
    strategy: str = "kimchi",
    symbol: str = "BTC",
    quantity: str | None = None,
    notional_krw: str | None = None,
    fraction: str | None = None,
    at: datetime = START,
    expires_at: datetime | None = None,
    spot_price_krw: str | None = None,
    hedge_price_usdt: str | None = None,
    max_slippage_bps: str | None = None,
) -> Signal:
    return Signal(
        id=name,
        strategy=strategy,
        action=action,
        symbol=symbol,
        created_at=at,
        expires_at=expires_at,
        quantity_base=_decimal(quantity),
        notional_krw=_decimal(notional_krw),
        capital_fraction=_decimal(fraction),
        spot_price_krw=_decimal(spot_price_krw),
        hedge_price_usdt=_decimal(hedge_price_usdt),
        max_slippage_bps=_decimal(max_slippage_bps),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else D(text)


def holding(spot: str = "0", short: str = "0") -> Holding:
    return Holding(spot=D(spot), short=D(short))


ACCOUNT = AccountView(
    equity_krw=D(100_000_000),
    krw_available=D(50_000_000),
    margin_balance_usdt=D(30_000),
    margin_available_usdt=D(30_000),
    hedge_notional_usdt=D(0),
    maintenance_usdt=D(0),
    pair_value_krw=D(0),
    symbol_value_krw=D(0),
    symbol_dust_krw=D(0),
    prices_age_s=0.0,
    holding=Holding(),
    day_pnl_krw=D(0),
    hour_pnl_krw=D(0),
    day_turnover_krw=D(0),
    minute_entries=0,
    same_recently=0,
    stopped_reason=None,
    streams_up=True,
    symbol_halted=False,
    api_errors=0,
    rate_room=1.0,
)


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)
