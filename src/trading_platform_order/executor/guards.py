"""What watches over both legs between trades: a lost leg, conditional orders, the streams."""

import asyncio

from trading_platform_order.domain.order import Leg
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.leg_loss.leg_loss import LegLoss, LegLossHooks
from trading_platform_order.executor.account.leg_loss.leg_loss_booker import LegLossBooker
from trading_platform_order.executor.intake.signal_intake import Intake
from trading_platform_order.executor.intake.symbol_queue import SymbolQueues
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.protection.cancel_countdown import CancelCountdown
from trading_platform_order.executor.protection.protective_stops import ProtectiveStops
from trading_platform_order.executor.task_tracker import TaskTracker
from trading_platform_order.executor.trades.trade_registry import TradeRegistry
from trading_platform_order.executor.user_stream_router import UserStreamRouter


class Guards:
    """Of one engine.

    Attributes:
        leg_loss: notices a leg that is gone; protective_stops: keeps the conditional orders.
        news: what the private streams tell goes in here.
    """

    def __init__(
        self,
        *,
        registry: TradeRegistry,
        queues: SymbolQueues,
        intake: Intake,
        account: AccountService,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        tasks: TaskTracker,
    ) -> None:
        self.leg_loss = LegLoss(
            hooks=LegLossHooks(
                trades=lambda: registry.trades,
                unsettled=lambda: registry.unsettled,
                history=registry.history,
                trade_of=registry.trade_of,
                hand_late=registry.hand_late,
                request_position_check=queues.request_position_check,
                begun=queues.begun,
                alone=queues.alone,
                begin_next=intake.begin_next,
            ),
            account=account,
            ports=ports,
            settings=settings,
            booker=LegLossBooker(account=account, ports=ports, stops=account.book.stops.causes),
        )
        self.protective_stops = ProtectiveStops(
            account=account,
            ports=ports,
            settings=settings,
            tasks=tasks,
            is_busy=registry.is_trading,
            request_position_check=queues.request_position_check,
        )
        self._countdown = CancelCountdown(
            ports=ports,
            settings=settings,
            running=lambda: list(registry.running_trades()),
        )
        self.news = UserStreamRouter(
            registry=registry,
            queues=queues,
            account=account,
            leg_loss=self.leg_loss,
            protective_stops=self.protective_stops,
            tasks=tasks,
            exchanges=ports.exchanges,
            clock=ports.clock,
        )

    def start(self, group: asyncio.TaskGroup) -> None:
        """Run until the group ends."""
        group.create_task(self.leg_loss.run(), name="one leg")
        for leg in Leg:
            group.create_task(self.leg_loss.watch(leg), name=f"watch of the {leg} leg")
        group.create_task(self.protective_stops.run(), name="protector")
        group.create_task(self._countdown.run(), name="countdown")

    async def trade_ended(self, base: str) -> None:
        """A trade of this asset has settled or halted."""
        self.leg_loss.trade_ended(base)
        await self.protective_stops.position_ended(base)

    async def check(self, base: str) -> None:
        """Compare both legs with the exchanges."""
        await self.leg_loss.check(base)
        await self.protective_stops.position_ended(base)
