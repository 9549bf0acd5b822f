"""``shadow`` and ``live-check`` over sockets against the simulators, as a rehearsal."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from exchange_simulator.binance import SimulatedBinance
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.faults.kinds import parse_faults
from exchange_simulator.market.market import standing, tick_of
from exchange_simulator.serving.control import Control
from exchange_simulator.serving.loopback import LoopbackServers
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import Level
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.operations.live_check.live_check import NotConfirmed
from trading_platform_order.operations.live_check.rehearsal import expected_shapes
from trading_platform_order.operations.live_check.round_trip import Patience
from trading_platform_order.operations.live_check.session import (
    ContactReport,
    is_harmless,
    run_live_check,
    run_shadow,
)
from trading_platform_order.runtime.settings.settings import (
    EngineSection,
    Mode,
    PaperSection,
    Settings,
    SettingsRefused,
    StoreSection,
)
from trading_platform_order.runtime.startup.doctor import NotReady
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock, AccountLocked
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.http import HttpRequest

KEYS = SimulatorKeys()
PATIENCE = Patience(working_s=2.0, outcome_s=5.0, poll_s=0.02, flat_s=2.0)
# Reads, order tests and the key of the private stream: nothing here places or changes anything.
HARMLESS = {
    ("POST", "/v1/orders/test"),
    ("POST", "/fapi/v1/order/test"),
    ("POST", "/fapi/v1/listenKey"),
    ("PUT", "/fapi/v1/listenKey"),
}


@dataclass
class TestBed:
    world: SimulatedWorld
    settings: Settings
    record: Path

    def arm(self, fault: str) -> None:
        for one in parse_faults(fault.encode()):
            self.world.arm(one)

    def asked(self) -> set[tuple[str, str]]:
        return {
            (row.method, row.target.partition("?")[0])
            for gateway in self.world.gateways.values()
            for row in gateway.requests
        }

    def orders(self) -> int:
        return sum(len(gateway.order_requests) for gateway in self.world.gateways.values())

    async def shadow(self, seconds: float = 0.3) -> ContactReport:
        return await run_shadow(
            self.settings,
            base="BTC",
            seconds=seconds,
            record=self.record,
            announce=lambda _: None,
            stop=asyncio.Event(),
        )

    async def live_check(self, *, agree: bool = True) -> ContactReport:
        plans: list[str] = []

        def confirm(plan: str) -> bool:
            plans.append(plan)
            assert self.orders() == 0
            return agree

        report = await run_live_check(
            self.settings,
            base="BTC",
            record=self.record,
            announce=lambda _: None,
            confirm=confirm,
            patience=PATIENCE,
        )
        (plan,) = plans
        assert "BTC-KRW for 6000 KRW" in plan
        assert "SELL BTCUSDT 0.00" in plan
        return report


@pytest.fixture
async def testbed(tmp_path: Path) -> AsyncIterator[TestBed]:
    async with asyncio.timeout(30), on_testbed(tmp_path) as found:
        yield found


@asynccontextmanager
async def on_testbed(folder: Path) -> AsyncIterator[TestBed]:
    world = open_world(
        clock=SystemClock(),
        keys=KEYS,
        opening=Opening(krw=Decimal(1_000_000), usdt=Decimal(5_000)),
        raise_limits=False,
    )
    tick = tick_of("BTC", generate_bars(seed=1, bars=1, symbol="BTC")[0])

    async def keep_moving() -> None:
        while True:
            world.show([standing(tick, world.clock.now())])
            await asyncio.sleep(0.05)

    async with (
        LoopbackServers(world, KEYS, Control(world), hold_s=0.2) as servers,
        asyncio.TaskGroup() as group,
    ):
        market = group.create_task(keep_moving())
        ready = folder / "ready.json"
        ready.write_bytes(msgspec.json.encode(servers.ready()))
        yield TestBed(
            world=world,
            settings=Settings(
                store=StoreSection(path=str(folder / "t.db")),
                paper=PaperSection(ready_file=str(ready)),
            ),
            record=folder / "wire.jsonl",
        )
        market.cancel()


def lines(report: ContactReport) -> list[str]:
    return [difference.line() for difference in report.comparison.differences]


def no_secret_in(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    for secret in (
        KEYS.upbit_access_key,
        KEYS.upbit_secret_key,
        KEYS.binance_api_key,
        KEYS.binance_secret_key,
        "Bearer",
    ):
        assert secret not in text
    assert "signature=(removed)" in text
    assert re.findall(r"signature=(?!\(removed\))", text) == []
    assert re.findall(r"listenKey=(?!\(removed\))", text) == []
    assert re.findall(r"[0-9a-f]{64}", text) == []


async def test_shadow_places_nothing_and_finds_the_simulators_like_themselves(
    testbed: TestBed,
) -> None:
    report = await testbed.shadow()
    assert lines(report) == []
    assert report.comparison.unexpected == ()
    assert report.problems == ()
    assert len(report.comparison.compared) > 25
    assert [row for row in report.findings if row.level is Level.FAULT] == []
    assert {row for row in testbed.asked() if row[0] != "GET"} <= HARMLESS
    assert testbed.orders() == 0


async def test_no_secret_is_in_the_recording(testbed: TestBed) -> None:
    report = await testbed.live_check()
    no_secret_in(testbed.record)
    rows = [json.loads(line) for line in testbed.record.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == report.records > 50
    assert {row["kind"] for row in rows} == {"http", "stream"}
    key = next(
        json.loads(row["body"])["listenKey"] for row in rows if "listenKey" in row.get("body", "")
    )
    assert key == "(removed)"
    assert testbed.record.stat().st_mode & 0o077 == 0


async def test_an_answer_that_deviates_is_reported(testbed: TestBed) -> None:
    row = {
        "accountAlias": "x",
        "asset": "USDT",
        "balance": 5000,
        "crossWalletBalance": "5000",
        "crossUnPnl": "0",
        "availableBalance": "5000",
        "marginAvailable": True,
        "updateTime": 1,
        "brandNew": "1",
    }
    fault = {
        "kind": "http_status",
        "venue": "binance",
        "status": 200,
        "body": json.dumps([row]),
        "match": {"path_prefix": "/fapi/v3/balance"},
        "count": 100,
    }
    testbed.arm(json.dumps(fault))
    report = await testbed.shadow(0)
    assert lines(report) == [
        "binance GET /fapi/v3/balance [].balance: other type: number; the simulator sends string",
        "binance GET /fapi/v3/balance [].brandNew: extra: string; the simulator has no such field",
        "binance GET /fapi/v3/balance [].maxWithdrawAmount: missing: the simulator sends string",
    ]


async def test_live_check_goes_there_and_back_and_compares_the_orders_too(testbed: TestBed) -> None:
    report = await testbed.live_check()
    assert report.is_flat
    assert [trip.venue for trip in report.trips] == [Venue.UPBIT, Venue.BINANCE]
    assert all(trip.opened == trip.closed > 0 for trip in report.trips)
    assert lines(report) == []
    assert report.comparison.unexpected == ()
    for subject in (
        "upbit POST /v1/orders",
        "binance POST /fapi/v1/order",
        "upbit stream myOrder",
        "binance stream ORDER_TRADE_UPDATE",
        "binance stream ACCOUNT_UPDATE",
        "binance stream TRADE_LITE",
    ):
        assert subject in report.comparison.compared
    state = testbed.world.state()
    assert state["binance"]["positions"] == {}
    assert isinstance(testbed.world.binance, SimulatedBinance)


async def test_a_way_back_that_fails_is_told_and_the_other_exchange_is_left_alone(
    testbed: TestBed,
) -> None:
    testbed.arm('{"kind":"refuse_order","venue":"upbit","skip":1,"count":50}')
    report = await testbed.live_check()
    (trip,) = report.trips
    assert not report.is_flat
    assert "NOT FLAT" in trip.line()


async def test_live_check_places_nothing_unless_confirmed(testbed: TestBed) -> None:
    with pytest.raises(NotConfirmed):
        await testbed.live_check(agree=False)
    assert testbed.orders() == 0


async def test_live_check_refuses_while_an_engine_holds_the_account(testbed: TestBed) -> None:
    with AccountLock(testbed.settings.store.path, "main"), pytest.raises(AccountLocked):
        await testbed.live_check()
    assert testbed.orders() == 0


async def test_live_check_refuses_what_the_doctor_refuses(testbed: TestBed) -> None:
    assert isinstance(testbed.world.binance, SimulatedBinance)
    testbed.world.binance.door.may_withdraw = True
    with pytest.raises(NotReady, match="withdraw"):
        await testbed.live_check()
    assert testbed.orders() == 0


async def test_live_check_refuses_an_account_without_money(testbed: TestBed) -> None:
    testbed.world.transfer(Venue.UPBIT, "KRW", Decimal(-999_000))
    with pytest.raises(NotReady, match="1000 KRW are available"):
        await testbed.live_check()
    assert testbed.orders() == 0


async def test_live_mode_needs_keys(tmp_path: Path) -> None:
    settings = Settings(
        engine=EngineSection(mode=Mode.LIVE), store=StoreSection(path=str(tmp_path / "t.db"))
    )
    testbed = TestBed(world=None, settings=settings, record=tmp_path / "w")  # type: ignore[arg-type]
    with pytest.raises(SettingsRefused, match="keys are missing"):
        await testbed.shadow()


async def test_the_rehearsal_knows_what_only_a_long_session_meets() -> None:
    shapes = (await expected_shapes()).by_subject
    assert "binance PUT /fapi/v1/listenKey" in shapes
    triggered = shapes["binance stream ALGO_UPDATE"]
    assert {".o.ap", ".o.aq", ".o.act"} <= triggered.types.keys()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/orders"),
        ("DELETE", "/v1/order"),
        ("DELETE", "/v1/orders/open"),
        ("POST", "/v1/orders/cancel_and_new"),
        ("POST", "/v1/withdraws/coin"),
        ("POST", "/fapi/v1/order"),
        ("PUT", "/fapi/v1/order"),
        ("DELETE", "/fapi/v1/order"),
        ("POST", "/fapi/v1/batchOrders"),
        ("POST", "/fapi/v1/algoOrder"),
        ("DELETE", "/fapi/v1/allOpenOrders"),
        ("POST", "/fapi/v1/leverage"),
        ("POST", "/fapi/v1/marginType"),
        ("POST", "/fapi/v1/countdownCancelAll"),
        ("DELETE", "/fapi/v1/listenKey"),
    ],
)
def test_what_places_or_changes_is_not_harmless(method: str, path: str) -> None:
    assert not is_harmless(HttpRequest(method=method, url=f"https://x.invalid{path}?a=b"))
    assert is_harmless(HttpRequest(method="GET", url=f"https://x.invalid{path}?a=b"))
