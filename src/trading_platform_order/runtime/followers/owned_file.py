"""Keeps ``owned.json`` for the last resort: what is ours, should no program of ours start any more.

``deploy/last_resort.py`` shares no code with the engine, so this file is all that it knows of us.
It is replaced whenever a trade ended or a leg was lost, when a coin's filters become known, and
once a minute; behind the journal, from memory, and written in a thread. Executions that the figures
contain already are named in it, so that whoever reads the exchanges' lists counts nothing twice.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg, hedge_symbol
from trading_platform_order.domain.pairs.pair import Pair
from trading_platform_order.domain.protection.leg_loss import CoinsGone, HedgeClosed
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import (
    FillSeen,
    Holding,
    TradeHalted,
    TradeSettled,
)
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import Event, event_of
from trading_platform_order.runtime.assembly import executor_settings, pairs_of
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.runtime.followers.beside import beside
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.storage.base import JOURNAL_PAGE
from trading_platform_order.storage.side_files.side_file import replace_side_file
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import Clock, SystemClock, epoch_ms, epoch_us
from trading_platform_order.transport.decorators.watched_websockets import StreamChange

LOOK_S, AGE_S_MAX = 1.0, 60.0
OVERLAP = timedelta(seconds=60)
"""Clocks differ by less: orders that are younger than this are new unless they are named."""
VERSION = 1
_NO_LIMIT = Decimal(10) ** 12
_UNREVIEWED = ("", Decimal(1))


def owned_path(db: Path, account: str) -> Path:
    """Beside the database, one for each account."""
    return db.with_name(f"{db.name}.{account}.owned.json")


class OwnedChanges:
    """Follows the journal: whether what is owned has changed since it was written last."""

    def __init__(self) -> None:
        self.is_due = True

    def event(self, event: Event, trade_id: str, trade: PairTrade | None) -> None:  # noqa: ARG002 - as every follower's
        """One journal event."""
        if isinstance(event, TradeSettled | TradeHalted | HedgeClosed | CoinsGone):
            self.is_due = True

    def alert(self, alert: Alert, at: datetime) -> None:
        """Nothing is owned by it."""

    def stream(self, change: StreamChange) -> None:
        """Nothing is owned by it."""

    def missed(self, facts: int) -> None:  # noqa: ARG002 - as above
        """An end may be among them."""
        self.is_due = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedAccount:
    """What does not change while the engine runs.

    Attributes:
        prefix: all our client order ids begin with it.
        horizon_ms: an order that was signed longer ago cannot arrive any more.
        pairs: the contract that hedges each coin.
    """

    account: str
    mode: str
    prefix: str
    horizon_ms: int
    pairs: dict[str, Pair]


def owned_account(settings: Settings) -> OwnedAccount:
    """Of these settings."""
    binance = settings.binance
    return OwnedAccount(
        account=settings.engine.account,
        mode=settings.engine.mode,
        prefix=f"t{executor_settings(settings).policy.mode}-",
        horizon_ms=binance.recv_window_ms + int(binance.horizon_margin_s * 1_000),
        pairs=dict(pairs_of(settings)),
    )


def owned_coin(
    base: str, holding: Holding, spot: Instrument, hedge: Instrument, pair: Pair | None
) -> dict[str, str]:
    """One coin as both exchanges count it: coins on Upbit, contracts on Binance.

    The adapter told the hedge's figures in coins; a contract may stand for a thousand of them.
    """
    contract, factor = _UNREVIEWED if pair is None else (pair.contract, pair.factor)
    return {
        "base": base,
        "market": f"KRW-{base}",
        "symbol": contract or hedge_symbol(base),
        "factor": plain(factor),
        "spot": plain(holding.spot),
        "short": plain(holding.short / factor),
        "step": plain(hedge.quantity_step / factor),
        "min_quantity": plain(hedge.min_quantity / factor),
        "max_quantity": plain(hedge.max_quantity / factor or _NO_LIMIT),
        "min_krw": plain(spot.min_notional),
    }


def counted(
    trades: Iterable[PairTrade], pairs: dict[str, Pair], new_at: datetime
) -> dict[str, str]:
    """Executions that the ledger contains, by client order id, as the order's exchange counts.

    Of every order under way, and of those that ended lately: what is older is contained in full.
    """
    found: dict[str, Decimal] = {}
    for trade in trades:
        if not trade.is_active and trade.last_event_at < new_at:
            continue
        pair = pairs.get(trade.base)
        factor = Decimal(1) if pair is None else pair.factor
        legs = {order.client_order_id: order.leg for order in trade.orders}
        found |= dict.fromkeys(legs, ZERO)
        for fill in trade.fills:
            name = fill.client_order_id
            units = factor if legs.get(name) is Leg.HEDGE else Decimal(1)
            found[name] = found.get(name, ZERO) + fill.quantity / units
    return {name: plain(quantity) for name, quantity in found.items()}


async def counted_before(
    store: SqliteStore, pairs: dict[str, Pair], new_at: datetime
) -> dict[str, str]:
    """Executions that the journal tells of each trade that executed since ``new_at``.

    As :func:`counted` names them, and in full: an order may have begun to execute before. Read
    once, of the journal's end: an engine does not remember what settled before its start.

    Raises:
        StoreUnavailable: the journal cannot be read.
    """
    factors = {hedge_symbol(base): pair.factor for base, pair in pairs.items()}
    found: dict[str, Decimal] = {}
    for trade_id in await _executed_since(store, new_at):
        async for row in store.journal_all(trade_id):
            event = event_of(row) if row.kind == "fill_seen" else None
            if isinstance(event, FillSeen):
                fill = event.fill
                is_hedge = fill.exchange is Venue.BINANCE
                units = factors.get(fill.symbol, Decimal(1)) if is_hedge else Decimal(1)
                before = found.get(fill.client_order_id, ZERO)
                found[fill.client_order_id] = before + fill.quantity / units
    return {name: plain(quantity) for name, quantity in found.items()}


async def _executed_since(store: SqliteStore, new_at: datetime) -> set[str]:
    """The trades of which the journal's end tells an execution."""
    executed: set[str] = set()
    since_us = epoch_us(new_at)
    head = store.head_seq
    while head > 0:
        after = max(head - JOURNAL_PAGE, 0)
        rows = await store.journal(after, limit=head - after)
        executed |= {
            row.trade_id for row in rows if row.kind == "fill_seen" and row.at_us >= since_us
        }
        if not rows or rows[0].at_us < since_us:
            break
        head = after
    return executed


