"""Every command in a terminal of 80 columns, in both languages: nothing that matters is cut.

What the terminal showed is kept in ``out/terminal/`` (``TERMINAL_CAPTURES`` names another folder),
for whoever wants to see it; it is compared with nothing.
"""

import asyncio
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyte
import pytest
from rich.cells import cell_len

from tests.conftest import REPOSITORY
from tests.e2e.terminal_session import MARK
from tests.unit.cli.cli_world import (
    TRADE,
    append,
    claim_of,
    clean_env,
    eventful_trade,
    signal_of,
    story_db,
    tell_live,
)
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.main import COMMANDS
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.storage.sqlite.store import SqliteStore

COLUMNS, ROWS = 80, 24
LINES_MAX = 2_000
LIMIT_S = 120.0
LANGUAGES = ("en", "ko")
CUT = "…"
"""What rich writes where it cuts a cell."""
WITHOUT_WORDS = {"sql"}
"""What a query answers."""
HANGUL = re.compile(r"[가-힣]")
DEVELOPERS = {"simulate", "simulator", "shadow", "live-check"}
"""Tools that report to developers: English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one command left on the terminal."""

    arguments: tuple[str, ...]
    code: int
    written: tuple[str, ...]
    on_screen: tuple[str, ...]


@contextmanager
def terminal(
    command: Sequence[str], language: str
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A process in a terminal of its own; the master end and the process."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {name: text for name, text in os.environ.items() if name not in clean_env()}
    environment |= {"TERM": "xterm-256color", "TPORDER_LANG": language, "PYTHONIOENCODING": "utf-8"}
    environment |= {"LINES": str(ROWS), "COLUMNS": str(COLUMNS)}
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=REPOSITORY
    ) as process:
        os.close(theirs)
        try:
            yield ours, process
        finally:
            process.kill()
            os.close(ours)


def read_until_end(
    master: int, until: bytes | None = None, meanwhile: Callable[[], None] = lambda: None
) -> bytes:
    """All that is written, or up to a word; ``meanwhile`` is called once a second."""
    written, end = b"", time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        meanwhile()
        if not select.select([master], [], [], 1.0)[0]:
            continue
        try:
            part = os.read(master, 65_536)
        except OSError:  # the other end is closed
            break
        written += part
        if not part or (until is not None and until in written):
            break
    return written


def screen_of(written: bytes, rows: int = LINES_MAX) -> tuple[str, ...]:
    """As the terminal shows it: wide letters take two columns, long lines wrap."""
    screen = pyte.Screen(COLUMNS, rows)
    pyte.ByteStream(screen).feed(written)
    return tuple(line.rstrip() for line in screen.display)


def run_all(commands: Sequence[Sequence[str]], language: str) -> list[Shown]:
    """Each command's lines as they were written, and as the terminal shows them."""
    call = [sys.executable, "-m", "tests.e2e.terminal_session", json.dumps(commands)]
    with terminal(call, language) as (master, _):
        written = read_until_end(master)
    pieces = re.split(rf"{MARK}(\d+)\r\n".encode(), written)
    texts, codes = pieces[0::2], pieces[1::2]
    assert len(codes) == len(commands), written[-2_000:].decode(errors="replace")
    return [
        Shown(
            arguments=tuple(arguments),
            code=int(code),
            written=tuple(plain(text).splitlines()),
            on_screen=tuple(_without_empty_end(screen_of(text))),
        )
        for arguments, text, code in zip(commands, texts, codes, strict=False)
    ]


def plain(text: bytes) -> str:
    """Without what steers the terminal."""
    bare = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.decode())
    return "\n".join(line.rpartition("\r")[2] for line in bare.replace("\r\n", "\n").split("\n"))


def _without_empty_end(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def keep(shown: Shown, language: str) -> None:
    """For whoever wants to see it."""
    folder = Path(os.environ.get("TERMINAL_CAPTURES", REPOSITORY / "out" / "terminal")) / language
    folder.mkdir(parents=True, exist_ok=True)
    words = [word for word in shown.arguments if "/" not in word and word != "--db"]
    name = re.sub(r"[^a-z0-9-]+", "_", " ".join(words).lower()).strip("_")
    text = "\n".join(("$ tporder " + " ".join(words), *shown.on_screen)) + "\n"
    (folder / f"{name[:80]}.txt").write_text(text, encoding="utf-8")


async def _write_open_ends(db: Path) -> None:
    """A halted trade, a stop, alerts: what an operator is called for."""
    store = SqliteStore(db, build="b", durability="normal")
    first = eventful_trade()[0]
    reason = "the book of BTCUSDT is empty near its mid"
    halted = te.TradeHalted(reason=reason, at=first.at)
    await append(store, first, TRADE, claim_of(signal_of()))
    await append(store, halted, TRADE)
    await store.project()
    alerts = [
        Alert(
            kind=AlertKind.TRADE_HALTED, urgent=True, fields={"symbol": "BTC", "message": reason}
        ),
        Alert(
            kind=AlertKind.ENTRY, urgent=False, fields={"symbol": "BTC", "notional_krw": "500000"}
        ),
    ]
    await store.append([], at_us=1, alerts=alerts)
    await store.set_latch("stop", "an order has no known end since 61 s (more than 60)", at_us=1)
    await store.close()


# One store for all of them, written once: they stay in one process.
pytestmark = pytest.mark.xdist_group("terminal")


@pytest.fixture(scope="module")
def dbs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "open").mkdir()
    story = story_db(folder)
    tell_live(story, exit_cost_krw=12_345, naked_krw=0)
    left_open = folder / "open" / "open.db"
    asyncio.run(_write_open_ends(left_open))
    return story, left_open


