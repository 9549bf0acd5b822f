"""From settings to the parts of an engine: the only place that names concrete exchanges."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from trading_platform_order.domain.pairs.pair import Pairs
from trading_platform_order.domain.protection.protective_stop import ProtectRules
from trading_platform_order.domain.trade.sizing import SizingRules
from trading_platform_order.domain.trade.trade_events import ExecutionStyle, TradePolicy
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges import binance, upbit
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.ports import ExecutorSettings
from trading_platform_order.risk.hindrances.deadlines import DeadlineLimits
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.risk.monitors.emergency_stop import StopLimits
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.risk.monitors.stop_loss import StopLossLimits
from trading_platform_order.runtime.engine import BUILD
from trading_platform_order.runtime.lease.heartbeat import HeartbeatSettings
from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.runtime.paper.paper_market import market_words
from trading_platform_order.runtime.settings.feed import from_section
from trading_platform_order.runtime.settings.sections.hindrances import (
    hindrance_limits,
    taken_back_limits,
)
from trading_platform_order.runtime.settings.sections.pairs import (
    plausibility_limits,
    reviewed_pairs,
)
from trading_platform_order.runtime.settings.settings import (
    HindranceSection,
    Mode,
    ProtectSection,
    RiskSection,
    Settings,
    StopLossAction,
    stop_losses,
)
from trading_platform_order.transport.call_health import CallHealth, WatchedHttp, counts
from trading_platform_order.transport.checked_clock import CheckedClock
from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.http import HttpTransport
from trading_platform_order.transport.http1.http1_transport import WarmServer
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
        gate: shuts out what changes anything while the account is not ours.
    """

    http: HttpTransport
    websockets: WebSocketTransport
    clock: Clock
    nonce: Callable[[], str]
    gate: WireGate = field(default_factory=WireGate)


def make_exchanges(
    *, network: Network, upbit_config: UpbitConfig, binance_config: BinanceConfig
) -> PairExchanges:
    """Both adapters over one network, their calendar checked against both exchanges'.

    Made inside a running event loop: request budgets go by its time.
    """
    monotonic = asyncio.get_running_loop().time
    made: list[BaseExchange] = []
    clock = CheckedClock(network.clock, times=lambda: [one.measured_time for one in made])
    spot = upbit.UpbitExchange(
        http=network.gate.before(
            WatchedHttp(network.http, upbit_health := CallHealth(), counts), upbit.HARMLESS
        ),
        websocket=network.websockets,
        clock=clock,
        limiter=RateLimiter(upbit.budgets(upbit_config), monotonic),
        config=upbit_config,
        nonce=network.nonce,
    )
    hedge = binance.BinanceExchange(
        http=network.gate.before(
            WatchedHttp(network.http, binance_health := CallHealth(), counts), binance.HARMLESS
        ),
        websocket=network.websockets,
        clock=clock,
        limiter=RateLimiter(binance.budgets(binance_config), monotonic),
        config=binance_config,
    )
    spot.health, hedge.health = upbit_health, binance_health
    made += [spot, hedge]
    return PairExchanges(spot=spot, hedge=hedge)


def warm_servers(upbit_config: UpbitConfig, binance_config: BinanceConfig) -> list[WarmServer]:
    """Where orders go: their connections are kept warm."""
    return [
        WarmServer(url=upbit_config.rest_url, ping_target=upbit.PING_TARGET),
        WarmServer(url=binance_config.rest_url, ping_target=binance.PING_TARGET),
    ]


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
    return from_section(
        UpbitConfig,
        part,
        rest_url=part.rest_url.rstrip("/"),
        ws_url=part.ws_url.rstrip("/"),
        credentials=Credentials(key=part.access_key.reveal(), secret=part.secret_key.reveal()),
        keeps=("quotation_per_s", "consume_timeout_s", "stream_idle_s"),
    )


def binance_config(settings: Settings) -> BinanceConfig:
    """The adapter's part of the settings."""
    part = settings.binance
    return from_section(
        BinanceConfig,
        part,
        rest_url=part.rest_url.rstrip("/"),
        ws_url=part.ws_url.rstrip("/"),
        credentials=Credentials(key=part.api_key.reveal(), secret=part.secret_key.reveal()),
        spot_url=part.spot_url.rstrip("/"),
        pairs=pairs_of(settings),
        keeps=(
            *("absence_reads", "absence_span_s", "listen_key_renew_s"),
            *("stream_idle_s", "stream_mute_s"),
        ),
    )


