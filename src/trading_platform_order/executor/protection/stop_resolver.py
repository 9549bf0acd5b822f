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
        rejected: by base asset, what a stop was rejected for at its trigger; told at the next
            review, if there is a short then that it should have closed.

    ``warn_unprotected``: of a base asset; ``positions``: forgotten when one executed.
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
        """The exchange shows one; what does not move it is no news."""
        stop = self._book.get(report.client_order_id)
        if stop is None or not pr.moves(stop, report.state):
            return
        await self.moved(stop, report.state, report.reason, report.exchange_order_id)
        if report.state in {ProtectiveStopState.TRIGGERED, ProtectiveStopState.FINISHED}:
            self._request_position_check(stop.base)
        if report.state is ProtectiveStopState.REJECTED:
            self.rejected[stop.base] = f"rejected at its trigger: {report.reason}"

    async def moved(
        self,
        stop: ProtectiveStopOrder,
        state: ProtectiveStopState,
        reason: str,
        exchange_order_id: str = "",
    ) -> None:
        """Journal where it stands now, if that follows from where it stood."""
        # The stream and a look-up may tell at once: one after the other, each on what is booked.
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
        """One that should wait is on no list: whether it became known what happened to it."""
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
        await self.moved(
            stop, ProtectiveStopState.CANCELLED, "the exchange does not know it any more"
        )
        await self._warn_unprotected(stop.base, f"{stop.client_order_id} is gone from the exchange")
        return True

    async def resolve(self, stop: ProtectiveStopOrder, *, is_stubborn: bool) -> bool:
        """Whether it became known (it waits, or has ended); operators are told if not."""
        exchange = self._ports.exchanges.hedge
        if stop.state is ProtectiveStopState.PENDING:
            await self.moved(
                stop, ProtectiveStopState.UNKNOWN, "the engine ended before an answer came"
            )
        for look in range(LOOKS):
            if look:
                await asyncio.sleep(self._settings.poll_first_s * 2 ** (look - 1))
            now = self._book.get(stop.client_order_id) or stop
            if now.state is ProtectiveStopState.WAITING or now.state.is_final:
                return True
            found = await exchange.look_up_stop(now)
            if isinstance(found, NotFound) and now.state is ProtectiveStopState.UNKNOWN:
                found = await self._proven(now, is_stubborn=is_stubborn)
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

    async def _proven(
        self, stop: ProtectiveStopOrder, *, is_stubborn: bool
    ) -> StopReport | NotFound:
        verdict = await self._ports.exchanges.hedge.prove_stop_absence(stop)
        match verdict:
            case StopReport():
                return verdict
            case ProvenAbsent():
                await self.moved(stop, ProtectiveStopState.ABSENT, verdict.evidence)
            case Unknown():
                if is_stubborn:
                    await self._warn_unprotected(
                        stop.base, f"{stop.client_order_id}: {verdict.reason}"
                    )
        return NotFound()

    async def take_back(self, stop: ProtectiveStopOrder, reason: str) -> bool:
        """Whether it is seen to be gone."""
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
                await self.moved(
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
