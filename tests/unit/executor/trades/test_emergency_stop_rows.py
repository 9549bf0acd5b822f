"""The journal says who set and lifted the emergency stop, when, and when the engine knew."""

from datetime import timedelta

from trading_platform_order.domain.account.account_events import (
    EmergencyStopLifted,
    EmergencyStopSet,
)
from trading_platform_order.executor.journal.event_codec import Event, event_of
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.testbed.testbed import TestBed, TestBedSetup
from trading_platform_order.transport.virtual_loop import run_virtual


async def stopped_and_lifted() -> list[Event]:
    testbed = TestBed(RunReport(seed="a stop"), TestBedSetup())
    testbed.open()
    try:
        await testbed.start()
        scene = Scene(testbed)
        await scene.stop("operator at the page: looks wrong")
        await scene.wait(0.5)
        await scene.crash()
        await scene.lift("operator: looked")
        await scene.wait(0.5)
        return [event_of(row) async for row in testbed.reader().journal_all()]
    finally:
        await testbed.close()


def test_who_and_when_are_journalled_also_over_a_restart() -> None:
    events = run_virtual(stopped_and_lifted())
    rows = [e for e in events if isinstance(e, EmergencyStopSet | EmergencyStopLifted)]

    first, again, lifted = rows
    assert isinstance(first, EmergencyStopSet)
    assert isinstance(again, EmergencyStopSet)
    assert first.reason == again.reason == "operator at the page: looks wrong"
    assert first.set_at == again.set_at
    assert first.at - first.set_at < timedelta(seconds=1)
    assert again.at > first.at
    assert lifted == EmergencyStopLifted(reason="operator: looked", at=lifted.at)
