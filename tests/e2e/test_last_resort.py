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

from tests.e2e.fixture import SocketFixture

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

    def __init__(self, folder: Path) -> None:
        self.fixture = SocketFixture(folder)
        self.fixture.start_simulator()
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
            "since_ms": self.since_ms,
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
        return {name: sum(each) for name, each in executed.items()}

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
    assert account.fixture.holdings() == (0, 0)
    states = {o["identifier"]: o["state"] for o in account.fixture.state()["upbit"]["orders"]}
    assert (states["tp-in-so2"], states["theirs"]) == ("cancel", "wait")
