"""When the last resort is due: all that the engine's own code could do has failed.

It closes everything that is owned, at the market and beside the journal, so it is started late:
after ``FAILED_MIN`` engines that closed have ended, or had nothing more under way, with something
left; and then only while legs have differed for ``last_resort_after_s``, or at once if liquidation
is nearer than ``last_resort_distance``. What is even and protected waits for an operator.

What counts is kept beyond this process (``failure_notes.py``): a watchdog that is killed, or that
its own engine takes with it, begins where it left off as long as the same takeover is open.
"""

from dataclasses import replace

from trading_platform_order.domain.money import plain
from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW
from trading_platform_order.exchanges.account_snapshot import AccountSnapshot, read_at_once
from trading_platform_order.watchdog.failure_notes import Failures
from trading_platform_order.watchdog.holding.hold import legs_differ, liquidation_distance
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.ports import WatchdogPorts, WatchdogSettings

FAILED_MIN = 2
READ_WAIT_S = 1.5
AGAIN_S = 60.0
"""Pause after one that ended with something left; it tries each coin again for ever by itself."""

TRIED_AGAIN_S = 600.0


class LastResortRule:
    """Of one watchdog; remembers over takeovers, until an engine serves or all is closed."""

    def __init__(self, *, ports: WatchdogPorts, settings: WatchdogSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._now = ports.clock.monotonic
        self._left_behind = ports.failures.load()
        self._failures = Failures()
        self._not_before_s = self._now()
        self._alone_until_s = self._not_before_s
        self._has_closed = False

    @property
    def has_failures(self) -> bool:
        """An engine that closes has failed, or was ended together with its watchdog."""
        return self._failures.failed > 0

    def begin(self, takeover: int) -> None:
        """A takeover is worked on; what an earlier watchdog counted in the same one, counts."""
        before, self._left_behind = self._left_behind, Failures()
        if before.takeover == takeover:
            since_s = self._failures.uneven_since_s
            since_s = before.uneven_since_s if since_s is None else since_s
            failed = before.failed + self._failures.failed
            self._failures = replace(before, failed=failed, uneven_since_s=since_s)
        self._keep(takeover=takeover)

    def note_begun(self) -> None:
        """One more engine begins to close; until :meth:`note_unjudged` it counts as failed."""
        self._keep(failed=self._failures.failed + 1)

    def note_unjudged(self) -> None:
        """It was ended for another reason than that it had failed."""
        self._keep(failed=max(self._failures.failed - 1, 0))

    def _keep(self, **changes: object) -> None:
        changed = replace(self._failures, **changes)  # type: ignore[arg-type] # its own fields
        if changed != self._failures:
            self._failures = changed
            self._ports.failures.save(changed)

    def note_run(self, *, left: str) -> None:
        """A last resort has ended; ``left``: why something is left, empty for nothing."""
        if left:
            self._not_before_s = self._now() + AGAIN_S
        else:
            self.forget()
            self._has_closed = True

    def note_tried(self) -> None:
        """A living engine made way for it, however that ended: it is left alone for a while."""
        self._alone_until_s = self._now() + TRIED_AGAIN_S

    def forget(self) -> None:
        """An engine sees to everything, or nothing is left."""
        self._has_closed = False
        self._keep(failed=0, uneven_since_s=None)

    @property
    def leaves_engines_alone(self) -> bool:
        """Nothing is left by the exchanges, whatever the journal says; or it was tried just now."""
        return self._has_closed or self._now() < self._alone_until_s

    async def why(self, journal: JournalSnapshot) -> str:
        """Why it is due now; empty if it is not."""
        pressing = await self.pressing(journal)
        failed = self._failures.failed
        if failed < FAILED_MIN or self._now() < self._not_before_s:
            return ""
        return pressing and f"{failed} engines that close failed, and {pressing}"

    async def pressing(self, journal: JournalSnapshot) -> str:
        """What cannot wait for an operator any longer, whoever failed; empty for nothing.

        Legs that differ are timed from the first look that found them so to the last one.
        """
        settings, now_s = self._settings, self._ports.clock.boottime()
        bases = journal.bases | set(settings.symbols)
        seen = await read_at_once(self._ports.exchanges, bases, within_s=READ_WAIT_S)
        uneven = self._uneven(journal, seen)
        since_s = self._failures.uneven_since_s
        since_s = (now_s if since_s is None else since_s) if uneven else None
        self._keep(uneven_since_s=since_s)
        distance = liquidation_distance(seen, settings.margin)
        if distance is not None and distance < settings.last_resort_distance:
            return f"liquidation is {distance:.1%} away"
        if since_s is None:
            return ""
        uneven_s = now_s - since_s
        if uneven_s < settings.last_resort_after_s:
            return ""
        return f"legs have differed for {uneven_s:.0f} s: {'; '.join(uneven)}"

    def _uneven(self, journal: JournalSnapshot, seen: AccountSnapshot) -> tuple[str, ...]:
        """By what the exchanges hold of ours; what one does not tell is as the journal says.

        An order that no engine looks at has no known end for ever: it alone is no leg that differs.
        """
        found, now = [], self._ports.clock.now()
        for base in sorted(journal.bases):
            spot, short = journal.owned_coins(base), journal.counted_short(base)
            if base not in seen.unread:
                if seen.balances is not None:
                    spot = min(spot, seen.balance(base).total)
                if base in (seen.positions or {}):
                    short = seen.short(base)
            if legs_differ(spot, short, self._ports.market.view(base, now), UNEVEN_KRW):
                found.append(f"{plain(spot)} {base} against {plain(short)} short")
        return tuple(found)
