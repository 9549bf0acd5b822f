"""Another process' hand: a busy stream of signals into the durable inbox, whoever may be alive."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random

from tests.drills.kill_drill.exchanges import SYMBOLS
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import StoreBusy
from trading_platform_order.storage.relational.store import SqlInbox

STRATEGIES = ("kimchi", "second", "third")
PAIRS = tuple(product(STRATEGIES, SYMBOLS))
BURST_EVERY_S = 0.5
BURST_MAX = 3
SIGNAL_LIVES_S = 60.0
BUSY_S = 0.1
HUNDRED_THOUSAND_KRW = (3, 30)


class Stream:
    """Sends signals and remembers them.

    Attributes:
        acknowledged: ids of all signals that are durable, and must have one fate each.
    """

    def __init__(self, database: Path, inbox: SqlInbox, random: Random) -> None:
        self._database = database
        self._inbox = inbox
        self._random = random
        self._entered: set[tuple[str, str]] = set()
        self.acknowledged: list[str] = []

    async def run(self) -> None:
        """Some signals back to back every now and then, until cancelled."""
        while True:
            for pair in self._random.sample(PAIRS, self._random.randint(1, BURST_MAX)):
                await self.send(self._next_of(pair), *pair)
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * BURST_EVERY_S)

    def _next_of(self, pair: tuple[str, str]) -> str:
        """Mostly ENTER and EXIT in turn; now and then one too many of either."""
        expected = "EXIT" if pair in self._entered else "ENTER"
        other = "ENTER" if expected == "EXIT" else "EXIT"
        return expected if self._random.random() < 0.9 else other

    async def close_all(self) -> None:
        """An EXIT for whatever any strategy may hold."""
        for pair in PAIRS:
            await self.send("EXIT", *pair)

    async def send(self, action: str, strategy: str, symbol: str) -> None:
        """Durable first, then a knock; from then on it must have one fate."""
        fields = dict(self._fields(action, strategy, symbol))
        await self._put(json.dumps(fields))
        self.acknowledged.append(str(fields["id"]))
        if action == "ENTER":
            self._entered.add((strategy, symbol))
        else:
            self._entered.discard((strategy, symbol))
        knock_at(wake_path(self._database, "main"))

    async def _put(self, raw: str) -> None:
        """Try again while somebody holds the database's lock, as every sender has to."""
        while True:
            try:
                await self._inbox.put_signal(raw, at_us=time.time_ns() // 1_000)
            except StoreBusy:
                await asyncio.sleep(BUSY_S)
            else:
                return

    def _fields(self, action: str, strategy: str, symbol: str) -> Iterator[tuple[str, object]]:
        now = datetime.now(UTC)
        yield "id", f"s{len(self.acknowledged)}"
        yield "strategy", strategy
        yield "action", action
        yield "symbol", symbol
        yield "created_at", now.isoformat()
        if self._random.random() < 0.8:
            # Most outlive a restart; a few come back stale.
            yield "expires_at", (now + timedelta(seconds=SIGNAL_LIVES_S)).isoformat()
        if action == "ENTER":
            yield "notional_krw", str(self._random.randint(*HUNDRED_THOUSAND_KRW) * 100_000)
