"""Getting an account on this machine: its lock file, its lease, and the processes that hold them.

``tporder run`` asks once and is refused while another engine lives; ``tporder run --standby`` waits
(:mod:`trading_platform_order.runtime.lease.lease_candidate`). Nothing is read from the exchanges
here, and nothing is written but the lease.
"""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.runtime.alerting.standby_pages import paging
from trading_platform_order.runtime.assembly import heartbeat_settings
from trading_platform_order.runtime.host.holder import (
    Ended,
    end_process,
    is_alive,
    this_process,
    with_lock,
)
from trading_platform_order.runtime.lease.heartbeat import let_watchdog_finish
from trading_platform_order.runtime.lease.lease_candidate import Candidate, TakingSettings
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.storage.base import SchemaMismatch, Store, StoreUnavailable
from trading_platform_order.storage.lease import Holder, Lease
from trading_platform_order.storage.relational.epochs import Taking
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock, AccountLocked
from trading_platform_order.storage.sqlite.writers.lease import is_writable, lease_of
from trading_platform_order.storage.sqlite.writers.liveness import open_liveness_store
from trading_platform_order.storage.sqlite.writers.renewals import RenewalFile
from trading_platform_order.transport.clock import Clock, SystemClock, epoch_us

LOCK_AGAIN_S = 1.0


@dataclass(slots=True, kw_only=True)
class Taken:
    """The right to open the account's store for writing, once.

    Attributes:
        lock: the account's file; not held where a hung process has it that cannot be ended.
        renewals: how often the account's lease was renewed.
        holder: this process.
        reason: why the account is ours now, for operators.
        lease: as it was judged; ``None`` for a new account.
        was_alive: its holder may still run.
        is_takeover: a standby waited for it, and its holder did not let go of it.
    """

    lock: AccountLock
    renewals: RenewalFile
    holder: Holder
    reason: str
    lease: Lease | None = None
    was_alive: bool = False
    is_takeover: bool = False

    def taking(self, at_us: int) -> Taking:
        """What the store's opening enters."""
        used_epoch, _ = self.renewals.read()
        return Taking(
            holder=self.holder,
            reason=self.reason,
            at_us=at_us,
            seen_epoch=None if self.lease is None else self.lease.epoch,
            used_epoch=used_epoch,
        )

    async def begin(self, store: Store, *, lease_s: float, clock: Clock) -> None:
        """Just after the opening: the epoch is used, whatever becomes of the store.

        A holder that renewed while its lease was taken may not know it yet. It learns of it at its
        next renewal, and sends nothing any more once this one is ``lease_s`` old.
        """
        _, count = self.renewals.read()
        self.renewals.begin(store.epoch)
        if self.is_takeover:
            fields = {"account": f"epoch {store.epoch}", "why": self.reason}
            alert = Alert(kind=AlertKind.TAKEN_OVER, urgent=True, fields=fields)
            await store.append([], at_us=epoch_us(clock.now()), alerts=[alert])
        if self.was_alive and self.lease is not None and count != self.lease.renewal:
            await asyncio.sleep(lease_s)

    async def run(self) -> None:
        """Get the account's file as soon as the kernel takes it from a hung holder."""
        while not self.holder.has_lock:
            try:
                self.lock.acquire()
            except AccountLocked:
                await asyncio.sleep(LOCK_AGAIN_S)
            else:
                self.holder = with_lock(self.holder, has_lock=True)


class AccountFiles:
    """A :class:`Standing` on this machine.

    Attributes:
        lock: the account's file.
    """

    def __init__(self, path: Path, account: str) -> None:
        self._path = path
        self._account = account
        self.lock = AccountLock(path, account)
        self._has_lock = False
        self.here = this_process(has_lock=True)

    def try_lock(self) -> bool:
        """Take the account's file, if nobody has it; true also if it is held already."""
        if not self._has_lock:
            try:
                self.lock.acquire()
            except AccountLocked:
                return False
            self._has_lock = True
        return True

    def release(self) -> None:
        """Let go of the account's file; nothing happens if it is not held."""
        self.lock.release()
        self._has_lock = False

    async def lease(self) -> Lease | None:
        """As it stands; ``None`` where there is none yet, or another version's store."""
        try:
            return lease_of(self._path, account=self._account)
        except (StoreUnavailable, SchemaMismatch):
            return None

    def is_alive(self, holder: Holder) -> bool | None:
        """Whether its process is there."""
        return is_alive(holder, self.here)

    async def end(self, holder: Holder) -> Ended:
        """Kill it, and wait beside the event loop until it is gone."""
        return await asyncio.to_thread(end_process, holder, self.here)

    def can_write(self) -> bool:
        """Nobody holds the database's write lock."""
        return is_writable(self._path)


async def take_account(
    path: Path,
    account: str,
    *,
    settings: TakingSettings,
    waits: bool,
    tell: Callable[[str], None],
    page: Callable[[str, float], None],
) -> Taken:
    """The account, for a service that opens its store next.

    Args:
        path: of the store.
        account: whose.
        settings: how long a holder is waited for.
        waits: stand by while another engine lives; else it is refused.
        tell: told in one line what an operator should know.
        page: told what an operator must do something about.

    Raises:
        AccountLocked: another engine lives (without ``waits``).
        LeaseTaken: another engine lives that could not get the lock file (without ``waits``).
    """
    files = AccountFiles(path, account)
    candidate = Candidate(
        standing=files,
        here=files.here,
        boottime=SystemClock().boottime,
        settings=settings,
        tell=tell,
        page=page,
    )
    try:
        if waits:
            found = await candidate.grounds()
        else:
            files.lock.acquire()
            found = await candidate.now()
    except BaseException:
        files.lock.release()
        raise
    return Taken(
        lock=files.lock,
        renewals=RenewalFile(path, account),
        holder=with_lock(files.here, has_lock=found.has_lock),
        reason=found.reason,
        lease=found.lease,
        was_alive=found.is_alive,
        is_takeover=waits and found.lease is not None and not found.lease.is_released,
    )


async def take_or_stop(
    settings: Settings,
    path: Path,
    announce: Callable[[str], None],
    stop: asyncio.Event,
    *,
    waits: bool,
) -> Taken | None:
    """As :func:`take_account`; ``None`` if ``stop`` is set while another engine has the account."""
    part = settings.watchdog
    async with paging(settings, path, announce) as page:

        async def take() -> Taken:
            relieved = await _let_watchdog_finish(settings, path, announce)
            return await take_account(
                path,
                settings.engine.account,
                settings=TakingSettings(lapse_s=part.lapse_s, lease_s=part.lease_s),
                waits=waits or relieved,
                tell=announce,
                page=page,
            )

        taking = asyncio.ensure_future(take())
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait((taking, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not taking.done():
            taking.cancel()
            await asyncio.wait((taking,))
            return None
    return taking.result()


async def _let_watchdog_finish(settings: Settings, path: Path, tell: Callable[[str], None]) -> bool:
    """As :func:`let_watchdog_finish`; where there is no store yet, no watchdog has begun."""
    try:
        watch = open_liveness_store(path, account=settings.engine.account)
    except (StoreUnavailable, SchemaMismatch):
        return False
    try:
        return await let_watchdog_finish(
            watch,
            clock=SystemClock(),
            boot=f"waits {uuid.uuid4().hex}",
            settings=heartbeat_settings(settings),
            tell=tell,
        )
    finally:
        await watch.close()
