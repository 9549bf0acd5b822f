"""From settings to the parts of an engine: the only place that names concrete exchanges."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from exchange_simulator.listings import ONBOARD_MS
from trading_platform_order.domain.order import Venue
from trading_platform_order.domain.pair import Pairs
from trading_platform_order.domain.protection.protective_stop import ProtectRules
from trading_platform_order.domain.trade.sizing import SizingRules
from trading_platform_order.domain.trade.trade_events import ExecutionStyle, TradePolicy
from trading_platform_order.exchanges import binance, upbit
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.executor.ports import ExecutorSettings
from trading_platform_order.risk.deadlines import DeadlineLimits
from trading_platform_order.risk.emergency_stop import StopLimits
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.risk.margin_monitor import MarginLimits
from trading_platform_order.risk.monitor_limits import MonitorLimits
from trading_platform_order.risk.stop_loss import StopLossLimits
from trading_platform_order.runtime.engine import BUILD
from trading_platform_order.runtime.heartbeat import HeartbeatSettings
from trading_platform_order.runtime.settings.hindrances import hindrance_limits, taken_back_limits
from trading_platform_order.runtime.settings.pairs import plausibility_limits, reviewed_pairs
from trading_platform_order.runtime.settings.settings import (
    HindranceSection,
    Mode,
    RiskSection,
    Settings,
    StopLossAction,
    stop_losses,
)
from trading_platform_order.transport.call_health import CallHealth, WatchedHttp, counts
from trading_platform_order.transport.checked_clock import CheckedClock
from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.http import HttpTransport
from trading_platform_order.transport.limiter import RateLimiter
from trading_platform_order.transport.websocket import WebSocketTransport

# Both legs are valued at their own mid; the dearer one must stay under the cap too.
_ROOM_BELOW_CAP = Decimal("0.95")

MODE_LETTER = {Mode.PAPER: "p", Mode.TESTNET: "t", Mode.LIVE: "l"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How an engine reaches its exchanges.

    Attributes:
        nonce: a new text for every Upbit request.
    """

    http: HttpTransport
    websockets: WebSocketTransport
    clock: Clock
    nonce: Callable[[], str]


def make_exchanges(
    *, network: Network, upbit_config: UpbitConfig, binance_config: BinanceConfig
) -> dict[Venue, BaseExchange]:
    """Both adapters over one network, their calendar checked against both exchanges'."""
    exchanges: dict[Venue, BaseExchange] = {}
    clock = CheckedClock(
        network.clock, times=lambda: [exchange.measured_time for exchange in exchanges.values()]
    )
    exchanges |= {
        Venue.UPBIT: upbit.UpbitExchange(
            http=WatchedHttp(network.http, upbit_health := CallHealth(), counts),
            websocket=network.websockets,
            clock=clock,
            limiter=RateLimiter(upbit.budgets(upbit_config), loop_time),
            config=upbit_config,
            nonce=network.nonce,
        ),
        Venue.BINANCE: binance.BinanceExchange(
            http=WatchedHttp(network.http, binance_health := CallHealth(), counts),
            websocket=network.websockets,
            clock=clock,
            limiter=RateLimiter(binance.budgets(binance_config), loop_time),
            config=binance_config,
        ),
    }
    exchanges[Venue.UPBIT].health = upbit_health
    exchanges[Venue.BINANCE].health = binance_health
    return exchanges


def stream_names(upbit: UpbitConfig, binance: BinanceConfig) -> Callable[[str], str]:
    """What a stream is called, by its address, which may hold a key: ``upbit private``."""
    places = ((upbit.ws_url, Venue.UPBIT), (binance.ws_url, Venue.BINANCE))

    def name_of(url: str) -> str:
        venue = next((venue for place, venue in places if url.startswith(place)), "other")
        return f"{venue} {'private' if '/private' in url else 'market'}"

    return name_of


