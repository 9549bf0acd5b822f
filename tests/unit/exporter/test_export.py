"""Whatever is cut and whenever, the tables of the storage repository come to what ours say."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.data.recorded_journals import recorded, recordings
from tests.fakes.exported import exporter, ours, run_until, stored
from tests.fakes.storage_tables import Killed, MemoryStorage, Trouble, differences
from trading_platform_order.domain.order import Fill, OrderSide
from trading_platform_order.domain.protection.leg_loss import Cause, HedgeClosed, Share
from trading_platform_order.domain.trade.trade_events import DecisionPrices
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.exporter.destination import Cursor, ExportedElsewhere
from trading_platform_order.exporter.layout import Layout
from trading_platform_order.exporter.layout_1_0 import Layout10
from trading_platform_order.exporter.layout_3_0 import Layout30
from trading_platform_order.exporter.worker import Exporter
from trading_platform_order.storage.sqlite.store import SqliteStore

JOURNALS = [(number, name) for number in recordings() for name in recorded(number)]
LAYOUTS = (Layout10, Layout30)


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize(("number", "name"), JOURNALS)
async def test_the_tables_say_what_our_views_say(
    number: int, name: str, kind: type[Layout], tmp_path: Path
) -> None:
    path = stored(recorded(number)[name], tmp_path / "store.db")
    replica, replayed, head = await ours(path)
    storage = MemoryStorage()
    await run_until(exporter(path, storage, kind("main")), lambda: storage.stands.seq == head)
    assert differences(kind.version, storage.rows(), replica, replayed) == []


@pytest.mark.parametrize("kind", LAYOUTS)
async def test_cuts_and_kills_lose_and_double_no_row(kind: type[Layout], tmp_path: Path) -> None:
    journals = [recorded(number)[name] for number, name in JOURNALS]
    path = stored(max(journals, key=len), tmp_path / "store.db")
    replica, replayed, head = await ours(path)
    whole = MemoryStorage()
    await run_until(exporter(path, whole, kind("main")), lambda: whole.stands.seq == head)
    trouble = Trouble(every=3)
    storage = MemoryStorage(trouble)
    while storage.stands.seq < head:
        with suppress(Killed):
            await _one_life(exporter(path, storage, kind("main"), batch_rows=5), storage, head)
    assert trouble.kills > 1
    assert trouble.cuts > 1
    assert differences(kind.version, storage.rows(), replica, replayed) == []
    assert _without_moments(storage) == _without_moments(whole)


async def _one_life(running: Exporter, storage: MemoryStorage, head: int) -> None:
    try:
        await run_until(running, lambda: storage.stands.seq == head)
    except* Killed:
        raise Killed from None


def _without_moments(storage: MemoryStorage) -> dict[str, dict[object, dict[str, object]]]:
    """``updated_at`` tells of the batch: of each thing the last row in it counts."""
    return {
        table: {
            key: {name: value for name, value in row.items() if name != "updated_at"}
            for key, row in rows.items()
        }
        for table, rows in storage.tables.items()
    }


async def test_the_export_of_another_journal_is_refused(tmp_path: Path) -> None:
    (number, name), (other_number, other) = JOURNALS[:2]
    path = stored(recorded(number)[name], tmp_path / "store.db")
    foreign = recorded(other_number)[other][9]
    storage = MemoryStorage()
    storage.stands = Cursor(seq=foreign.seq, hash=foreign.hash)
    with pytest.RaisesGroup(pytest.RaisesExc(ExportedElsewhere, match="journal up to row 10")):
        await run_until(exporter(path, storage, Layout10("main")), lambda: False)
    assert storage.commits == 0


async def test_an_older_copy_of_the_store_is_refused(tmp_path: Path) -> None:
    number, name = JOURNALS[0]
    rows = recorded(number)[name]
    path = stored(rows[:-5], tmp_path / "store.db")
    storage = MemoryStorage()
    storage.stands = Cursor(seq=rows[-1].seq, hash=rows[-1].hash)
    with pytest.RaisesGroup(pytest.RaisesExc(ExportedElsewhere, match="an older copy")):
        await run_until(exporter(path, storage, Layout10("main")), lambda: False)


@pytest.mark.parametrize("kind", LAYOUTS)
async def test_an_execution_told_share_by_share_is_added_up(
    kind: type[Layout], tmp_path: Path
) -> None:
    """Two strategies and a third word of the first: an execution is one for each strategy."""
    path = tmp_path / "store.db"
    store = SqliteStore(path, build="test", durability="normal")
    at = datetime(2026, 1, 5, tzinfo=UTC)
    for strategy, quantity in (("a", "1"), ("b", "2"), ("a", "3")):
        taken = Fill(
            exchange=Venue.BINANCE,
            symbol="BTCUSDT",
            client_order_id="adl",
            trade_id="7",
            side=OrderSide.BUY,
            quantity=Decimal(quantity),
            price=Decimal(100),
            fee=Decimal(quantity),
            fee_asset="USDT",
            at=at,
        )
        event = HedgeClosed(
            event_id=f"{strategy}{quantity}",
            base="BTC",
            cause=Cause.ADL,
            shares=(Share(strategy=strategy, quantity=taken.quantity, fill=taken),),
            decision=DecisionPrices(
                spot_mid_krw=Decimal(140_000),
                hedge_mid_usdt=Decimal(100),
                krw_per_usdt=Decimal(1_400),
                fx_source="upbit",
                at=at,
            ),
            at=at,
        )
        await store.append([entry_of(event)], at_us=1)
    await store.close()
    replica, _, head = await ours(path)
    storage = MemoryStorage()
    await run_until(
        exporter(path, storage, kind("main"), batch_rows=1), lambda: storage.stands.seq == head
    )
    name, quantity_of = ("fills", "quantity") if kind is Layout10 else ("trades", "filled_amount")
    there = [row[quantity_of] for row in storage.rows()[name]]
    assert sorted(there) == [2, 4]
    (here,) = replica.query("v_fills")
    assert here["quantity"] == "6"
