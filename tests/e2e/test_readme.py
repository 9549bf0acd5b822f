"""README's first steps, carried out as they stand, say what README shows; in both languages."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.unit.cli.cli_world import clean_env

# Two engines that start at the same time beside others take too long for a reader's patience.
pytestmark = pytest.mark.xdist_group("readme")

LIMIT_S = 120.0
PORT = "8787"
NOT_OURS = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\btp-[a-z2-7]{20}|\b[a-z2-7]{20}\b|[\d,.:]*\d"
)
"""What differs from run to run: ids, times and figures."""
WIRE = re.compile(r", (?:signal to wire|신호→전송) # µs")
"""Known only of a signal that came after the engine's start."""
AT = re.compile(r"\d{4}-\d\d-\d\d ")
READMES = [("README.md", "en"), ("README.ko.md", "ko")]
COMMANDS_MAX = 5


def section_of(readme: str, mark: str) -> str:
    """The section that holds a text."""
    text = (REPOSITORY / readme).read_text(encoding="utf-8")
    return next(part for part in text.split("\n## ") if mark in part)


def blocks(section: str) -> list[list[str]]:
    """The indented blocks, each as its commands; one that goes on in the next line is one."""
    found = re.findall(r"(?:^    .*\n)+", section.partition("```text")[0], re.MULTILINE)
    found += re.findall(r"(?:^    .*\n)+", section.rpartition("```")[2], re.MULTILINE)
    return [[line.strip() for line in block.replace("\\\n", " ").splitlines()] for block in found]


def first_steps(readme: str) -> tuple[list[str], list[str], set[str]]:
    """The five commands, those after them, and what is shown of the output: one sentence each."""
    section = section_of(readme, "examples/first_trade.json")
    commands, after = blocks(section)
    shown = section.partition("```text\n")[2].partition("```")[0]
    return commands, after, sentences(shown)


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
    """A terminal's, whose locale is of another language: README's own command chooses."""
    hidden = clean_env()
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    other = "en_US.UTF-8" if language == "ko" else "ko_KR.UTF-8"
    return {**kept, "LANG": other, "LC_ALL": "", "LC_MESSAGES": "", "PYTHONUNBUFFERED": "1"}


class Terminal:
    """A shell with job control that is typed into; both its outputs in one file."""

    def __init__(self, folder: Path, language: str) -> None:
        self.output = folder / "terminal.txt"
        with self.output.open("wb") as written:
            self._shell = subprocess.Popen(
                ["/bin/bash", "-m"],
                cwd=folder,
                env=environment(language),
                stdin=subprocess.PIPE,
                stdout=written,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def type(self, command: str) -> None:
        """One line, as a reader types it."""
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{command}\n")
        self._shell.stdin.flush()

    def wait_for(self, text: str) -> str:
        """All that was written, once the text is in it."""
        end = time.monotonic() + LIMIT_S
        while text not in (told := self.output.read_text(encoding="utf-8")):
            assert time.monotonic() < end, told
            time.sleep(0.05)
        return told

    def leave(self) -> None:
        """End whatever still runs; not by SIGINT, which tests in the background ignore."""
        self.type("kill $(jobs -p); wait; exit")
        self._shell.communicate(timeout=LIMIT_S)


@contextmanager
def terminal(folder: Path, language: str) -> Iterator[Terminal]:
    """A shell in a clone with everything installed."""
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (folder / "examples").symlink_to(REPOSITORY / "examples")
    shell = Terminal(folder, language)
    try:
        yield shell
    finally:
        shell.leave()


@pytest.mark.parametrize(("readme", "language"), READMES)
def test_the_first_steps_lead_where_the_readme_says(
    readme: str, language: str, tmp_path: Path
) -> None:
    commands, after, shown = first_steps(readme)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings, make, webhook, engine, send = commands
    status, page, close, end = after
    ready = {"en": "web ready: ", "ko": "화면 준비 완료: "}[language]

    with terminal(tmp_path, language) as shell:
        shell.type(settings.replace(PORT, port) + " TPORDER_WEB_PORT=0")
        shell.type(webhook.removesuffix(" &") + f" --port {port} &")
        shell.wait_for("listening")
        for command in (engine, send, "echo all is explained"):
            shell.type(command)
        shell.wait_for("all is explained")
        told = shell.wait_for("진입 완료")
        for command in (status, page):
            shell.type(command)
        shell.wait_for(ready)
        shell.type(close)
        shell.wait_for("청산 완료")
        shell.type(f"{end}; echo all has ended")
        last = shell.wait_for("all has ended")

    assert len(commands) <= COMMANDS_MAX
    assert f"TPORDER_LANG={language} " in settings
    assert make == "make web"
    assert shown <= sentences(told)
    assert "엔진 정지" in last.partition("청산 완료")[2], "the webhook ended before the engine"
    assert "Traceback" not in last


def commands_of(readme: str) -> list[str]:
    """Every indented command, without what is said of it and without its language."""
    text = (REPOSITORY / readme).read_text(encoding="utf-8").replace("\\\n", " ")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    indented = re.findall(r"^    (?! )(\S.*)$", text, re.MULTILINE)
    return [
        " ".join(re.sub(r"\s{2,}#.*|TPORDER_LANG=\w+", "", command).split()) for command in indented
    ]


def test_both_languages_give_the_same_commands() -> None:
    english, korean = (commands_of(readme) for readme, _ in READMES)

    assert len(english) > 20
    assert english == korean


@pytest.mark.parametrize(("readme", "language"), READMES)
def test_the_signal_that_the_readme_writes_is_taken(
    readme: str, language: str, tmp_path: Path
) -> None:
    section = section_of(readme, "cat > signal.json")
    written = section.partition("```sh\n")[2].partition("```")[0]
    (send,) = (one for one in commands_of(readme) if "send signal.json" in one)
    command = f"PATH={Path(sys.executable).parent}:$PATH; {written}\n{send} --wait 0"

    done = subprocess.run(  # noqa: S603 - README's own lines
        ["/bin/bash", "-c", command],
        cwd=tmp_path,
        env=environment(language) | {"TPORDER_LANG": language},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )

    assert done.returncode == 0, done.stderr
    assert "tporder run" in done.stdout, "what to do without an engine"


def test_the_settings_that_the_readme_names_are_those_that_init_writes(tmp_path: Path) -> None:
    commands = commands_of("README.md")
    (init,) = (one for one in commands if one.startswith("tporder init"))
    named = {one.split("--config ")[1] for one in commands if "--config " in one}
    named |= {one.split(". ")[1].split(";")[0] for one in commands if ". live/" in one}

    subprocess.run(  # noqa: S603 - README's own line
        ["/bin/bash", "-c", f"PATH={Path(sys.executable).parent}:$PATH; {init}"],
        cwd=tmp_path,
        env=environment("en"),
        capture_output=True,
        check=True,
        timeout=LIMIT_S,
    )

    assert len(named) == 2
    assert all((tmp_path / name).is_file() for name in named)
