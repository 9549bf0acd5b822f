"""``tporder watchdog``: the second pair of eyes of one account as a service."""

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import attrs
from msgspec.structs import replace

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.notifications.external_heartbeat import ExternalHeartbeat
from trading_platform_order.notifications.outbox_worker import OutboxWorker, always
from trading_platform_order.risk.hindrances.key_expiry import due_warning
from trading_platform_order.runtime.addresses import addresses
from trading_platform_order.runtime.alerting.alert_channels import open_channels
from trading_platform_order.runtime.alerting.alert_situation import situation_of
from trading_platform_order.runtime.alerting.alerts_beside import AlertsBeside, holder_stuck
from trading_platform_order.runtime.assembly import (
    MODE_LETTER,
    Network,
    make_exchanges,
    margin_limits,
    warm_servers,
)
from trading_platform_order.runtime.clock_monitor import keep_measuring
from trading_platform_order.runtime.closing.failure_file import FailureFile, failures_path
from trading_platform_order.runtime.closing.last_resort_process import LastResortProcess
from trading_platform_order.runtime.closing.last_resort_setup import (
    last_resort_finding,
    last_resort_setup,
)
from trading_platform_order.runtime.closing.watchdog_closing import (
    ClosingWorld,
    WatchdogClosing,
)
from trading_platform_order.runtime.followers.owned_file import owned_path
from trading_platform_order.runtime.host.files.stop_file import StopFile, stop_file_path
from trading_platform_order.runtime.host.machine import this_place
from trading_platform_order.runtime.host.wire_times import WireTimes
from trading_platform_order.runtime.live_market import LiveMarket
from trading_platform_order.runtime.service import first_of
from trading_platform_order.runtime.settings.feed import from_section
from trading_platform_order.runtime.settings.settings import Mode, Settings, SettingsRefused
from trading_platform_order.runtime.startup.after_last_resort import UNFINISHED, AfterLastResort
from trading_platform_order.runtime.startup.death_notes import DeathFile, deaths_path
from trading_platform_order.runtime.startup.doctor import faults_of
from trading_platform_order.storage.replica import Replica
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock
from trading_platform_order.storage.sqlite.writers.liveness import open_liveness_store
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.checked_clock import CheckedClock
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.http1.http1_transport import Http1Transport
from trading_platform_order.watchdog.journal_snapshot import read_journal
from trading_platform_order.watchdog.ports import (
    ExitRules,
    OwnedStore,
    WatchdogPorts,
    WatchdogSettings,
)
from trading_platform_order.watchdog.watchdog import STORE_FAULTS, Watchdog

FIT_AGAIN_S = 3_600.0
FAULTY_AGAIN_S = 300.0


