"""Faults that the world does by itself at the moment an order arrives at an exchange.

A deed waits for an order, so that it always strikes while one is in flight: the order's answer is
still to come when it is done.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from random import Random

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.checkers.timeliness.excused_times import (
    ASLEEP,
    CLOCK_S,
    TAKEN_S,
    UNKNOWN_S,
)
from trading_platform_order.simulation.faults.run_plan import PlannedFault
from trading_platform_order.simulation.testbed.commit_history import CommitHistory
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock, AccountLocked
from trading_platform_order.transport.virtual_loop import VirtualLoop

_FUNDING_EVERY_S = 8 * 3_600
_JUST_BEFORE_S = 0.06
_NEEDS_SHORT = {"hedge_deleveraged", "hedge_closed_by_hand"}
_ASLEEP_S = (4.0, 10.0, 45.0, 60.0)
ORDER_TRIGGERED_EXCUSE_S = {
    "hedge_deleveraged": TAKEN_S,
    "hedge_closed_by_hand": TAKEN_S,
    "clock_jump": CLOCK_S,
    "clock_drift": CLOCK_S,
}
"""How long each holds up what it meets, from its moment on."""
_OWNER_KRW = (30_000, 100_000, 300_000)


class OrderTriggeredFaults:
    """Prepares deeds on a stage; each strikes once.

    Args:
        testbed: where they are done.
        history: the commits that may be lost; ``None`` if none are to be.
    """

    def __init__(self, testbed: TestBed, history: CommitHistory | None) -> None:
        self._testbed = testbed
        self._history = history
        self._do: dict[str, Callable[[Random], None]] = {
            "price_jump": self._price_jump,
            "clock_jump": self._clock_jump,
            "clock_drift": self._clock_drift,
            "clock_off": self._clock_off,
            "process_frozen": self._process_frozen,
            "machine_suspended": self._machine_suspended,
            "engine_twice": self._engine_twice,
            "funding": self._funding,
            "owner_transfer": self._owner_transfer,
            "owner_trade": self._owner_trade,
            "hedge_deleveraged": self._hedge_deleveraged,
            "hedge_closed_by_hand": self._hedge_closed_by_hand,
            "power_loss": self._power_loss,
            "backup_restored": self._backup_restored,
        }

    def prepare(self, planned: PlannedFault) -> None:
        """Let it happen when the next order (or the one after) reaches the exchange."""
        random = Random(planned.seed)  # noqa: S311 - a reproducible run, not a secret
        listeners = self._testbed.world.gateways[planned.venue].order_listeners
        left = random.choice((0, 0, 0, 1))
        if planned.kind == "funding" and not self._step_before_funding():
            return

        def on_order() -> None:
            nonlocal left
            left -= 1
            if left < 0 and (planned.kind not in _NEEDS_SHORT or self._shorts()):
                listeners.remove(on_order)
                self._testbed.note(f"{planned.kind} while an order arrives at {planned.venue}")
                self._testbed.report.faults[planned.kind] += 1
                if planned.kind in ORDER_TRIGGERED_EXCUSE_S:
                    now_s = self._testbed.clock.monotonic()
                    more_s = ORDER_TRIGGERED_EXCUSE_S[planned.kind]
                    self._testbed.excuse(planned.kind, since_s=now_s, more_s=more_s)
                self._do[planned.kind](random)

        listeners.append(on_order)

    def forget(self) -> None:
        """What has not happened yet will not; clocks are right again."""
        for gateway in self._testbed.world.gateways.values():
            gateway.order_listeners.clear()
        self._testbed.engine_clock.set_right()

    # -- the deeds --------------------------------------------------------------------------------

    def _price_jump(self, random: Random) -> None:
        bps = random.choice((30, -30, 80, -80, 200, -200))
        asyncio.get_running_loop().call_soon(self._testbed.move, bps)

    def _clock_jump(self, random: Random) -> None:
        clock = self._testbed.engine_clock
        clock.jump(random.choice((0.4, -0.4, 3.0, -3.0, 30.0, -30.0, 90.0, -90.0)))
        asyncio.get_running_loop().call_later(random.choice((0.5, 4.0, 20.0)), clock.set_right)

    def _clock_drift(self, random: Random) -> None:
        clock = self._testbed.engine_clock
        clock.drift(random.choice((0.001, -0.001, 0.02, -0.02)))
        asyncio.get_running_loop().call_later(30.0, clock.set_right)

    def _clock_off(self, random: Random) -> None:
        self._testbed.engine_clock.jump(random.choice((10.0, -10.0, 3_600.0, -3_600.0)))

    def _process_frozen(self, random: Random) -> None:
        loop, seconds = asyncio.get_running_loop(), random.choice(_ASLEEP_S)
        self._excuse_sleep(seconds)
        if isinstance(loop, VirtualLoop):
            loop.call_soon(loop.stand_still, seconds)
            # What it had just sent may have come too late for Binance.
            more_s = seconds + UNKNOWN_S
            self._testbed.excuse("frozen", since_s=self._testbed.clock.monotonic(), more_s=more_s)

    def _machine_suspended(self, random: Random) -> None:
        clock, seconds = self._testbed.clock, random.choice(_ASLEEP_S)
        self._excuse_sleep(seconds)
        clock.set(clock.now() + timedelta(seconds=seconds))

    def _excuse_sleep(self, seconds: float) -> None:
        now_s = self._testbed.clock.monotonic()
        self._testbed.excuse(ASLEEP, since_s=now_s, more_s=seconds + CLOCK_S)

    def _engine_twice(self, _: Random) -> None:
        second = AccountLock(self._testbed.store_path, attempts=1)
        with suppress(AccountLocked):
            second.acquire()
            second.release()
            if not self._testbed.crash_point.dead.is_set():
                self._testbed.report.violations.append("a second engine got the account")

    def _step_before_funding(self) -> bool:
        """Only while nothing is under way: hours pass at once."""
        testbed = self._testbed
        if (
            testbed.crash_point.dead.is_set()
            or not testbed.engine.executor.is_idle
            or not testbed.world.idle()
        ):
            return False
        if list(invariants.hedged_or_flat(testbed.world.accounts(), testbed.owner.coins)):
            return False  # the engine has yet to notice what another hand did
        now = testbed.clock.now()
        passed_s = now.timestamp() % _FUNDING_EVERY_S
        testbed.clock.set(now + timedelta(seconds=_FUNDING_EVERY_S - passed_s - _JUST_BEFORE_S))
        testbed.show_again()
        return True

    def _funding(self, _: Random) -> None:
        """The market's next step, just after the hour, settles it."""
        asyncio.get_running_loop().call_later(_JUST_BEFORE_S, self._testbed.show_again)

    def _owner_transfer(self, random: Random) -> None:
        owner, krw = self._testbed.owner, Decimal(random.choice(_OWNER_KRW))
        match random.choice(("krw", "usdt", "coin")):
            case "krw":
                sign = random.choice((1, -1))
                with suppress(ValueError):
                    owner.transfer(Venue.UPBIT, "KRW", krw * sign)
            case "usdt":
                sign = random.choice((1, -1))
                owner.transfer(Venue.BINANCE, "USDT", krw / 1_000 * sign)
            case _:
                owner.transfer(Venue.UPBIT, self._base(random), Decimal("0.001"))

    def _owner_trade(self, random: Random) -> None:
        owner, base = self._testbed.owner, self._base(random)
        own = owner.coins.get(base, ZERO)
        with suppress(ValueError):
            if own and random.random() < 0.5:  # noqa: PLR2004 - even odds
                owner.sell_coins(base, Decimal(plain(own)))
            else:
                owner.buy_coins(base, Decimal(random.choice(_OWNER_KRW)))

    def _shorts(self) -> dict[str, Decimal]:
        """Base quantities short on Binance that coins of ours stand against, by base asset."""
        positions = self._testbed.world.binance.state()["positions"]
        shorts = {
            symbol.removesuffix("USDT"): -Decimal(row["quantity"])
            for symbol, row in sorted(positions.items())
        }
        return {base: short for base, short in shorts.items() if short > 0}

    def _hedge_deleveraged(self, random: Random) -> None:
        self._testbed.world.binance.deleverage(f"{random.choice(list(self._shorts()))}USDT")

    def _hedge_closed_by_hand(self, random: Random) -> None:
        base, short = random.choice(list(self._shorts().items()))
        with suppress(ValueError):  # a fault of the exchange meets the operator's order too
            self._testbed.owner.close_our_short(f"{base}USDT", short)

    def _power_loss(self, random: Random) -> None:
        if self._history is not None:
            self._history.lose(random.choice((1, 1, 2, 3)), other_machine=False)

    def _backup_restored(self, random: Random) -> None:
        if self._history is not None:
            self._history.lose(random.randint(4, 40), other_machine=True)

    def _base(self, random: Random) -> str:
        return random.choice(self._testbed.setup.bases)
