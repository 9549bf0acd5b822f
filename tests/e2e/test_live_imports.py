"""A live engine never loads the simulated exchanges, and they load nothing of their client."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.e2e.fixture import LIMIT_S, SocketFixture
from trading_platform_order.runtime.settings.settings import LIVE_CONFIRMATION

LOADED = """
import json, sys
{first}
print(json.dumps([name for name in sys.modules if name.partition(".")[0] == "{package}"]))
"""
RUN = """
from trading_platform_order.cli.main import main
main(["run"], standalone_mode=False)
"""


def live(fixture: SocketFixture) -> dict[str, str]:
    """A live engine's environment; what it takes for the exchanges runs as its own process."""
    ready = json.loads(fixture.ready_file.read_text())
    keys = ready["keys"]
    return fixture.environment() | {
        "TPORDER_PAPER_READY_FILE": "",
        "TPORDER_ENGINE_MODE": "live",
        "TPORDER_ENGINE_LIVE_CONFIRMATION": LIVE_CONFIRMATION,
        "TPORDER_UPBIT_NO_WITHDRAWALS_CONFIRMED": "true",
        "TPORDER_UPBIT_REST_URL": ready["upbit"]["rest"],
        "TPORDER_UPBIT_WS_URL": ready["upbit"]["ws"],
        "TPORDER_UPBIT_ACCESS_KEY": keys["upbit"]["access_key"],
        "TPORDER_UPBIT_SECRET_KEY": keys["upbit"]["secret_key"],
        "TPORDER_BINANCE_REST_URL": ready["binance"]["rest"],
        "TPORDER_BINANCE_SPOT_URL": ready["binance"]["rest"],
        "TPORDER_BINANCE_WS_URL": ready["binance"]["ws"],
        "TPORDER_BINANCE_API_KEY": keys["binance"]["api_key"],
        "TPORDER_BINANCE_SECRET_KEY": keys["binance"]["secret_key"],
    }


def test_a_live_engine_loads_no_simulated_exchange(tmp_path: Path) -> None:
    fixture = SocketFixture(tmp_path)
    try:
        fixture.start_simulator()
        engine = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", LOADED.format(first=RUN, package="exchange_simulator")],
            env=live(fixture),
            stdout=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        limit = threading.Timer(LIMIT_S, engine.kill)
        limit.start()
        try:
            assert engine.stdout is not None
            assert any("engine ready: live mode" in line for line in engine.stdout)
            engine.send_signal(signal.SIGTERM)
            told, _ = engine.communicate(timeout=LIMIT_S)
        finally:
            limit.cancel()
            engine.kill()
    finally:
        fixture.stop()
    assert json.loads(told.splitlines()[-1]) == []


def test_the_simulated_exchanges_load_nothing_of_their_client() -> None:
    first = "import exchange_simulator.serving.serve"
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", LOADED.format(first=first, package="trading_platform_order")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout) == []
