"""The way of a signal, gone without effects while nothing is under way, so that it is quick.

Signals are rare, and what the engine does between them (books, streams, figures) takes the
processor's caches. Whoever comes along a way that nobody went for 20 ms needs half as long again
for every step. So the steps that are functions of what is known are taken now and then for a signal
that nobody sent: read, hash, size, limits, event, row and both signatures.

Nothing comes of it: nothing is claimed, written, sent, booked, told or counted, no budget is taken,
and no verdict is used. What it needs is asked of the board and the books, never of an exchange. It
is one step of the event loop, shorter than a millisecond, and none is taken while a trade is under
way or anything is decided.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from itertools import cycle
from pathlib import Path

import attrs
import msgspec

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.market import ANY_SOURCE
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.closing import ALL_OPEN, CloseKind
from trading_platform_order.domain.trade.pair_trade import apply
from trading_platform_order.domain.trade.sizing import PairPlan
from trading_platform_order.executor.intake.admission.admission import Admission, opened
from trading_platform_order.executor.journal.claims import claim_for
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.task_tracker import TaskTracker
from trading_platform_order.executor.trades.first_orders import FirstOrders
from trading_platform_order.risk.risk_manager import ApprovedPlan
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.storage.event_body import iso_utc
from trading_platform_order.transport.clock import epoch_us

REHEARSED_KRW = "300000"
"""Above both exchanges' minimum, and below the limits that most accounts have."""
NOBODY = "rehearsal"
"""The strategy that asks; it holds nothing."""


@attrs.define(kw_only=True, eq=False, repr=False)
class Rehearsal:
    """Of one engine."""

    _admission: Admission
    _first_orders: FirstOrders
    _book: AccountBook
    _booking_lock: asyncio.Lock
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _tasks: TaskTracker
    _tell: Callable[[Alert], Awaitable[None]]
    #: a strategy and a base asset of which it held something lately
    _pair: tuple[str, str] = attrs.field(default=("", ""), init=False)

    async def run(self) -> None:
        """Rehearse one symbol after the other until cancelled, or until one fails.

        A signal that comes may end the engine by that error too, but a rehearsal must not: exits
        of other coins may still get through.
        """
        for base in cycle(sorted(self._settings.limits.symbols)):
            await asyncio.sleep(self._settings.rehearse_every_s)
            try:
                self.once(base)
            except Exception as error:  # noqa: BLE001 - whatever it is: nothing needs a rehearsal
                fields = {"symbol": base, "error": type(error).__name__, "at": _place(error)}
                await self._tell(Alert(kind=AlertKind.REHEARSAL_FAILED, urgent=True, fields=fields))
                return

    def once(self, base: str) -> bool:
        """Go the way of an entry, and of the exit of a pair that is held.

        Returns:
            whether the way was gone to its end, the signatures.
        """
        if self._booking_lock.locked() or not self._tasks.is_idle:
            return False
        plans = [plan for plan in (self._entry(base), self._close()) if plan is not None]
        for plan in plans:
            self._as_if_durable(plan)
        return bool(plans)

    def _entry(self, base: str) -> PairPlan | None:
        """An entry that would be opened now; ``None`` if it cannot be sized or would be refused."""
        if not self._ports.market.knows(base):
            return None
        signal = self._as_if_read(Action.ENTER, NOBODY, base)
        if signal is None:
            return None
        decided = self._admission.decide_entry(signal, ALL_OPEN)
        return decided.plan if isinstance(decided, ApprovedPlan) else None

    def _close(self) -> PairPlan | None:
        """The exit of the pair that is held; ``None`` without one, or if it would have to wait."""
        strategy, base = self._held_pair()
        view = self._ports.market.view(base, self._ports.clock.now(), ANY_SOURCE) if base else None
        signal = self._as_if_read(Action.EXIT, strategy, base)
        if view is None or signal is None:
            return None
        plan = self._admission.plan_close(signal, view, CloseKind.ASKED, ALL_OPEN)
        return plan if isinstance(plan, PairPlan) else None

    def _held_pair(self) -> tuple[str, str]:
        """Strategy and base asset whose exit is rehearsed; two empty texts while nothing is held.

        Holdings are searched only when the pair of the last rehearsal is held no more.
        """
        held = self._book.holding(*self._pair)
        if not (held.spot or held.short):
            holdings = self._book.ledger.holdings if self._book.held_bases() else {}
            pairs = (key for key, one in holdings.items() if one.spot or one.short)
            self._pair = next(pairs, ("", ""))
        return self._pair

    def _as_if_read(self, action: Action, strategy: str, base: str) -> Signal | None:
        """From the text that a sender would have sent."""
        text = {
            "id": NOBODY,
            "strategy": strategy,
            "action": action.value,
            "symbol": base,
            "created_at": iso_utc(self._ports.clock.now()),
        }
        if action is Action.ENTER:
            text["notional_krw"] = REHEARSED_KRW
        signal = read_any(msgspec.json.encode(text))
        if not isinstance(signal, Signal):
            return None
        claim_for(signal)  # made and thrown away: it belongs to the way that is kept warm
        return signal

    def _as_if_durable(self, plan: PairPlan) -> None:
        now = self._ports.clock.now()
        event = opened(plan, now)
        trade = apply(None, event)
        self._ports.store.rehearse([entry_of(event, plan.trade_id)], at_us=epoch_us(now))
        self._first_orders.rehearse(trade)


def _place(error: Exception) -> str:
    """Where it arose: file and line, and no text of it, which may hold what nobody should read."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
