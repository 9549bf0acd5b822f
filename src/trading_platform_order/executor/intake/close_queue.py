"""Closes that wait: claimed, durable, and begun as soon as they can be.

A waiting close is no trade and holds up nobody: stop-loss, margin, leg-loss checks, protective
stops and other strategies' signals go on beside it. Closes of one strategy in one symbol wait in
order of arrival. Here is also who tells operators that something waits, and again while it does.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import attrs

from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.closing import Waits
from trading_platform_order.domain.trade.escalation import is_call_due
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.intake.admission.admission import Admission
from trading_platform_order.executor.intake.symbol_queue import SymbolQueues
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.executor.trades.trade_registry import TradeRegistry
from trading_platform_order.executor.trades.trade_runner import TradeRunner

LOOK_S = 0.1
IDLE_LOOK_S = 1.0
"""While nothing waits; what begins to wait is looked at after ``LOOK_S`` all the same."""
DECIDED_S = 2.0
"""So long an operator's withdrawal waits for the answer whether the signal begins just now."""
TRIED_S = 60.0
"""A close that waits again within this has been waiting all along."""
CALL_CLOSED_S = (0.0, 60.0, 300.0, 900.0, 3_600.0)
"""When operators are told that a close waits for an exchange; the last repeats."""
CALL_S = (10.0, 60.0, 300.0, 900.0, 3_600.0)
"""The same where it is a matter of price, or of seconds."""


@dataclass(slots=True, kw_only=True)
class _Waiting:
    since_s: float
    waits: Waits
    told: int = 0


