"""Metrics that are looked at when somebody asks: how the engine stands now.

Nothing is read from an exchange or from the store: a figure is what the engine knows in memory.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from trading_platform_order.domain.market import ANY_SOURCE
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.order_executor import OrderExecutor
from trading_platform_order.executor.ports import ExecutorSettings, MarketPort
from trading_platform_order.observability import live_look
from trading_platform_order.risk import headroom
from trading_platform_order.risk.monitors.margin import rise_to_liquidation
from trading_platform_order.risk.monitors.stop_loss import loss_fraction
from trading_platform_order.transport.clock import Clock

FIGURES_AT_ONCE = 20

Labels = tuple[str, ...]
Figures = Iterator[tuple[Labels, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is looked at.

    Attributes:
        bases: base assets whose prices are streamed.
        projection_age_s: since when the views have not caught up with the journal.
        lines_lost: log lines that could not be written.
        account: its name, and what it trades on.
    """

    executor: OrderExecutor
    market: MarketPort
    exchanges: PairExchanges
    clock: Clock
    settings: ExecutorSettings
    bases: tuple[str, ...]
    projection_age_s: Callable[[], float]
    lines_lost: Callable[[], int]
    account: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A metric, its labels, and how its figures are found."""

    name: str
    meaning: str
    labels: Labels
    look: Callable[[Observed], Figures]

    async def family(self, seen: Observed) -> Metric:
        """As the client library takes it; with many figures the engine goes on in between."""
        kind = CounterMetricFamily if self.name.endswith("_total") else GaugeMetricFamily
        family = kind(f"tporder_{self.name}", self.meaning, labels=self.labels)
        for number, (labels, figure) in enumerate(self.look(seen), start=1):
            family.add_metric(labels, figure)
            if number % FIGURES_AT_ONCE == 0:
                await asyncio.sleep(0)
        return family


def _one(look: Callable[[Observed], float | Decimal | None]) -> Callable[[Observed], Figures]:
    def figures(seen: Observed) -> Figures:
        figure = look(seen)
        if figure is not None:
            yield (), float(figure)

    return figures


def _of_exchanges(
    look: Callable[[Observed, Venue, BaseExchange], float | None],
) -> Callable[[Observed], Figures]:
    def figures(seen: Observed) -> Figures:
        for venue, exchange in seen.exchanges.items():
            figure = look(seen, venue, exchange)
            if figure is not None:
                yield (venue,), float(figure)

    return figures


def _unknown_orders(seen: Observed) -> float:
    return live_look.unknown_orders(live_look.active_trades(seen.executor))


def _naked_krw(seen: Observed) -> Decimal:
    return live_look.naked_krw(live_look.active_trades(seen.executor))


def _naked_s(seen: Observed) -> float:
    return live_look.naked_s(live_look.active_trades(seen.executor), seen.clock.now())


def _stream_up(seen: Observed, venue: Venue, _exchange: BaseExchange) -> float:
    return float(seen.executor.account.is_stream_up(seen.exchanges.leg(venue)))


def _errors(_seen: Observed, _venue: Venue, exchange: BaseExchange) -> float | None:
    return None if exchange.health is None else exchange.health.errors_in_a_row


def _market_ages(seen: Observed) -> Figures:
    now = seen.clock.now()
    for base in seen.bases:
        view = seen.market.view(base, now)
        if view is not None:
            yield (base, "spot book"), view.ages.spot_s
            yield (base, "hedge book"), view.ages.hedge_s
            yield (base, "krw per usdt"), view.ages.fx_s


def _headroom(seen: Observed) -> Figures:
    limits, account = seen.settings.limits, seen.executor.account
    now, held = seen.clock.now(), seen.executor.book.held_bases()
    probe = Signal(id="", strategy="", action=Action.ENTER, symbol="", created_at=now)
    view = account.view(probe, symbol_halted=False)
    for code, left in headroom.of_account(view, limits).items():
        yield (code, ""), float(left)
    for base in sorted(held):
        view = account.view(replace(probe, symbol=base), symbol_halted=False)
        for code, left in headroom.of_symbol(view, limits).items():
            yield (code, base), float(left)
    yield from _stop_losses(seen, now)


def _stop_losses(seen: Observed, now: datetime) -> Figures:
    worst: dict[str, Decimal] = {}
    for pair in list(seen.executor.book.positions.pairs()):
        view = seen.market.view(pair.base, now, ANY_SOURCE)
        loss = None if view is None else loss_fraction(pair, view)
        if loss is not None:
            worst[pair.base] = max(loss, worst.get(pair.base, loss))
    for base, loss in worst.items():
        limit = seen.settings.monitors.stop_loss.of(base)
        if limit > 0:
            yield ("stop_loss", base), float(1 - max(loss, ZERO) / limit)


def _liquidation(seen: Observed) -> Decimal | None:
    balance_usdt, notional_usdt = seen.executor.book.hedge_account_usdt()
    return rise_to_liquidation(
        balance_usdt=balance_usdt,
        notional_usdt=notional_usdt,
        maintenance_rate=seen.settings.limits.maintenance_rate,
    )


def _pnl(seen: Observed) -> Figures:
    parts = seen.executor.book.parts()
    for part in ("premium", "funding", "fees", "fx", "slippage"):
        yield (part,), float(getattr(parts, part))


def _day_pnl(seen: Observed) -> Decimal:
    return seen.executor.book.day_and_hour_pnl_krw(seen.clock.now())[0]


def _build(seen: Observed) -> Figures:
    yield (seen.settings.build, seen.settings.mode, seen.account), 1.0


GAUGES = (
    Gauge("build_info", "The program, what it trades on, whose account.",
          ("build", "mode", "account"), _build),
    Gauge("emergency_stop", "1 while the emergency stop is set.", (),
          _one(lambda seen: seen.executor.account.stopped_reason is not None)),
    Gauge("trades_running", "Pair trades under way.", (), _one(lambda seen: seen.executor.running)),
    Gauge("unknown_orders", "Orders whose outcome is unknown now.", (), _one(_unknown_orders)),
    Gauge("naked_krw", "Value that stands without its other leg now, KRW.", (), _one(_naked_krw)),
    Gauge("naked_seconds", "How long the legs of the worst pair trade have differed.", (),
          _one(_naked_s)),
    Gauge("waiting_closes", "Closes that can send nothing now.", (),
          _one(lambda seen: len(seen.executor.closes.waiting()))),
    Gauge("waiting_close_seconds", "How long the oldest of them has waited.", (),
          _one(lambda seen: seen.executor.closes.oldest_s())),
    Gauge("exposure_krw", "Value of all pairs, each counted once, KRW.", (),
          _one(lambda seen: seen.executor.book.exposure_krw())),
    Gauge("equity_krw", "Total capital, KRW.", (),
          _one(lambda seen: seen.executor.book.equity_krw())),
    Gauge("pnl_krw", "Profit since the account was opened, by part, KRW.", ("part",), _pnl),
    Gauge("day_pnl_krw", "Trading profit since 00:00 KST, KRW.", (), _one(_day_pnl)),
    Gauge("limit_headroom_ratio", "What is left of a limit: 1 all, 0 reached, below 0 passed.",
          ("limit", "symbol"), _headroom),
    Gauge("liquidation_distance_ratio", "Rise of the coins at which Binance liquidates, by our"
          " own count; none without a short.", (), _one(_liquidation)),
    Gauge("market_age_seconds", "Age of what a market stream told last.", ("symbol", "source"),
          _market_ages),
    Gauge("private_stream_up", "1 while a private stream is subscribed.", ("exchange",),
          _of_exchanges(_stream_up)),
    Gauge("api_errors_in_a_row", "Private calls that failed without a success between.",
          ("exchange",), _of_exchanges(_errors)),
    Gauge("rate_room_ratio", "Free part of the request budget; 0 if an order would wait.",
          ("exchange",), _of_exchanges(lambda _seen, _venue, exchange: exchange.rate_room())),
    Gauge("order_wait_seconds", "How long an urgent order would wait now.", ("exchange",),
          _of_exchanges(lambda _seen, _venue, exchange: exchange.order_wait_s())),
    Gauge("clock_offset_seconds", "How far our calendar is ahead, as last measured.",
          ("exchange",), _of_exchanges(lambda _seen, _venue, exchange: exchange.clock_off_s)),
    Gauge("projection_age_seconds", "Since when the views have not caught up with the journal.",
          (), _one(lambda seen: seen.projection_age_s())),
    Gauge("log_lines_lost_total", "Log lines that could not be written.", (),
          _one(lambda seen: seen.lines_lost())),
)  # fmt: skip
