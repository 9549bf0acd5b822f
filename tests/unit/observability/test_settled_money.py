"""The money of a settled trade for its alert, as the store's views and journal tell it."""

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.signal import Action
from trading_platform_order.observability.settled_money import settled_money


async def money(fixture: ExecutorFixture, signal_id: str) -> dict[str, str]:
    await fixture.store.project()
    return await settled_money(fixture.store, strategy="kimchi", signal_id=signal_id, base="BTC")


@in_virtual_time
async def test_an_entry_tells_its_premium_and_what_it_cost() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(signal(quantity="0.010", name="s1", at=fixture.clock.now()))
        told = await money(fixture, "s1")
        assert set(told) == {"premium_in", "profit_krw"}
        assert "funding" not in told["profit_krw"]


@in_virtual_time
async def test_an_exit_tells_the_profit_of_the_whole_pair_by_part() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(signal(quantity="0.010", name="s1", at=fixture.clock.now()))
        await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        told = await money(fixture, "s2")
        assert set(told) == {"premium_out", "profit_krw"}
        for name in ("premium", "funding", "fees", "fx", "slippage"):
            assert name in told["profit_krw"]
        total = fixture.executor.book.parts()
        assert told["profit_krw"].startswith(f"{round(total.trading):+,} (")


@in_virtual_time
async def test_a_trade_that_is_not_known_tells_nothing() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        assert await money(fixture, "nobody") == {}
