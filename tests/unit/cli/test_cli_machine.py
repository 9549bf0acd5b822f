"""What the machine refuses is one sentence with its cure; no bytes, no terminal end a command."""

import errno
import io
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import offline_env, signal_of, story_db, tporder
from tests.unit.cli.test_cli_stop import latches
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.machine_faults import remedy_of
from trading_platform_order.cli.console.terminal import readable, show_what_can_be_shown
from trading_platform_order.runtime.host.files.private_files import exposed, make_private
from trading_platform_order.runtime.host.files.stop_file import StopFile
from trading_platform_order.runtime.settings.settings import Settings, load_settings
from trading_platform_order.runtime.startup.doctor import NotReady
from trading_platform_order.runtime.startup.machine_check import check_machine, private_findings
from trading_platform_order.signals.schema import signal_to_json
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock

NOBODY = 65_534
BAD_BYTES = os.fsdecode(b"\xff\xfe now")
KOREAN_BYTES = os.fsdecode("점검".encode("cp949"))


def environment() -> dict[str, str]:
    """Of a process of its own, without this machine's settings."""
    return offline_env()


# -- accounts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ("stop", "--reason", "x"),
        ("resume", "--reason", "x"),
        ("status",),
        ("positions",),
        ("orders",),
        ("fills",),
        ("explain", "sig-1"),
        ("protect", "BTC", "--off", "--reason", "x"),
        ("maintenance", "list"),
        ("signal", "withdraw", "sig-1"),
    ],
)
def test_an_unknown_account_is_an_error_that_names_the_known_ones(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    db = story_db(tmp_path)
    told = tporder(*command, "--db", db, "--account", "mian")
    assert told.exit_code == ExitCode.UNKNOWN_ACCOUNT, told.output
    assert "'mian'" in told.stderr
    assert "did you mean main?" in told.stderr
    assert "STOPPED" not in told.stdout
    assert latches(db) == []


def test_the_account_of_the_settings_may_be_one_that_never_ran(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    told = tporder(
        "stop", "--db", db, "--reason", "first", env={"TPORDER_ENGINE_ACCOUNT": "second"}
    )
    assert told.exit_code == ExitCode.OK
    assert "no engine ever ran on account 'second'" in told.stderr


# -- bytes and terminals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"), [(BAD_BYTES, "�� now"), (KOREAN_BYTES, "점검"), ("점검", "점검")]
)
def test_the_stop_is_set_whatever_the_bytes(tmp_path: Path, typed: str, kept: str) -> None:
    db = story_db(tmp_path)
    told = tporder("stop", "--db", db, "--reason", typed)
    assert told.exit_code == ExitCode.OK, told.output
    (latch,) = latches(db)
    assert latch.reason == kept
    for command in (
        ("resume", "--db", db, "--reason", typed),
        ("explain", "--db", db, typed),
        ("protect", "--db", db, typed, "--off", "--reason", typed),
        ("signal", "withdraw", "--db", db, typed),
    ):
        again = tporder(*command)
        assert not isinstance(again.exception, UnicodeError), command


def test_what_is_readable_stays_as_it_is() -> None:
    assert readable("plain") == "plain"
    assert readable(os.fsdecode(b"\xff")) == "�"


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_a_korean_terminal_shows_what_it_can(tmp_path: Path, json: list[str]) -> None:
    """EUC-KR has neither the arrow nor the check mark; the stop's reason has both."""
    db = story_db(tmp_path)
    assert tporder("stop", "--db", db, "--reason", "✓ 점검 → 끝").exit_code == ExitCode.OK
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "trading_platform_order.cli.main", "status", "--db", db, *json],
        env={**environment(), "PYTHONIOENCODING": "euc-kr"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == ExitCode.OK, done.stderr
    assert ("점검" in done.stdout.decode("euc-kr")) is not bool(json)


def test_output_replaces_and_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="euc-kr"))
    show_what_can_be_shown()
    print("→✓점검", flush=True)  # noqa: T201 - what is tested
    assert raw.getvalue().decode("euc-kr").strip().endswith("점검")


