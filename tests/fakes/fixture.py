"""A whole executor on fake exchanges and a real store in memory, to be killed and started."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import ParamSpec, TypeVar

from tests.fakes.exchange import FakeExchange
from tests.fakes.pair import (
    DEEP,
    FX,
    HEDGE,
    HEDGE_MID,
    POLICY,
    RULES,
    SPOT,
    SPOT_MID,
    START,
    D,
    hedge_book,
    seconds,
    spot_book,
)
from trading_platform_order.domain.alert import Alert, PendingAlert
from trading_platform_order.domain.market import STREAMED, Ages, Instrument, PairView, Source
from trading_platform_order.domain.order import Leg, Order, hedge_symbol, spot_symbol
from trading_platform_order.domain.pairs.market_premium import PairPrices
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.intake.signal_intake import Receipt
from trading_platform_order.executor.journal.event_codec import Event, event_of
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.executor.order_executor import OrderExecutor
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings, ReduceOnly
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.signals.content import content_hash
from trading_platform_order.storage.base import (
    Claim,
    ClaimResult,
    Entry,
    StoreBusy,
    StoreUnavailable,
)
from trading_platform_order.storage.relational.epochs import Place
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore

P = ParamSpec("P")
T = TypeVar("T")

LIMITS = RiskLimits(
    order_krw_max=D(1_000_000_000),
    trade_krw_max=D(2_000_000_000),
    entries_per_minute_max=1_000,
    repeat_max=1_000,
    daily_turnover_krw_max=D(10_000_000_000),
    hourly_loss_krw_max=D(1_000_000_000),
    symbols=frozenset({"BTC", "ETH"}),
)


class WatchedStore(SqliteStore):
    """Notes every durable commit; can be slow, as a flushing disk is, or fail."""

    happened: list[str]
    commit_s: float = 0.0
    fails_from: str | None = None
    dies_at: str | None = None
    dies_after: bool = False
    dead: bool = False
    locked_until_s: float = 0.0

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Until then another process holds the write lock."""
        if work == self._writer.append and asyncio.get_running_loop().time() < self.locked_until_s:
            raise StoreBusy("database is locked")
        return await super()._run(work, *args, **kwargs)

    async def append(
        self,
        entries: Sequence[Entry],
        *,
        at_us: int,
        claim: Claim | None = None,
        alerts: Sequence[Alert] = (),
        patience_s: float | None = None,
    ) -> ClaimResult:
        kinds = [entry.kind for entry in entries]
        if self.commit_s:
            await asyncio.sleep(self.commit_s)
        if self.fails_from in kinds:
            raise StoreUnavailable("the disk is full")
        dies = self.dead or self.dies_at in kinds
        if dies and not (self.dies_after and not self.dead):
            await self._hang()
        result = await super().append(
            entries, at_us=at_us, claim=claim, alerts=alerts, patience_s=patience_s
        )
        if dies:
            await self._hang()
        if self.commit_s:
            await asyncio.sleep(self.commit_s)
        self.happened.extend(f"durable {kind}" for kind in kinds if result is ClaimResult.CLAIMED)
        return result

    async def _hang(self) -> None:
        """The engine is dead from here on: no commit of it ever comes back."""
        self.dead = True
        await asyncio.get_running_loop().create_future()


class FakeMarket:
    """One market for every base asset; it can be taken away, move, or stand still.

    Attributes:
        suspended: exchanges that say they do not trade now.
        stands_at: the time of the last books; ``None`` while they are always new.
    """

    def __init__(self) -> None:
        self.gone = False
        self.suspended: set[Venue] = set()
        self.spot_mid = SPOT_MID
        self.hedge_mid = HEDGE_MID
        self.stands_at: datetime | None = None
        self._looks = 0
        self._instruments: dict[str, dict[Leg, Instrument]] = {}
        self.asked_for: list[str] = []
        self.forgotten: list[str] = []

    def knows(self, base: str) -> bool:
        return base in LIMITS.symbols

    def prices(self, base: str) -> PairPrices | None:
        return (
            None if self.gone else PairPrices(self.spot_mid, self.hedge_mid, FX.krw_per_usdt, 0.0)
        )

    def view(
        self, base: str, now: datetime, sources: frozenset[Source] = STREAMED
    ) -> PairView | None:
        if self.gone:
            return None
        at = self.stands_at or now
        if self.stands_at is None:
            self._looks += 1  # a live book never stands quite still
        depth = DEEP + self._looks * D("0.001")
        age_s = (now - at).total_seconds()
        listed = self._listed(base)
        return PairView(
            base=base,
            now=now,
            spot_book=spot_book(self.spot_mid, depth=depth, at=at),
            hedge_book=hedge_book(self.hedge_mid, depth=depth, at=at),
            fx=replace(FX, at=at),
            ages=Ages(spot_s=age_s, hedge_s=age_s, fx_s=age_s),
            spot=listed[Leg.SPOT],
            hedge=listed[Leg.HEDGE],
        )

    def _listed(self, base: str) -> dict[Leg, Instrument]:
        """As it was read: the same while it trades; what does not is read anew at every look."""
        if self.suspended:
            self._instruments.pop(base, None)
        if base not in self._instruments:
            listed = {
                Leg.SPOT: replace(
                    SPOT,
                    symbol=spot_symbol(base),
                    is_trading=Venue.UPBIT not in self.suspended,
                ),
                Leg.HEDGE: replace(
                    HEDGE,
                    symbol=hedge_symbol(base),
                    is_trading=Venue.BINANCE not in self.suspended,
                ),
            }
            if self.suspended:
                return listed
            self._instruments[base] = listed
        return self._instruments[base]

    def moved(self, bases: frozenset[str]) -> frozenset[str]:
        return bases

    def instruments(self, base: str) -> dict[Leg, Instrument]:
        return {} if self.gone else self._listed(base)

    def ask_for_books(self, base: str) -> None:
        self.asked_for.append(base)

    def forget_filters(self, base: str) -> None:
        self.forgotten.append(base)


