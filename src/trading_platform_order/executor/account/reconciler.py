"""Does the account still hold what the journal says? Asked at every start and ever after.

Only while no trade is under way: then a difference can have no explanation of ours. Money that
moved by another hand is recorded as such. Fewer coins than we own or a smaller short than ours is
handed to ``leg_loss``, which books it and has the other leg closed. A larger short than ours, or an
open order under our prefix that no journalled trade knows, latches the stop: something happened
that the journal does not know, and an operator must look. Nothing is acted on that was seen only
once.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import attrs

from trading_platform_order.domain.account.account_events import ForeignMovement
from trading_platform_order.domain.account.evidence.reconciliation import (
    Verdict,
    compare,
)
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.rows import NAMELESS
from trading_platform_order.exchanges.account_snapshot import read_in_full
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.external_activity import (
    external_activity,
    newest_that_sum_to,
    transfers_of,
)
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings

MOVED = "foreign_movement"
UNEXPLAINED = "not explained by any trade, fee or funding of ours"
LOOK_BACK = timedelta(days=1)


@attrs.define(kw_only=True, eq=False, repr=False)
class Reconciler:
    """Compares now and then, and acts on what it saw twice.

    ``activity``: a number that changes with every deed of ours; ``None`` while busy.

    ``request_position_check``: of one base asset, as soon as nothing of it is under way.
    """

    _account: AccountService
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _activity: Callable[[], int | None]
    _request_position_check: Callable[[str], None]

    async def check(self) -> bool:
        """Compare once, and once more if something differs.

        Reads the funding list, the dearest of all reads, only when something differs.

        Returns:
            False if nothing can be said: an exchange did not answer, or we were busy.
        """
        first = await self._look()
        if first is None:
            return False
        # What was moved by what is set aside is nobody's to book.
        if first.is_clean or self._ports.aside:
            return True
        await self._account.book_funding(self._ports.clock.now())
        await asyncio.sleep(self._settings.poll_first_s)
        second = await self._look()
        if second is None or second.is_clean:
            return second is not None
        if second != first or await self._funding_came():
            return False
        if second.gone:
            # What moved with it is booked there; recorded here it would count twice.
            for base, _ in second.gone:
                self._request_position_check(base)
            return False
        await self._act(second)
        return True

    async def _look(self) -> Verdict | None:
        """How ledger and exchanges differ; ``None`` if one did not answer or we acted meanwhile."""
        book = self._account.book
        before, booked = self._activity(), len(book.funding_ids)
        if before is None:
            return None
        bases = sorted({*book.ledger.shorts, *self._settings.limits.symbols})
        found = await read_in_full(self._ports.exchanges, bases)
        # Funding that was booked between the reads would look like money from nowhere.
        disturbed = before != self._activity() or len(book.funding_ids) != booked
        if isinstance(found, ReadFailed) or disturbed:
            return None
        self._account.troubles.replace_found(
            "comparison",
            {
                base: why
                for base, why in (*found.orders_unread.items(), *found.unread.items())
                if base in {*bases, NAMELESS}
            },
        )
        prefix = f"t{self._settings.policy.mode}-"
        return compare(book.ledger, found, prefix=prefix)

    async def _funding_came(self) -> bool:
        """Whether the exchange's list tells by now of a payment that may be the difference."""
        booked = len(self._account.book.funding_ids)
        await self._account.book_funding(self._ports.clock.now())
        return len(self._account.book.funding_ids) != booked

    async def _whose(self, leg: Leg, asset: str, amount: Decimal, now: datetime) -> str:
        """The deeds of another hand that the exchange lists and that make exactly this amount."""
        exchange, since = self._ports.exchanges.of(leg), now - LOOK_BACK
        if leg is Leg.SPOT and asset in self._settings.limits.symbols:
            external = await external_activity(exchange, leg_symbol(Leg.SPOT, asset), since)
        else:
            external = await transfers_of(exchange, asset, since)
        found = newest_that_sum_to(amount, external.changes)
        if found is not None:
            return f"by another hand: {found}"
        return "; ".join(filter(None, (UNEXPLAINED, external.unread)))

    async def _act(self, verdict: Verdict) -> None:
        now: datetime = self._ports.clock.now()
        for leg, asset, amount in verdict.moved:
            reason = await self._whose(leg, asset, amount, now)
            venue = self._ports.exchanges.venue(leg)
            event = ForeignMovement(
                exchange=venue, asset=asset, amount=amount, reason=reason, at=now, moved_on=leg
            )
            fields = {"exchange": venue.value, "asset": asset, "amount": plain(amount)}
            alert = Alert(kind=MOVED, urgent=False, fields=fields | {"reason": reason})
            await self._account.journal(event, alert)
        if verdict.mismatches:
            await self._account.latch("position mismatch: " + "; ".join(verdict.mismatches))
