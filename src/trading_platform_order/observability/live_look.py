"""One look at a running engine for :mod:`~trading_platform_order.observability.live_figures`.

From memory alone: nothing is read from an exchange or the store, and it costs what is open.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain

from trading_platform_order.domain.account.profit.pair_money import PriceNow
from trading_platform_order.domain.market import ANY_SOURCE, PairView
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, OrderStatus
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.order_executor import OrderExecutor
from trading_platform_order.executor.ports import ExecutorSettings, MarketPort
from trading_platform_order.observability.live_figures import FRESH_S, LiveFigures
from trading_platform_order.observability.live_gauges import (
    ExchangeHealth,
    compared,
    gauges_of,
)
from trading_platform_order.observability.loosened import Loosened
from trading_platform_order.risk.monitors.exit_cost import exit_cost_krw
from trading_platform_order.risk.monitors.margin import rise_to_liquidation, runway_shortfall_usdt

HOUR_S = 3_600.0
_PROBE = Signal(
    id="gauges",
    strategy="",
    action=Action.ENTER,
    symbol="",
    created_at=datetime(1970, 1, 1, tzinfo=UTC),
)
"""Nobody's: the limits of the whole account are asked for by way of a signal."""


def naked_krw(active: tuple[PairTrade, ...]) -> Decimal:
    """Value that stands without its other leg, KRW."""
    uneven = (trade for trade in active if trade.uneven_since is not None)
    return sum((abs(trade.gap) * trade.decision.spot_mid_krw for trade in uneven), ZERO)


def naked_s(active: tuple[PairTrade, ...], now: datetime) -> float:
    """How long the legs of the worst pair trade have differed, seconds."""
    return max((_naked_for_s(trade, now) for trade in active), default=0.0)


def _naked_for_s(trade: PairTrade, now: datetime) -> float:
    if trade.uneven_since is None:
        return 0.0
    return trade.naked_ms / 1_000 + max((now - trade.uneven_since).total_seconds(), 0.0)


def unknown_orders(active: tuple[PairTrade, ...]) -> int:
    """Orders whose outcome is unknown."""
    orders = chain.from_iterable(trade.orders for trade in active)
    return sum(order.status is OrderStatus.UNKNOWN for order in orders)


def active_trades(executor: OrderExecutor) -> tuple[PairTrade, ...]:
    """Those under way."""
    return tuple(trade for trade in executor.running_trades() if trade.is_active)


@dataclass(slots=True, kw_only=True)
class LiveLook:
    """Looks at one engine, and remembers since when it has been armed, stopped or waiting."""

    executor: OrderExecutor
    market: MarketPort
    settings: ExecutorSettings
    bases: tuple[str, ...]
    leverage: int
    profile: str = ""
    loosened: tuple[Loosened, ...] = ()
    _state: tuple[bool, str] | None = None
    _since: datetime | None = None

    def figures(self, now: datetime) -> LiveFigures:
        """As of now, calendar time."""
        executor, book = self.executor, self.executor.book
        waits_for = self._waits_for()
        active = active_trades(executor)
        account, views = executor.account, self._views(now)
        capital_krw = book.capital_krw()
        rise, usdt_to_move = self._margin()
        fraction = self.settings.limits.daily_loss_fraction
        day_loss_krw_max = None if capital_krw is None else capital_krw * fraction
        return LiveFigures(
            at=now,
            mode=self.settings.mode,
            since=self._known_since((account.stopped_reason is not None, waits_for), now),
            waits_for=waits_for,
            leverage=self.leverage,
            prices=tuple(_price(view) for view in views.values()),
            naked_krw=naked_krw(active),
            naked_s=naked_s(active, now),
            unknown_orders=unknown_orders(active),
            waiting_closes=len(executor.closes.waiting()),
            exit_cost_krw=self._exit_cost(views),
            liquidation_rise=rise,
            usdt_to_move=usdt_to_move,
            day_pnl_krw=book.day_and_hour_pnl_krw(now)[0],
            day_loss_krw_max=day_loss_krw_max,
            rate_age_s=max((view.ages.fx_s for view in views.values()), default=None),
            exchanges=tuple(self._health(leg, views) for leg in Leg),
            gauges=gauges_of(
                account.view(_PROBE, symbol_halted=False),
                self.settings.limits,
                day_loss_krw_max,
            ),
            compared=compared(
                account.counted, spot=account.venue(Leg.SPOT), hedge=account.venue(Leg.HEDGE)
            ),
            compared_at=account.counted_at,
            profile=self.profile,
            loosened=self.loosened,
        )

    def _health(self, leg: Leg, views: dict[str, PairView]) -> ExchangeHealth:
        account = self.executor.account
        calls = account.calls_of(leg)
        now_s = asyncio.get_running_loop().time()
        return ExchangeHealth(
            venue=account.venue(leg),
            is_stream_up=account.is_stream_up(leg),
            answer_ms=None if calls is None else calls.answer_ms,
            errors_in_a_row=0 if calls is None else calls.errors_in_a_row,
            errors_hour=0 if calls is None else calls.errors_since(now_s - HOUR_S),
            book_age_s=max((view.age_s(leg) for view in views.values()), default=None),
        )

    def _views(self, now: datetime) -> dict[str, PairView]:
        seen = {base: self.market.view(base, now, ANY_SOURCE) for base in self.bases}
        return {
            base: view
            for base, view in seen.items()
            if view is not None and max(view.books_age_s, view.ages.fx_s) <= FRESH_S
        }

    def _waits_for(self) -> str:
        account = self.executor.account
        down = [account.venue(leg) for leg in Leg if not account.is_stream_up(leg)]
        if down:
            return f"the private stream of {', '.join(down)}"
        return "" if self.executor.prepared.is_set() else "both exchanges to be set up"

    def _known_since(self, state: tuple[bool, str], now: datetime) -> datetime:
        if state != self._state or self._since is None:
            self._state, self._since = state, now
        return self._since

    def _exit_cost(self, views: dict[str, PairView]) -> Decimal | None:
        total = ZERO
        for pair in list(self.executor.book.positions.pairs()):
            if pair.base not in views:
                return None
            total += exit_cost_krw(pair, views[pair.base])
        return total

    def _margin(self) -> tuple[Decimal | None, Decimal]:
        balance_usdt, notional_usdt = self.executor.book.hedge_account_usdt()
        limits = self.settings.monitors.margin
        rate = limits.maintenance_rate
        if notional_usdt > 0:
            told = self.executor.account.reported_maintenance_usdt / notional_usdt
            rate = max(rate, told)
        rise = rise_to_liquidation(
            balance_usdt=balance_usdt, notional_usdt=notional_usdt, maintenance_rate=rate
        )
        missing_usdt = runway_shortfall_usdt(
            balance_usdt=balance_usdt,
            notional_usdt=notional_usdt,
            maintenance_rate=rate,
            rise=limits.target_distance,
        )
        return rise, max(missing_usdt, ZERO) if notional_usdt > 0 else ZERO


def _price(view: PairView) -> PriceNow:
    return PriceNow(
        base=view.base,
        spot_krw=view.spot_book.bids[0].price,
        hedge_usdt=view.hedge_book.mid,
        krw_per_usdt=view.fx.krw_per_usdt,
    )
