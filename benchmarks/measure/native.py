"""The parts in C, built where a compiler is; without one the front runs in Python."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

from benchmarks.measure.processes import ROOT

SOURCES = ROOT / "benchmarks" / "native"
BUILT = ROOT / "out" / "bench"
_BUILD_S = 120


@cache
def built(name: str, *libraries: str, define: str = "") -> Path | None:
    """The program ``name``, built anew if its source is younger; ``None`` without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    source = SOURCES / f"{name}.c"
    program = BUILT / f"{name}{define.lower()}"
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    BUILT.mkdir(parents=True, exist_ok=True)
    draft = program.with_suffix(".draft")
    done = subprocess.run(
        [
            *(compiler, "-O2", "-Wall", "-Wextra", "-Werror", *([f"-D{define}"] if define else [])),
            *("-o", str(draft), str(source), *(f"-l{library}" for library in libraries)),
        ],
        capture_output=True,
        check=False,
        timeout=_BUILD_S,
    )
    if done.returncode:
        return None
    draft.replace(program)
    return program


def front(*, tls: bool) -> Path | None:
    """The front; over TLS it needs OpenSSL's headers."""
    return built("front", "ssl", "crypto", define="WITH_TLS") if tls else built("front")


def floor() -> Path | None:
    """The floor in C."""
    return built("floor")
