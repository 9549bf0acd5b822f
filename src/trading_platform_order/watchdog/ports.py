"""What the watchdog needs from outside; a simulation injects its own."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.market import PairView
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.storage.base import Inbox
from trading_platform_order.storage.liveness import LivenessStore
from trading_platform_order.transport.clock import Clock
from trading_platform_order.watchdog.failure_notes import FailureMemory, FailureNotes


class MarketPort(Protocol):
    """Live prices joined with the exchanges' filters, by the watchdog's own connections."""

    def view(self, base: str, now: datetime) -> PairView | None:
        """The market for one base asset; ``None`` while anything of it is missing."""
        ...


Scope = frozenset[tuple[str, str]] | None
"""(strategy, base asset) of what a takeover closes; ``None``: all that is held."""


class CannotClose(Exception):  # noqa: N818 - a fact, named as the docs do
    """The account could not be taken, or the engine that closes ended by itself; the text why."""


class ClosingEngine(Protocol):
    """The engine's own code at work in the watchdog's process, under the watchdog's keys."""

    def left(self) -> tuple[str, ...]:
        """What there is still to do, in words; nothing once all is done that can be."""
        ...

    @property
    def is_idle(self) -> bool:
        """Nothing is under way or waits: what is left will not be done by this one."""
        ...


class OpenClosing(Protocol):
    """Takes the account and starts an engine on it that only closes."""

    def __call__(
        self, reason: str, closes: Callable[[str, str], str | None]
    ) -> AbstractAsyncContextManager[ClosingEngine]:
        """An engine that works until the context ends; then the account is let go of.

        Args:
            reason: for operators, and for whoever looks at who holds the account.
            closes: why the pair of a strategy in a base asset is to be closed now; ``None``: it is
                not. Asked again and again.

        Raises:
            CannotClose: as it is entered or while it works.
        """
        ...


class LastResort(Protocol):
    """``deploy/last_resort.py``: shares no code with the engine, and closes all that is owned."""

    def why_not(self) -> str:
        """Why it could not be started now, with the cure; empty if it could."""
        ...

    def words(self) -> str:
        """What it said last."""
        ...

    async def run(self, reason: str) -> str:
        """Hold the account and have it close, until it ends; empty once nothing of ours is left.

        However it ends, it does so before the account is let go of.

        Returns:
            Why something is left.

        Raises:
            CannotClose: the account could not be taken, or it could not be started.
        """
        ...


class NoLastResort:
    """Nobody has set one up."""

    def why_not(self) -> str:
        """It is not set up."""
        return "it has no keys"

    def words(self) -> str:
        """Nothing."""
        return ""

    async def run(self, reason: str) -> str:
        """Never called: it says why not."""
        raise CannotClose(f"{self.why_not()}: {reason}")


ALL_COINS = "*"
"""Among the coins that are set aside, where it is not known which one it is."""


def nothing_aside() -> frozenset[str]:
    """No journal row, trade or signal has ended two engines."""
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedStore:
    """The store as the watchdog may use it: read, latch, beat and take over."""

    inbox: Inbox
    watch: LivenessStore

    async def close(self) -> None:
        """Let go of it."""
        await self.watch.close()
        await self.inbox.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchdogPorts:
    """The world outside the watchdog.

    Attributes:
        open_store: raises ``StoreUnavailable`` or ``SchemaMismatch`` while it cannot be used.
        engine_is_gone: certain that no engine process is there: its lock is free, or ours.
        tell: hands an alert to whoever delivers it; never blocks.
        closing: the engine's own code, to close with; it makes certain of a hung holder first.
        leave_stop_file: a stop that needs no store; the engine obeys it when it can read again.
        last_resort: what closes when no code of the engine does.
        coins_aside: base assets that no engine looks at, because something of them ended two.
        failures: of engines that close, kept for the next watchdog.
    """

    exchanges: PairExchanges
    open_store: Callable[[], OwnedStore]
    market: MarketPort
    clock: Clock
    engine_is_gone: Callable[[], bool]
    tell: Callable[[Alert], None]
    closing: OpenClosing
    leave_stop_file: Callable[[str], None] = lambda _: None
    last_resort: LastResort = field(default_factory=NoLastResort)
    coins_aside: Callable[[], frozenset[str]] = nothing_aside
    failures: FailureNotes = field(default_factory=FailureMemory)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitRules:
    """Which EXITs and flattens a living engine would carry out, by its settings.

    Attributes:
        ahead_s_max: an EXIT may be so much older than the pair's ENTER; clocks differ.
        flatten_on_stop: a latched stop alone asks for everything to be closed.
    """

    ahead_s_max: float = 5.0
    flatten_on_stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchdogSettings:
    """When it acts, and how patiently.

    Attributes:
        mode: letter of the client order ids (``p`` paper, ``t`` testnet, ``l`` live).
        account: whose journal.
        symbols: base assets looked at besides those the journal knows.
        boot: names this run of the program.
        engine_gone_s: exposed and no engine process for so long.
        engine_silent_s: exposed and its process silent for so long; longer than its lease and
            the exchange's horizon together.
        clean_stop_s: exposed and stopped on purpose for so long.
        hedged_hold_s: how long what is even, protected and funded is held beside a dead engine
            before it is closed; zero: not at all.
        exit_wait_s: how long an EXIT or a flatten waits for a living engine before its pair is
            closed in the engine's place.
        start_s: how long a start may take to its first beat, and to getting ready while legs are
            uneven or orders unknown.
        start_patience_s: how long a start that beats may take to get ready before the engine
            counts as dead for what is open.
        loss_fraction: the day's loss over the capital at its start; zero for no limit.
        loss_persist_s: how long it must stand.
        book_age_s_max: no loss is told by an older book of something held.
        gap_s: the watchdog itself stood still for longer: that time counts for nothing.
        unknown_order_s: how long an order under our prefix may be in no journal.
        look_s: pause between looks at both exchanges while all is well.
        reduce: close what is held; else only stop, cancel and alert.
        margin: where the runway counts as short, as the engine's.
        exits: which EXITs a living engine would carry out.
        flat_budget_s: after this operators are called again, and every ``remind_s``.
        idle_s: an engine that closes, and has had nothing under way for so long while something is
            left, is started anew.
        last_resort_after_s: legs have differed for so long, and engines that close have failed:
            the last resort is started.
        last_resort_distance: rise of the coin to liquidation below which that is not waited for.
    """

    mode: str
    account: str = "main"
    symbols: tuple[str, ...]
    boot: str
    beat_s: float = 0.5
    tick_s: float = 0.1
    engine_gone_s: float = 5.0
    engine_silent_s: float = 10.0
    clean_stop_s: float = 300.0
    hedged_hold_s: float = 900.0
    exit_wait_s: float = 35.0
    start_s: float = 30.0
    start_patience_s: float = 120.0
    loss_fraction: Decimal = Decimal("0.04")
    loss_persist_s: float = 90.0
    book_age_s_max: float = 30.0
    gap_s: float = 3.0
    unknown_order_s: float = 3.0
    look_s: float = 5.0
    reduce: bool = True
    margin: MarginLimits = field(default_factory=MarginLimits)
    exits: ExitRules = field(default_factory=ExitRules)
    flat_budget_s: float = 30.0
    remind_s: float = 60.0
    retry_first_s: float = 0.2
    retry_max_s: float = 10.0
    idle_s: float = 3.0
    last_resort_after_s: float = 120.0
    last_resort_distance: Decimal = Decimal("0.10")

    @property
    def prefix(self) -> str:
        """Beginning of every client order id of this mode."""
        return f"t{self.mode}-"
