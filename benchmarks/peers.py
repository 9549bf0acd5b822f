"""Whom the engine is compared with, and the environments they live in (``make bench-peers``).

aiohttp and ccxt are among the development packages. NautilusTrader needs Python 3.12 and lives in
an environment of its own. A peer that is not there is reported as absent, with the reason; a figure
is never made up for it.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import native
from benchmarks.measure.latency import Client
from benchmarks.measure.processes import ROOT

ENVIRONMENT = ROOT / ".venv-nautilus"
NAUTILUS_PYTHON = ENVIRONMENT / "bin" / "python"
LOCK = ROOT / "requirements-nautilus.lock"
MINOR = 12
_INSTALL_S = 900
_ASK_S = 120


def floor_c() -> Client:
    """Sending from C, made before and unsigned; plain only."""
    program = native.floor()
    return Client(
        name="floor_c",
        command=(str(program),),
        why_absent="" if program else "no C compiler",
    )


def floor() -> Client:
    """Sending by hand."""
    return Client(name="floor", module="benchmarks.clients.floor")


def aiohttp() -> Client:
    """The bare send of aiohttp."""
    return Client(name="aiohttp", module="benchmarks.clients.aiohttp_send")


def ccxt() -> Client:
    """The bare send of ccxt."""
    return Client(name="ccxt", module="benchmarks.clients.ccxt_send")


def nautilus() -> Client:
    """NautilusTrader's bare send, if its environment was made."""
    return Client(
        name="nautilus",
        module="benchmarks.clients.nautilus_send",
        python=str(NAUTILUS_PYTHON),
        why_absent="" if NAUTILUS_PYTHON.exists() else "no environment: run `make bench-peers`",
    )


def versions() -> dict[str, str]:
    """Of every peer that is there."""
    ours = _versions_in(sys.executable, ("aiohttp", "ccxt", "uvloop"))
    if NAUTILUS_PYTHON.exists():
        ours |= _versions_in(str(NAUTILUS_PYTHON), ("nautilus_trader",))
    return ours


def _versions_in(python: str, packages: tuple[str, ...]) -> dict[str, str]:
    asked = (
        "import importlib.metadata as m, json, sys; "
        "print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    )
    done = subprocess.run(
        [python, "-c", asked, *packages],
        capture_output=True,
        text=True,
        check=False,
        timeout=_ASK_S,
    )
    if done.returncode:
        return {}
    found: dict[str, str] = json.loads(done.stdout)
    return found


def install() -> dict[str, Any]:
    """Make NautilusTrader's environment; says in a sentence why not."""
    python = find_python()
    if python is None:
        _say(
            f"NautilusTrader needs Python 3.{MINOR}, and none was found: install one (pyenv, uv or "
            f"your system's packages) or name it, PEER_PYTHON=/path/to/python3.{MINOR} make "
            "bench-peers. Until then the benchmark reports this peer as absent."
        )
        return {"nautilus": "absent"}
    for step in (
        [python, "-m", "venv", str(ENVIRONMENT)],
        [
            str(NAUTILUS_PYTHON),
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "-r", str(LOCK)),
        ],
    ):
        done = subprocess.run(step, capture_output=True, text=True, check=False, timeout=_INSTALL_S)
        if done.returncode:
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            _say(f"NautilusTrader was not installed: {done.stderr.strip()[-800:]}")
            return {"nautilus": "absent", "failed": True}
    return {"peers": versions()}


def find_python() -> str | None:
    """A Python 3.12: the named one, one on the path, or one of pyenv's or uv's."""
    named = os.environ.get("PEER_PYTHON")
    home = Path.home()
    kept = [
        *home.glob(f".pyenv/versions/3.{MINOR}.*/bin/python"),
        *home.glob(f".local/share/uv/python/cpython-3.{MINOR}*/bin/python3.{MINOR}"),
    ]
    candidates = [named] if named else [shutil.which(f"python3.{MINOR}"), *map(str, sorted(kept))]
    return next((one for one in candidates if one and _is_right(one)), None)


def _is_right(python: str) -> bool:
    check = f"import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, {MINOR}))"
    try:
        done = subprocess.run(
            [python, "-c", check], capture_output=True, check=False, timeout=_ASK_S
        )
    except OSError:
        return False
    return done.returncode == 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
