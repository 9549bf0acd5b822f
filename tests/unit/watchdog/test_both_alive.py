"""Engine and watchdog both alive, slow, restarted: never do both sell the same coins."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.kennel import SETTINGS, Kennel
from tests.fakes.outcomes import LOST_ANSWER, LOST_REQUEST, SILENT_TIMEOUT_S, ScriptedOutcome
from tests.fakes.pair import SPOT_MID, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.order import OrderSide
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.port.stream_events import OrderUpdate
from trading_platform_order.runtime.lease.heartbeat import MadeWay
from trading_platform_order.storage.liveness import TakeoverState

ENTER = signal(quantity="0.010")
FLAT = (D(0), D(0))
LOSES = replace(SETTINGS, loss_fraction=D("0.001"))
HALF = SPOT_MID / 2
UNJOURNALLED = "tp-aaaaaaaaaaaaaaaaaaaa-so1"


def sold(kennel: Kennel) -> object:
    sells = [order for order in kennel.upbit.sent if order.side is OrderSide.SELL]
    return sum((order.quantity for order in sells), D(0))


async def unjournalled(kennel: Kennel) -> None:
    """Somebody trades under our prefix."""
    template = kennel.order("so1")
    kennel.upbit.arrive(
        replace(template, client_order_id=UNJOURNALLED), ScriptedOutcome(executes=D(0))
    )
    report = replace(kennel.upbit.report(UNJOURNALLED), executed_quantity=D("0.001"))
    kennel.snapshot[Venue.UPBIT].sink(OrderUpdate(report=report))


@in_virtual_time
async def test_with_both_alive_nothing_happens() -> None:
    kennel = Kennel()
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        for name in ("so1", "ho1"):
            order = kennel.order(name)
            exchange = kennel.upbit if order.leg.value == "spot" else kennel.binance
            report = exchange.report(order.client_order_id)
            kennel.snapshot[order.exchange].sink(OrderUpdate(report=report))
        await asyncio.sleep(600)
        assert kennel.told == []
        assert kennel.sent == ["so1", "ho1"]


@in_virtual_time
async def test_an_order_no_journal_knows_makes_the_engine_give_way_and_closes() -> None:
    kennel = Kennel()
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        await unjournalled(kennel)
        await asyncio.sleep(2.5)
        assert not life.done()
        await asyncio.sleep(3)
        assert [type(e) for e in life.exception().exceptions] == [MadeWay]  # type: ignore[union-attr]
        assert kennel.told_kinds == ["unknown_orders", "watchdog_acted", "watchdog_done"]
        assert kennel.held == FLAT
        assert sold(kennel) == D("0.010")
        async with kennel.running():
            await kennel.quiet()
            assert kennel.executor.account.stopped_reason is not None
            assert sold(kennel) == D("0.010")


@in_virtual_time
async def test_more_executed_than_intended_is_noticed() -> None:
    kennel = Kennel()
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        order = kennel.order("ho1")
        report = replace(kennel.binance.report(order.client_order_id), executed_quantity=D("0.011"))
        kennel.snapshot[Venue.BINANCE].sink(OrderUpdate(report=report))
        await asyncio.sleep(1)
        assert "unknown_orders" in kennel.told_kinds
        assert "executed SELL 0.011 BTCUSDT" in kennel.told[0].fields["orders"]


@pytest.mark.parametrize(("side", "alarms"), [(OrderSide.BUY, False), (OrderSide.SELL, True)])
@in_virtual_time
async def test_a_protective_stop_that_fired_is_no_stranger(
    side: OrderSide, *, alarms: bool
) -> None:
    kennel = Kennel()
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        seen = kennel.binance.report(kennel.order("ho1").client_order_id)
        name = "tp-aaaaaaaaaaaaaaaaaaaa-hp1"
        kennel.snapshot[Venue.BINANCE].sink(
            OrderUpdate(report=replace(seen, client_order_id=name, side=side))
        )
        await asyncio.sleep(5)
        assert ("unknown_orders" in kennel.told_kinds) is alarms


@in_virtual_time
async def test_orders_of_other_programs_are_not_ours_to_judge() -> None:
    kennel = Kennel()
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        report = replace(
            kennel.upbit.report(kennel.order("so1").client_order_id), client_order_id="web-1"
        )
        kennel.snapshot[Venue.UPBIT].sink(OrderUpdate(report=report))
        await asyncio.sleep(60)
        assert kennel.told == []


@in_virtual_time
async def test_a_hung_engine_may_not_send_and_is_ended() -> None:
    """Its process is there, its beat stands still: it has lost its lease, and is ended."""
    kennel = Kennel()
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        kennel.engine_watch.hangs = True
        await asyncio.sleep(4)
        assert not kennel.heartbeat.lease.may_send()
        assert kennel.sent == ["so1", "ho1"]
        await asyncio.sleep(5)
        assert kennel.sent == ["so1", "ho1"], "it may be in the middle of something yet"
        await asyncio.sleep(8)
        assert life.cancelled(), "it was killed before its account was taken"
        await asyncio.sleep(2)
        assert kennel.held == FLAT
        assert sold(kennel) == D("0.010")
        kennel.engine_watch.hangs = False
        async with kennel.running():
            await kennel.quiet()
            assert sold(kennel) == D("0.010")
            assert kennel.executor.book.holding("kimchi", "BTC").spot == 0


@in_virtual_time
async def test_an_engine_without_a_lease_sends_nothing() -> None:
    kennel = Kennel()
    async with kennel.running():
        await kennel.done(ENTER)
        kennel.engine_watch.hangs = True
        await asyncio.sleep(4)
        before = len(kennel.sent)
        await kennel.signal(signal(name="s9", strategy="other", quantity="0.010"))
        await asyncio.sleep(5)
        assert len(kennel.sent) == before


@pytest.mark.parametrize("killed_after_s", [0.0, 0.006, 0.012, 0.03, 0.2, 1.0])
@pytest.mark.parametrize(
    ("spot", "hedge"),
    [
        (ScriptedOutcome(), ScriptedOutcome()),
        (LOST_ANSWER, ScriptedOutcome()),
        (ScriptedOutcome(), LOST_ANSWER),
        (LOST_REQUEST, LOST_REQUEST),
        (ScriptedOutcome(answer_s=2.0), LOST_REQUEST),
        (ScriptedOutcome(executes=D("0.006"), stays_open=True), ScriptedOutcome()),
    ],
)
@in_virtual_time
async def test_a_watchdog_restarted_in_the_middle_sells_nothing_twice(
    spot: ScriptedOutcome, hedge: ScriptedOutcome, killed_after_s: float
) -> None:
    kennel = Kennel()
    async with kennel.running():
        await kennel.done(ENTER)
    kennel.upbit.outcomes.append(spot)
    kennel.binance.outcomes.append(hedge)
    async with kennel.watched():
        await kennel.until_it_reduces()
        await asyncio.sleep(killed_after_s)
    await asyncio.sleep(3)
    async with kennel.watched():
        await asyncio.sleep(SILENT_TIMEOUT_S + 50)
        assert kennel.held == FLAT
        assert sorted(set(kennel.sent)) == sorted(kennel.sent)
        assert kennel.told_kinds.count("watchdog_done") == 1
    async with kennel.running():
        await kennel.quiet()
        assert kennel.executor.book.holding("kimchi", "BTC").spot == 0
        assert kennel.executor.book.ledger.krw == kennel.upbit.money


@in_virtual_time
async def test_a_third_watchdog_does_not_sell_what_a_finished_takeover_sold() -> None:
    """The engine is still down, so the journal still says that the coins are ours."""
    kennel = Kennel()
    kennel.upbit.base = D("1")
    async with kennel.running():
        await kennel.done(ENTER)
    for _ in range(3):
        async with kennel.watched():
            await asyncio.sleep(30)
    assert sold(kennel) == D("0.010")
    assert kennel.upbit.base == D(1)


@pytest.mark.parametrize("back_after_s", [0.0, 0.005, 0.02, 0.5, 3.0])
@in_virtual_time
async def test_the_engine_comes_back_while_the_watchdog_is_at_work(back_after_s: float) -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.upbit.outcomes.append(LOST_ANSWER)
        kennel.binance.outcomes.append(LOST_REQUEST)
        await kennel.until_it_reduces()
        await asyncio.sleep(back_after_s)
        async with kennel.running():
            await kennel.quiet()
            await asyncio.sleep(30)
            assert kennel.held == FLAT
            assert sold(kennel) == D("0.010")
            ledger = kennel.executor.book.ledger
            assert (ledger.krw, ledger.usdt) == (kennel.upbit.money, kennel.binance.money)
        assert await kennel.watch.open_takeover() is None


@in_virtual_time
async def test_a_watchdog_that_is_stuck_is_relieved_by_the_engine() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.closes_fail = ["held by another"] * 1_000
        await asyncio.sleep(30)
        takeover = await kennel.watch.open_takeover()
        assert takeover is not None
        assert takeover.state is TakeoverState.ACTING
        starting = asyncio.ensure_future(kennel.begin(until_ready=False))
        await asyncio.sleep(55)
        assert not starting.done()
        await asyncio.sleep(20)
        life = await starting
        assert await kennel.watch.open_takeover() is None
        assert kennel.held == (D("0.010"), D("-0.010")), "even, and the engine's again"
        await kennel.kill(life)


@in_virtual_time
async def test_a_loss_beyond_the_limit_closes_once_a_day() -> None:
    kennel = Kennel(dog=replace(LOSES, loss_persist_s=10.0))
    market = kennel.prices_of_its_own()
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        await asyncio.sleep(150)
        assert kennel.told == []
        market.spot_mid = HALF
        await asyncio.sleep(9)
        assert kennel.told == []
        await asyncio.sleep(30)
        assert kennel.held == FLAT
        assert kennel.told_kinds == ["watchdog_acted", "watchdog_done", "engine_silent"]
        assert "own count is 700000 KRW of" in kennel.told[0].fields["reason"]
        assert "by the balances and 700000 by the trades" in kennel.told[0].fields["reason"]
        assert isinstance(life.exception(), ExceptionGroup), "it made way"


@in_virtual_time
async def test_krw_that_cannot_be_read_are_not_lost() -> None:
    kennel = Kennel(dog=replace(LOSES, loss_persist_s=10.0))
    market = kennel.prices_of_its_own()
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        await asyncio.sleep(150)
        kennel.upbit.unread = {"KRW": "no number"}
        market.spot_mid = HALF
        await asyncio.sleep(60)
        assert kennel.held != FLAT, "what was lost is unknown"
        kennel.upbit.unread = {}
        await asyncio.sleep(40)
        assert kennel.held == FLAT
        assert "by the balances and 700000 by the trades" in kennel.told[0].fields["reason"]
        assert isinstance(life.exception(), ExceptionGroup), "it made way"


@pytest.mark.parametrize(("stopped_s", "starts_s"), [(60.0, 3.0), (200.0, 29.0)])
@in_virtual_time
async def test_an_engine_that_starts_again_is_given_time_for_its_first_sign(
    stopped_s: float, starts_s: float
) -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        await kennel.heartbeat.end()
        await asyncio.sleep(stopped_s)
        kennel.process_alive = True
        await asyncio.sleep(starts_s)
        async with kennel.running():
            await asyncio.sleep(60)
            assert kennel.told == []
            assert kennel.sent == ["so1", "ho1"]


@in_virtual_time
async def test_one_that_starts_and_never_gives_a_sign_is_dead() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        await kennel.heartbeat.end()
        await asyncio.sleep(60)
        kennel.process_alive = True
        await asyncio.sleep(29)
        assert kennel.told == []
        await asyncio.sleep(10)
        assert kennel.held == FLAT


@in_virtual_time
async def test_one_that_starts_and_ends_over_and_over_is_dead() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        for _ in range(10):
            kennel.process_alive = True
            await asyncio.sleep(3)
            kennel.process_alive = False
            await asyncio.sleep(1)
        assert kennel.held == FLAT


@in_virtual_time
async def test_a_deposit_made_while_no_engine_ran_is_no_loss() -> None:
    kennel = Kennel()
    async with kennel.running():
        await kennel.done(ENTER)
    await kennel.heartbeat.end()
    kennel.upbit.money += D(20_000_000)
    async with kennel.watched():
        await asyncio.sleep(30)
        async with kennel.running():
            await asyncio.sleep(400)
            assert "ForeignMovement" in [type(event).__name__ for event in await kennel.events()]
            assert kennel.told == []
            assert kennel.sent == ["so1", "ho1"]


@in_virtual_time
async def test_a_deposit_just_before_the_days_first_reading_is_no_loss() -> None:
    kennel = Kennel()
    async with kennel.running():
        await kennel.done(ENTER)
        kennel.upbit.money += D(20_000_000)
        async with kennel.watched():
            await asyncio.sleep(400)
            assert "ForeignMovement" in [type(event).__name__ for event in await kennel.events()]
            assert kennel.told == []


@in_virtual_time
async def test_a_loss_in_the_days_first_minutes_is_found_all_the_same() -> None:
    kennel = Kennel(dog=LOSES)
    market = kennel.prices_of_its_own()
    async with kennel.watched():
        life = await kennel.begin()
        await kennel.done(ENTER)
        await asyncio.sleep(30)
        market.spot_mid = HALF
        await asyncio.sleep(150)
        assert kennel.told == []
        await asyncio.sleep(150)
        assert kennel.held == FLAT
        assert isinstance(life.exception(), ExceptionGroup), "it made way"
