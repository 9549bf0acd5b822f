"""What every run in which processes die for good has in common: faults, signals, and its end."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Protocol

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.armed import ArmedFault
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.faults.fault_kinds import BINANCE_ONLY, wire_faults
from trading_platform_order.simulation.report import RunReport, describe
from trading_platform_order.simulation.testbed.failover.last_resort_program import Ended
from trading_platform_order.simulation.testbed.setup import TestBedSetup
from trading_platform_order.simulation.testbed.testbed import BASE, TestBed
from trading_platform_order.transport.virtual_loop import run_virtual

HOLD_S = (60.0, 900.0)
OWNERS = Decimal(1)
# The owner's own coins stand beside ours: whatever is sold twice is sold out of these.
SETUP = TestBedSetup(
    opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000), coins={BASE: OWNERS})
)
ANSWERS_S = 1.0
"""A dead engine never answers: whoever hands something in waits so long."""
WIRE_KINDS = (
    "request_lost",
    "response_lost",
    "response_late",
    "connection_reset",
    "refusal",
    "order_stays_working",
    "thin_book",
    "stream_cut",
    "stream_lost",
    "bad_gateway_executed",
    "bad_gateway_not_executed",
    "unknown_503_executed",
    "unknown_503_not_executed",
    "backend_timeout",
)
"""What may go wrong besides: nothing that closes an exchange for long."""


class WireFaults:
    """Those that a run of these kinds may arm, drawn one by one."""

    def __init__(self, random: Random, kinds: Sequence[str]) -> None:
        self._random = random
        self._kinds = [kind for kind in WIRE_KINDS if kind in kinds]

    def arm(self, testbed: TestBed, count: int) -> list[tuple[str, ArmedFault]]:
        """Arm so many; each with its kind."""
        random, armed = self._random, []
        for _ in range(count if self._kinds else 0):
            kind = random.choice(self._kinds)
            venue = random.choice((Venue.UPBIT, Venue.BINANCE))
            for fault in wire_faults(
                kind, random, Venue.BINANCE if kind in BINANCE_ONLY else venue
            ):
                testbed.note(f"armed {kind} on {fault.venue}")
                armed.append((kind, testbed.world.arm(fault)))
        return armed


class Signals:
    """Those of one run, each under a name of its own."""

    def __init__(self, random: Random, report: RunReport, *, prefix: str, most: int) -> None:
        """``most``: of an entry, in 100,000 KRW."""
        self._random, self._report = random, report
        self._prefix, self._most = prefix, most
        self._count = 0

    def draw(self, testbed: TestBed, action: Action) -> Signal:
        """One whose amount is drawn."""
        notional_krw = Decimal(self._random.randint(2, self._most) * 100_000)
        return self.made(testbed, action, notional_krw)

    def made(self, testbed: TestBed, action: Action, notional_krw: Decimal | None = None) -> Signal:
        """One of now; an EXIT closes everything."""
        self._count += 1
        self._report.signals += 1
        return Signal(
            id=f"{self._prefix}{self._count}",
            strategy="kimchi",
            action=action,
            symbol=BASE,
            created_at=testbed.clock.now(),
            notional_krw=notional_krw if action is Action.ENTER else None,
        )


async def is_answered(testbed: TestBed, signal: Signal, *, inbox_id: int | None = None) -> bool:
    """Hand it in once; whether a living engine acknowledged it."""
    sending = asyncio.ensure_future(testbed.engine.submit(signal, inbox_id=inbox_id))
    await asyncio.wait([sending], timeout=ANSWERS_S)
    is_told = sending.done() and not sending.cancelled() and sending.exception() is None
    sending.cancel()
    return is_told


class FailoverRun(Protocol):
    """One world of these."""

    report: RunReport

    async def run(self) -> RunReport:
        """Play and judge."""
        ...


def play(run: FailoverRun) -> RunReport:
    """One run; what breaks in it is a violation of its own."""
    try:
        return run_virtual(run.run())
    except (Exception, Ended) as error:  # noqa: BLE001 - the outermost supervisor: a broken run is a finding
        run.report.violations.append(f"the run broke: {describe(error)}")
        return run.report
