"""Closes that wait, as the store tells them: what is to be closed, since when, and why it waits.

Why it waits is what operators were told last (``close_waits``); the engine tells at once where an
exchange takes no orders, and after 10 s where it is a matter of price.
"""

import json
from dataclasses import dataclass
from typing import cast

from trading_platform_order.domain.account.account_events import SignalClaimed
from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import claimed_signal
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import moment_of

CLOSES_MAX = 1_000
ALERTS_MAX = 1_000
NOT_TOLD = "its turn, or prices: operators are told after 10 s"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingClose:
    """A close that was claimed and cannot be carried out now.

    Attributes:
        part_base: base units of the pair, decimal text; ``all``; or ``rest`` of a begun close.
        since_us: when it was claimed, calendar time, microseconds.
        waits: why, as operators were told last.
    """

    signal_id: str
    strategy: str
    symbol: str
    part_base: str
    since_us: int
    waits: str

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "signal_id": self.signal_id,
            "strategy": self.strategy,
            "symbol": self.symbol,
            "part_base": self.part_base,
            "since": moment_of(self.since_us),
            "waits": self.waits,
        }


async def read_waiting_closes(reader: Reader) -> tuple[WaitingClose, ...]:
    """Oldest first."""
    exits = {"action": Action.EXIT.value}
    told = await _told(reader)
    found = []
    for row in await reader.query(
        "v_signals", limit=CLOSES_MAX, where={**exits, "result": "claimed"}
    ):
        name = str(row["signal_id"])
        part = await _part(reader, name)
        found.append(_close(row, part, row["received_at_us"], told.get(name, NOT_TOLD)))
    begun = {**exits, "state": TradeState.EXECUTING.value}
    found += [
        _close(row, "rest", row["opened_at_us"], told[str(row["signal_id"])])
        for row in await reader.query("v_trades", limit=CLOSES_MAX, where=begun)
        if row["signal_id"] in told
    ]
    return tuple(sorted(found, key=lambda close: close.since_us))


def _close(
    row: dict[str, str | int | None], part: str, since_us: str | int | None, waits: str
) -> WaitingClose:
    return WaitingClose(
        signal_id=str(row["signal_id"]),
        strategy=str(row["strategy"]),
        symbol=str(row["symbol"]),
        part_base=part,
        since_us=cast("int", since_us),
        waits=waits,
    )


async def _told(reader: Reader) -> dict[str, str]:
    """By signal: what operators were told last."""
    waits: dict[str, str] = {}
    alerts = await reader.query(
        "v_alerts", limit=ALERTS_MAX, where={"kind": AlertKind.CLOSE_WAITS.value}
    )
    for row in alerts:  # the newest first
        fields = json.loads(str(row["fields"]))
        if "signal_id" in fields:
            waits.setdefault(fields["signal_id"], fields.get("waits", ""))
    return waits


async def _part(reader: Reader, signal_id: str) -> str:
    for row in await reader.rows_naming(signal_id):
        event = event_of(row)
        if isinstance(event, SignalClaimed):
            quantity = claimed_signal(event).quantity_base
            return "all" if quantity is None else plain(quantity)
    return "all"
