"""When anybody traded a market last: what tells a lasting price from a book that nobody meets."""

from datetime import datetime

import msgspec

from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.upbit.requests import errors, parse
from trading_platform_order.exchanges.upbit.requests.errors import Failure
from trading_platform_order.exchanges.upbit.requests.rest import TICKER, UpbitRest


class _Ticker(msgspec.Struct):
    market: str
    trade_timestamp: int


class LastTrade:
    """The part of the adapter that asks."""

    _rest: UpbitRest

    async def last_trade_at(self, symbol: str) -> datetime | ReadFailed:
        """The exchange's time of the last trade."""
        market = parse.to_wire(symbol)
        rows = await self._rest.read(
            "/v1/ticker", [("markets", market)], list[_Ticker], group=TICKER
        )
        if isinstance(rows, Failure):
            return errors.as_read_failed(rows, f"last trade of {symbol}")
        stamp = next((row.trade_timestamp for row in rows if row.market == market), None)
        if stamp is None:
            return ReadFailed(reason=f"upbit: no last trade of {symbol}")
        return parse.from_ms(stamp)
