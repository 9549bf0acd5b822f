"""The picture that goes with the daily report: profit and premium, as ``tporder report`` draws it.

It is drawn by that command, in a process of its own and the least urgent one of its machine: a
journal of years takes a while to read, and the library that draws is never loaded by an engine.
Without that library (an extra), or when it takes too long, the report goes out as text alone.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from trading_platform_order.domain.alert import AlertKind, PendingAlert
from trading_platform_order.words.text import locale

LIMIT_S = 180.0
NICE = 19
BYTES_MAX = 4_000_000
"""Half of what the strictest of the usual services takes (Discord docs, 10 MiB @2026-11)."""
_ENDS_IN_S = 5.0
_KEPT = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "MPLCONFIGDIR")
_DAY = timedelta(days=1)


def command(path: Path, account: str, until: datetime, picture: Path) -> Sequence[str]:
    """Draws the day before ``until``."""
    place = ("--db", str(path), "--account", account)
    period = ("--from", (until - _DAY).isoformat(), "--to", until.isoformat())
    program = (sys.executable, "-m", "trading_platform_order.cli.main", "report")
    return (*program, *place, *period, "--png", str(picture))


class ReportPictures:
    """Of one account; keeps the last one, for every channel that still has to send it."""

    def __init__(
        self,
        path: Path,
        account: str,
        *,
        zone: ZoneInfo,
        limit_s: float = LIMIT_S,
        nice: int = NICE,
    ) -> None:
        """``zone``: of the times in the picture; ``nice``: how little its process presses."""
        self._path = path
        self._account = account
        self._zone = zone
        self._limit_s = limit_s
        self._nice = nice
        self._until = ""
        self._picture = b""

    def of(self, pending: PendingAlert) -> bytes:
        """The picture that belongs to an alert, as PNG; empty if there is none."""
        alert = pending.alert
        is_report = alert.kind is AlertKind.DAILY_REPORT
        return self._picture if is_report and alert.fields.get("until") == self._until else b""

    async def draw(self, until: datetime) -> None:
        """Draw the day before ``until``, as far as that can be done in time."""
        self._until, self._picture = until.isoformat(timespec="minutes"), b""
        with tempfile.TemporaryDirectory(prefix="tporder-") as folder:
            picture = Path(folder) / "report.png"
            if await self._drawn(until, picture):
                self._picture = await asyncio.to_thread(_read, picture)

    async def _drawn(self, until: datetime, picture: Path) -> bool:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        # No settings, and so no secrets; a folder to write into, because its library wants one.
        chosen = {"TPORDER_LANG": locale().language.value, "TPORDER_TIMEZONE": self._zone.key}
        process = await asyncio.create_subprocess_exec(
            *command(self._path, self._account, until, picture),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=picture.parent,
            env={"MPLCONFIGDIR": str(picture.parent)} | kept | chosen,
        )
        try:
            os.setpriority(os.PRIO_PROCESS, process.pid, self._nice)
            async with asyncio.timeout(self._limit_s):
                return await process.wait() == 0
        except (TimeoutError, ProcessLookupError):
            return False
        finally:
            if process.returncode is None:
                process.kill()
                await asyncio.wait_for(process.wait(), _ENDS_IN_S)


def _read(picture: Path) -> bytes:
    try:
        found = picture.read_bytes()
    except OSError:
        return b""
    return found if len(found) <= BYTES_MAX else b""
