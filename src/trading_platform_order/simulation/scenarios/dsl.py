"""The vocabulary of the scenarios: what can be done to the engine, and what can be expected of it.

Expectations look at the exchanges' state, the journal and the alert outbox, never at calls. One
that is not met is a violation of the run; a scenario never stops at the first.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_simulator.faults.kinds import Fault
from trading_platform_order.domain.money import BPS
from trading_platform_order.domain.order import Leg, Purpose
from trading_platform_order.domain.order_identity.client_order_id import client_order_id, trade_key
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.checkers.final import run_checkers
from trading_platform_order.simulation.checkers.manual_recovery import check_manual_recovery
from trading_platform_order.simulation.scenarios.expectations import Expectations
from trading_platform_order.simulation.scenarios.outages import Outages
from trading_platform_order.simulation.testbed.testbed import BASE, TestBed
from trading_platform_order.storage.base import ClaimResult
from trading_platform_order.storage.relational.runner import Inline
from trading_platform_order.storage.relational.store import SqlInbox
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.virtual_loop import VirtualLoop

KIMCHI = "kimchi"
EXITS_MAX = 2
TICK_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """An old copy of the database, and which signals it can know."""

    copy: bytes
    acknowledged: tuple[str, ...]


class Scene(Expectations, Outages):
    """One stage, with words for what happens on it."""

    ENTER, EXIT = Action.ENTER, Action.EXIT

    def __init__(self, testbed: TestBed) -> None:
        Expectations.__init__(self, testbed)
        Outages.__init__(self, testbed)
        self._signals: dict[str, Signal] = {}
        self._armed: list[Fault] = []
        self._pairs: set[tuple[str, str]] = set()

    # -- what happens -----------------------------------------------------------------------------

    def arm(self, *faults: Fault) -> None:
        """These go wrong from now on. Each must strike before the end, or the scenario fails."""
        for fault in faults:
            self._armed.append(fault)
            self.testbed.note(f"armed {type(fault).__name__} on {fault.venue}")
            self.testbed.world.arm(fault)

    def calm(self) -> None:
        """All faults end here; those that never struck are reported."""
        for row in self.testbed.world.faults():
            self.testbed.report.faults[str(row["kind"])] += row["struck"]
            if not row["struck"]:
                self._violate(f"a fault never struck: {row}")
        self.testbed.world.clear_faults()

    async def enter(self, name: str = "enter", **more: object) -> ClaimResult:
        """An ENTER over 1,000,000 KRW; ``more`` are other fields of the signal."""
        return await self.send(self.signal(name, Action.ENTER, **more))

    async def exit(self, name: str = "exit", **more: object) -> ClaimResult:
        """An EXIT of all that the strategy holds; ``more`` are other fields of the signal."""
        return await self.send(self.signal(name, Action.EXIT, **more))

    async def enters(
        self, *outcomes: str, name: str = "enter", filled: int | None = None, **more: object
    ) -> None:
        """An ENTER as :meth:`enter` sends it, and what it :meth:`ends` as."""
        await self.enter(name, **more)
        await self.ends(name, *outcomes, filled=filled)

    async def exits(
        self, *outcomes: str, name: str = "exit", filled: int | None = None, **more: object
    ) -> None:
        """An EXIT as :meth:`exit` sends it, and what it :meth:`ends` as."""
        await self.exit(name, **more)
        await self.ends(name, *outcomes, filled=filled)

    def signal(self, name: str, action: Action, **more: object) -> Signal:
        """A signal made now."""
        wanted = Signal(
            id=name,
            strategy=KIMCHI,
            action=action,
            symbol=BASE,
            created_at=self.testbed.clock.now(),
            notional_krw=Decimal(1_000_000) if action is Action.ENTER else None,
        )
        return replace(wanted, **more)  # type: ignore[arg-type]

    async def send(self, signal: Signal) -> ClaimResult:
        """Deliver it, with a market that is fresh; the sender repeats until answered."""
        self.testbed.show_again()
        await asyncio.sleep(max(0.05, 2 * self.testbed.setup.latency_s))
        return await self.send_blindly(signal)

    async def send_blindly(self, signal: Signal) -> ClaimResult:
        """Deliver it whatever the market shows."""
        self.follow(signal)
        return await self.testbed.deliver(signal)

    def follow(self, signal: Signal) -> None:
        """Its trade is looked for at the end, whichever way it comes."""
        if signal.id not in self._signals:
            self.testbed.report.signals += 1
        self._signals[signal.id] = signal
        self._pairs.add((signal.strategy, signal.symbol))

    def aged(self, signal: Signal, seconds: float) -> Signal:
        """The signal as if it had been made earlier."""
        return replace(signal, created_at=signal.created_at - timedelta(seconds=seconds))

    async def enter_into_thin_book(self, venue: Venue, quantity: str) -> None:
        """ENTER while others leave only ``quantity`` on one exchange; the engine learns it late."""
        await self._into_thin_book(self.signal("enter", Action.ENTER), venue, quantity)

    async def exit_into_thin_book(self, venue: Venue, quantity: str) -> None:
        """The same with an EXIT."""
        await self._into_thin_book(self.signal("exit", Action.EXIT), venue, quantity)

    async def _into_thin_book(self, signal: Signal, venue: Venue, quantity: str) -> None:
        self.testbed.show_again()
        await asyncio.sleep(0.05)
        self.external_leave(venue, quantity)
        await self.send_blindly(signal)

    async def hedged(self, **more: object) -> None:
        """Begin with an open pair, entered without trouble."""
        await self.enter("before", **more)
        await self.ends("before", "hedged")

    async def wait(self, seconds: float) -> None:
        """Let time pass; an engine that dies meanwhile is started again."""
        await asyncio.sleep(seconds)
        await self.testbed.revive()

    async def wait_open(self, seconds: float, *, tick_s: float = TICK_S) -> None:
        """Let time pass in a market that goes on ticking at the same prices."""
        until = self.testbed.clock.monotonic() + seconds
        while self.testbed.clock.monotonic() < until:
            self.testbed.show_again()
            await self.wait(tick_s)

    def jump(self, hours: float) -> None:
        """Go on some hours later: everybody's calendar moves, nothing else happens meanwhile."""
        self.testbed.clock.set(self.testbed.clock.now() + timedelta(hours=hours))
        self.testbed.show_again()

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: the exchanges' time and the clock that counts suspend go on."""
        self.testbed.clock.set(self.testbed.clock.now() + timedelta(seconds=seconds))

    def freeze(self, seconds: float) -> None:
        """The process is stopped (SIGSTOP): the stopwatches go on, and nothing of it runs."""
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop):
            loop.stand_still(seconds)

    async def quiet(self) -> None:
        """Until nothing is under way anywhere; the market goes on ticking meanwhile."""
        ticking = asyncio.get_running_loop().create_task(self._tick())
        try:
            await self.testbed.quiet()
        finally:
            ticking.cancel()

    async def ends(self, signal_id: str, *outcomes: str, filled: int | None = None) -> None:
        """Until nothing is under way: the trade settled so (one of these; without any: in any way).

        ``filled``: so many orders on each exchange since the beginning; ``None``: any number.
        """
        await self.quiet()
        if outcomes:
            self.expect_outcome(signal_id, *outcomes)
        self._expect_filled_on_each(filled)

    async def ends_flat(self, base: str = BASE, *, filled: int | None = None) -> None:
        """Until nothing is under way: nothing is held but dust."""
        await self.quiet()
        self.expect_flat(base, filled=filled)

    async def ends_hedged(self, base: str = BASE, *, filled: int | None = None) -> None:
        """Until nothing is under way: a pair is held, and its legs agree."""
        await self.quiet()
        self.expect_hedged(base, filled=filled)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.testbed.show_again()

    def backup(self) -> Backup:
        """Copy the database as it is now."""
        return Backup(copy=self.testbed.backup(), acknowledged=tuple(self.testbed.acknowledged))

    async def lose_power(self, backup: Backup) -> None:
        """The machine fails, and the disk brings back no more than this copy."""
        self.testbed.place = replace(
            self.testbed.place, boot=f"{self.testbed.place.boot} and another"
        )
        await self.restore(backup)

    async def restore(self, backup: Backup) -> None:
        """Kill the engine, put the old copy in place, start again.

        Signals that were answered after the copy are not in it; their senders know nothing of that.
        """
        self.testbed.note("an old backup is restored")
        await self.testbed.kill()
        self.testbed.restore(backup.copy)
        self.testbed.acknowledged[:] = backup.acknowledged
        await self.testbed.start()

    async def second_engine(self) -> "Scene":
        """Another machine, with a copy of the database, starts an engine on the same account."""
        other = TestBed(self.testbed.report, self.testbed.setup)
        other.share(self.testbed)
        other.restore(self.testbed.backup())
        await other.start()
        return Scene(other)

    async def flat_within(self, seconds: float, base: str = BASE) -> float:
        """Let time pass until both legs are closed; it must not take longer. Returns how long."""
        return await self.within(seconds, lambda: self._is_closed(base), f"{base} is not flat")

    async def within(self, seconds: float, is_so: Callable[[], bool], otherwise: str) -> float:
        """Let time pass until it is so; it must not take longer. Returns how long it took."""
        began_s = shown_s = self.testbed.clock.monotonic()
        while not is_so():
            now_s = self.testbed.clock.monotonic()
            if now_s - began_s > seconds:
                self._violate(f"{otherwise} after {seconds:g} s")
                break
            if now_s - shown_s >= 1.0:
                shown_s = now_s
                self.testbed.show_again()
            await asyncio.sleep(0.02)
        passed_s = self.testbed.clock.monotonic() - began_s
        self.testbed.note(f"it took {passed_s:.2f} s")
        return passed_s

    def _is_closed(self, base: str) -> bool:
        price = self.testbed.world.upbit.prices[f"KRW-{base}"]
        return self.short(base) == 0 and abs(self.coins(base)) * price < invariants.DUST_KRW

    def expect_kept(self, quantity: Decimal, base: str = BASE) -> None:
        """Both legs stand as they did: nothing was stripped of its other half."""
        held = (self.coins(base), self.short(base))
        self.expect(
            that=abs(held[0] - quantity) * 100_000 < quantity and held[1] == quantity,
            otherwise=f"{base}: {held[0]} coins and {held[1]} short, both were {quantity}",
        )

    def standing_stops(self) -> list[str]:
        """Conditional orders that wait on Binance, by their client ids."""
        algos = self.testbed.world.binance.state()["algo_orders"]
        return [algo["clientAlgoId"] for algo in algos if algo["algoStatus"] == "NEW"]

    def external_leave(self, venue: Venue, quantity: str, *, base: str = BASE) -> None:
        """Somebody takes the book away but for this much, unseen by the engine until told."""
        if venue is Venue.UPBIT:
            self.testbed.world.upbit.shrink_book(f"KRW-{base}", Decimal(quantity))
        else:
            self.testbed.world.binance.shrink_book(f"{base}USDT", Decimal(quantity))

    def move_after(self, seconds: float, *, spot_bps: int = 0, hedge_bps: int = 0) -> None:
        """The prices move after a while."""
        loop = asyncio.get_running_loop()
        # Past the 50 ms that a signal waits for a fresh market.
        loop.call_later(0.05 + seconds, lambda: self.move(spot_bps=spot_bps, hedge_bps=hedge_bps))

    def thin_after(self, seconds: float, venue: Venue, quantity: str) -> None:
        """Others leave only this much, after a while."""
        loop = asyncio.get_running_loop()
        loop.call_later(0.05 + seconds, self.external_leave, venue, quantity)

    async def crash(self, *, down_s: float = 1.0) -> None:
        """Kill the engine now, and start it again after a while."""
        await self.testbed.crash_and_restart(down_s)

    def die_at(self, point: int, *, down_s: float = 1.0) -> None:
        """Kill the engine at this call of a port from now on (two points a call)."""
        self.testbed.down_s = down_s
        self.testbed.crash_point.dies_at = self.testbed.crash_point.points + point

    def move(
        self, *, base: str = BASE, spot_bps: int = 0, hedge_bps: int = 0, fx_bps: int = 0
    ) -> None:
        """Move the prices of an asset, and the rate."""
        tick = self.testbed.tick(base)
        self.testbed.set_tick(
            replace(
                tick,
                upbit_close=tick.upbit_close * (1 + spot_bps / BPS),
                binance_close=tick.binance_close * (1 + hedge_bps / BPS),
                krw_usdt=tick.krw_usdt * (1 + fx_bps / BPS),
            )
        )

    async def stop(self, reason: str, *, flatten: bool = False) -> None:
        """An operator latches the emergency stop, and may have everything closed."""
        now_us = epoch_us(self.testbed.clock.now())
        await self.inbox().set_latch(STOP_LATCH, reason, at_us=now_us)
        if flatten:
            await self.inbox().set_latch(FLATTEN_LATCH, reason, at_us=now_us)
        await self.testbed.engine.executor.wake()

    async def lift(self, reason: str) -> None:
        """An operator releases it."""
        now_us = epoch_us(self.testbed.clock.now())
        await self.inbox().clear_latch(STOP_LATCH, reason, at_us=now_us)
        await self.testbed.engine.executor.wake()

    def inbox(self) -> SqlInbox:
        """The database as the command line writes to it."""
        return SqlInbox(self.testbed.connection, Inline(), "main")

    # -- small words ------------------------------------------------------------------------------

    def in_one_hour(self) -> datetime:
        """For signals that outlive a crash."""
        return self.testbed.clock.now() + timedelta(hours=1)

    def first_order_id(
        self, signal_id: str, venue: Venue, *, base: str = BASE, strategy: str = KIMCHI
    ) -> str:
        """The id that the first order of an ENTER will have."""
        key = trade_key(strategy=strategy, signal_id=signal_id, symbol=base)
        leg = Leg.SPOT if venue is Venue.UPBIT else Leg.HEDGE
        mode = self.testbed.setup.settings.policy.mode
        return client_order_id(mode=mode, key=key, leg=leg, purpose=Purpose.OPEN, attempt=1)

    # -- the end ----------------------------------------------------------------------------------

    async def close(self, *, stopped: str | None) -> None:
        """Come to rest without faults, close every pair, and let the judges look."""
        self.testbed.crash_point.dies_at = None
        await self.quiet()
        self.calm()
        self._even_at_rest()
        for attempt in range(EXITS_MAX):
            for number, (strategy, base) in enumerate(sorted(self._pairs)):
                name = f"close-{attempt}-{number}"
                await self.exit(name, strategy=strategy, symbol=base)
                await self.quiet()
        await run_checkers(self.testbed, stopped=stopped)

    async def hand_over(self, *, stopped: str) -> None:
        """Come to rest without faults, close nothing, and let those judges look that can."""
        self.testbed.crash_point.dies_at = None
        await self.quiet()
        self.calm()
        await check_manual_recovery(self.testbed, stopped=stopped)

    def _even_at_rest(self) -> None:
        lines: Sequence[str] = list(
            invariants.hedged_or_flat(self.testbed.world.accounts(), self.owner.coins)
        )
        for line in lines:
            self._violate(line)
