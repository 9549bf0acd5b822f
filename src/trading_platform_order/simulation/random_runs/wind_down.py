"""How a played world comes to rest: what is still held is closed, what others moved is booked."""

import asyncio

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.testbed.testbed import Stage

FINAL_EXITS = 3
RECONCILED_WITHIN_S = 200.0


async def close_all(stage: Stage) -> int:
    """What is still held is closed by EXITs, as its owner would; returns how many were sent."""
    sent = 0
    for _ in range(FINAL_EXITS):
        if not _held(stage):
            break
        stage.show_again()
        await asyncio.sleep(0.05)
        held = _held(stage)
        for strategy, base in held:
            sent += 1
            await stage.deliver(
                Signal(
                    id=f"final{sent}",
                    strategy=strategy,
                    action=Action.EXIT,
                    symbol=base,
                    created_at=stage.clock.now(),
                )
            )
        await stage.quiet()
    return sent


def _held(stage: Stage) -> list[tuple[str, str]]:
    """Strategy and base asset of what the engine believes to hold."""
    holdings = stage.engine.executor.book.ledger.holdings
    return [key for key, holding in sorted(holdings.items()) if holding.spot or holding.short]


async def let_reconcile(stage: Stage) -> None:
    """Until the engine has booked what others moved, and funding, and taken its stops back."""
    deadline = stage.clock.monotonic() + RECONCILED_WITHIN_S
    while stage.clock.monotonic() < deadline:
        state, book = stage.world.accounts(), stage.engine.executor.book
        owner_ids = stage.owner.order_ids
        if not (
            list(invariants.ledger_equals_exchanges(state, book))
            or list(invariants.stops_as_they_should(state, owner_ids))
        ):
            return
        await asyncio.sleep(5.0)
        stage.show_again()