class ThinMarket(FakeMarket):
    """Upbit's book holds this many base units, all of them at its best price."""

    depth = D(1_000)

    def view(
        self, base: str, now: datetime, sources: frozenset[Source] = STREAMED
    ) -> PairView | None:
        view = super().view(base, now, sources)
        if view is None:
            return None
        return replace(view, spot_book=spot_book(self.spot_mid, depth=self.depth, at=now))


class LoopClock:
    """The loop's time as calendar and stopwatch."""

    def now(self) -> datetime:
        return START + seconds(asyncio.get_running_loop().time())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def boottime(self) -> float:
        return asyncio.get_running_loop().time()


class ExecutorFixture:
    """The account; :meth:`running` gives it an executor, again and again if wanted."""

    def __init__(self, **settings: object) -> None:
        self.happened: list[str] = []
        self.upbit = FakeExchange(Venue.UPBIT, self.happened)
        self.binance = FakeExchange(Venue.BINANCE, self.happened)
        self.market = FakeMarket()
        self.clock = LoopClock()
        self.stop_flag: str | None = None
        self.executor: OrderExecutor
        self.store: WatchedStore
        self.commit_s = 0.0
        self.boot = "one"
        self.durability = "normal"
        self.dies_at: str | None = None
        self.dies_after = False
        self.may_send = True
        self.reduce_only: ReduceOnly | None = None
        self._connection = Database.memory()
        self._settings = replace(
            ExecutorSettings(
                mode="paper", build="test", policy=POLICY, sizing=RULES, limits=LIMITS
            ),
            **settings,  # type: ignore[arg-type]
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ExecutorFixture"]:
        """An executor over what the journal says; killed at the end, never closed properly."""
        task = await self.begin()
        try:
            yield self
        finally:
            await self.kill(task)

    async def begin(self, *, until_ready: bool = True) -> asyncio.Task[None]:
        """Start an executor; the task is its life."""
        self.store = WatchedStore(
            self._connection, build="test", durability=self.durability, place=Place(boot=self.boot)
        )
        self.store.happened = self.happened
        self.store.commit_s = self.commit_s
        self.store.dies_at, self.store.dies_after = self.dies_at, self.dies_after
        replayed = await replay(self.store, rows_lost_in=self.store.rows_lost_in)
        self.executor = OrderExecutor(
            ports=ExecutorPorts(
                exchanges=PairExchanges(spot=self.upbit, hedge=self.binance),
                store=self.store,
                clock=self.clock,
                market=self.market,
                wire_time=lambda _: None,
                stop_flag=lambda: self.stop_flag,
                may_send=lambda: self.may_send,
                row_loss=replayed.row_loss,
                reduce_only=self.reduce_only,
            ),
            settings=self._settings,
            replayed=replayed,
        )
        ready = asyncio.Event()
        task = asyncio.get_running_loop().create_task(self.executor.run(ready))
        if until_ready:
            waiting = asyncio.ensure_future(ready.wait())
            await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        return task

    @staticmethod
    async def kill(task: asyncio.Task[None]) -> None:
        """As a power cut would."""
        task.cancel()
        await asyncio.wait([task])

    def backup(self) -> Database:
        """The store as it is now."""
        copy = Database.memory()
        self._connection.copy_to(copy)
        return copy

    def restore(self, backup: Database) -> None:
        """Everything since the backup is forgotten, as by a loss of power."""
        self._connection = backup

    # -- doing -------------------------------------------------------------------------------------

    async def signal(self, wish: Signal, *, content: str | None = None) -> Receipt:
        """Hand a signal in."""
        return await self.executor.handle(wish, claim_of(wish, content))

    async def done(self, wish: Signal) -> PairTrade:
        """Hand a signal in and wait until all is quiet; the trade it opened."""
        receipt = await self.signal(wish)
        assert receipt.trade_id is not None, receipt
        await self.quiet()
        return self.executor.trades[receipt.trade_id]

    async def quiet(self) -> None:
        """Until nothing is under way."""
        await self.executor.wait_idle()

    # -- seeing ------------------------------------------------------------------------------------

    @property
    def sent(self) -> list[str]:
        """Leg, purpose and attempt of every order sent, by venue: ``so1``."""
        return [order.client_order_id[-3:] for order in (*self.upbit.sent, *self.binance.sent)]

    def order(self, ending: str) -> Order:
        """The order whose id ends so."""
        orders = (*self.upbit.sent, *self.binance.sent)
        return next(order for order in orders if order.client_order_id.endswith(ending))

    async def events(self) -> list[Event]:
        """The journal."""
        return [event_of(row) async for row in self.store.journal_all()]

    async def alerts(self) -> list[tuple[str, bool]]:
        """Kind and urgency of everything operators were told."""
        pending = await self.store.pending_alerts(1_000)
        return [(entry.alert.kind, entry.alert.urgent) for entry in sorted(pending, key=_by_id)]

    def is_even(self) -> bool:
        """What the exchanges themselves hold is hedged or flat."""
        return self.upbit.base + self.binance.base == 0


def _by_id(entry: PendingAlert) -> int:
    return entry.id


def claim_of(wish: Signal, content: str | None = None) -> Claim:
    """The claim a signal makes."""
    return Claim(
        signal_id=wish.id,
        content_hash=content or content_hash(wish),
        strategy=wish.strategy,
        symbol=wish.symbol,
        action=wish.action.value,
    )
