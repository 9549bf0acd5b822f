"""Beside a living engine: whether its dead key is a reason to take the account, and for what.

``key_takeover.py`` has the rule; here it meets the store, the journal and the engine's boot.
"""

from dataclasses import dataclass

from trading_platform_order.domain.hindrances.dead_key import dead_keys
from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW
from trading_platform_order.transport.running_time import RunningTime
from trading_platform_order.watchdog.engine.key_takeover import KeyTakeover, KeyTrouble, uneven
from trading_platform_order.watchdog.holding.hold_watch import HoldWatch, keys_of
from trading_platform_order.watchdog.holding.waiting_exits import Key
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.ports import OwnedStore, WatchdogPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReason:
    """Why the account is taken from a living engine.

    Attributes:
        reason: for the latch and for operators.
        scope: what is closed: the pairs whose close waits, and every pair of a coin whose legs
            differ.
    """

    reason: str
    scope: frozenset[Key]


class KeyWatch:
    """Of one watchdog, over all restarts of the engine."""

    def __init__(self, *, ports: WatchdogPorts, hold: HoldWatch, running: RunningTime) -> None:
        self._ports = ports
        self._hold = hold
        self._takeover = KeyTakeover(
            exchanges=ports.exchanges, views=ports.market.view, monotonic=running.seconds
        )
        self._boot = ""
        self._taken: set[Key] = set()

    async def look(
        self, store: OwnedStore, journal: JournalSnapshot, boot: str
    ) -> KeyReason | None:
        """One look at an engine that lives.

        Args:
            store: to see which keys are dead, and which closes wait.
            journal: our own count.
            boot: names the engine. What was noted of another one says nothing of this one.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        if boot != self._boot:
            self._boot = boot
            self._taken.clear()
            self._takeover.forget()
        now = self._ports.clock.now()
        dead = dead_keys(latch.kind for latch in await store.inbox.latches())
        closes = await self._hold.waiting(store, journal) if dead else {}
        views = self._ports.market.view
        legs = uneven(journal, views, now, uneven_krw=UNEVEN_KRW) if dead else {}
        scope = {key for key in keys_of(journal) if key in closes or key[1] in legs} - self._taken
        bases = {base for _, base in scope}
        words = {key[1]: closes[key] for key in sorted(closes)} | legs
        waits = {base: words[base] for base in sorted(bases)}
        due = await self._takeover.look(KeyTrouble(dead=dead, waits=waits), now)
        if due is None:
            return None
        return KeyReason(
            reason=due.reason, scope=frozenset(key for key in scope if key[1] in due.bases)
        )

    def note_taken(self, scope: frozenset[Key]) -> None:
        """The store knows it: the same engine is not taken for this again."""
        self._taken |= scope
