"""A client's door on the machine of the engine: its socket, or the store's inbox without one."""

from functools import partial
from io import BytesIO
from pathlib import Path

from trading_platform_order.client.answers import Position, positions_of
from trading_platform_order.client.engine_socket import EngineSocket
from trading_platform_order.client.faults import NoAccount, NoStore, Unavailable
from trading_platform_order.client.handing_in import (
    Sent,
    first_answers,
    follow,
    send,
)
from trading_platform_order.client.stopping import set_stop
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.signals.reader import read_pieces
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.relational.store import SqlInbox
from trading_platform_order.storage.sqlite.store import open_inbox

LOCK_WAIT_S = 30.0


class LocalStore:
    """One account of one store file; opened at the first use."""

    def __init__(self, path: Path, account: str, rules: ResearchRules) -> None:
        self._path = path
        self._account = account
        self._rules = rules
        self._knock = partial(knock_at, wake_path(path, account))
        self._engine = EngineSocket(path, account)
        self._inbox: SqlInbox | None = None

    async def send(self, text: bytes, *, wait_s: float) -> Sent:
        """One signal, handed in and answered; a repetition is answered as the first time."""
        inbox = await self._opened()
        pieces = read_pieces(BytesIO(text), self._rules)
        outcome = await send(inbox, self._knock, pieces, wait_s=wait_s, engine=self._engine)
        if outcome.stopped or len(outcome.sent) != 1:
            reason = outcome.stopped or "not one signal"
            raise Unavailable(reason, remedy="give one signal; does the engine run?")
        await first_answers(inbox, outcome.sent)
        return outcome.sent[0]

    async def follow(self, sent: Sent, *, wait_s: float) -> Sent:
        """Until its pair trade has ended."""
        return await follow(await self._opened(), sent, wait_s=wait_s, to_the_end=True)

    async def positions(self) -> list[Position]:
        """What is held, by strategy and symbol."""
        return positions_of(await (await self._opened()).query("v_positions", limit=10_000))

    async def stop(self, reason: str, *, flatten: bool) -> bool:
        """True if it was not stopped so before."""
        done = await set_stop(await self._opened(), self._knock, reason, flatten=flatten)
        return done.changed

    async def close(self) -> None:
        """Let go of the engine and the file."""
        await self._engine.aclose()
        if self._inbox is not None:
            await self._inbox.close()
            self._inbox = None

    async def _opened(self) -> SqlInbox:
        if self._inbox is not None:
            return self._inbox
        if not self._path.is_file():
            raise NoStore(
                f"no store at {self._path}", remedy="name its file, or start the engine once"
            )
        try:
            inbox = open_inbox(self._path, account=self._account)
        except StoreUnavailable as error:
            raise Unavailable(str(error), remedy="mend that and try again") from error
        known = (await inbox.overview()).accounts
        if self._account not in known:
            await inbox.close()
            named = ", ".join(known) or "none yet: start the engine once"
            raise NoAccount(f"no engine ran on account {self._account!r}", remedy=f"known: {named}")
        inbox.waits(LockWait(limit_s=LOCK_WAIT_S, tell=lambda _: None))
        self._inbox = inbox
        return inbox
