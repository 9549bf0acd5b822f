"""A whole desk in real processes: simulated exchanges, engine, senders; judged from outside."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

LIMIT_S = 40.0
DUST_KRW = Decimal(5_200)
TPORDER = Path(sys.executable).with_name("tporder")
#: Ages are held by other tests, in virtual time; on a busy machine a process that sends one signal
#: needs seconds to begin, and all processes of a desk share the cores with other tests.
BUSY_MACHINE = {
    "TPORDER_ENGINE_SIGNAL_TTL_S": "60",
    "TPORDER_RISK_ENTRY_BOOK_AGE_S_MAX": "20",
    "TPORDER_RISK_BOOKS_APART_S_MAX": "20",
}


def wait_until(what: str, check: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
    """Poll until true; fails the test loudly after ``limit_s``."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if check():
            return
        time.sleep(0.02)
    raise AssertionError(f"not within {limit_s} s: {what}")


class SocketFixture:
    """One simulator process and one engine process at a time, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.more: dict[str, str] = {}
        self.market: tuple[str, ...] = ("--seed", "1")
        self.database = folder / "desk.db"
        self.ready_file = folder / "ready.json"
        self._simulator: subprocess.Popen[str] | None = None
        self._engine: subprocess.Popen[str] | None = None
        self._engine_log = folder / "engine.log"

    # -- processes ---------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        ours = {
            "TPORDER_STORE_PATH": str(self.database),
            "TPORDER_PAPER_READY_FILE": str(self.ready_file),
            "TPORDER_RISK_ORDER_KRW_MAX": "10000000",
            "TPORDER_RISK_TRADE_KRW_MAX": "20000000",
            **BUSY_MACHINE,
        }
        theirs = {k: v for k, v in os.environ.items() if not k.startswith("TPORDER_")}
        return theirs | ours | self.more

    def start_simulator(self) -> None:
        self._simulator = self._spawn(
            "simulator", "serve", *self.market, "--ready-file", str(self.ready_file)
        )
        wait_until("the simulator's ready file", self.ready_file.exists)

    def start_engine(self) -> None:
        self._engine_log.write_text("")
        self._engine = self._spawn("run")
        wait_until("the engine is ready", lambda: "engine ready" in self._engine_log.read_text())

    def engine_log(self) -> str:
        """What the engine said since it was started."""
        return self._engine_log.read_text()

    def wait_engine_ended(self) -> int:
        """The engine ends by itself; its exit code."""
        assert self._engine is not None
        code = self._engine.wait(LIMIT_S)
        self._engine = None
        return code

    def kill_engine(self) -> None:
        assert self._engine is not None
        self._engine.send_signal(signal.SIGKILL)
        self._engine.wait(10)
        self._engine = None

    def _spawn(self, *arguments: str) -> subprocess.Popen[str]:
        with self._engine_log.open("a") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                [str(TPORDER), *arguments],
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=self.folder,
            )

    def stop(self) -> None:
        for process in (self._engine, self._simulator):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(10)

    # -- the exchanges, through the control port ---------------------------------------------------

    def _control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        base = json.loads(self.ready_file.read_text())["control"]
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(base + path, data=data, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def arm(self, **fault: object) -> None:
        self._control("POST", "/faults", fault)

    def set_account(self, **changed: object) -> None:
        """Set accounts, keys and markets up otherwise."""
        self._control("POST", "/account", changed)

    def deleverage(self, symbol: str) -> None:
        """The exchange closes our position for someone else's sake."""
        self._control("POST", "/take-leg", {"symbol": symbol, "how": "adl"})

    def struck(self) -> int:
        return sum(int(row["struck"]) for row in self._control("GET", "/faults"))

    def state(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._control("GET", "/state")
        return answer

    # -- signals and their fate --------------------------------------------------------------------

    def send(self, name: str, action: str, **fields: object) -> subprocess.CompletedProcess[str]:
        values = {
            "id": name,
            "strategy": "kimchi",
            "action": action,
            "symbol": "BTC",
            "created_at": datetime.now(UTC).isoformat(),
        }
        return self.send_text(json.dumps(values | fields))

    def send_text(self, text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            [str(TPORDER), "signal", "send", "-", "--json"],
            env=self.environment(),
            input=text,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=self.folder,
        )

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Any command, whatever it answers; ``typed``: what an operator types into it."""
        return subprocess.run(  # noqa: S603 - our own command
            [str(TPORDER), *arguments],
            env=self.environment(),
            input=typed,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=self.folder,
        )

    def read(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        done = subprocess.run(  # noqa: S603 - our own command
            [str(TPORDER), *arguments, "--json"],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            cwd=self.folder,
        )
        return json.loads(done.stdout)

    def settled(self, name: str) -> dict[str, Any] | None:
        """The settlement of a signal's trade as ``explain`` tells it, once there is one."""
        done = subprocess.run(  # noqa: S603 - our own command
            [str(TPORDER), "explain", name, "--json"],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=self.folder,
        )
        if done.returncode != 0:
            return None
        steps = json.loads(done.stdout)["steps"]
        found = [step for step in steps if step["kind"] == "trade_settled"]
        return found[-1] if found else None

    def wait_settled(self, name: str) -> None:
        wait_until(f"signal {name} is settled", lambda: self.settled(name) is not None)

    # -- judgement from the exchanges' own state ---------------------------------------------------

    def executed(self) -> dict[str, list[Decimal]]:
        """Executed quantities by client order id, one per order of that id."""
        state = self.state()
        found: dict[str, list[Decimal]] = defaultdict(list)
        for order in state["upbit"]["orders"]:
            found[order["identifier"]].append(Decimal(order["executed_volume"]))
        for order in state["binance"]["orders"]:
            found[order["clientOrderId"]].append(Decimal(order["executedQty"]))
        return found

    def holdings(self) -> tuple[Decimal, Decimal]:
        """(coins on Upbit, short on Binance)."""
        state = self.state()
        row = state["upbit"]["balances"].get("BTC", {"available": "0", "locked": "0"})
        position = state["binance"]["positions"].get("BTCUSDT", {"quantity": "0"})
        return Decimal(row["available"]) + Decimal(row["locked"]), -Decimal(position["quantity"])

    def assert_nothing_twice(self) -> None:
        for name, quantities in self.executed().items():
            assert sum(1 for q in quantities if q > 0) <= 1, f"{name} was filled twice"

    def assert_hedged(self) -> None:
        coins, short = self.holdings()
        assert short > 0, "no hedge"
        self._assert_even(coins, short)

    def assert_flat(self) -> None:
        coins, short = self.holdings()
        assert short == 0
        self._assert_even(coins, short)

    def _assert_even(self, coins: Decimal, short: Decimal) -> None:
        price = Decimal(self.state()["upbit"]["prices"]["KRW-BTC"])
        assert abs(coins - short) * price < DUST_KRW, f"coins {coins}, short {short}"


@contextmanager
def open_fixture(
    folder: Path,
    *,
    market: tuple[str, ...] = ("--seed", "1"),
    settings: Mapping[str, str] | None = None,
) -> Iterator[SocketFixture]:
    """A running desk; every process is ended at the end."""
    fixture = SocketFixture(folder)
    fixture.more, fixture.market = dict(settings or {}), market
    try:
        fixture.start_simulator()
        fixture.start_engine()
        yield fixture
    finally:
        fixture.stop()
