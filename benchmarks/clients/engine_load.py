"""Many signals over many symbols on a schedule that waits for nothing, and what the loop does.

Each symbol enters and leaves by turns. The generator runs in the engine's process, so its own work
counts as the engine's.
"""

import asyncio
import gc
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.clients.signals import Signals
from benchmarks.exchange.stamps import RING, VENUES, Stamps
from benchmarks.measure.figures import spread_of
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.signal import Signal
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.storage.base import ClaimResult
from trading_platform_order.storage.sqlite.store import open_reader

LAG_EVERY_S = 0.001
LAG_S = 0.002
"""A loop that is later than this was blocked by something of ours."""
DRAIN_S = 30.0
RSS_EVERY_S = 5.0
VIEWS_S = 3.0
"""Views follow the journal within this."""
_KEY = slice(3, 23)
"""The trade's key within a client order id."""


@dataclass(slots=True, kw_only=True)
class Load:
    """One run under load."""

    engine: Engine
    stamps: Stamps
    signals: Signals
    store: Path
    names: dict[str, str] = field(default_factory=dict)
    began_ns: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    lag_s: list[float] = field(default_factory=list)
    pauses_ms: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)

    async def hand_in(self, action: str, symbol: str) -> None:
        """One signal; what is refused is counted."""
        name, raw = self.signals.new(action, symbol)
        key = trade_key(strategy="bench", signal_id=name, symbol=symbol)
        began_ns = time.monotonic_ns()
        signal = read_any(raw)
        assert isinstance(signal, Signal)
        self.began_ns[key], self.names[name] = began_ns, key
        receipt = await self.engine.submit(signal)
        if receipt.refusal is not None or receipt.result is not ClaimResult.CLAIMED:
            reason = receipt.refusal.code.value if receipt.refusal else receipt.result.value
            self.refused[reason] = self.refused.get(reason, 0) + 1
            del self.began_ns[key]


async def run_load(load: Load, *, per_s: float, seconds: float) -> dict[str, Any]:
    """So many signals a second for so long; then wait until all is settled."""
    before = load.stamps.counts()
    watching = [asyncio.create_task(_watch_lag(load)), asyncio.create_task(_watch_rss(load))]
    pauses = _Pauses(load)
    gc.callbacks.append(pauses)
    cpu_ns, began = time.process_time_ns(), time.monotonic()
    try:
        sent = await _send(load, per_s=per_s, seconds=seconds)
        took_s = time.monotonic() - began
        is_drained = await _drained(load.engine)
    finally:
        gc.callbacks.remove(pauses)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    cpu_us = (time.process_time_ns() - cpu_ns) / 1_000
    wire_us, skew_us = _on_wire(load, before)
    await _count_refused(load)
    late = sum(lag > LAG_S for lag in load.lag_s)
    return {
        "sent": sent,
        "per_s": round(sent / took_s, 1),
        "drained": is_drained,
        "refused": load.refused,
        "lost": len(load.began_ns) - len(wire_us),
        "wire_us": _as_dict(wire_us),
        "skew_us": _as_dict(skew_us),
        "cpu_us_per_signal": round(cpu_us / max(sent, 1), 1),
        "late_fraction": round(late / max(len(load.lag_s), 1), 5),
        "lag_ms_max": round(max(load.lag_s, default=0.0) * 1_000, 2),
        "pause_ms_max": round(max(load.pauses_ms, default=0.0), 2),
        "rss_mb": [round(value, 1) for value in load.rss_mb],
    }


async def _count_refused(load: Load) -> None:
    """What waited was claimed first; why it was refused later stands in the journal's view."""
    await asyncio.sleep(VIEWS_S)
    reader = open_reader(load.store)
    for row in await reader.query("v_refusals", limit=len(load.names) + 1_000):
        key = load.names.get(str(row["signal_id"]))
        if key in load.began_ns:
            reason = str(row["code"])
            load.refused[reason] = load.refused.get(reason, 0) + 1
            del load.began_ns[key]
    await reader.close()


def _as_dict(values: list[float]) -> dict[str, float] | None:
    found = spread_of(values)
    return None if found is None else found._asdict()


async def _send(load: Load, *, per_s: float, seconds: float) -> int:
    bases = load.engine.bases
    began = time.monotonic()
    actions = dict.fromkeys(bases, "ENTER")
    sent = 0
    async with asyncio.TaskGroup() as group:
        while (elapsed := time.monotonic() - began) < seconds:
            while sent < elapsed * per_s:
                symbol = bases[sent % len(bases)]
                group.create_task(load.hand_in(actions[symbol], symbol))
                actions[symbol] = "EXIT" if actions[symbol] == "ENTER" else "ENTER"
                sent += 1
            await asyncio.sleep(LAG_EVERY_S)
    return sent


async def _drained(engine: Engine) -> bool:
    try:
        async with asyncio.timeout(DRAIN_S):
            await engine.executor.wait_idle()
    except TimeoutError:
        return False
    return True


def _on_wire(load: Load, before: tuple[int, int]) -> tuple[list[float], list[float]]:
    """Of every signal whose legs both arrived: time to the second one, and between them."""
    first: list[dict[str, int]] = []
    for venue in VENUES:
        found: dict[str, int] = {}
        end = load.stamps.count(venue)
        for number in range(max(before[venue], end - RING), end):
            at_ns, name = load.stamps.at(venue, number)
            found.setdefault(name[_KEY], at_ns)
        first.append(found)
    spot, hedge = first
    both = [key for key in load.began_ns if key in spot and key in hedge]
    wire = [(max(spot[key], hedge[key]) - load.began_ns[key]) / 1_000 for key in both]
    return wire, [abs(spot[key] - hedge[key]) / 1_000 for key in both]


class _Pauses:
    """How long each garbage collection takes."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._began = 0.0

    def __call__(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self._load.pauses_ms.append((time.perf_counter() - self._began) * 1_000)


async def _watch_lag(load: Load) -> None:
    while True:
        due = time.monotonic() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        load.lag_s.append(time.monotonic() - due)


async def _watch_rss(load: Load) -> None:
    while True:
        load.rss_mb.append(resident_mb())
        await asyncio.sleep(RSS_EVERY_S)


def resident_mb() -> float:
    """Of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1_024
    return 0.0
