"""An executor that keeps a protective stop, and what became of its stops."""

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import D, signal
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopState,
    ProtectRules,
    StopMoved,
)
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits

ENTER = signal(quantity="0.010")
LIQUIDATION = D(150_000)


# The monitors would reduce the pair before its stop is reached; here only the stop is looked at.
NO_REDUCING = MonitorLimits(margin=MarginLimits(warn_distance=D(0), reduce_distance=D(0)))


def fixture_of(**rules: object) -> ExecutorFixture:
    protect = ProtectRules(**rules)  # type: ignore[arg-type]
    fixture = ExecutorFixture(protect=protect, reconcile_interval_s=10.0, monitors=NO_REDUCING)
    fixture.binance.liquidation = LIQUIDATION
    return fixture


def exiting(fixture: ExecutorFixture, name: str = "x1", quantity: str | None = None) -> Signal:
    return signal(Action.EXIT, name=name, quantity=quantity, at=fixture.clock.now())


async def states(fixture: ExecutorFixture) -> list[ProtectiveStopState]:
    return [event.state for event in await fixture.events() if isinstance(event, StopMoved)]
