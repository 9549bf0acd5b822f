"""What the executor needs from outside, in one value that the composition root makes."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Protocol

from trading_platform_order.domain.account.evidence.row_loss import RowLoss
from trading_platform_order.domain.hindrances.order_access import KnownHindrance
from trading_platform_order.domain.market import STREAMED, Instrument, PairView, Source
from trading_platform_order.domain.order import Leg, Order, base_asset
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.pairs.market_premium import PairPrices
from trading_platform_order.domain.protection.protective_stop import ProtectRules
from trading_platform_order.domain.trade.sizing import SizingRules
from trading_platform_order.domain.trade.trade_events import TradePolicy
from trading_platform_order.domain.value import value
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.set_aside import NOTHING_ASIDE, SetAside
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.storage.base import Store
from trading_platform_order.transport.clock import Clock

NO_LEASE = Refused(
    code="not_sent",
    message="the engine's sign of life is too old: the watchdog may act now",
    retryable=True,
)
ONLY_REDUCES = Refused(
    code="reduce_only", message="this engine only closes; the order would open", retryable=False
)
SET_ASIDE = Refused(
    code="set_aside",
    message="what is held of this coin is not known: a part of the journal is set aside",
    retryable=False,
)
DECISION_GOOD_S = 0.5
"""How long what was decided by prices waits for the store's lock; then it is decided anew."""


class MarketPort(Protocol):
    """Live prices joined with the exchanges' filters."""

    def knows(self, base: str) -> bool:
        """Whether prices of this base asset are asked for at all."""
        ...

    def view(
        self, base: str, now: datetime, sources: frozenset[Source] = STREAMED
    ) -> PairView | None:
        """The market for one base asset; ``None`` while a book, the rate or a filter is missing.

        ``sources``: what counts; by default only what was streamed. A close, and what is held, go
        by whatever is younger.
        """
        ...

    def moved(self, bases: frozenset[str]) -> Collection[str]:
        """Which of these may have another view than when it was last asked; one asks for all."""
        ...

    def instruments(self, base: str) -> Mapping[Leg, Instrument]:
        """The filters that were read so far."""
        ...

    def prices(self, base: str) -> PairPrices | None:
        """Both mids of a coin, one that is only watched included; ``None`` while one is missing."""
        ...

    def ask_for_books(self, base: str) -> None:
        """Its streams are silent: ask for books and rate, in time and within the budget."""
        ...

    def forget_filters(self, base: str) -> None:
        """An exchange refused what should have fitted: read the filters again at once."""
        ...


@value
class ExecutorSettings:
    """How the executor behaves.

    Attributes:
        market: whose prices simulated exchanges show, in words; empty for real ones.
        policy: the limits each trade runs under.
        signal_ttl_s: how long a signal without ``expires_at`` lives.
        queue_bound: how many signals may wait for one symbol.
        poll_first_s: first pause between look-ups of one order; doubles up to ``poll_max_s``.
        reconcile_interval_s: how often the ledger is compared with both exchanges.
        equity_interval_s: how often equity is recorded while idle.
        command_poll_s: how often the inbox is looked at without a wake-up.
        monitors: what is watched while a position is open.
        hindrances: what else may keep us from trading, and how often it is looked for.
        protect: conditional orders on the hedge, and the exchange's own countdown.
        sweep_interval_s: how often both exchanges are asked for all orders of the last day.
        dead_requests_s: how long requests of an engine that died may still arrive.
        rehearse_every_s: how often the way of a signal is gone without effects; 0: never.
        settle_s: how long both books must be fresh after an exchange takes orders again, before an
            even pair is closed.
    """

    mode: str
    build: str
    policy: TradePolicy
    sizing: SizingRules
    limits: RiskLimits
    signal_ttl_s: float = 5.0
    queue_bound: int = 100
    poll_first_s: float = 0.2
    poll_max_s: float = 5.0
    reconcile_interval_s: float = 60.0
    equity_interval_s: float = 60.0
    command_poll_s: float = 1.0
    monitors: MonitorLimits = field(default_factory=MonitorLimits)
    hindrances: HindranceLimits = field(default_factory=HindranceLimits)
    protect: ProtectRules = field(default_factory=ProtectRules)
    sweep_interval_s: float = 300.0
    dead_requests_s: float = 6.0
    settle_s: float = 5.0
    rehearse_every_s: float = 0.0
    market: str = ""