def loop_time() -> float:
    """The running loop's seconds: real in life, virtual in simulation."""
    return asyncio.get_running_loop().time()


def upbit_config(settings: Settings) -> UpbitConfig:
    """The adapter's part of the settings."""
    part = settings.upbit
    return UpbitConfig(
        rest_url=part.rest_url.rstrip("/"),
        ws_url=part.ws_url.rstrip("/"),
        credentials=Credentials(key=part.access_key.reveal(), secret=part.secret_key.reveal()),
        order_timeout_s=part.order_timeout_s,
        read_timeout_s=part.read_timeout_s,
        orders_per_s=part.orders_per_s,
        default_per_s=part.default_per_s,
    )


def binance_config(settings: Settings) -> BinanceConfig:
    """The adapter's part of the settings."""
    part = settings.binance
    return BinanceConfig(
        rest_url=part.rest_url.rstrip("/"),
        ws_url=part.ws_url.rstrip("/"),
        credentials=Credentials(key=part.api_key.reveal(), secret=part.secret_key.reveal()),
        spot_url=part.spot_url.rstrip("/"),
        order_timeout_s=part.order_timeout_s,
        read_timeout_s=part.read_timeout_s,
        recv_window_ms=part.recv_window_ms,
        horizon_margin_s=part.horizon_margin_s,
        orders_per_10s=part.orders_per_10s,
        weight_per_min=part.weight_per_min,
        pairs=pairs_of(settings),
    )


def pairs_of(settings: Settings) -> Pairs:
    """The reviewed pairs; what no review tells of a contract's first day, the simulator does."""
    pairs = reviewed_pairs(settings.pairs)
    if settings.engine.mode is not Mode.PAPER:
        return pairs
    return {
        code: pair if pair.onboard_ms is not None else replace(pair, onboard_ms=ONBOARD_MS)
        for code, pair in pairs.items()
    }


def heartbeat_settings(settings: Settings) -> HeartbeatSettings:
    """How the engine gives its signs of life."""
    part = settings.watchdog
    return HeartbeatSettings(
        beat_s=part.beat_s,
        lease_s=part.lease_s,
        takeover_wait_s=part.takeover_wait_s,
        expected=part.expected,
        lock_wait_s=settings.store.lock_wait_s,
    )


def margin_limits(risk: RiskSection) -> MarginLimits:
    """Where the runway of the hedge account counts as short, for engine and watchdog alike."""
    return MarginLimits(
        warn_distance=risk.margin_warn_distance,
        reduce_distance=risk.margin_reduce_distance,
        target_distance=max(risk.runway_fraction, risk.margin_warn_distance),
        warn_ratio=risk.margin_warn_ratio,
        reduce_ratio=risk.margin_reduce_ratio,
        alone=risk.margin_alone,
        alone_distance=risk.margin_alone_distance,
        alone_target=risk.margin_alone_target,
    )


def _monitor_limits(risk: RiskSection, hindrances: HindranceSection) -> MonitorLimits:
    return MonitorLimits(
        stop=StopLimits(
            daily_loss_fraction=risk.daily_loss_fraction,
            api_errors_max=risk.api_errors_max,
            unresolved_s_max=risk.unresolved_s_max,
            stale_s_max=risk.stale_s_max,
        ),
        stop_loss=StopLossLimits(
            fraction=risk.stop_loss_fraction,
            by_symbol=stop_losses(risk.stop_loss_by_symbol),
            persist_s=risk.stop_loss_persist_s,
            book_age_s_max=risk.book_age_s_max,
            closes=risk.stop_loss_action == StopLossAction.CLOSE,
        ),
        margin=margin_limits(risk),
        taken_back=taken_back_limits(hindrances),
        deadlines=DeadlineLimits(close_lead_s=hindrances.deadline_close_lead_s),
        mismatch_persist_s=risk.mismatch_persist_s,
        flatten_on_stop=risk.flatten_on_stop,
        gap_s=risk.gap_s,
        after_gap_s=risk.after_gap_s,
    )


