"""The first orders of a trade: on the wire in the same breath in which their intents are durable.

Nothing is awaited between the durable commit and the last of them, and nothing else is done for
the trade before: no runner is made, no next step asked for, nothing booked, told or logged. Only
what may forbid an order is looked at.
"""

import asyncio
from collections.abc import Awaitable

from trading_platform_order.domain.order import Order
from trading_platform_order.domain.outcome import SendOutcome
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.executor.task_tracker import TaskTracker


@value
class SentOrder:
    """An order that is on its way, and the outcome that its trade's runner waits for."""

    order: Order
    outcome: asyncio.Future[SendOutcome]


class FirstOrders:
    """Of one engine."""

    def __init__(self, *, ports: ExecutorPorts, tasks: TaskTracker) -> None:
        self._ports = ports
        self._tasks = tasks
        self._began_at = ports.clock.now()

    def may_have_gone(self, trade: PairTrade) -> bool:
        """It was opened before rows were lost, or asked for and may have been opened in them."""
        loss = self._ports.row_loss
        if loss is None:
            return False
        return trade.trade_id in loss.trades or loss.may_tell_of(
            trade.signal.created_at, began_at=self._began_at
        )

    def send(self, trade: PairTrade) -> tuple[SentOrder, ...]:
        """Write them, one after the other; those not written are the runner's to judge.

        Both are signed before the first one is written: what lies between the legs is one look
        at the lease and one write.
        """
        if self.may_have_gone(trade) or any(map(self._ports.barred, trade.orders)):
            return ()
        ready = [(order, self._ports.exchange_of(order).prepared(order)) for order in trade.orders]
        answers = [(order, write()) for order, write in ready]
        sent = []
        for order, answer in answers:
            name = f"answer {order.client_order_id}"
            outcome = self._tasks.begin(_outcome(answer), name=name)
            if outcome is not None:  # else the engine ends: the next one looks them up
                sent.append(SentOrder(order=order, outcome=outcome))
        return tuple(sent)

    def rehearse(self, trade: PairTrade) -> None:
        """Sign orders that are never sent."""
        for order in trade.orders:
            self._ports.exchange_of(order).rehearse(order)


async def _outcome(answer: Awaitable[SendOutcome]) -> SendOutcome:
    return await answer
