"""The watchdog's intents on a disk that loses power: each is durable before its order may leave.

Its connection commits without waiting for the disk, but for these (``plan_orders``); the engine's
journal is another connection's and another world's matter.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.power_cuts.disk import NEVER, Disk, PowerLoss
from tests.power_cuts.world import FILE, open_database
from trading_platform_order.storage.liveness import Heartbeat, TakeoverOrder, Who
from trading_platform_order.storage.sqlite.connection import Durability, tune_writer
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.liveness import SqliteLivenessStore
from trading_platform_order.storage.sqlite.migrations import empty_database

CHANGES_MAX = 60
ORDERS_MAX = 12


def lost_intents(seed: str) -> list[str]:
    """Intents that were told to be durable, and that the machine's next boot does not find."""
    return asyncio.run(_play(Random(seed)))  # noqa: S311 - a choice that can be repeated


async def _play(random: Random) -> list[str]:
    disk = Disk({FILE: empty_database()})
    database = _opened(disk)
    watch = _watch(database)
    takeover = await watch.request_takeover("silent", at_us=1)
    await watch.begin_acting(takeover.generation, engine=None)
    disk.cut_at = disk.changes + random.randint(1, CHANGES_MAX)
    planned: list[str] = []
    with suppress(PowerLoss):
        for number in range(ORDERS_MAX):
            beat = Heartbeat(who=Who.WATCHDOG, boot="b", beat=number, at_us=number)
            await watch.beat(beat)
            order = TakeoverOrder(
                client_order_id=f"w{number}", generation=takeover.generation, at_us=1, body="{}"
            )
            await watch.plan_orders([order])
            planned.append(order.client_order_id)
    disk.is_deaf = True
    database.close()
    after = _opened(Disk(disk.after_cut(random)))
    found = {
        order.client_order_id for _, orders in await _watch(after).unadopted() for order in orders
    }
    after.close()
    return sorted(set(planned) - found)


def _opened(disk: Disk) -> Database:
    disk.cut_at = NEVER
    database = open_database(disk)
    tune_writer(database, Durability.NORMAL)
    return database


def _watch(database: Database) -> SqliteLivenessStore:
    """As one on a file, which this one is."""
    return SqliteLivenessStore(database, path=Path(__file__))
