"""One front, with or without simulated exchanges behind it, and whatever is started on it."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.exchange.certificates import make_certificate
from benchmarks.exchange.stamps import Stamps
from benchmarks.measure.processes import Child

_MEMORY = Path("/dev/shm")  # noqa: S108 - shared memory, with a random name


class World:
    """A front and what it needs. Use :func:`open_world`.

    Attributes:
        folder: of this world's files.
        stamps: the ring that the front writes.
        front: the front's process.
    """

    def __init__(self, stack: ExitStack, folder: Path, stamps: Path) -> None:
        self._stack = stack
        self.folder = folder
        self.stamps = stamps
        self.front: Child | None = None
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
        certificate = self.folder / "certificate.pem"
        trusted = {"SSL_CERT_FILE": str(certificate)} if certificate.exists() else {}
        child = Child(
            name,
            [python, "-m", module, *arguments],
            self.folder,
            {**trusted, **(environment or {})},
        )
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
            made = tempfile.TemporaryDirectory(prefix="bench-")
            folder = Path(stack.enter_context(made))
        descriptor, name = tempfile.mkstemp(
            prefix="bench-stamps-", dir=_MEMORY if _MEMORY.is_dir() else None
        )
        os.close(descriptor)
        stamps = Path(name)
        stack.callback(stamps.unlink, missing_ok=True)
        Stamps(stamps, create=True).close()
        world = World(stack, folder, stamps)
        more: list[str] = []
        if tls:
            certificate, key = make_certificate(folder)
            more += ["--certificate", str(certificate), "--key", str(key)]
        if simulated:
            behind = folder / "simulators.json"
            behind.unlink(missing_ok=True)
            simulators = world.start(
                "simulators",
                "benchmarks.exchange.simulators",
                *("--ready-file", str(behind), "--symbols", ",".join(symbols)),
                *("--opening", json.dumps(dict(opening or {}))),
            )
            simulators.wait_for(behind)
            more += ["--behind", str(behind)]
        ready = folder / "front.json"
        ready.unlink(missing_ok=True)
        world.front = world.start(
            "front",
            "benchmarks.exchange.front_process",
            *("--stamps", str(stamps), "--ready-file", str(ready), *more),
        )
        world.front.wait_for(ready)
        world.ready = json.loads(ready.read_text())
        yield world
