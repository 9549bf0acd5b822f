"""What watches over both legs between trades: a lost leg, conditional orders, the streams."""

import asyncio

from trading_platform_order.executor.account.account_service import AccountKeeper
from trading_platform_order.executor.account.leg_loss import LegLossHooks, OneLeg
from trading_platform_order.executor.intake.signal_intake import Intake
from trading_platform_order.executor.intake.symbol_queue import SymbolQueues
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.protection.cancel_countdown import Countdown
from trading_platform_order.executor.protection.protective_stops import Protector
from trading_platform_order.executor.task_tracker import Work
from trading_platform_order.executor.trades.trade_registry import TradeRegistry
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
        registry: TradeRegistry,
        queues: SymbolQueues,
        intake: Intake,
        keeper: AccountKeeper,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        work: Work,
    ) -> None:
        self.one_leg = OneLeg(
            hooks=LegLossHooks(
                trades=lambda: registry.trades,
                trade_of=registry.trade_of,
                hand_late=registry.hand_late,
                request_position_check=queues.request_position_check,
                begun=queues.begun,
                alone=queues.alone,
                begin_next=intake.begin_next,
            ),
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
            is_busy=registry.is_trading,
            request_position_check=queues.request_position_check,
        )
        self._countdown = Countdown(
            ports=ports,
            settings=settings,
            running=lambda: list(registry.running_trades()),
        )
        self.news = PrivateNews(
            registry=registry,
            queues=queues,
            keeper=keeper,
            one_leg=self.one_leg,
            protector=self.protector,
            work=work,
            clock=ports.clock,
        )

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
        """Compare both legs with the exchanges."""
        await self.one_leg.check(base)
        await self.protector.position_ended(base)
