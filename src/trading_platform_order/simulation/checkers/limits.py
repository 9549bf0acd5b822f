"""Recomputes every limit at the moment an entry is accepted, from what the exchanges hold then.

A limit must hold when an entry is accepted, not at the end of the run: so the figures are taken
from the exchanges' state when the commit is made, and from the orders that may still fill.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from exchange_simulator.binance.market_data.symbols import known_rules
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, Purpose
from trading_platform_order.domain.order_identity.client_order_id import read_client_order_id
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.risk.monitors.margin import runway_shortfall_usdt
from trading_platform_order.simulation.checkers.exchange_fills import naked_fills
from trading_platform_order.simulation.checkers.figures.account_oracle import AccountTruth, truth_of
from trading_platform_order.simulation.testbed.bed_snapshot import journalled_trade_ids
from trading_platform_order.simulation.testbed.testbed import START, TestBed
from trading_platform_order.storage.base import Entry

ROOM = Decimal("1.06")
"""The engine's books are milliseconds old and prices jump by up to 2 %; the owner's transfers are
known to it only after the next comparison."""

UPBIT_MINIMUM_KRW = Decimal(5_000)
HOUR_S = 3_600.0
MINUTE_S = 60.0
CLOCK_IS_WRONG = frozenset({"clock_jump", "clock_drift"})

Over = Iterator[tuple[str, Decimal, Decimal]]
"""What is too much, how much it is, and its limit."""


class LimitChecker:
    """Observes one stage.

    Attributes:
        urgent: how many urgent alerts were made durable, by kind.
    """

    def __init__(self, testbed: TestBed) -> None:
        self._testbed = testbed
        self.urgent: dict[str, int] = {}
        self._entered: deque[tuple[float, str]] = deque()
        testbed.observers.append(self._observe)

    def _observe(self, entries: Sequence[Entry], alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            if alert.urgent:
                self.urgent[alert.kind] = self.urgent.get(alert.kind, 0) + 1
        for entry in entries:
            if entry.kind == "trade_opened":
                opened = msgspec.json.decode(entry.body, type=TradeOpened)
                if opened.signal.action is Action.ENTER:
                    self._testbed.report.violations += self.over_limits(opened)
                    self._testbed.report.violations += self._too_often(opened)

    def over_limits(self, opened: TradeOpened) -> Iterable[str]:
        """Every limit that this entry breaks, a line each."""
        state = self._testbed.world.accounts()
        truth = truth_of(self._testbed, state)
        new = {leg: _value_krw(opened, leg, truth.rate) for leg in Leg}
        for what, value, limit in (
            *self._over_caps(truth, new),
            *self._over_capital(truth, new, opened.signal.symbol, self._unheard(state)),
            *self._over_margin(truth, new[Leg.HEDGE]),
        ):
            if value > limit * ROOM:
                yield _line(opened, what, value, limit)
        minimum = {
            Leg.SPOT: UPBIT_MINIMUM_KRW,
            Leg.HEDGE: _min_notional_usdt(opened.signal.symbol) * truth.rate,
        }
        for leg, value_krw in new.items():
            if value_krw * ROOM < minimum[leg]:
                yield _line(opened, f"{leg} below its minimum", value_krw, minimum[leg])

    def _over_caps(self, truth: AccountTruth, new: dict[Leg, Decimal]) -> Over:
        limits = self._testbed.setup.settings.limits
        for leg, value_krw in new.items():
            yield f"{leg} order", value_krw, limits.order_krw_max
        both_krw = sum(new.values(), ZERO)
        yield "trade", both_krw, limits.trade_krw_max
        yield "turnover", truth.heard_turnover_krw + both_krw, limits.daily_turnover_krw_max
        if truth.is_heard and self._loss_is_known():
            yield "hourly loss", -truth.pnl_krw, limits.hourly_loss_krw_max

    def _loss_is_known(self) -> bool:
        """All of it within this hour, and no trade under way whose fills are not told yet."""
        testbed = self._testbed
        is_first_hour = (testbed.clock.now() - START).total_seconds() < HOUR_S
        return is_first_hour and testbed.engine.executor.running == 0

    def _over_capital(
        self, truth: AccountTruth, new: dict[Leg, Decimal], base: str, unheard: set[str]
    ) -> Over:
        limits, pair_krw = self._testbed.setup.settings.limits, max(new.values())
        equity_krw, pairs = truth.equity_krw, truth.pairs_krw
        all_krw = sum((krw for one, krw in pairs.items() if one not in unheard), pair_krw)
        yield "position", all_krw, equity_krw * limits.position_fraction
        if base not in unheard:
            symbol_krw = pairs.get(base, ZERO) + pair_krw
            yield f"{base} position", symbol_krw, equity_krw * limits.symbol_fraction
        if not self._testbed.owner.moved:  # known to the engine only after its next comparison
            yield "KRW needed", new[Leg.SPOT], truth.free_krw

    def _over_margin(self, truth: AccountTruth, hedge_krw: Decimal) -> Over:
        limits = self._testbed.setup.settings.limits
        margin_krw = truth.margin_usdt * truth.rate
        notional_krw = truth.shorts_usdt * truth.rate + hedge_krw
        yield "hedge notional", notional_krw, margin_krw * limits.leverage_max
        rise = limits.runway_fraction
        missing_krw = runway_shortfall_usdt(
            balance_usdt=margin_krw,
            notional_usdt=notional_krw,
            maintenance_rate=limits.maintenance_rate,
            rise=rise,
        )
        yield f"margin for a rise of {rise:%}", margin_krw + missing_krw, margin_krw

    def _unheard(self, state: Mapping[str, Any]) -> set[str]:
        """Base assets in which an order of lost rows arrived that no engine has heard of.

        Nobody can count it before a sweep finds it; then the stop is set, and nothing is entered.
        """
        opened = {
            (name.key, fill.base)
            for fill in naked_fills(state, self._testbed.owner.order_ids)
            if (name := read_client_order_id(fill.client_order_id)) is not None
            and name.purpose is Purpose.OPEN
        }
        known = journalled_trade_ids(self._testbed.connection) if opened else frozenset()
        return {base for key, base in opened if key not in known}

    def _too_often(self, opened: TradeOpened) -> Iterable[str]:
        """No more entries within a minute than allowed, unless the engine's clock misleads it."""
        testbed, now_s = self._testbed, self._testbed.clock.now().timestamp()
        while self._entered and now_s - self._entered[0][0] >= MINUTE_S:
            self._entered.popleft()
        known = journalled_trade_ids(testbed.connection)
        # Rows that are lost take their entries along: nobody can count them.
        count = 1 + sum(trade_id in known for _, trade_id in self._entered)
        self._entered.append((now_s, opened.trade_id))
        most = testbed.setup.settings.limits.entries_per_minute_max
        if count > most and not CLOCK_IS_WRONG & testbed.report.faults.keys():
            yield f"entry {opened.signal.id} was the number {count} in a minute, limit {most}"


def _line(opened: TradeOpened, what: str, value: Decimal, limit: Decimal) -> str:
    signal_id = opened.signal.id
    return f"entry {signal_id} accepted over a limit: {what} {value:.0f} KRW, limit {limit:.0f}"


def _min_notional_usdt(base: str) -> Decimal:
    rules = known_rules().get(f"{base}USDT")
    return rules.min_notional if rules else ZERO


def _value_krw(opened: TradeOpened, leg: Leg, rate: Decimal) -> Decimal:
    prices = opened.decision
    price = prices.spot_mid_krw if leg is Leg.SPOT else prices.hedge_mid_usdt * rate
    return sum((o.quantity * price for o in opened.orders if o.leg is leg), ZERO)
