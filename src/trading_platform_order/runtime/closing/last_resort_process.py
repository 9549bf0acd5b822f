"""``deploy/last_resort.py`` as a process of its own, started by the watchdog.

The account is taken first, as for any close: no engine works beside it. The process gets the
descriptor of the account's lock file, so that the account stays taken as long as it works, even if
the watchdog dies; it is ended with a watchdog that is stopped. Its keys are its own, and go by its
environment alone. What it says goes to a file, which nobody has to read for it to get on.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from pathlib import Path

from trading_platform_order.runtime.addresses import Configs
from trading_platform_order.runtime.closing.last_resort_setup import LastResortSetup
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.lease import AccountLease
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock
from trading_platform_order.watchdog.ports import CannotClose

LAST_BYTES = 2_000
_FILE_MODE = 0o600


class HeldAccount:
    """An account that was taken for a program that is no engine."""

    def __init__(self, lock: AccountLock, lease: AccountLease, epoch: int) -> None:
        self._lock = lock
        self._lease = lease
        self._epoch = epoch

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Of the account's lock file; none where a hung process has it that cannot be ended."""
        return () if self._lock.descriptor is None else (self._lock.descriptor,)

    async def renew(self) -> bool:
        """One more sign that it is held; false if it is another holder's by now."""
        try:
            return await self._lease.renew(self._epoch)
        except StoreUnavailable:
            return True  # nobody can have taken it through a store that cannot be used


class LastResortProcess:
    """See :class:`trading_platform_order.watchdog.ports.LastResort`."""

    def __init__(
        self,
        *,
        setup: LastResortSetup,
        configs: Configs,
        held: Callable[[str], AbstractAsyncContextManager[HeldAccount]],
        beat_s: float,
    ) -> None:
        self._setup = setup
        self._configs = configs
        self._held = held
        self._beat_s = beat_s

    def why_not(self) -> str:
        """Why it could not be started now, with the cure."""
        return self._setup.fault()

    def words(self) -> str:
        """Its last line."""
        try:
            with self._setup.log.open("rb") as file:
                file.seek(max(file.seek(0, os.SEEK_END) - LAST_BYTES, 0))
                lines = file.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    async def run(self, reason: str) -> str:
        """Have it close until it ends; why something is left."""
        async with self._held(f"the last resort: {reason}") as account:
            process = await self._started(account)
            ending = asyncio.ensure_future(process.wait())
            try:
                while not ending.done():
                    if not await account.renew():
                        return "another process took the account"
                    await asyncio.wait([ending], timeout=self._beat_s)
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                await ending
        code = process.returncode
        return "" if code == 0 else f"it ended with {code}: {self.words()}"

    async def _started(self, account: HeldAccount) -> Process:
        setup, (upbit, binance) = self._setup, self._configs
        # -I: nothing of this program's folders or variables reaches it.
        words = (sys.executable, "-I", str(setup.script), str(setup.owned), "--really")
        places = ("--upbit-url", upbit.rest_url, "--binance-url", binance.rest_url)
        try:
            with _appending(setup.log) as log:
                return await asyncio.create_subprocess_exec(
                    *words,
                    *places,
                    env=_without_ours(os.environ) | setup.environment(),
                    stdin=DEVNULL,
                    stdout=log,
                    stderr=STDOUT,
                    pass_fds=account.descriptors,
                )
        except OSError as problem:
            raise CannotClose(f"the last resort does not start: {problem}") from None


@contextmanager
def _appending(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, _FILE_MODE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Proxies and certificates of this machine, and no key of engine or watchdog."""
    return {name: text for name, text in environment.items() if not name.startswith("TPORDER_")}
