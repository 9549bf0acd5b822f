"""A row of the journal ends engines and watchdogs, and the last resort closes both pairs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.drills.kill_drill import exchanges
from tests.e2e.fixture import TPORDER, SocketFixture, wait_until
from trading_platform_order.domain.order_identity.client_order_id import read_client_order_id
from trading_platform_order.domain.trade.trade_events import OrderAccepted
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.operations.drills.testbed import Accounts, accounts_of
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.storage.sqlite.writers.lease import lease_of

SCRIPT = Path(__file__).parents[2] / "deploy" / "last_resort.py"
LIMIT_S = 240.0
"""All of it takes half a minute; the rest is for a machine that does much else."""
SETTINGS = {
    "TPORDER_ENGINE_SYMBOLS": "BTC,ETH",
    "TPORDER_WATCHDOG_BEAT_S": "0.1",
    "TPORDER_WATCHDOG_ENGINE_GONE_S": "0.3",
    "TPORDER_WATCHDOG_LAST_RESORT_AFTER_S": "10",
    "TPORDER_WATCHDOG_LAST_RESORT_SCRIPT": str(SCRIPT),
}
NEVER = {"match": {"is_order": True}, "count": 1_000}


class ServedPairs(SocketFixture):
    """Both exchanges with two coins, and an engine on them."""

    def start_simulator(self) -> None:
        with (self.folder / "exchanges.log").open("w") as log:
            self._simulator = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, str(exchanges.__file__), str(self.ready_file)],
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=self.folder,
            )
        wait_until("the exchanges serve", self.ready_file.exists, LIMIT_S)

    def accounts(self) -> Accounts:
        return accounts_of(self.state())

    def address(self, venue: str) -> str:
        rest: str = json.loads(self.ready_file.read_text())[venue]["rest"]
        return rest

    def last_resort_keys(self, prefix: str) -> dict[str, str]:
        keys = json.loads(self.ready_file.read_text())["keys"]
        return {
            f"{prefix}LAST_RESORT_UPBIT_ACCESS_KEY": keys["upbit"]["access_key"],
            f"{prefix}LAST_RESORT_UPBIT_SECRET_KEY": keys["upbit"]["secret_key"],
            f"{prefix}LAST_RESORT_BINANCE_API_KEY": keys["binance"]["api_key"],
            f"{prefix}LAST_RESORT_BINANCE_SECRET_KEY": keys["binance"]["secret_key"],
        }


@dataclass
class Supervised:
    """A process of ours that is started again whenever it ends, as systemd does."""

    fixture: SocketFixture
    words: tuple[str, ...]
    starts: int = 0
    process: subprocess.Popen[str] | None = field(default=None)

    @property
    def log(self) -> Path:
        return self.fixture.folder / f"{self.words[0]}.supervised.log"

    def revive(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.starts += 1
            with self.log.open("a") as log:
                self.process = subprocess.Popen(  # noqa: S603 - our own command
                    [str(TPORDER), *self.words],
                    env=self.fixture.environment(),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    text=True,
                    cwd=self.fixture.folder,
                )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture
def pairs(tmp_path: Path) -> Iterator[ServedPairs]:
    """One pair is even, of the other one only the coins were bought; the engine is dead."""
    fixture = ServedPairs(tmp_path)
    fixture.more = dict(SETTINGS)
    try:
        fixture.start_simulator()
        fixture.start_engine()
        fixture.send("even", "ENTER", symbol="ETH", notional_krw="1500000")
        wait_until("a pair is hedged", lambda: fixture.accounts().is_hedged_in("ETH"), LIMIT_S)
        owned = tmp_path / f"{fixture.database.name}.main.owned.json"
        wait_until("it is owned", lambda: '"base": "ETH"' in owned.read_text(), LIMIT_S)
        fixture.arm(venue="binance", kind="drop_request", **NEVER)
        fixture.send("uneven", "ENTER", notional_krw="1500000")
        wait_until("coins alone", lambda: fixture.accounts().coins["BTC"] > 0, LIMIT_S)
        fixture.kill_engine()
        fixture._control("DELETE", "/faults")
        accounts = fixture.accounts()
        assert accounts.positions.get("BTC", Decimal(0)) == 0
        yield fixture
    finally:
        fixture.stop()


async def poison(fixture: ServedPairs, *entries: Entry) -> None:
    store = SqliteStore(fixture.database, build="test")
    await store.append(entries, at_us=int(datetime.now(UTC).timestamp() * 1_000_000))
    await store.close()


def uneven_trade(fixture: ServedPairs) -> str:
    (name,) = (
        order["identifier"]
        for order in fixture.state()["upbit"]["orders"]
        if order["market"] == "KRW-BTC"
    )
    named = read_client_order_id(name)
    assert named is not None
    return named.key


def unfoldable(fixture: ServedPairs) -> Entry:
    """Each engine that reads it dies; after two of them the coin is set aside."""
    row = OrderAccepted(
        client_order_id="of-no-order",
        exchange_order_id="1",
        executed_quantity=Decimal(0),
        at=datetime.now(UTC),
    )
    return entry_of(row, uneven_trade(fixture))


KEPT_DYING = 50
"""So many rows of another program: each ends two engines before it is set aside."""
UNREADABLE = Entry(trade_id="", kind="of_a_newer_program", version=1, body="{}")


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def assert_flat_and_nothing_twice(fixture: ServedPairs) -> None:
    accounts = fixture.accounts()
    assert accounts.is_flat, accounts
    fixture.assert_nothing_twice()


def by_hand(fixture: ServedPairs, said: Path) -> subprocess.Popen[str]:
    """The last resort as an operator starts it."""
    with said.open("w") as log:
        return subprocess.Popen(  # noqa: S603 - our own program
            [
                *(sys.executable, str(SCRIPT), f"{fixture.database}.main.owned.json"),
                *("--really", "--upbit-url", fixture.address("upbit")),
                *("--binance-url", fixture.address("binance")),
            ],
            env=os.environ | fixture.last_resort_keys(""),
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )


async def test_an_operator_closes_both_pairs_while_engine_and_watchdog_die(
    pairs: ServedPairs,
) -> None:
    await poison(pairs, *[UNREADABLE] * KEPT_DYING)
    engine, dog = Supervised(pairs, ("run",)), Supervised(pairs, ("watchdog",))

    def dying() -> int:
        engine.revive()
        if dog.starts == 0 or "watchdog_acted" in dog.log.read_text():
            dog.kill()  # its own engine reads the same rows
        dog.revive()
        return min(engine.starts, dog.starts)

    said = pairs.folder / "said.log"
    operator: subprocess.Popen[str] | None = None
    try:
        wait_until("both have died", lambda: dying() > 1, LIMIT_S)
        operator = by_hand(pairs, said)
        wait_until(
            "it has closed everything", lambda: dying() > 0 and operator.poll() is not None, LIMIT_S
        )
        assert operator.returncode == 0, said.read_text()
    finally:
        engine.kill()
        dog.kill()
        if operator is not None:
            operator.kill()
    assert "engine ready" not in engine.log.read_text()
    assert_flat_and_nothing_twice(pairs)


@pytest.mark.parametrize("dog_dies", [False, True])
async def test_the_watchdog_starts_it_and_nothing_works_beside_it(
    pairs: ServedPairs, dog_dies: bool
) -> None:
    """The engine is started again and again, and so is a watchdog that is killed amid it."""
    await poison(pairs, unfoldable(pairs))
    pairs.more |= pairs.last_resort_keys("TPORDER_WATCHDOG_")
    engine, dog = Supervised(pairs, ("run",)), Supervised(pairs, ("watchdog",))
    said = Path(f"{pairs.database}.main.last_resort.log")

    def heard(words: str) -> bool:
        engine.revive()
        dog.revive()
        return said.exists() and words in said.read_text()

    def is_anothers() -> bool:
        lease = lease_of(pairs.database)
        return lease is not None and "the last resort: " not in lease.reason

    try:
        wait_until("the last resort works", lambda: heard("ours"), LIMIT_S)
        assert not is_anothers()
        if dog_dies:
            dog.kill()
        wait_until("it has closed everything", lambda: heard("done: nothing"), LIMIT_S)
        assert_flat_and_nothing_twice(pairs)
        if not dog_dies:
            wait_until("it is told", lambda: "last_resort_ended" in dog.log.read_text(), LIMIT_S)
        wait_until("the account is let go of", lambda: heard("done") and is_anothers(), LIMIT_S)
    finally:
        engine.kill()
        dog.kill()
    assert_flat_and_nothing_twice(pairs)
    assert mode_of(said) == 0o600
    keys = pairs.last_resort_keys("").values()
    assert not any(key in path.read_text() for path in (said, dog.log) for key in keys)
