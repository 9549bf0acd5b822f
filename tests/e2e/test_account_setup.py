"""A served simulator set up wrongly by its control port is refused by the doctor, with the cure."""

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from exchange_simulator.exchanges import Opening, SimulatorKeys, open_world
from exchange_simulator.market.market import tick_of
from exchange_simulator.serving.control import Control
from exchange_simulator.serving.loopback import LoopbackServers
from trading_platform_order.exchanges.base import Level
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.runtime.service import run_doctor
from trading_platform_order.runtime.settings.settings import PaperSection, Settings, StoreSection
from trading_platform_order.transport.clock import SystemClock


@pytest.fixture
async def ready(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    keys = SimulatorKeys()
    world = open_world(
        clock=SystemClock(),
        keys=keys,
        opening=Opening(krw=Decimal(1_000_000), usdt=Decimal(5_000)),
    )
    world.show([tick_of("BTC", generate_bars(seed=1, bars=1, symbol="BTC")[0])])
    async with asyncio.timeout(30), LoopbackServers(world, keys, Control(world)) as servers:
        (tmp_path / "ready.json").write_text(json.dumps(servers.ready()))
        yield servers.ready()


async def set_up(ready: dict[str, Any], **order: object) -> int:
    url = ready["control"] + "/account"
    async with aiohttp.ClientSession() as http, http.post(url, json=order) as answer:
        return answer.status


async def faults(folder: Path) -> str:
    settings = Settings(
        store=StoreSection(path=str(folder / "t.db")),
        paper=PaperSection(ready_file=str(folder / "ready.json")),
    )
    found = await run_doctor(settings)
    return " | ".join(f"{row.text}: {row.remedy}" for row in found if row.level is Level.FAULT)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"hedge_mode": True}, "one-way mode"),
        ({"multi_assets": True}, "single-asset mode"),
        ({"isolated": ["BTCUSDT"]}, "choose cross margin"),
        ({"binance_may_withdraw": True}, "make one without that right"),
        ({"binance_may_trade_futures": False}, "allow futures"),
        ({"upbit_permissions": ["view_account", "view_orders"]}, "make orders"),
        ({"upbit_key_expired": True}, "make a new key"),
        ({"upbit_ip_allowed": False}, "allowed addresses"),
    ],
)
async def test_the_doctor_finds_it(
    ready: dict[str, Any], tmp_path: Path, order: dict[str, object], told: str
) -> None:
    assert await faults(tmp_path) == ""
    assert await set_up(ready, **order) == 200
    assert told in await faults(tmp_path)


async def test_what_cannot_be_set_is_refused(ready: dict[str, Any]) -> None:
    assert await set_up(ready, hedge_mood=True) == 400
