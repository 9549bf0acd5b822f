"""One front, with or without simulated exchanges behind it, and whatever is started on it."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.exchange.certificates import make_certificates
from benchmarks.exchange.front import HOST
from benchmarks.exchange.stamps import Stamps
from benchmarks.measure.native import front
from benchmarks.measure.processes import Child

_NAMES = ("upbit", "binance")
_MEMORY = Path("/dev/shm")  # noqa: S108 - shared memory, with a random name


class World:
    """A front and what it needs. Use :func:`open_world`.

    Attributes:
        folder: of this world's files.
        stamps: the ring that the front writes.
        front: the front's process.
        is_native: it is the one in C, whose stamps have no Python in them.
        ready: its addresses, ``plain`` and ``tls``, and the simulated exchanges' keys.
    """

    def __init__(self, stack: ExitStack, folder: Path, stamps: Path) -> None:
        self._stack = stack
        self.folder = folder
        self.stamps = stamps
        self.front: Child | None = None
        self.is_native = False
        self.ready: dict[str, dict[str, dict[str, str]]] = {}

    def start(
        self,
        name: str,
        module: str,
        *arguments: str,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
    ) -> Child:
        """Run a module in a process of its own; it ends with the world."""
        return self.run(name, [python, "-m", module, *arguments], environment)

    def run(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Child:
        """Run any command; it trusts the world's certificate and ends with the world."""
        authority = self.folder / "authority.pem"
        trusted = {"SSL_CERT_FILE": str(authority)} if authority.exists() else {}
        child = Child(name, command, self.folder, {**trusted, **(environment or {})})
        self._stack.callback(child.end)
        return child

    def addresses(self, *, tls: bool = False) -> tuple[str, str]:
        """REST addresses of Upbit and Binance."""
        found = self.ready["tls" if tls else "plain"]
        return found["upbit"]["rest"], found["binance"]["rest"]

    def ready_file(self, *, tls: bool = False) -> Path:
        """What an engine in paper mode reads: addresses and keys."""
        path = self.folder / ("tls.json" if tls else "plain.json")
        found = {**self.ready["tls" if tls else "plain"], "keys": self.ready["keys"]}
        path.write_text(json.dumps(found))
        return path


@contextmanager
def open_world(
    *,
    simulated: bool,
    tls: bool = False,
    symbols: Sequence[str] = ("BTC",),
    opening: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[World]:
    """Start a front; all processes of the world end with the context.

    Args:
        simulated: the simulated exchanges stand behind it; else it answers by itself.
        tls: it can be reached over TLS too.
        symbols: that are listed.
        opening: money of the simulated accounts, by ``krw`` and ``usdt``.
        folder: kept afterwards; a temporary one by default.
    """
    with ExitStack() as stack:
        if folder is None:
            temporary = tempfile.TemporaryDirectory(prefix="bench-")
            folder = Path(stack.enter_context(temporary))
        descriptor, name = tempfile.mkstemp(
            prefix="bench-stamps-", dir=_MEMORY if _MEMORY.is_dir() else None
        )
        os.close(descriptor)
        stamps = Path(name)
        stack.callback(stamps.unlink, missing_ok=True)
        Stamps(stamps, create=True).close()
        world = World(stack, folder, stamps)
        certificate: list[str] = []
        if tls:
            made = make_certificates(folder)
            certificate = [str(made.chain), str(made.key)]
        behind: dict[str, Any] = {}
        if simulated:
            behind = _start_simulators(world, symbols, opening or {})
        _start_front(world, behind, certificate)
        yield world


def _start_simulators(
    world: World, symbols: Sequence[str], opening: Mapping[str, str]
) -> dict[str, Any]:
    ready = world.folder / "simulators.json"
    ready.unlink(missing_ok=True)
    world.start(
        "simulators",
        "benchmarks.exchange.simulators",
        *("--ready-file", str(ready), "--symbols", ",".join(symbols)),
        *("--opening", json.dumps(dict(opening))),
    ).wait_for(ready)
    found: dict[str, Any] = json.loads(ready.read_text())
    return found


def _start_front(world: World, behind: Mapping[str, Any], certificate: list[str]) -> None:
    ports = [behind[name]["rest"].rpartition(":")[2] if behind else "0" for name in _NAMES]
    native = front(tls=bool(certificate))
    python = (sys.executable, "-m", "benchmarks.exchange.front_process")
    command = (str(native),) if native else python
    world.front = world.run("front", [*command, str(world.stamps), *ports, *certificate])
    world.is_native = native is not None
    listening: dict[str, list[int]] = world.front.answer()
    for kind, (upbit, binance) in listening.items():
        s = "s" if kind == "tls" else ""
        world.ready[kind] = {
            "upbit": {
                "rest": f"http{s}://{HOST}:{upbit}",
                "ws": f"ws{s}://{HOST}:{upbit}/websocket/v1",
            },
            "binance": {"rest": f"http{s}://{HOST}:{binance}", "ws": f"ws{s}://{HOST}:{binance}"},
        }
    if behind:
        world.ready["keys"] = behind["keys"]
