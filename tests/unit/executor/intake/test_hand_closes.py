"""An operator closes a pair or one leg of it: through the command inbox, on the normal way."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.fixture import ExecutorFixture, ThinMarket
from tests.fakes.outcomes import LOST_ANSWER
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.trade_events import TradeOpened, TradeOutcome, TradeSettled
from trading_platform_order.domain.venue import Venue
from trading_platform_order.runtime.doors.command_consumer import CommandLoop
from trading_platform_order.storage.base import InboxResult
from trading_platform_order.transport.virtual_loop import run_virtual

NAKED_KRW = "1399900"
"""0.010 BTC at Upbit's bid of 139,990,000 KRW."""


MAINTENANCE = Refused(code="closed", message="maintenance", hindrance=Hindrance.MAINTENANCE)


@asynccontextmanager
async def commanded(fixture: ExecutorFixture) -> AsyncIterator[None]:
    task = asyncio.ensure_future(CommandLoop(executor=fixture.executor, store=fixture.store).run())
    try:
        yield
    finally:
        task.cancel()


async def command(fixture: ExecutorFixture, kind: str, **body: str) -> tuple[str, str]:
    number = await fixture.store.put_command(
        kind, json.dumps(body), at_us=1_000_000 * int(fixture.clock.now().timestamp())
    )
    for _ in range(100):
        answer = await fixture.store.command_result(number)
        if answer is not None:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError("no answer")


async def exits(fixture: ExecutorFixture) -> list[TradeOpened]:
    opened = [e for e in await fixture.events() if isinstance(e, TradeOpened)]
    return [event for event in opened if event.signal.action is Action.EXIT]


async def settled(fixture: ExecutorFixture) -> TradeSettled:
    return [e for e in await fixture.events() if isinstance(e, TradeSettled)][-1]


@in_virtual_time
async def test_a_pair_is_closed_on_both_exchanges() -> None:
    async with ExecutorFixture().running() as fixture, commanded(fixture):
        await fixture.done(signal(quantity="0.010"))
        result, detail = await command(fixture, "close", symbol="BTC", reason="enough")
        assert result == InboxResult.DONE
        assert detail.startswith("ordered: close-1-")
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        (exit_,) = await exits(fixture)
        assert exit_.signal.metadata == {"reason": "enough"}
        assert await command(fixture, "close", symbol="BTC") == (
            "refused",
            "refused: nothing of BTC is held",
        )


@in_virtual_time
async def test_about_so_many_krw_of_a_pair_are_closed_alike() -> None:
    async with ExecutorFixture().running() as fixture, commanded(fixture):
        await fixture.done(signal(quantity="0.100"))
        await command(fixture, "close", symbol="BTC", krw="5600000")
        await fixture.quiet()
        assert fixture.is_even()
        assert fixture.upbit.base == D("0.061")  # 5,600,000 KRW are 0.0399 BTC, on the hedge's step


@in_virtual_time
async def test_every_strategy_that_holds_it_is_closed_or_the_one_that_is_named() -> None:
    async with ExecutorFixture().running() as fixture, commanded(fixture):
        await fixture.done(signal(quantity="0.010"))
        other = signal(name="s2", strategy="other", quantity="0.020", at=fixture.clock.now())
        await fixture.done(other)
        for body in ({"krw": "500000"}, {"leg": "spot"}):
            result, detail = await command(fixture, "close", symbol="BTC", **body)
            assert (result, "name one of kimchi, other" in detail) == ("refused", True)
        await command(fixture, "close", symbol="BTC", strategy="other")
        await fixture.quiet()
        assert fixture.upbit.base == D("0.010")
        await fixture.done(
            signal(name="s3", strategy="other", quantity="0.020", at=fixture.clock.now())
        )
        await command(fixture, "close", symbol="BTC")
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


@in_virtual_time
async def test_a_command_that_a_crash_repeats_closes_once() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(signal(quantity="0.100"))
        body = json.dumps({"symbol": "BTC", "krw": "5600000"})
        number = await fixture.store.put_command("close", body, at_us=2_000_000_000_000_000)
        loop = CommandLoop(executor=fixture.executor, store=fixture.store)
        (waiting,) = await fixture.store.pending_commands()
        assert (await loop._close(waiting)).startswith("ordered: ")
        await fixture.quiet()
    async with fixture.running(), commanded(fixture):
        await asyncio.sleep(2)
        result, detail = await fixture.store.command_result(number) or ("", "")
        assert (result, "was ordered before" in detail) == ("done", True)
        await fixture.quiet()
        assert fixture.upbit.base == D("0.061")


@in_virtual_time
async def test_it_waits_as_every_close_does_and_can_be_withdrawn() -> None:
    async with ExecutorFixture().running() as fixture, commanded(fixture):
        await fixture.done(signal(quantity="0.010"))
        fixture.market.suspended = {Venue.BINANCE}
        await asyncio.sleep(1)
        _, detail = await command(fixture, "close", symbol="BTC")
        assert detail.endswith("waits: tporder status")
        await asyncio.sleep(30)
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.010"), D("-0.010"))
        name = detail.split()[1]
        assert await command(fixture, "withdraw", signal_id=name) == ("done", f"withdrawn: {name}")
        fixture.market.suspended = set()
        await asyncio.sleep(30)
        assert fixture.upbit.base == D("0.010")


