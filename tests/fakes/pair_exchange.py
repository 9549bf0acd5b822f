"""Both exchanges as a tiny pure model: takes orders, decides their fates, tells in disorder.

Everything random comes from one ``Random``, so a failing run repeats. The model keeps what really
happened (its own coins and short); the trade only learns what it is told.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random

from tests.fakes.pair import D
from trading_platform_order.domain.money import floor_to_step
from trading_platform_order.domain.order import Fill, Leg, Order, OrderReport, OrderSide
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.report_events import events_of_report

STEP = {Leg.SPOT: D("0.00000001"), Leg.HEDGE: D("0.001")}
PRICE = {Leg.SPOT: D(140_000_000), Leg.HEDGE: D(100_000)}


@dataclass(slots=True, kw_only=True)
class _Held:
    order: Order
    fills: list[Fill]
    is_open: bool
    exists: bool = True

    @property
    def executed(self) -> Decimal:
        return sum((fill.quantity for fill in self.fills), D(0))


class PairExchange:
    """Both at once.

    Args:
        random: decides everything.
        spot: coins of the strategy at the start.
        short: its short at the start.
        bad_outcomes: how many orders may meet one, so that the run must come to an end.
        series: begins the trade ids, which are unique on an exchange for ever.
    """

    def __init__(
        self, random: Random, *, spot: Decimal, short: Decimal, bad_outcomes: int, series: str = ""
    ) -> None:
        self.coins, self.short = spot, short
        self.awaiting_fills: list[tuple[te.TradeEvent, ...]] = []
        self._random = random
        self._bad_left = bad_outcomes
        self._orders: dict[str, _Held] = {}
        self._late: list[str] = []
        self._trade_ids = (f"{series}{number}" for number in itertools.count(1))

    # -- what the engine does ----------------------------------------------------------------------

    def send(self, order: Order, now: datetime) -> None:
        """An order arrives, or seems to; what is told of it goes to ``awaiting_fills``."""
        assert order.client_order_id not in self._orders, "the same id was sent twice"
        outcome = self._outcome(order)
        name = order.client_order_id
        if outcome in {"refused", "refused_for_now", "reduce_only_rejected"}:
            self._tell(
                te.OrderRefused(
                    client_order_id=name,
                    code=outcome,
                    message="",
                    retryable=outcome == "refused_for_now",
                    retry_after_s=self._random.choice((None, 1.0, 60.0)),
                    at=now,
                )
            )
            return
        held = _Held(order=order, fills=[], is_open=False, exists=outcome != "lost")
        self._orders[name] = held
        if outcome == "lost":
            if self._random.random() < 0.3:
                self._late.append(name)
            self._tell(te.OrderUnanswered(client_order_id=name, reason="time-out", at=now))
            return
        self._match(held, now, part=outcome in {"part", "working"})
        held.is_open = outcome == "working"
        if outcome == "unanswered":
            self._tell(te.OrderUnanswered(client_order_id=name, reason="time-out", at=now))
        else:
            self._report(held, now)

    def look_up(self, order: Order, now: datetime) -> None:
        """Asked for one order: it is told, or proven absent; sometimes the read fails."""
        held = self._orders.get(order.client_order_id)
        if held is None or self._random.random() < 0.2:
            return
        if held.exists:
            self._report(held, now)
            return
        evidence = "nowhere"
        self._tell(
            te.OrderProvenAbsent(client_order_id=order.client_order_id, evidence=evidence, at=now)
        )

    def cancel(self, order: Order, now: datetime) -> None:
        """Asked to end one; sometimes the request is lost."""
        held = self._orders[order.client_order_id]
        lost = self._bad_left > 0 and self._random.random() < 0.5
        if lost:
            self._bad_left -= 1
        if lost or not held.is_open:
            return
        if self._random.random() < 0.3:
            self._match(held, now, part=True)
        held.is_open = False

    def something_late(self, now: datetime) -> bool:
        """An order that was called absent arrives after all; false if there is none left."""
        if not self._late:
            return False
        held = self._orders[self._late.pop()]
        held.exists = True
        self._match(held, now, part=False)
        self._report(held, now)
        return True

    def next_news(self) -> tuple[te.TradeEvent, ...]:
        """Some of what is untold, in any order, now and then twice."""
        if not self.awaiting_fills:
            return ()
        index = self._random.randrange(len(self.awaiting_fills))
        news = self.awaiting_fills[index]
        if self._random.random() < 0.8:
            del self.awaiting_fills[index]
        return news

    # -- inside ------------------------------------------------------------------------------------

    def _outcome(self, order: Order) -> str:
        if order.reduce_only and self.short <= 0:
            return "reduce_only_rejected"
        if self._bad_left <= 0 or self._random.random() < 0.3:
            return "filled"
        self._bad_left -= 1
        return self._random.choice(
            ("part", "working", "refused", "refused_for_now", "unanswered", "lost")
        )

    def _match(self, held: _Held, now: datetime, *, part: bool) -> None:
        order = held.order
        step, price = STEP[order.leg], PRICE[order.leg]
        rest = order.quantity - held.executed
        if part:
            rest = floor_to_step(rest * D(str(round(self._random.random(), 3))), step)
        if order.reduce_only:
            rest = min(rest, max(self.short, D(0)))
        while rest > 0:
            slice_ = rest
            if self._random.random() < 0.5:
                slice_ = max(floor_to_step(rest / 2, step), step)
            self._fill(held, slice_, price, now)
            rest -= slice_

    def _fill(self, held: _Held, quantity: Decimal, price: Decimal, now: datetime) -> None:
        order = held.order
        signed = quantity if order.side is OrderSide.BUY else -quantity
        if order.leg is Leg.SPOT:
            self.coins += signed
        else:
            self.short -= signed
        held.fills.append(
            Fill(
                exchange=order.exchange,
                symbol=order.symbol,
                client_order_id=order.client_order_id,
                trade_id=next(self._trade_ids),
                side=order.side,
                quantity=quantity,
                price=price,
                fee=quantity * price * D("0.0005"),
                fee_asset="KRW" if order.leg is Leg.SPOT else "USDT",
                at=now,
            )
        )

    def _report(self, held: _Held, now: datetime) -> None:
        """The state now, with all, some or none of its fills (a stream tells them one by one)."""
        order = held.order
        told = [fill for fill in held.fills if self._random.random() < 0.8]
        report = OrderReport(
            exchange=order.exchange,
            symbol=order.symbol,
            client_order_id=order.client_order_id,
            exchange_order_id="x",
            side=order.side,
            type=order.type,
            quantity=order.quantity,
            price=None,
            executed_quantity=held.executed,
            is_open=held.is_open,
            fills=tuple(told),
        )
        self._tell(*events_of_report(report, now))

    def _tell(self, *events: te.TradeEvent) -> None:
        self.awaiting_fills.append(events)
