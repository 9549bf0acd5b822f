"""``shadow`` and ``live-check`` as commands, against simulators that run as their own process."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.fixture import TPORDER, SocketFixture, open_fixture
from trading_platform_order.operations.live_check.session import CONFIRMATION

LIMIT_S = 60


@contextmanager
def simulators_alone(folder: Path) -> Iterator[SocketFixture]:
    fixture = SocketFixture(folder)
    try:
        fixture.start_simulator()
        yield fixture
    finally:
        fixture.stop()


def as_told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["differences"], told["unexpected"], told["problems"]) == ([], [], []), done.stderr
    assert done.returncode == 0, done.stderr
    return told


def test_both_commands_find_simulators_of_another_process_like_themselves(tmp_path: Path) -> None:
    with simulators_alone(tmp_path) as fixture:
        listened = as_told(fixture.run("shadow", "--seconds", "1", "--json"))
        assert len(listened["compared"]) > 25
        assert fixture.executed() == {}

        traded = as_told(fixture.run("live-check", "--json", typed=f"{CONFIRMATION}\n"))
        assert traded["flat"]
        assert [trip["refusal"] for trip in traded["round_trips"]] == ["", ""]
        streams = {"upbit stream myOrder", "binance stream ORDER_TRADE_UPDATE"}
        assert streams <= set(traded["compared"])
        assert len(fixture.executed()) == 4
        fixture.assert_flat()


def test_shadow_beside_an_engine_knows_all_that_its_trading_makes_the_exchanges_say(
    tmp_path: Path,
) -> None:
    with open_fixture(tmp_path) as fixture:
        fixture.send("enter", "ENTER")
        fixture.wait_settled("enter")
        shadow = subprocess.Popen(  # noqa: S603 - our own command
            [str(TPORDER), "shadow", "--seconds", "6", "--json"],
            env=fixture.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        try:
            _until_it_listens(shadow)
            fixture.deleverage("BTCUSDT")
            output, told = shadow.communicate(timeout=LIMIT_S)
        finally:
            shadow.kill()
        found = as_told(subprocess.CompletedProcess([], shadow.returncode, output, told))
        assert "binance stream ACCOUNT_UPDATE" in found["compared"]
        assert "binance stream ALGO_UPDATE" in found["compared"]
        assert "upbit stream myOrder" in found["compared"]


def _until_it_listens(shadow: "subprocess.Popen[str]") -> None:
    """It says so on standard error, when both streams are up."""
    assert shadow.stderr is not None
    deadline = time.monotonic() + LIMIT_S
    while "listening" not in shadow.stderr.readline():
        assert time.monotonic() < deadline
        assert shadow.poll() is None
