"""Judges of worlds with a watchdog: whoever is left acts, or tells operators; nobody acts twice.

They go by the exchanges' state, by what operators were told, and by the monitor outside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.simulation.checkers.invariants import DUST_KRW, placed_orders
from trading_platform_order.simulation.testbed.failover.failover_testbed import (
    DOG_URL,
    ENGINE_URL,
    MONITOR_EVERY_S,
    FailoverTestBed,
)
from trading_platform_order.simulation.testbed.testbed import BASE

NOTICED_S = 30.0
"""A watchdog that has lived so long beside a dead engine has seen it: its limit of 10 s at most,
and one exchange that leaves a question unanswered for as long."""
FLAT_S = 90.0
"""And after so long it has closed everything, or called operators again."""
EXIT_WAIT_S = 35.0
"""So long an EXIT waits for a living engine."""
PAGED_EVERY_S = 60.0
"""What is held is told so often."""
MAY_ACT_S = 4.5
"""A watchdog that acts for an engine that was away for less has no reason."""
SILENT_S = 11.5
"""A living engine has told operators of a dead watchdog: its limit of 10 s, and its looks."""


LEASE_S = 3.0
"""So long after its last sign of life an engine may still send."""
STORE_TOLD_S = 18.0
"""An exchange that does not answer either may hold the watchdog up for as long."""


@dataclass(slots=True, kw_only=True)
class Down:
    """A time without an engine.

    Attributes:
        told_before: alerts of the watchdog until then.
        dog_since_s: since when (monotonic) a watchdog has been alive in it.
        was_safe: when it began, everything was at rest, even and protected.
        exit_since_s: since when (monotonic) an EXIT has waited in the inbox.
    """

    told_before: int
    dog_since_s: float
    was_safe: bool = False
    exit_since_s: float | None = None

    @classmethod
    async def now(cls, testbed: FailoverTestBed) -> "Down":
        """It begins now: the engine is dead."""
        trades = (await replay(testbed.reader())).trades.values()
        at_rest = all(t.state is TradeState.SETTLED for t in trades)
        return cls(
            told_before=len(testbed.told),
            dog_since_s=testbed.clock.monotonic(),
            was_safe=at_rest and testbed.world.orders_are_idle() and is_safe(testbed),
        )

    def due_s(self, testbed: FailoverTestBed) -> float:
        """When (monotonic) what is safe has to be closed."""
        hold_s = self.dog_since_s + testbed.hold_s
        if self.exit_since_s is None:
            return hold_s
        return min(hold_s, max(self.exit_since_s, self.dog_since_s) + EXIT_WAIT_S)

    def dog_back(self, testbed: FailoverTestBed) -> None:
        """A new watchdog begins now, and knows nothing; what the one before began is no hold."""
        self.dog_since_s = testbed.clock.monotonic()
        self.was_safe = self.was_safe and not _has_acted(testbed, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A time without a store, from ``at`` (``since_s`` monotonic) on."""

    told_before: int
    at: datetime
    since_s: float

    @classmethod
    def now(cls, testbed: FailoverTestBed) -> "Gone":
        """It begins now."""
        now_s = testbed.clock.monotonic()
        return cls(told_before=len(testbed.told), at=testbed.clock.now(), since_s=now_s)


def is_exposed(testbed: FailoverTestBed) -> bool:
    """Something of ours is held that could be closed."""
    world = testbed.world
    coins = world.upbit.totals.get(BASE, ZERO) - testbed.owner.coins.get(BASE, ZERO)
    price = world.upbit.prices[f"KRW-{BASE}"]
    return max(coins, -world.position(f"{BASE}USDT")) * price >= DUST_KRW


def is_safe(testbed: FailoverTestBed) -> bool:
    """Both legs agree, and a stop for the whole short stands on the exchange."""
    world = testbed.world
    coins = world.upbit.totals.get(BASE, ZERO) - testbed.owner.coins.get(BASE, ZERO)
    short = -world.position(f"{BASE}USDT")
    if abs(coins - short) * world.upbit.prices[f"KRW-{BASE}"] >= DUST_KRW:
        return False
    stops = world.binance.state()["algo_orders"]
    standing = [stop for stop in stops if stop["algoStatus"] == "NEW"]
    return short == 0 or any(Decimal(stop["quantity"]) >= short for stop in standing)


