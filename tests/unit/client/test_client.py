"""The client over a store: what a program sends and is told, with an engine and without."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import append, claim_of, eventful_trade, story_db
from trading_platform_order.client import (
    AsyncClient,
    Client,
    NoAccount,
    NoStore,
    Position,
    SendOutcome,
    Unavailable,
)
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.storage.sqlite.store import SqliteStore, open_reader

BUY = {"action": "BUY", "symbol": "BTC", "timestamp": "2026-11-22T09:00:00+00:00", "price": 0.1}


@contextmanager
def engine(db: Path, *, settles: bool = True) -> Iterator[list[Signal]]:
    """Claims what waits, each id once, and (later) says that it has ended."""
    claimed: list[Signal] = []
    stop = threading.Event()

    async def run() -> None:
        store = SqliteStore(db, build="b", durability="normal")
        while not stop.is_set():
            for inbox_id, raw in await store.pending_signals():
                signal = read_any(raw)
                if not isinstance(signal, Signal):
                    await store.finish_signal(inbox_id, result="refused", detail="unreadable")
                    continue
                if await store.claim_of(signal.id):
                    await store.finish_signal(inbox_id, result="duplicate", detail=signal.id)
                    continue
                claimed.append(signal)
                await trade(store, signal, inbox_id)
            await asyncio.sleep(0.01)
        await store.close()

    async def trade(store: SqliteStore, signal: Signal, inbox_id: int) -> None:
        key = trade_key(strategy=signal.strategy, signal_id=signal.id, symbol=signal.symbol)
        events = eventful_trade()
        start = te.TradeOpened(
            **{
                name: getattr(events[0], name)
                for name in ("start", "target", "decision", "policy", "at")
            },
            trade_id=key,
            signal=signal,
            orders=(),
        )
        await append(store, start, key, claim_of(signal, inbox_id))
        await asyncio.sleep(0.02)
        if settles:
            await append(store, events[-1], key)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield claimed
    finally:
        stop.set()
        thread.join()


def test_a_signal_is_sent_followed_and_traded_once(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    with engine(db) as claimed, Client(db) as client:
        sent = client.send(BUY)
        ended = client.wait(sent, timeout_s=5)
        again = client.send({**BUY})
        by_id = client.wait(sent.signal_id, timeout_s=5)

    assert sent.result is SendOutcome.CLAIMED
    assert ended.has_ended
    assert "hedged" in ended.detail
    assert (again.result, again.repeated, again.signal_id) == (
        SendOutcome.CLAIMED,
        True,
        sent.signal_id,
    )
    assert by_id.detail == ended.detail
    assert [signal.action for signal in claimed] == [Action.ENTER]


def test_without_an_engine_it_is_durable(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    with Client(db) as client:
        sent = client.send(BUY, wait_s=0.02)
        assert not client.wait(sent, timeout_s=0.02).is_final
        held = client.send('{"action": "HOLD", "symbol": "BTC"}')
        broken = client.send({"action": "BUY"}, wait_s=0.02)

    assert sent.result is SendOutcome.QUEUED
    assert held.result is SendOutcome.HOLD
    assert (broken.result, broken.field) == (SendOutcome.BROKEN, "symbol")
    with engine(db, settles=False), Client(db) as client:
        assert client.send(BUY).result is SendOutcome.CLAIMED


async def test_positions_are_exact_and_a_stop_is_durable(tmp_path: Path) -> None:
    db = await asyncio.to_thread(story_db, tmp_path)
    async with AsyncClient(db) as client:
        (held,) = await client.positions()
        first, second = await client.stop("a test"), await client.stop("again")

    reader = open_reader(db)
    latches = await reader.latches()
    await reader.close()
    assert held == Position(
        strategy="kimp",
        symbol="BTC",
        spot_base=Decimal("0.01"),
        short_base=Decimal("0.01"),
        updated_at_us=held.updated_at_us,
    )
    assert (first, second) == (True, False)
    assert [latch.reason for latch in latches] == ["a test"]


async def test_what_cannot_be_reached_is_named(tmp_path: Path) -> None:
    db = await asyncio.to_thread(story_db, tmp_path)
    async with AsyncClient(tmp_path / "nothing.db") as client:
        with pytest.raises(NoStore, match="start the engine once"):
            await client.send(BUY)
    async with AsyncClient(db, account="mian") as client:
        with pytest.raises(NoAccount, match="known: main"):
            await client.positions()
    async with AsyncClient(db) as client:
        with pytest.raises(Unavailable, match="one signal"):
            await client.send("\n")
    assert not (tmp_path / "nothing.db").exists()