@pytest.mark.parametrize("leg", ["spot", "hedge"])
def test_one_leg_is_closed_alone_after_its_naked_value_was_confirmed(leg: str) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture()
        async with fixture.running(), commanded(fixture):
            await fixture.done(signal(quantity="0.010"))
            # Only that leg's exchange is used: the other one may be closed.
            fixture.market.suspended = {Venue.BINANCE if leg == "spot" else Venue.UPBIT}
            await asyncio.sleep(1)
            before = len(fixture.binance.sent if leg == "spot" else fixture.upbit.sent)
            result, detail = await command(fixture, "naked", symbol="BTC", leg=leg)
            assert json.loads(detail) == {
                "before_krw": "0",
                "after_krw": NAKED_KRW,
                "strips": True,
            }
            for wrong in ({}, {"confirm_krw": "1"}):
                result, detail = await command(fixture, "close", symbol="BTC", leg=leg, **wrong)
                assert result == "refused"
                assert f"{NAKED_KRW} KRW would stand without a hedge" in detail
            result, _ = await command(
                fixture, "close", symbol="BTC", leg=leg, confirm_krw=NAKED_KRW
            )
            assert result == "done"
            await fixture.quiet()
            left = (D(0), D("-0.010")) if leg == "spot" else (D("0.010"), D(0))
            assert (fixture.upbit.base, fixture.binance.base) == left
            event = await settled(fixture)
            assert event.outcome is TradeOutcome.ONE_LEG
            assert ("exit", True) in await fixture.alerts()
            assert len(fixture.binance.sent if leg == "spot" else fixture.upbit.sent) == before
            await asyncio.sleep(300)
            assert (fixture.upbit.base, fixture.binance.base) == left  # nothing evens it again
            fixture.market.suspended = set()
        async with fixture.running(), commanded(fixture):
            await asyncio.sleep(300)
            assert (fixture.upbit.base, fixture.binance.base) == left
            await command(fixture, "close", symbol="BTC")
            await fixture.quiet()
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))

    run_virtual(scenario())


@in_virtual_time
async def test_a_part_of_a_leg_and_never_more_than_the_ledger_owns() -> None:
    fixture = ExecutorFixture()
    async with fixture.running(), commanded(fixture):
        await fixture.done(signal(quantity="0.100"))
        await command(
            fixture, "close", symbol="BTC", leg="spot", krw="5600000", confirm_krw="5600000"
        )
        await fixture.quiet()
        assert fixture.binance.base == D("-0.100")
        assert D("0.0599") < fixture.upbit.base < D("0.0601")
        fixture.upbit.base += D(5)  # the owner's own coins
        await asyncio.sleep(1)
        _, told = await command(fixture, "naked", symbol="BTC", leg="spot", krw="900000000")
        naked_krw = json.loads(told)["after_krw"]
        await command(
            fixture, "close", symbol="BTC", leg="spot", krw="900000000", confirm_krw=naked_krw
        )
        await fixture.quiet()
        assert D(5) <= fixture.upbit.base < D("5.001")
        assert fixture.binance.base == D("-0.100")


@in_virtual_time
async def test_a_leg_whose_exchange_is_closed_waits_for_it_over_a_restart() -> None:
    fixture = ExecutorFixture()
    async with fixture.running(), commanded(fixture):
        await fixture.done(signal(quantity="0.010"))
        fixture.upbit.tests.extend([MAINTENANCE] * 1_000)
        fixture.executor.access.hindered(Leg.SPOT, "BTC", Hindrance.MAINTENANCE, "maintenance")
        await command(fixture, "close", symbol="BTC", leg="spot", confirm_krw=NAKED_KRW)
        await asyncio.sleep(30)
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.010"), D("-0.010"))
    fixture.upbit.tests.clear()
    async with fixture.running():
        await asyncio.sleep(30)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D("-0.010"))


@in_virtual_time
async def test_a_begun_close_of_a_leg_that_waits_is_withdrawn_where_it_stands() -> None:
    fixture = ExecutorFixture()
    market = fixture.market = ThinMarket()
    async with fixture.running(), commanded(fixture):
        await fixture.done(signal(quantity="0.100"))
        market.depth = D("0.040")
        ordering = asyncio.ensure_future(
            command(fixture, "close", symbol="BTC", leg="spot", confirm_krw="13999000")
        )
        while fixture.upbit.base == D("0.100"):  # noqa: ASYNC110 - it has no event to wait for
            await asyncio.sleep(0.001)
        market.depth = D(0)
        _, detail = await ordering
        await asyncio.sleep(30)
        left = fixture.upbit.base
        assert D(0) < left < D("0.100")
        _, told = await command(fixture, "withdraw", signal_id=detail.split()[1])
        assert told.startswith("withdrawn: the rest")
        market.depth = D(1_000)
        await asyncio.sleep(60)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (left, D("-0.100"))


@in_virtual_time
async def test_an_unanswered_sale_of_a_leg_is_looked_up_and_not_repeated() -> None:
    async with ExecutorFixture().running() as fixture, commanded(fixture):
        await fixture.done(signal(quantity="0.010"))
        fixture.upbit.outcomes.append(LOST_ANSWER)
        await command(fixture, "close", symbol="BTC", leg="spot", confirm_krw=NAKED_KRW)
        await asyncio.sleep(60)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D("-0.010"))
        assert fixture.sent == ["so1", "sc1", "ho1"]
