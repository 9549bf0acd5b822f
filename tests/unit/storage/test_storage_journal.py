"""Appending: durable as one, chained, once per signal id, and never after a failed write."""

import hashlib
import json

import pytest

from tests.fakes.stores import StoreBed
from trading_platform_order.domain.alert import Alert
from trading_platform_order.storage.base import (
    ChainBroken,
    Claim,
    ClaimResult,
    Entry,
    StoreUnavailable,
)
from trading_platform_order.storage.hash_chain import GENESIS, row_hash
from trading_platform_order.storage.relational.epochs import Place
from trading_platform_order.storage.relational.store import SqlStore

BUILD = "build-1"


def entry(kind: str = "noted", trade_id: str = "t1", body: str = '{"a":"1"}') -> Entry:
    return Entry(trade_id=trade_id, kind=kind, version=1, body=body)


def claim(signal_id: str = "s1", content_hash: str = "c1", inbox_id: int | None = None) -> Claim:
    return Claim(
        signal_id=signal_id,
        content_hash=content_hash,
        strategy="kimp",
        symbol="BTC",
        action="ENTER",
        inbox_id=inbox_id,
    )


async def test_rows_are_numbered_chained_and_stamped(bed: StoreBed) -> None:
    store = bed.open(build=BUILD)

    assert await store.append([entry("one"), entry("two")], at_us=5) is ClaimResult.CLAIMED
    assert await store.append([entry("three")], at_us=6) is ClaimResult.CLAIMED

    rows = await store.journal()
    assert [(row.seq, row.kind, row.at_us) for row in rows] == [
        (1, "one", 5),
        (2, "two", 5),
        (3, "three", 6),
    ]
    assert rows[0].prev_hash == GENESIS
    assert [row.prev_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert {(row.build, row.epoch, row.account) for row in rows} == {(BUILD, 1, "main")}
    assert await store.verify_chain() == 3


def test_the_hash_is_what_the_docs_say() -> None:
    told = row_hash(
        GENESIS,
        account="main",
        seq=12,
        at_us=2,
        trade_id="",
        kind="k",
        version=1,
        body='{"원":"1"}',
        build="b",
        epoch=3,
    )

    by_hand = GENESIS + '4:main,2:12,1:2,0:,1:k,1:1,9:{"원":"1"},1:b,1:3,'
    assert told == hashlib.sha256(by_hand.encode()).hexdigest()


async def test_a_signal_is_claimed_once(bed: StoreBed) -> None:
    store = bed.open(build=BUILD)

    first = await store.append([entry()], at_us=1, claim=claim())
    again = await store.append([entry()], at_us=2, claim=claim(), alerts=[_alert()])
    other = await store.append([entry()], at_us=3, claim=claim(content_hash="c2"))

    assert (first, again, other) == (
        ClaimResult.CLAIMED,
        ClaimResult.DUPLICATE,
        ClaimResult.CONFLICT,
    )
    assert len(await store.journal()) == 1
    assert await store.pending_alerts() == []
    assert await store.claim_of("s1") == claim()
    assert await store.claim_of("s2") is None


async def test_a_claim_survives_a_crash_and_holds_per_account(bed: StoreBed) -> None:
    await bed.open(build=BUILD).append([entry()], at_us=1, claim=claim())

    after_crash = bed.open(build=BUILD)
    other_account = bed.open("second", build=BUILD)

    assert await after_crash.append([], at_us=2, claim=claim()) is ClaimResult.DUPLICATE
    assert await other_account.append([], at_us=2, claim=claim()) is ClaimResult.CLAIMED


async def test_claim_rows_alerts_and_inbox_are_one_commit(bed: StoreBed) -> None:
    store = bed.open(build=BUILD)
    inbox_id = await store.put_signal("{}", at_us=1)

    await store.append([entry()], at_us=2, claim=claim(inbox_id=inbox_id), alerts=[_alert()])

    assert await store.signal_result(inbox_id) == ("claimed", "")
    assert await store.pending_signals() == []
    (pending,) = await store.pending_alerts()
    assert pending.alert == _alert()
    assert pending.created_at_us == 2


async def test_nothing_of_a_failed_append_stays_and_the_store_latches(bed: StoreBed) -> None:
    store = bed.open(build=BUILD)
    await store.append([entry()], at_us=1)
    await store.append([], at_us=1, alerts=[_alert()])
    bed.execute("CREATE UNIQUE INDEX no_more ON outbox (kind)")

    with pytest.raises(StoreUnavailable, match=r"outbox\.kind|no_more"):
        await store.append([entry()], at_us=2, claim=claim(), alerts=[_alert()])
    bed.execute("DROP INDEX no_more")
    with pytest.raises(StoreUnavailable, match="earlier write failed"):
        await store.append([entry()], at_us=3)

    opened_again = bed.open(build=BUILD)
    assert len(await opened_again.journal()) == 1
    assert await opened_again.claim_of("s1") is None
    assert await opened_again.append([entry()], at_us=4, claim=claim()) is ClaimResult.CLAIMED
    assert await opened_again.verify_chain() == 2


async def test_a_second_writer_cannot_go_on(bed: StoreBed) -> None:
    stale = bed.open(build=BUILD)
    await stale.append([entry()], at_us=1)
    fresh = bed.open(build=BUILD)
    await fresh.append([entry()], at_us=2)

    with pytest.raises(StoreUnavailable, match="another holder"):
        await stale.append([entry()], at_us=3)

    assert await fresh.verify_chain() == 2


@pytest.mark.parametrize(
    "statement", ["UPDATE journal SET body = '{}'", "DELETE FROM journal WHERE seq = 1"]
)
async def test_the_journal_is_append_only(bed: StoreBed, statement: str) -> None:
    await bed.open(build=BUILD).append([entry()], at_us=1)

    with pytest.raises(StoreUnavailable, match="append-only"):
        bed.execute(statement)


@pytest.mark.parametrize(
    ("damage", "seq", "reason"),
    [
        ("UPDATE journal SET body = '{}' WHERE seq = 2", 2, "content was changed"),
        ("UPDATE journal SET at_us = 9 WHERE seq = 3", 3, "content was changed"),
        ("DELETE FROM journal WHERE seq = 2", 2, "missing"),
        ("UPDATE journal SET seq = 9 WHERE seq = 3", 3, "missing"),
        ("UPDATE journal SET prev_hash = '0' WHERE seq = 2", 2, "does not follow"),
        ("DELETE FROM journal WHERE seq = 3", 3, "read models have seen row 3"),
    ],
)
async def test_damage_is_found(bed: StoreBed, damage: str, seq: int, reason: str) -> None:
    store = bed.open(build=BUILD)
    await store.append([entry(body=json.dumps({"n": n})) for n in range(3)], at_us=1)
    await store.project()
    for trigger in bed.append_only_triggers:
        bed.execute(f"DROP TRIGGER {trigger}")

    bed.execute(damage)

    with pytest.raises(ChainBroken, match=reason) as caught:
        await store.verify_chain()
    assert caught.value.seq == seq


async def test_paging_and_rows_of_one_trade(bed: StoreBed) -> None:
    store = bed.open(build=BUILD)
    await store.append([entry(trade_id=f"t{n % 3}") for n in range(10)], at_us=1)
    await store.append([entry(trade_id="")], at_us=2)

    assert [row.seq for row in await store.journal(4, limit=3)] == [5, 6, 7]
    assert [row.seq for row in await store.journal(trade_id="t1")] == [2, 5, 8]
    assert [row.seq for row in await store.journal(2, "t1", limit=1)] == [5]
    assert [row.seq for row in await store.journal(trade_id="")] == [11]
    assert [row.seq async for row in store.journal_all()] == list(range(1, 12))


async def test_epochs_tell_a_clean_end_from_a_crash(bed: StoreBed) -> None:
    first = bed.open(build=BUILD)
    assert (first.epoch, first.started_clean) == (1, True)
    await first.close()

    second = bed.open(build=BUILD)
    assert (second.epoch, second.started_clean) == (2, True)

    third = bed.open(build=BUILD)
    assert (third.epoch, third.started_clean) == (3, False)
    await third.append([entry()], at_us=1)
    assert (await third.journal())[0].epoch == 3


@pytest.mark.parametrize(
    ("before", "now", "clean", "moved", "lost"),
    [
        (Place(machine="a", boot="1"), Place(machine="a", boot="1"), False, False, False),
        (Place(machine="a", boot="1"), Place(machine="a", boot="2"), False, False, True),
        (Place(machine="a", boot="1"), Place(machine="a", boot="2"), True, False, False),
        (Place(machine="a", boot="1"), Place(machine="b", boot="1"), False, True, True),
        (Place(machine="a", boot="1"), Place(machine="b", boot="2"), True, True, False),
        (Place(), Place(machine="b", boot="2"), False, False, False),
    ],
)
async def test_epochs_tell_where_the_writer_before_ran(
    bed: StoreBed,
    before: Place,
    now: Place,
    *,
    clean: bool,
    moved: bool,
    lost: bool,
) -> None:
    first = bed.open(place=before)
    assert not first.machine_changed
    if clean:
        await first.close()
    second = bed.open(place=now)
    assert (second.machine_changed, second.rows_may_be_lost) == (moved, lost)


async def test_lost_rows_stay_known_over_later_starts(bed: StoreBed) -> None:
    def start(boot: str) -> SqlStore:
        return bed.open(place=Place(boot=boot))

    starts = [start(boot) for boot in ("1", "1", "2", "2")]
    assert [store.rows_lost_in for store in starts] == [0, 0, 3, 3]
    await starts[-1].close()
    assert start("3").rows_lost_in == 3, "a proper end does not bring rows back"


def _alert() -> Alert:
    return Alert(kind="one_leg_failed", urgent=True, fields={"symbol": "BTC", "왜": "거부"})
