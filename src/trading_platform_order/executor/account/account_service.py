"""Keeps the account's figures: opening balances, funding, the rate, equity and the stop latch."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from operator import itemgetter

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.account_book import AccountBook, ReportedFigures
from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.deadline import Deadline, deadline_of
from trading_platform_order.domain.hindrances.entry_blocks import ALL, EntryBlocks
from trading_platform_order.domain.hindrances.maintenance import MaintenanceWindow, window_of
from trading_platform_order.domain.market import ANY_SOURCE, FxRate
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, base_asset, hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.pairs.market_premium import MarketPremium
from trading_platform_order.domain.pairs.pair import LATCH_PREFIX
from trading_platform_order.domain.refusal import Refusal
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.account_snapshot import balance_of, read_account
from trading_platform_order.exchanges.base import MarginAccount
from trading_platform_order.exchanges.port.stream_events import BalancesChanged
from trading_platform_order.executor.account.symbol_troubles import SymbolTroubles
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.risk.hindrances import announced_maintenance
from trading_platform_order.risk.monitors import taken_back
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.risk.monitors.mismatch import Counted
from trading_platform_order.storage.base import Latch
from trading_platform_order.transport.call_health import CallHealth
from trading_platform_order.transport.clock import epoch_us, moment_of

FUNDING_LOOK_BACK = timedelta(days=6)
FUNDING_OVERLAP = timedelta(hours=1)
"""A payment may be listed after a later one: another symbol's, or a special one."""


