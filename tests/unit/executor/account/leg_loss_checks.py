"""What tests of a lost leg ask of the ledger and of the journal."""

import asyncio

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import D
from trading_platform_order.domain.account.account_events import ForeignMovement
from trading_platform_order.domain.protection.leg_loss import HedgeClosed


async def settle(fixture: ExecutorFixture) -> None:
    """Until nothing is under way, the seconds between suspicion and check included."""
    for _ in range(4):
        await asyncio.sleep(2.5)
        await fixture.quiet()


def agrees(fixture: ExecutorFixture) -> bool:
    """The ledger is what both exchanges hold, money included."""
    ledger = fixture.executor.book.ledger
    short = ledger.shorts["BTC"].quantity if "BTC" in ledger.shorts else D(0)
    return (
        (ledger.owned_coins("BTC"), -short) == (fixture.upbit.base, fixture.binance.base)
        and abs(ledger.krw - fixture.upbit.money) < D("0.01")
        and abs(ledger.usdt - fixture.binance.money) < D("0.0001")
    )


async def closings(fixture: ExecutorFixture) -> list[HedgeClosed]:
    return [event for event in await fixture.events() if isinstance(event, HedgeClosed)]


async def foreign(fixture: ExecutorFixture) -> list[ForeignMovement]:
    return [event for event in await fixture.events() if isinstance(event, ForeignMovement)]
