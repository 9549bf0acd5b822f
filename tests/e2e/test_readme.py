"""README's first steps, carried out as they stand, say what README shows; in both languages."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.unit.cli.cli_world import clean_env

# Two engines that start at the same time beside others take too long for a reader's patience.
pytestmark = pytest.mark.xdist_group("readme")

LIMIT_S = 120.0
PORT = "8787"
EXPLAIN = ".venv/bin/tporder explain first-trade"
NOT_OURS = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\btp-[a-z2-7]{20}|\b[a-z2-7]{20}\b|[\d,.]*\d")
"""What differs from run to run: ids and figures."""
WIRE = re.compile(r", (?:signal to wire|신호→전송) # µs")
"""Known only of a signal that came after the engine's start."""
AT = re.compile(r"\d{4}-\d\d-\d\d ")


def first_steps(readme: str) -> tuple[list[str], set[str]]:
    """The commands, and what is shown of their output, one sentence each without its figures."""
    text = (REPOSITORY / readme).read_text(encoding="utf-8")
    section = next(part for part in text.split("\n## ") if "examples/first_trade.json" in part)
    commands = re.findall(r"^    (\S.*)$", section.partition("```text")[0], re.MULTILINE)
    shown = section.partition("```text\n")[2].partition("```")[0]
    return commands, sentences(shown)


def sentences(text: str) -> set[str]:
    """Without line ends within them, figures, ids, and lines that are a time alone."""
    joined: list[str] = []
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        before = joined[-1] if joined else ""
        begun_at_edge = before and not before.startswith(" ") and not AT.match(before)
        if before and (indent == 4 or (indent == 2 and begun_at_edge)):
            joined[-1] = f"{before} {line.strip()}"
        else:
            joined.append(line)
    return {
        WIRE.sub("", NOT_OURS.sub("#", " ".join(line.split())))
        for line in joined
        if line.strip() and not AT.match(line)
    }


def environment(language: str) -> dict[str, str]:
    hidden = clean_env()
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "TPORDER_LANG": language, "PYTHONUNBUFFERED": "1"}


@contextmanager
def in_background(
    command: str, folder: Path, language: str, output: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that README ends with ``&``."""
    with output.open("wb") as written:
        process = subprocess.Popen(  # noqa: S602 - README's own line, as a shell takes it
            f"exec env {command}", shell=True, cwd=folder, env=environment(language), stdout=written
        )
    try:
        yield process
    finally:
        # Not SIGINT: whoever starts the tests in the background has had it ignored for all of them.
        process.terminate()
        process.wait(LIMIT_S)


def wait_for(output: Path, text: str) -> None:
    end = time.monotonic() + LIMIT_S
    while text not in output.read_text(encoding="utf-8"):
        assert time.monotonic() < end, output.read_text(encoding="utf-8")
        time.sleep(0.05)


@pytest.mark.parametrize(("readme", "language"), [("README.md", "en"), ("README.ko.md", "ko")])
def test_the_first_steps_lead_where_the_readme_says(
    readme: str, language: str, tmp_path: Path
) -> None:
    commands, shown = first_steps(readme)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    make, webhook, engine, page, send = commands
    alerts, log = tmp_path / "alerts.txt", tmp_path / "log.txt"
    webhook = webhook.removesuffix(" &") + f" --port {port}"
    engine = engine.removesuffix(" &").replace(PORT, port)
    page, web_log = "TPORDER_WEB_PORT=0 " + page.removesuffix(" &"), tmp_path / "web.txt"
    with ExitStack() as running:
        running.enter_context(in_background(webhook, tmp_path, language, alerts))
        running.enter_context(in_background(engine, tmp_path, language, log))
        running.enter_context(in_background(page, tmp_path, language, web_log))
        wait_for(alerts, "listening")
        told = [
            subprocess.run(  # noqa: S603 - README's own line
                shlex.split(command),
                cwd=tmp_path,
                env=environment(language),
                check=True,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
            ).stdout
            for command in (send, EXPLAIN)
        ]
        wait_for(alerts, "진입 완료")
        wait_for(web_log, "web ready: ")
    told.append(alerts.read_text(encoding="utf-8"))

    assert len(commands) <= 5
    assert make == "make web"
    assert shown <= sentences("\n".join(told))
