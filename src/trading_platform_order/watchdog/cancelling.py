"""What the watchdog itself does and sees on both exchanges while another's code closes.

It cancels resting orders of ours that would raise exposure: always safe, and it waits for nobody.
And it says by its own reading what is left when the engine that closes has nothing more to do: an
order that rests on, and a short that no journal explains, are never called done.
"""

import asyncio
from decimal import Decimal

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.exchanges.account_snapshot import read_at_once
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.resting_orders import order_in, resting_orders, words_of

READ_WAIT_S = 1.0
"""So long an exchange may take to tell what is left."""


async def cancel_raising(
    exchanges: PairExchanges, bases: frozenset[str], *, prefix: str, within_s: float | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cancel what buys coins or sells short; which orders, and what did not answer.

    Args:
        exchanges: with the watchdog's own keys.
        bases: base assets looked at.
        prefix: beginning of our client order ids.
        within_s: how long the lists are waited for; without it as long as it takes.
    """
    resting = await resting_orders(exchanges, bases, prefix=prefix, within_s=within_s)
    orders = [order for report in resting.reports if (order := order_in(report)).opens]
    async with asyncio.TaskGroup() as group:
        for order in orders:
            group.create_task(exchanges.of(order.leg).cancel(order))
    names = tuple(order.client_order_id for order in orders)
    return names, (*resting.failed, *words_of(resting.unread))


async def left_over(
    exchanges: PairExchanges, journal: JournalSnapshot, bases: frozenset[str], *, prefix: str
) -> tuple[str, ...]:
    """What both exchanges still show that nobody closes, in words; what is not told is not there.

    Args:
        exchanges: with the watchdog's own keys.
        journal: our own count.
        bases: base assets looked at.
        prefix: beginning of our client order ids.
    """
    rests, _ = await cancel_raising(exchanges, bases, prefix=prefix, within_s=READ_WAIT_S)
    found = [f"{name} rests, and is cancelled" for name in rests]
    seen = await read_at_once(exchanges, bases, within_s=READ_WAIT_S)
    for base in seen.positions or {}:
        more: Decimal = seen.short(base) - max(journal.counted_short(base), ZERO)
        if base not in seen.unread and more > 0:
            found.append(
                f"{plain(more)} {base} more short on Binance than the journal explains; "
                "close by hand"
            )
    return tuple(found)
