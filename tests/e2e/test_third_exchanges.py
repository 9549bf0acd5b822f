"""A new exchange is an adapter and nothing else: two that live in tests trade end to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.fixture import LoopClock, claim_of
from tests.fakes.pair import signal
from tests.fakes.third_exchange import Exchange, Fjord, Ledgerline, held_of
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.signal import Action
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.runtime.engine import Engine, EngineWorld
from trading_platform_order.simulation.testbed.testbed import bed_settings
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore

NOTHING = (Decimal(0), Decimal(0))
PART = (Decimal("0.01"), Decimal("-0.01"))


class Rig:
    """An engine between two exchanges that ``src`` has never heard of."""

    def __init__(self) -> None:
        self.clock = LoopClock()
        spot = Exchange(price=Decimal(140_000_000), money=Decimal(100_000_000))
        hedge = Exchange(price=Decimal(100_000), money=Decimal(50_000))
        self.spot, self.hedge = Ledgerline(spot, self.clock), Fjord(hedge, self.clock)
        self.engine: Engine
        self._database = Database.memory()
        self._signals = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Rig"]:
        """An engine until the block ends, and then it is killed; the store stays."""
        store = SqliteStore(self._database, build="test", durability="normal")
        settings = bed_settings()
        limits = replace(settings.limits, pairs=None)  # nobody reviewed these listings
        self.engine = Engine(
            world=EngineWorld(
                exchanges=PairExchanges(spot=self.spot, hedge=self.hedge),
                store=store,
                clock=self.clock,
                wire_time=lambda _: None,
            ),
            settings=replace(settings, limits=limits),
            leverage=2,
        )
        ready = asyncio.Event()
        task = asyncio.ensure_future(self.engine.run(ready))
        waiting = asyncio.ensure_future(ready.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await asyncio.sleep(1)
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def hand_in(self, action: Action) -> None:
        self._signals += 1
        wish = signal(
            action,
            name=f"s{self._signals}",
            quantity="0.01" if action is Action.ENTER else None,
            at=self.clock.now(),
        )
        receipt = await self.engine.executor.handle(wish, claim_of(wish))
        assert receipt.refusal is None, receipt.refusal

    async def settled(self) -> tuple[Decimal, Decimal]:
        """What both exchanges hold once nothing is under way."""
        for _ in range(600):
            await asyncio.sleep(0.1)
            if self.engine.executor.is_idle:
                break
        held = held_of(self.spot, Leg.SPOT, "BTC"), held_of(self.hedge, Leg.HEDGE, "BTC")
        owned = self.engine.executor.account.book.holding("kimchi", "BTC")
        assert (owned.spot, -owned.short) == held, "ours and theirs"
        return held

    def orders(self) -> tuple[int, int]:
        return len(self.spot.exchange.entries), len(self.hedge.exchange.entries)


@in_virtual_time
async def test_a_pair_is_entered_and_closed() -> None:
    async with Rig().running() as rig:
        await rig.hand_in(Action.ENTER)
        assert await rig.settled() == PART
        await rig.hand_in(Action.EXIT)
        assert await rig.settled() == NOTHING
        assert rig.orders() == (2, 2)
        names = {order.order.exchange for order in rig.spot.exchange.entries.values()}
        assert names == {"ledgerline"}


@pytest.mark.parametrize("leg", Leg)
def test_a_leg_that_is_refused_is_completed_or_taken_back(leg: Leg) -> None:
    @in_virtual_time
    async def play() -> None:
        async with Rig().running() as rig:
            exchange = rig.spot if leg is Leg.SPOT else rig.hedge
            exchange.exchange.script.append(12 if leg is Leg.SPOT else 9010)
            await rig.hand_in(Action.ENTER)
            assert await rig.settled() == NOTHING
            assert sorted(rig.orders()) == [0, 2], "the other leg was opened and taken back"

    play()


@pytest.mark.parametrize("leg", Leg)
def test_an_order_nobody_answered_is_found_and_never_sent_again(leg: Leg) -> None:
    @in_virtual_time
    async def play() -> None:
        async with Rig().running() as rig:
            exchange = rig.spot if leg is Leg.SPOT else rig.hedge
            exchange.exchange.script.append("silent")
            await rig.hand_in(Action.ENTER)
            assert await rig.settled() == PART
            assert rig.orders() == (1, 1)

    play()


@in_virtual_time
async def test_a_restart_goes_on_with_what_is_open() -> None:
    rig = Rig()
    async with rig.running():
        rig.hedge.exchange.script.append("silent")
        await rig.hand_in(Action.ENTER)
        await asyncio.sleep(0.05)
    async with rig.running():
        assert await rig.settled() == PART
        await rig.hand_in(Action.EXIT)
        assert await rig.settled() == NOTHING
    assert rig.orders() == (2, 2)


@in_virtual_time
async def test_the_core_acts_by_its_own_names_for_their_error_numbers() -> None:
    async with Rig().running() as rig:
        await rig.hand_in(Action.ENTER)
        await rig.settled()
        rig.hedge.exchange.script.append(9002)  # it does not see the position yet
        await rig.hand_in(Action.EXIT)
        assert await rig.settled() == NOTHING
        assert rig.orders() == (2, 2)


def test_two_exchanges_of_one_name_are_no_pair() -> None:
    rig = Rig()
    rig.hedge.venue = rig.spot.venue
    with pytest.raises(ValueError, match="both exchanges are called ledgerline"):
        PairExchanges(spot=rig.spot, hedge=rig.hedge)
