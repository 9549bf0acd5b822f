"""What guards an open pair, over real sockets in real processes: stops, countdown, stop file."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.e2e.fixture import SocketFixture, open_fixture, wait_until
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.storage.sqlite.database import Database

COLUMNS = (
    "ts_ms,up_open,up_high,up_low,up_close,bn_open,bn_high,bn_low,bn_close,"
    "up_volume,bn_volume,krw_usdt"
)
BEGINS_MS = 1_767_225_600_000
# Two bars down by 1.5 %, two up: a trailing stop of 100 bps fires within one turn.
TURN = (100_000, 98_500, 97_000, 98_500)


def swinging(folder: Path) -> tuple[str, ...]:
    """A market that both exchanges share and that never stands still."""
    lines = [COLUMNS]
    for number in range(400):
        usdt = TURN[number % len(TURN)]
        krw = usdt * 1_400
        quoted = [str(krw)] * 4 + [str(usdt)] * 4
        lines.append(",".join((str(BEGINS_MS + number * 60_000), *quoted, "10", "10", "1400")))
    file = folder / "joint_1m_BTC_swinging.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "--data", str(file), "--symbol", "BTC", "--bar-seconds", "1"


def enter(fixture: SocketFixture) -> None:
    assert fixture.send("in-1", "ENTER", notional_krw="1500000").returncode == 0
    fixture.wait_settled("in-1")
    fixture.assert_hedged()


def algos(fixture: SocketFixture, kind: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = fixture.state()["binance"]["algo_orders"]
    return [row for row in rows if row["orderType"] == kind]


def standing(fixture: SocketFixture) -> list[str]:
    rows = fixture.state()["binance"]["algo_orders"]
    return [row["clientAlgoId"] for row in rows if row["algoStatus"] == "NEW"]


def test_the_operators_trailing_stop_closes_both_legs(tmp_path: Path) -> None:
    with open_fixture(tmp_path, market=swinging(tmp_path)) as fixture:
        enter(fixture)
        asked = fixture.read("protect", "BTC", "--trailing", "100", "--reason", "I want out")
        assert asked["result"] == "done", asked
        wait_until("it stands", lambda: bool(algos(fixture, "TRAILING_STOP_MARKET")))
        wait_until("it fired", lambda: fixture.holdings()[1] == 0)
        wait_until("the coins followed", lambda: fixture.holdings()[0] == 0)
        fixture.assert_flat()
        fixture.assert_nothing_twice()
        (fired,) = algos(fixture, "TRAILING_STOP_MARKET")
        assert fired["algoStatus"] == "FINISHED"
        wait_until("the protective stop went with it", lambda: not standing(fixture))


def test_the_exchange_cancels_what_rests_once_the_engine_is_dead(tmp_path: Path) -> None:
    settings = {
        "TPORDER_PROTECT_COUNTDOWN_S": "3",
        "TPORDER_TRADE_WORKING_LIMIT_S": "60",
        "TPORDER_TRADE_EXPOSURE_TIME_S": "60",
    }
    with open_fixture(tmp_path, settings=settings) as fixture:
        fixture.arm(venue="binance", kind="hold_order", hold_s=60.0)
        assert fixture.send("in-1", "ENTER", notional_krw="1500000").returncode == 0
        wait_until("the order rests", lambda: resting(fixture) == "NEW")
        wait_until("the countdown runs", lambda: countdowns(fixture) > 0)
        fixture.kill_engine()
        wait_until("the exchange ended it", lambda: resting(fixture) == "CANCELED", 8.0)
        assert fixture.holdings()[0] > 0, "one leg is filled, and nobody looks after it yet"
        fixture.start_engine()
        fixture.wait_settled("in-1")
        fixture.assert_nothing_twice()
        if fixture.holdings()[1] == 0:
            fixture.assert_flat()
        else:
            fixture.assert_hedged()


def resting(fixture: SocketFixture) -> str:
    orders = fixture.state()["binance"]["orders"]
    return str(orders[0]["status"]) if orders else "none"


def countdowns(fixture: SocketFixture) -> int:
    """How often the exchange was told to count down."""
    return int(fixture.state()["binance"]["countdowns"].get("BTCUSDT", 0))


def test_an_engine_that_cannot_write_its_journal_leaves_the_stop_file(tmp_path: Path) -> None:
    with open_fixture(tmp_path) as fixture:
        enter(fixture)
        with closing(Database.open(fixture.database)) as other:
            other.execute(
                "CREATE TRIGGER full BEFORE INSERT ON journal"
                " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
            fixture.send("in-9", "ENTER", notional_krw="1500000", strategy="other")
            assert fixture.wait_engine_ended() != 0
            other.execute("DROP TRIGGER full")
        file = fixture.database.with_name(f"{fixture.database.name}.main.stop")
        assert file.read_text(encoding="utf-8").startswith("journal_not_writable: ")
        fixture.assert_hedged()

        fixture.start_engine()
        refused = fixture.send("in-2", "ENTER", notional_krw="1500000", strategy="other")
        assert "stopped" in refused.stdout + refused.stderr
        stands = fixture.run("resume", "--reason", "the disk is fine")
        assert stands.returncode == ExitCode.STOP_STANDS
        assert str(file) in stands.stderr
        file.unlink()
        wait_until(
            "the cause is gone",
            lambda: fixture.run("resume", "--reason", "the disk is fine").returncode == ExitCode.OK,
        )
        assert fixture.send("out-1", "EXIT").returncode == 0
        fixture.wait_settled("out-1")
        fixture.assert_flat()
        fixture.assert_nothing_twice()


def test_no_entry_into_a_market_that_upbit_warns_of(tmp_path: Path) -> None:
    fixture = SocketFixture(tmp_path)
    try:
        fixture.start_simulator()
        fixture.set_account(upbit_market_events={"KRW-BTC": ["warning"]})
        fixture.start_engine()
        refused = fixture.send("in-1", "ENTER", notional_krw="1500000")
        assert "market_warning" in refused.stdout + refused.stderr
        assert "its trading may end" in refused.stdout + refused.stderr
        assert not fixture.executed()
    finally:
        fixture.stop()


def test_a_lock_that_another_process_holds_for_seconds_stops_nothing(tmp_path: Path) -> None:
    with open_fixture(tmp_path) as fixture:
        enter(fixture)
        with closing(Database.open(fixture.database)) as other:
            other.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor() as pool:
                sent = pool.submit(fixture.send, "out-1", "EXIT")
                told = "another process holds the store's write lock"
                wait_until("it says that it waits", lambda: told in fixture.engine_log())
                time.sleep(2.0)
                assert not sent.done()
                other.execute("COMMIT")
                assert sent.result().returncode == 0
        fixture.wait_settled("out-1")
        fixture.assert_flat()
        fixture.assert_nothing_twice()
