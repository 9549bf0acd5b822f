"""At the door, before any plan is made: age, market, and how the exchanges are; exits pass."""

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import D, seconds, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.signal import Action
from trading_platform_order.transport.call_health import CallHealth
from trading_platform_order.transport.virtual_loop import run_virtual

QUIET = {"reconcile_interval_s": 1e6, "command_poll_s": 1e6}


async def answer(
    fixture: ExecutorFixture,
    action: Action = Action.ENTER,
    *,
    age_s: float = 0.0,
    expires_s: float | None = None,
    symbol: str = "BTC",
) -> str:
    """``ok`` or the code of the refusal."""
    now = fixture.clock.now()
    wish = signal(
        action,
        name=f"n{fixture.clock.monotonic()}{action}",
        quantity="0.010" if action is Action.ENTER else None,
        at=now - seconds(age_s),
        symbol=symbol,
        expires_at=None if expires_s is None else now + seconds(expires_s),
    )
    receipt = await fixture.signal(wish)
    await fixture.quiet()
    return "ok" if receipt.refusal is None else receipt.refusal.code.value


@pytest.mark.parametrize(
    ("age_s", "expires_s", "expected"),
    [
        (4.999, None, "ok"),
        (5.0, None, "ok"),
        (5.001, None, "expired"),
        (3_600, 0.001, "ok"),
        (3_600, 0.0, "ok"),
        (3_600, -0.001, "expired"),
        (-5.0, None, "ok"),
        (-5.001, None, "future_signal"),
    ],
)
def test_the_age_of_a_signal(age_s: float, expires_s: float | None, expected: str) -> None:
    async def scenario() -> None:
        async with ExecutorFixture(**QUIET).running() as fixture:
            assert await answer(fixture, age_s=age_s, expires_s=expires_s) == expected

    run_virtual(scenario())


@in_virtual_time
async def test_a_symbol_that_nobody_watches() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        assert await answer(fixture, symbol="DOGE") == "symbol_not_allowed"


@in_virtual_time
async def test_without_a_market_there_is_no_entry() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        fixture.market.gone = True
        assert await answer(fixture) == "no_market_data"


@pytest.mark.parametrize("venue", ["upbit", "binance"])
@pytest.mark.parametrize(
    ("errors", "room", "expected"),
    [
        (2, 1.0, "ok"),
        (3, 1.0, "exchange_failing"),
        (0, 0.3, "ok"),
        (0, 0.29, "rate_budget"),
        (0, 0.0, "rate_budget"),
    ],
)
def test_how_the_worse_exchange_is(venue: str, errors: int, room: float, expected: str) -> None:
    async def scenario() -> None:
        async with ExecutorFixture(**QUIET).running() as fixture:
            exchange = fixture.upbit if venue == "upbit" else fixture.binance
            exchange.health, exchange.room = CallHealth(errors_in_a_row=errors), room
            assert await answer(fixture) == expected
            exchange.health, exchange.room = CallHealth(), 1.0
            if expected != "ok":
                assert await answer(fixture) == "ok"
            exchange.health, exchange.room = CallHealth(errors_in_a_row=errors), room
            assert await answer(fixture, Action.EXIT) == "ok", "an exit is never held back"
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))

    run_virtual(scenario())
