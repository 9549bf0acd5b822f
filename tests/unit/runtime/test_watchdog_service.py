"""What ``tporder watchdog`` refuses to start with, and how it sees that no engine is there."""

import asyncio
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.exchange import FakeExchange
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.runtime.settings.settings import (
    Secret,
    Settings,
    SettingsRefused,
    load_settings,
)
from trading_platform_order.runtime.watchdog_service import (
    FitnessCheck,
    check_own_keys,
    watched_bases,
    with_own_keys,
)
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock

NAMES = ("UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY", "BINANCE_API_KEY", "BINANCE_SECRET_KEY")

ENTRY = Entry(trade_id="", kind="something_noted", version=1, body="{}")


def settings(mode: str, **more: str) -> Settings:
    engine = {f"TPORDER_{name}": "engine" for name in NAMES}
    return load_settings(None, {**engine, "TPORDER_ENGINE_MODE": mode, **more})


def own(value: str) -> dict[str, str]:
    return {f"TPORDER_WATCHDOG_{name}": value for name in NAMES}


def test_live_needs_keys_of_its_own() -> None:
    with pytest.raises(SettingsRefused) as refused:
        check_own_keys(settings("live"))
    assert all(f"TPORDER_WATCHDOG_{name}" in str(refused.value) for name in NAMES)
    with pytest.raises(SettingsRefused, match="the watchdog's keys are the engine's"):
        check_own_keys(settings("live", **own("engine")))
    check_own_keys(settings("live", **own("dog")))


def test_the_adapters_get_the_watchdogs_keys_and_never_the_engines() -> None:
    assert with_own_keys(settings("live", **own("dog"))).upbit.secret_key == Secret("dog")
    without = with_own_keys(settings("live"))
    assert not without.upbit.access_key
    assert not without.binance.api_key


def test_in_paper_it_needs_the_engines_simulator() -> None:
    with pytest.raises(SettingsRefused, match=r"paper\.ready_file"):
        check_own_keys(settings("paper"))
    check_own_keys(settings("paper", TPORDER_PAPER_READY_FILE="ready.json"))
    with pytest.raises(SettingsRefused, match="TPORDER_WATCHDOG_BINANCE_API_KEY"):
        check_own_keys(settings("testnet", TPORDER_PAPER_READY_FILE="ready.json"))


def test_silence_is_never_judged_within_the_lease_and_the_horizon() -> None:
    with pytest.raises(SettingsRefused, match=r"at least watchdog\.lease_s"):
        settings("paper", TPORDER_WATCHDOG_ENGINE_SILENT_S="7.9")
    settings("paper", TPORDER_WATCHDOG_ENGINE_SILENT_S="8")


def test_the_lock_tells_whether_an_engine_is_there(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    watching = AccountLock(store)
    assert not watching.is_free(), "no engine was ever here: nothing is proven"
    with AccountLock(store):
        assert not watching.is_free()
    assert watching.is_free()
    with AccountLock(store):
        assert not watching.is_free()


async def test_a_journal_that_was_tampered_with_keeps_no_watchdog_from_starting(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path, build="test")
    await store.append([ENTRY] * 2, at_us=1)
    await store.close()
    with closing(Database.open(path)) as connection:
        connection.execute("DROP TRIGGER journal_no_update")
        connection.execute("UPDATE journal SET hash = prev_hash WHERE seq = 2")
    said: list[str] = []
    paper = settings("paper", TPORDER_ENGINE_SYMBOLS="BTC")
    assert await watched_bases(paper, path, said.append) == ("BTC",)
    assert "the store cannot be read yet" in said[0]


class Inspected(FakeExchange):
    """Finds what it is told to."""

    findings: tuple[Finding, ...] = ()
    ends: datetime | None = None

    async def key_expires_at(self) -> datetime | ReadFailed | None:
        return self.ends

    async def inspect(self, symbols: tuple[str, ...], *, leverage: int) -> tuple[Finding, ...]:
        assert symbols
        assert leverage == 2
        return self.findings


@in_virtual_time
async def test_keys_that_would_not_let_it_act_are_told_once_and_again_when_they_change() -> None:
    upbit, binance = Inspected(Venue.UPBIT, []), Inspected(Venue.BINANCE, [])
    told: list[Alert] = []
    check = FitnessCheck(
        exchanges=PairExchanges(spot=upbit, hedge=binance),
        bases=("BTC",),
        leverage=2,
        tell=told.append,
        now=upbit.now,
    )
    running = asyncio.ensure_future(check.run())
    await asyncio.sleep(4_000)
    assert told == []
    upbit.ends = upbit.now() + timedelta(days=7)
    await asyncio.sleep(8_000)
    assert [alert.fields["faults"] for alert in told] == [
        "upbit API key: ends within 7 days; make a new one"
    ]
    upbit.ends = None
    told.clear()
    await asyncio.sleep(4_000)
    upbit.findings = (
        Finding(
            level=Level.WARNING, subject="upbit API key", text="ends in 9 days", remedy="renew"
        ),
        Finding(level=Level.FAULT, subject="upbit API key", text="may not order", remedy="tick it"),
    )
    await asyncio.sleep(8_000)
    assert [(alert.kind, alert.urgent) for alert in told] == [("watchdog_unfit", True)]
    assert told[0].fields["faults"] == "upbit API key: may not order; tick it"
    upbit.findings = ()
    await asyncio.sleep(4_000)
    binance.findings = (Finding(level=Level.FAULT, subject="x", text="HTTP 503", remedy="wait"),)
    await asyncio.sleep(3_500)
    binance.findings = (Finding(level=Level.FAULT, subject="x", text="y", remedy="z"),)
    await asyncio.sleep(4_000)
    assert len(told) == 2
    running.cancel()