async def run_watchdog(
    settings: Settings, announce: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Run until ``stop`` is set. It needs no engine and no store to start.

    Raises:
        SettingsRefused: live without keys of its own, paper without a running simulator.
        AccountLocked: another watchdog runs on this account.
    """
    check_own_keys(settings)
    path = Path(settings.store.path)
    async with AsyncExitStack() as stack:
        stack.enter_context(AccountLock(f"{path}.watchdog", settings.engine.account))
        service = _WatchdogService(settings, path, announce)
        try:
            await service.run(stack, stop)
        except ExceptionGroup as failed:
            raise first_of(failed) from failed


def check_own_keys(settings: Settings) -> None:
    """A watchdog that shares the engine's keys shares its fate when they are revoked or throttled.

    Raises:
        SettingsRefused: naming what is missing.
    """
    mode, own = settings.engine.mode, settings.watchdog
    if mode is not Mode.LIVE and not settings.paper.ready_file:
        raise SettingsRefused(
            f"a watchdog in {mode} mode needs the simulator that the engine trades on: start "
            "`tporder simulator serve --ready-file FILE` and set paper.ready_file for both"
        )
    pairs = {
        "TPORDER_WATCHDOG_BINANCE_API_KEY": (own.binance_api_key, settings.binance.api_key),
        "TPORDER_WATCHDOG_BINANCE_SECRET_KEY": (
            own.binance_secret_key,
            settings.binance.secret_key,
        ),
    }
    if mode is Mode.LIVE:
        pairs |= {
            "TPORDER_WATCHDOG_UPBIT_ACCESS_KEY": (own.upbit_access_key, settings.upbit.access_key),
            "TPORDER_WATCHDOG_UPBIT_SECRET_KEY": (own.upbit_secret_key, settings.upbit.secret_key),
        }
    elif mode is Mode.PAPER:
        return
    missing = [name for name, (mine, _) in pairs.items() if not mine]
    if missing:
        raise SettingsRefused(f"the watchdog needs keys of its own; set {', '.join(missing)}")
    shared = [name for name, (mine, engines) in pairs.items() if mine == engines]
    if shared:
        raise SettingsRefused(
            f"the watchdog's keys are the engine's: make others for {', '.join(shared)}"
        )


def with_own_keys(settings: Settings) -> Settings:
    """The settings as the adapters of the watchdog shall see them."""
    own = settings.watchdog
    return replace(
        settings,
        upbit=replace(
            settings.upbit, access_key=own.upbit_access_key, secret_key=own.upbit_secret_key
        ),
        binance=replace(
            settings.binance, api_key=own.binance_api_key, secret_key=own.binance_secret_key
        ),
    )


def watchdog_settings(
    settings: Settings, *, symbols: tuple[str, ...], boot: str
) -> WatchdogSettings:
    """The watchdog's part of the settings."""
    return from_section(
        WatchdogSettings,
        settings.watchdog,
        mode=MODE_LETTER[settings.engine.mode],
        account=settings.engine.account,
        symbols=symbols,
        boot=boot,
        book_age_s_max=settings.risk.stale_s_max,
        gap_s=settings.risk.gap_s,
        margin=margin_limits(settings.risk),
        exits=from_section(ExitRules, settings.risk),
        keeps=("tick_s", "remind_s", "retry_first_s", "retry_max_s", "idle_s"),
    )


async def watched_bases(
    settings: Settings, path: Path, announce: Callable[[str], None]
) -> tuple[str, ...]:
    """The allow-list, and whatever is held though its symbol has left that list.

    A store that cannot be read, or is not to be trusted, is the running watchdog's to tell.
    """
    listed = set(settings.engine.symbols)
    replica = Replica(settings.engine.account)
    try:
        reader = open_reader(path, account=settings.engine.account)
        try:
            await replica.follow(reader)
        finally:
            await reader.close()
    except STORE_FAULTS as problem:
        announce(f"the store cannot be read yet: {problem}")
        return tuple(sorted(listed))
    return tuple(sorted(listed | read_journal(replica).bases))


@attrs.define(kw_only=True, eq=False, repr=False)
class FitnessCheck:
    """Asks again and again whether the watchdog's own keys would let it act; places nothing.

    They are used for reading alone until the day they are needed: one that may not order, or has
    expired, would close one leg and leave the other.

    ``besides``: how the last resort stands, which no exchange tells.
    """

    _exchanges: PairExchanges
    _bases: tuple[str, ...]
    _leverage: int
    _tell: Callable[[Alert], None]
    _now: Callable[[], datetime]
    _besides: Callable[[], Finding] | None = None
    _told: tuple[str, ...] = attrs.field(default=(), init=False)

    async def run(self) -> None:
        """Until cancelled. What is found twice in a row is told; an outage alone passes."""
        before: tuple[str, ...] = ()
        while True:
            faults = await self._faults()
            lasting = tuple(fault for fault in faults if fault in before)
            lasting += await self._endings()
            if lasting and lasting != self._told:
                fields = {"faults": "; ".join(lasting)}
                self._tell(Alert(kind=AlertKind.WATCHDOG_UNFIT, urgent=True, fields=fields))
            self._told, before = lasting, faults
            await asyncio.sleep(FAULTY_AGAIN_S if faults else FIT_AGAIN_S)

    async def _faults(self) -> tuple[str, ...]:
        found: list[str] = []
        for leg in Leg:
            symbols = tuple(leg_symbol(leg, base) for base in self._bases)
            findings = await self._exchanges.of(leg).inspect(symbols, leverage=self._leverage)
            found += [f"{one.subject}: {one.text}; {one.remedy}" for one in faults_of(findings)]
        one = self._besides() if self._besides is not None else None
        if one is not None and one.level is not Level.OK:
            found.append(f"{one.subject}: {one.text}; {one.remedy}")
        return tuple(found)

    async def _endings(self) -> tuple[str, ...]:
        """Keys near their last day; said anew when the next warning is due."""
        found = []
        for venue, exchange in self._exchanges.items():
            ends = await exchange.key_expires_at()
            days = due_warning(ends, self._now()) if isinstance(ends, datetime) else None
            if days is not None:
                found.append(f"{venue.value} API key: ends within {days} days; make a new one")
        return tuple(found)


class _WatchdogService:
    """Everything a watchdog needs from the machine."""

    def __init__(self, settings: Settings, path: Path, announce: Callable[[str], None]) -> None:
        self._settings = settings
        self._path = path
        self._announce = announce
        self._clock = SystemClock()
        self._alerts = AlertsBeside(path, settings.engine.account, clock=self._clock)

    async def run(self, stack: AsyncExitStack, stop: asyncio.Event) -> None:
        settings = self._settings
        http, websockets = AiohttpTransport(), AiohttpWebSockets()
        stack.push_async_callback(http.close)
        stack.push_async_callback(websockets.close)
        upbit, binance = await addresses(with_own_keys(settings), self._path, stack)
        exchanges = make_exchanges(
            network=Network(
                http=http,
                websockets=websockets,
                clock=self._clock,
                nonce=lambda: str(uuid.uuid4()),
            ),
            upbit_config=upbit,
            binance_config=binance,
        )
        wire = WireTimes(time.monotonic)
        orders = Http1Transport(warm=warm_servers(upbit, binance), on_wire=wire.note)
        stack.push_async_callback(orders.close)
        bases = await watched_bases(settings, self._path, self._announce)
        market = LiveMarket(bases=bases, exchanges=exchanges, clock=self._clock)
        closing = WatchdogClosing(
            ClosingWorld(
                settings=with_own_keys(settings),
                path=self._path,
                configs=(upbit, binance),
                market=market,
                measuring=exchanges,
                http=http,
                orders=orders,
                websockets=websockets,
                wire=wire,
                clock=self._clock,
                announce=self._announce,
                page=self._page,
            )
        )
        account = settings.engine.account
        # What it has closed for good is an operator's; what it has not, it goes on with.
        deaths = AfterLastResort(
            DeathFile(deaths_path(self._path, account)),
            owned_path(self._path, account),
            ends=(UNFINISHED,),
        )
        dog = Watchdog(
            ports=WatchdogPorts(
                exchanges=exchanges,
                open_store=self._open_store,
                market=market,
                clock=CheckedClock(
                    self._clock, times=lambda: [e.measured_time for e in exchanges.values()]
                ),
                engine_is_gone=closing.engine_is_gone,
                closing=closing,
                tell=self._tell,
                leave_stop_file=self._leave_stop_file,
                last_resort=LastResortProcess(
                    setup=last_resort_setup(settings, self._path),
                    configs=(upbit, binance),
                    held=closing.held,
                    beat_s=settings.watchdog.beat_s,
                ),
                coins_aside=lambda: deaths.set_aside().coins,
                failures=FailureFile(
                    failures_path(self._path, settings.engine.account),
                    boot=this_place().boot,
                    tell=self._announce,
                ),
            ),
            settings=watchdog_settings(settings, symbols=bases, boot=uuid.uuid4().hex),
        )
        async with asyncio.TaskGroup() as group:
            every_s = settings.engine.clock_check_s
            running = [
                group.create_task(
                    keep_measuring(exchanges, self._clock, every_s=every_s), name="clock watch"
                ),
                group.create_task(market.run(), name="market"),
                group.create_task(dog.run(), name="watchdog"),
                group.create_task(closing.run(), name="lease"),
            ]
            running += [
                group.create_task(work, name="background") for work in self._background(http, dog)
            ]
            if settings.engine.mode is Mode.LIVE:
                check = FitnessCheck(
                    exchanges=exchanges,
                    bases=bases,
                    leverage=settings.binance.leverage,
                    tell=self._tell,
                    now=self._clock.now,
                    besides=lambda: last_resort_finding(settings, self._path),
                )
                running.append(group.create_task(check.run(), name="fitness"))
            self._announce(
                f"watchdog ready: {settings.engine.mode} mode, account {settings.engine.account}, "
                f"journal {self._path}"
            )
            await stop.wait()
            for task in running:
                task.cancel()
        self._announce("watchdog stopped; nobody looks after the engine now")

    def _background(
        self, http: AiohttpTransport, dog: Watchdog
    ) -> list[Coroutine[None, None, None]]:
        settings = self._settings
        found: list[Coroutine[None, None, None]] = [self._alerts.run()]
        opened = open_channels(settings, http, webhook=settings.watchdog.webhook_url or None)
        for finding in opened.findings:
            if finding.level is not Level.OK:
                self._announce(f"{finding.subject}: {finding.text}; {finding.remedy}")
        for channel in opened.channels:
            page_after_s = settings.notify.page_after_s if channel.is_paging else None
            worker = OutboxWorker(
                channel=channel,
                outbox=self._alerts.outbox(page_after_s=page_after_s),
                clock=self._clock,
                situation=always(situation_of(settings)),
                on_problem=self._announce,
            )
            found.append(worker.run())
        if settings.heartbeat.watchdog_url:
            heartbeat = ExternalHeartbeat(
                http=http,
                url=settings.heartbeat.watchdog_url.reveal(),
                interval_s=settings.heartbeat.interval_s,
                is_healthy=dog.is_looking,
                on_problem=self._announce,
            )
            found.append(heartbeat.run())
        return found

    def _open_store(self) -> OwnedStore:
        account = self._settings.engine.account
        # The watch first: it never makes a store that is not there.
        watch = open_liveness_store(self._path, account=account)
        try:
            inbox = open_inbox(self._path, account=account)
        except BaseException:
            # It is tried again ten times a second: what stays open would be many files.
            watch.let_go()
            raise
        return OwnedStore(inbox=inbox, watch=watch)

    def _leave_stop_file(self, reason: str) -> None:
        settings = self._settings
        path = stop_file_path(settings.risk.stop_file, self._path, settings.engine.account)
        problem = StopFile(path=path).leave(reason)
        self._announce(problem or f"trading stays stopped while {path} exists")

    def _page(self, text: str, since_s: float) -> None:
        self._tell(holder_stuck(text, since_s))

    def _tell(self, alert: Alert) -> None:
        mark = "ALERT" if alert.urgent else "note"
        words = "; ".join(f"{name}: {text}" for name, text in alert.fields.items())
        self._announce(f"{mark} {alert.kind}: {words}")
        self._alerts.tell(alert)
