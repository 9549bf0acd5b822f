"""The client itself: asynchronous, and the same for programs that are not.

    with Client("out/tporder.db") as tporder:
        sent = tporder.send({"action": "BUY", "symbol": "BTC", "timestamp": …})
        print(tporder.wait(sent).detail)

A signal's id makes repeating safe: whatever was raised or lost, send the same again.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import msgspec

from trading_platform_order.client.answers import Position
from trading_platform_order.client.handing_in import SendOutcome, Sent
from trading_platform_order.client.http_server import HttpServer
from trading_platform_order.client.local_store import LocalStore
from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.any_format import NO_RULES
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.signals.schema import signal_to_json

Value = TypeVar("Value")
AnySignal = Signal | Mapping[str, Any] | msgspec.Struct | str | bytes
SEND_WAIT_S = 5.0
END_WAIT_S = 60.0


class Door(Protocol):
    """Where signals go."""

    async def send(self, text: bytes, *, wait_s: float) -> Sent:
        """Hand in one signal."""
        ...

    async def follow(self, sent: Sent, *, wait_s: float) -> Sent:
        """Wait for its end."""
        ...

    async def positions(self) -> list[Position]:
        """What is held."""
        ...

    async def stop(self, reason: str, *, flatten: bool) -> bool:
        """Set the stop; true if that changed something."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class AsyncClient:
    """Use it inside one event loop.

    Args:
        store: the engine's database file, on this machine.
        account: the engine's (setting engine.account).
        research: how signals in research's format are read.

    Raises:
        ClientFault: by every method; what is not done and what helps.
    """

    def __init__(
        self,
        store: str | Path = "out/tporder.db",
        *,
        account: str = "main",
        research: ResearchRules = NO_RULES,
        door: Door | None = None,
    ) -> None:
        self._door = door or LocalStore(Path(store), account, research)

    @classmethod
    def over_http(cls, url: str, *, secret: str, key: str = "signals") -> Self:
        """Over `tporder web`, from any machine that reaches it."""
        return cls(door=HttpServer(url, key=key, secret=secret))

    async def send(self, signal: AnySignal, *, wait_s: float = SEND_WAIT_S) -> Sent:
        """Hand in a signal: durable on return. What the engine said within ``wait_s`` is told."""
        return await self._door.send(_text(signal), wait_s=wait_s)

    async def wait(self, sent: Sent | str, *, timeout_s: float = END_WAIT_S) -> Sent:
        """Wait for the end of its pair trade, at most ``timeout_s``; ``has_ended`` tells whether.

        ``sent``: what :meth:`send` returned, or a signal's id.
        """
        item = sent
        if isinstance(item, str):
            item = Sent(line=1, signal_id=item, inbox_id=0, result=SendOutcome.QUEUED)
        return await self._door.follow(item, wait_s=timeout_s)

    async def positions(self) -> list[Position]:
        """What is held, by strategy and symbol."""
        return await self._door.positions()

    async def stop(self, reason: str, *, flatten: bool = False) -> bool:
        """Refuse entries from now on; exits pass. False if it was stopped so already.

        ``flatten``: close everything that is held as well.
        """
        return await self._door.stop(reason, flatten=flatten)

    async def close(self) -> None:
        """Let go of the store or the server."""
        await self._door.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class Client:
    """The same for programs without an event loop; each method as in :class:`AsyncClient`."""

    def __init__(
        self,
        store: str | Path = "out/tporder.db",
        *,
        account: str = "main",
        research: ResearchRules = NO_RULES,
        door: Door | None = None,
    ) -> None:
        self._inner = AsyncClient(store, account=account, research=research, door=door)
        self._runner = asyncio.Runner()

    @classmethod
    def over_http(cls, url: str, *, secret: str, key: str = "signals") -> Self:
        """Over `tporder web`, from any machine that reaches it."""
        return cls(door=HttpServer(url, key=key, secret=secret))

    def send(self, signal: AnySignal, *, wait_s: float = SEND_WAIT_S) -> Sent:
        """Hand in a signal: durable on return."""
        return self._run(self._inner.send(signal, wait_s=wait_s))

    def wait(self, sent: Sent | str, *, timeout_s: float = END_WAIT_S) -> Sent:
        """Wait for the end of its pair trade."""
        return self._run(self._inner.wait(sent, timeout_s=timeout_s))

    def positions(self) -> list[Position]:
        """What is held, by strategy and symbol."""
        return self._run(self._inner.positions())

    def stop(self, reason: str, *, flatten: bool = False) -> bool:
        """Refuse entries from now on; exits pass."""
        return self._run(self._inner.stop(reason, flatten=flatten))

    def close(self) -> None:
        """Let go of the store or the server."""
        self._run(self._inner.close())
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self._runner.run(work)


def _text(signal: AnySignal) -> bytes:
    if isinstance(signal, Signal):
        return signal_to_json(signal).encode()
    if isinstance(signal, str):
        return signal.encode()
    return signal if isinstance(signal, bytes) else msgspec.json.encode(signal)
