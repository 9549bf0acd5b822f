"""Keeps the conditional orders of the hedge where they should be. One task per symbol at a time.

``domain/protection/protective_stop.py`` says what should stand and what to do next; here is the
order of effects: an intent is durable before it leaves, a cancel before it is asked for, and what
the exchange says before anything is built on it. While one is unknown nothing new is sent for its
symbol.

It runs beside the symbols' queues, never in a signal's way, and looks only while no trade of the
symbol is under way: after every trade, when a conditional order moved, and at intervals, because
the liquidation price moves with the whole account. It can only reduce: every order it sends is a
reduce-only buy.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg, Position, base_asset, hedge_symbol
from trading_platform_order.domain.outcome import (
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.domain.protection import protective_stop as pr
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopBook,
    ProtectiveStopOrder,
    ProtectiveStopState,
    StopKind,
    StopReport,
)
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.protection.position_cache import RecentPositions
from trading_platform_order.executor.protection.stop_resolver import StopResolver
from trading_platform_order.executor.task_tracker import TaskTracker

STEPS_MAX = 12
"""Steps of one review; what is not well by then goes on at the next."""

FAILURES_MAX = 3
"""After so many reviews in a row that failed, operators are told also of what may mend itself."""

WARN_EVERY_S = 600.0
SUSPECT_EVERY_S = 10.0
RETRY_MAX_S = 60.0


class ProtectiveStops:
    """Of one account."""

    def __init__(
        self,
        *,
        account: AccountService,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        tasks: TaskTracker,
        is_busy: Callable[[str], bool],
        request_position_check: Callable[[str], None],
    ) -> None:
        """``is_busy``: a trade of the base asset is under way."""
        self._account = account
        self._ports = ports
        self._settings = settings
        self._tasks = tasks
        self._is_busy = is_busy
        self._request_position_check = request_position_check
        self._due: set[str] = set()
        self._tending: set[str] = set()
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._warned_at_s: dict[str, float] = {}
        #: by base asset: when the present series of doubts began, and when the last one was noted
        self._doubts: dict[str, tuple[float, float]] = {}
        self._suspected: dict[str, tuple[tuple[Decimal, Decimal] | None, float]] = {}
        # Rows may be lost: at the start every symbol is asked for, also where nothing is short.
        self._unseen: set[str] = set(settings.limits.symbols)
        self._positions = RecentPositions(
            exchange=ports.exchanges.hedge,
            bases=lambda: self._bases() | settings.limits.symbols,
            boottime=ports.clock.boottime,
        )
        self._resolver = StopResolver(
            account=account,
            ports=ports,
            settings=settings,
            positions=self._positions,
            warn_unprotected=self._warn_unprotected,
            request_position_check=request_position_check,
        )

    @property
    def _book(self) -> ProtectiveStopBook:
        return self._account.book.stops

    # -- when to look ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Review everything at the start and at intervals; what failed sooner."""
        rules = self._settings.protect
        last = -rules.check_interval_s
        while True:
            now = self._ports.clock.monotonic()
            if now - last >= rules.check_interval_s:
                last = now
                self._unseen |= self._bases()
                for base in sorted(self._unseen):
                    self.review(base)
            for base, due_at in list(self._not_before.items()):
                if now >= due_at:
                    self.review(base)
            await asyncio.sleep(self._settings.command_poll_s)

    def _bases(self) -> set[str]:
        shorts = self._account.book.ledger.shorts
        return self._book.bases() | {base for base, short in shorts.items() if short.quantity}

    def review(self, base: str) -> None:
        """Bring the stops of this symbol to where they should be, beside everything else."""
        if self._ports.aside.freezes(base):
            return  # what stands, stands: how much it protects is not known
        self._due.add(base)
        if base not in self._tending:
            self._tending.add(base)
            self._tasks.start(self._tend(base), name=f"protect {base}")

    async def _tend(self, base: str) -> None:
        try:
            while base in self._due:
                self._due.discard(base)
                await self._review(base)
        finally:
            self._tending.discard(base)

    def heard(self, report: StopReport) -> None:
        """Take in what the stream tells of a conditional order; others are passed over."""
        stop = self._book.get(report.client_order_id)
        if stop is None:
            return
        if report.state in {ProtectiveStopState.TRIGGERED, ProtectiveStopState.FINISHED}:
            self._positions.forget()
            self._book.fired_at[stop.base] = self._ports.clock.now()
            self._request_position_check(stop.base)
        if pr.moves(stop, report.state):
            self._tasks.start(self._hear(report), name=f"stop {report.client_order_id}")

    async def _hear(self, report: StopReport) -> None:
        await self._resolver.learn(report)
        self.review(base_asset(report.symbol))

    # -- one review --------------------------------------------------------------------------------

    async def _review(self, base: str) -> None:
        self._not_before.pop(base, None)
        if not self._account.book.is_open or not self._ports.may_send():
            return
        if base in self._unseen and not await self._agrees_with_exchange(base):
            self._later(base)
            return
        for _ in range(STEPS_MAX):
            position = await self._position(base)
            if position is None:
                return
            rejected = self._resolver.rejected.pop(base, None)
            if rejected is not None and position.quantity < 0:
                await self._warn_unprotected(base, rejected, always=True)
            step = self._next_step(base, position)
            if step is None:
                self._failures.pop(base, None)
                return
            if not await self._carry_out(base, step):
                break
        self._later(base)

    async def _agrees_with_exchange(self, base: str) -> bool:
        """Return whether the same stops wait in the journal and on the exchange by now.

        What became of one that is gone is found out; one under our prefix that no journal knows is
        cancelled.
        """
        stops = [
            stop for stop in self._book.live(base) if stop.state is ProtectiveStopState.WAITING
        ]
        listed = await self._ports.exchanges.hedge.open_stops(hedge_symbol(base))
        if isinstance(listed, ReadFailed):
            return False
        for report in listed:
            if self._is_unknown(report):
                await self._cancel_unknown(base, report)
                return False  # seen to be gone at the next look
            # One that has ended by the journal, and yet stands, is live.
            await self._resolver.learn(report)
        names = {report.client_order_id for report in listed}
        for stop in stops:
            if stop.client_order_id not in names and not await self._resolver.missing(stop):
                return False
        self._unseen.discard(base)
        return True

    def _is_unknown(self, report: StopReport) -> bool:
        name = report.client_order_id
        is_ours = name.startswith(f"t{self._settings.policy.mode}-")
        return is_ours and self._book.get(name) is None

    async def _cancel_unknown(self, base: str, report: StopReport) -> None:
        name = report.client_order_id
        await self._warn_unprotected(
            base, f"{name} stands, but no journal knows it: it is cancelled"
        )
        await self._ports.exchanges.hedge.cancel_stop(name)

    async def _position(self, base: str) -> Position | None:
        """The position; ``None`` if it tells nothing now, and another review is seen to."""
        if self._is_busy(base):
            return None  # the end of the trade asks for another review
        position = await self._positions.of(base)
        if isinstance(position, ReadFailed):
            self._later(base)
            return None
        if self._is_busy(base):
            return None
        if -position.quantity < self._short(base):
            self._suspect(base, position)
            return None
        return position

    def _suspect(self, base: str, position: Position) -> None:
        """A leg may be gone: have it compared, after which another review follows.

        The same figures only every ``SUSPECT_EVERY_S``, or the two would go on without end.
        """
        now = self._ports.clock.monotonic()
        seen = (self._short(base), position.quantity)
        before, at = self._suspected.get(base, (None, 0.0))
        if seen == before and now - at < SUSPECT_EVERY_S:
            self._not_before[base] = at + SUSPECT_EVERY_S
            return
        self._suspected[base] = (seen, now)
        self._request_position_check(base)

    def _short(self, base: str) -> Decimal:
        shorts = self._account.book.ledger.shorts
        return shorts[base].quantity if base in shorts else ZERO

    def _next_step(self, base: str, position: Position) -> pr.StopStep | None:
        """What to do next, so that the stops stand which this position needs; ``None``: they do."""
        rules, book = self._settings.protect, self._book
        instrument = self._ports.market.instruments(base).get(Leg.HEDGE)
        # The stop of each kind that should stand; ``None``: none should. A kind that is missing is
        # left as it is.
        wishes = {StopKind.TRAILING: pr.wanted_trailing(position, book.trailing.get(base))}
        if instrument is not None:
            tick = instrument.price_tick
            wishes[StopKind.PROTECTIVE] = pr.wanted_protection(position, rules, tick)
        elif position.quantity == 0:
            # Before the exchange's filters are read no trigger price can be rounded; to take a stop
            # back none is needed.
            wishes[StopKind.PROTECTIVE] = None
        for kind, wish in wishes.items():
            step = pr.next_stop_step(
                book.live(base, kind), wish, position=position, move_bps=rules.move_bps
            )
            if step is not None:
                return step
        return None

    def _later(self, base: str) -> None:
        failures = self._failures.get(base, 0)
        self._failures[base] = failures + 1
        wait_s = min(2.0 ** min(failures, 10), RETRY_MAX_S)
        self._not_before[base] = self._ports.clock.monotonic() + wait_s

    def _keeps_failing(self, base: str) -> bool:
        """Whether ``FAILURES_MAX`` reviews in a row failed."""
        return self._failures.get(base, 0) >= FAILURES_MAX

    async def _carry_out(self, base: str, step: pr.StopStep) -> bool:
        """Whether to go on with the next step at once."""
        match step:
            case pr.Resolve():
                return await self._resolver.resolve(
                    step.stop, tells_doubt=self._keeps_failing(base)
                )
            case pr.TakeBack():
                return await self._resolver.take_back(step.stop, step.reason)
            case pr.Place():
                return await self._place(base, step.wish)

    # -- placing -----------------------------------------------------------------------------------

    async def _place(self, base: str, wish: pr.StopWish) -> bool:
        """Return whether to go on with the next step at once: unless the stop was refused.

        One that stayed without an answer is resolved by the next step.
        """
        if not await self._nothing_of_ours_stands(base, wish.kind):
            return False
        now = self._ports.clock.now()
        stop = ProtectiveStopOrder(
            client_order_id=self._book.next_id(base, wish.kind, mode=self._settings.policy.mode),
            base=base,
            kind=wish.kind,
            quantity=wish.quantity,
            trigger_price_usdt=wish.trigger_price_usdt,
            callback_bps=wish.callback_bps,
            created_at=now,
        )
        named = await self._resolver.with_unused_id(stop)
        if named is None:
            return False
        stop = named
        reason = "the ordinary trigger was passed" if wish.is_past_trigger else "the short has none"
        await self._account.journal(pr.StopPlanned(stop=stop, reason=reason, at=now))
        outcome = await self._ports.exchanges.hedge.place_stop(stop)
        match outcome:
            case StopReport():
                await self._resolver.learn(outcome)
                if wish.is_past_trigger:
                    await self._warn_unprotected(
                        base, f"{reason}; it stands at {wish.trigger_price_usdt} now"
                    )
                return True
            case Refused():
                await self._resolver.record(
                    stop, ProtectiveStopState.REFUSED, f"{outcome.code}: {outcome.message}"
                )
                if not outcome.retryable or self._keeps_failing(base):
                    await self._warn_unprotected(
                        base, f"not placed: {outcome.code}: {outcome.message}"
                    )
                return False
            case Unknown():
                await self._resolver.record(stop, ProtectiveStopState.UNKNOWN, outcome.reason)
                return True

    async def _nothing_of_ours_stands(self, base: str, kind: StopKind) -> bool:
        """The exchange's own list, before each placing: there is never a second one."""
        exchange = self._ports.exchanges.hedge
        waiting = await exchange.open_stops(hedge_symbol(base))
        if isinstance(waiting, ReadFailed):
            return False
        for report in waiting:
            known = self._book.get(report.client_order_id)
            if known is not None and known.kind is kind:
                # It has ended by the journal, and yet stands: it is live.
                await self._resolver.learn(report)
                return False
            if self._is_unknown(report):
                await self._cancel_unknown(base, report)
                return False
        return True

    # -- what an operator asks ---------------------------------------------------------------------

    async def ask_trailing(self, base: str, callback_bps: Decimal | None, reason: str) -> str:
        """Set or take back the trailing stop of a pair; the answer is for the operator."""
        if callback_bps is not None and self._short(base) <= 0:
            return f"refused: nothing is short in {base}"
        if self._book.trailing.get(base) != callback_bps:
            event = pr.TrailingAsked(
                base=base, callback_bps=callback_bps, reason=reason, at=self._ports.clock.now()
            )
            await self._account.journal(event)
        self.review(base)
        return "taken back" if callback_bps is None else f"asked for: {plain(callback_bps)} bps"

    async def position_ended(self, base: str) -> None:
        """A trade ended: without a short no trailing stop is wished for any more."""
        self._positions.forget()
        if self._short(base) <= 0 and base in self._book.trailing:
            await self._account.journal(
                pr.TrailingAsked(
                    base=base,
                    callback_bps=None,
                    reason="the position is closed",
                    at=self._ports.clock.now(),
                )
            )
        if base in self._bases():
            self.review(base)

    async def _warn_unprotected(self, base: str, reason: str, *, always: bool = False) -> None:
        """Tell operators of a doubt about a stop, at most every ``WARN_EVERY_S`` unless ``always``.

        The field ``since`` counts from the first doubt of the present series; after more than
        ``WARN_EVERY_S`` without one a new series begins.
        """
        now_s = self._ports.clock.monotonic()
        began_s, last_s = self._doubts.get(base, (now_s, now_s))
        if now_s - last_s > WARN_EVERY_S:
            began_s = now_s
        self._doubts[base] = began_s, now_s
        is_recent = now_s - self._warned_at_s.get(base, -WARN_EVERY_S) < WARN_EVERY_S
        if is_recent and not always:
            return
        self._warned_at_s[base] = now_s
        fields = {
            "symbol": base,
            "short_base": plain(self._short(base)),
            "reason": reason,
            "since": f"{now_s - began_s:.0f} s",
        }
        await self._account.tell(Alert(kind=AlertKind.UNPROTECTED, urgent=True, fields=fields))
