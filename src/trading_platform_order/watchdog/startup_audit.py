"""What was so before the watchdog's eyes were open: both exchanges read in full, at its start.

Every order of the last day under our prefix, the ended ones too, and every position. An order that
no journal explains is told, and the stop is latched; nothing is closed for it, because a journal
that lost rows says wrongly what is ours. What the engine has found and told is not told again.
"""

from datetime import timedelta
from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.account_snapshot import AccountSnapshot, read_at_once
from trading_platform_order.risk.monitors.mismatch import Counted, differences
from trading_platform_order.storage.replica import Replica
from trading_platform_order.watchdog.journal_snapshot import (
    JournalSnapshot,
    known_order,
    read_journal,
)
from trading_platform_order.watchdog.ports import WatchdogPorts, WatchdogSettings
from trading_platform_order.watchdog.unjournalled_orders import UnjournalledOrders

WATCHED = timedelta(hours=24)
LOOKS = 3


class Survey:
    """One start's."""

    def __init__(
        self, *, ports: WatchdogPorts, settings: WatchdogSettings, replica: Replica
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._replica = replica
        self._unjournalled = UnjournalledOrders(
            prefix=settings.prefix, monotonic=ports.clock.monotonic
        )
        self._agreed: dict[str, int] = {}
        self._noted: set[str] = set()

    def _bases(self) -> list[str]:
        return sorted({*self._settings.symbols, *(base for _, base in self._replica.traded())})

    async def list_orders(self) -> bool:
        """Ask for all orders of the last day; false while an exchange does not answer.

        A symbol of which a row cannot be read holds up no other one; the engine's sweep tells it.
        """
        since = self._ports.clock.now() - WATCHED
        told = self._replica.orphan_ids() | self._noted
        bases = self._bases()
        for leg in Leg:
            symbols = [leg_symbol(leg, base) for base in bases]
            listed = await self._ports.exchanges.of(leg).orders_since(since, *symbols)
            if isinstance(listed, ReadFailed):
                return False
            for row in listed:
                if not row.uses_up and row.report.client_order_id not in told:
                    self._unjournalled.note(row.report)
                    self._noted.add(row.report.client_order_id)
        return True

    def judge(self) -> tuple[str, ...]:
        """One line for each order that nothing explains; each is told once."""
        return self._unjournalled.judge(
            lambda name: known_order(self._replica, name),
            limit_s=self._settings.unknown_order_s,
        )

    async def positions(self) -> tuple[str, ...] | None:
        """What differs from the journal in every one of some looks; ``None``: look again."""
        journal = read_journal(self._replica)
        names = sorted(journal.bases | set(self._bases()))
        seen = await read_at_once(self._ports.exchanges, names)
        if seen.failed or journal.unresolved:
            return None
        read = [base for base in names if base not in seen.unread]
        found = differences({base: _counted(journal, seen, base) for base in read})
        self._agreed = {words: self._agreed.get(words, 0) + 1 for words in found.values()}
        if any(times < LOOKS for times in self._agreed.values()):
            return None
        return tuple(self._agreed)


def _counted(journal: JournalSnapshot, seen: AccountSnapshot, base: str) -> Counted:
    shorts = (held.short for (_, name), held in journal.holdings.items() if name == base)
    ours: Decimal = sum(shorts, ZERO)
    return Counted(
        ours_short=ours,
        theirs_short=seen.short(base),
        ours_coins=journal.owned_coins(base),
        theirs_coins=seen.balance(base).total,
    )
