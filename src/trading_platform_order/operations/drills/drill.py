"""Drills: the emergency stop and the watchdog, measured over real sockets and real processes.

Both open a pair, then an entry whose Upbit order rests while its hedge is filled: the worst moment
to be stopped in. Then the trigger, and the time until nothing can be entered any more, until what
would raise exposure is cancelled, and until both accounts are flat by the exchanges' own state.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from rich.cells import cell_len

from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.operations.drills.testbed import (
    BASES,
    POLL_S,
    Accounts,
    DrillBed,
    DrillFailed,
)
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.liveness import Who
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader
from trading_platform_order.storage.sqlite.writers.liveness import open_liveness_store
from trading_platform_order.words.results import demo as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.width import padded

_LABEL = 32
_FIGURE = 6
BLOCKED_BUDGET_MS = 1_000
CANCELS_BUDGET_MS = 1_000
RESTS_S = 600.0
ENGINE_GONE_S = 0.3
_COMMON = {
    "TPORDER_WATCHDOG_BEAT_S": "0.1",
    "TPORDER_TRADE_WORKING_LIMIT_S": "60",
    "TPORDER_TRADE_EXPOSURE_TIME_S": "120",
    "TPORDER_WATCHDOG_ENGINE_GONE_S": str(ENGINE_GONE_S),
}
_UNPROTECTED = {"TPORDER_PROTECT_STOP": "false"}
"""Under a stop on the exchange the even pair would be held; a drill measures the reaction."""
USDT_EXACT = Decimal("0.0001")


def _right(text: str) -> str:
    """In the column of the figures, whose right end is one."""
    return " " * max(_FIGURE - cell_len(text), 0) + text


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillReport:
    """How long it took, against the budgets; milliseconds from the trigger.

    Attributes:
        booked: the engine's ledger equals both exchanges afterwards.
        seconds: the whole drill.
    """

    drill: str
    trigger: str
    blocked_ms: int
    cancels_sent_ms: int
    flat_ms: int
    flat_budget_ms: int
    booked: bool
    seconds: float

    @property
    def is_within_budgets(self) -> bool:
        """All of it."""
        return (
            self.blocked_ms <= BLOCKED_BUDGET_MS
            and self.cancels_sent_ms <= CANCELS_BUDGET_MS
            and self.flat_ms <= self.flat_budget_ms
            and self.booked
        )

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "drill": self.drill,
            "trigger": self.trigger,
            "blocked_ms": self.blocked_ms,
            "cancels_sent_ms": self.cancels_sent_ms,
            "flat_ms": self.flat_ms,
            "budgets": {
                "blocked_ms": BLOCKED_BUDGET_MS,
                "cancels_sent_ms": CANCELS_BUDGET_MS,
                "flat_ms": self.flat_budget_ms,
            },
            "within_budgets": self.is_within_budgets,
            "booked": self.booked,
            "seconds": round(self.seconds, 1),
        }

    def lines(self) -> list[str]:
        """For operators."""
        rows = (
            (words.BLOCKED(), self.blocked_ms, BLOCKED_BUDGET_MS),
            (words.CANCELLED(), self.cancels_sent_ms, CANCELS_BUDGET_MS),
            (words.FLAT(), self.flat_ms, self.flat_budget_ms),
        )
        booked = words.YES if self.booked else words.NO
        return [
            words.DRILL(drill=words.DRILLS[self.drill](), trigger=localised(self.trigger)),
            *(
                f"{padded(what, _LABEL)}{words.TOOK(ms=_right(str(took)), budget=budget)}"
                for what, took, budget in rows
            ),
            padded(words.LEDGER_EQUALS(), _LABEL) + _right(booked()),
            words.WITHIN() if self.is_within_budgets else words.OVER(),
        ]


async def drill_emergency(*, flat_budget_s: float) -> DrillReport:
    """An operator sets the stop and has everything closed; the engine does it.

    Raises:
        DrillFailed: it could not be carried out.
    """

    async def trigger(bed: DrillBed, _: AsyncExitStack) -> None:
        inbox = open_inbox(bed.store)
        try:
            await inbox.set_latch(STOP_LATCH, "drill", at_us=bed.now_us())
            await inbox.set_latch(FLATTEN_LATCH, "drill", at_us=bed.now_us())
        finally:
            await inbox.close()
        knock_at(wake_path(bed.store, "main"))

    return await _drill(
        _Plan(
            name="emergency",
            trigger="manual stop with flattening",
            with_watchdog=False,
            act=trigger,
            is_blocked=_engine_obeys,
            flat_budget_s=flat_budget_s,
        )
    )


async def drill_watchdog(*, flat_budget_s: float) -> DrillReport:
    """The engine is killed; the watchdog acts in its place, and the next engine books it.

    One pair is even and has no stop on the exchange, another one is uneven: neither may be held.

    Raises:
        DrillFailed: it could not be carried out.
    """
    return await _drill(
        _Plan(
            name="watchdog",
            trigger=f"engine killed (watchdog.engine_gone_s = {ENGINE_GONE_S})",
            with_watchdog=True,
            act=None,
            is_blocked=_stop_is_latched,
            flat_budget_s=flat_budget_s,
            settings=_UNPROTECTED,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What differs between the drills; without ``act`` the engine is killed.

    Attributes:
        settings: of all processes, besides those that all drills have.
    """

    name: str
    trigger: str
    with_watchdog: bool
    act: Callable[[DrillBed, AsyncExitStack], Awaitable[None]] | None
    is_blocked: Callable[[Path], Awaitable[bool]]
    flat_budget_s: float
    settings: Mapping[str, str] = field(default_factory=dict)


