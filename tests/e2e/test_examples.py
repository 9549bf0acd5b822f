"""Every program of examples/ runs as its first lines say, and does what they say."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.fixture import BUSY_MACHINE
from tests.unit.cli.cli_world import as_json, heard, offline_env, tporder
from trading_platform_order.storage.base import Reader
from trading_platform_order.storage.sqlite.store import open_reader

EXAMPLES = Path(__file__).parents[2] / "examples"
LIMIT_S = 60


def environment(db: Path | None = None) -> dict[str, str]:
    """This machine's, without its settings."""
    kept = offline_env() | BUSY_MACHINE
    return kept if db is None else {**kept, "TPORDER_STORE_PATH": str(db)}


async def run(name: str, *arguments: str | Path) -> str:
    """What the example prints; it must end well."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(EXAMPLES / name), *map(str, arguments)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode == 0, err.decode()
    return out.decode()


@asynccontextmanager
async def engine(db: Path) -> AsyncIterator[None]:
    """`tporder run` in paper mode, ready to take signals."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trading_platform_order.cli.main", "run"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(db),
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LIMIT_S):
            await heard(process.stdout, b"engine ready")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


async def outcomes(reader: Reader) -> list[object]:
    """Of all pair trades, oldest first."""
    rows = await reader.query("v_trades")
    return [row["outcome"] for row in sorted(rows, key=lambda row: str(row["opened_at_us"]))]


async def test_a_signal_is_published_from_python(tmp_path: Path) -> None:
    db = tmp_path / "engine.db"
    async with engine(db):
        told = await run("publish_signal.py", "--db", db)
        assert [line.split()[0] for line in told.splitlines()] == ["ENTER", "EXIT"]
        reader = open_reader(db)
        async with asyncio.timeout(LIMIT_S):
            while await outcomes(reader) != ["hedged", "flat"]:  # noqa: ASYNC110 - the views trail the journal
                await asyncio.sleep(0.05)
        await reader.close()


async def test_research_sends_its_own_signals(tmp_path: Path) -> None:
    db = tmp_path / "engine.db"
    async with engine(db):
        told = await run("research_side.py", db)

    lines = told.splitlines()
    assert [line.split(":")[0] for line in lines] == ["BUY claimed", "SELL claimed", "held now"]
    assert "is hedged" in lines[0]
    assert "is flat" in lines[1]


async def test_a_strategy_of_ones_own_is_replayed_and_its_fills_are_read(tmp_path: Path) -> None:
    told = await run("own_strategy.py", "--bars", "200", "--out", tmp_path)
    assert "equals both exchanges" in told
    trades = re.search(r"hedged (\d+), flat (\d+), .* open 0", told)
    assert trades is not None
    assert trades[1] == trades[2] != "0"

    db = tmp_path / "demo.db"
    counted = as_json(tporder("store", "sql", "SELECT seq FROM v_fills", "--db", db, "--json"))
    read = await run("read_fills.py", db)
    assert read.startswith(f"{len(counted)} fills")
    assert "moving_average BTC: 0 coins, 0 short" in read
    newest = max(row["seq"] for row in counted)
    assert (await run("read_fills.py", db, "--after-seq", str(newest))).startswith("0 fills")


async def test_another_client_drives_the_simulators() -> None:
    told = await run("simulators_with_ccxt.py")

    assert told.splitlines() == [
        "bought 0.002 BTC on Upbit, short 0.002 on Binance",
        "afterwards 0 BTC and 0 positions",
    ]


def test_every_example_is_run_here_and_told_of_in_the_readme() -> None:
    tested = Path(__file__).read_text(encoding="utf-8")
    # Run by test_readme.py, as the first steps there say.
    first_steps = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for program in EXAMPLES.glob("*.py"):
        streams = program.name == "publish_redis.py"  # run by test_signal_stream.py
        assert streams or f'run("{program.name}"' in tested or program.name in first_steps
        assert f"]({program.name})" in readme
