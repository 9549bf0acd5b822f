"""An exchange behind the port, with scripted fates for orders. Time is the loop's; all is exact."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from tests.fakes.orders import FakeOrders
from tests.fakes.pair import HEDGE, SPOT, D
from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.order import (
    Balance,
    Order,
    Position,
)
from trading_platform_order.domain.outcome import (
    FundingPayment,
    ReadFailed,
    SendOutcome,
    Transfer,
)
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import HedgeExchange, MarginAccount, SpotExchange
from trading_platform_order.exchanges.port.stream_events import (
    BalancesChanged,
    FundingSettled,
    MarketSink,
    PositionChanged,
    PrivateSink,
    StreamUp,
)

FORCED = {
    "adl_": Cause.ADL,
    "": Cause.LIQUIDATION,
    "settlement_": Cause.SETTLEMENT,
    "delivery_": Cause.SETTLEMENT,
}
"""What comes before ``autoclose`` in the ids of orders that the exchange places by itself."""


class FakeExchange(FakeOrders, SpotExchange, HedgeExchange):
    """One venue: orders as in :class:`FakeOrders`, its account and its streams."""

    def rate_room(self) -> float:
        return self.room

    def prepared(self, order: Order) -> Callable[[], Awaitable[SendOutcome]]:
        self.happened.append(f"signed {order.client_order_id[-3:]}")
        return super().prepared(order)

    def tell_position(self) -> None:
        """The private stream tells the position."""
        if self._sink is not None:
            self._sink(PositionChanged(exchange=self.venue, symbol="BTCUSDT", quantity=self.base))

    def tell_balance(self) -> None:
        """The private stream tells the coins."""
        if self._sink is not None:
            coins = Balance(asset="BTC", available=self.base, locked=D(0))
            self._sink(BalancesChanged(exchange=self.venue, balances=(coins,)))

    async def countdown(self, symbol: str, wait_ms: int) -> ReadFailed | None:
        await asyncio.sleep(self.read_s)
        if self.reads_fail:
            return ReadFailed(reason="no answer")
        self.countdowns.append((round(asyncio.get_running_loop().time(), 2), symbol, wait_ms))
        return None

    # -- account -----------------------------------------------------------------------------------

    async def balances(self) -> Rows[Balance] | ReadFailed:
        self.asked["balances"] += 1
        if self.reads_fail:
            await asyncio.sleep(self.read_s)
            return ReadFailed(reason="no answer")
        seen = [Balance(asset="KRW", available=self.money, locked=D(0))]
        if self.base:
            free = self.base - self.locked
            seen.append(Balance(asset="BTC", available=free, locked=self.locked))
        others = self.others.items() if self.venue is Venue.UPBIT else ()
        seen += (Balance(asset=asset, available=coins, locked=D(0)) for asset, coins in others)
        await asyncio.sleep(self.read_s)
        self.during_balances()
        return Rows((row for row in seen if row.asset not in self.unread), self.unread)

    async def position(self, symbol: str) -> Position | ReadFailed:
        await asyncio.sleep(self.read_s)
        if self.reads_fail:
            return ReadFailed(reason="no answer")
        quantity = self.held(symbol)
        return Position(
            exchange=self.venue,
            symbol=symbol,
            quantity=quantity,
            entry_price=self.entry if quantity else D(0),
            mark_price=self.mark,
            liquidation_price=self.liquidation if quantity else D(0),
        )

    def forced_by(self, client_order_id: str) -> Cause | None:
        before, found, _ = client_order_id.partition("autoclose")
        return FORCED.get(before) if found else None

    async def margin(self) -> MarginAccount | ReadFailed:
        await asyncio.sleep(self.read_s)
        return MarginAccount(
            wallet_usdt=self.money,
            unrealised_usdt=D(0),
            margin_balance_usdt=self.money,
            maintenance_usdt=D(0),
            available_usdt=self.money,
        )

    async def account_settings(
        self, symbols: tuple[str, ...]
    ) -> AccountSettings | ReadFailed | None:
        del symbols
        return self.account

    async def transfers(self, asset: str, since: datetime) -> tuple[Transfer, ...] | ReadFailed:
        told = (row for row in self.transfer_list if row.asset == asset and row.at >= since)
        return tuple(sorted(told, key=lambda row: row.at))

    async def funding(self, since: datetime) -> Rows[FundingPayment] | ReadFailed:
        self.asked["funding"] += 1
        await asyncio.sleep(self.read_s)
        return Rows(payment for payment in self.funding_list if payment.at >= since)

    async def instrument(self, symbol: str) -> Instrument | ReadFailed:
        del symbol
        return SPOT if self.venue is Venue.UPBIT else HEDGE

    async def server_time(self) -> datetime | ReadFailed:
        return self.now()

    async def prepare_account(self) -> ReadFailed | None:
        return ReadFailed(reason="no answer") if self.reads_fail else None

    async def prepare_symbol(self, symbol: str, *, leverage: int) -> ReadFailed | None:
        del leverage
        return ReadFailed(reason=f"{symbol}: no answer") if self.reads_fail else None

    # -- streams -----------------------------------------------------------------------------------

    async def run_private_stream(self, sink: PrivateSink) -> None:
        self._sink = sink
        sink(StreamUp(exchange=self.venue))
        await asyncio.get_running_loop().create_future()

    def tell_funding(self) -> None:
        """The private stream tells that funding was settled."""
        assert self._sink is not None
        self._sink(FundingSettled(exchange=self.venue, at=self.now()))

    async def run_market_stream(self, symbols: tuple[str, ...], sink: MarketSink) -> None:
        del symbols, sink
        await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        """Nothing to close."""
