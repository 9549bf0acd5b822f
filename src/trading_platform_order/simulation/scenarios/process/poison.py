"""What ends engine and successor alike: it is found after the second death, and set aside."""

import asyncio
from decimal import Decimal
from random import Random

from exchange_simulator.exchanges import Opening
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import IllegalTransition
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.scenarios.catalogue import Scenario, scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.failover_dsl import FailoverScene
from trading_platform_order.simulation.testbed.failover.failover_testbed import FailoverTestBed
from trading_platform_order.simulation.testbed.setup import TestBedSetup, bed_settings
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.transport.clock import epoch_us

POISON = "our design: what ended two engines is named and set aside, and everything else is closed"
COINS = ("BTC", "ETH")
POISONED, OTHER = COINS
STUCK_S = 1_000.0
SETUP = TestBedSetup(
    opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000), coins={POISONED: Decimal(1)}),
    bases=COINS,
    settings=bed_settings(*COINS),
)


class PoisonScene(FailoverScene):
    """A scene in which rows stand in the journal that this program cannot fold."""

    async def two_pairs(self) -> None:
        """One of each coin."""
        for base in COINS:
            await self.enter(f"enter {base}", symbol=base)
            await self.quiet()
            self.expect(that=self.short(base) > 0, otherwise=f"no pair of {base}")

    async def poison(self) -> int:
        """The engine dies behind two rows that no engine survives; the first one's number."""
        testbed = self.watched
        trades = testbed.engine.executor.trades.values()
        trade_id = next(one.trade_id for one in trades if one.base == POISONED)
        row = te.OrderAccepted(
            client_order_id="of-no-order",
            exchange_order_id="1",
            executed_quantity=Decimal(0),
            at=testbed.clock.now(),
        )
        entries = [entry_of(row, trade_id)] * 2
        await testbed.engine_store.append(entries, at_us=epoch_us(testbed.clock.now()))
        await self.engine_dies()
        return testbed.engine_store.head_seq - 1

    async def engine_dies_at_its_start(self) -> None:
        """Nothing of it is ready before it dies."""
        try:
            await TestBed.start(self.watched)
        except (IllegalTransition, KeyError, ExceptionGroup) as error:
            self.watched.note(f"ended by {error!r}")
        else:
            self.expect(that=False, otherwise="an engine survived the row")
        await self.watched.kill()

    def set_aside(self) -> list[Alert]:
        """What operators were told of it."""
        return [one for one in self.watched.alerts() if one.kind == AlertKind.SET_ASIDE]

    def expect_aside(self, row: int, *, starts: int | None = 1) -> None:
        """Each start tells it urgently, by the row's number and its coin; ``None``: any number."""
        told = [(a.fields["what"], a.fields["symbol"]) for a in self.set_aside() if a.urgent]
        named = [one for one in told if one[0].startswith(f"row {row} of trade ")]
        self.expect(
            that=bool(told)
            and told == [(told[0][0], POISONED)] * len(named)
            and len(told) == (starts or len(told)),
            otherwise=f"row {row} of {POISONED} is not told, but {told}",
        )


async def _play(found: Scenario, report: RunReport) -> None:
    """No ledger can be right in the end: of the poisoned trade nobody knows what it did."""
    testbed = FailoverTestBed(report, found.setup, random=Random(found.name))  # noqa: S311 - a reproducible run
    testbed.open()
    scene = PoisonScene(testbed)
    try:
        await testbed.start()
        await found.play(scene)
        report.violations += invariants.no_id_filled_twice(testbed.world.accounts())
    finally:
        await testbed.close()


@scenario(rule=POISON, setup=SETUP, on_testbed=_play)
async def a_row_that_ends_engine_and_successor(scene: Scene) -> None:
    """Two engines die by it; the third names it and freezes its coin, closes all else, enters none.

    Later rows of the same trade are not looked at either.
    """
    if not isinstance(scene, PoisonScene):
        raise TypeError(scene)
    await scene.two_pairs()
    row = await scene.poison()
    for _ in range(2):
        scene.expect(that=not scene.set_aside(), otherwise="set aside too early")
        await scene.engine_dies_at_its_start()
    await scene.engine_returns()
    scene.expect_aside(row)
    held, coins = scene.short(POISONED), scene.coins(POISONED)
    for base in COINS:
        await scene.exit(f"exit {base}", symbol=base)
    await scene.enter("again", symbol=OTHER)
    await scene.quiet()
    scene.expect_flat(OTHER)
    left = scene.short(POISONED), scene.coins(POISONED)
    scene.expect(that=left == (held, coins) and held > 0, otherwise=f"{POISONED} is not frozen")
    kinds = [row.kind async for row in scene.watched.reader().journal_all()]
    scene.expect(that="foreign_movement" not in kinds, otherwise="its coins are called foreign")


@scenario(rule=POISON, setup=SETUP, on_testbed=_play)
async def a_row_that_ends_the_watchdogs_engine_too(scene: Scene) -> None:
    """The engine stays dead: the one that the watchdog starts is the second, the next one closes.

    An operator is called because of what it cannot close.
    """
    if not isinstance(scene, PoisonScene):
        raise TypeError(scene)
    await scene.two_pairs()
    scene.watched.start_dog()
    await asyncio.sleep(5.0)
    row = await scene.poison()
    await scene.engine_dies_at_its_start()
    held = scene.short(POISONED)
    await scene.pass_time(STUCK_S)
    scene.expect_aside(row, starts=None)
    scene.expect_flat(OTHER)
    scene.expect(that=scene.short(POISONED) == held > 0, otherwise=f"{POISONED} is not frozen")
    scene.expect_told(AlertKind.WATCHDOG_STUCK)
    await scene.watched.kill_dog()
