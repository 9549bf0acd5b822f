"""The core against the model exchanges, until the trade has ended."""

from datetime import datetime, timedelta
from random import Random

from tests.fakes.pair import pair_view
from tests.fakes.pair_exchange import PairExchange
from trading_platform_order.domain.trade import next_step as ns
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState, apply

STEPS_MAX = 5_000


class PairRun:
    """One trade; ``events`` is its journal."""

    def __init__(self, opened: te.TradeOpened, exchange: PairExchange, random: Random) -> None:
        self.exchange = exchange
        self.now: datetime = opened.at
        self.trade: PairTrade = apply(None, opened)
        self.events: list[te.TradeEvent] = [opened]
        self._random = random
        for order in opened.orders:
            exchange.send(order, self.now)

    def to_the_end(self) -> None:
        """Until settled and nothing late is to come, or halted."""
        for _ in range(STEPS_MAX):
            if self.trade.state is TradeState.HALTED:
                return
            if self.trade.state is TradeState.SETTLED and not self.exchange.awaiting_fills:
                if not self.exchange.something_late(self.now):
                    return
            elif self._random.random() < 0.5 or self.trade.state is TradeState.SETTLED:
                self._learn(*self.exchange.next_news())
            else:
                self._act()
        raise AssertionError(f"not ended after {STEPS_MAX} steps: {self.trade}")

    def _learn(self, *events: te.TradeEvent) -> None:
        for event in events:
            after = apply(self.trade, event)
            if after is not self.trade:
                self.events.append(event)
                self.trade = after

    def _act(self) -> None:
        step = ns.next_step(self.trade, pair_view(now=self.now), self.now)
        for command in step.commands:
            self._carry_out(command)
        self.now += timedelta(milliseconds=self._random.choice((1, 50, 400, 3_000)))
        if not step.commands and step.ask_again_at is not None and not self.exchange.awaiting_fills:
            self.now = max(self.now, step.ask_again_at)

    def _carry_out(self, command: ns.Command) -> None:
        now = self.now
        match command:
            case ns.LookUp():
                self.exchange.look_up(command.order, now)
            case ns.CancelOrder():
                name = command.order.client_order_id
                self._learn(te.CancelSent(client_order_id=name, reason=command.reason, at=now))
                self.exchange.cancel(command.order, now)
            case ns.PlanOrders():
                assert not self.trade.unresolved, "sent while something is open or unknown"
                planned = te.OrdersPlanned(orders=command.orders, reason=command.reason, at=now)
                self._learn(planned)
                for order in command.orders:
                    self.exchange.send(order, now)
            case ns.ReadHedgePosition():
                held = self.trade.holding.short
                left = min(max(self.exchange.short, type(held)(0)), held)
                self._learn(te.HedgePositionRead(short_before=held, short_now=left, at=now))
            case ns.ReadCoins():
                held = self.trade.holding.spot
                self._learn(te.CoinsRead(coins_before=held, coins_now=held, at=now))
            case ns.CallOperator():
                self._learn(te.OperatorCalled(reason=command.reason, at=now))
            case ns.Settle():
                self._learn(self._settled(command))
            case ns.Halt():
                self._learn(te.TradeHalted(reason=command.reason, at=now))

    def _settled(self, command: ns.Settle) -> te.TradeSettled:
        return te.TradeSettled(
            outcome=command.outcome,
            holding=self.trade.holding,
            naked_ms=self.trade.naked_ms,
            naked_krw_max=self.trade.naked_krw_max,
            signal_to_wire_us=None,
            at=self.now,
        )
