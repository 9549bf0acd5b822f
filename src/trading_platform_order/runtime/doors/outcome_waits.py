"""Who waits for the end of a pair trade over the local socket, without asking again and again.

Fed behind the journal like the log: an end that became durable makes whoever waits for it look at
the store, once. A look every few seconds covers what the feed left out.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec

from trading_platform_order.client.handing_in import SendOutcome, Sent, outcome_of
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import TradeHalted, TradeSettled
from trading_platform_order.executor.journal.event_codec import Event
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.decorators.watched_websockets import StreamChange

BEGINS = b'{"follow"'
AT_ONCE_MAX = 32
WAIT_S_MAX = 60.0
LOOK_S = 5.0


class Follow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line that asks for the outcome of a signal.

    Attributes:
        follow: the signal's id.
        wait_s: for its end, seconds.
    """

    follow: Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,128}\Z")]
    wait_s: Annotated[float, msgspec.Meta(ge=0, le=WAIT_S_MAX)] = WAIT_S_MAX


def follow_of(line: bytes) -> Follow | None:
    """What a line asks for; ``None`` if it is no such line."""
    if not line.startswith(BEGINS):
        return None
    try:
        return msgspec.json.decode(line, type=Follow)
    except msgspec.MsgspecError:
        return None  # it is told as a signal that cannot be read


class OutcomeWaits:
    """Of one engine; follows its journal."""

    def __init__(self) -> None:
        self._ends: dict[str, asyncio.Event] = {}
        self.count = 0

    # -- what became durable -----------------------------------------------------------------------

    def event(self, event: Event, trade_id: str, trade: PairTrade | None) -> None:  # noqa: ARG002 - as every follower's
        """One journal event."""
        match event:
            case TradeSettled() | TradeHalted():
                if trade is not None:
                    self._wake(trade.signal.id)
            case SignalRefused():
                self._wake(event.signal_id)
            case _:
                pass

    def alert(self, alert: Alert, at: datetime) -> None:
        """Nothing ends by it."""

    def stream(self, change: StreamChange) -> None:
        """Nothing ends by it."""

    def missed(self, facts: int) -> None:  # noqa: ARG002 - as above
        """An end may be among them."""
        for name in list(self._ends):
            self._wake(name)

    def _wake(self, signal_id: str) -> None:
        found = self._ends.pop(signal_id, None)
        if found is not None:
            found.set()

    # -- who waits ---------------------------------------------------------------------------------

    async def outcome(
        self, reader: Reader, line: int, asked: Follow, *, is_wanted: Callable[[], bool]
    ) -> Sent:
        """What came of a signal, once it has ended or has been waited for.

        Args:
            reader: beside the engine's own connection.
            line: of the connection.
            asked: which, and for how long.
            is_wanted: somebody still reads the answer.
        """
        if self.count >= AT_ONCE_MAX:
            return _none(line, asked, "busy", f"{AT_ONCE_MAX} outcomes are waited for")
        self.count += 1
        try:
            found = await self._ended(reader, asked, is_wanted)
        finally:
            self.count -= 1
            self._ends.pop(asked.follow, None)
        if found is None:
            return _none(line, asked, "no_such_signal", "no signal of this id was claimed")
        return msgspec.structs.replace(found, line=line)

    async def _ended(
        self, reader: Reader, asked: Follow, is_wanted: Callable[[], bool]
    ) -> Sent | None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + asked.wait_s
        while True:
            end = self._ends.setdefault(asked.follow, asyncio.Event())
            found = await outcome_of(reader, asked.follow)
            left_s = ends_at - loop.time()
            if found is None or found.is_final or left_s <= 0 or not is_wanted():
                return found
            try:
                async with asyncio.timeout(min(left_s, LOOK_S)):
                    await end.wait()
            except TimeoutError:
                pass


def _none(line: int, asked: Follow, code: str, detail: str) -> Sent:
    return Sent(
        line=line,
        signal_id=asked.follow,
        inbox_id=0,
        result=SendOutcome.BROKEN,
        code=code,
        field="follow",
        detail=detail,
    )
