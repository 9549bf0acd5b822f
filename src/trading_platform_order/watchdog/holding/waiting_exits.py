"""EXITs and flattens that wait for an engine, and for how long they have waited without one.

Claimed in the journal and not carried out, or still in the store's inbox. What a living engine
would refuse is not waited for: an EXIT that has expired, and one that is older than the pair that
it would close (`superseded`): nobody may sell Monday's pair for Friday's EXIT.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.storage.base import Inbox
from trading_platform_order.storage.event_body import Body
from trading_platform_order.storage.replica import Replica
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.ports import ExitRules

PAGE = 500
Key = tuple[str, str]
"""Strategy and base asset."""


class WaitingExits:
    """Remembers since when each of them has waited, on the watchdog's own stopwatch."""

    def __init__(self, *, rules: ExitRules, monotonic: Callable[[], float]) -> None:
        self._rules = rules
        self._monotonic = monotonic
        self._since: dict[Key, float] = {}
        self._why: dict[Key, str] = {}

    async def look(
        self, inbox: Inbox, replica: Replica, journal: JournalSnapshot, now: datetime
    ) -> None:
        """Read what waits now.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        why: dict[Key, str] = {}
        latches = {latch.kind for latch in await inbox.latches()}
        flattens = FLATTEN_LATCH in latches
        flattens |= self._rules.flatten_on_stop and STOP_LATCH in latches
        if flattens:
            why = dict.fromkeys(_held(journal), "a flatten waits")
        for signal in [*self._claimed(replica), *await self._in_inbox(inbox, now)]:
            key = (signal.strategy, signal.symbol)
            if key in _held(journal) and not self._is_older(signal, replica):
                why[key] = f"EXIT {signal.id} waits"
        self._why = why
        self._since = {key: self._since.get(key, self._monotonic()) for key in why}

    def due(self, *, alone_s: float, limit_s: float) -> dict[Key, str]:
        """What has waited for ``limit_s`` while no engine lived, and why, in words.

        Args:
            alone_s: how long there has been no living engine.
            limit_s: the limit.
        """
        now = self._monotonic()
        waited = {key: min(now - since, alone_s) for key, since in self._since.items()}
        return {
            key: f"{self._why[key]} since {seconds:.0f} s without an engine"
            for key, seconds in waited.items()
            if seconds >= limit_s
        }

    def why(self) -> dict[Key, str]:
        """All that waits, by what it would close, in words."""
        return dict(self._why)

    def words(self) -> tuple[str, ...]:
        """All that waits, for an operator."""
        return tuple(dict.fromkeys(self._why.values()))

    @staticmethod
    def _claimed(replica: Replica) -> list[Signal]:
        """Claimed, and neither refused nor carried out to its end."""
        exits = {"action": Action.EXIT.value}
        open_trades = replica.query(
            "v_trades", where={**exits, "state": TradeState.EXECUTING.value}
        )
        rows = [*replica.query("v_signals", where={**exits, "result": "claimed"}), *open_trades]
        return [
            Signal(
                id=str(row["signal_id"]),
                strategy=str(row["strategy"]),
                action=Action.EXIT,
                symbol=str(row["symbol"]),
                created_at=_created(replica, row),
            )
            for row in rows
        ]

    async def _in_inbox(self, inbox: Inbox, now: datetime) -> list[Signal]:
        found: list[Signal] = []
        after = 0
        while rows := await inbox.pending_signals(PAGE, after_id=after):
            after = rows[-1][0]
            parsed = [read_any(raw) for _, raw in rows]
            found += [
                one
                for one in parsed
                if isinstance(one, Signal)
                and one.action is Action.EXIT
                and (one.expires_at is None or one.expires_at > now)
            ]
        return found

    def _is_older(self, signal: Signal, replica: Replica) -> bool:
        """The pair was opened by an ENTER that was made later than this EXIT."""
        entered = replica.query(
            "v_signals",
            limit=1,
            where={
                "strategy": signal.strategy,
                "symbol": signal.symbol,
                "action": Action.ENTER.value,
                "result": "accepted",
            },
        )
        at = entered[0]["created_at"] if entered else None
        if at is None:
            return False
        margin = timedelta(seconds=self._rules.ahead_s_max)
        return datetime.fromisoformat(str(at)) > signal.created_at + margin


def _held(journal: JournalSnapshot) -> frozenset[Key]:
    return frozenset(key for key, held in journal.holdings.items() if held.spot or held.short)


def _created(replica: Replica, row: dict[str, str | int | None]) -> datetime:
    """When the EXIT was made: in its row, or in the row that opened its trade."""
    if row.get("created_at") is not None:
        return datetime.fromisoformat(str(row["created_at"]))
    opening = replica.opening_of(str(row["trade_id"]))
    body = Body({}) if opening is None else Body.parse(opening.body).child("signal")
    return datetime.fromisoformat(body.time("created_at"))
