"""``tporder shadow`` and ``tporder live-check``: the two ways to meet the real exchanges.

``shadow`` cannot place anything: its requests go through a fence that lets out reads, order tests
and the stream's key and nothing else. ``live-check`` holds the account's lock, asks the doctor,
asks an operator, and then makes one smallest round trip on each exchange.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg, Order, leg_symbol
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges import binance, upbit
from trading_platform_order.exchanges.account_snapshot import balance_of
from trading_platform_order.exchanges.base import BaseExchange, Finding, HedgeExchange
from trading_platform_order.exchanges.config import BinanceConfig, UpbitConfig
from trading_platform_order.operations.live_check.live_check import (
    Contact,
    NotConfirmed,
    listening,
    read_everything,
)
from trading_platform_order.operations.live_check.rehearsal import expected_shapes
from trading_platform_order.operations.live_check.round_trip import (
    Patience,
    RoundTrip,
    RoundTripper,
)
from trading_platform_order.operations.live_check.wire_log import WireLog
from trading_platform_order.operations.live_check.wire_shapes import Comparison, Shapes, compare
from trading_platform_order.runtime.addresses import addresses, journalled
from trading_platform_order.runtime.assembly import Network, executor_settings, make_exchanges
from trading_platform_order.runtime.service import first_of
from trading_platform_order.runtime.settings.live_keys import check_keys
from trading_platform_order.runtime.settings.settings import Mode, Settings
from trading_platform_order.runtime.startup.doctor import NotReady, examine, faults_of
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock
from trading_platform_order.transport.aiohttp_transport import AiohttpWebSockets
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.decorators.read_only_http import FencedHttp
from trading_platform_order.transport.decorators.recording import (
    RecordingHttp,
    RecordingWebSockets,
    Redactor,
)
from trading_platform_order.transport.http import HttpRequest, HttpTransport
from trading_platform_order.transport.http1.http1_transport import Http1Transport

CONFIRMATION = "place real orders"
BOOKS_WAIT_S = 20.0
ROOM = Decimal("1.1")  # for fees and prices that move
_HARMLESS = upbit.HARMLESS | binance.HARMLESS


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactReport:
    """What first contact brought.

    Attributes:
        problems: reads that failed.
        records: how many requests and messages were recorded.
        trips: round trips made; none by shadow.
    """

    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    comparison: Comparison
    record: Path
    records: int
    trips: tuple[RoundTrip, ...] = ()

    @property
    def is_flat(self) -> bool:
        """Nothing was left behind."""
        return not any(trip.trouble for trip in self.trips)


async def run_shadow(
    settings: Settings,
    *,
    base: str,
    seconds: float,
    record: Path,
    announce: Callable[[str], None],
    stop: asyncio.Event,
) -> ContactReport:
    """Read, test orders and listen for ``seconds``; nothing can be placed or changed.

    Raises:
        SettingsRefused: keys are missing.
        OSError: the recording cannot be written.
    """
    async with (
        _without_groups(),
        _session(settings, base=base, record=record, fenced=True, announce=announce) as one,
    ):
        announce("reading; nothing is placed")
        async with listening(one.contact):
            findings = await one.examine()
            problems = await read_everything(one.contact)
            announce(f"listening for {seconds:g} s")
            await _either(stop, seconds)
        return await one.report(findings, problems)


async def run_live_check(
    settings: Settings,
    *,
    base: str,
    record: Path,
    announce: Callable[[str], None],
    confirm: Callable[[str], bool],
    patience: Patience | None = None,
) -> ContactReport:
    """One smallest round trip on each exchange, after ``confirm`` was shown what is planned.

    Raises:
        SettingsRefused: keys are missing.
        AccountLocked: an engine runs on this account.
        NotReady: the doctor found a fault, something is open already, or money is missing.
        NotConfirmed: ``confirm`` said no.
        OSError: the recording cannot be written.
    """
    path = Path(settings.store.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with AccountLock(path, settings.engine.account):
        async with (
            _without_groups(),
            _session(settings, base=base, record=record, fenced=False, announce=announce) as one,
        ):
            findings = await one.require_ready()
            async with listening(one.contact):
                trips = await one.trade(confirm, patience)
                problems = await read_everything(one.contact)
                await asyncio.sleep(patience.poll_s if patience else 1.0)  # for the last messages
            return await one.report(findings, problems, trips)


@asynccontextmanager
async def _without_groups() -> AsyncIterator[None]:
    """What really went wrong, out of the task groups it came through."""
    try:
        yield
    except ExceptionGroup as failed:
        raise first_of(failed) from failed


async def _either(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    settings: Settings
    contact: Contact
    log: WireLog
    record: Path
    book: AccountBook

    async def examine(self) -> tuple[Finding, ...]:
        """What the doctor finds."""
        found = await examine(
            settings=self.settings,
            exchanges=self.contact.exchanges,
            clock=self.contact.clock,
            ledger=self.book.ledger if self.book.is_open else None,
            prefix=f"t{self.contact.mode_letter}-",
        )
        return tuple(found)

    async def require_ready(self) -> tuple[Finding, ...]:
        """What an engine does at its start: ask the doctor; set clock, margin type and leverage.

        Raises:
            NotReady: what is wrong, with the cure.
        """
        findings = await self.examine()
        faults = faults_of(findings)
        if faults:
            raise NotReady(
                " | ".join(f"{fault.subject}: {fault.text}; {fault.remedy}" for fault in faults)
            )
        for exchange, symbol in self.contact.pairs():
            problem = await exchange.prepare((symbol,), leverage=self.settings.binance.leverage)
            if problem is not None:
                raise NotReady(f"{exchange.venue}: {problem.reason}")
        return findings

    async def trade(
        self, confirm: Callable[[str], bool], patience: Patience | None
    ) -> tuple[RoundTrip, ...]:
        """Plan, ask, and make both round trips, the second only if the first ended flat."""
        key = trade_key(
            strategy="live-check", signal_id=str(uuid.uuid4()), symbol=self.contact.base
        )
        trippers = {
            leg: RoundTripper(contact=self.contact, leg=leg, key=key, patience=patience)
            for leg in Leg
        }
        await self._hear_books()
        plans = {leg: await self._plan(leg, tripper) for leg, tripper in trippers.items()}
        if not confirm("\n".join(_plan_line(order) for order in plans.values())):
            raise NotConfirmed("not confirmed; nothing was placed")
        trips: list[RoundTrip] = []
        for leg, tripper in trippers.items():
            trips.append(await tripper.run(plans[leg]))
            self.contact.announce(trips[-1].line())
            if trips[-1].trouble:
                break
        return tuple(trips)

    async def _hear_books(self) -> None:
        wanted = {leg_symbol(leg, self.contact.base) for leg in Leg}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BOOKS_WAIT_S
        while not wanted <= self.contact.books.keys():
            if loop.time() > deadline:
                missing = ", ".join(sorted(wanted - self.contact.books.keys()))
                raise NotReady(f"no order book of {missing} within {BOOKS_WAIT_S:g} s")
            await asyncio.sleep(0.02)

    async def _plan(self, leg: Leg, tripper: RoundTripper) -> Order:
        """The opening order; refused where anything is open already or money is missing."""
        exchange, symbol = self.contact.exchanges.of(leg), leg_symbol(leg, self.contact.base)
        plan = await tripper.plan()
        if isinstance(plan, str):
            raise NotReady(f"{exchange.venue} {symbol}: {plan}")
        open_orders = await exchange.open_orders(symbol)
        if isinstance(open_orders, ReadFailed):
            raise NotReady(f"{exchange.venue}: {open_orders.reason}")
        if open_orders:
            raise NotReady(
                f"{exchange.venue} {symbol}: {len(open_orders)} open orders; cancel them first"
            )
        problem = await _lacks(exchange, plan, self.settings.binance.leverage, self.contact)
        if problem:
            raise NotReady(f"{exchange.venue} {symbol}: {problem}")
        return plan

    async def report(
        self,
        findings: tuple[Finding, ...],
        problems: list[str],
        trips: tuple[RoundTrip, ...] = (),
    ) -> ContactReport:
        """Held against what the simulated exchanges say to the same."""
        self.contact.announce("asking the simulated exchanges the same")
        return ContactReport(
            findings=findings,
            problems=tuple(problems),
            comparison=compare(self.log.shapes, await expected_shapes()),
            record=self.record,
            records=self.log.records,
            trips=trips,
        )


async def _lacks(exchange: BaseExchange, plan: Order, leverage: int, contact: Contact) -> str:
    """What is missing for this plan; empty for nothing."""
    if not isinstance(exchange, HedgeExchange):
        return await _lacks_krw(exchange, plan)
    margin = await exchange.margin()
    if isinstance(margin, ReadFailed):
        return margin.reason
    position = await exchange.position(plan.symbol)
    if isinstance(position, ReadFailed):
        return position.reason
    if position.quantity:
        return f"a position of {plain(position.quantity)} is open; close it first"
    needed = plan.quantity * contact.books[plan.symbol].asks[0].price / leverage * ROOM
    if margin.available_usdt < needed:
        return f"{plain(margin.available_usdt)} USDT are available, {needed:.2f} are needed"
    return ""


async def _lacks_krw(exchange: BaseExchange, plan: Order) -> str:
    balances = await exchange.balances()
    if isinstance(balances, ReadFailed):
        return balances.reason
    krw = balance_of(balances, "KRW")
    if krw is None:
        return "the KRW balance cannot be read"
    needed = (plan.quote_amount or ZERO) * ROOM
    if krw.available >= needed:
        return ""
    return f"{krw.available:.0f} KRW are available, {needed:.0f} needed"


def _plan_line(order: Order) -> str:
    size = (
        f"for {plain(order.quote_amount)} KRW"
        if order.quote_amount is not None
        else plain(order.quantity)
    )
    return f"{order.exchange}: {order.side} {order.symbol} {size} at market, then the way back"


@asynccontextmanager
async def _session(
    settings: Settings,
    *,
    base: str,
    record: Path,
    fenced: bool,
    announce: Callable[[str], None],
) -> AsyncIterator[_Session]:
    if settings.engine.mode is Mode.LIVE:
        check_keys(settings)
    path = Path(settings.store.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        upbit_config, binance_config = await addresses(settings, path, stack)
        log = stack.enter_context(WireLog(record, Shapes(_bases(upbit_config, binance_config))))
        network = await _network(stack, log, _secrets(upbit_config, binance_config), fenced=fenced)
        yield _Session(
            settings=settings,
            contact=Contact(
                exchanges=make_exchanges(
                    network=network, upbit_config=upbit_config, binance_config=binance_config
                ),
                clock=network.clock,
                base=base,
                mode_letter=executor_settings(settings).policy.mode,
                announce=announce,
            ),
            log=log,
            record=record,
            book=(await journalled(settings, path))[0],
        )


async def _network(
    stack: AsyncExitStack, log: WireLog, secrets: tuple[str, ...], *, fenced: bool
) -> Network:
    clock = SystemClock()
    redactor = Redactor(secrets)
    sockets = AiohttpWebSockets()
    stack.push_async_callback(sockets.close)
    http: HttpTransport = RecordingHttp(Http1Transport(), clock=clock, redactor=redactor, sink=log)
    stack.push_async_callback(http.close)
    return Network(
        http=FencedHttp(http, is_harmless=is_harmless) if fenced else http,
        websockets=RecordingWebSockets(sockets, clock=clock, redactor=redactor, sink=log),
        clock=clock,
        nonce=lambda: str(uuid.uuid4()),
    )


def is_harmless(request: HttpRequest) -> bool:
    """A read, or one of the few others that neither place nor change anything."""
    return request.method == "GET" or (request.method, urlsplit(request.url).path) in _HARMLESS


def _bases(upbit_config: UpbitConfig, binance_config: BinanceConfig) -> dict[str, Venue]:
    addresses_of = {
        Venue.UPBIT: (upbit_config.rest_url, upbit_config.ws_url),
        Venue.BINANCE: (binance_config.rest_url, binance_config.ws_url, binance_config.spot_url),
    }
    return {base: venue for venue, bases in addresses_of.items() for base in bases if base}


def _secrets(upbit_config: UpbitConfig, binance_config: BinanceConfig) -> tuple[str, ...]:
    pairs = (upbit_config.credentials, binance_config.credentials)
    return tuple(secret for pair in pairs for secret in (pair.key, pair.secret))
