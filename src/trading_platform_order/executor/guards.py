"""What watches over the account beside the trades: one leg gone, stops on the hedge, countdowns."""

import asyncio
from collections.abc import Mapping

from trading_platform_order.executor.account.account_service import AccountKeeper
from trading_platform_order.executor.account.leg_loss import Engine, OneLeg
from trading_platform_order.executor.intake.symbol_queue import Lane, Work
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.protection.cancel_countdown import Countdown
from trading_platform_order.executor.protection.protective_stops import Protector
from trading_platform_order.executor.trades.trade_runner import TradeRunner
from trading_platform_order.executor.user_stream_router import PrivateNews


class Guards:
    """Of one engine.

    Attributes:
        one_leg: notices a leg that is gone; protector: keeps the conditional orders.
        news: what the private streams tell goes in here.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        keeper: AccountKeeper,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        work: Work,
        runners: Mapping[str, TradeRunner],
        lanes: Mapping[str, Lane],
    ) -> None:
        self._runners = runners
        self.one_leg = OneLeg(
            engine=engine,
            keeper=keeper,
            ports=ports,
            settings=settings,
            stops=keeper.book.stops.causes,
        )
        self.protector = Protector(
            keeper=keeper,
            ports=ports,
            settings=settings,
            work=work,
            is_busy=self._is_trading,
            look_between=engine.look_between,
        )
        self._countdown = Countdown(
            ports=ports,
            settings=settings,
            running=lambda: [runner.trade for runner in runners.values()],
        )
        self.news = PrivateNews(
            desk=engine,
            keeper=keeper,
            one_leg=self.one_leg,
            protector=self.protector,
            work=work,
            runners=runners,
            lanes=lanes,
            clock=ports.clock,
        )

    def _is_trading(self, base: str) -> bool:
        return any(runner.trade.base == base for runner in self._runners.values())

    def start(self, group: asyncio.TaskGroup) -> None:
        """Run until the group ends."""
        group.create_task(self.one_leg.run(), name="one leg")
        group.create_task(self.protector.run(), name="protector")
        group.create_task(self._countdown.run(), name="countdown")

    async def trade_ended(self, base: str) -> None:
        """A trade of this asset has settled or halted."""
        self.one_leg.trade_ended(base)
        await self.protector.position_ended(base)

    async def check(self, base: str) -> None:
        """Compare both legs with the exchanges; the caller holds the lane alone."""
        await self.one_leg.check(base)
        await self.protector.position_ended(base)