def commands_of(story: Path, left_open: Path, folder: Path) -> list[list[str]]:
    """Every command that an operator gives, with something to show."""
    at, open_ends = ["--db", str(story)], ["--db", str(left_open)]
    signal = folder / "signal.json"
    signal.write_text(
        '{"id":"s-1"}\n{"id":"s-2","strategy":"k","action":"BUY!"}\n', encoding="utf-8"
    )
    window = ["--exchange", "upbit", "--from", "2098-12-31T17:00+09:00"]
    window += ["--to", "2098-12-31T19:00+09:00"]
    return [
        ["status", *at],
        ["status", *open_ends],
        ["positions", *at],
        ["positions", "--all", *open_ends],
        ["trades", *at],
        ["trades", "--limit", "1", *open_ends],
        ["pnl", "--day", "2026-11-22", *at],
        ["pnl", "--day", "yesterday", *at],
        ["orders", *at],
        ["orders", "--limit", "2", *open_ends],
        ["fills", *at],
        ["explain", "sig-1", *at],
        ["explain", "sig-2", *at],
        ["explain", "nobody", *at],
        ["alerts", "list", *open_ends],
        ["alerts", "ack", "1", *open_ends],
        ["alerts", "ack", "999", *open_ends],
        ["stop", "--reason", "점검", "--flatten", *at],
        ["stop", "--reason", "again", *at],
        ["resume", "--reason", "점검 종료", *at],
        ["resume", "--reason", "nothing", *at],
        ["close", "BTC", "--leg", "spot", *at],
        ["protect", "BTC", "--reason", "r", *at],
        ["signal", "send", str(signal), "--wait", "0", *at],
        ["signal", "send", str(folder / "none.json"), *at],
        ["maintenance", "add", *window, *at],
        ["maintenance", "list", *at],
        ["maintenance", "remove", *window, *at],
        ["delisting", "add", "--exchange", "upbit", "--symbol", "BTC", "--at", window[3], *at],
        ["delisting", "list", *at],
        ["pairs", "list", *at],
        ["store", "sql", "SELECT signal_id, action, state, outcome FROM v_trades", *at],
        ["store", "backup", str(folder / "copy.db"), *at],
        ["store", "rebuild", *at],
        ["demo", "--bars", "60"],
        ["status", "--db", str(folder / "missing.db")],
        ["status", "--account", "other", *at],
        ["--help"],
        *([name, "--help"] for name in COMMANDS if name not in DEVELOPERS),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_fits_a_terminal_of_80_columns(
    language: str, dbs: tuple[Path, Path], tmp_path: Path
) -> None:
    wide, cut, english = [], [], []
    for shown in run_all(commands_of(*dbs, tmp_path), language):
        keep(shown, language)
        name = " ".join(shown.arguments[:3])
        paths = {str(path) for path in (*dbs, tmp_path)}
        wide += [
            f"{name}: {line}"
            for line in shown.written
            if cell_len(line) > COLUMNS and not any(path in line for path in paths)
        ]
        cut += [f"{name}: {line}" for line in shown.on_screen if line.endswith(CUT)]
        is_korean = any(HANGUL.search(line) for line in shown.on_screen)
        if language == "ko" and not is_korean and not WITHOUT_WORDS & set(shown.arguments):
            english.append(name)
        assert "Traceback" not in "\n".join(shown.on_screen), shown.on_screen
        assert shown.code != ExitCode.BUG, shown.on_screen

    assert not wide
    assert not cut
    assert not english


@pytest.mark.parametrize("language", LANGUAGES)
def test_top_fits_the_whole_screen(language: str, dbs: tuple[Path, Path]) -> None:
    db = dbs[0]
    command = [sys.executable, "-m", "trading_platform_order.cli.main", "top", "--db", str(db)]
    last = {"en": "slippage", "ko": "슬리피지"}[language]
    with terminal(command, language) as (master, process):
        # A slow machine must not make the engine's figures old before they are shown.
        written = read_until_end(master, last.encode(), lambda: tell_live(db))
        os.write(master, b"q")
        code = process.wait(LIMIT_S)
    screen = screen_of(written, ROWS)
    keep(Shown(arguments=("top",), code=code, written=(), on_screen=screen), language)

    assert code == ExitCode.OK
    assert screen[0].startswith("tporder    ")
    assert {"en": "UTC", "ko": "KST"}[language] in screen[0]
    assert any("KRW-BTC / BTCUSDT" in line for line in screen)
    assert any(last in line for line in screen)