def pairs_of(settings: Settings) -> Pairs:
    """The reviewed pairs; what no review tells of a contract's first day, the simulator does."""
    pairs = reviewed_pairs(settings.pairs)
    if settings.engine.mode is not Mode.PAPER:
        return pairs
    # Here and not above: a live engine never loads the simulated exchanges.
    from exchange_simulator.market.listings import ONBOARD_MS  # noqa: PLC0415

    return {
        code: pair if pair.onboard_ms is not None else replace(pair, onboard_ms=ONBOARD_MS)
        for code, pair in pairs.items()
    }


def heartbeat_settings(settings: Settings) -> HeartbeatSettings:
    """How the engine gives its signs of life."""
    return from_section(
        HeartbeatSettings,
        settings.watchdog,
        lock_wait_s=settings.store.lock_wait_s,
        keeps=("watchdog_silent_s",),
    )


def margin_limits(risk: RiskSection) -> MarginLimits:
    """Where the runway of the hedge account counts as short, for engine and watchdog alike."""
    return from_section(
        MarginLimits,
        risk,
        prefix="margin_",
        target_distance=max(risk.runway_fraction, risk.margin_warn_distance),
        keeps=("maintenance_rate",),
    )


def _monitor_limits(risk: RiskSection, hindrances: HindranceSection) -> MonitorLimits:
    return from_section(
        MonitorLimits,
        risk,
        stop=from_section(StopLimits, risk),
        stop_loss=from_section(
            StopLossLimits,
            risk,
            prefix="stop_loss_",
            by_symbol=stop_losses(risk.stop_loss_by_symbol),
            book_age_s_max=risk.book_age_s_max,
            closes=risk.stop_loss_action == StopLossAction.CLOSE,
        ),
        margin=margin_limits(risk),
        taken_back=taken_back_limits(hindrances),
        deadlines=from_section(DeadlineLimits, hindrances, prefix="deadline_"),
        keeps=(
            *("look_s", "account_poll_s", "warn_again_s"),
            *("exit_retry_s", "exit_attempts", "exit_slow_s", "exit_slow_attempts"),
        ),
    )


def _trade_policy(settings: Settings) -> TradePolicy:
    return from_section(
        TradePolicy,
        settings.trade,
        mode=MODE_LETTER[settings.engine.mode],
        style=ExecutionStyle(settings.trade.style),
        exposure_krw=settings.exposure_krw,
        # A close sets these for itself.
        keeps=("walk_widens", "gives_way", "ahead", "walked_s"),
    )


def _risk_limits(settings: Settings) -> RiskLimits:
    risk = settings.risk
    leverage = Decimal(settings.binance.leverage)
    return from_section(
        RiskLimits,
        risk,
        hedge_leverage=leverage,
        leverage_max=min(risk.leverage_max, leverage),
        api_errors_max=risk.entry_api_errors_max,
        cautions_allowed=frozenset(risk.cautions_allowed),
        symbols=frozenset(settings.engine.symbols),
        pairs=pairs_of(settings),
        plausibility=plausibility_limits(
            settings.pairs, needs_coins=settings.engine.mode is Mode.LIVE
        ),
        keeps=("maintenance_rate",),
    )


def _protect_rules(part: ProtectSection) -> ProtectRules:
    return from_section(
        ProtectRules,
        part,
        prefix="stop_",
        enabled=part.stop,
        check_interval_s=part.check_interval_s,
        countdown_s=part.countdown_s,
    )


def executor_settings(settings: Settings) -> ExecutorSettings:
    """The executor's part of the settings."""
    trade, risk, binance = settings.trade, settings.risk, settings.binance
    return ExecutorSettings(
        mode=settings.engine.mode.value,
        market=market_words(settings),
        build=BUILD,
        policy=_trade_policy(settings),
        sizing=from_section(
            SizingRules, trade, default_krw_max=risk.order_krw_max * _ROOM_BELOW_CAP
        ),
        limits=_risk_limits(settings),
        signal_ttl_s=settings.engine.signal_ttl_s,
        rehearse_every_s=settings.engine.rehearse_every_ms / 1_000,
        monitors=_monitor_limits(risk, settings.hindrances),
        hindrances=hindrance_limits(settings.hindrances, leverage=binance.leverage),
        protect=_protect_rules(settings.protect),
        reconcile_interval_s=settings.reconcile.interval_s,
        sweep_interval_s=settings.reconcile.sweep_interval_s,
        dead_requests_s=binance.recv_window_ms / 1_000 + binance.horizon_margin_s + 1,
        settle_s=trade.settle_s,
    )


def durability_of(settings: Settings) -> str:
    """How durable a commit is: across a loss of power where money is real."""
    if settings.store.durability != "auto":
        return settings.store.durability
    return "full" if settings.engine.mode is Mode.LIVE else "normal"
