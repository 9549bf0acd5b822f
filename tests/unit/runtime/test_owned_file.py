"""What the last resort is told: each exchange's own units, and a checksum for anybody."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.fakes.history import write_history
from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.pairs.pair import Pair
from trading_platform_order.domain.trade.trade_events import FillSeen, Holding
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import entry_of, event_of
from trading_platform_order.runtime.followers.owned_file import (
    counted_before,
    encoded,
    owned_coin,
)
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import epoch_us


def moment(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC)


def instrument(venue: Venue, symbol: str, **figures: str) -> Instrument:
    told = {
        "price_tick": "1",
        "quantity_step": "1000",
        "min_quantity": "1000",
        "max_quantity": "0",
        "min_notional": "5000",
        "max_notional": "0",
        "taker_fee_rate": "0.0005",
    } | figures
    figures_of = {name: Decimal(value) for name, value in told.items()}
    return Instrument(venue=venue, symbol=symbol, **figures_of)  # type: ignore[arg-type]


def test_a_contract_of_a_thousand_is_told_in_contracts() -> None:
    pair = Pair(
        code="SHIB",
        korean_name="시바이누",
        english_name="Shiba Inu",
        contract="1000SHIBUSDT",
        factor=Decimal(1_000),
    )
    coin = owned_coin(
        "SHIB",
        Holding(spot=Decimal("250000.5"), short=Decimal(250_000)),
        instrument(Venue.UPBIT, "SHIB-KRW"),
        instrument(Venue.BINANCE, "SHIBUSDT"),
        pair,
    )
    assert (coin["symbol"], coin["factor"]) == ("1000SHIBUSDT", "1000")
    assert (coin["spot"], coin["short"]) == ("250000.5", "250")
    assert (coin["step"], coin["min_quantity"]) == ("1", "1")
    assert Decimal(coin["max_quantity"]) > 1_000_000


def test_the_checksum_is_of_the_sorted_text() -> None:
    told = json.loads(encoded({"b": "2", "a": [{"코인": "1"}]}))
    text = json.dumps(told["owned"], sort_keys=True, separators=(",", ":"))
    assert told["sha256"] == hashlib.sha256(text.encode()).hexdigest()


async def test_what_settled_just_before_the_start_is_named(tmp_path: Path) -> None:
    """Upbit tells whole seconds: an order of the start's own second may be new, or counted."""
    store = SqliteStore(tmp_path / "t.db", build="test", durability="normal")
    await write_history(store, 2_000)
    fills = [row async for row in store.journal_all() if row.kind == "fill_seen"]
    trade_id, new_at = fills[-1].trade_id, moment(fills[-1].at_us)
    counted = await counted_before(store, {}, new_at)
    await store.close()
    named: dict[str, Decimal] = {}
    for event in (event_of(row) for row in fills if row.trade_id == trade_id):
        assert isinstance(event, FillSeen)
        before = named.get(event.fill.client_order_id, Decimal(0))
        named[event.fill.client_order_id] = before + event.fill.quantity
    assert {name: Decimal(quantity) for name, quantity in counted.items()} == named


async def test_an_order_is_named_in_full_that_began_to_execute_earlier(tmp_path: Path) -> None:
    """Named by its last part alone, its first part would be closed a second time."""
    store = SqliteStore(tmp_path / "t.db", build="test", durability="normal")
    await write_history(store, 1)
    fills = [row async for row in store.journal_all() if row.kind == "fill_seen"]
    seen = event_of(fills[-1])
    assert isinstance(seen, FillSeen)
    parts = {"91": (Decimal("0.3"), 0), "92": (Decimal("0.2"), 90)}
    for trade_id, (quantity, later_s) in parts.items():
        at = seen.at + timedelta(hours=1, seconds=later_s)
        part = replace(
            seen.fill, client_order_id="tp-slow", trade_id=trade_id, quantity=quantity, at=at
        )
        row = entry_of(FillSeen(fill=part, at=at), fills[-1].trade_id)
        await store.append([row], at_us=epoch_us(at))
    new_at = seen.at + timedelta(hours=1, seconds=60)
    counted = await counted_before(store, {}, new_at)
    await store.close()
    assert counted["tp-slow"] == "0.5"


async def test_without_a_journal_nothing_is_named(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "t.db", build="test", durability="normal")
    assert await counted_before(store, {}, datetime(2026, 1, 1, tzinfo=UTC)) == {}
    await store.close()
