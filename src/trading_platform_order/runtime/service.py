"""``tporder run``: the engine of one account as a service."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.exchanges.upbit import new_nonce
from trading_platform_order.executor.journal.snapshot import book_at_start
from trading_platform_order.notifications.external_heartbeat import ExternalHeartbeat
from trading_platform_order.observability.live_figures import live_path
from trading_platform_order.observability.log import WARNING, EngineLog
from trading_platform_order.risk.monitors.emergency_stop import Condition
from trading_platform_order.runtime.addresses import Configs, addresses, journalled
from trading_platform_order.runtime.alerting.alert_channels import open_channels
from trading_platform_order.runtime.alerting.alert_workers import AlertWorkers
from trading_platform_order.runtime.assembly import (
    Network,
    durability_of,
    executor_settings,
    heartbeat_settings,
    make_exchanges,
    pairs_of,
    stream_names,
    warm_servers,
)
from trading_platform_order.runtime.closing.last_resort_setup import last_resort_finding
from trading_platform_order.runtime.doors.command_consumer import CommandLoop
from trading_platform_order.runtime.doors.folder_door import folder_door
from trading_platform_order.runtime.doors.inbox_consumer import InboxLoop
from trading_platform_order.runtime.doors.redis_stream import redis_door
from trading_platform_order.runtime.doors.socket_door import socket_door
from trading_platform_order.runtime.engine import BUILD, Background, Engine, EngineWorld
from trading_platform_order.runtime.followers.followed import Followed
from trading_platform_order.runtime.followers.live_file import LiveFile
from trading_platform_order.runtime.followers.owned_file import owned_file, owned_path
from trading_platform_order.runtime.followers.snapshot_keeper import snapshot_keeper
from trading_platform_order.runtime.host.files.private_files import make_private
from trading_platform_order.runtime.host.files.stop_file import StopFile, stop_file_path
from trading_platform_order.runtime.host.holder import this_process
from trading_platform_order.runtime.host.machine import this_place
from trading_platform_order.runtime.host.wire_times import WireTimes
from trading_platform_order.runtime.lease.account_taking import Taken, take_or_stop
from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.runtime.serving import serve
from trading_platform_order.runtime.settings.live_keys import check_live, check_mode
from trading_platform_order.runtime.settings.settings import Mode, Settings
from trading_platform_order.runtime.startup.after_last_resort import AfterLastResort
from trading_platform_order.runtime.startup.death_notes import DeathFile, deaths_path
from trading_platform_order.runtime.startup.doctor import (
    NotReady,
    examine,
    faults_of,
    holder_finding,
    sqlite_finding,
)
from trading_platform_order.runtime.startup.known_filters import FilterFile
from trading_platform_order.runtime.startup.known_hindrances import HindranceFile
from trading_platform_order.runtime.startup.owned_state import owned_finding
from trading_platform_order.runtime.startup.pair_findings import confirmed_pairs
from trading_platform_order.signals.arrival.inbox import InboxSource
from trading_platform_order.signals.arrival.wakeup import SocketWake, wake_path
from trading_platform_order.storage.base import StoreBusy, StoreLocked, StoreUnavailable
from trading_platform_order.storage.lease import AccountLease, LeaseLost
from trading_platform_order.storage.liveness import LivenessStore
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.side_files.snapshots import SnapshotFile, snapshot_path
from trading_platform_order.storage.sqlite.database import sqlite_version
from trading_platform_order.storage.sqlite.store import SqliteStore, bring_up_to_date, open_inbox
from trading_platform_order.storage.sqlite.wal_flush import wal_flush
from trading_platform_order.storage.sqlite.writers.lease import lease_of, open_lease
from trading_platform_order.storage.sqlite.writers.liveness import open_liveness_store
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.transport.decorators.watched_websockets import WatchedWebSockets
from trading_platform_order.transport.http1.http1_transport import Http1Transport


async def run_service(
    settings: Settings,
    log: EngineLog,
    stop: asyncio.Event,
    beside: tuple[Callable[[Engine], Background], ...] = (),
    *,
    standby: bool = False,
) -> None:
    """Run until ``stop`` is set.

    Args:
        settings: all settings.
        log: told what an operator should know, and everything that becomes durable.
        stop: ends the engine; what is open stays journalled and is taken up at the next start.
        beside: further parts that run beside the engine, in its process.
        standby: wait while another engine runs on this account, and take over when it fails.

    Raises:
        SettingsRefused: live without keys or confirmation, and the like.
        AccountLocked: another engine runs on this account, and this is no standby.
        LeaseTaken: the same, and it runs without the account's lock file.
        StoreUnavailable: the journal cannot be used.
        SchemaMismatch: the store is a newer program's, or another program's database.
        JournalUnreadable: the journal is a newer program's.
        NotReady: the doctor found a fault and the mode is live.
        MadeWay: watchdog or successor act in this engine's place; start it again.
        LeaseLost: the same, found while something was written.
    """
    check_mode(settings)
    path = Path(settings.store.path)
    make_private(path)
    async with AsyncExitStack() as stack:
        taken = await take_or_stop(settings, path, log.announce, stop, waits=standby)
        if taken is None:
            return
        stack.callback(taken.lock.release)
        # First of all: whatever reads the store before the engine does (where paper's exchanges
        # stood) refuses an older program's, and there would be no way to bring it up to date.
        bring_up_to_date(path)
        configs = await addresses(settings, path, stack, keeps=True)
        followed = Followed.by(log, settings)
        followed = replace(followed, background=(*followed.background, *beside))
        service = _Service(settings, path, log.announce, followed)
        try:
            async with service.followed.beside_it(log.announce):
                await service.run(configs, stop, taken)
        except (ExceptionGroup, StoreUnavailable) as failed:
            # A journal that fails also fails to be closed: then that is what is raised.
            cause = first_of(failed) if isinstance(failed, ExceptionGroup) else failed
            # Nothing failed and nothing is lost: another process has the lock, or the account.
            held_up = isinstance(cause, StoreBusy | StoreLocked | LeaseLost)
            if isinstance(cause, StoreUnavailable) and service.has_opened and not held_up:
                service.leave_stop_file(cause)
            raise cause from failed


def first_of(failed: ExceptionGroup[Exception]) -> Exception:
    """What really went wrong, out of the nested groups."""
    inner = failed.exceptions[0]
    return first_of(inner) if isinstance(inner, ExceptionGroup) else inner


async def run_doctor(settings: Settings) -> list[Finding]:
    """Look at everything a live engine would refuse to start on; sends reads only.

    Raises:
        SettingsRefused: keys are missing, and the like.
        StoreUnavailable: the journal cannot be used.
    """
    if settings.engine.mode is Mode.LIVE:
        check_live(settings)
    path = Path(settings.store.path)
    sqlite = sqlite_finding(sqlite_version())
    if faults_of([sqlite]):
        return [sqlite]  # the store may not be opened, and all else is held against it
    async with AsyncExitStack() as stack:
        configs = await addresses(settings, path, stack)
        service = _Service(settings, path, lambda _: None)
        book, confirmed = await journalled(settings, path)
        found = await service.examine(service.exchanges(configs, stack), book, confirmed)
        http = AiohttpTransport()
        stack.push_async_callback(http.close)
        lease = lease_of(path, account=settings.engine.account)
        found.append(holder_finding(lease, this_process(has_lock=False)))
        found.append(await _owned_finding(settings, path))
        found.append(last_resort_finding(settings, path))
        return [*found, *open_channels(settings, http).findings]


async def _owned_finding(settings: Settings, path: Path) -> Finding:
    account = settings.engine.account
    reader = open_inbox(path, account=account)
    try:
        return owned_finding(owned_path(path, account), last_row=(await reader.overview()).head_seq)
    finally:
        await reader.close()


class _Service:
    """Everything an engine needs from the machine, opened and closed around it."""

    def __init__(
        self,
        settings: Settings,
        path: Path,
        announce: Callable[[str], None],
        followed: Followed | None = None,
    ) -> None:
        self._gate = WireGate()
        self.followed = followed or Followed()
        self._settings = settings
        self._path = path
        self._announce = announce
        self._clock = SystemClock()
        self._wire = WireTimes(time.monotonic)
        self._snapshot = SnapshotFile(snapshot_path(path, settings.engine.account))
        self.has_opened = False
        self._stop_file = StopFile(
            path=stop_file_path(settings.risk.stop_file, path, settings.engine.account)
        )

    def _warn(self, text: str) -> None:
        self._announce(f"{WARNING}{text}")

    def leave_stop_file(self, cause: StoreUnavailable) -> None:
        """The journal cannot say that trading is to stay stopped; this file does."""
        reason = f"{Condition.JOURNAL_NOT_WRITABLE}: {cause}"
        problem = self._stop_file.leave(reason)
        self._announce(problem or f"trading stays stopped while {self._stop_file.path} exists")

    async def run(self, configs: Configs, stop: asyncio.Event, taken: Taken) -> None:
        """Serve until ``stop`` is set, with the account that was taken."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            store = SqliteStore(
                self._path,
                account=settings.engine.account,
                build=BUILD,
                durability=durability_of(settings),
                place=this_place(),
                lock_wait=LockWait(limit_s=settings.store.lock_wait_s, tell=self._warn),
                on_commit=self.followed.feed.commit,
                taking=taken.taking(epoch_us(self._clock.now())),
            )
            self.has_opened = True
            stack.push_async_callback(store.close)
            await taken.begin(store, lease_s=settings.watchdog.lease_s, clock=self._clock)
            wake = SocketWake(wake_path(self._path, settings.engine.account))
            stack.callback(wake.close)
            problem = wake.open()
            if problem:
                self._announce(f"{problem}; the inbox is looked at every second instead")
            exchanges = self.exchanges(configs, stack)
            watch = open_liveness_store(self._path, account=settings.engine.account)
            stack.push_async_callback(watch.close)
            lease = open_lease(self._path, account=settings.engine.account)
            stack.callback(lease.close)
            engine = self._engine(exchanges, store, watch, lease)
            self.followed.feed.trade_of = engine.trade_of
            if settings.engine.mode is Mode.LIVE:
                # It reads the whole journal and both exchanges: longer than silence is borne.
                async with engine.starting():
                    book = await self._book(engine, store)
                    await self._require_ready(exchanges, book, await confirmed_pairs(store))
            alerts = AlertWorkers(
                settings,
                store,
                self._http(stack),
                clock=self._clock,
                path=self._path,
                warn=self._warn,
            )
            background = (lambda _: taken, *self._background(store, wake, stack, alerts))
            await serve(settings, engine, background, self._announce, stop)
            await alerts.last_words()
        self._announce("engine stopped; what is open is journalled and goes on at the next start")

    async def _book(self, engine: Engine, store: SqliteStore) -> AccountBook:
        """What the exchanges are held against; empty if a part of it is set aside."""
        with engine.noting_deaths():
            book = await book_at_start(
                store,
                self._snapshot,
                account=self._settings.engine.account,
                rows_lost_in=store.rows_lost_in,
                tell=self._warn,
                aside=engine.aside,
            )
        return AccountBook() if engine.aside else book

    def _http(self, stack: AsyncExitStack) -> AiohttpTransport:
        http = AiohttpTransport()
        stack.push_async_callback(http.close)
        return http

    async def _require_ready(
        self, exchanges: PairExchanges, book: AccountBook, confirmed: frozenset[str]
    ) -> None:
        findings = await self.examine(exchanges, book, confirmed)
        for finding in findings:
            if finding.level is Level.WARNING:
                self._announce(f"{WARNING}{finding.subject}: {finding.text}; {finding.remedy}")
        faults = faults_of(findings)
        if faults:
            lines = (f"{fault.subject}: {fault.text}; cure: {fault.remedy}" for fault in faults)
            raise NotReady("not started: " + " | ".join(lines))

    async def examine(
        self, exchanges: PairExchanges, book: AccountBook, confirmed: frozenset[str]
    ) -> list[Finding]:
        """What the doctor finds."""
        return await examine(
            settings=self._settings,
            exchanges=exchanges,
            clock=self._clock,
            ledger=book.ledger if book.is_open else None,
            prefix=f"t{executor_settings(self._settings).policy.mode}-",
            pairs=pairs_of(self._settings),
            confirmed=confirmed,
        )

    def exchanges(self, configs: Configs, stack: AsyncExitStack) -> PairExchanges:
        """Both adapters, closed with the stack."""
        websockets = AiohttpWebSockets()
        stack.push_async_callback(websockets.close)
        upbit, binance = configs
        http = Http1Transport(warm=warm_servers(upbit, binance), on_wire=self._wire.note)
        stack.push_async_callback(http.close)
        network = Network(
            http=http,
            websockets=WatchedWebSockets(
                websockets,
                name_of=stream_names(upbit, binance),
                on_change=self.followed.feed.stream,
                now=self._clock.now,
            ),
            clock=self._clock,
            nonce=new_nonce,
            gate=self._gate,
        )
        return make_exchanges(network=network, upbit_config=upbit, binance_config=binance)

    def _engine(
        self,
        exchanges: PairExchanges,
        store: SqliteStore,
        watch: LivenessStore,
        lease: AccountLease,
    ) -> Engine:
        return Engine(
            world=EngineWorld(
                exchanges=exchanges,
                store=store,
                clock=self._clock,
                wire_time=self._wire.of,
                watch=watch,
                lease=lease,
                gate=self._gate,
                snapshot=self._snapshot,
                deaths=AfterLastResort(
                    DeathFile(deaths_path(self._path, self._settings.engine.account)),
                    owned_path(self._path, self._settings.engine.account),
                ),
                stop_flag=self._stop_file.reason,
                known_filters=FilterFile(self._path.with_suffix(".filters.json")),
                known_hindrances=HindranceFile(self._path.with_suffix(".hindrances.json")),
            ),
            heartbeat=heartbeat_settings(self._settings),
            settings=executor_settings(self._settings),
            leverage=self._settings.binance.leverage,
            on_problem=self._warn,
            clock_check_s=self._settings.engine.clock_check_s,
        )

    def _background(
        self,
        store: SqliteStore,
        wake: SocketWake,
        stack: AsyncExitStack,
        alerts: AlertWorkers,
    ) -> tuple[Callable[[Engine], Background], ...]:
        source = InboxSource(store, wake, stopwatch=self._clock.monotonic)

        def inbox(engine: Engine) -> Background:
            return InboxLoop(engine=engine, store=store, source=source, clock=self._clock)

        def commands(engine: Engine) -> Background:
            return CommandLoop(executor=engine.executor, store=store)

        def live_file(engine: Engine) -> Background:
            return LiveFile(
                engine,
                settings=self._settings,
                clock=self._clock,
                path=live_path(self._path, self._settings.engine.account),
                announce=self._announce,
            )

        parts: list[Callable[[Engine], Background]] = [inbox, commands, live_file]
        owned = self.followed.owned
        parts.append(owned_file(self._settings, self._path, owned, store, self._announce))
        account = self._settings.engine.account
        parts.append(snapshot_keeper(store, self._path, account, self._snapshot, self._warn))
        parts += self.followed.background
        reader = open_inbox(self._path, account=self._settings.engine.account)
        stack.push_async_callback(reader.close)
        parts.append(
            socket_door(
                self._settings,
                self._path,
                reader=reader,
                source=source,
                wake=wake,
                clock=self._clock,
                waits=self.followed.waits,
                on_problem=self._warn,
            )
        )
        parts += folder_door(self._settings, store, wake, self._announce)
        flush = wal_flush(self._path, durability_of(self._settings))
        parts += redis_door(self._settings, self._clock, flush, self._warn)
        url = self._settings.heartbeat.engine_url
        if url:
            outside = ExternalHeartbeat(
                http=self._http(stack),
                url=url.reveal(),
                interval_s=self._settings.heartbeat.interval_s,
                on_problem=self._warn,
            )
            parts.append(lambda _: outside)
        parts += alerts.parts()
        return tuple(parts)