class AccountService:
    """The only one who journals events of the account."""

    def __init__(
        self, *, ports: ExecutorPorts, settings: ExecutorSettings, book: AccountBook
    ) -> None:
        self._ports = ports
        self._settings = settings
        self.book = book
        self._reported = ReportedFigures()
        self._latched: Latch | None = None
        #: an operator told the stop to close everything; as last read
        self.flatten_is_ordered = False
        #: whoever finds the reason, the trades that run hear of it
        self.on_latched: Callable[[str], None] = lambda _: None
        #: what monitors found that keeps entries back
        self.blocks = EntryBlocks()
        #: maintenance that operators wrote down; as last read
        self.maintenance: tuple[MaintenanceWindow, ...] = ()
        #: ends of coins that operators wrote down; as last read
        self.deadlines: tuple[Deadline, ...] = ()
        #: latches by which operators confirmed pairs; as last read
        self.confirmed_pairs: frozenset[str] = frozenset()
        #: the market's premium, as last looked at
        self.premiums: MarketPremium | None = None
        #: by coin: the taken-back entry whose pause operators were alerted to
        self._pause_alerted_for: dict[str, str] = {}
        self._symbols = tuple(sorted(settings.limits.symbols))
        self._streams_up: set[Leg] = set()
        #: both private streams are connected
        self.streams_up = False
        #: what is wrong with single symbols; entries of one wait, everything else goes on
        self.troubles = SymbolTroubles(monotonic=ports.clock.monotonic)
        self._funding_lock = asyncio.Lock()
        #: both exchanges' counts beside ours, by base asset, as last compared, and when
        self.counted: Mapping[str, Counted] = {}
        self.counted_at: datetime | None = None
        #: held from the look at what is owned until what follows from it is booked
        self.booking_lock = asyncio.Lock()

    # -- state of the connections and the latch ---------------------------------------------------

    @property
    def stopped_reason(self) -> str | None:
        """Why entries are refused: the emergency stop is latched, or this engine only closes."""
        if self._latched is None and self._ports.reduce_only is not None:
            return self._ports.reduce_only.reason
        return self.latched_reason

    @property
    def latched_reason(self) -> str | None:
        """Why the emergency stop is latched, if it is."""
        return None if self._latched is None else self._latched.reason

    def is_stream_up(self, leg: Leg) -> bool:
        """Whether this exchange's private stream is connected."""
        return leg in self._streams_up

    def stream_up(self, leg: Leg) -> None:
        """A private stream is subscribed."""
        self._streams_up.add(leg)
        self.streams_up = len(self._streams_up) == len(Leg)

    def stream_down(self, leg: Leg) -> None:
        """A private stream was lost."""
        self._streams_up.discard(leg)
        self.streams_up = False

    async def read_latch(self) -> None:
        """Learn whether the emergency stop is set, and whether all is to be closed by it."""
        latches = {latch.kind: latch for latch in await self._ports.store.latches()}
        self._latched = latches.get(STOP_LATCH)
        self.flatten_is_ordered = FLATTEN_LATCH in latches
        self.confirmed_pairs = frozenset(kind for kind in latches if kind.startswith(LATCH_PREFIX))
        windows = (window_of(kind) for kind in latches)
        self.maintenance = tuple(window for window in windows if window is not None)
        ends = (deadline_of(kind) for kind in latches)
        self.deadlines = tuple(end for end in ends if end is not None)

    async def begin_latched(self) -> None:
        """Learn at a start that the stop is set, and say so: its first word may have been lost."""
        await self.read_latch()
        if self._latched is not None:
            await self._journal_set(
                self._latched, f"still set at the start: {self._latched.reason}"
            )

    # -- balances ---------------------------------------------------------------------------------

    async def open(self) -> bool:
        """Read what is free; the first time ever, record the opening balances.

        Returns:
            False if an exchange did not answer or no rate is known yet: try again.
        """
        there = await read_account(self._ports.exchanges, ())
        if there.balances is None or there.margin is None or "KRW" in there.unread:
            return False
        self._reported = replace(self._reported, krw_available=there.balance("KRW").available)
        self.on_margin_report(there.margin)
        if self.book.is_open:
            return True
        rate = self._any_rate()
        if rate is None:
            return False
        totals = {asset: balance.total for asset, balance in there.balances.items()}
        await self.journal(
            ae.AccountOpened(
                krw=totals.pop("KRW", ZERO),
                usdt=there.margin.wallet_usdt,
                coins=totals,
                krw_per_usdt=rate.krw_per_usdt,
                at=self._ports.clock.now(),
            )
        )
        return True

    async def latch(self, reason: str) -> None:
        """Set the emergency stop durably, have what runs obey it, and tell operators."""
        now_us = epoch_us(self._ports.clock.now())
        is_new = await self._ports.store.set_latch(STOP_LATCH, reason, at_us=now_us)
        self.on_latched(reason)
        if is_new:
            await self.read_latch()
            await self.journal_stop(None)

    async def journal_stop(self, before: str | None) -> None:
        """Journal that the stop was set, or lifted if it is not set now, and tell operators.

        Args:
            before: why it was set until now.
        """
        if self._latched is not None:
            await self._journal_set(self._latched, self._latched.reason)
            return
        now = self._ports.clock.now()
        reason = await self._ports.store.lifted_reason(STOP_LATCH) or ""
        alert = Alert(kind=AlertKind.RESUMED, urgent=True, fields={"reason": f"lifted: {before}"})
        await self.journal(ae.EmergencyStopLifted(reason=reason, at=now), alert)

    async def _journal_set(self, latch: Latch, told: str) -> None:
        event = ae.EmergencyStopSet(
            reason=latch.reason, set_at=moment_of(latch.at_us), at=self._ports.clock.now()
        )
        alert = Alert(kind=AlertKind.EMERGENCY_STOP, urgent=True, fields={"reason": told})
        await self.journal(event, alert)

    async def tell(self, alert: Alert) -> None:
        """Tell operators something that is no event of the journal."""
        await self._ports.store.append([], at_us=epoch_us(self._ports.clock.now()), alerts=[alert])

    def _any_rate(self) -> FxRate | None:
        """KRW per USDT from the first symbol whose market is known; ``None`` while none is."""
        now = self._ports.clock.now()
        views = (self._ports.market.view(base, now) for base in self._symbols)
        return next((view.fx for view in views if view is not None), None)

    def on_balances(self, event: BalancesChanged) -> None:
        """The stream told new balances."""
        if self._ports.exchanges.leg(event.exchange) is Leg.SPOT:
            for balance in event.balances:
                if balance.asset == "KRW":
                    self._reported = replace(self._reported, krw_available=balance.available)

    def on_margin_report(self, margin: MarginAccount) -> None:
        """Binance told its margin account."""
        self._reported = replace(
            self._reported,
            maintenance_usdt=margin.maintenance_usdt,
            margin_available_usdt=margin.available_usdt,
            at=self._ports.clock.now(),
        )

    async def refresh(self, leg: Leg) -> None:
        """Read what the stream of this leg's exchange may have missed."""
        if leg is Leg.HEDGE:
            margin = await self._ports.exchanges.hedge.margin()
            if not isinstance(margin, ReadFailed):
                self.on_margin_report(margin)
        else:
            balances = await self._ports.exchanges.spot.balances()
            krw = None if isinstance(balances, ReadFailed) else balance_of(balances, "KRW")
            if krw is not None:
                self._reported = replace(self._reported, krw_available=krw.available)

    # -- events -----------------------------------------------------------------------------------

    async def journal(self, event: ae.AccountEvent, alert: Alert | None = None) -> None:
        """Make an event durable, then book it."""
        await self._ports.store.append(
            [entry_of(event)],
            at_us=epoch_us(self._ports.clock.now()),
            alerts=() if alert is None else (alert,),
        )
        self.book.book_account(event)

    async def book_funding(self, at: datetime) -> None:
        """Read funding from the exchange's income list; each transaction id counts once."""
        if not self.book.is_open:
            return
        # The exchange tells of funding once per symbol, and a resync asks besides: one at a time.
        async with self._funding_lock:
            last = self.book.last_funding_at
            await self._book_funding(last - FUNDING_OVERLAP if last else at - FUNDING_LOOK_BACK)

    async def _book_funding(self, since: datetime) -> None:
        answer = await self._ports.exchanges.hedge.funding(since)
        if isinstance(answer, ReadFailed):
            return
        ours = {symbol: base_asset(symbol) for symbol in map(hedge_symbol, self._bases())}
        unread = answer.why_unread(ours)
        self.troubles.replace_found(
            "funding", {ours.get(name, ALL): f"funding: {why}" for name, why in unread.items()}
        )
        for payment in answer:
            if (payment.symbol, payment.transaction_id) in self.book.funding_ids:
                continue
            await self.journal(
                ae.FundingBooked(
                    symbol=payment.symbol,
                    transaction_id=payment.transaction_id,
                    amount_usdt=payment.amount_usdt,
                    paid_at=payment.at,
                    at=self._ports.clock.now(),
                )
            )

    async def mark_fx(self, krw_per_usdt: Decimal, source: str) -> None:
        """Value the USDT wallet at a new rate from now on."""
        if self.book.is_open and krw_per_usdt != self.book.pnl.krw_per_usdt:
            now = self._ports.clock.now()
            await self.journal(ae.FxMarked(krw_per_usdt=krw_per_usdt, source=source, at=now))

    def venue(self, leg: Leg) -> Venue:
        """What the exchange of a leg is called."""
        return self._ports.exchanges.venue(leg)

    def calls_of(self, leg: Leg) -> CallHealth | None:
        """How this exchange answers our private calls, where somebody counts them."""
        return self._ports.exchanges.of(leg).health

    @property
    def reported_maintenance_usdt(self) -> Decimal:
        """Maintenance margin as Binance told it last."""
        return self._reported.maintenance_usdt

    def _bases(self) -> frozenset[str]:
        return self.watched_bases | self.book.held_bases()

    @property
    def watched_bases(self) -> frozenset[str]:
        """Base assets that may be traded."""
        return self._settings.limits.symbols

    async def mark_fx_if_moved(self, part: Decimal) -> None:
        """Journal the present rate at once if it has moved by more than this part."""
        rate, marked = self._any_rate(), self.book.pnl.krw_per_usdt
        if rate is None or marked <= 0 or abs(rate.krw_per_usdt / marked - 1) <= part:
            return
        await self.mark_fx(rate.krw_per_usdt, rate.source)

    async def mark_market_fx(self) -> None:
        """Value the USDT wallet at the present KRW-USDT rate."""
        rate = self._any_rate()
        if rate is not None:
            await self.mark_fx(rate.krw_per_usdt, rate.source)

    async def settled(self, strategy: str, base: str) -> None:
        """A trade ended: record the position and the equity."""
        await self._record_position(strategy, base)
        await self._alert_if_paused(base)
        await self.record_equity()

    async def _record_position(self, strategy: str, base: str) -> None:
        holding = self.book.holding(strategy, base)
        await self.journal(
            ae.PositionChanged(
                strategy=strategy,
                symbol=base,
                spot_base=holding.spot,
                short_base=holding.short,
                at=self._ports.clock.now(),
            )
        )

    async def record_positions(self, recorded: Mapping[tuple[str, str], Holding]) -> None:
        """At a start: record what an engine that died right after a trade did not come to record.

        ``recorded``: the last position of each strategy and base asset in the journal.
        """
        for (strategy, base), held in sorted(self.book.ledger.holdings.items(), key=itemgetter(0)):
            if recorded.get((strategy, base), Holding()) != held:
                await self._record_position(strategy, base)

    async def _alert_if_paused(self, base: str) -> None:
        """Alert once for each taken-back entry that starts or extends a pause of this coin."""
        now = self._ports.clock.now()
        paused = self.taken_back_pause(base, now)
        if paused is None:
            self._pause_alerted_for.pop(base, None)
            return
        # As far back as the pause itself looks: it may be longer than an hour.
        pause_s = self._settings.monitors.taken_back.pause_s
        newest = self.book.entries.since(now - timedelta(seconds=pause_s) - taken_back.WINDOW)
        last_id = next((e.trade_id for e in reversed(newest) if e.base == base), "")
        if self._pause_alerted_for.get(base) == last_id:
            return
        self._pause_alerted_for[base] = last_id
        fields = {"symbol": base, "reason": paused.message}
        await self.tell(Alert(kind=AlertKind.TAKEN_BACK, urgent=False, fields=fields))

    async def record_equity(self) -> None:
        """Journal the figures, open pairs at the present mids."""
        now = self._ports.clock.now()
        self.look_at_prices(now)
        snapshot = self.book.snapshot(now)
        if snapshot is not None:
            await self.journal(snapshot)

    def look_at_prices(self, now: datetime) -> None:
        """Value what is held at the present mids; an asset without a market keeps its last.

        By whatever is younger: what stands still on a silent stream is no price any more. A price
        that did not move since it was noted keeps its age, which is told as a time.
        """
        now_s = self._ports.clock.boottime()
        for base in self._ports.market.moved(self.book.held_bases()):
            view = self._ports.market.view(base, now, ANY_SOURCE)
            if view is not None:
                self.book.note_mids(base, view, now_s)

    def prices_moved(self) -> None:
        """Prices moved: what is held is valued before a signal asks for it."""
        if self.book.held_bases():
            self.look_at_prices(self._ports.clock.now())
            self.book.prices_age_s(self._ports.clock.boottime())  # and which price is the oldest

    def view(
        self, signal: Signal, *, symbol_halted: bool, now: datetime | None = None
    ) -> AccountView:
        """The account as the pre-trade checks see it; ``now``: our calendar, if just asked."""
        now = now or self._ports.clock.now()
        self.look_at_prices(now)
        limits = self._settings.hindrances.maintenance
        return self.book.view(
            signal,
            now=now,
            now_s=self._ports.clock.boottime(),
            reported=self._reported,
            stopped_reason=self.stopped_reason,
            streams_up=self.streams_up,
            symbol_halted=symbol_halted,
            api_errors=self._api_errors(),
            rate_room=self._rate_room(),
            clock_off_s=self.clock_off_s,
            repeat_window_s=self._settings.limits.repeat_window_s,
            entry_blocks=self._entry_blocks(signal.symbol, now),
            runway_fraction_min=announced_maintenance.runway_needed(self.maintenance, now, limits),
            confirmed_pairs=self.confirmed_pairs,
            premiums=self._fresh_premiums(),
        )

    def _fresh_premiums(self) -> MarketPremium | None:
        """Of a look that is not too old: one that stopped says nothing."""
        seen, limits = self.premiums, self._settings.limits.plausibility
        now_s = self._ports.clock.boottime()
        return seen if seen and now_s - seen.looked_s <= limits.price_age_s_max else None

    def _entry_blocks(self, base: str, now: datetime) -> tuple[Refusal, ...]:
        """Why an ENTER of this base asset is refused, beside the limits; empty if it is not."""
        limits = self._settings.hindrances.maintenance
        own = (
            self.taken_back_pause(base, now),
            announced_maintenance.objection(self.maintenance, now, limits),
        )
        if own == (None, None) and self.troubles.is_empty and self.blocks.is_empty:
            return ()  # as on most days
        return (
            *(refusal for refusal in own if refusal is not None),
            *self.troubles.refusals(base),
            *self.blocks.of(base),
        )

    def taken_back_pause(self, base: str, now: datetime) -> Refusal | None:
        """Why this coin rests after entries that were taken back, if it does."""
        return taken_back.pause(self.book.entries, base, now, self._settings.monitors.taken_back)

    def _api_errors(self) -> int:
        healths = [exchange.health for exchange in self._ports.exchanges.both]
        return max([h.errors_in_a_row for h in healths if h is not None], default=0)

    def _rate_room(self) -> float:
        spot, hedge = self._ports.exchanges.both
        return min(spot.rate_room(), hedge.rate_room())

    @property
    def clock_off_s(self) -> float:
        """How far our calendar is ahead: the worse of both exchanges, as last measured."""
        measured = [exchange.clock_off_s or 0.0 for exchange in self._ports.exchanges.both]
        return max(measured, key=abs, default=0.0)
