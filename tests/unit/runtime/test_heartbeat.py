"""The engine's sign of life: it sends only under a fresh one, and makes way for the watchdog."""

import asyncio

import pytest

from tests.fakes.fixture import LoopClock
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.runtime.lease.heartbeat import (
    EngineHeartbeat,
    Figures,
    HeartbeatSettings,
    MadeWay,
    let_watchdog_finish,
)
from trading_platform_order.storage.base import StoreBusy, StoreUnavailable
from trading_platform_order.storage.lease import Holder, Lease
from trading_platform_order.storage.liveness import (
    Heartbeat,
    ProcessState,
    Takeover,
    Who,
)
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.storage.sqlite.writers.liveness import SqliteLivenessStore

FIGURES = Figures(unresolved=2, exposure_krw="1400000", latched=True)


class SlowLivenessStore(SqliteLivenessStore):
    """A store that can take its time."""

    takes_s = 0.0
    locked_until_s = 0.0

    async def beat(self, heartbeat: Heartbeat) -> Takeover | None:
        await asyncio.sleep(self.takes_s)
        if asyncio.get_running_loop().time() < self.locked_until_s:
            raise StoreBusy("database is locked")
        return await super().beat(heartbeat)


def watch() -> SlowLivenessStore:
    connection = Database.memory()
    SqliteStore(connection, build="test", durability="normal")
    return SlowLivenessStore(connection)


def heartbeat(
    on: SqliteLivenessStore, told: list[object] | None = None, **settings: object
) -> EngineHeartbeat:
    async def silence(alone: bool) -> None:
        if told is not None:
            told.append(alone)

    return EngineHeartbeat(
        watch=on,
        clock=LoopClock(),
        boot="7",
        settings=HeartbeatSettings(**settings),  # type: ignore[arg-type]
        on_problem=lambda text: told.append(text) if told is not None else None,
        on_silence=silence,
    )


async def watchdog_beats(on: SqliteLivenessStore, until_s: float) -> None:
    loop, number = asyncio.get_running_loop(), 0
    while loop.time() < until_s:
        number += 1
        await on.beat(Heartbeat(who=Who.WATCHDOG, boot="w", beat=number, at_us=0))
        await asyncio.sleep(0.5)


@in_virtual_time
async def test_it_beats_at_least_once_a_second_with_its_figures() -> None:
    store = watch()
    heart = heartbeat(store)
    heart.ready()
    beating = asyncio.ensure_future(heart.run(lambda: FIGURES))
    seen = set()
    for _ in range(10):
        await asyncio.sleep(1.0)
        last = await store.heartbeat(Who.ENGINE)
        assert last is not None
        seen.add(last.beat)
        assert (last.boot, last.unresolved, last.exposure_krw) == ("7", 2, "1400000")
        assert last.latched
        assert last.state is ProcessState.RUNNING
    assert len(seen) == 10
    beating.cancel()


@in_virtual_time
async def test_a_lock_that_another_process_holds_ends_the_lease_and_not_the_engine() -> None:
    store = watch()
    heart = heartbeat(store)
    loop = asyncio.get_running_loop()
    beating = asyncio.ensure_future(heart.run(lambda: FIGURES))
    await asyncio.sleep(1)
    store.locked_until_s = loop.time() + 2
    await asyncio.sleep(2)
    assert heart.lease.may_send(), "two seconds are within the lease"
    await asyncio.sleep(1)
    store.locked_until_s = loop.time() + 20
    await asyncio.sleep(10)
    assert not heart.lease.may_send()
    await asyncio.sleep(10.2)
    assert heart.lease.may_send(), "the first beat that is written opens it again"
    store.locked_until_s = loop.time() + 1_000
    await asyncio.sleep(70)
    with pytest.raises(StoreBusy):
        await beating


@in_virtual_time
async def test_without_a_fresh_beat_nothing_may_be_sent() -> None:
    store = watch()
    heart = heartbeat(store)
    assert not heart.lease.may_send(), "before the first beat"
    await heart.first()
    assert heart.lease.may_send()
    beating = asyncio.ensure_future(heart.run(lambda: FIGURES))
    await asyncio.sleep(20)
    assert heart.lease.may_send()
    store.takes_s = 30.0
    await asyncio.sleep(2.4)
    assert heart.lease.may_send()
    await asyncio.sleep(1.2)
    assert not heart.lease.may_send(), "the store does not answer"
    await asyncio.sleep(60)
    store.takes_s = 0.0
    await asyncio.sleep(31)
    assert heart.lease.may_send(), "it answers again, and nobody took over"
    beating.cancel()