async def _drill(plan: _Plan) -> DrillReport:
    began = asyncio.get_running_loop().time()
    with tempfile.TemporaryDirectory(prefix="tporder-drill-") as folder:
        bed = DrillBed(Path(folder), {**_COMMON, **plan.settings})
        async with asyncio.TaskGroup() as group, AsyncExitStack() as stack:
            await bed.open(stack, group)
            engine = await bed.start(stack, "run")
            if plan.with_watchdog:
                await bed.start(stack, "watchdog")
            await _worst_moment(bed)
            triggered = asyncio.get_running_loop().time()
            if plan.act is None:
                await engine.kill()
                triggered = asyncio.get_running_loop().time()
            else:
                await plan.act(bed, stack)
            took = await _measure(bed, plan, triggered)
            if plan.act is None:
                await bed.start(stack, "run")
            booked = await _is_booked(bed)
        return DrillReport(
            drill=plan.name,
            trigger=plan.trigger,
            blocked_ms=took.blocked_ms,
            cancels_sent_ms=took.cancels_ms,
            flat_ms=took.flat_ms,
            flat_budget_ms=round(plan.flat_budget_s * 1_000),
            booked=booked,
            seconds=asyncio.get_running_loop().time() - began,
        )


async def _worst_moment(bed: DrillBed) -> None:
    """One pair is open; of a second one the hedge is filled and the spot order rests."""
    first, second = BASES
    await bed.signal("drill-1", first)
    await bed.until_accounts("the first pair is hedged", lambda a: a.is_hedged_in(first))
    await bed.hold_next_spot_order(RESTS_S)
    await bed.signal("drill-2", second)

    def rests(accounts: Accounts) -> bool:
        return accounts.raising == 1 and accounts.positions.get(second, Decimal(0)) < 0

    await bed.until_accounts("an entry order rests on Upbit", rests)


@dataclass(slots=True)
class _Took:
    blocked_ms: int = -1
    cancels_ms: int = -1
    flat_ms: int = -1


async def _measure(bed: DrillBed, plan: _Plan, triggered: float) -> _Took:
    loop, took = asyncio.get_running_loop(), _Took()
    limit_s = plan.flat_budget_s + 30

    def ms() -> int:
        return round((loop.time() - triggered) * 1_000)

    try:
        async with asyncio.timeout(limit_s):
            while took.flat_ms < 0 or took.blocked_ms < 0:
                if took.blocked_ms < 0 and await plan.is_blocked(bed.store):
                    took.blocked_ms = ms()
                accounts = await bed.accounts()
                if took.cancels_ms < 0 and not accounts.raising:
                    took.cancels_ms = ms()
                if took.flat_ms < 0 and accounts.is_flat:
                    took.flat_ms = ms()
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise DrillFailed(
            f"{plan.name}: not blocked and flat within {limit_s:.0f} s of the trigger "
            f"(blocked {took.blocked_ms} ms, cancelled {took.cancels_ms} ms, -1 for never)"
        ) from None
    return took


async def _engine_obeys(store: Path) -> bool:
    """The engine itself has told that it knows of the stop."""
    watch = open_liveness_store(store)
    try:
        beat = await watch.heartbeat(Who.ENGINE)
    finally:
        await watch.close()
    return beat is not None and beat.latched


async def _stop_is_latched(store: Path) -> bool:
    reader = open_reader(store)
    try:
        return await reader.latch(STOP_LATCH) is not None
    finally:
        await reader.close()


async def _is_booked(bed: DrillBed) -> bool:
    """The journal leads to what the exchanges hold, once the engine has settled everything."""
    try:
        async with asyncio.timeout(30):
            while not await _ledger_equals(bed):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.1)
    except TimeoutError:
        return False
    return True


async def _ledger_equals(bed: DrillBed) -> bool:
    reader = open_reader(bed.store)
    try:
        ledger = (await replay(reader)).book.ledger
    finally:
        await reader.close()
    accounts = await bed.accounts()
    same_coins = all(
        ledger.coins[base] == accounts.coins[base]
        and ledger.shorts[base].quantity == -accounts.positions.get(base, Decimal(0))
        for base in BASES
    )
    same_usdt = abs(ledger.usdt - accounts.wallet_usdt) < USDT_EXACT
    return same_coins and same_usdt and abs(ledger.krw - accounts.krw) < 1