def no_flag() -> str | None:
    """Where there is no stop file."""
    return None


class KnownHindrances(Protocol):
    """Where what keeps orders back outlives an engine."""

    def load(self) -> tuple[KnownHindrance, ...]:
        """What was kept last; nothing if that cannot be read."""
        ...

    def keep(self, known: Iterable[KnownHindrance]) -> None:
        """Keep these instead."""
        ...


class NothingKnown:
    """Nothing outlives the engine."""

    def load(self) -> tuple[KnownHindrance, ...]:
        """Nothing."""
        return ()

    def keep(self, known: Iterable[KnownHindrance]) -> None:
        """Forgotten."""


def always() -> bool:
    """Where nobody else can act on the account."""
    return True


def nothing(strategy: str, base: str) -> str | None:  # noqa: ARG001 - a pair
    """No pair is asked to be closed."""
    return None


@value
class ReduceOnly:
    """An engine that closes and never opens.

    Attributes:
        reason: why, for operators and for whoever sends an ENTER.
        closes: why the pair of a strategy in a base asset is to be closed now; ``None``: it is not.
    """

    reason: str
    closes: Callable[[str, str], str | None] = nothing


@value
class ExecutorPorts:
    """The world outside the executor.

    Attributes:
        wire_time: time at which an order's last byte left, if the transport tells it; seconds of
            ``stopwatch``.
        stopwatch: latencies are told by it, and nothing is decided; the clock's by default.
        stop_flag: what the stop file says; ``None`` while there is none.
        hindrances: what kept orders back before the start.
        row_loss: the last start before which rows of the journal may have been lost.
        may_send: false while the engine cannot be sure that it alone acts (its lease has lapsed).
        reduce_only: set for an engine that must not open anything.
        aside: what ended engines before, and is not looked at.
    """

    exchanges: PairExchanges
    store: Store
    clock: Clock
    market: MarketPort
    wire_time: Callable[[str], float | None]
    stopwatch: Callable[[], float] | None = None
    row_loss: RowLoss | None = None
    may_send: Callable[[], bool] = always
    stop_flag: Callable[[], str | None] = no_flag
    hindrances: KnownHindrances = field(default_factory=NothingKnown)
    reduce_only: ReduceOnly | None = None
    aside: SetAside = NOTHING_ASIDE

    def barred(self, order: Order) -> Refused | None:
        """Why this order must not leave, asked just before every one; the one place that says so.

        Nothing that a reduce-only engine plans should come to this: whatever does is a bug that
        must not cost money.
        """
        if not self.may_send():
            return NO_LEASE
        if self.reduce_only is not None and order.opens:
            return ONLY_REDUCES
        if self.aside and self.aside.freezes(base_asset(order.symbol)):
            return SET_ASIDE
        return None

    def stopwatch_s(self) -> float:
        """Seconds from an arbitrary origin, for latencies that are told."""
        return self.clock.monotonic() if self.stopwatch is None else self.stopwatch()

    @property
    def lost_rows_lately(self) -> bool:
        """Rows of the journal may be lost, and what they told may not have come to light yet."""
        loss = self.row_loss
        is_recent = loss is not None and loss.is_recent(self.clock.now())
        return self.store.rows_may_be_lost or is_recent

    def exchange_of(self, order: Order) -> BaseExchange:
        """The exchange an order goes to."""
        return self.exchanges.of(order.leg)


@value
class Explained:
    """Whether an exchange holds what it must if one order never happened; ``text`` has figures."""

    is_explained: bool
    text: str


ExplainAccount = Callable[[Order], Awaitable[Explained]]