@in_virtual_time
async def test_the_lease_counts_from_the_beginning_of_a_slow_beat() -> None:
    store = watch()
    store.takes_s = 5.0
    heart = heartbeat(store)
    await heart.first()
    assert not heart.lease.may_send()


@in_virtual_time
async def test_a_takeover_ends_the_engine_and_is_acknowledged() -> None:
    store = watch()
    heart = heartbeat(store)
    beating = asyncio.ensure_future(heart.run(lambda: FIGURES))
    await asyncio.sleep(1)
    made = await store.request_takeover("loss", at_us=1)
    with pytest.raises(MadeWay, match="the watchdog took over: loss"):
        await beating
    assert not heart.lease.may_send()
    last = await store.heartbeat(Who.ENGINE)
    assert last is not None
    assert (last.yielded, last.state) == (made.generation, ProcessState.YIELDED)
    assert await store.begin_acting(made.generation, engine=None)


async def lets_finish(store: SqliteLivenessStore, told: list[str]) -> bool:
    return await let_watchdog_finish(
        store, clock=LoopClock(), boot="new", settings=HeartbeatSettings(), tell=told.append
    )


@in_virtual_time
async def test_a_starting_engine_lets_a_living_watchdog_finish() -> None:
    store, told = watch(), list[str]()
    made = await store.request_takeover("loss", at_us=1)
    assert await store.begin_acting(made.generation, engine=None)
    beating = asyncio.ensure_future(watchdog_beats(store, 20))
    starting = asyncio.ensure_future(lets_finish(store, told))
    await asyncio.sleep(8)
    assert not starting.done()
    last = await store.heartbeat(Who.ENGINE)
    assert last is not None
    assert (last.state, last.yielded) == (ProcessState.STARTING, made.generation)
    await store.finish_takeover(made.generation)
    await asyncio.sleep(1)
    assert starting.result() is False, "it has let go of the account"
    assert told == ["the watchdog is at work (loss); waiting for it"]
    beating.cancel()


@pytest.mark.parametrize("beats_s", [0.0, 500.0])
@in_virtual_time
async def test_it_does_not_wait_for_ever(beats_s: float) -> None:
    store = watch()
    made = await store.request_takeover("loss", at_us=1)
    assert await store.begin_acting(made.generation, engine=None)
    beating = asyncio.ensure_future(watchdog_beats(store, beats_s))
    starting = asyncio.ensure_future(lets_finish(store, []))
    await asyncio.sleep(61 if beats_s else 11)
    assert starting.result() is True
    assert await store.open_takeover() is None
    assert not await store.begin_acting(made.generation, engine=None)
    beating.cancel()


@in_virtual_time
async def test_who_has_the_account_and_finds_a_watchdog_at_work_makes_way() -> None:
    store = watch()
    made = await store.request_takeover("loss", at_us=1)
    beating = asyncio.ensure_future(watchdog_beats(store, 20))
    with pytest.raises(MadeWay, match="the watchdog took over: loss"):
        await heartbeat(store).begin()
    last = await store.heartbeat(Who.ENGINE)
    assert last is not None
    assert (last.yielded, last.state) == (made.generation, ProcessState.YIELDED)
    beating.cancel()


@in_virtual_time
async def test_a_dead_watchdog_is_relieved_by_whoever_has_the_account() -> None:
    store = watch()
    await store.request_takeover("loss", at_us=1)
    starting = asyncio.ensure_future(heartbeat(store).begin())
    await asyncio.sleep(9)
    assert not starting.done()
    await asyncio.sleep(2)
    starting.result()
    assert await store.open_takeover() is None


@in_virtual_time
async def test_operators_learn_that_the_watchdog_is_silent_and_that_it_is_back() -> None:
    store, told = watch(), list[object]()
    beating = asyncio.ensure_future(heartbeat(store, told, expected=True).run(lambda: FIGURES))
    await asyncio.sleep(9)
    assert told == []
    await asyncio.sleep(3)
    assert told == [True]
    dog = asyncio.ensure_future(watchdog_beats(store, 500))
    await asyncio.sleep(5)
    assert told == [True, False]
    dog.cancel()
    beating.cancel()


@in_virtual_time
async def test_an_engine_that_stops_on_purpose_says_so() -> None:
    store = watch()
    heart = heartbeat(store)
    await heart.first()
    await heart.end()
    last = await store.heartbeat(Who.ENGINE)
    assert last is not None
    assert last.state is ProcessState.ENDED
    assert not heart.lease.may_send()


