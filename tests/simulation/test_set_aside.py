"""What ends engine and successor alike is found after the second death, named, and set aside."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from random import Random

from exchange_simulator.exchanges import Opening
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import IllegalTransition
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.failover_testbed import FailoverTestBed
from trading_platform_order.simulation.testbed.setup import TestBedSetup
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.virtual_loop import run_virtual

SETUP = TestBedSetup(
    opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000), coins={"BTC": Decimal(1)}),
    bases=("BTC", "ETH"),
)
OWNERS = Decimal(1)


def signal(testbed: TestBed, action: Action, base: str, name: str) -> Signal:
    return Signal(
        id=f"{name}-{base}",
        strategy="kimchi",
        action=action,
        symbol=base,
        created_at=testbed.clock.now(),
        notional_krw=Decimal(1_000_000) if action is Action.ENTER else None,
    )


async def two_pairs(testbed: TestBed) -> None:
    await testbed.start()
    for base in ("BTC", "ETH"):
        await testbed.deliver(signal(testbed, Action.ENTER, base, "enter"))
        await testbed.quiet()


async def poison(testbed: TestBed) -> int:
    """A row of BTC's trade that no engine can fold; its number."""
    trade = next(one for one in testbed.engine.executor.trades.values() if one.base == "BTC")
    at = testbed.clock.now()
    row = te.OrderAccepted(
        client_order_id="of-no-order", exchange_order_id="1", executed_quantity=Decimal(0), at=at
    )
    store = testbed.engine_store
    await store.append([entry_of(row, trade.trade_id)], at_us=epoch_us(at))
    await testbed.kill()
    return store.head_seq


async def dies_at_its_start(testbed: TestBed) -> None:
    try:
        await TestBed.start(testbed)
    except (IllegalTransition, KeyError, ExceptionGroup) as error:
        testbed.note(f"ended by {error!r}")
    else:
        raise AssertionError("it lives")
    await testbed.kill()


def position(testbed: TestBed, base: str) -> Decimal:
    return testbed.world.position(f"{base}USDT")


def told(testbed: TestBed) -> list[Alert]:
    return [alert for alert in testbed.alerts() if alert.kind == "set_aside"]


def played(testbed: TestBed, story: Callable[[], Awaitable[None]]) -> None:
    async def play() -> None:
        testbed.open()
        try:
            await story()
        finally:
            await testbed.close()

    run_virtual(play())


def test_a_row_that_ended_two_engines_is_named_and_everything_else_is_closed() -> None:
    testbed = TestBed(RunReport(seed="aside"), SETUP)

    async def story() -> None:
        await two_pairs(testbed)
        row = await poison(testbed)
        for _ in range(2):
            assert told(testbed) == []
            await dies_at_its_start(testbed)
        await testbed.start()
        (alert,) = told(testbed)
        assert alert.urgent
        assert alert.fields["what"].startswith(f"row {row} of trade ")
        assert alert.fields["symbol"] == "BTC"
        short = position(testbed, "BTC")
        for base in ("BTC", "ETH"):
            await testbed.deliver(signal(testbed, Action.EXIT, base, "exit"))
        await testbed.deliver(signal(testbed, Action.ENTER, "ETH", "again"))
        await testbed.quiet()
        assert position(testbed, "ETH") == 0, "what is not set aside is closed, and not entered"
        assert position(testbed, "BTC") == short < 0
        assert testbed.world.upbit.totals["BTC"] > OWNERS
        kinds = [row.kind async for row in testbed.reader().journal_all()]
        assert "foreign_movement" not in kinds

    played(testbed, story)


def test_a_watchdogs_engine_counts_as_the_second_one() -> None:
    testbed = FailoverTestBed(RunReport(seed="aside"), SETUP, random=Random(1))  # noqa: S311 - a reproducible run

    async def story() -> None:
        await two_pairs(testbed)
        testbed.start_dog()
        await asyncio.sleep(5.0)
        await poison(testbed)
        await dies_at_its_start(testbed)
        for _ in range(1_000):
            testbed.show_again()
            await asyncio.sleep(1.0)
        assert position(testbed, "ETH") == 0
        assert position(testbed, "BTC") < 0
        assert len(told(testbed)) >= 1
        assert "watchdog_stuck" in {alert.kind for alert in testbed.told}

    played(testbed, story)
