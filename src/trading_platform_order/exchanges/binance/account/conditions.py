"""The account's settings and the funding rate as Binance holds them now: asked once, reads only."""

from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.binance.account.settings import MarginType
from trading_platform_order.exchanges.binance.requests.answers import Failure, only
from trading_platform_order.exchanges.binance.requests.parse import Unreadable, finite, moment
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import (
    AccountConfigWire,
    FeeBurnWire,
    FundingInfoWire,
    LastPriceWire,
    PremiumIndexWire,
    SymbolConfigWire,
)

CONFIG_PATH, BURN_PATH = "/fapi/v1/accountConfig", "/fapi/v1/feeBurn"
SYMBOLS_PATH = "/fapi/v1/symbolConfig"
USUAL_INTERVAL_H = Decimal(8)
"""Of every symbol that fundingInfo does not list (facts, funding)."""


async def account_settings(
    rest: RestClient, symbols: tuple[str, ...]
) -> AccountSettings | ReadFailed:
    """Everything that an operator can change in the app while the engine runs.

    Urgent: a proof of absence asks in what fees are paid.
    """
    config = await rest.read(
        CONFIG_PATH, (), AccountConfigWire, weight=5, is_urgent=True, attempts=1
    )
    if isinstance(config, Failure):
        return config.as_read_failed("account settings")
    burn = await rest.read(BURN_PATH, (), FeeBurnWire, weight=30, is_urgent=True, attempts=1)
    if isinstance(burn, Failure):
        return burn.as_read_failed("fees in BNB")
    ours: list[SymbolConfigWire] = []
    if symbols:
        rows = await rest.read_rows(
            SYMBOLS_PATH, (), SymbolConfigWire, key="symbol", weight=5, is_urgent=True, attempts=1
        )
        if isinstance(rows, Failure):
            return rows.as_read_failed("symbol settings")
        ours = [row for row in rows.rows if row.symbol in symbols]
    return AccountSettings(
        hedge_mode=config.dual_side_position,
        multi_assets=config.multi_assets_margin,
        may_trade=config.can_trade,
        fees_in_bnb=burn.fee_burn,
        leverage={row.symbol: row.leverage for row in ours},
        isolated=frozenset(
            row.symbol for row in ours if row.margin_type.upper() != MarginType.CROSSED
        ),
    )


async def last_trade_at(rest: RestClient, symbol: str) -> datetime | ReadFailed:
    """When anybody traded a symbol last."""
    found = await rest.read(
        "/fapi/v2/ticker/price", (("symbol", symbol),), LastPriceWire, weight=1, is_signed=False
    )
    if isinstance(found, Failure):
        return found.as_read_failed(f"last trade of {symbol}")
    try:
        return moment(found.time)
    except Unreadable as error:
        return ReadFailed(reason=f"last trade of {symbol}: {error}")


async def funding_terms(rest: RestClient, symbol: str) -> FundingTerms | ReadFailed:
    """The present rate, and the interval where it is not the usual one."""
    index = await rest.read(
        "/fapi/v1/premiumIndex",
        (("symbol", symbol),),
        PremiumIndexWire,
        weight=1,
        is_signed=False,
        attempts=1,
    )
    if isinstance(index, Failure):
        return index.as_read_failed(f"funding rate of {symbol}")
    infos = only(
        symbol,
        await rest.read_rows(
            "/fapi/v1/fundingInfo",
            (),
            FundingInfoWire,
            key="symbol",
            weight=1,
            is_signed=False,
            attempts=1,
        ),
        single=True,
    )
    if isinstance(infos, Failure):
        return infos.as_read_failed("funding intervals")
    hours = next((row.funding_interval_hours for row in infos.rows), None)
    try:
        return FundingTerms(
            rate=finite(index.last_funding_rate),
            interval_h=USUAL_INTERVAL_H if hours is None else finite(hours),
            next_at=moment(index.next_funding_time),
        )
    except Unreadable as error:
        return ReadFailed(reason=f"funding rate of {symbol}: {error}")
