"""The account's lease: who may write, who is dead, who has lapsed, and no epoch twice."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.stores import StoreBed
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.storage.base import Claim, Entry, InboxResult, StoreUnavailable
from trading_platform_order.storage.lease import (
    Claimable,
    Holder,
    Lease,
    LeaseLost,
    LeaseTaken,
    LeaseWatch,
    claimable,
)
from trading_platform_order.storage.relational.epochs import Place, Taking
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.storage.sqlite.upkeep.by_hand import back_up
from trading_platform_order.storage.sqlite.writers.lease import open_lease
from trading_platform_order.storage.sqlite.writers.renewals import RenewalFile

ROW = Entry(trade_id="", kind="noted", version=1, body="{}")
NOTE = Alert(kind=AlertKind.WATCHDOG_BACK, urgent=False)
HERE = Holder(machine="m", boot="b", pid_namespace="pid:[1]", pid=7, started=70, has_lock=True)


def lease(holder: Holder = HERE, *, renewal: int = 0, is_released: bool = False) -> Lease:
    return Lease(
        epoch=3, holder=holder, renewal=renewal, reason="", at_us=0, is_released=is_released
    )


def size_of(file: str | Path) -> int:
    return Path(file).stat().st_size


# -- the fence ------------------------------------------------------------------------------------


async def test_a_writer_whose_lease_was_taken_writes_nothing_any_more(bed: StoreBed) -> None:
    old = bed.open()
    await old.append([ROW], at_us=1)
    inbox_id = await old.put_signal("{}", at_us=1)
    new = bed.open()
    claim = Claim(signal_id="s", content_hash="h", strategy="k", symbol="BTC", action="ENTER")
    with pytest.raises(LeaseLost):
        await old.append([ROW], at_us=2, claim=claim, alerts=[NOTE])
    with pytest.raises(LeaseLost):
        await old.finish_signal(inbox_id, result=InboxResult.REFUSED)
    with pytest.raises(LeaseLost):
        await old.set_latch("stop", "it looked so", at_us=2)
    assert await new.claim_of("s") is None
    assert await new.pending_alerts() == []
    assert await new.signal_result(inbox_id) is None
    await new.append([ROW], at_us=3, claim=claim)
    assert [row.epoch for row in await new.journal()] == [1, 2]


async def test_an_alert_without_a_row_is_fenced_too(bed: StoreBed) -> None:
    old, new = bed.open(), bed.open()
    with pytest.raises(LeaseLost):
        await old.append([], at_us=2, alerts=[NOTE])
    assert await new.pending_alerts() == []


async def test_the_end_of_an_old_holder_releases_nothing_of_the_new_ones(bed: StoreBed) -> None:
    old = bed.open()
    leases = bed.lease()
    new = bed.open(taking=Taking(holder=HERE, reason="it lapsed", at_us=9))
    await old.close()
    await leases.release(old.epoch)
    seen = await leases.lease()
    assert seen is not None
    assert (seen.epoch, seen.holder, seen.is_released) == (new.epoch, HERE, False)
    assert (seen.reason, seen.at_us) == ("it lapsed", 9)
    await new.close()
    after = await leases.lease()
    assert after is not None
    assert after.is_released


async def test_only_one_of_two_takers_gets_the_lease_that_both_saw_lapse(bed: StoreBed) -> None:
    seen = bed.open().epoch
    first = bed.open(taking=Taking(seen_epoch=seen))
    with pytest.raises(LeaseTaken):
        bed.open(taking=Taking(seen_epoch=seen))
    assert bed.open(taking=Taking(seen_epoch=first.epoch)).epoch == first.epoch + 1


# -- renewals -------------------------------------------------------------------------------------


async def test_a_renewal_counts_and_tells_a_holder_that_it_is_one_no_more(bed: StoreBed) -> None:
    store = bed.open()
    leases, observer = bed.lease(), bed.lease()
    before = await observer.lease()
    assert before is not None
    assert await leases.renew(store.epoch)
    after = await observer.lease()
    assert after is not None
    assert after.renewal != before.renewal
    successor = bed.open()
    assert not await leases.renew(store.epoch)
    assert await leases.renew(successor.epoch)


@in_virtual_time
async def test_an_hour_of_renewals_writes_nothing_to_the_log_of_the_database(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s.db"
    store = SqliteStore(path, build="t", durability="normal")
    with closing(open_lease(path)) as leases:
        before = size_of(f"{path}-wal")
        for _ in range(7_200):
            await leases.renew(store.epoch)
        assert size_of(f"{path}-wal") == before
        assert size_of(RenewalFile(path).path) == 16
    await store.close()


@in_virtual_time
async def test_a_holder_that_nobody_can_see_renewing_hears_of_it(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "s.db"
    store = SqliteStore(path, build="t", durability="normal")
    with closing(open_lease(path)) as leases:
        RenewalFile(path).path.mkdir()
        with pytest.raises(StoreUnavailable):
            await leases.renew(store.epoch)
    await store.close()


# -- no epoch twice -------------------------------------------------------------------------------


def test_no_epoch_is_used_twice_over_an_old_copy_of_the_store(tmp_path: Path) -> None:
    path, counts = tmp_path / "s.db", RenewalFile(tmp_path / "s.db")
    used: list[int] = []

    def open_once() -> SqliteStore:
        store = SqliteStore(
            path,
            build="t",
            durability="normal",
            place=Place(machine="m", boot="b"),
            taking=Taking(used_epoch=counts.read()[0]),
        )
        counts.begin(store.epoch)
        used.append(store.epoch)
        return store

    first = open_once()
    copy = first._database.serialize()
    for _ in range(3):
        open_once()
    for file in tmp_path.glob("s.db*"):
        if file != counts.path:
            file.unlink()
    path.write_bytes(copy)
    restored = open_once()
    assert used == sorted(set(used))
    assert restored.rows_may_be_lost, "what was written after the copy is not in it"
    assert not restored.started_clean


def test_a_copy_goes_on_in_a_range_of_its_own_on_each_machine(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    SqliteStore(path, build="t", durability="normal", place=Place(machine="m", boot="b"))
    epochs = {SqliteStore(path, build="t", place=Place(machine="m", boot="b")).epoch}
    for machine in ("m", "n", "o"):
        copy = tmp_path / f"{machine}.db"
        back_up(path, copy)
        epochs.add(SqliteStore(copy, build="t", place=Place(machine=machine, boot="c")).epoch)
    assert len(epochs) == 4
    assert sorted(epochs)[:2][1] > 1_000_000, "the original may still be counting"


# -- who is dead, and who has lapsed ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "lock_is_ours", "is_alive", "expected"),
    [
        (None, False, None, Claimable.FREE),
        (lease(is_released=True), False, True, Claimable.FREE),
        (lease(Holder()), False, None, Claimable.FREE),
        (lease(), False, True, Claimable.HELD),
        (lease(), False, None, Claimable.HELD),
        (lease(), False, False, Claimable.DEAD),
        (lease(), True, None, Claimable.DEAD),
        (lease(Holder(machine="m", boot="b", pid=7)), True, None, Claimable.HELD),
        (lease(Holder(machine="m", boot="before", pid=7)), False, None, Claimable.DEAD),
        (lease(Holder(machine="n", boot="c", pid=7)), False, None, Claimable.DEAD),
        (lease(Holder(pid=7)), False, None, Claimable.HELD),
        (lease(Holder(pid=7, has_lock=True)), True, None, Claimable.DEAD),
    ],
)
def test_a_lease_is_taken_from_the_dead_and_from_nobody_else(
    of: Lease | None, lock_is_ours: bool, is_alive: bool | None, expected: Claimable
) -> None:
    found = claimable(of, here=HERE, lock_is_ours=lock_is_ours, is_alive=is_alive)
    assert found is expected


def still_for(steps: Sequence[tuple[float, int]]) -> float:
    """``steps``: the running clock, and the count at that moment."""
    now = [0.0]
    watch, still_s = LeaseWatch(lambda: now[0]), 0.0
    for now[0], count in steps:
        still_s = watch.look(lease(renewal=count))
    return still_s


def test_a_lapse_is_timed_by_the_observers_own_looks() -> None:
    assert still_for([(0.5 * n, 1) for n in range(13)]) == 6.0
    assert still_for([*((0.5 * n, 1) for n in range(12)), (6.0, 2)]) == 0.0
    # The observer stood still for ten minutes, and so may have the holder.
    assert still_for([(0.0, 1), (0.5, 1), (600.0, 1), (600.5, 1)]) == 1.0
