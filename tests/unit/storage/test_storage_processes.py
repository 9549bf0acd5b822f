"""What other processes share with the engine: inbox and latches."""

import asyncio
import time

import pytest

from tests.fakes.stores import StoreBed
from trading_platform_order.storage.base import (
    MAX_RAW_BYTES,
    Claim,
    Command,
    Entry,
    InboxFull,
    Latch,
    StoreBusy,
    StoreUnavailable,
)
from trading_platform_order.storage.relational.inbox_table import PENDING_MAX
from trading_platform_order.storage.relational.store import SqlStore


@pytest.fixture
def store(bed: StoreBed) -> SqlStore:
    return bed.open()


# -- inbox ------------------------------------------------------------------------------------


async def test_a_signal_goes_through_the_inbox(store: SqlStore, bed: StoreBed) -> None:
    sender = bed.inbox()
    first = await sender.put_signal("one", at_us=1)
    second = await sender.put_signal("두번째", at_us=2)

    assert await store.pending_signals() == [(first, "one"), (second, "두번째")]
    assert await store.pending_signals(after_id=first) == [(second, "두번째")]
    assert await store.pending_signals(1) == [(first, "one")]
    assert await sender.signal_result(first) is None

    await store.finish_signal(first, result="refused", detail="id: bad_id")
    await store.finish_signal(first, result="duplicate", detail="too late")

    assert await sender.signal_result(first) == ("refused", "id: bad_id")
    assert await store.pending_signals() == [(second, "두번째")]


async def test_commands_go_through_the_inbox(store: SqlStore, bed: StoreBed) -> None:
    sender = bed.inbox()
    number = await sender.put_command("stop", '{"reason":"drill"}', at_us=7)

    assert await store.pending_commands() == [
        Command(id=number, kind="stop", body='{"reason":"drill"}', at_us=7)
    ]
    await store.finish_command(number, result="done", detail="stopped")

    assert await sender.command_result(number) == ("done", "stopped")
    assert await store.pending_commands() == []
    assert await sender.command_result(number + 1) is None


async def test_the_inbox_is_bounded(store: SqlStore, bed: StoreBed) -> None:
    with pytest.raises(ValueError, match="bytes"):
        await store.put_signal("x" * (MAX_RAW_BYTES + 1), at_us=1)
    bed.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
        " INSERT INTO inbox_signals (account, at_us, raw) SELECT 'main', n, '' FROM numbers",
        (PENDING_MAX,),
    )

    with pytest.raises(InboxFull, match="does the engine run"):
        await store.put_signal("one more", at_us=1)
    await store.put_command("stop", "{}", at_us=1)  # a stop still gets through


async def test_an_unknown_result_is_a_bug(store: SqlStore) -> None:
    number = await store.put_signal("x", at_us=1)

    with pytest.raises(ValueError, match="perhaps"):
        await store.finish_signal(number, result="perhaps")


async def test_accounts_do_not_see_each_other(store: SqlStore, bed: StoreBed) -> None:
    other = bed.inbox("second")
    await other.put_signal("theirs", at_us=1)
    await other.set_latch("stop", "theirs", at_us=1)

    assert await store.pending_signals() == []
    assert await store.latches() == []


async def test_a_reader_cannot_write(store: SqlStore, bed: StoreBed) -> None:
    reader = bed.reader()
    assert await reader.latches() == []
    with pytest.raises(StoreUnavailable, match=r"readonly|read-only"):
        reader._database.execute("DELETE FROM claims")


async def test_a_lock_held_by_another_process_is_waited_for(store: SqlStore, bed: StoreBed) -> None:
    holder = bed.inbox()
    held = asyncio.Event()

    def hold() -> None:
        with holder._database.transaction("main"):
            loop.call_soon_threadsafe(held.set)
            time.sleep(0.3)  # longer than any one attempt waits

    loop = asyncio.get_running_loop()
    holding = loop.run_in_executor(None, hold)
    await held.wait()
    entry = Entry(trade_id="", kind="k", version=1, body="{}")
    with pytest.raises(StoreBusy):
        await store.append([entry], at_us=1, patience_s=0.0)

    await store.append([entry], at_us=1)

    await holding
    assert await store.verify_chain() == 1


# -- latches ----------------------------------------------------------------------------------


async def test_a_latch_is_durable_and_needs_a_reason_to_clear(
    store: SqlStore, bed: StoreBed
) -> None:
    operator = bed.inbox()
    assert await operator.set_latch("emergency_stop", "drill", at_us=5)
    assert not await store.set_latch("emergency_stop", "second reason", at_us=6)

    assert await store.latch("emergency_stop") == Latch(
        kind="emergency_stop", reason="drill", at_us=5
    )
    assert await store.latch("other") is None

    assert await operator.clear_latch("emergency_stop", "drill over", at_us=7)
    assert not await operator.clear_latch("emergency_stop", "again", at_us=8)
    assert await store.latches() == []
    assert await store.set_latch("emergency_stop", "real", at_us=9)
    history = await store.query("v_latches")
    assert [(row["reason"], row["cleared_reason"]) for row in history] == [
        ("real", None),
        ("drill", "drill over"),
    ]


async def test_a_claimed_inbox_row_of_another_account_is_left_alone(
    store: SqlStore, bed: StoreBed
) -> None:
    other = bed.inbox("second")
    theirs = await other.put_signal("theirs", at_us=1)
    claim = Claim(
        signal_id="s",
        content_hash="h",
        strategy="k",
        symbol="BTC",
        action="ENTER",
        inbox_id=theirs,
    )

    await store.append([], at_us=1, claim=claim)

    assert await other.signal_result(theirs) is None