def nobody_is_left_alone(testbed: FailoverTestBed, down: Down) -> Iterable[str]:
    """What is open beside a dead engine is held and told while it is safe, else closed in time."""
    now_s = testbed.clock.monotonic()
    alive_s = now_s - down.dog_since_s
    alerts = [alert for alert in testbed.told[down.told_before :] if alert.urgent]
    told = {alert.kind for alert in alerts}
    if not is_exposed(testbed) or testbed.dog_crash_point.dead.is_set():
        return
    if alive_s >= NOTICED_S and AlertKind.ENGINE_SILENT not in told:
        yield f"exposed beside a dead engine, and after {alive_s:.0f} s nobody is told"
    is_held = is_safe(testbed) and AlertKind.WATCHDOG_ACTED not in told
    due_s = down.due_s(testbed) if is_held else down.dog_since_s
    late_s = now_s - due_s
    if is_held and late_s < NOTICED_S:
        pages = sum(alert.kind == AlertKind.WATCHDOG_HOLDS for alert in alerts)
        if pages < (alive_s - NOTICED_S) / PAGED_EVERY_S:
            yield f"held beside a dead engine for {alive_s:.0f} s, and told {pages} times"
        return
    if late_s >= NOTICED_S and AlertKind.WATCHDOG_ACTED not in told:
        yield f"exposed beside a dead engine, and for {late_s:.0f} s the watchdog does nothing"
    if late_s >= FLAT_S and AlertKind.WATCHDOG_STUCK not in told:
        yield f"still exposed after {late_s:.0f} s, and operators were not called again"


def _has_acted(testbed: FailoverTestBed, down: Down) -> bool:
    alerts = testbed.told[down.told_before :]
    return any(alert.kind == AlertKind.WATCHDOG_ACTED for alert in alerts)


def nothing_safe_is_closed(testbed: FailoverTestBed, down: Down) -> Iterable[str]:
    """What was at rest, even and protected is not closed before its hold has ended."""
    acted = _has_acted(testbed, down)
    early_s = down.due_s(testbed) - testbed.clock.monotonic()
    if down.was_safe and acted and early_s > 0:
        yield f"what was even and protected was closed {early_s:.0f} s before its hold ended"


def alerts_of_silence(testbed: FailoverTestBed) -> int:
    """How often operators were told that no watchdog gives a sign of life."""
    return sum(alert.kind == AlertKind.WATCHDOG_SILENT for alert in testbed.alerts())


def silence_is_told(testbed: FailoverTestBed, down_s: float, before: int) -> Iterable[str]:
    """A living engine tells operators of a watchdog that is dead for long."""
    if down_s >= SILENT_S and alerts_of_silence(testbed) == before:
        yield f"the watchdog was dead for {down_s:.0f} s, and nobody is told"
    if down_s > 3 * MONITOR_EVERY_S and not testbed.monitor.misses(DOG_URL):
        yield "the monitor outside does not miss the watchdog"


def monitor_calls(testbed: FailoverTestBed, down_s: float) -> Iterable[str]:
    """With engine and watchdog dead, the monitor outside misses both."""
    if down_s > 3 * MONITOR_EVERY_S:
        for url in (ENGINE_URL, DOG_URL):
            if not testbed.monitor.misses(url):
                yield f"both are dead, and the monitor does not miss {url}"


def nobody_trades_without_a_store(testbed: FailoverTestBed, gone: Gone) -> Iterable[str]:
    """Without a store the engine ends, no order leaves, and the watchdog tells operators."""
    gone_s = testbed.clock.monotonic() - gone.since_s
    if not testbed.engine_has_ended():
        yield f"the store is gone for {gone_s:.0f} s, and the engine goes on"
    last = gone.at + timedelta(seconds=LEASE_S)
    for venue, gateway in testbed.world.gateways.items():
        late = [record for record in gateway.order_requests if record.at > last]
        if late:
            yield f"{len(late)} orders left for {venue} without a store"
    told = {alert.kind for alert in testbed.told[gone.told_before :] if alert.urgent}
    if gone_s >= STORE_TOLD_S and AlertKind.STORE_GONE not in told:
        yield f"the store is gone for {gone_s:.0f} s, and nobody is told"
    if gone_s > 3 * MONITOR_EVERY_S and not testbed.monitor.misses(ENGINE_URL):
        yield "the monitor outside does not miss an engine without a store"


def watchdog_only_closes(testbed: FailoverTestBed) -> Iterable[str]:
    """No order that a watchdog, or what it starts, sent buys coins or sells a contract."""
    for order in placed_orders(testbed.world.accounts()):
        is_its = order.client_order_id in testbed.dog_orders
        if is_its and order.is_buy is (order.leg is Leg.SPOT):
            yield f"the watchdog opened: {order.client_order_id}"
