"""From unknown to known, for one conditional order: asks, and journals what the exchange says.

What is learned is durable before anything is built on it. The stream and a look-up may tell the
same at once: each is booked on what stands by then.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import attrs

from trading_platform_order.domain.outcome import (
    CancelRequested,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Unknown,
)
from trading_platform_order.domain.protection import protective_stop as pr
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopBook,
    ProtectiveStopOrder,
    ProtectiveStopState,
    StopKind,
    StopMoved,
    StopReport,
)
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.protection.position_cache import RecentPositions

COLLISION = "collision"
PASSED_AT_ONCE = 20
"""Numbers of lost rows that one review passes over; an old backup may lack more."""
LOOKS = 6
"""How often the exchange is asked about one conditional order, the pauses doubling."""


@attrs.define(kw_only=True, eq=False, repr=False)
class StopResolver:
    """Of one account.

    Attributes:
        rejected: by base asset, why a stop was rejected at its trigger; operators are told at the
            next review, if the short that it should have closed is still there.

    ``positions`` are forgotten when a stop executed. ``warn_unprotected`` takes a base asset and a
    reason.
    """

    _account: AccountService
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _positions: RecentPositions
    _warn_unprotected: Callable[[str, str], Awaitable[None]]
    _request_position_check: Callable[[str], None]
    rejected: dict[str, str] = attrs.field(factory=dict, init=False)
    _passed: dict[tuple[str, StopKind], int] = attrs.field(factory=dict, init=False)
    _one_at_a_time: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)

    @property
    def _book(self) -> ProtectiveStopBook:
        return self._account.book.stops

    # -- what is told ------------------------------------------------------------------------------

    async def learn(self, report: StopReport) -> None:
        """Journal what the exchange shows of a stop of ours, if it changes the stop's state."""
        stop = self._book.get(report.client_order_id)
        if stop is None or not pr.moves(stop, report.state):
            return
        await self.record(stop, report.state, report.reason, report.exchange_order_id)
        if report.state in {ProtectiveStopState.TRIGGERED, ProtectiveStopState.FINISHED}:
            self._request_position_check(stop.base)
        if report.state is ProtectiveStopState.REJECTED:
            self.rejected[stop.base] = f"rejected at its trigger: {report.reason}"

    async def record(
        self,
        stop: ProtectiveStopOrder,
        state: ProtectiveStopState,
        reason: str,
        exchange_order_id: str = "",
    ) -> None:
        """Journal that the stop is in this state now, if it can follow the state it was in."""
        # The stream and a look-up may tell the same at once: each is held against what is booked.
        async with self._one_at_a_time:
            now = self._book.get(stop.client_order_id) or stop
            if not pr.moves(now, state):
                return
            if state not in {ProtectiveStopState.WAITING, ProtectiveStopState.CANCELLED}:
                self._positions.forget()  # it was executed, or the price is not where we saw it
            await self._account.journal(
                StopMoved(
                    client_order_id=stop.client_order_id,
                    state=state,
                    exchange_order_id=exchange_order_id,
                    reason=reason,
                    at=self._ports.clock.now(),
                )
            )

    # -- what is asked -----------------------------------------------------------------------------

    async def missing(self, stop: ProtectiveStopOrder) -> bool:
        """Ask what became of a stop that should wait and is on no list.

        Returns:
            Whether that is known and journalled by now. A stop that the exchange denied at each
            look is taken for cancelled, and operators are told.
        """
        denials = 0
        for look in range(LOOKS):
            found = await self._ports.exchanges.hedge.look_up_stop(stop)
            if isinstance(found, StopReport):
                await self.learn(found)
                return True
            denials += isinstance(found, NotFound)
            await asyncio.sleep(self._settings.poll_first_s * 2**look)
        if denials < LOOKS:
            return False
        await self.record(
            stop, ProtectiveStopState.CANCELLED, "the exchange does not know it any more"
        )
        await self._warn_unprotected(stop.base, f"{stop.client_order_id} is gone from the exchange")
        return True

    async def resolve(self, stop: ProtectiveStopOrder, *, tells_doubt: bool) -> bool:
        """Ask what became of a stop whose state is not known.

        Args:
            stop: planned or unknown.
            tells_doubt: operators are told why it stays unknown; not at first, as most doubts mend
                themselves.

        Returns:
            Whether it is known by now: the stop waits, or has ended.
        """
        exchange = self._ports.exchanges.hedge
        if stop.state is ProtectiveStopState.PENDING:
            await self.record(
                stop, ProtectiveStopState.UNKNOWN, "the engine ended before an answer came"
            )
        for look in range(LOOKS):
            if look:
                await asyncio.sleep(self._settings.poll_first_s * 2 ** (look - 1))
            now = self._book.get(stop.client_order_id) or stop
            if now.state is ProtectiveStopState.WAITING or now.state.is_final:
                return True
            found: StopReport | NotFound | ReadFailed | ProvenAbsent | Unknown
            found = await exchange.look_up_stop(now)
            if isinstance(found, NotFound) and now.state is ProtectiveStopState.UNKNOWN:
                found = await self._ask_for_proof(now, tells_doubt=tells_doubt)
            if isinstance(found, StopReport):
                await self.learn(found)
            elif isinstance(found, ReadFailed) and found.reason.startswith(COLLISION):
                await self._warn_unprotected(stop.base, found.reason)
                return False
        return self._is_known(stop)

    async def with_unused_id(self, stop: ProtectiveStopOrder) -> ProtectiveStopOrder | None:
        """The stop under an id that no lost row used; ``None`` if the exchange cannot tell.

        A number of lost rows stands for what became of that one: a look-up of the next one under
        it would tell of the other's end.
        """
        loss = self._ports.row_loss
        if loss is None or self._book.planned_since(stop.base, stop.kind, loss.at):
            return stop
        key, mode = (stop.base, stop.kind), self._settings.policy.mode
        for _ in range(PASSED_AT_ONCE):
            passed = self._passed.get(key, 0)
            name = self._book.next_id(stop.base, stop.kind, mode=mode, after=passed)
            named = replace(stop, client_order_id=name)
            found = await self._ports.exchanges.hedge.look_up_stop(named)
            if isinstance(found, NotFound):
                return named
            if isinstance(found, ReadFailed) and not found.reason.startswith(COLLISION):
                return None
            self._passed[key] = passed + 1
        return None

    def _is_known(self, stop: ProtectiveStopOrder) -> bool:
        now = self._book.get(stop.client_order_id) or stop
        return now.state is ProtectiveStopState.WAITING or now.state.is_final

    async def _ask_for_proof(
        self, stop: ProtectiveStopOrder, *, tells_doubt: bool
    ) -> StopReport | ProvenAbsent | Unknown:
        """The exchange's verdict on whether the stop ever stood; absence is journalled here."""
        verdict = await self._ports.exchanges.hedge.prove_stop_absence(stop)
        if isinstance(verdict, ProvenAbsent):
            await self.record(stop, ProtectiveStopState.ABSENT, verdict.evidence)
        elif isinstance(verdict, Unknown) and tells_doubt:
            await self._warn_unprotected(stop.base, f"{stop.client_order_id}: {verdict.reason}")
        return verdict

    async def take_back(self, stop: ProtectiveStopOrder, reason: str) -> bool:
        """Cancel a stop, and return whether its end was seen; operators are told if not."""
        exchange = self._ports.exchanges.hedge
        now = self._ports.clock.now()
        await self._account.journal(
            pr.StopCancelSent(client_order_id=stop.client_order_id, reason=reason, at=now)
        )
        outcome = await exchange.cancel_stop(stop.client_order_id)
        for look in range(LOOKS):
            found = await exchange.look_up_stop(stop)
            if isinstance(found, StopReport):
                await self.learn(found)
            elif isinstance(found, NotFound) and isinstance(outcome, CancelRequested):
                await self.record(
                    stop, ProtectiveStopState.CANCELLED, "cancelled, and not found any more"
                )
            current = self._book.get(stop.client_order_id) or stop
            if current.state is not ProtectiveStopState.WAITING:
                return True
            if not isinstance(outcome, CancelRequested):
                outcome = await exchange.cancel_stop(stop.client_order_id)
            await asyncio.sleep(self._settings.poll_first_s * 2**look)
        await self._warn_unprotected(stop.base, f"{stop.client_order_id} could not be cancelled")
        return False
