"""The last resort as a process of its own, over real sockets, against both simulated exchanges."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.fixture import SocketFixture, open_fixture, wait_until

SCRIPT = Path(__file__).parents[2] / "deploy" / "last_resort.py"
LIMIT_S = 60
COIN = {
    "base": "BTC",
    "market": "KRW-BTC",
    "symbol": "BTCUSDT",
    "factor": "1",
    "spot": "0",
    "short": "0",
    "step": "0.001",
    "min_quantity": "0.001",
    "max_quantity": "120",
    "min_krw": "5000",
}


def loaded() -> Any:  # noqa: ANN401 - a program without types
    spec = importlib.util.spec_from_file_location("last_resort", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Account:
    """Both simulated exchanges in one process, what is held on them, and the last resort."""

    def __init__(self, folder: Path, fixture: SocketFixture | None = None) -> None:
        if fixture is None:
            fixture = SocketFixture(folder)
            fixture.start_simulator()
        self.fixture = fixture
        self.ready = json.loads(self.fixture.ready_file.read_text())
        self.owned = folder / "owned.json"
        self.said = folder / "said.log"
        keys = self.ready["keys"]
        self.upbit = loaded().Upbit(
            self.ready["upbit"]["rest"], keys["upbit"]["access_key"], keys["upbit"]["secret_key"]
        )
        self.binance = loaded().Binance(
            self.ready["binance"]["rest"],
            keys["binance"]["api_key"],
            keys["binance"]["secret_key"],
        )
        self.since_ms = int(time.time() * 1_000) - 1_000

    def buy(self, quantity: str, name: str, price: str | None = None) -> None:
        """Coins by a limit order; without a price far above the market, so that it fills."""
        price = price or str(int(Decimal(self.price()) * Decimal("1.02")) // 1_000 * 1_000)
        order = {"market": "KRW-BTC", "side": "bid", "ord_type": "limit", "volume": quantity}
        self.upbit.call("POST", "/v1/orders", **order, price=price, identifier=name)

    def sell_short(self, quantity: str, name: str) -> None:
        order = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": quantity}
        self.binance.call("POST", "/fapi/v1/order", **order, newClientOrderId=name)

    def price(self) -> str:
        return str(self.fixture.state()["upbit"]["prices"]["KRW-BTC"])

    def write(self, *, counted: dict[str, str] | None = None, **coin: str) -> None:
        """What the engine owned when it settled last."""
        owned = {
            "version": 1,
            "account": "main",
            "mode": "paper",
            "prefix": "tp-",
            "at": "2026-11-30T00:00:00+00:00",
            "since_ms": self.since_ms - 60_000,
            "new_ms": self.since_ms,
            "head": 7,
            "horizon_ms": 10_000,
            "counted": counted or {},
            "coins": [COIN | coin],
        }
        text = json.dumps(owned, sort_keys=True, separators=(",", ":"))
        checksum = hashlib.sha256(text.encode()).hexdigest()
        self.owned.write_text(json.dumps({"owned": owned, "sha256": checksum}))

    def start(self, *options: str) -> subprocess.Popen[str]:
        keys = self.ready["keys"]
        command = [sys.executable, str(SCRIPT), str(self.owned), *options]
        command += ["--upbit-url", self.ready["upbit"]["rest"]]
        command += ["--binance-url", self.ready["binance"]["rest"]]
        with self.said.open("a") as log:
            return subprocess.Popen(  # noqa: S603 - our own program
                command,
                env=os.environ
                | {
                    "LAST_RESORT_UPBIT_ACCESS_KEY": keys["upbit"]["access_key"],
                    "LAST_RESORT_UPBIT_SECRET_KEY": keys["upbit"]["secret_key"],
                    "LAST_RESORT_BINANCE_API_KEY": keys["binance"]["api_key"],
                    "LAST_RESORT_BINANCE_SECRET_KEY": keys["binance"]["secret_key"],
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def run(self, *options: str) -> tuple[int, str]:
        """Its exit code and what it said, all runs before included."""
        process = self.start(*options)
        try:
            code = process.wait(LIMIT_S)
        finally:
            process.kill()
        return code, self.said.read_text()

    def closes(self) -> dict[str, Decimal]:
        """Executed quantity of the last resort's orders, by id; an id stands for one order."""
        executed = {k: v for k, v in self.fixture.executed().items() if k and "-L0-" in k}
        assert all(len(each) == 1 for each in executed.values()), executed
        return {name: each[0] for name, each in executed.items()}

    def closed(self) -> tuple[Decimal, Decimal]:
        """(coins sold, contracts bought back) by the last resort."""
        closes = self.closes().items()
        spot = sum((q for name, q in closes if "-L0-s" in name), Decimal(0))
        return spot, sum((q for name, q in closes if "-L0-h" in name), Decimal(0))


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    account = Account(tmp_path)
    try:
        yield account
    finally:
        account.fixture.stop()


