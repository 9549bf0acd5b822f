"""Where the time of our whole way goes: functions of the path, timed by name while it is asked for.

Outside of a profile nothing is changed, so that ratios are measured on the engine as it is. The
names follow the code: one that is gone is reported as ``None``, and should be mended here.
"""

import functools
import importlib
import inspect
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median
from types import ModuleType
from typing import Any, Self

_PACKAGE = "trading_platform_order"
PARTS = {
    "read": "signals.any_format:read_any",
    "hash and claim": "executor.journal.claims:claim_for",
    "account view": "executor.account.account_service:AccountService.view",
    "size": "domain.trade.sizing:plan_pair",
    "risk": "risk.risk_manager:check",
    "encode": "executor.journal.event_codec:entry_of",
    "commit": "storage.relational.journal_writer:JournalWriter.append",
    "from claim to commit": "executor.intake.admission.admission:Admission.admit",
    "sign for Upbit": "exchanges.upbit.requests.signing:Signer.authorization",
    "sign for Binance": "exchanges.binance.requests.signing:Signer.sign",
    "send Upbit's leg": "exchanges.upbit.adapter:UpbitExchange.send",
    "send Binance's leg": "exchanges.binance.adapter:BinanceExchange.send",
    "read Upbit's news": "exchanges.upbit.streams.stream:Visit._read",
    "read and hand on Binance's news": "exchanges.binance.streams.private_stream:deliver",
    "apply one event": "domain.trade.pair_trade:apply",
    "make fills durable": "executor.trades.trade_log:TradeLog.record",
}
"""Each with what it calls; so parts overlap, and their sum means nothing."""


class Profile:
    """Times the parts while it is entered."""

    def __init__(self) -> None:
        self._spent: dict[str, list[int]] = {}
        self._undo: list[tuple[Any, str, Any]] = []
        self._missing: set[str] = set()

    def __enter__(self) -> Self:
        self._spent.clear()
        for part, place in PARTS.items():
            try:
                owner, name, function = _found(place)
            except (ImportError, AttributeError):
                self._missing.add(part)
                continue
            timed = _timed(function, self._spent.setdefault(part, []))
            for holder in _holders(owner, name, function):
                self._undo.append((holder, name, function))
                setattr(holder, name, timed)
        return self

    def __exit__(self, *_: object) -> None:
        while self._undo:
            setattr(*self._undo.pop())

    def medians(self) -> dict[str, Any]:
        """Microseconds of one call; ``None`` for what is not there, or was not called."""
        return {
            part: round(median(spent) / 1_000, 1) if (spent := self._spent.get(part)) else None
            for part in PARTS
        }


def _found(place: str) -> tuple[Any, str, Callable[..., Any]]:
    module_name, _, path = place.partition(":")
    owner: Any = importlib.import_module(f"{_PACKAGE}.{module_name}")
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    return owner, name, getattr(owner, name)


def _holders(owner: Any, name: str, function: Callable[..., Any]) -> list[Any]:  # noqa: ANN401
    """Whoever has imported a function by name, beside the module or class it stands in."""
    if not isinstance(owner, ModuleType):
        return [owner]
    ours = [module for key, module in sys.modules.items() if key.startswith((_PACKAGE, "benchm"))]
    return [module for module in ours if getattr(module, name, None) is function]


def _timed(function: Callable[..., Any], spent: list[int]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*args: object, **kwargs: object) -> object:
            began = time.monotonic_ns()
            try:
                waited: Awaitable[object] = function(*args, **kwargs)
                return await waited
            finally:
                spent.append(time.monotonic_ns() - began)

        return awaited

    @functools.wraps(function)
    def called(*args: object, **kwargs: object) -> object:
        began = time.monotonic_ns()
        try:
            return function(*args, **kwargs)
        finally:
            spent.append(time.monotonic_ns() - began)

    return called