@attrs.define(kw_only=True, eq=False, repr=False)
class CloseQueue:
    """Of one engine."""

    _queues: SymbolQueues
    _registry: TradeRegistry
    _ports: ExecutorPorts
    _admission: Admission
    _account: AccountService
    _waiting: dict[str, _Waiting] = attrs.field(factory=dict, init=False)
    _tried: dict[str, tuple[_Waiting, float]] = attrs.field(factory=dict, init=False)
    _begins_to_wait: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)
    _may_go_on: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)

    def note(self, signal_id: str, waits: Waits) -> None:
        """A close, or a trade, can send nothing now."""
        now_s = self._ports.clock.monotonic()
        known = self._waiting.get(signal_id)
        if known is None:
            before, ended_s = self._tried.pop(signal_id, (None, 0.0))
            # One more attempt that brought nothing does not begin the waiting anew.
            goes_on = before is not None and now_s - ended_s < TRIED_S
            known = before if before is not None and goes_on else None
        if known is None:
            known = _Waiting(since_s=now_s, waits=waits)
        elif waits.is_closed and not known.waits.is_closed:
            known.told = 0
        known.waits = waits
        self._waiting[signal_id] = known
        self._begins_to_wait.set()

    def over(self, signal_id: str) -> None:
        """It goes on, or has ended."""
        known = self._waiting.pop(signal_id, None)
        if known is not None:
            self._tried[signal_id] = (known, self._ports.clock.monotonic())

    def waiting(self) -> dict[str, Waits]:
        """What waits now, by signal id, and for what."""
        return {name: found.waits for name, found in self._waiting.items()}

    def oldest_s(self) -> float:
        """How long the oldest of them has waited; 0 if none waits."""
        now_s = self._ports.clock.monotonic()
        return max((now_s - found.since_s for found in self._waiting.values()), default=0.0)

    async def withdraw(self, signal_id: str, reason: str = "") -> str:
        """An operator takes back a signal that waits; the answer is for the operator.

        A close that has begun and can send nothing waits as well: its rest is taken back, and what
        both legs still hold alike stays. Done twice it comes to the same.
        """
        await self._until(lambda: not self._is_being_decided(signal_id))
        message = f"withdrawn by an operator{reason and f': {reason}'}"
        for queue in self._queues.all():
            for signals in (queue.waiting, *queue.closes.values()):
                found = next((signal for signal in signals if signal.id == signal_id), None)
                if found is None or self._is_being_decided(signal_id):
                    continue
                signals.remove(found)
                self.over(signal_id)
                refusal = Refusal(code=RefusalCode.WITHDRAWN, message=message)
                await self._admission.refuse(found, refusal, claim=None)
                return f"withdrawn: {signal_id}"
            for runner in list(queue.runners.values()):
                if runner.trade.signal.id == signal_id:
                    return await self._take_back_rest(runner, message)
        return await self._outcome(signal_id)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        until_s = self._ports.clock.monotonic() + DECIDED_S
        while not is_so():
            if self._ports.clock.monotonic() >= until_s:
                return
            await asyncio.sleep(LOOK_S)

    def _is_being_decided(self, signal_id: str) -> bool:
        return any(signal_id in queue.starting.values() for queue in self._queues.all())

    async def _take_back_rest(self, runner: TradeRunner, message: str) -> str:
        signal = runner.trade.signal
        if signal.action is Action.EXIT and runner.waits_for is not None:
            at = self._ports.clock.now()
            runner.post((te.CompletionStopped(reason=message, withdrawn=True, at=at),))
            await self._until(lambda: runner.trade.completion_stopped)
        if signal.action is Action.EXIT and runner.trade.completion_stopped:
            return f"withdrawn: the rest of {signal.id}; what was closed before stays closed"
        return f"refused: {signal.id} has begun, its orders are under way: tporder explain"

    async def _outcome(self, signal_id: str) -> str:
        """Why nothing of this name waits."""
        trade = await self._registry.trade_of_signal(signal_id)
        if trade is not None:
            if trade.action is Action.EXIT and trade.completion_stopped:
                return f"withdrawn: the rest of {signal_id}; what was closed before stays closed"
            how = trade.state.value if trade.outcome is None else trade.outcome.value
            return f"refused: {signal_id} is done already: {how}"
        for row in reversed(await self._ports.store.rows_naming(signal_id)):
            event = event_of(row)
            if isinstance(event, SignalRefused):
                if event.code == RefusalCode.WITHDRAWN:
                    return f"withdrawn: {signal_id}"
                return f"refused: {signal_id} was not traded ({event.code}): nothing waits"
        if await self._ports.store.claim_of(signal_id) is not None:
            return f"refused: {signal_id} begins just now: look at tporder status"
        return f"refused: no signal {signal_id!r} is known; tporder status shows what waits"

    def look_now(self) -> None:
        """What something may have waited for is there: it is tried at once."""
        self._may_go_on.set()

    async def run(self) -> None:
        """Try what waits, again and again, and tell operators; until cancelled."""
        while True:
            await self._until_something_waits()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._may_go_on.wait()
            self._may_go_on.clear()
            self._queues.serve_closes()
            await self._tell()
            self._forget()

    async def _until_something_waits(self) -> None:
        """A look at nothing ten times a second is a tenth of what an idle engine costs."""
        self._begins_to_wait.clear()
        if self._waiting or self._queues.has_closes():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_LOOK_S):
                await self._begins_to_wait.wait()

    def _forget(self) -> None:
        now_s = self._ports.clock.monotonic()
        self._tried = {k: v for k, v in self._tried.items() if now_s - v[1] < TRIED_S}

    async def _tell(self) -> None:
        now_s = self._ports.clock.monotonic()
        for signal_id, found in list(self._waiting.items()):
            calls = CALL_CLOSED_S if found.waits.is_closed else CALL_S
            if not is_call_due(calls, now_s - found.since_s, found.told):
                continue
            found.told += 1
            alert = self._alert(signal_id, found, now_s - found.since_s)
            if alert is not None:
                await self._account.tell(alert)

    def _alert(self, signal_id: str, found: _Waiting, waited_s: float) -> Alert | None:
        """The call; ``None`` if the close is over meanwhile."""
        signal = self._signal(signal_id)
        if signal is None:
            return None
        held = self._account.book.holding(signal.strategy, signal.symbol)
        fields = {
            "signal_id": signal_id,
            "strategy": signal.strategy,
            "symbol": signal.symbol,
            "spot_base": plain(held.spot),
            "short_base": plain(held.short),
            "waits": found.waits.reason,
            "since": f"{waited_s:.0f} s",
        }
        return Alert(kind=AlertKind.CLOSE_WAITS, urgent=True, fields=fields)

    def _signal(self, signal_id: str) -> Signal | None:
        """The signal that waits under this id, queued or begun; ``None`` if none does."""
        for queue in self._queues.all():
            for signals in queue.closes.values():
                for signal in signals:
                    if signal.id == signal_id:
                        return signal
            for runner in queue.runners.values():
                if runner.trade.signal.id == signal_id:
                    return runner.trade.signal
        return None
