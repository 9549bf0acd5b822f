"""What a real engine process says of a day: each kind of line, its ids, and no secret anywhere."""

import json
import socket
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.fixture import SocketFixture, open_fixture, wait_until
from trading_platform_order.runtime.settings.shown.masking import MASK
from trading_platform_order.runtime.settings.shown.origins import Origin
from trading_platform_order.runtime.settings.shown.published import published_path, read_published

PLANTED = {
    "TPORDER_UPBIT_ACCESS_KEY": "planted-upbit-access",
    "TPORDER_UPBIT_SECRET_KEY": "planted-upbit-secret",
    "TPORDER_BINANCE_API_KEY": "planted-binance-key",
    "TPORDER_BINANCE_SECRET_KEY": "planted-binance-secret",
    "TPORDER_WATCHDOG_BINANCE_SECRET_KEY": "planted-watchdog-secret",
    # Nobody listens there: both senders say so, again and again.
    "TPORDER_DISCORD_WEBHOOK_URL": "http://127.0.0.1:9/api/webhooks/1/planted-webhook-token",
    "TPORDER_NOTIFY_URLS": "team=json://127.0.0.1:9/planted-notify-token",
    "TPORDER_HEARTBEAT_ENGINE_URL": "http://127.0.0.1:9/ping/planted-heartbeat-token",
}


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def fixture(tmp_path: Path, port: int) -> Iterator[SocketFixture]:
    more = {"TPORDER_LOG_LEVEL": "debug", "TPORDER_METRICS_PORT": str(port)}
    with open_fixture(tmp_path, settings=PLANTED | more) as running:
        yield running


def metrics(port: int) -> str:
    address = f"http://127.0.0.1:{port}/metrics"
    with urllib.request.urlopen(address, timeout=10) as answer:
        text: bytes = answer.read()
        return text.decode()


def lines_of(fixture: SocketFixture) -> list[dict[str, Any]]:
    return [json.loads(line) for line in fixture.engine_log().splitlines()]


def of(fixture: SocketFixture, signal: str) -> list[dict[str, Any]]:
    return [line for line in lines_of(fixture) if line.get("signal") == signal]


def events(fixture: SocketFixture, signal: str) -> list[str]:
    return [line["event"] for line in of(fixture, signal)]


def says(fixture: SocketFixture, event: str, **fields: str) -> bool:
    wanted = {"event": event, **fields}.items()
    return any(wanted <= line.items() for line in lines_of(fixture))


def says_somewhere(fixture: SocketFixture, words: str) -> bool:
    return any(words in line["event"] for line in lines_of(fixture) if line["level"] == "warning")


def test_a_day_is_told_line_by_line_and_no_secret_with_it(
    fixture: SocketFixture, port: int
) -> None:
    assert fixture.send("in-1", "ENTER", notional_krw="1500000").returncode == 0
    fixture.wait_settled("in-1")
    wait_until("it is counted", lambda: 'action="ENTER",outcome="hedged"} 1.0' in metrics(port))
    held = metrics(port)
    fixture.send("in-2", "ENTER", notional_krw="900000000")
    fixture.arm(venue="binance", kind="cut_stream", refuse_s=0.5)
    wait_until("the reconnect", lambda: says(fixture, "stream lost", stream="binance private"))
    assert fixture.send("out-1", "EXIT").returncode == 0
    fixture.wait_settled("out-1")
    assert fixture.run("stop", "--reason", "tea").returncode == 0
    wait_until("the stop", lambda: says(fixture, "emergency stop set", level="error", reason="tea"))
    wait_until("out-1", lambda: "trade settled" in events(fixture, "out-1"))

    entered = of(fixture, "in-1")
    assert events(fixture, "in-1")[:3] == [
        "signal accepted",
        "order planned",
        "order planned",
    ]
    assert {line["exchange"] for line in entered if line["event"] == "fill"} == {"upbit", "binance"}
    assert len({line["trade"] for line in entered}) == 1
    assert Decimal(entered[0]["krw_per_usdt"]) > 1_000
    settled = entered[-1]
    assert (settled["event"], settled["outcome"]) == ("trade settled", "hedged")
    assert settled["naked_ms"] >= 0
    assert settled["signal_to_wire_us"] > 0
    (refused,) = of(fixture, "in-2")
    assert (refused["event"], refused["level"]) == ("signal refused", "warning")
    assert refused["code"]
    assert says(fixture, "stream connected", stream="binance private")
    assert says(fixture, "engine started", mode="paper")

    # What all trades cost is what the account's own count says, but for the rounding of each line.
    settlements = [line for line in lines_of(fixture) if line["event"] == "trade settled"]
    parts = fixture.read("status")["equity"]["pnl_krw"]
    for part in ("fees", "slippage"):
        told = sum(line[f"{part}_krw"] for line in settlements)
        assert abs(told + Decimal(parts[part])) <= len(settlements), part

    told = metrics(port)
    for sample in (
        'tporder_signals_refused_total{action="ENTER",code="already_open"} 1.0',
        'tporder_trades_settled_total{action="EXIT",outcome="flat"} 1.0',
        'tporder_alerts_total{kind="emergency_stop",urgent="true"} 1.0',
        "tporder_trade_naked_seconds_count 2.0",
        "tporder_leg_skew_seconds_count 2.0",
        "tporder_signal_to_wire_seconds_count 2.0",
        'tporder_stream_losses_total{stream="binance private"} 1.0',
        'tporder_private_stream_up{exchange="binance"} 1.0',
        "tporder_emergency_stop 1.0",
        "tporder_unknown_orders 0.0",
        "tporder_waiting_closes 0.0",
        "tporder_exposure_krw 0.0",
    ):
        assert f"\n{sample}\n" in told
    # What exists only while something is held, or was seen, stands beside it.
    for name in (
        'tporder_limit_headroom_ratio{limit="stop_loss",symbol="BTC"}',
        'tporder_limit_headroom_ratio{limit="daily_loss",symbol=""}',
        'tporder_market_age_seconds{source="spot book",symbol="BTC"}',
        'tporder_rate_room_ratio{exchange="upbit"}',
        "tporder_liquidation_distance_ratio",
        "tporder_projection_age_seconds",
        "tporder_event_loop_lag_seconds_count",
    ):
        assert f"\n{name} " in held

    assert "planted-" not in fixture.engine_log()
    published = read_published(published_path(fixture.database, "main"))
    assert published is not None
    own = {each.name: each for each in published.settings}
    assert (own["log.level"].value, own["log.level"].origin) == ("debug", Origin.ENVIRONMENT)
    secret = {"_".join(name.split("_")[1:]).lower() for name in PLANTED}
    assert {each.name.replace(".", "_") for each in own.values() if each.value == MASK} == secret
    assert "planted-" not in published_path(fixture.database, "main").read_text("utf-8")
    assert "planted-" not in held + told
    assert says_somewhere(fixture, "Discord does not take alerts")
    assert says_somewhere(fixture, "the sign of life to the outside is not received")