def test_an_even_pair_is_closed_and_an_open_order_of_ours_is_cancelled(account: Account) -> None:
    account.buy("0.2", "tp-in-so1")
    account.sell_short("0.2", "tp-in-ho1")
    account.buy("0.01", "tp-in-so2", price="50000000")
    account.buy("0.01", "theirs", price="50000000")
    account.write(spot="0.2", short="0.2", counted={"tp-in-so1": "0.2", "tp-in-ho1": "0.2"})
    code, said = account.run()
    assert code == 0, said
    assert not account.closes()
    assert account.fixture.holdings() == (Decimal("0.2"), Decimal("0.2"))
    code, said = account.run("--really")
    assert code == 0, said
    assert account.fixture.holdings() == (Decimal(0), Decimal(0))
    states = {o["identifier"]: o["state"] for o in account.fixture.state()["upbit"]["orders"]}
    assert (states["tp-in-so2"], states["theirs"]) == ("cancel", "wait")


def test_the_excess_goes_first_and_what_is_foreign_stays(account: Account) -> None:
    """The file is of before the entry: what was executed since is found by its ids."""
    account.buy("0.3", "by-hand")
    account.sell_short("0.1", "by-hand")
    account.buy("0.2", "tp-in-so1")
    account.sell_short("0.15", "tp-in-ho1")
    account.write()
    code, said = account.run("--really")
    assert code == 0, said
    assert account.closed() == (Decimal("0.2"), Decimal("0.15"))
    assert account.fixture.holdings() == (Decimal("0.3"), Decimal("0.1"))
    first = min(account.closes(), key=lambda name: int(name.rpartition("-")[2][1:]))
    assert account.closes()[first] == Decimal("0.05")


def test_it_waits_while_one_exchange_is_closed(account: Account) -> None:
    account.buy("0.1", "tp-in-so1")
    account.sell_short("0.1", "tp-in-ho1")
    account.write()
    account.fixture.set_account(binance_suspended=["BTCUSDT"])
    process = account.start("--really")
    try:
        wait_until("it asks again", lambda: account.said.read_text().count("order/test") > 1)
        assert account.closed() == (Decimal(0), Decimal(0))
        account.fixture.set_account(binance_suspended=[])
        assert process.wait(LIMIT_S) == 0, account.said.read_text()
    finally:
        process.kill()
    assert account.fixture.holdings() == (Decimal(0), Decimal(0))


def test_killed_half_way_and_started_again_it_sends_nothing_twice(account: Account) -> None:
    account.buy("0.4", "tp-in-so1")
    account.sell_short("0.4", "tp-in-ho1")
    account.buy("0.2", "by-hand")
    account.write()
    # The answer to its second order on each exchange is lost; it was executed.
    for venue in ("upbit", "binance"):
        match = {"is_order": True, "method": "POST"}
        account.fixture.arm(venue=venue, kind="drop_response", match=match, skip=1)
    process = account.start("--really")
    wait_until("it has closed a part", lambda: len(account.closes()) > 2)
    process.kill()
    process.wait()
    code, said = account.run("--really")
    assert code == 0, said
    assert account.fixture.struck() == 2
    assert account.closed() == (Decimal("0.4"), Decimal("0.4"))
    assert account.fixture.holdings() == (Decimal("0.2"), Decimal(0))


def test_an_order_whose_answer_is_lost_is_looked_up(account: Account) -> None:
    account.buy("0.1", "tp-in-so1")
    account.sell_short("0.1", "tp-in-ho1")
    account.write()
    match = {"is_order": True, "method": "POST"}
    account.fixture.arm(venue="binance", kind="drop_response", how="disconnect", match=match)
    account.fixture.arm(venue="upbit", kind="drop_request", how="disconnect", match=match)
    code, said = account.run("--really")
    assert code == 0, said
    assert account.fixture.struck() == 2
    assert account.closed() == (Decimal("0.1"), Decimal("0.1"))


def test_a_damaged_file_is_refused_in_one_sentence(account: Account) -> None:
    account.write()
    account.owned.write_text(account.owned.read_text().replace('"spot": "0"', '"spot": "9"'))
    code, said = account.run("--really")
    assert code == 1
    assert said.count("\n") == 1
    assert "its checksum does not fit" in said


@pytest.mark.parametrize("settles", [True, False])
def test_it_closes_by_what_the_engine_wrote(tmp_path: Path, settles: bool) -> None:
    """An engine that was killed after it had settled a pair, and one in the middle of the entry."""
    with open_fixture(tmp_path) as fixture:
        account = Account(tmp_path, fixture)
        account.owned = tmp_path / f"{fixture.database.name}.main.owned.json"

        def owned(leg: str) -> Decimal:
            return Decimal(json.loads(account.owned.read_text())["owned"]["coins"][0][leg])

        wait_until("the file is written at the start", account.owned.exists)
        if not settles:
            fixture.arm(venue="binance", kind="drop_response", match={"is_order": True})
            private = {"path_prefix": "/private"}
            fixture.arm(venue="binance", kind="lose_message", match=private, count=20)
        fixture.send("in-1", "ENTER", notional_krw="1500000")
        wait_until("both legs are there", lambda: all(fixture.holdings()), limit_s=20)
        if settles:
            wait_until("the file tells the pair", lambda: owned("spot") > 0)
            assert (owned("spot"), owned("short")) == fixture.holdings()
            assert account.owned.stat().st_mode & 0o777 == 0o600
        fixture.kill_engine()
        assert settles or not owned("short")
        code, said = account.run("--really")
        assert code == 0, said
        coins, short = fixture.holdings()
        assert short == 0
        assert coins * Decimal(account.price()) < 5_000
