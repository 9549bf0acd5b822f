"""How a played world comes to rest: what is still held is closed, what others moved is booked."""

import asyncio

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.testbed.testbed import TestBed

FINAL_EXITS = 3
RECONCILED_WITHIN_S = 200.0


async def close_all(testbed: TestBed) -> int:
    """What is still held is closed by EXITs, as its owner would; returns how many were sent."""
    sent = 0
    for _ in range(FINAL_EXITS):
        if not _held(testbed):
            break
        testbed.show_again()
        await asyncio.sleep(0.05)
        held = _held(testbed)
        for strategy, base in held:
            sent += 1
            await testbed.deliver(
                Signal(
                    id=f"final{sent}",
                    strategy=strategy,
                    action=Action.EXIT,
                    symbol=base,
                    created_at=testbed.clock.now(),
                )
            )
        await testbed.quiet()
    return sent


def _held(testbed: TestBed) -> list[tuple[str, str]]:
    """Strategy and base asset of what the engine believes to hold."""
    holdings = testbed.engine.executor.book.ledger.holdings
    return [key for key, holding in sorted(holdings.items()) if holding.spot or holding.short]


async def let_reconcile(testbed: TestBed) -> None:
    """Until the engine has booked what others moved, and funding, and taken its stops back."""
    deadline = testbed.clock.monotonic() + RECONCILED_WITHIN_S
    while testbed.clock.monotonic() < deadline:
        state, book = testbed.world.accounts(), testbed.engine.executor.book
        owner_ids = testbed.owner.order_ids
        if not (
            list(invariants.ledger_equals_exchanges(state, book))
            or list(invariants.stops_as_they_should(state, owner_ids))
        ):
            return
        await asyncio.sleep(5.0)
        testbed.show_again()
