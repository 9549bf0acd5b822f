"""Plays one pair trade by hand: what happened goes in, what the core wants next comes out."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tests.fakes.pair import POLICY, RULES, START, VIEW, D, seconds
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.order import Fill, Leg, Order
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import next_step as ns
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.trade.sizing import PairPlan, plan_pair

_trade_ids = itertools.count(1)


class Script:
    """One trade and the time it lives in."""

    def __init__(
        self,
        signal: Signal,
        *,
        start: te.Holding | None = None,
        policy: te.TradePolicy = POLICY,
        view: PairView = VIEW,
    ) -> None:
        plan = plan_pair(
            signal,
            view=view,
            holding=start or te.Holding(),
            equity_krw=D(100_000_000),
            rules=RULES,
            policy=policy,
        )
        assert isinstance(plan, PairPlan), plan
        self.now = START
        self.opened = te.TradeOpened(
            trade_id=plan.trade_id,
            signal=signal,
            start=plan.start,
            target=plan.target,
            decision=plan.decision,
            policy=policy,
            orders=plan.orders,
            at=START,
        )
        self.trade: PairTrade = apply(None, self.opened)
        self.events: list[te.TradeEvent] = [self.opened]

    # -- what the core says ------------------------------------------------------------------------

    def step(self, view: PairView | None = VIEW) -> ns.NextStep:
        return ns.next_step(self.trade, view, self.now)

    def only(self, view: PairView | None = VIEW) -> ns.Command:
        """The one command of this moment."""
        commands = self.step(view).commands
        assert len(commands) == 1, commands
        return commands[0]

    def planned(self, view: PairView = VIEW) -> Order:
        """The one corrective order the core wants now, taken as journalled."""
        orders = self.planned_all(view)
        assert len(orders) == 1, orders
        return orders[0]

    def planned_all(self, view: PairView = VIEW) -> tuple[Order, ...]:
        command = self.only(view)
        assert isinstance(command, ns.PlanOrders), command
        self.happened(te.OrdersPlanned(orders=command.orders, reason=command.reason, at=self.now))
        return command.orders

    def settles(self, view: PairView | None = VIEW) -> te.TradeOutcome:
        """The trade is done now; returns how."""
        command = self.only(view)
        assert isinstance(command, ns.Settle), command
        self.happened(
            te.TradeSettled(
                outcome=command.outcome,
                holding=self.trade.holding,
                naked_ms=self.trade.naked_ms,
                naked_krw_max=self.trade.naked_krw_max,
                signal_to_wire_us=None,
                at=self.now,
            )
        )
        return command.outcome

    def waits(self, view: PairView | None = VIEW) -> datetime:
        """Nothing to do now; returns when to ask again."""
        step = self.step(view)
        assert step.commands == ()
        assert step.ask_again_at is not None
        return step.ask_again_at

    # -- what happens ------------------------------------------------------------------------------

    def after(self, time_s: float) -> "Script":
        self.now += seconds(time_s)
        return self

    def happened(self, *events: te.TradeEvent) -> None:
        for event in events:
            self.trade = apply(self.trade, event)
            self.events.append(event)

    def of(self, leg: Leg) -> Order:
        """The newest order of a leg."""
        return next(order for order in reversed(self.trade.orders) if order.leg is leg)

    def filled(
        self, order: Order, quantity: Decimal | str | None = None, *, price: Decimal | None = None
    ) -> None:
        """It ended with this much filled (all of it if not said), and everything is told."""
        amount = order.quantity if quantity is None else D(quantity)
        if amount:
            self.happened(self.fill(order, amount, price=price))
        self.ended(order, amount)

    def fill(self, order: Order, quantity: Decimal, *, price: Decimal | None = None) -> te.FillSeen:
        if price is None:
            decision = self.trade.decision
            spot = order.leg is Leg.SPOT
            price = decision.spot_mid_krw if spot else decision.hedge_mid_usdt
        told = Fill(
            exchange=order.exchange,
            symbol=order.symbol,
            client_order_id=order.client_order_id,
            trade_id=f"t{next(_trade_ids)}",
            side=order.side,
            quantity=quantity,
            price=price,
            fee=D(0),
            fee_asset="KRW" if order.leg is Leg.SPOT else "USDT",
            at=self.now,
        )
        return te.FillSeen(fill=told, at=self.now)

    def ended(self, order: Order, executed: Decimal | str) -> None:
        self.happened(
            te.OrderEnded(
                client_order_id=order.client_order_id,
                exchange_order_id="x",
                executed_quantity=D(executed),
                at=self.now,
            )
        )

    def accepted(self, order: Order, executed: str = "0") -> None:
        self.happened(
            te.OrderAccepted(
                client_order_id=order.client_order_id,
                exchange_order_id="x",
                executed_quantity=D(executed),
                at=self.now,
            )
        )

    def refused(
        self,
        order: Order,
        *,
        code: str = "insufficient_funds",
        retryable: bool = False,
        retry_after_s: float | None = None,
        hindrance: Hindrance | None = None,
    ) -> None:
        self.happened(
            te.OrderRefused(
                client_order_id=order.client_order_id,
                code=code,
                message="",
                retryable=retryable,
                retry_after_s=retry_after_s,
                hindrance=hindrance,
                at=self.now,
            )
        )

    def unanswered(self, order: Order) -> None:
        self.happened(
            te.OrderUnanswered(
                client_order_id=order.client_order_id, reason="time-out", at=self.now
            )
        )

    def absent(self, order: Order) -> None:
        self.happened(
            te.OrderProvenAbsent(
                client_order_id=order.client_order_id, evidence="nowhere", at=self.now
            )
        )


def commands_of(step: ns.NextStep) -> Sequence[str]:
    """Names of the commands, sorted."""
    return sorted(type(command).__name__ for command in step.commands)