# -- what the machine refuses ----------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "watchdog"])
def test_too_few_open_files_are_told_before_anything_is_opened(
    tmp_path: Path, command: str
) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [
            "/bin/sh",
            "-c",
            f'ulimit -n 40; exec "$0" -m trading_platform_order.cli.main {command}',
            sys.executable,
        ],
        env={**environment(), "TPORDER_STORE_PATH": str(tmp_path / "x.db")},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == ExitCode.MACHINE_REFUSED, done.stderr
    assert b"40 files" in done.stderr
    assert b"Cure: raise the limit" in done.stderr
    assert b"Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("x" * 300 + ".db", "File name too long"),
        ("a_file/x.db", "a part of the path is a file"),
        ("folder", "Is a directory"),
    ],
)
@pytest.mark.parametrize("command", ["run", "status"])
def test_paths_that_cannot_be_are_one_sentence(
    tmp_path: Path, path: str, words: str, command: str
) -> None:
    (tmp_path / "a_file").touch()
    (tmp_path / "folder").mkdir()
    told = tporder(command, env={"TPORDER_STORE_PATH": str(tmp_path / path)})
    assert told.exit_code in {ExitCode.MACHINE_REFUSED, ExitCode.NO_DATABASE}, told.output
    assert "Cure:" in told.stderr
    if command == "run":
        assert words in told.stderr


def test_a_lock_file_that_is_a_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.db.main.lock").mkdir()
    told = tporder("run", env={"TPORDER_STORE_PATH": str(tmp_path / "x.db")})
    assert told.exit_code == ExitCode.MACHINE_REFUSED, told.output
    assert "x.db.main.lock" in told.stderr


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """To the superuser no file is forbidden; to nobody's user this one is."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


def test_a_store_that_may_not_be_read_is_named_with_its_remedy(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    assert tporder("status", "--db", db).exit_code == ExitCode.OK
    db.chmod(0)
    with an_ordinary_user():
        told = tporder("status", "--db", db)
    assert told.exit_code == ExitCode.MACHINE_REFUSED
    assert "Permission denied" in told.stderr


@pytest.mark.parametrize(
    "number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE]
)
def test_the_usual_refusals_have_a_remedy(number: int) -> None:
    assert remedy_of(OSError(number, "x"))
    assert remedy_of(OSError(errno.EPIPE, "x")) is None


# -- the stop file ---------------------------------------------------------------------------------


@contextmanager
def no_room() -> Iterator[None]:
    """As on a full disk: files can be made, and nothing can be written into them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_stop_file_that_could_not_be_written_does_not_stay(tmp_path: Path) -> None:
    stop = StopFile(path=tmp_path / "x.stop")
    with no_room():
        problem = stop.leave("journal_not_writable: disk full")
    assert problem is not None
    assert "could not be made" in problem
    assert not stop.path.exists()
    assert stop.reason() is None
    assert stop.leave("later") is None
    assert "later" in (stop.reason() or "")


# -- who else may read and write -------------------------------------------------------------------


def mode_of(path: Path) -> str:
    """As ``ls`` and ``chmod`` write it."""
    return f"{path.stat().st_mode & 0o777:o}"


def test_everything_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    store = tmp_path / "new" / "x.db"
    make_private(store)
    with AccountLock(store) as lock:
        assert (mode_of(store.parent), mode_of(store), mode_of(lock.path)) == ("700", "600", "600")
    stop = StopFile(path=tmp_path / "x.stop")
    stop.leave("x")
    assert mode_of(stop.path) == "600"


def test_a_signal_in_a_new_store_makes_it_private(tmp_path: Path) -> None:
    db = tmp_path / "x.db"
    body = signal_to_json(signal_of())
    tporder("signal", "send", "-", "--db", db, "--wait", "0", stdin=body.encode())
    assert {mode_of(path) for path in tmp_path.iterdir()} == {"600"}


def settings(store: Path, mode: str = "paper") -> Settings:
    """Of this store."""
    return load_settings(None, {"TPORDER_STORE_PATH": str(store), "TPORDER_ENGINE_MODE": mode})


def test_what_others_may_read_or_write_is_named_and_live_refuses_it(tmp_path: Path) -> None:
    store, config = tmp_path / "private" / "x.db", tmp_path / "settings.toml"
    make_private(store)
    config.touch(mode=0o600)
    told: list[str] = []
    check_machine(settings(store, "live"), config, told.append)
    assert told == []
    store.chmod(0o644)
    check_machine(settings(store, "live"), config, told.append)
    assert [str(store) in line and "chmod 600" in line for line in told] == [True]
    for path, mode in ((store, 0o666), (config, 0o620), (store.parent, 0o777)):
        before = path.stat().st_mode & 0o777
        path.chmod(mode)
        with pytest.raises(NotReady, match=str(path)):
            check_machine(settings(store, "live"), config, told.append)
        check_machine(settings(store), config, told.append)  # paper only says so
        path.chmod(before)


def test_a_folder_that_others_may_only_see_is_no_matter(tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    make_private(store)
    tmp_path.chmod(0o755)
    assert exposed([tmp_path]) == ()
    assert private_findings(settings(store), None) == []