def since(trades: Iterable[PairTrade], new_at: datetime) -> datetime:
    """From when on executions must be read: no order that may still execute is older."""
    made = [order.created_at for trade in trades if trade.is_active for order in trade.orders]
    return min([new_at, *(at - OVERLAP for at in made)])


def encoded(owned: dict[str, Any]) -> bytes:
    """The file's content: what is owned, and its checksum."""
    text = json.dumps(owned, sort_keys=True, separators=(",", ":"))
    checksum = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps({"owned": owned, "sha256": checksum}).encode()


def write_owned(path: Path, content: bytes) -> None:
    """Replace the file by a new one; a reader sees the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    # It is needed after the worst, a loss of power among it.
    replace_side_file(path, content, outlives_power=True)


async def in_a_thread(path: Path, content: bytes) -> None:
    """:func:`write_owned` without holding up the loop: it waits for the disk."""
    await asyncio.to_thread(write_owned, path, content)


class OwnedFile:
    """Of one engine. A file that cannot be written is told once, and tried again."""

    def __init__(
        self,
        engine: Engine,
        *,
        account: OwnedAccount,
        changes: OwnedChanges,
        store: SqliteStore,
        clock: Clock,
        path: Path,
        announce: Callable[[str], None],
        write: Callable[[Path, bytes], Awaitable[None]] = in_a_thread,
    ) -> None:
        """``write``: replaces the file; raises ``OSError`` if it cannot."""
        self._write_owned = write
        self._engine = engine
        self._account = account
        self._changes = changes
        self._store = store
        self._clock = clock
        self._path = path
        self._announce = announce
        self._counted_before: dict[str, str] = {}
        self._is_told = False
        self._bases: list[str] = []
        self._written_s: float | None = None

    async def run(self) -> None:
        """Write until cancelled; a fault of it ends nothing else.

        Not where a part of the journal is set aside: the ledger lacks it, and the file of before
        is what the last resort closes by.
        """
        if self._engine.aside:
            return
        async with beside(self._write(), name="owned.json", announce=self._announce):
            await asyncio.get_running_loop().create_future()

    async def _write(self) -> None:
        new_at = self._clock.now() - OVERLAP
        self._counted_before = await counted_before(self._store, self._account.pairs, new_at)
        while True:
            await self.once()
            await asyncio.sleep(LOOK_S)

    async def once(self) -> None:
        """Write it anew if something changed, or a minute has passed."""
        coins = self._coins()
        bases = [coin["base"] for coin in coins]
        now_s = self._clock.monotonic()
        is_old = self._written_s is None or now_s - self._written_s >= AGE_S_MAX
        if not (self._changes.is_due or is_old or bases != self._bases):
            return
        self._changes.is_due = False
        content = encoded(self._owned(coins))
        try:
            await self._write_owned(self._path, content)
        except OSError as problem:
            self._changes.is_due = True
            if not self._is_told:
                self._announce(f"warning: {self._path} cannot be written: {problem.strerror}")
            self._is_told = True
        else:
            self._is_told, self._written_s, self._bases = False, now_s, bases

    def _owned(self, coins: list[dict[str, str]]) -> dict[str, Any]:
        """Read without an await, so that holdings and executions belong to one moment."""
        now, trades = self._clock.now(), self._engine.executor.trades.values()
        new_at = now - OVERLAP
        return {
            "version": VERSION,
            "account": self._account.account,
            "mode": self._account.mode,
            "prefix": self._account.prefix,
            "horizon_ms": self._account.horizon_ms,
            "at": now.isoformat(),
            "since_ms": epoch_ms(since(trades, new_at)),
            "new_ms": epoch_ms(new_at),
            "head": self._store.head_seq,
            "counted": self._counted_before | counted(trades, self._account.pairs, new_at),
            "coins": coins,
        }

    def _coins(self) -> list[dict[str, str]]:
        """Also those of which nothing is held: an entry may be on its way.

        Without its filters a coin can neither be entered nor rounded.
        """
        owned: dict[str, Holding] = {base: Holding() for base in self._engine.bases}
        for (_, base), held in self._engine.executor.book.ledger.holdings.items():
            before = owned.get(base, Holding())
            owned[base] = Holding(spot=before.spot + held.spot, short=before.short + held.short)
        coins = []
        for base, holding in sorted(owned.items()):
            told = self._engine.market.instruments(base)
            if len(told) == len(Leg):
                pair = self._account.pairs.get(base)
                coins.append(owned_coin(base, holding, told[Leg.SPOT], told[Leg.HEDGE], pair))
        return coins


def owned_file(
    settings: Settings,
    db: Path,
    changes: OwnedChanges,
    store: SqliteStore,
    announce: Callable[[str], None],
) -> Callable[[Engine], OwnedFile]:
    """How an engine of these settings keeps it, beside its store."""
    return lambda engine: OwnedFile(
        engine,
        account=owned_account(settings),
        changes=changes,
        store=store,
        clock=SystemClock(),
        path=owned_path(db, settings.engine.account),
        announce=announce,
    )
