"""Metrics that count what became durable: trades, refusals, orders, fills, alerts, connections.

Fed behind the journal like the log. A label only ever holds a word of ours, never a text that came
from outside: there would be no end of them, and a secret might be among them.
"""

from collections import OrderedDict
from datetime import datetime
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Histogram

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.alarms.incident import REMINDER
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order import Leg, Order
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_cost import cost_of
from trading_platform_order.executor.journal.event_codec import Event
from trading_platform_order.transport.decorators.watched_websockets import StreamChange, StreamState

OTHER = "other"
TRADES_MAX = 1_000
"""Trades under way of which the first fills are remembered."""

_WIRE_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_NAKED_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_KRW = (10_000.0, 100_000.0, 500_000.0, 1_000_000.0, 5_000_000.0, 10_000_000.0, 50_000_000.0)
_LAG_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Counters:
    """Of one engine, since it was started."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()

        #: the labels of each metric, for the documents
        self.labels: dict[str, tuple[str, ...]] = {}

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            self.labels[f"tporder_{name}"] = labels
            return Counter(f"tporder_{name}", meaning, labels, registry=registry)

        def histogram(name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
            self.labels[f"tporder_{name}"] = ()
            return Histogram(f"tporder_{name}", meaning, buckets=buckets, registry=registry)

        self._accepted = counter("signals_accepted", "Signals that became a pair trade.", "action")
        self._refused = counter(
            "signals_refused", "Signals that were not traded, by code.", "action", "code"
        )
        self._settled = counter(
            "trades_settled", "Pair trades that ended, by outcome.", "action", "outcome"
        )
        self._halted = counter("trades_halted", "Pair trades that gave up: an operator decides.")
        self._orders = counter("orders", "Orders that were planned.", "exchange", "purpose")
        self._order_refusals = counter(
            "order_refusals", "Orders that an exchange refused.", "exchange"
        )
        self._unanswered = counter(
            "orders_unanswered", "Orders whose outcome was unknown for a while.", "exchange"
        )
        self._fills = counter("fills", "Executions of our orders.", "exchange")
        self._fees = counter("trade_fees_krw", "Fees of the pair trades that ended, KRW.")
        self._slippage = histogram(
            "trade_slippage_krw",
            "Of each pair trade: what its fills were worse than the mids of the decision, KRW.",
            (0.0, 100.0, 500.0, 1_000.0, 5_000.0, 10_000.0, 50_000.0),
        )
        self._naked_s = histogram(
            "trade_naked_seconds", "Of each pair trade: how long its legs differed.", _NAKED_S
        )
        self._naked_krw = histogram(
            "trade_naked_max_krw", "Of each pair trade: the largest value unhedged, KRW.", _KRW
        )
        self._skew_s = histogram(
            "leg_skew_seconds",
            "Of each pair trade: between the first fills of both legs, as we learned of them.",
            _WIRE_S,
        )
        self._wire_s = histogram(
            "signal_to_wire_seconds",
            "From the signal to the last byte of both first orders.",
            _WIRE_S,
        )
        self._alerts = counter("alerts", "Alerts that were raised.", "kind", "urgent")
        self._connects = counter("stream_connects", "Connections that were opened.", "stream")
        self._losses = counter("stream_losses", "Connections that ended.", "stream")
        self._missed = counter(
            "facts_missed", "Facts that log and metrics left out; the journal has them."
        )
        self._lag = histogram(
            "event_loop_lag_seconds", "How late the event loop wakes a task.", _LAG_S
        )
        self._first_fills: OrderedDict[str, dict[Leg, datetime]] = OrderedDict()

    def event(self, event: Event, trade_id: str, trade: PairTrade | None) -> None:
        """One journal event."""
        match event:
            case te.TradeOpened():
                self._accepted.labels(event.signal.action).inc()
                self._planned(event.orders)
            case te.OrdersPlanned():
                self._planned(event.orders)
            case te.FillSeen():
                self._fills.labels(event.fill.exchange).inc()
                self._note_fill(event, trade_id, trade)
            case te.OrderRefused():
                self._order_refusals.labels(_exchange(event.client_order_id, trade)).inc()
            case te.OrderUnanswered():
                self._unanswered.labels(_exchange(event.client_order_id, trade)).inc()
            case te.TradeSettled():
                self._on_settled(event, trade_id, trade)
            case te.TradeHalted():
                self._halted.inc()
            case ae.SignalRefused():
                action = _known(event.action, Action)
                self._refused.labels(action, _known(event.code, RefusalCode)).inc()
            case _:
                pass

    def alert(self, alert: Alert, at: datetime) -> None:  # noqa: ARG002 - as every follower's
        """One alert; a repeat of it is none."""
        if REMINDER in alert.fields:
            return
        self._alerts.labels(_known(alert.kind, AlertKind), str(alert.urgent).lower()).inc()

    def stream(self, change: StreamChange) -> None:
        """A stream's connection changed."""
        if change.state is StreamState.CONNECTED:
            self._connects.labels(change.name).inc()
        elif change.state is StreamState.LOST:
            self._losses.labels(change.name).inc()

    def missed(self, facts: int) -> None:
        """Nothing is known of so many facts."""
        self._missed.inc(facts)

    def loop_lagged(self, lag_s: float) -> None:
        """A task was woken so much later than it asked for."""
        self._lag.observe(lag_s)

    def _planned(self, orders: tuple[Order, ...]) -> None:
        for order in orders:
            self._orders.labels(order.exchange, order.purpose).inc()

    def _note_fill(self, event: te.FillSeen, trade_id: str, trade: PairTrade | None) -> None:
        order = _order(event.fill.client_order_id, trade)
        if order is None:
            return
        leg = order.leg
        first = self._first_fills.setdefault(trade_id, {})
        if len(first) == len(Leg) or leg in first:
            return
        first[leg] = event.at
        if len(first) == len(Leg):
            skew = first[Leg.SPOT] - first[Leg.HEDGE]
            self._skew_s.observe(abs(skew.total_seconds()))
        if len(self._first_fills) > TRADES_MAX:
            self._first_fills.popitem(last=False)

    def _on_settled(self, event: te.TradeSettled, trade_id: str, trade: PairTrade | None) -> None:
        action = OTHER if trade is None else trade.action
        self._settled.labels(action, event.outcome).inc()
        self._naked_s.observe(event.naked_ms / 1_000)
        self._naked_krw.observe(float(event.naked_krw_max))
        if event.signal_to_wire_us is not None:
            self._wire_s.observe(event.signal_to_wire_us / 1_000_000)
        if trade is not None:
            cost = cost_of(trade)
            self._fees.inc(max(float(cost.fees_krw), 0.0))
            self._slippage.observe(float(cost.slippage_krw))
        self._first_fills.pop(trade_id, None)


def _known(word: str, words: type[StrEnum]) -> str:
    return word if word in words.__members__.values() else OTHER


def _order(client_order_id: str, trade: PairTrade | None) -> Order | None:
    orders = () if trade is None else trade.orders
    return next((order for order in orders if order.client_order_id == client_order_id), None)


def _exchange(client_order_id: str, trade: PairTrade | None) -> str:
    order = _order(client_order_id, trade)
    return OTHER if order is None else order.exchange
