"""Carries out what operators put into the command inbox, each at least once, in order.

A command stays in the inbox until its result is written, so a crash repeats it: what is carried out
here must come to the same when it is done twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec

from trading_platform_order.domain.money import parse_decimal, plain
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.trade.hand_close import HandClose
from trading_platform_order.executor.order_executor import OrderExecutor
from trading_platform_order.storage.base import Command, InboxResult, Store
from trading_platform_order.transport.clock import moment_of

POLL_S = 1.0
PROTECT = "protect"
WITHDRAW = "withdraw"
CLOSE = "close"
NAKED = "naked"
CALLBACK_BPS = (10, 2_000)
"""What Binance takes as a callback, in basis points: 0.1 % to 20 % (change log 2026-10-23)."""


class ProtectBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trailing stop on a pair; ``trailing_bps`` null takes it back.

    Attributes:
        trailing_bps: basis points as decimal text.
    """

    symbol: str
    trailing_bps: str | None = None
    reason: str


class WithdrawBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signal that waits is taken back."""

    signal_id: str
    reason: str = ""


class CloseBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pair, or one leg of it, is to be closed; also the question what would then stand naked.

    Attributes:
        krw: about that much of it, decimal text; ``None`` for all.
        confirm_krw: the naked value that was typed, decimal text.
    """

    symbol: str
    strategy: str | None = None
    leg: Leg | None = None
    krw: str | None = None
    confirm_krw: str | None = None
    reason: str = ""

    def wish(self) -> HandClose:
        """The same as the engine takes it.

        Raises:
            ValueError: an amount is no number above 0.
        """
        krw = None if self.krw is None else parse_decimal(self.krw)
        if krw is not None and krw <= 0:
            raise ValueError(f"krw must be above 0: {krw}")
        return HandClose(
            symbol=self.symbol,
            strategy=self.strategy,
            leg=self.leg,
            krw=krw,
            confirmed_krw=None if self.confirm_krw is None else parse_decimal(self.confirm_krw),
        )


class NakedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What would stand without a hedge, KRW as whole numbers, and whether that is more than now."""

    before_krw: str
    after_krw: str
    strips: bool


class CommandLoop:
    """A background part of the engine."""

    def __init__(self, *, executor: OrderExecutor, store: Store, poll_s: float = POLL_S) -> None:
        self._executor = executor
        self._store = store
        self._poll_s = poll_s
        self._handlers: dict[str, Callable[[Command], Awaitable[str]]] = {
            PROTECT: self._protect,
            WITHDRAW: self._withdraw,
            CLOSE: self._close,
            NAKED: self._naked,
        }
        self._by_hand = executor.hand_closes

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            for command in await self._store.pending_commands():
                await self._take(command)
            await asyncio.sleep(self._poll_s)

    async def _take(self, command: Command) -> None:
        handler = self._handlers.get(command.kind)
        if handler is None:
            answer = f"refused: no command {command.kind!r}; known: {', '.join(self._handlers)}"
        else:
            answer = await handler(command)
        refused = answer.startswith("refused")
        result = InboxResult.REFUSED if refused else InboxResult.DONE
        await self._store.finish_command(command.id, result=result, detail=answer)

    async def _withdraw(self, command: Command) -> str:
        try:
            wish = msgspec.json.decode(command.body, type=WithdrawBody)
        except msgspec.MsgspecError as error:
            return f"refused: {error}"
        return await self._executor.closes.withdraw(wish.signal_id, wish.reason)

    async def _close(self, command: Command) -> str:
        try:
            body = msgspec.json.decode(command.body, type=CloseBody)
            wish = body.wish()
        except (msgspec.MsgspecError, ValueError) as error:
            return f"refused: {error}"
        return await self._by_hand.close(
            wish,
            name=f"close-{command.id}-{command.at_us}",
            at=moment_of(command.at_us),
            reason=body.reason,
        )

    async def _naked(self, command: Command) -> str:
        try:
            wish = msgspec.json.decode(command.body, type=CloseBody).wish()
        except (msgspec.MsgspecError, ValueError) as error:
            return f"refused: {error}"
        if wish.leg is None:
            return "refused: a pair leaves nothing naked"
        found = self._by_hand.naked(wish, wish.leg)
        if isinstance(found, str):
            return f"refused: {found}"
        answer = NakedAnswer(
            before_krw=plain(found.before_krw),
            after_krw=plain(found.after_krw),
            strips=found.strips,
        )
        return msgspec.json.encode(answer).decode()

    async def _protect(self, command: Command) -> str:
        try:
            wish = msgspec.json.decode(command.body, type=ProtectBody)
            callback = None if wish.trailing_bps is None else parse_decimal(wish.trailing_bps)
        except (msgspec.MsgspecError, ValueError) as error:
            return f"refused: {error}"
        fault = callback_fault(callback)
        if fault is not None:
            return f"refused: {fault}"
        return await self._executor.protective_stops.ask_trailing(
            wish.symbol, callback, wish.reason
        )


def callback_fault(callback_bps: Decimal | None) -> str | None:
    """Why Binance would not take this callback, if it would not."""
    least, most = CALLBACK_BPS
    if callback_bps is None or (least <= callback_bps <= most and callback_bps % least == 0):
        return None
    return f"a callback is {least} to {most} bps in steps of {least}, not {callback_bps}"
