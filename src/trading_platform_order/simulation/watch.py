"""Looks over the engine's shoulder: what it commits, against the exchanges' state at that moment.

A limit must hold when an entry is accepted, not at the end of the run; so it is recomputed here
from what the exchanges hold when the commit is made, and from the orders that may still fill.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec

from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, OrderSide, Venue
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade_events import TradeOpened
from trading_platform_order.simulation.checkers import forced_ids, placed_orders
from trading_platform_order.simulation.exchange_fills import own_fills
from trading_platform_order.simulation.stage import Stage
from trading_platform_order.storage.base import Entry

KST = timezone(timedelta(hours=9))
ROOM = Decimal("1.06")
"""The engine's books are milliseconds old and prices jump by up to 2 %; the owner's transfers are
known to it only after the next comparison."""


class Watch:
    """Observes one stage.

    Attributes:
        urgent: how many urgent alerts were made durable, by kind.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.urgent: dict[str, int] = {}
        stage.observers.append(self._observe)

    def _observe(self, entries: Sequence[Entry], alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            if alert.urgent:
                self.urgent[alert.kind] = self.urgent.get(alert.kind, 0) + 1
        for entry in entries:
            if entry.kind == "trade_opened":
                opened = msgspec.json.decode(entry.body, type=TradeOpened)
                if opened.signal.action is Action.ENTER:
                    self._stage.report.violations += self.over_limits(opened)

    def over_limits(self, opened: TradeOpened) -> Iterable[str]:
        """Every limit that this entry breaks, a line each."""
        limits, world = self._stage.setup.settings.limits, self._stage.world
        state, rate = world.state(), world.upbit.prices["KRW-USDT"]
        new = {leg: _value_krw(opened, leg, rate) for leg in Leg}
        for leg, value_krw in new.items():
            if value_krw > limits.order_krw_max * ROOM:
                yield _line(opened, f"{leg} order", value_krw, limits.order_krw_max)
        turnover_krw = self._turnover(state, rate) + sum(new.values(), ZERO)
        if turnover_krw > limits.daily_turnover_krw_max * ROOM:
            yield _line(opened, "turnover", turnover_krw, limits.daily_turnover_krw_max)
        margin_krw = Decimal(state["binance"]["margin_balance_usdt"]) * rate
        pairs_krw, shorts_krw = self._exposure(state, rate)
        allowed_krw = self._own_equity(margin_krw) * limits.position_fraction
        if pairs_krw + max(new.values()) > allowed_krw * ROOM:
            yield _line(opened, "position", pairs_krw + max(new.values()), allowed_krw)
        notional_krw, most_krw = shorts_krw + new[Leg.HEDGE], margin_krw * limits.leverage_max
        if notional_krw > most_krw * ROOM:
            yield _line(opened, "hedge notional", notional_krw, most_krw)

    def _own_equity(self, margin_krw: Decimal) -> Decimal:
        prices = self._stage.world.upbit.prices
        coins_krw = sum((n * prices[f"KRW-{base}"] for base, n in self._own_coins().items()), ZERO)
        return self._stage.world.upbit.totals.get("KRW", ZERO) + coins_krw + margin_krw

    def _own_coins(self) -> dict[str, Decimal]:
        stage = self._stage
        totals, owner = stage.world.upbit.totals, stage.owner
        return {
            base: totals.get(base, ZERO) - owner.coins.get(base, ZERO) for base in stage.setup.bases
        }

    def _exposure(self, state: Mapping[str, Any], rate: Decimal) -> tuple[Decimal, Decimal]:
        """Value of all pairs at their larger leg, and of all shorts; what may still fill counts."""
        prices, positions = self._stage.world.upbit.prices, state["binance"]["positions"]
        coming = self._coming(state)
        pairs = shorts = ZERO
        for base, coins in self._own_coins().items():
            row = positions.get(f"{base}USDT", {"quantity": "0", "mark_price": "0"})
            short = max(-Decimal(row["quantity"]), ZERO) + coming[base, Leg.HEDGE]
            price_krw = prices[f"KRW-{base}"]
            short_krw = short * (Decimal(row["mark_price"]) * rate or price_krw)
            pairs += max((coins + coming[base, Leg.SPOT]) * price_krw, short_krw)
            shorts += short_krw
        return pairs, shorts

    def _coming(self, state: Mapping[str, Any]) -> Mapping[tuple[str, Leg], Decimal]:
        """What orders of unfinished trades may still add, by what the exchanges have filled."""
        filled: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for placed in placed_orders(state):
            filled[placed.client_order_id] += placed.executed
        coming: dict[tuple[str, Leg], Decimal] = defaultdict(lambda: ZERO)
        for trade in self._stage.engine.executor.trades.values():
            for order in trade.unresolved:
                adds = OrderSide.BUY if order.leg is Leg.SPOT else OrderSide.SELL
                if order.side is adds:
                    left = order.quantity - filled[order.client_order_id]
                    coming[trade.base, order.leg] += max(left, ZERO)
        return coming

    def _turnover(self, state: Mapping[str, Any], rate: Decimal) -> Decimal:
        """Value of today's fills of ours (KST), both legs, KRW."""
        today = self._stage.clock.now().astimezone(KST).date()
        return sum(
            (
                fill.price * fill.quantity * (rate if fill.venue is Venue.BINANCE else 1)
                for fill in own_fills(state, self._stage.owner.order_ids | forced_ids(state))
                if fill.at.astimezone(KST).date() == today
            ),
            ZERO,
        )


def _line(opened: TradeOpened, what: str, value: Decimal, limit: Decimal) -> str:
    signal_id = opened.signal.id
    return f"entry {signal_id} accepted over a limit: {what} {value:.0f} KRW, limit {limit:.0f}"


def _value_krw(opened: TradeOpened, leg: Leg, rate: Decimal) -> Decimal:
    prices = opened.decision
    price = prices.spot_mid_krw if leg is Leg.SPOT else prices.hedge_mid_usdt * rate
    return sum((o.quantity * price for o in opened.orders if o.leg is leg), ZERO)