def executor_settings(settings: Settings) -> ExecutorSettings:
    """The executor's part of the settings."""
    trade, risk = settings.trade, settings.risk
    return ExecutorSettings(
        mode=settings.engine.mode.value,
        build=BUILD,
        policy=TradePolicy(
            mode=MODE_LETTER[settings.engine.mode],
            style=ExecutionStyle(trade.style),
            exposure_time_s=trade.exposure_time_s,
            exposure_krw=settings.exposure_krw,
            completion_slippage_bps=trade.completion_slippage_bps,
            working_limit_s=trade.working_limit_s,
            look_up_after_s=trade.look_up_after_s,
            fast_attempts=trade.fast_attempts,
            slow_attempts=trade.slow_attempts,
            slow_retry_s=trade.slow_retry_s,
            call_after_s=trade.call_after_s,
            retry_first_s=trade.retry_first_s,
            uneven_retry_first_s=trade.uneven_retry_first_s,
            exit_walk_bps=trade.exit_walk_bps,
        ),
        sizing=SizingRules(
            default_capital_fraction=trade.default_capital_fraction,
            default_krw_max=risk.order_krw_max * _ROOM_BELOW_CAP,
            collar_bps=trade.collar_bps,
            add_to_open=trade.add_to_open,
        ),
        limits=RiskLimits(
            position_fraction=risk.position_fraction,
            symbol_fraction=risk.symbol_fraction,
            hedge_leverage=Decimal(settings.binance.leverage),
            runway_fraction=risk.runway_fraction,
            trade_krw_max=risk.trade_krw_max,
            entries_per_minute_max=risk.entries_per_minute_max,
            repeat_max=risk.repeat_max,
            repeat_window_s=risk.repeat_window_s,
            dust_krw_max=risk.dust_krw_max,
            capital_age_s_max=risk.capital_age_s_max,
            ahead_s_max=risk.ahead_s_max,
            clock_off_s_max=risk.clock_off_s_max,
            api_errors_max=risk.entry_api_errors_max,
            rate_room_min=risk.rate_room_min,
            cautions_allowed=frozenset(risk.cautions_allowed),
            collar_bps=risk.collar_bps,
            leverage_max=min(risk.leverage_max, Decimal(settings.binance.leverage)),
            daily_loss_fraction=risk.daily_loss_fraction,
            margin_ratio_max=risk.margin_ratio_max,
            order_krw_max=risk.order_krw_max,
            daily_turnover_krw_max=risk.daily_turnover_krw_max,
            hourly_loss_krw_max=risk.hourly_loss_krw_max,
            book_age_s_max=risk.book_age_s_max,
            fx_age_s_max=risk.fx_age_s_max,
            slippage_bps_max=risk.slippage_bps_max,
            symbols=frozenset(settings.engine.symbols),
            pairs=pairs_of(settings),
            plausibility=plausibility_limits(
                settings.pairs, needs_coins=settings.engine.mode is Mode.LIVE
            ),
        ),
        signal_ttl_s=settings.engine.signal_ttl_s,
        monitors=_monitor_limits(risk, settings.hindrances),
        hindrances=hindrance_limits(settings.hindrances, leverage=settings.binance.leverage),
        protect=ProtectRules(
            enabled=settings.protect.stop,
            way_fraction=settings.protect.stop_way_fraction,
            farthest_fraction=settings.protect.stop_farthest_fraction,
            move_bps=settings.protect.stop_move_bps,
            check_interval_s=settings.protect.check_interval_s,
            countdown_s=settings.protect.countdown_s,
        ),
        reconcile_interval_s=settings.reconcile.interval_s,
        sweep_interval_s=settings.reconcile.sweep_interval_s,
        dead_requests_s=settings.binance.recv_window_ms / 1_000
        + settings.binance.horizon_margin_s
        + 1,
        settle_s=trade.settle_s,
    )