@in_virtual_time
async def test_it_beats_beside_a_long_work_of_the_start_and_sends_nothing() -> None:
    store = watch()
    starting = heartbeat(store)
    await starting.begin()
    seen = set()
    async with starting.beating():
        for _ in range(20):
            await asyncio.sleep(1.0)
            last = await store.heartbeat(Who.ENGINE)
            assert last is not None
            seen.add(last.beat)
            assert not starting.lease.may_send()
    assert len(seen) == 20
    before = await store.heartbeat(Who.ENGINE)
    await asyncio.sleep(5.0)
    assert await store.heartbeat(Who.ENGINE) == before, "it beats no more"


@in_virtual_time
async def test_what_fails_beside_the_beats_is_raised_as_it_is() -> None:
    async def starts() -> None:
        async with heartbeat(watch()).beating():
            await asyncio.sleep(1.0)
            raise StoreUnavailable("broken")

    with pytest.raises(StoreUnavailable, match="broken"):
        await starts()


@in_virtual_time
async def test_its_beats_say_that_it_is_starting_until_it_is_ready() -> None:
    store = watch()
    heart = heartbeat(store)

    async def state() -> ProcessState | None:
        last = await store.heartbeat(Who.ENGINE)
        return None if last is None else last.state

    async with heart.beating():
        await asyncio.sleep(1)
        assert await state() is ProcessState.STARTING
    await heart.begin()
    assert await state() is ProcessState.STARTING
    await heart.first()
    beating = asyncio.ensure_future(heart.run(lambda: FIGURES))
    await asyncio.sleep(20)
    assert await state() is ProcessState.STARTING, "it beats and may send, and serves nothing yet"
    heart.ready()
    await asyncio.sleep(1)
    assert await state() is ProcessState.RUNNING
    beating.cancel()


@in_virtual_time
async def test_a_start_that_sends_nothing_makes_way_at_its_next_beat() -> None:
    store = watch()
    heart = heartbeat(store)
    works_on = asyncio.Event()

    async def start() -> None:
        async with heart.beating():
            await works_on.wait()

    starting = asyncio.ensure_future(start())
    await asyncio.sleep(1)
    made = await store.request_takeover("an EXIT waits", at_us=1)
    await asyncio.sleep(1)
    assert await store.begin_acting(made.generation, engine=None)
    assert isinstance(starting.exception(), MadeWay)
    last = await store.heartbeat(Who.ENGINE)
    assert last is not None
    assert last.state is ProcessState.YIELDED


class HeldLease:
    """An account's lease, until somebody else takes it."""

    def __init__(self) -> None:
        self.epoch = 7
        self.renewals = 0

    async def lease(self) -> Lease | None:
        return Lease(
            epoch=self.epoch,
            holder=Holder(),
            renewal=self.renewals,
            reason="process 4 has not renewed",
            at_us=0,
            is_released=False,
        )

    async def renew(self, epoch: int) -> bool:
        self.renewals += 1
        return epoch == self.epoch

    async def release(self, epoch: int) -> None:
        raise AssertionError


def leased(on: SqliteLivenessStore, account_lease: HeldLease) -> EngineHeartbeat:
    return EngineHeartbeat(
        watch=on,
        clock=LoopClock(),
        boot="7",
        settings=HeartbeatSettings(),
        account_lease=account_lease,
        epoch=7,
    )


@in_virtual_time
async def test_an_engine_whose_account_was_taken_sends_nothing_more_and_ends() -> None:
    store, account_lease = watch(), HeldLease()
    heart = leased(store, account_lease)
    await heart.first()
    assert heart.lease.may_send()
    account_lease.epoch = 8
    with pytest.raises(MadeWay, match="process 4 has not renewed"):
        await heart.run(lambda: FIGURES)
    assert not heart.lease.may_send()


@in_virtual_time
async def test_the_account_is_renewed_while_another_process_locks_the_database() -> None:
    """A standby must not kill an engine that only waits, as everybody does."""
    store, account_lease = watch(), HeldLease()
    heart = leased(store, account_lease)
    store.locked_until_s = asyncio.get_running_loop().time() + 30
    beating = asyncio.ensure_future(heart.run(lambda: FIGURES))
    before = account_lease.renewals
    for _ in range(25):
        await asyncio.sleep(1.0)
        assert account_lease.renewals > before
        before = account_lease.renewals
    assert not heart.lease.may_send()
    beating.cancel()


@in_virtual_time
async def test_a_starting_engine_renews_too() -> None:
    store, account_lease = watch(), HeldLease()
    heart = leased(store, account_lease)
    await heart.begin()
    async with heart.beating():
        before = account_lease.renewals
        await asyncio.sleep(2.0)
        assert account_lease.renewals >= before + 4
